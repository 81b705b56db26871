"""What people answer in their own words to each question that is put to them about a case."""

import pytest

from handlers.mediating.inquiries import OPPOSITE, YES_OR_NO
from handlers.mediating.own_words import UNCLEAR, clauses, is_asking, read_own_words
from handlers.ruleset import RuleSet

ANSWERS = [
    ("consent", "行，那就调调吧", "1"),
    ("consent", "我跟他没啥好说的，不过你们说和说和也行吧", "1"),
    ("consent", "中中中", "1"),
    ("consent", "同意调", "1"),
    ("consent", "我愿意啊", "1"),
    ("consent", "那行嘞", "1"),
    ("consent", "调解就调解，谁怕谁", "1"),
    ("consent", "我不愿意跟他调", "2"),
    ("consent", "没啥好调的，叫他告去吧", "2"),
    ("consent", "不想调解，法院见", "2"),
    ("consent", "不太愿意", "2"),
    ("consent", "我得跟俺儿商量商量", "3"),
    ("consent", "让我考虑考虑", "3"),
    ("consent", "他要是把话说清楚我就同意", UNCLEAR),
    ("consent", "要是他先道歉，我就同意", UNCLEAR),
    ("consent", "不想调，算了，那就调调吧", UNCLEAR),
    ("consent", "同意了会咋样", None),
    ("consent", "这是啥呀 要钱不", None),
    ("consent", "他家房子盖到俺家院里了，楼上说可以修但是不给钱", None),
    ("meeting", "中，我去", "1"),
    ("meeting", "好嘞", "1"),
    ("meeting", "没问题，到时候见", "1"),
    ("meeting", "嗯嗯 一定到", "1"),
    ("meeting", "行，几点？", "1"),
    ("meeting", "那天我有事去不了，能不能换个时间", "2"),
    ("meeting", "后天不中，大后天中不中", "2"),
    ("meeting", "我在外地打工哩", "2"),
    ("meeting", "不能来", "2"),
    ("meeting", "我没时间", "2"),
    ("meeting", "有事也得去，我去", UNCLEAR),
    ("meeting", "在哪儿啊", None),
    ("postpone", "那行吧，就等到月底", "1"),
    ("postpone", "不中，说好的", "2"),
    ("postpone", "等不了", "2"),
    ("extension", "没意见", "1"),
    ("extension", "没必要了", "2"),
    ("identity", "我不是陈建国", "2"),
    ("identity", "对，我就是", "1"),
    ("identity", "你打错了，没这个人", "2"),
    ("receipt", "都给清了", "1"),
    ("receipt", "收到了谢谢", "1"),
    ("receipt", "一分没给", "3"),
    ("receipt", "没收到啊", "3"),
    ("receipt", "还没给我呢", "3"),
    ("receipt", "给了一半", "2"),
    ("receipt", "他给没给啊", None),
    ("done", "树还在那呢，没动", "2"),
    ("done", "昨天拆了", "1"),
    ("follow_up", "还行吧", "1"),
    ("follow_up", "好着哩", "1"),
    ("follow_up", "没啥事了", "1"),
    ("follow_up", "又闹起来了", "2"),
    ("follow_up", "他又骂俺", "2"),
    ("follow_up", "没解决", "2"),
    ("follow_up", "老样子", "2"),
    ("follow_up_rating", "还行吧", "3"),
    ("follow_up_rating", "挺满意的", "5"),
    ("follow_up_rating", "不太满意", "2"),
    ("follow_up_rating", "满意", "4"),
    ("follow_up_rating", "5分", "5"),
    ("follow_up_rating", "不咋样", "2"),
    ("confirmation_words", "这钱太多了，我不认", "2"),
    ("confirmation_words", "好，没意见", "1"),
]


@pytest.mark.parametrize(("kind", "text", "choice"), ANSWERS, ids=str)
def test_an_answer_in_own_words_is_understood(
    rules: RuleSet, kind: str, text: str, choice: str | None
) -> None:
    name = kind if kind.startswith("confirmation") else f"ask_{kind}"
    read = read_own_words(
        text,
        rules.phrases[f"party.{name}"],
        rules.words.answers,
        opposite=OPPOSITE.get(kind, {"1": "2"}),
        yes_or_no=kind.removesuffix("_words") in YES_OR_NO,
    )
    assert read == choice


@pytest.mark.parametrize("text", ["中不中", "你几点来", "去哪儿", "是不是真的", "收到没有吗"])
def test_a_question_is_no_answer(rules: RuleSet, text: str) -> None:
    assert all(is_asking(clause, rules.words.answers) for clause in clauses(text))
