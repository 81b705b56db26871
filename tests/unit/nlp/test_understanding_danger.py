"""Danger in messages: what is done or announced is found, what only sounds so is kept out."""

import pytest

from mediation.understanding import Understanding
from mediation.vocabulary import NotMediable, RiskFlag, RiskGrade
from tests.unit.nlp.test_understanding import understand


def is_red(understanding: Understanding) -> bool:
    return understanding.grade is RiskGrade.RED


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("他拿镐把照俺腰上抡了两下", RiskFlag.WEAPON),
        ("邻居拿半截砖撵着俺儿跑", RiskFlag.WEAPON),
        ("老板再拖，我抱着汽油上他办公室", RiskFlag.WEAPON),
        ("隔壁老王一脚把俺爹踹沟里了", RiskFlag.VIOLENCE),
        ("几个混子堵在俺店门口打砸", RiskFlag.VIOLENCE),
        ("俺公公拿擀面杖夯我", RiskFlag.VIOLENCE),
        ("我真撑不下去了，孩子就托付给你们了", RiskFlag.SELF_HARM),
        ("俺娘一气之下喝了敌敌畏，在抢救", RiskFlag.SELF_HARM),
        ("我买好绳了，今晚就吊在他家门口", RiskFlag.SELF_HARM),
        ("活着真没啥意思，欠一屁股债", RiskFlag.SELF_HARM),
        ("孩子他爸喝醉又摔又砸，拿皮带抽孩子", RiskFlag.FAMILY_VIOLENCE),
        ("俺婆子叫她儿关猪圈里不给饭吃", RiskFlag.FAMILY_VIOLENCE),
        ("工地塌方砸死俩人", RiskFlag.DEATH),
        ("俺村五十多人把高速路口堵了", RiskFlag.GROUP),
        ("我们五十二户今天都在村部门口坐着，不走", RiskFlag.GROUP),
        ("男人把我锁在出租屋里两天了，手机刚抢回来", RiskFlag.FAMILY_VIOLENCE),
        ("继母拿烟头烫俺侄女胳膊", RiskFlag.FAMILY_VIOLENCE),
        ("我把药都买好了，放在床头柜里", RiskFlag.SELF_HARM),
        ("妈妈要是不在了，你跟着姥姥，听话", RiskFlag.SELF_HARM),
        ("他在井边站了半夜，俺拉都拉不回来", RiskFlag.SELF_HARM),
        ("对门的手里拎着摇把堵在俺门口", RiskFlag.WEAPON),
        ("他打我，我不想过了", RiskFlag.VIOLENCE),
        ("他天天打我", RiskFlag.VIOLENCE),
        ("邻居打我", RiskFlag.VIOLENCE),
        ("救命", RiskFlag.VIOLENCE),
        ("俺妈被车撞死了", RiskFlag.DEATH),
        ("工地上死了一个人，老板不管", RiskFlag.DEATH),
        ("人栽到沟里，捞上来已经不中了", RiskFlag.DEATH),
        ("我真是一天也不想睁眼了", RiskFlag.SELF_HARM),
        ("跟孩子说了，妈要出远门，以后不回来了", RiskFlag.SELF_HARM),
        ("地里那瓶草甘膦叫他抱屋里去了，门也插上了", RiskFlag.SELF_HARM),
        ("闺女不敢回家，说她爸一沾酒就疯", RiskFlag.FAMILY_VIOLENCE),
        ("手上的伤不是磕的，我不敢说是谁", RiskFlag.FAMILY_VIOLENCE),
        ("俺男人把俺按床上拿枕头捂，差点上不来气", RiskFlag.FAMILY_VIOLENCE),
        ("我在厕所里给你们发的，他在外头守着门，手机一会就叫他拿走了", RiskFlag.FAMILY_VIOLENCE),
        ("老三攥着个东西堵在俺门口，袖子里明晃晃的", RiskFlag.WEAPON),
        ("他提着桶油往俺屋檐底下泼，火机都掏出来了", RiskFlag.WEAPON),
        ("院墙那事两家又干起来了，恁快来人吧，拉不住了", RiskFlag.VIOLENCE),
        ("这回不是骂，是真动手了，鼻子打出血了", RiskFlag.VIOLENCE),
        ("人还在太平间停着，他们不给个说法", RiskFlag.DEATH),
        ("全组老少都站挖掘机跟前了，一个都不叫动", RiskFlag.GROUP),
    ],
)
def test_danger_is_found_however_it_is_told(text: str, flag: RiskFlag) -> None:
    understanding = understand(text)
    assert flag in understanding.risk
    assert is_red(understanding)


@pytest.mark.parametrize(
    "text",
    [
        "卖给他一批镰刀货款不给",
        "玩游戏打架输了要我赔装备",
        "药死俺两百只鸡",
        "他把俺的树砍了",
        "给俺爹开刀的医院收费不对",
        "喝中药喝出毛病",
        "用砖头把路堵了",
        "小孩在蹦床上跳下去摔断腿",
        "他把责任推我头上",
        "上吊扇坏了房东不修",
        "打疫苗后孩子发烧",
        "患者在医院自杀，医院是否要赔偿病人家属？",
        "他在沙河边钓了一天鱼，回来就说俺家鸭子吃了他的窝料",
        "大夫给开了一瓶药，吃了一把没见好，要退钱",
        "我要出远门打工，孩子放他姥姥家，他不给抚养费",
        "手上的伤是干活磕的，工头说不算工伤",
        "闺女不敢回家，怕我说她网购乱花钱",
        "后备箱放的货让雨泡了，物流不赔",
        "他跟我说人没了钱还在，意思是让我别催",
        "气死我了，等了仨月还没修好",
        "他杀价太狠，一车蒜赔了三千",
    ],
)
def test_tools_animals_games_and_sayings_are_no_danger(text: str) -> None:
    assert not is_red(understand(text))


@pytest.mark.parametrize(
    "text",
    [
        "他没打我，就是骂",
        "俺俩没动手",
        "我不会去打人",
        "我不会喝农药的",
        "以前打过，现在早不打了",
        "俩人没打起来，叫我拉开了",
        "我没拿刀，他诬赖我",
        "我怕他打我，想先问问咋办",
        "年轻时候打过架，坐过牢，跟这事没关系",
        "听说以前他家死过人，房东没跟我说",
    ],
)
def test_what_is_denied_feared_or_long_past_is_no_danger(text: str) -> None:
    assert not is_red(understand(text))


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("前年调解好了，今年又开始堵俺家水路了", RiskFlag.REPEAT),
        ("上回你们给说和过，管了俩月，他又把垃圾倒俺门口", RiskFlag.REPEAT),
        ("娃才六岁，爹妈都不管，天天在街上跑", RiskFlag.MINOR),
    ],
)
def test_what_broke_out_again_or_touches_a_child_is_orange_without_any_sign(
    text: str, flag: RiskFlag
) -> None:
    understanding = understand(text)
    assert flag in understanding.risk
    assert understanding.grade is RiskGrade.ORANGE
    assert understanding.because_risk


@pytest.mark.parametrize("text", ["被家暴了想离婚，他不同意怎么办", "由于家暴想让他写份保证书"])
def test_violence_at_home_that_is_only_named_is_red(text: str) -> None:
    assert is_red(understand(text))


@pytest.mark.parametrize("text", ["一次扇耳光算不算家暴", "网上有人造谣骂我家暴，我没打过人"])
def test_a_question_about_violence_at_home_is_not_red(text: str) -> None:
    assert not is_red(understand(text))


@pytest.mark.parametrize("text", ["他说再来就打断俺的腿", "他放话谁动这堵墙就弄死谁"])
def test_a_threat_with_a_condition_is_orange(text: str) -> None:
    understanding = understand(text)
    assert understanding.grade is RiskGrade.ORANGE
    assert RiskFlag.VIOLENCE in understanding.risk


@pytest.mark.parametrize("text", ["他掂了把西瓜刀在楼道里转悠", "俺男人天天打我"])
def test_a_weapon_or_violence_at_home_is_violence_too(text: str) -> None:
    assert RiskFlag.VIOLENCE in understand(text).risk


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("有个开轿车的撞了俺爹就跑了，没看清牌", NotMediable.CRIME),
        ("社保局说我工龄不够不给办退休，我要告社保局", NotMediable.ADMINISTRATIVE),
        ("官司在中院二审呢", NotMediable.ADJUDICATED),
        ("老板不给双倍工资，我要仲裁，仲裁委在哪", NotMediable.ARBITRATION_FIRST),
        ("两个村争一眼机井，归哪个村说不清", NotMediable.ADMINISTRATIVE_RULING),
        ("路灯坏了一个月没人修", NotMediable.NOT_DISPUTE),
        ("东边邻居盖房占了俺家宅基地半米", None),
    ],
)
def test_what_mediation_cannot_take_is_told_apart(text: str, reason: NotMediable | None) -> None:
    assert understand(text).not_mediable is reason
