"""The rule files of mediation: what they say, and what is said when they are wrong."""

import shutil
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.loading import CONFIG_DIR, RuleFileError
from config.rulebook import SPAN_UNITS, load_rulebook, parse_office_hours, parse_span
from mediation.calendar import CHINA_TIME, Span
from mediation.vocabulary import CommitteeKind, DisputeType, Group, RegionLevel, RiskGrade

RULEBOOK = load_rulebook(CONFIG_DIR)
NOBODY: frozenset[Group] = frozenset()

Break = Callable[[str, str, str], RuleFileError]


@pytest.fixture
def broken(tmp_path: Path) -> Break:
    """Replace one text in a copy of the rule files and return what is said about it."""
    for folder in ("rules", "regions"):
        shutil.copytree(CONFIG_DIR / folder, tmp_path / folder)

    def load(file: str, old: str, new: str) -> RuleFileError:
        path = tmp_path / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(RuleFileError) as refused:
            load_rulebook(tmp_path)
        return refused.value

    return load


def line_of(file: str, words: str) -> int:
    lines = (CONFIG_DIR / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if words in line)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "rules/routing.yaml",
            "forest_land.contract_land]",
            "forest_land.moon]",
            "no subtype forest_land.moon",
        ),
        ("rules/routing.yaml", "expropriation, ", "moon, ", "no dispute type moon"),
        ("rules/routing.yaml", "（{type}），有专门", "（{kind}），有专门", "unknown {kind}"),
        ("rules/routing.yaml", "key: danger", "key: sector", "keys used twice: sector"),
        (
            "rules/routing.yaml",
            "    to: village",
            "    people_from: 2\n    to: village",
            "must fit every case",
        ),
        ("rules/routing.yaml", "people_from: 5", "people_from: 1", "greater than or equal to 2"),
        ("rules/routing.yaml", "to: city", "to: moon", "table"),
        ("rules/dispute_types.yaml", "  education:\n", "  schooling:\n", "types"),
        ("rules/dispute_types.yaml", "subtype: wages,", "subtype: moon,", "no subtype moon"),
        ("rules/deadlines.yaml", "within: 30分钟", "within: 半小时", "not a length of time"),
        (
            "rules/deadlines.yaml",
            "reminder_after: 10分钟",
            "reminder_after: 30分钟",
            "before the time to answer",
        ),
        ("rules/deadlines.yaml", "reminder_after: 10分钟", "reminder_after: 1小时", "same unit"),
        ("rules/deadlines.yaml", "  yellow: 1个工作日\n", "", "missing: yellow"),
        ("rules/calendar.yaml", '"08:30-12:00", ', '"08:30-15:00", ', "overlap"),
        ("rules/calendar.yaml", "08:30-12:00", "12:00-08:30", "before they open"),
        ("rules/calendar.yaml", "08:30-12:00", "8-12", "not office hours"),
        (
            "rules/calendar.yaml",
            "holidays: []\n",
            "holidays: [2027-02-20]\nmake_up_days: [2027-02-20]\n",
            "twice",
        ),
        ("rules/service.yaml", 'city_region: "4111"', 'city_region: "9999"', "9999 is in none"),
        ("rules/service.yaml", "luohe.csv", "moon.csv", "moon.csv"),
        ("regions/luohe.csv", "411102,源汇区,county,4111", "411102,源汇区,city,4111", "not that of a city"),
        ("regions/luohe.csv", "411102,源汇区,county,4111", "411102,源汇区,county,4112", "should be 4111"),
    ],
)
def test_a_mistake_is_named_with_its_file(broken: Break, file: str, old: str, new: str, said: str) -> None:
    error = broken(file, old, new)
    assert said in str(error)
    assert {mistake.path.name for mistake in error.mistakes} <= {Path(file).name, "moon.csv"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("411104-labour,", "411104-medical,", "411104-medical twice"),
        ("411104-labour,", "411104-Labour,", "code"),
        ("sector,411104,labour", "sector,411104,moon", "sectors"),
        ("sector,411104,labour", "sector,411104,", "at least one"),
        ("sector,411104,labour", "village,411104,labour", "founded from the region table"),
        ("sector,411104,labour", "sector,411103,labour", "must begin with the region 411103"),
    ],
)
def test_a_mistake_in_the_list_of_sector_committees_is_named(
    broken: Break, old: str, new: str, said: str
) -> None:
    assert said in str(broken("regions/luohe_sector_committees.csv", old, new))


def test_a_sector_committee_of_an_unknown_region_is_named_with_its_line(broken: Break) -> None:
    file = "regions/luohe_sector_committees.csv"
    error = broken(
        file, "411104-labour,召陵区劳动争议人民调解委员会,sector,411104", "4199-labour,某市,sector,4199"
    )
    (mistake,) = error.mistakes
    assert (mistake.path.name, mistake.line) == (Path(file).name, line_of(file, "411104-labour"))


def test_an_unknown_subtype_is_named_with_its_line(broken: Break) -> None:
    # The same name stands in a comment above, which must not be taken for the mistake.
    (mistake,) = broken("rules/dispute_types.yaml", "      contract_land: 承包地\n", "").mistakes
    assert mistake.path.name == "routing.yaml"
    assert mistake.line == line_of("rules/routing.yaml", "types: [village_affairs")


def test_every_type_has_the_subtypes_that_routing_and_statistics_use() -> None:
    assert set(RULEBOOK.types) == set(DisputeType)
    assert RULEBOOK.types[DisputeType.LABOUR].subtypes["wages"] == "拖欠工资"
    phrases = [entry.everyday for entry in RULEBOOK.types.values()]
    assert len(set(phrases)) == len(phrases)
    assert max(map(len, phrases)) <= 20


def test_a_migrant_workers_wages_are_counted_by_themselves() -> None:
    labour = RULEBOOK.types[DisputeType.LABOUR]
    migrant = frozenset({Group.MIGRANT_WORKER})
    assert labour.heading_for(subtype="wages", groups=migrant) == "拖欠农民工工资"
    assert labour.heading_for(subtype="wages", groups=NOBODY) == "其他劳动争议"
    assert labour.heading_for(subtype="injury", groups=migrant) == "其他劳动争议"


def test_the_headings_are_those_of_the_official_form() -> None:
    headings = {entry.heading for entry in RULEBOOK.types.values()}
    form = (
        "婚姻家庭 邻里 房屋宅基地 合同 生产经营 损害赔偿 山林土地 征地拆迁 环境污染 其他劳动争议 "
        "旅游 电子商务 其他消费 医疗 道路交通事故 物业 其他"
    )
    assert headings == set(form.split())


def test_the_sector_committees_are_marked_as_examples() -> None:
    rows = RULEBOOK.sector_committees
    assert all(row.note.startswith("示例") for row in rows)
    assert [row.code for row in rows if row.kind is CommitteeKind.CITY] == ["4111-centre"]
    counties = {region.code for region in RULEBOOK.regions if region.level is RegionLevel.COUNTY}
    assert {row.region for row in rows if row.kind is CommitteeKind.ENTERPRISE} == counties
    served = {sector for row in rows for sector in row.sectors}
    named_in_the_notice = {
        *(DisputeType.MEDICAL, DisputeType.TRAFFIC, DisputeType.LABOUR, DisputeType.MARRIAGE_FAMILY),
        *(DisputeType.PROPERTY_SERVICE, DisputeType.CONSUMER, DisputeType.TOURISM, DisputeType.FINANCE),
        *(DisputeType.INSURANCE, DisputeType.IP),
    }
    assert served >= named_in_the_notice


def test_danger_shortens_the_time_to_answer_and_the_green_channel_never_lengthens_it() -> None:
    deadlines, calendar = RULEBOOK.deadlines, RULEBOOK.calendar
    start = datetime(2026, 11, 24, 8, 30, tzinfo=CHINA_TIME)  # a Tuesday, when offices open

    def due(grade: RiskGrade, *, green_channel: bool) -> float:
        offer = deadlines.offer_for(grade, green_channel=green_channel)
        return (calendar.after(start, offer.within) - start).total_seconds()

    plain = [due(grade, green_channel=False) for grade in RiskGrade]
    assert plain == sorted(plain)
    assert plain[0] < plain[1] < plain[-1]
    assert all(due(grade, green_channel=True) <= due(grade, green_channel=False) for grade in RiskGrade)
    assert due(RiskGrade.NONE, green_channel=True) < due(RiskGrade.NONE, green_channel=False)


def test_the_calendar_knows_this_years_holidays() -> None:
    calendar = RULEBOOK.calendar
    assert not calendar.is_working_day(date(2026, 10, 1))
    assert calendar.is_working_day(date(2026, 10, 10))
    assert calendar.is_certain(date(2026, 12, 31))
    assert not calendar.is_certain(date(2100, 1, 1))


def test_an_official_puts_own_days_over_the_published_ones(tmp_path: Path) -> None:
    for folder in ("rules", "regions"):
        shutil.copytree(CONFIG_DIR / folder, tmp_path / folder)
    (tmp_path / "rules/calendar.yaml").write_text(
        'office_hours: ["09:00-17:00"]\n'
        "holidays: [2026-10-10]\n"
        "make_up_days: [2026-10-01]\n"
        "known_years: [2100]\n"
    )
    calendar = load_rulebook(tmp_path).calendar
    assert not calendar.is_working_day(date(2026, 10, 10))
    assert calendar.is_working_day(date(2026, 10, 1))
    assert calendar.is_certain(date(2100, 1, 1))
    assert calendar.office_hours == ((time(9), time(17)),)


@given(amount=st.integers(1, 9999), word=st.sampled_from(sorted(SPAN_UNITS)), counted=st.booleans())
def test_every_written_span_is_read(amount: int, word: str, counted: bool) -> None:
    assert parse_span(f"{amount}{'个' if counted else ''}{word}") == Span(
        amount=amount, unit=SPAN_UNITS[word]
    )


@pytest.mark.parametrize(
    "text", ["", "30", "0分钟", "-1天", "1.5小时", "30 分钟 ", "半天", "三天", "３天", 30, None]
)
def test_anything_else_is_no_span(text: object) -> None:
    with pytest.raises(ValueError, match="not a length of time"):
        parse_span(text)


@pytest.mark.parametrize("text", ["", "8:30-12:00", "08:30", "12:00-12:00", "25:00-26:00", 830])
def test_anything_else_is_no_office_hours(text: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each mistake has its own words
        parse_office_hours(text)
