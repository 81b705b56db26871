"""Places in residents' own words, over Luohe's real regions."""

import csv
from pathlib import Path

import pytest

from config.loading import CONFIG_DIR, load_rules
from mediation.regions import Region
from mediation.vocabulary import RegionLevel
from nlp.place_rules import PinyinRules, PlaceRules
from nlp.places import Gazetteer


def _regions(path: Path) -> list[Region]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Region(
                code=row["code"],
                name=row["name"],
                level=RegionLevel(row["level"]),
                parent=row["parent"] or None,
            )
            for row in csv.DictReader(file)
        ]


_FOLDER = CONFIG_DIR / "rules" / "understanding"
RULES = (load_rules(_FOLDER / "places.yaml", PlaceRules), load_rules(_FOLDER / "pinyin.yaml", PinyinRules))
REGIONS = _regions(CONFIG_DIR / "regions" / "luohe.csv")


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer(REGIONS, *RULES)


def _named(gazetteer: Gazetteer, text: str) -> str | None:
    code = gazetteer.read(text).place
    return gazetteer.name_of(code) if code else None


@pytest.mark.parametrize(
    "said",
    [
        "临颍县杜曲镇北徐庄村村民委员会",
        "临颍县杜曲镇北徐庄村",
        "俺是杜曲北徐庄嘞",
        "杜曲北徐",
        "北徐庄村委会门口那家",
        "临颍那边的北徐,邻居盖房",
        "俺是杜曲的,具体是北徐庄",
        "漯河市临颍县杜曲镇北徐庄村三组",
    ],
)
def test_a_village_is_known_by_any_of_its_names(gazetteer: Gazetteer, said: str) -> None:
    assert _named(gazetteer, said) == "临颍县杜曲镇北徐庄村"


def test_every_village_is_found_by_its_full_name(gazetteer: Gazetteer) -> None:
    villages = [region.code for region in REGIONS if region.level is RegionLevel.VILLAGE]

    wrong = [code for code in villages if gazetteer.read(gazetteer.name_of(code) + ",有人打架").place != code]

    assert len(villages) == 1334
    assert wrong == []


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("天桥街街道办斜对过那家", "召陵区天桥街街道"),
        ("黑龙潭街上有人骗老人", "郾城区黑龙潭镇"),
        ("公司地址:经开区", "漯河经济技术开发区"),
        ("舞阳嘞,卖麦不给钱", "舞阳县"),
        ("源汇干河陈", "源汇区干河陈街道"),
        ("卖家是漯河市召陵区好又多超市", "召陵区"),
    ],
)
def test_wider_regions_are_found_without_their_endings(gazetteer: Gazetteer, said: str, meant: str) -> None:
    assert _named(gazetteer, said) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("窝成镇湖里曹的", "临颍县窝城镇湖里曹村"),
        ("章花镇的", "舞阳县章化镇"),
        ("巨陵镇患龙村", "临颍县巨陵镇豢龙村"),
        ("空中郭指挥寨类", "源汇区空冢郭镇指挥寨村"),
        ("北午渡军张嘞", "舞阳县北舞渡镇军张村"),
        ("干河陈疙瘩刘", "源汇区干河陈街道圪垱刘村"),
        ("松江街道那边的房子", "郾城区淞江街道"),
        ("临颖县报嘞名", "临颍县"),
        ("俺是扁但徐嘞", "舞阳县太尉镇扁担徐村"),
        ("车停在路边叫人刮了。上礼河店那个路口", "舞阳县保和乡上澧河店村"),
        ("午阳的医院,说孩子没保住", "舞阳县"),
        ("中介是北舞度街上的", "舞阳县北舞渡镇"),
    ],
)
def test_homophones_of_dictation_are_heard(gazetteer: Gazetteer, said: str, meant: str) -> None:
    assert _named(gazetteer, said) == meant


def test_same_named_villages_are_candidates_with_exactly_that_name(gazetteer: Gazetteer) -> None:
    reading = gazetteer.read("补偿款叫他扣了。大张庄")

    assert reading.place is None
    assert {gazetteer.name_of(code) for code in reading.candidates} == {
        "源汇区阴阳赵镇大张庄村",
        "舞阳县保和乡大张庄村",
        "临颍县瓦店镇大张庄村",
    }


def test_a_county_named_elsewhere_narrows_the_candidates(gazetteer: Gazetteer) -> None:
    reading = gazetteer.read("临颍的,袁庄。跟他换地种换了二十年了")

    assert {gazetteer.short_name(code[:9]) for code in reading.candidates} == {"王岗镇", "石桥乡"}


def test_a_township_named_elsewhere_leaves_one_village(gazetteer: Gazetteer) -> None:
    assert _named(gazetteer, "古城村,阴阳赵的") == "源汇区阴阳赵镇古城村"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("旅行社在临颍城关,我是陈庄洛程的", "临颍县城关街道"),
        ("我住李集老集村,俺妹婆家在召陵镇常村,她跟前院天天吵", "召陵区召陵镇常村"),
        ("我嫁到舞阳辛安了,娘家是临颍石桥乡藕河,老家的宅子俺弟占着", "临颍县石桥乡藕河村"),
        ("俺老公在郾城新店镇工地上猝死了,俺老家是临颍繁城鸭坡徐", "郾城区新店镇"),
        ("我是小师村的,给大屈村一个亲戚帮忙上梁摔了", "临颍县固厢乡大屈村"),
        ("我是老窝武湾的他是拐何的", "召陵区老窝镇"),
        ("俺史渡口跟三官庙中间那片河滩地", "舞阳县莲花镇"),
        ("卸西跟卸东一条沟,俺卸西的地低", "舞阳县保和乡"),
        ("俺仙桥跟汪庄争一片林子", "舞阳县吴城镇"),
        ("受理不?樊堂旁边那个潘牛", "临颍县皇帝庙乡潘牛村"),
        ("后周那边的老家,不对,是后黄", "郾城区龙城镇后黄村"),
        ("俺是罗庄的,不是姬石那个罗庄,是繁城那个", "临颍县繁城回族镇罗庄村"),
        ("车停在董庄路口叫人撞了。舞泉镇的董庄", "舞阳县舞泉镇董庄村"),
        ("大孟嘞,我在杜曲教书", "临颍县杜曲镇大孟村"),
        ("在漯河打工租房,后谢那个彩板厂欠俺工钱", "漯河经济技术开发区后谢镇"),
        ("滩地是官厅街的还是顺河街的,得有个准", "舞阳县北舞渡镇"),
        ("公司在姬石镇和万金镇交界那片", "召陵区"),
        ("前头就是下坡,怕他撞着孩子,仝沟村口", "临颍县王孟镇仝沟村"),
    ],
)
def test_the_place_of_the_dispute_is_chosen_among_several(
    gazetteer: Gazetteer, said: str, meant: str
) -> None:
    assert _named(gazetteer, said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "几个老街坊都说他不对",
        "房子是新建的",
        "大家和平解决算了",
        "陈东借我三万不还",
        "小徐打了我",
        "地里的庄稼叫羊吃了",
        "两个村都说是自己的",
        "东方红拖拉机坏了",
        "有人欺负俺,你们管不管",
        "然后李老板就不认账了",
        "集市的摊位费涨了",
        "温室的大棚塌了",
        "城管的车把我秤收了",
        "青年的事你们管不管",
        "房东王大姐不退押金",
        "五号楼王老师家漏水",
        "卸东西的时候砸了脚",
        "我是路过的,看见有人打架",
        "孩子往村外跑",
        "他那个“龙塔”商标是抢注的",
        "俺家果园那条小路叫他堵了",
        "住的中心医院,花了八千",
        "孙小庄那块地",
        "李军张口就骂人",
        "请问十级伤残赔多少",
        "王老师打了俺孩子",
        "我叫李庄,在家跟邻居吵架",
        "张王李赵都签了字",
        "裴李岗文化遗址",
        "孩子在县城高中上学",
    ],
)
def test_ordinary_words_and_people_are_no_places(gazetteer: Gazetteer, said: str) -> None:
    reading = gazetteer.read(said)

    assert (reading.place, reading.candidates, reading.outside) == (None, (), False)


@pytest.mark.parametrize(
    "said", ["俺是许昌的,在家跟邻居吵架", "我在郑州工地干活", "俺是商水县李庄村的", "周口商水的,想问个事"]
)
def test_a_place_outside_the_city_is_said_to_be_outside(gazetteer: Gazetteer, said: str) -> None:
    reading = gazetteer.read(said)

    assert (reading.place, reading.candidates, reading.outside) == (None, (), True)


def test_the_stretches_that_are_places_are_given(gazetteer: Gazetteer) -> None:
    text = "邻居打人了,杜曲北徐庄村的"

    reading = gazetteer.read(text)

    assert [text[start:end] for start, end in reading.spans] == ["杜曲北徐庄村"]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("羊拱倒了墓碑,坡杨北舞渡", "舞阳县北舞渡镇坡杨村"),
        ("当场没了,小寨马村那个工地", "舞阳县马村乡小寨村"),
        ("军张,在窝城那个", "临颍县窝城镇军张村"),
        ("俺住大郭那个菜王", "临颍县大郭镇菜王村"),
        ("召陵黄庄的,小叔子借我车开", "召陵区召陵镇黄庄村"),
        ("选片不给电子版,郭庄社区", "郾城区沙北街道郭庄社区"),
        ("吕仓,地给他养花", "漯河经济技术开发区后谢镇吕仓村"),
        ("半夜把俺拉猪的车胎扎了,大邢", "舞阳县辛安镇大邢村"),
        ("扛麻袋腰闪了 陈东 号码157 0395 1112", "郾城区李集镇陈东村"),
        ("万金一个幼儿园收四百", "召陵区万金镇"),
        ("后谢那边的冷库", "漯河经济技术开发区后谢镇"),
        ("从驻马店过来在经开区盖仓库", "漯河经济技术开发区"),
        ("电动车叫人偷了。绰陈那栋楼底下", "舞阳县马村乡绰陈村"),
        ("孔沈邓老孔家的狗咬人", "郾城区龙城镇孔沈邓村"),
        ("姜西的快递点把我的件弄丢了", "舞阳县姜店乡姜西村"),
        ("明天章化有没有会", "舞阳县章化镇"),
        ("俺闺女在万金的学校念书", "召陵区万金镇"),
        ("厂在后谢,押俺三个月工钱", "漯河经济技术开发区后谢镇"),
        ("临颍瓦店往东的大庙张", "临颍县瓦店镇大庙张村"),
        ("水渠叫他堵了。双庙,舞阳", "舞阳县舞泉镇双庙村"),
        ("斗杨裴城,路边停的车叫人刮了", "郾城区裴城镇斗杨村"),
        ("龙东三组的机井坏了", "舞阳县孟寨镇龙东村"),
        ("宅子在献街,离繁城街上不远", "临颍县繁城回族镇献街村"),
    ],
)
def test_a_place_is_known_in_whatever_order_and_however_briefly_it_is_said(
    gazetteer: Gazetteer, said: str, meant: str
) -> None:
    assert _named(gazetteer, said) == meant


def test_a_name_of_a_township_and_of_several_villages_may_be_any_of_these(gazetteer: Gazetteer) -> None:
    names = {gazetteer.name_of(code) for code in gazetteer.read("名头叫他抄了,陈庄").candidates}
    assert names == {"召陵区姬石镇陈庄村", "舞阳县侯集镇陈庄村", "临颍县陈庄乡陈庄村"}


@pytest.mark.parametrize("said", ["钱啥时候给,谢谢 小徐", "老蔡 欠我三千", "大刘是我表哥"])
def test_a_signature_is_no_place(gazetteer: Gazetteer, said: str) -> None:
    assert gazetteer.read(said).place is None
    assert not gazetteer.read(said).candidates


@pytest.mark.parametrize("text", ["", "村", "的", "镇镇镇", "1" * 50, "a", "庄" * 4000])
def test_any_text_gets_a_reading(gazetteer: Gazetteer, text: str) -> None:
    assert gazetteer.read(text).place is None


def test_an_unknown_code_has_no_name(gazetteer: Gazetteer) -> None:
    with pytest.raises(KeyError):
        gazetteer.name_of("411122999")


def test_a_listed_road_estate_or_company_gives_its_region() -> None:
    listed = Gazetteer(
        REGIONS, *RULES, {"龙泉花园": "411122106", "解放南路": "411102001", "鑫源面粉厂": "411122106"}
    )
    assert listed.read("龙泉花园3号楼漏水，物业不管").place == "411122106"
    assert listed.read("解放南路修路把俺门口堵了").place == "411102001"
    assert listed.read("鑫源面粉厂欠俺仨月工资").place == "411122106"
    assert Gazetteer(REGIONS, *RULES).read("龙泉花园3号楼漏水，物业不管").place is None
