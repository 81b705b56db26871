"""Turns a list of words into one regular expression that compares each character once."""

import re
from collections import defaultdict
from collections.abc import Iterable

NEVER = r"(?!)"


def any_of(words: Iterable[str]) -> str:
    """Return a pattern without groups that finds the longest of the words, nothing when there are none."""
    listed = set(words)
    return _branch(listed) if listed else NEVER


def _branch(words: set[str]) -> str:
    by_first: dict[str, set[str]] = defaultdict(set)
    for word in words:
        if word:
            by_first[word[0]].add(word[1:])
    bare = [first for first, rests in by_first.items() if rests == {""}]
    longer = [re.escape(first) + _branch(rests) for first, rests in sorted(by_first.items()) if rests != {""}]
    if bare:
        longer.append(f"[{''.join(map(re.escape, sorted(bare)))}]" if len(bare) > 1 else re.escape(bare[0]))
    pattern = longer[0] if len(longer) == 1 else f"(?:{'|'.join(longer)})"
    if "" in words:
        return f"(?:{pattern})?"
    return pattern
