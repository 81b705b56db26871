"""The registry's import and export: a dry run that names every mistake, then all rows or none."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from config.region_files import STATUTORY
from handlers.registry_tables import MOST_ROWS
from handlers.ruleset import RuleSet
from mediation.regions import is_within
from mediation.staffing import Gap, Standing, find_gaps
from mediation.vocabulary import CommitteeKind, DisputeType, HelperRole
from storage import registry, registry_pages
from storage.registry import MEDIATOR
from storage.registry_pages import Listed
from storage.tables import CommitteeRow, MediatorRow

AT_ONCE = 250
LONGEST = {"name": 80, "filing_number": 40, "note": 80, "code": 40}
CODE = re.compile(r"\d+(-[a-z_]+)?")
BETWEEN = re.compile(r"[\s,，、;；/]+")
DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:\s.*)?")
DAYS_OF_YEAR = 365.25
ROLES = (MEDIATOR, *(role.value for role in HelperRole))


class SheetKind(StrEnum):
    """What a table lists."""

    COMMITTEES = "committees"
    PEOPLE = "people"


COLUMNS: Mapping[SheetKind, tuple[str, ...]] = {
    SheetKind.COMMITTEES: (
        "code",
        "name",
        "kind",
        "region",
        "sectors",
        "filing_number",
        "filed_on",
        "elected_on",
        "note",
    ),
    SheetKind.PEOPLE: ("committee", "person", "role", "sex", "full_time", "specialities", "on_duty"),
}
NEEDED = {SheetKind.COMMITTEES: {"code", "name", "kind", "region"}, SheetKind.PEOPLE: {"committee", "person"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One mistake: row as in the file (the header is row 1), column, what stood there, a stable code."""

    row: int
    column: str
    value: str
    code: str


@dataclass(slots=True, kw_only=True)
class Plan:
    """What an import would do. `rows` are read values, only used when there is no mistake."""

    kind: SheetKind
    rows: list[dict[str, object]] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    new: int = 0
    changed: int = 0
    same: int = 0


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Reads the cells of one row and notes what is wrong."""

    rules: RuleSet
    plan: Plan
    number: int
    cells: Mapping[str, str]

    def mistake(self, column: str, code: str) -> None:
        self.plan.mistakes.append(
            Mistake(row=self.number, column=column, value=self.cells.get(column, ""), code=code)
        )

    def text(self, column: str) -> str:
        value = self.cells.get(column, "")
        if not value and column in NEEDED[self.plan.kind]:
            self.mistake(column, "empty")
        if len(value) > LONGEST.get(column, 80):
            self.mistake(column, "too_long")
        return value

    def one_of(self, column: str, names: Mapping[str, str], code: str, *, default: str = "") -> str:
        """Return the code of a value given by code or by name."""
        value = self.text(column)
        if not value:
            return default
        if value in names:
            return names[value]
        self.mistake(column, code)
        return default

    def types(self, column: str) -> list[str]:
        names = {self.rules.type_name(one): one.value for one in DisputeType}
        names |= {one.value: one.value for one in DisputeType}
        found = []
        for word in filter(None, BETWEEN.split(self.cells.get(column, ""))):
            if word in names:
                found.append(names[word])
            else:
                self.mistake(column, "unknown_type")
        return sorted(set(found))

    def day(self, column: str, *, today: date) -> date | None:
        value = self.cells.get(column, "")
        if not value:
            return None
        read = DATE.fullmatch(value)
        try:
            day = date(int(read[1]), int(read[2]), int(read[3])) if read else None
        except ValueError:
            day = None
        if day is None:
            self.mistake(column, "bad_date")
        elif day > today:
            self.mistake(column, "future_date")
        return day

    def yes(self, column: str, *, default: bool) -> bool:
        value = self.cells.get(column, "")
        text = self.rules.phrases.text
        words = {text("console_registry.said_yes"): True, text("console_registry.said_no"): False}
        if not value:
            return default
        if value not in words:
            self.mistake(column, "bad_yes")
        return words.get(value, default)


def header_of(kind: SheetKind, *, rules: RuleSet) -> tuple[str, ...]:
    """Return the column names as officials read them."""
    return tuple(rules.phrases.text(f"console_registry.column_{column}") for column in COLUMNS[kind])


async def plan_import(
    session: AsyncSession,
    kind: SheetKind,
    table: Sequence[Sequence[str]],
    *,
    rules: RuleSet,
    area: str,
    today: date,
) -> Plan:
    """Read a table and say what it would change; nothing is changed. Every mistake is named."""
    plan = Plan(kind=kind)
    columns = _read_header(plan, table[0] if table else [], rules=rules)
    if plan.mistakes:
        return plan
    if len(table) - 1 > MOST_ROWS:
        plan.mistakes.append(Mistake(row=MOST_ROWS + 2, column="whole_row", value="", code="too_many_rows"))
        return plan
    readers = [
        _Reader(rules=rules, plan=plan, number=number, cells=dict(zip(columns, row, strict=False)))
        for number, row in enumerate(table[1:], start=2)
        if any(row)
    ]
    if not readers:
        plan.mistakes.append(Mistake(row=2, column="whole_row", value="", code="no_rows"))
    elif kind is SheetKind.COMMITTEES:
        await _plan_committees(session, readers, plan, area=area, today=today)
    else:
        await _plan_people(session, readers, plan, area=area)
    return plan


def _read_header(plan: Plan, cells: Sequence[str], *, rules: RuleSet) -> list[str]:
    names = dict(zip(header_of(plan.kind, rules=rules), COLUMNS[plan.kind], strict=True))
    columns: list[str] = []

    def mistake(value: str, code: str) -> None:
        plan.mistakes.append(Mistake(row=1, column="header", value=value, code=code))

    for cell in cells:
        column = names.get(cell, "")
        if cell and not column:
            mistake(cell, "unknown_column")
        elif column and column in columns:
            mistake(cell, "column_twice")
        columns.append(column)
    known = {column: name for name, column in names.items()}
    for column in COLUMNS[plan.kind]:
        if column in NEEDED[plan.kind] and column not in columns:
            mistake(known[column], "missing_column")
    return columns


async def _plan_committees(
    session: AsyncSession, readers: Sequence[_Reader], plan: Plan, *, area: str, today: date
) -> None:
    regions = {one.code for one in await registry.list_regions(session)}
    kept = {row.code: row for row in await registry.list_all_committees(session)}
    seen: set[str] = set()
    for reader in readers:
        values = _read_committee(reader, regions=regions, area=area, today=today)
        code = str(values["code"])
        if code in seen:
            reader.mistake("code", "twice")
        seen.add(code)
        row = kept.get(code)
        if row is not None and area and not is_within(row.region, area):
            reader.mistake("code", "outside")
        _count(plan, row, values)
        plan.rows.append(values)


def _read_committee(reader: _Reader, *, regions: set[str], area: str, today: date) -> dict[str, object]:
    text = reader.rules.phrases.text
    kinds = {text(f"words.kind_of_{kind}"): kind.value for kind in CommitteeKind}
    kinds |= {kind.value: kind.value for kind in CommitteeKind}
    kind = reader.one_of("kind", kinds, "unknown_kind")
    code, region = reader.text("code"), reader.text("region")
    if region and region not in regions:
        reader.mistake("region", "unknown_region")
    elif region and area and not is_within(region, area):
        reader.mistake("region", "outside")
    if code and kind and region:
        fits = code == region if kind in STATUTORY else code.startswith(f"{region}-")
        if not fits or not CODE.fullmatch(code):
            reader.mistake("code", "bad_code")
    sectors = reader.types("sectors")
    if kind and (kind == CommitteeKind.SECTOR) is not bool(sectors) and kind != CommitteeKind.ENTERPRISE:
        reader.mistake("sectors", "sectors_needed")
    return {
        "code": code,
        "name": reader.text("name"),
        "kind": kind,
        "region": region,
        "sectors": sectors,
        "filing_number": reader.text("filing_number"),
        "filed_on": reader.day("filed_on", today=today),
        "elected_on": reader.day("elected_on", today=today),
        "note": reader.text("note"),
    }


async def _plan_people(session: AsyncSession, readers: Sequence[_Reader], plan: Plan, *, area: str) -> None:
    committees = await registry.list_all_committees(session)
    by_code = {row.code: row for row in committees}
    by_name: dict[str, list[CommitteeRow]] = {}
    for committee in committees:
        by_name.setdefault(committee.name, []).append(committee)
    kept = {
        (one.mediator.committee_id, one.mediator.name, one.mediator.role): one.mediator
        for one in await registry_pages.list_people(session, area=area)
    }
    seen: set[tuple[int, str, str]] = set()
    for reader in readers:
        committee_id = _read_committee_of(reader, by_code, by_name, area=area)
        values = {"committee_id": committee_id, **_read_person(reader)}
        if committee_id is None:
            continue
        key = (committee_id, str(values["name"]), str(values["role"]))
        if key in seen:
            reader.mistake("person", "twice")
        seen.add(key)
        _count(plan, kept.get(key), values)
        plan.rows.append(values)


def _read_committee_of(
    reader: _Reader,
    by_code: Mapping[str, CommitteeRow],
    by_name: Mapping[str, Sequence[CommitteeRow]],
    *,
    area: str,
) -> int | None:
    value = reader.text("committee")
    found = [by_code[value]] if value in by_code else list(by_name.get(value, ()))
    if not value:
        return None
    if len(found) != 1:
        reader.mistake("committee", "many_committees" if found else "unknown_committee")
        return None
    if area and not is_within(found[0].region, area):
        reader.mistake("committee", "outside")
        return None
    return found[0].id


def _read_person(reader: _Reader) -> dict[str, object]:
    text = reader.rules.phrases.text
    name = reader.text("person")
    if name and not is_name(name):
        reader.mistake("person", "bad_name")
    roles = {role_name(role, rules=reader.rules): role for role in ROLES} | {role: role for role in ROLES}
    sexes = {text(f"console_registry.sex_{sex}"): sex for sex in ("male", "female")}
    return {
        "name": name,
        "role": reader.one_of("role", roles, "unknown_role", default=MEDIATOR),
        "sex": reader.one_of("sex", sexes, "bad_sex"),
        "full_time": reader.yes("full_time", default=False),
        "specialities": reader.types("specialities"),
        "on_duty": reader.yes("on_duty", default=True),
    }


def is_name(name: str) -> bool:
    """Whether a text can be a person's name."""
    return 2 <= len(name) <= 20 and not re.search(r"[\d\x00-\x1f<>]", name)


def role_name(role: str, *, rules: RuleSet) -> str:
    """Return a role in words."""
    return rules.phrases.text(
        "console_registry.role_mediator" if role == MEDIATOR else f"words.role_{HelperRole(role)}"
    )


def _count(plan: Plan, row: CommitteeRow | MediatorRow | None, values: Mapping[str, object]) -> None:
    if row is None:
        plan.new += 1
    elif any(getattr(row, name) != value for name, value in values.items()):
        plan.changed += 1
    else:
        plan.same += 1


async def apply_import(session: AsyncSession, plan: Plan) -> AsyncIterator[int]:
    """Write a plan without mistakes into the caller's transaction; yields how many rows are written."""
    if plan.mistakes:
        raise ValueError("a plan with mistakes is never written")
    if plan.kind is SheetKind.COMMITTEES:
        kept_committees = {row.code: row for row in await registry.list_all_committees(session)}
        targets = [(kept_committees.get(str(values["code"])), values) for values in plan.rows]
        made: type[CommitteeRow] | type[MediatorRow] = CommitteeRow
    else:
        kept_people = {
            (one.mediator.committee_id, one.mediator.name, one.mediator.role): one.mediator
            for one in await registry_pages.list_people(session, area="")
        }
        targets = [
            (kept_people.get((values["committee_id"], values["name"], values["role"])), values)  # type: ignore[arg-type, misc]
            for values in plan.rows
        ]
        made = MediatorRow
    for done, (row, values) in enumerate(targets, start=1):
        if row is None:
            session.add(made(**values))
        else:
            for name, value in values.items():
                if getattr(row, name) != value:
                    setattr(row, name, value)
        if done % AT_ONCE == 0 or done == len(targets):
            await session.flush()
            yield done


async def list_rows(
    session: AsyncSession, kind: SheetKind, *, rules: RuleSet, area: str
) -> list[tuple[str, ...]]:
    """Return what an export holds, in the columns of an import."""
    text = rules.phrases.text
    mark = text("console_registry.list_mark")
    if kind is SheetKind.COMMITTEES:
        return [
            (
                row.code,
                row.name,
                text(f"words.kind_of_{row.kind}"),
                row.region,
                mark.join(rules.type_name(one) for one in row.sectors),
                row.filing_number,
                row.filed_on.isoformat() if row.filed_on else "",
                row.elected_on.isoformat() if row.elected_on else "",
                row.note,
            )
            for row in (one.committee for one in await registry_pages.list_committees(session, area=area))
        ]
    yes = {True: text("console_registry.said_yes"), False: text("console_registry.said_no")}
    return [
        (
            one.committee.code,
            one.mediator.name,
            role_name(one.mediator.role, rules=rules),
            text(f"console_registry.sex_{one.mediator.sex}") if one.mediator.sex else "",
            yes[one.mediator.full_time],
            mark.join(rules.type_name(code) for code in one.mediator.specialities),
            yes[one.mediator.on_duty],
        )
        for one in await registry_pages.list_people(session, area=area)
    ]


def gaps_of(listed: Listed, *, rules: RuleSet, today: date) -> tuple[Gap, ...]:
    """Return what a committee lacks."""
    row, staff = listed.committee, listed.staff
    years = (today - row.elected_on).days / DAYS_OF_YEAR if row.elected_on else None
    standing = Standing(
        kind=CommitteeKind(row.kind),
        members=staff.members,
        full_time=staff.full_time,
        women=staff.women,
        unknown_sex=staff.unknown_sex,
        reachable=staff.reachable,
        filed=bool(row.filing_number),
        years_since_election=years,
    )
    return tuple(find_gaps(standing, rules.staffing.full_time))


def count_gaps(found: Sequence[tuple[Gap, ...]]) -> Iterator[tuple[Gap, int]]:
    """Yield how many committees have each gap, in the order of gravity; gaps that nobody has are left out."""
    for gap in Gap:
        if count := sum(gap in gaps for gaps in found):
            yield gap, count
