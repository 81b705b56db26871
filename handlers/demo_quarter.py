"""Makes a quarter of Luohe: cases with whole lives, as many of each kind as the published forms tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from sqlalchemy.ext.asyncio import AsyncSession

from config.demo_quarter import Matter, QuarterWords
from handlers.demo_course import Course
from handlers.demo_people import VILLAGES_STAFFED, Town
from handlers.ruleset import RuleSet
from handlers.searching import words_of_case
from mediation.calendar import CHINA_TIME
from mediation.committees import Committee
from mediation.regions import ancestry
from mediation.routing import CaseFacts, Routing, route
from mediation.vocabulary import CaseSource, DisputeType, Group, Referrer, RiskFlag, RiskGrade
from storage import demo, registry
from storage.tables import CallTaskRow, CaseRow, CounterRow, TipRow

DAYS = 92
MAJOR_AMOUNT = 100_000
TIPS_PER_CASE = 50
VILLAGE_KNOWN, TOWNSHIP_KNOWN = 0.84, 0.96
NEW_WEIGHT = 1.35
HOURS = (1, 1, 1, 1, 1, 1, 2, 6, 22, 34, 30, 16, 10, 14, 26, 28, 22, 16, 12, 14, 14, 10, 5, 2)
WEEKDAYS = (20, 18, 17, 17, 16, 7, 5)


class NotEmptyError(Exception):
    """The database is in use: made-up cases must never stand among real ones."""


@dataclass(slots=True, kw_only=True)
class Quarter:
    """Everything that makes one case after the other."""

    rules: RuleSet
    words: QuarterWords
    town: Town
    rng: Random
    now: datetime
    committees: Mapping[str, Sequence[Committee]]
    villages: Sequence[str]
    weights: Sequence[float]
    found: dict[int, set[str]] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)

    def place(self) -> str:
        """Return where it happened: mostly a village, sometimes only the township or county is known."""
        village = self.rng.choices(self.villages, self.weights)[0]
        known = self.rng.random()
        if known < VILLAGE_KNOWN:
            return village
        return village[:9] if known < TOWNSHIP_KNOWN else village[:6]

    def route(self, facts: CaseFacts, place: str) -> Routing:
        """Return the committee, by the real rules."""
        there = [one for code in ancestry(place) for one in self.committees.get(code, ())]
        routing = route(facts, there, self.rules.rulebook.routing)
        assert routing is not None  # noqa: S101 - a prepared database has a committee for every place
        return routing

    def case_number(self, at: datetime) -> str:
        """Return the next number of a year."""
        year = at.astimezone(CHINA_TIME).year
        self.numbers[year] = self.numbers.get(year, 0) + 1
        return f"{self.rules.rulebook.service.case_number_prefix}{year}-{self.numbers[year]:06d}"


def filing_times(rng: Random, *, count: int, now: datetime) -> list[datetime]:
    """Return when cases were filed: more on working days and by day, some more lately; earliest first."""
    today = now.astimezone(CHINA_TIME).date()
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    weights = [
        WEEKDAYS[day.weekday()] * (1 + (NEW_WEIGHT - 1) * number / DAYS) for number, day in enumerate(days)
    ]
    times: list[datetime] = []
    while len(times) < count:
        day = rng.choices(days, weights)[0]
        hour = rng.choices(range(24), HOURS)[0]
        at = datetime(
            day.year, day.month, day.day, hour, rng.randrange(60), rng.randrange(60), tzinfo=CHINA_TIME
        )
        if at < now - timedelta(minutes=5):
            times.append(at)
    return sorted(times)


async def make_quarter(
    session: AsyncSession,
    *,
    rules: RuleSet,
    words: QuarterWords,
    count: int,
    seed: int,
    now: datetime,
    staffed: float = VILLAGES_STAFFED,
) -> dict[str, int]:
    """Fill an empty database; the same seed and day make the same quarter. Raises NotEmptyError.

    `staffed` is the share of villages that have mediators. Returns how much of what was made.
    """
    if not await demo.is_empty(session):
        raise NotEmptyError
    rng = Random(seed)  # noqa: S311 - made-up data, reproducible on purpose
    rows = await registry.list_all_committees(session)
    town = Town(words=words, rng=rng, began=now - timedelta(days=DAYS + 30), staffed=staffed)
    town.staff(rows)
    town.write_filing(rows, now=now)
    await session.flush()
    by_region: dict[str, list[Committee]] = {}
    for row in rows:
        one = registry.as_committee(row, reachable=row.id in town.serving)
        by_region.setdefault(row.region, []).append(one)
    villages = sorted(code for code in by_region if len(code) == len("411122102215"))
    townships = {code[:9]: rng.gammavariate(3, 1) for code in villages}
    quarter = Quarter(
        rules=rules,
        words=words,
        town=town,
        rng=rng,
        now=now,
        committees=by_region,
        villages=villages,
        weights=[townships[code[:9]] * rng.gammavariate(2, 1) for code in villages],
    )
    for at in filing_times(rng, count=count, now=now):
        _make_case(quarter, at)
    town.number_notices()
    _make_tips(quarter, count=max(3, count // TIPS_PER_CASE))
    town.rows += [CounterRow(name=f"case:{year}", value=last) for year, last in quarter.numbers.items()]
    made: dict[str, int] = {}
    for thing in town.rows:
        made[thing.__tablename__] = made.get(thing.__tablename__, 0) + 1
    await demo.add_rows(session, town.rows)
    await demo.add_search_words(session, quarter.found)
    await demo.go_on_counting(session)
    return made


def _make_case(quarter: Quarter, at: datetime) -> None:
    rng, words, town = quarter.rng, quarter.words, quarter.town
    matter = rng.choices(words.matters, [one.weight for one in words.matters])[0]
    grade = rng.choices(
        tuple(RiskGrade), [words.grades.get(one, 0) or 1 - sum(words.grades.values()) for one in RiskGrade]
    )[0]
    place = quarter.place()
    source = rng.choices(list(words.sources), list(words.sources.values()))[0]
    by_phone = source is CaseSource.REQUESTED and rng.random() < words.by_phone
    applicant = town.person(at=at, in_chat=source is CaseSource.REQUESTED and not by_phone)
    other = rng.choice(words.companies) if matter.company else town.name()
    amount = _amount(rng, matter)
    story, flags = _story(quarter, matter, grade, place=place, other=other, amount=amount)
    if amount and amount >= MAJOR_AMOUNT:
        flags.add(RiskFlag.MAJOR_AMOUNT)
        grade = RiskGrade.ORANGE if grade in {RiskGrade.NONE, RiskGrade.YELLOW} else grade
    groups = set(matter.groups) | ({Group.ENTERPRISE} if matter.company and rng.random() < 0.15 else set())
    people = rng.choice((2, 2, 2, 3, 4)) + (rng.randint(8, 30) if RiskFlag.GROUP in flags else 0)
    facts = CaseFacts(
        type=matter.type,
        subtype=matter.subtype,
        place=place,
        grade=grade,
        people=people,
        groups=frozenset(groups),
    )
    routing = quarter.route(facts, place)
    case = CaseRow(
        id=town.next_id(CaseRow),
        case_no=quarter.case_number(at),
        status="filed",
        dispute_type=matter.type.value,
        subtype=matter.subtype,
        place=place,
        applicant_id=applicant.id,
        account_id=town.accounts[applicant.id].id if applicant.id in town.accounts else None,
        source=source.value,
        referred_by=rng.choice(tuple(Referrer)).value if source is CaseSource.REFERRED else "",
        applicant_name=applicant.name,
        applicant_phone=applicant.phone,
        respondent=other,
        summary=story,
        grade=grade.value,
        risk=sorted(flags),
        groups=sorted(groups),
        amount=amount,
        people=people if rng.random() < 0.6 else None,
        since_on=None,
        committee_id=routing.committee.id,
        filed_at=at,
        consent="none",
        name_hidden=False,
        rooms=[],
        extended=0,
        reopened=0,
    )
    course = Course(
        case=case,
        matter=matter,
        routing=routing,
        town=town,
        words=words,
        rules=quarter.rules,
        rng=rng,
        now=quarter.now,
        by_phone=by_phone,
    )
    course.run()
    town.rows.append(case)
    quarter.found[case.id] = set(words_of_case(case, texts=[story], rules=quarter.rules))
    if grade is RiskGrade.RED:
        _make_alarm(quarter, case)


def _amount(rng: Random, matter: Matter) -> float | None:
    if matter.amount is None:
        return None
    low, high = matter.amount
    drawn = low * (high / low) ** rng.betavariate(1.6, 3)
    step = 1000 if drawn > 20_000 else 100 if drawn > 1000 else 50
    return float(round(drawn / step) * step or step)


def _story(
    quarter: Quarter,
    matter: Matter,
    grade: RiskGrade,
    *,
    place: str,
    other: str,
    amount: float | None,
) -> tuple[str, set[RiskFlag]]:
    rng = quarter.rng
    story = rng.choice(matter.stories).format(
        place=quarter.rules.understander.gazetteer.short_name(place),
        other=other,
        amount=f"{amount:.0f}" if amount else "",
        months=rng.randint(2, 14),
    )
    dangers = quarter.words.danger.get(grade, ())
    if not dangers:
        return story, set()
    danger = rng.choice(dangers)
    return f"{story}{danger.text}", set(danger.flags)


def _make_alarm(quarter: Quarter, case: CaseRow) -> None:
    text = quarter.rules.phrases.text
    done = case.filed_at < quarter.now - timedelta(hours=3)
    quarter.town.rows.append(
        CallTaskRow(
            id=quarter.town.next_id(CallTaskRow),
            kind="alarm",
            person_id=case.applicant_id,
            case_id=case.id,
            dedupe_key=f"alarm:demo:{case.id}",
            grade="red",
            text=text(
                "operator.alarm",
                place=quarter.rules.place_name(case.place or ""),
                words="、".join(text(f"words.risk_{flag}") for flag in case.risk),
                name=case.applicant_name or "",
                phone=case.applicant_phone or "",
                text=case.summary,
            ),
            state="done" if done else "open",
            created_at=case.filed_at,
            outcome=quarter.rng.choice(quarter.words.call_outcomes) if done else None,
            done_at=case.filed_at + timedelta(minutes=quarter.rng.randint(4, 60)) if done else None,
        )
    )


def _make_tips(quarter: Quarter, *, count: int) -> None:
    rng = quarter.rng
    for _ in range(count):
        place = quarter.place()
        name = quarter.rules.understander.gazetteer.short_name(place)
        quarter.town.rows.append(
            TipRow(
                id=quarter.town.next_id(TipRow),
                place=place,
                dispute_type=rng.choice((DisputeType.NEIGHBOUR, DisputeType.OTHER)).value,
                grade=rng.choice((RiskGrade.NONE, RiskGrade.YELLOW)).value,
                text=rng.choice(quarter.words.tips).format(place=name),
                created_at=quarter.now - timedelta(hours=rng.uniform(1, DAYS * 24)),
            )
        )
