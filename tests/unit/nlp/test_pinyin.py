"""The sounds of characters: one for each, as the rule file lists them."""

from collections import Counter

from nlp.place_index import Sounds
from tests.bench.score import load_rules_of_understanding

PINYIN = load_rules_of_understanding().pinyin


def test_a_character_has_one_sound() -> None:
    counted = Counter(character for its in PINYIN.syllables.values() for character in its)
    assert [character for character, count in counted.items() if count > 1] == []


def test_characters_that_sound_alike_are_one_and_others_are_themselves() -> None:
    sounds = Sounds(PINYIN, {})
    assert "北徐".translate(sounds) == "背许".translate(sounds) != "南徐".translate(sounds)
    assert "a".translate(sounds) != "b".translate(sounds)


def test_what_dialect_mixes_up_is_folded() -> None:
    sounds = Sounds(PINYIN, {"zh-": "z-", "-ang": "-an"})
    assert "张".translate(sounds) == "赞".translate(sounds)
