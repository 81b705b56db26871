"""Written numbers, and which sum is at stake."""

import pytest

from nlp.amounts import read_amount
from nlp.fact_rules import FactRules
from nlp.numerals import read_number


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("三千六", 3600),
        ("三千零六", 3006),
        ("一万五六", 15000),
        ("二十来万", 200000),
        ("十几万", 100000),
        ("两万六千五", 26500),
        ("叁万贰", 32000),
        ("3k6", 3600),
        ("4w6", 46000),
        ("21w", 210000),
        ("2.8万", 28000),
        ("16万8", 168000),
        ("1,250,000", 1250000),
        ("21436.5", 21436.5),
        ("二十三", 23),
        ("一百零五", 105),
        ("两三", 2),
        ("一亿二", 120000000),
    ],
)
def test_numbers_are_read_in_any_spelling(written: str, value: float) -> None:
    assert read_number(written) == value


@pytest.mark.parametrize("written", ["", "多", "abc", "3abc"])
def test_other_words_are_no_numbers(written: str) -> None:
    assert read_number(written) is None


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("老王借我三万五,都三年了", 35000),
        ("盖楼包工包料说好21w,最后这一次4w6就是不给", 46000),
        ("厂里压两个月工资了 一个月4200", 8400),
        ("判他每月800抚养费,从去年8月到今年4月9个月了一分没给", 7200),
        ("一天1200,干了19天,就给了5000。他说等开发商结账", 17800),
        ("一共七个人,一人一月4000,每个人压了一万二,三个月的全没给", 84000),
        ("租地钱不给 6亩 800一亩 两年了", 9600),
        ("押金两千不退,跑了一个月的流水三千一也不给提", 5100),
        ("充了2000剩1460,前天去一看改成奶茶店了", 1460),
        ("嘴上说给7500,打到卡里3000", 4500),
        ("他给五百,我说最少两千六", 2600),
        ("更正一下,不是三万五,是三万二", 32000),
        ("村里二十六个老婆婆报团,一人交一百八,到那一棵花都没有", 4680),
        ("俺三座坟,迁坟说一座八百", 2400),
        ("少十四平,一平四千六", 64400),
        ("表哥借三万两年不还", 30000),
        ("路费扣完了,两万二一分没给", 22000),
        ("断个脚蹬,要赔六十", 60),
        ("刷单的说垫付就返,我垫了一万六,群没了", 16000),
        ("彩礼给了十六万八,现在她不愿意了", 168000),
        ("合同价四十五万,付了三十二万,尾款十三万赖着不给", 130000),
        ("住院花了七千八百六十二块五", 7862.5),
        ("十二万七,给了八万就没下文", 47000),
        ("战友借我七万,他就还了五千装死到现在", 65000),
        ("说好八千,到手三千三", 4700),
        ("存折一万块,银行说没有", 10000),
        ("彩礼十八万八,退了八万,剩下不退", 108000),
        ("房子卖八十万,定金给了五万,他反悔", 800000),
        ("每月3000欠5个月", 15000),
        ("抖音搬我段子,播放三百多万,我就要个署名", None),
        ("主家说给8万了事,俺婶子哭得起不来", 80000),
    ],
)
def test_the_sum_at_stake_is_told_from_the_others(facts: FactRules, text: str, amount: float) -> None:
    assert read_amount(text, facts) == amount


@pytest.mark.parametrize(
    "text",
    [
        "过磅时候说水分大扣我八百斤",
        "俺娘七十六了",
        "打12345没人管",
        "电话139 0395 1234",
        "当时私了给我3000,签了字",
        "一亩1100,说好每年六月底给钱",
        "说给我200代金券",
        "(2023)豫1102民初88号判的",
        "2020.9.1到2025.8.31",
        "万一出事咋办",
    ],
)
def test_other_numbers_are_no_sum_at_stake(facts: FactRules, text: str) -> None:
    assert read_amount(text, facts) is None
