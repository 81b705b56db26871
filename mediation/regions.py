"""Regions by statistical code: 2 digits province, 4 city, 6 county, 9 township, 12 village."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from mediation.vocabulary import RegionLevel

LEVEL_BY_CODE_LENGTH = {
    2: RegionLevel.PROVINCE,
    4: RegionLevel.CITY,
    6: RegionLevel.COUNTY,
    9: RegionLevel.TOWNSHIP,
    12: RegionLevel.VILLAGE,
}
CODE_LENGTHS = tuple(LEVEL_BY_CODE_LENGTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One row of the region table."""

    code: str
    name: str
    level: RegionLevel
    parent: str | None


def level_of(code: str) -> RegionLevel:
    """Return the level that a region code stands for; raises KeyError for an impossible length."""
    return LEVEL_BY_CODE_LENGTH[len(code)]


def parent_of(code: str) -> str | None:
    """Return the code one level up, None above a province."""
    shorter = [length for length in CODE_LENGTHS if length < len(code)]
    return code[: shorter[-1]] if shorter else None


def ancestry(code: str) -> Iterator[str]:
    """Yield the code itself and then every wider region."""
    current: str | None = code
    while current:
        yield current
        current = parent_of(current)


def is_within(code: str, area: str) -> bool:
    """Whether a region lies in an area (or is it)."""
    return code.startswith(area)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Where a region lies, in degrees of the map that Chinese phones use (GCJ-02)."""

    region: str
    latitude: float
    longitude: float


_EARTH_RADIUS_KM = 6371.0


def distance_km(latitude: float, longitude: float, point: Point) -> float:
    """Return the distance to a point over the ground."""
    north, east = radians(point.latitude - latitude), radians(point.longitude - longitude)
    across = cos(radians(latitude)) * cos(radians(point.latitude)) * sin(east / 2) ** 2
    return 2 * _EARTH_RADIUS_KM * asin(sqrt(sin(north / 2) ** 2 + across))


def find_nearest(
    points: Iterable[Point], *, latitude: float, longitude: float, within_km: float
) -> str | None:
    """Return the code of the region whose point is nearest, None when none is within the distance."""
    near = ((distance_km(latitude, longitude, point), point.region) for point in points)
    distance, region = min(near, default=(within_km, ""))
    return region if region and distance <= within_km else None
