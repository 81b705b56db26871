"""Holds the regions compactly and finds them by name, by sound and by code.

Codes are kept as integers filled up to twelve digits, so that the regions of an area are one range of a
sorted array, and a lookup costs the same for one city and for the whole country.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mediation.regions import Region
from nlp.place_rules import PinyinRules, PlaceRules

_DIGITS = 12
_TOWNSHIPS_KEPT = 512
CITY, COUNTY, TOWNSHIP, VILLAGE = 10**8, 10**6, 10**3, 1
"""How many codes lie in the area of a region of each level."""
Codes = tuple[int, ...]
_Village = tuple[str, str, int]
OUTSIDE = 990_000_000_000
"""Stands for every place that only the rule file knows to lie outside."""


def pack(code: str) -> int:
    """Return the code of a region as a number of twelve digits."""
    return int(code.ljust(_DIGITS, "0"))


def size_of(packed: int) -> int:
    """Return how many codes lie in the area of a region: 1 for a village, 1000 for a township."""
    if packed % TOWNSHIP:
        return VILLAGE
    if packed % COUNTY:
        return TOWNSHIP
    return COUNTY if packed % CITY else CITY


def unpack(packed: int) -> str:
    """Return the code of a region as it stands in the region table."""
    return str(packed)[: _DIGITS + 1 - len(str(size_of(packed)))]


def within(codes: Sequence[int], area: int) -> Codes:
    """Return the codes that lie in an area, the area itself included; `codes` are sorted."""
    return tuple(codes[bisect_left(codes, area) : bisect_left(codes, area + size_of(area))])


def narrow(codes: Codes, areas: Codes) -> Codes:
    """Return those codes that lie in one of the areas, the widest level of them only."""
    inside = {
        code for area in areas if size_of(area) > VILLAGE for code in within(codes, area) if code != area
    }
    if not inside:
        return ()
    level = max(map(size_of, inside))
    return tuple(sorted(code for code in inside if size_of(code) == level))


class Sounds(dict[int, str]):
    """A `str.translate` table that turns characters into their sound without tone.

    `letters` is how much of the pinyin counts; `folds` are spellings of pinyin that dictation and dialect
    mix up, none for the plain sound. Only the characters that are asked for are kept.
    One sound is one character: its pinyin is numbered in the order of first use.
    """

    def __init__(self, pinyin: PinyinRules, folds: Mapping[str, str], *, letters: int = 6) -> None:
        super().__init__()
        self._syllables = pinyin.syllables
        self._letters = letters
        self._folds = folds
        self._numbers: dict[str, str] = {}

    def __missing__(self, codepoint: int) -> str:
        character = chr(codepoint)
        syllable = next((name for name, its in self._syllables.items() if character in its), character)
        for written, folded in self._folds.items():
            if written.endswith("-"):
                if syllable.startswith(written[:-1]):
                    syllable = folded.removesuffix("-") + syllable[len(written) - 1 :]
            elif syllable.endswith(written.removeprefix("-")):
                syllable = syllable[: len(syllable) - len(written) + 1] + folded.removeprefix("-")
        sound = self._numbers.setdefault(syllable[: self._letters], chr(0xE000 + len(self._numbers)))
        self[codepoint] = sound
        return sound


class PlaceIndex:
    """All regions: their base names (北徐庄 of 北徐庄村村民委员会) and what each of them may be."""

    def __init__(
        self,
        regions: Iterable[Region],
        rules: PlaceRules,
        pinyin: PinyinRules,
        landmarks: Mapping[str, str] | None = None,
    ) -> None:
        self._rules = rules
        self._landmarks = landmarks or {}
        self._home = tuple(pack(code) for code in rules.home)
        village = next(iter(rules.official_endings.values()))
        self._communities = {
            official: said for official, said in rules.official_endings.items() if said != village
        }
        self._sounds = Sounds(pinyin, {})
        self._folded = Sounds(pinyin, rules.sounds)
        self._heads = Sounds(pinyin, {}, letters=2)
        rows = sorted((pack(region.code), region.name) for region in regions)
        self._codes = array("Q", (code for code, _ in rows))
        self._names = "".join(name for _, name in rows)
        self._offsets = array("I", [0])
        for _, name in rows:
            self._offsets.append(self._offsets[-1] + len(name))
        self._villages: dict[int, dict[str, list[_Village]]] = {}
        self._pool = array("Q")
        self._exact = self._store(self._base_names(rows))
        self._short = self._store(self._short_names())
        self._by_sound: dict[str, str | tuple[str, ...]] = {}
        for name in self._exact:
            key = self.fold(name)
            known = self._by_sound.get(key)
            if known is None:
                self._by_sound[key] = name
            else:
                self._by_sound[key] = (*((known,) if isinstance(known, str) else known), name)
        self.lengths: dict[str, int] = {}
        for names in (self._exact, self._short):
            for name in names:
                self.lengths[name[:2]] = self.lengths.get(name[:2], 0) | 1 << len(name)

    def _base_names(self, rows: Sequence[tuple[int, str]]) -> Iterator[tuple[str, int]]:
        for code, name in rows:
            base = self.base_of(name, code)
            if base and code % 10**10:
                yield base, code
        for alias, code_text in (*self._rules.aliases.items(), *self._landmarks.items()):
            yield alias, pack(code_text)
        for name in self._rules.outside:
            yield name, OUTSIDE

    def _short_names(self) -> Iterator[tuple[str, int]]:
        """北徐 for 北徐庄: only where no region bears the short name itself."""
        for name in self._exact:
            for ending in self._rules.droppable:
                short = name.removesuffix(ending)
                if short != name and len(short) >= 2 and short not in self._exact:
                    for code in self.find(name):
                        if size_of(code) == 1:
                            yield short, code

    def _store(self, pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
        """Put the codes of each name into the pool; the value is where they start and how many they are."""
        grouped: dict[str, list[int]] = defaultdict(list)
        for name, code in pairs:
            grouped[name].append(code)
        places: dict[str, int] = {}
        for name, codes in grouped.items():
            distinct = sorted(set(codes))
            places[name] = len(self._pool) << 20 | len(distinct)
            self._pool.extend(distinct)
        return places

    def base_of(self, name: str, code: int) -> str:
        """Return what people say for an official name; the whole name where nothing else is left."""
        size = size_of(code)
        if size == 1:
            for official in self._rules.official_endings:
                if name.endswith(official):
                    name = name.removesuffix(official)
                    break
            endings = self._rules.endings.village
        elif size == 10**3:
            county = self.official_name(code // 10**6 * 10**6) or ""
            name = name.removeprefix(county) if len(name) > len(county) + 1 else name
            endings = self._rules.endings.township
        else:
            endings = self._rules.endings.county if size == 10**6 else self._rules.endings.city
        for ending in endings:
            if name.endswith(ending) and len(name) - len(ending) >= 2:
                return name.removesuffix(ending)
        return name

    def official_name(self, code: int) -> str | None:
        """Return the name in the region table, None for an unknown code."""
        at = bisect_left(self._codes, code)
        if at == len(self._codes) or self._codes[at] != code:
            return None
        return self._names[self._offsets[at] : self._offsets[at + 1]]

    def is_community(self, code: int) -> bool:
        """Whether a region of the lowest level is a community of residents (社区), not a village."""
        name = self.official_name(code) or ""
        return any(name.endswith(official) for official in self._communities)

    def is_community_ending(self, ending: str) -> bool:
        """Whether a word after a name says that a community is meant."""
        return any(ending.endswith(said) for said in (*self._communities, *self._communities.values()))

    def in_home(self, code: int) -> bool:
        """Whether a region lies in the area served."""
        return any(area <= code < area + size_of(area) for area in self._home)

    def any_in_home(self, codes: Codes) -> bool:
        """Whether one of these regions lies in the area served; `codes` are sorted."""
        for area in self._home:
            at = bisect_left(codes, area)
            if at < len(codes) and codes[at] < area + size_of(area):
                return True
        return False

    def those_in_home(self, codes: Codes) -> Codes:
        """Return those of these regions that lie in the area served; `codes` are sorted."""
        return tuple(code for area in self._home for code in within(codes, area))

    def find(self, name: str) -> Codes:
        """Return the sorted codes of the regions that bear a base name."""
        return self._codes_at(self._exact.get(name))

    def find_short(self, name: str) -> Codes:
        """Return the sorted codes of the villages whose name is cut short (北徐 for 北徐庄)."""
        return self._codes_at(self._short.get(name))

    def find_by_sound(self, folded: str) -> Iterator[tuple[str, Codes]]:
        """Yield the names whose sound is this (see `fold`), with their codes."""
        names = self._by_sound.get(folded, ())
        for name in (names,) if isinstance(names, str) else names:
            yield name, self.find(name)

    def fold(self, written: str) -> str:
        """Return the sound of a name, with what dictation mixes up taken as one."""
        return written.translate(self._folded)

    def sounds_same(self, written: str, name: str) -> bool:
        """Whether two names have the same pinyin, tones aside."""
        return written.translate(self._sounds) == name.translate(self._sounds)

    def heads(self, written: str) -> str:
        """Return how each syllable begins: its first two letters, so that 瘩 (da) is like 垱 (dang)."""
        return written.translate(self._heads)

    def villages_of(self, township: int, head: str) -> Sequence[_Village]:
        """Return base name, its heads and code of a township's villages whose name begins with such a head.

        Recent answers are kept.
        """
        known = self._villages.get(township)
        if known is None:
            low = bisect_right(self._codes, township)
            high = bisect_left(self._codes, township + size_of(township))
            known = defaultdict(list)
            for at in range(low, high):
                code = self._codes[at]
                base = self.base_of(self._names[self._offsets[at] : self._offsets[at + 1]], code)
                heads = self.heads(base)
                known[heads[:1]].append((base, heads, code))
            if len(self._villages) >= _TOWNSHIPS_KEPT:
                self._villages.clear()
            self._villages[township] = known
        return known.get(head, ())

    def _codes_at(self, place: int | None) -> Codes:
        if place is None:
            return ()
        start = place >> 20
        return tuple(self._pool[start : start + (place & 0xFFFFF)])
