"""Makes any text plain: half width, simplified characters, no control characters or emoji, bounded length.

Traditional characters are turned one by one with a table taken once from OpenCC (its wheel loads in some
10 ms), so that offsets in the result stay simple; phrase conversion would gain nothing for keyword rules.
"""

import re
import unicodedata
from functools import cache

from opencc import OpenCC

MAX_LENGTH = 4000
_CJK_BLOCK = range(0x4E00, 0xA000)
_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk", "Mn", "Me"})
_BLANKS = re.compile(r"\s+")


class _PlainCharacters(dict[int, str]):
    """What each character becomes; filled as characters are met, traditional ones from the start."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char.isspace():
            plain = " "
        elif unicodedata.category(char) in _DROPPED_CATEGORIES:
            plain = ""
        else:
            plain = char
        self[code] = plain
        return plain


@cache
def _plain_characters() -> _PlainCharacters:
    convert = OpenCC("t2s").convert
    pairs = ((code, convert(chr(code))) for code in _CJK_BLOCK)
    return _PlainCharacters({code: char for code, char in pairs if len(char) == 1 and char != chr(code)})


@cache
def _unplain() -> re.Pattern[str]:
    """Find what may have to be turned: most messages hold nothing of it."""
    traditional = "".join(map(chr, _plain_characters()))
    return re.compile(rf"[^ -\]_a-~、。一-龥]|[{traditional}]")


def normalise(text: str) -> str:
    """Return the plain form of a message, at most `MAX_LENGTH` characters; never raises for a str.

    NFKC turns full width into half width (，becomes ,); every run of blanks becomes one space.
    """
    plain = unicodedata.normalize("NFKC", text[: 2 * MAX_LENGTH])
    if _unplain().search(plain):
        plain = plain.translate(_plain_characters())
    return _BLANKS.sub(" ", plain).strip()[:MAX_LENGTH]
