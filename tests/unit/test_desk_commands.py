"""The desk's tables: whatever a mediator can say or be asked has somebody who sees to it."""

from handlers.conversation import Question
from handlers.desk.commands import COMMANDS, NEEDS, READERS
from handlers.desk.reading import MENU, read_loosely, split_number
from handlers.ruleset import RuleSet


def test_every_command_of_the_rule_file_and_the_menu_is_carried_out(rules: RuleSet) -> None:
    words = rules.words
    assert {*words.desk, *words.desk_prefixes, *words.desk_loose, *MENU.values()} == set(COMMANDS)
    assert set(NEEDS) <= set(COMMANDS)


def test_every_question_of_the_desk_is_read() -> None:
    questions = list(Question)
    assert set(READERS) == set(questions[questions.index(Question.MEET_WHEN) :])


def test_the_number_of_a_line_comes_first_or_not_at_all() -> None:
    assert split_number("第2条改成12月5日") == (2, "改成12月5日")
    assert split_number("二、给了") == (2, "给了")
    assert split_number("12月5日") == (None, "12月5日")


def test_a_note_to_somebody_by_name_is_an_invitation(rules: RuleSet) -> None:
    meant = read_loosely("给陈建国发个信儿他电话13900006666", rules.words)
    assert meant is not None
    assert meant.name == "invite"
