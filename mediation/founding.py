"""Which statutory committees a region table calls for, and their full names."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mediation.regions import Region, ancestry
from mediation.vocabulary import CommitteeKind, DisputeType, RegionLevel

KIND_BY_LEVEL = {
    RegionLevel.COUNTY: CommitteeKind.COUNTY,
    RegionLevel.TOWNSHIP: CommitteeKind.TOWNSHIP,
    RegionLevel.VILLAGE: CommitteeKind.VILLAGE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """A committee to be founded; `note` marks examples."""

    code: str
    name: str
    kind: CommitteeKind
    region: str
    sectors: frozenset[DisputeType] = frozenset()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamingWords:
    """The words that committees' names are made of.

    `endings` maps what a village is called in the region table (村民委员会, 居民委员会 and their
    misspellings) to the word for such a place (村, 社区). `committee` is what every committee is called.
    """

    endings: Mapping[str, str]
    committee: str


def statutory_committees(regions: Iterable[Region], words: NamingWords) -> Iterator[Founding]:
    """Yield the committee of every county, township and village (人民调解法 8), in the regions' order.

    Names are whole, from the county down, so that two villages of the same name differ.
    """
    by_code = {region.code: region for region in regions}
    for region in by_code.values():
        if kind := KIND_BY_LEVEL.get(region.level):
            parts = (
                _short_name(by_code[code], by_code, words)
                for code in reversed(tuple(ancestry(region.code)))
                if code in by_code and by_code[code].level in KIND_BY_LEVEL
            )
            name = "".join(parts) + words.committee
            yield Founding(code=region.code, name=name, kind=kind, region=region.code)


def _short_name(region: Region, by_code: Mapping[str, Region], words: NamingWords) -> str:
    """Return a region's name without its county's in front and, for a village, without its authority's."""
    name = region.name
    for code in ancestry(region.code):
        wider = by_code.get(code)
        if wider and wider is not region:
            name = name.removeprefix(wider.name) or name
    if region.level is not RegionLevel.VILLAGE:
        return name
    ending = max((one for one in words.endings if name.endswith(one)), key=len, default="")
    stem = name.removesuffix(ending)
    if not stem or not ending or stem.endswith(tuple(words.endings.values())):
        return stem or name
    return stem + words.endings[ending]
