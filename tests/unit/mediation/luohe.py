"""Luohe's committees as the rule files found them, for tests of routing."""

from collections.abc import Collection

from config.loading import CONFIG_DIR
from config.rulebook import load_rulebook
from mediation.committees import Committee
from mediation.founding import statutory_committees
from mediation.regions import ancestry

RULEBOOK = load_rulebook(CONFIG_DIR)
FOUNDED = (*statutory_committees(RULEBOOK.regions, RULEBOOK.naming), *RULEBOOK.sector_committees)
VILLAGE = next(
    region.code for region in RULEBOOK.regions if region.name.startswith("北徐庄") and len(region.code) == 12
)
TOWNSHIP, COUNTY, CITY = VILLAGE[:9], VILLAGE[:6], VILLAGE[:4]


def committees_of(place: str | None = VILLAGE, *, unreachable: Collection[str] = ()) -> list[Committee]:
    """Return the committees that a caller of `route` passes; `unreachable` are codes."""
    areas = set(ancestry(place or CITY))
    return [
        Committee(
            id=number,
            code=one.code,
            name=one.name,
            kind=one.kind,
            region=one.region,
            sectors=one.sectors,
            reachable=one.code not in unreachable,
        )
        for number, one in enumerate(FOUNDED, start=1)
        if one.region in areas
    ]


def committee(code: str, *, reachable: bool = True) -> Committee:
    """Return one committee by its code."""
    found = next(one for one in committees_of(code.partition("-")[0]) if one.code == code)
    return found if reachable else committees_of(found.region, unreachable=(code,))[0]
