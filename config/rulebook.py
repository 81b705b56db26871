"""All rule files of mediation as one checked value, from dispute types to office hours."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Annotated, Self, TypeVar

import chinese_calendar
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from config.loading import RuleFileError, RuleMistake, RuleModel, load_rules
from config.region_files import line_with, load_committees, load_landmarks, load_points, load_regions
from mediation.calendar import Span, SpanUnit, WorkingCalendar
from mediation.founding import Founding, NamingWords
from mediation.regions import Point, Region
from mediation.routing import InformRule, RoutingRule, RoutingRules, RoutingSentences
from mediation.vocabulary import CommitteeKind, DisputeType, Group, RegionLevel, RiskGrade

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")

SPAN_UNITS = {
    "分钟": SpanUnit.MINUTE,
    "小时": SpanUnit.HOUR,
    "天": SpanUnit.DAY,
    "工作小时": SpanUnit.WORKING_HOUR,
    "工作日": SpanUnit.WORKING_DAY,
}
SPAN_PATTERN = re.compile(rf"([1-9][0-9]{{0,3}})个?({'|'.join(SPAN_UNITS)})")


def parse_span(text: object) -> Span:
    """Read a length of time such as 30分钟, 2小时, 3天, 4工作小时, 1个工作日; raises ValueError."""
    match = SPAN_PATTERN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"not a length of time: {text!r}; write a number and {'/'.join(SPAN_UNITS)}")
    return Span(amount=int(match[1]), unit=SPAN_UNITS[match[2]])


def _for_all(names: type[KeyT]) -> AfterValidator:
    """A mapping must have an entry for every member of an enumeration."""

    def check(entries: Mapping[KeyT, ValueT]) -> Mapping[KeyT, ValueT]:
        missing = [str(name) for name in names if name not in entries]  # type: ignore[attr-defined]
        if missing:
            raise ValueError(f"missing: {', '.join(missing)}")
        return MappingProxyType(dict(entries))

    return AfterValidator(check)


def sentence(*words: str) -> AfterValidator:
    """A sentence may hold only the given {words}."""

    def check(text: str) -> str:
        for _, word, form, conversion in Formatter().parse(text):
            if word is not None and (word not in words or form or conversion):
                raise ValueError(f"unknown {{{word}}}; possible are {', '.join(words)}")
        return text

    return AfterValidator(check)


SpanText = Annotated[Span, BeforeValidator(parse_span)]
Word = Annotated[str, Field(min_length=1)]


# dispute_types.yaml


class HeadingException(RuleModel):
    """A subtype told by a group of people that is counted under a heading of its own."""

    subtype: Word
    group: Group
    heading: Word


class TypeEntry(RuleModel):
    """One dispute type (纠纷类型): its name, its statistics heading and how residents recognise it."""

    name: Word
    heading: Word
    everyday: Word
    subtypes: Mapping[Word, Word] = Field(default_factory=dict)
    heading_exceptions: tuple[HeadingException, ...] = ()

    @model_validator(mode="after")
    def _subtypes_exist(self) -> Self:
        for exception in self.heading_exceptions:
            if exception.subtype not in self.subtypes:
                raise ValueError(f"no subtype {exception.subtype}")
        return self

    def heading_for(self, *, subtype: str | None, groups: frozenset[Group]) -> str:
        """Return the statistics heading (统计项目) of a case."""
        for exception in self.heading_exceptions:
            if exception.subtype == subtype and exception.group in groups:
                return exception.heading
        return self.heading


class TypesFile(RuleModel):
    types: Annotated[Mapping[DisputeType, TypeEntry], _for_all(DisputeType)]


# routing.yaml


class RuleEntry(RuleModel):
    """One row of the routing table; see mediation.routing.RoutingRule."""

    key: Word
    types: tuple[str, ...] = ()
    groups: frozenset[Group] = frozenset()
    grades: frozenset[RiskGrade] = frozenset()
    people_from: int | None = Field(default=None, ge=2)
    levels: frozenset[RegionLevel] = frozenset()
    against: frozenset[RegionLevel] = frozenset()
    to: CommitteeKind
    reason: Annotated[str, sentence("type", "people", "committee")]

    def as_rule(self) -> RoutingRule:
        """Return the row as mediation knows it; `types` holds types and type.subtype."""
        return RoutingRule(
            key=self.key,
            to=self.to,
            reason=self.reason,
            types=frozenset(DisputeType(one) for one in self.types if "." not in one),
            subtypes=frozenset(
                (DisputeType(one.partition(".")[0]), one.partition(".")[2])
                for one in self.types
                if "." in one
            ),
            groups=self.groups,
            grades=self.grades,
            people_from=self.people_from,
            levels=self.levels,
            against=self.against,
        )

    def has_conditions(self) -> bool:
        """Whether there are cases that the row does not fit."""
        return bool(
            self.types or self.groups or self.grades or self.people_from or self.levels or self.against
        )

    @model_validator(mode="after")
    def _types_exist(self) -> Self:
        for one in self.types:
            if one.partition(".")[0] not in set(DisputeType):
                raise ValueError(f"no dispute type {one}")
        return self


class InformEntry(RuleModel):
    grades: frozenset[RiskGrade]
    people_from: int = Field(ge=2)


class SentencesEntry(RuleModel):
    place_level: Annotated[str, sentence("committee")]
    unreachable: Annotated[str, sentence("passed", "committee")]
    nobody: Annotated[str, sentence("committee")]
    informed: Annotated[str, sentence("committee")]
    escalated: Annotated[str, sentence("passed", "committee")]


class RoutingFile(RuleModel):
    table: Annotated[tuple[RuleEntry, ...], Field(min_length=1)]
    inform: InformEntry
    sentences: SentencesEntry

    @model_validator(mode="after")
    def _covers_every_case(self) -> Self:
        keys = [rule.key for rule in self.table]
        if twice := {key for key in keys if keys.count(key) > 1}:
            raise ValueError(f"keys used twice: {', '.join(sorted(twice))}")
        if self.table[-1].has_conditions() or self.table[-1].to is not CommitteeKind.VILLAGE:
            raise ValueError("the last rule must fit every case and lead to the village")
        return self


# deadlines.yaml


class Limit(RuleModel):
    """At most so many times within a span."""

    times: int = Field(ge=1)
    within: SpanText


class AnswerDeadline(RuleModel):
    """How long somebody may think about a question, and when the one reminder comes."""

    within: SpanText
    reminder_after: SpanText

    @model_validator(mode="after")
    def _reminder_comes_first(self) -> Self:
        if self.reminder_after.unit is not self.within.unit:
            raise ValueError("the reminder must be counted in the same unit as the answer")
        if self.reminder_after.amount >= self.within.amount:
            raise ValueError("the reminder must come before the time to answer is over")
        return self


class ConversationDeadline(RuleModel):
    """How long an unfinished dialogue is kept, and when its one reminder comes."""

    kept: SpanText
    reminder_after: SpanText


class BindingDeadline(RuleModel):
    """How long a mediator's one-time code holds, and how many wrong ones are allowed."""

    valid: SpanText
    wrong: Limit


class TermDeadline(RuleModel):
    """How long a mediation may take (调解期限), when it is warned of, how far it may be extended."""

    usual: SpanText
    by_type: Mapping[DisputeType, SpanText] = Field(default_factory=dict)
    warn_before: Annotated[tuple[SpanText, ...], Field(min_length=1)]
    extension: SpanText
    extensions: int = Field(ge=0)

    def span_for(self, dispute_type: DisputeType) -> Span:
        """Return the term of a type, 医疗纠纷预防和处理条例 38 for medical cases."""
        return self.by_type.get(dispute_type, self.usual)


class CourtDeadline(RuleModel):
    """Judicial confirmation (司法确认), 人民调解法 33: within how long, and when people are reminded."""

    within: SpanText
    reminders_after: tuple[SpanText, ...]


class PaymentDeadline(RuleModel):
    """When the debtor is reminded (always on the day too), and when the creditor is asked about it."""

    remind_before: tuple[SpanText, ...]
    ask_after: SpanText
    answer: AnswerDeadline


class FollowUpDeadline(RuleModel):
    """When people are asked again after everything was performed (回访)."""

    after: Annotated[tuple[SpanText, ...], Field(min_length=1)]
    answer_within: SpanText
    level_up_at: int = Field(ge=2)
    low_rating: int = Field(ge=1, le=4)


class DeadlineRules(RuleModel):
    """Every deadline (期限)."""

    offer: Annotated[Mapping[RiskGrade, AnswerDeadline], _for_all(RiskGrade)]
    offer_green_channel: AnswerDeadline
    contact: Annotated[Mapping[RiskGrade, SpanText], _for_all(RiskGrade)]
    conversation: ConversationDeadline
    urge: Limit
    binding_code: BindingDeadline
    invitation_code_valid: SpanText
    consent: AnswerDeadline
    term: TermDeadline
    confirmation: AnswerDeadline
    both_agree: AnswerDeadline
    help: AnswerDeadline
    meeting_reminders: tuple[SpanText, ...]
    payment: PaymentDeadline
    court: CourtDeadline
    follow_up: FollowUpDeadline
    room_closes_after: SpanText
    link_valid: SpanText

    def offer_for(self, grade: RiskGrade, *, green_channel: bool) -> AnswerDeadline:
        """Return how long an offer waits; the green channel (绿色通道) never slows a dangerous case."""
        pressing = grade in {RiskGrade.RED, RiskGrade.ORANGE}
        return self.offer_green_channel if green_channel and not pressing else self.offer[grade]


# calendar.yaml


def parse_office_hours(text: object) -> tuple[time, time]:
    """Read opening and closing time such as 08:30-12:00; raises ValueError."""
    match = re.fullmatch(r"(\d\d:\d\d)-(\d\d:\d\d)", text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"not office hours: {text!r}; write 08:30-12:00")
    opening, closing = time.fromisoformat(match[1]), time.fromisoformat(match[2])
    if opening >= closing:
        raise ValueError(f"offices close before they open: {text}")
    return opening, closing


class CalendarFile(RuleModel):
    office_hours: Annotated[
        tuple[Annotated[tuple[time, time], BeforeValidator(parse_office_hours)], ...], Field(min_length=1)
    ]
    holidays: frozenset[date] = frozenset()
    make_up_days: frozenset[date] = frozenset()
    known_years: frozenset[int] = frozenset()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for (_, closing), (opening, _) in pairwise(self.office_hours):
            if opening < closing:
                raise ValueError("office hours overlap or stand in the wrong order")
        if both := self.holidays & self.make_up_days:
            raise ValueError(f"holiday and make-up day at once: {', '.join(map(str, sorted(both)))}")
        return self

    def as_calendar(self) -> WorkingCalendar:
        """Return the published calendar of the State Council with the file's own days put over it."""
        published = frozenset(chinese_calendar.holidays)
        worked = frozenset(chinese_calendar.workdays)
        return WorkingCalendar(
            holidays=(published - self.make_up_days) | self.holidays,
            make_up_days=(worked - self.holidays) | self.make_up_days,
            known_years=frozenset(day.year for day in published) | self.known_years,
            office_hours=self.office_hours,
        )


# service.yaml


class NamingEntry(RuleModel):
    committee: Word
    endings: Mapping[Word, Word]


class ServiceRules(RuleModel):
    """What the service is called, where it works, which region files it reads."""

    name: Word
    city_region: Annotated[str, Field(pattern=r"^\d{4}$")]
    case_number_prefix: Word
    region_files: Annotated[tuple[Word, ...], Field(min_length=1)]
    sector_committees_file: Word
    landmarks_file: Word | None = None
    points_file: Word | None = None
    committee_names: NamingEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """Everything the rule files say about mediation, checked against each other.

    `regions` are all rows of the region files, widest first within each file; `landmarks` the region of a
    road, an estate or a company by its name; `points` where regions lie; `sector_committees` those that no
    law founds but an official lists; `naming` goes to mediation.founding.statutory_committees.
    """

    types: Mapping[DisputeType, TypeEntry]
    routing: RoutingRules
    deadlines: DeadlineRules
    calendar: WorkingCalendar
    service: ServiceRules
    naming: NamingWords
    regions: tuple[Region, ...]
    landmarks: Mapping[str, str]
    points: tuple[Point, ...]
    sector_committees: tuple[Founding, ...]


def load_rulebook(config_dir: Path) -> Rulebook:
    """Read and check all rule files of mediation under `config_dir`; raises RuleFileError."""
    rules, places = config_dir / "rules", config_dir / "regions"
    types = load_rules(rules / "dispute_types.yaml", TypesFile).types
    routing = load_rules(rules / "routing.yaml", RoutingFile)
    service = load_rules(rules / "service.yaml", ServiceRules)
    regions = tuple(region for file in service.region_files for region in load_regions(places / file))
    mistakes = _unknown_subtypes(rules / "routing.yaml", routing, types)
    if all(region.code != service.city_region for region in regions):
        path = rules / "service.yaml"
        text = f"city_region {service.city_region} is in none of the region files"
        mistakes.append(RuleMistake(path, line_with(path, "city_region"), text))
    if mistakes:
        raise RuleFileError(mistakes)
    names = service.committee_names
    return Rulebook(
        types=types,
        routing=_as_routing_rules(routing, types),
        deadlines=load_rules(rules / "deadlines.yaml", DeadlineRules),
        calendar=load_rules(rules / "calendar.yaml", CalendarFile).as_calendar(),
        service=service,
        naming=NamingWords(endings=names.endings, committee=names.committee),
        regions=regions,
        landmarks=load_landmarks(places / service.landmarks_file, regions) if service.landmarks_file else {},
        points=load_points(places / service.points_file, regions) if service.points_file else (),
        sector_committees=load_committees(places / service.sector_committees_file, regions),
    )


def _as_routing_rules(routing: RoutingFile, types: Mapping[DisputeType, TypeEntry]) -> RoutingRules:
    return RoutingRules(
        table=tuple(entry.as_rule() for entry in routing.table),
        inform=InformRule(**dict(routing.inform)),
        sentences=RoutingSentences(**dict(routing.sentences)),
        type_names=MappingProxyType({code: entry.name for code, entry in types.items()}),
    )


def _unknown_subtypes(
    path: Path, routing: RoutingFile, types: Mapping[DisputeType, TypeEntry]
) -> list[RuleMistake]:
    known = {f"{code}.{subtype}" for code, entry in types.items() for subtype in entry.subtypes}
    return [
        RuleMistake(path, line_with(path, name), f"{entry.key}: no subtype {name} in dispute_types.yaml")
        for entry in routing.table
        for name in entry.types
        if "." in name and name not in known
    ]
