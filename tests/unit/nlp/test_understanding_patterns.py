"""The pattern language of the rule files."""

import pytest

from nlp.evidence import EvidenceBook
from nlp.patterns import ANY_DISTANCE, PatternError, parse_pattern
from nlp.rules import Signs


def labels_seen(pattern: str, text: str) -> set[str]:
    book = EvidenceBook([{"label": Signs(together={pattern: 1})}], classes={"欠": ["欠着", "没给"]})
    return set(book.weigh(book.see(text, set(range(len(text) + 1)))))


def test_a_pattern_is_read_into_items_distance_and_what_must_be_absent() -> None:
    pattern = parse_pattern("干活/打工 没给 !借 ~全文")
    assert pattern.items == (("干活", "打工"), ("没给",))
    assert pattern.absent == (("借",),)
    assert pattern.distance == ANY_DISTANCE


@pytest.mark.parametrize("source", ["", "!借", "a//b", "~x a"])
def test_a_pattern_that_cannot_be_read_is_a_mistake(source: str) -> None:
    with pytest.raises(PatternError):
        parse_pattern(source)


def test_a_word_class_stands_for_its_words() -> None:
    assert labels_seen("工钱 欠", "工钱没给") == {"label"}


def test_words_too_far_apart_are_not_together() -> None:
    assert labels_seen("工钱 欠 ~2", "工钱说好了年底到现在没给") == set()


def test_a_word_that_must_be_absent_speaks_against() -> None:
    assert labels_seen("工钱 欠 !借条", "工钱没给，打了借条") == set()


def test_order_counts_when_it_is_asked_for() -> None:
    assert labels_seen("打 > 我", "打了我") == {"label"}
    assert labels_seen("打 > 我", "我打了") == set()


def test_an_idiom_hides_the_words_inside_it() -> None:
    book = EvidenceBook([{"label": Signs(words={1: ["打"]})}], classes={}, idioms=["打官司"])
    everywhere = set(range(10))
    assert not book.weigh(book.see("打官司", everywhere))
    assert book.weigh(book.see("他打俺", everywhere))


def test_a_denied_word_counts_as_not_said() -> None:
    book = EvidenceBook([{"label": Signs(words={1: ["打人"]})}], classes={})
    sightings = book.see("没打人", set(range(4)))
    assert not book.weigh(sightings, denied={1})
    assert book.weigh(sightings)


def test_a_number_is_only_seen_whole() -> None:
    book = EvidenceBook([{"label": Signs(words={1: ["68"]})}], classes={})
    assert not book.weigh(book.see("1688", {0, 4}))
    assert book.weigh(book.see("68", {0, 2}))


def test_a_number_among_the_idioms_leaves_longer_words_as_they_are() -> None:
    book = EvidenceBook(
        [{"label": Signs(words={1: ["68", "打人"]})}], classes={}, idioms=["110", "打官司", "12345"]
    )
    assert book.weigh(book.see("打人的", {0, 3}))
    assert not book.weigh(book.see("1688", {0, 4}))
