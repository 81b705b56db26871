"""Optional files beside the region table: landmarks and points, read strictly."""

from pathlib import Path

import pytest

from config.loading import RuleFileError
from config.region_files import load_landmarks, load_points
from mediation.regions import Region, find_nearest, level_of, parent_of


def region(code: str, name: str) -> Region:
    return Region(code=code, name=name, level=level_of(code), parent=parent_of(code))


REGIONS = (region("411122106", "杜曲镇"), region("411122106211", "北徐庄村委会"))


def written(folder: Path, text: str) -> Path:
    path = folder / "rows.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_landmark_names_its_region(tmp_path: Path) -> None:
    path = written(tmp_path, "name,kind,region\n龙泉花园,estate,411122106\n")
    assert load_landmarks(path, REGIONS) == {"龙泉花园": "411122106"}


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("龙泉花园,estate,411199999", 2),
        ("龙泉花园,castle,411122106", 2),
        ("龙,estate,411122106", 2),
        ("龙泉花园,estate,411122106\n龙泉花园,road,411122106", 3),
    ],
)
def test_a_landmark_that_cannot_be_is_named_with_its_line(tmp_path: Path, rows: str, line: int) -> None:
    with pytest.raises(RuleFileError) as caught:
        load_landmarks(written(tmp_path, f"name,kind,region\n{rows}\n"), REGIONS)
    assert caught.value.mistakes[0].line == line


def test_a_point_outside_the_earth_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError):
        load_points(written(tmp_path, "region,latitude,longitude\n411122106211,99,114\n"), REGIONS)


def test_a_shared_location_is_the_nearest_point_that_is_near_enough(tmp_path: Path) -> None:
    path = written(
        tmp_path, "region,latitude,longitude\n411122106211,33.770,113.960\n411122106,33.800,113.960\n"
    )
    points = load_points(path, REGIONS)
    assert find_nearest(points, latitude=33.775, longitude=113.961, within_km=3) == "411122106211"
    assert find_nearest(points, latitude=33.798, longitude=113.961, within_km=3) == "411122106"
    assert find_nearest(points, latitude=34.8, longitude=113.6, within_km=3) is None
    assert find_nearest((), latitude=33.775, longitude=113.961, within_km=3) is None
