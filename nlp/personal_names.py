"""The shape of Chinese personal names, as patterns made from the rule file."""

from dataclasses import dataclass

from nlp.fact_rules import NameRules
from nlp.word_lists import any_of


@dataclass(frozen=True, slots=True)
class NamePatterns:
    """Patterns without groups: `full` finds 李大柱, `called` finds 张经理, 老赵, 小马, 王某."""

    surname: str
    full: str
    titled: str
    called: str


def name_patterns(rules: NameRules) -> NamePatterns:
    """Return the patterns; a given name ends before a character or a word that no name holds."""
    surname = rf"(?:{any_of(rules.double_surnames)}|[{rules.surnames}])"
    given = f"[{rules.given}]"
    digits = "一二三四五六七八九"
    numbered = rf"(?:老[{digits}大小]|[一三四五六七八九](?![\d{digits}十百千万个年月天块元亩斤口]))"
    adverbs = any_of(word for word in rules.after_names if word == word[0] * 2)
    ended = any_of(rules.after_names)
    full = (
        rf"(?!{any_of(rules.not_persons)}){surname}(?!{adverbs})"
        rf"(?:{numbered}|{given}(?:(?!{ended}){given})?)"
    )
    titled = rf"{surname}(?:{any_of(rules.titles)})"
    called = rf"(?:{titled}|{surname}某某?|[老小](?![{rules.not_surnames_alone}]){surname})"
    return NamePatterns(surname, full, titled, called)
