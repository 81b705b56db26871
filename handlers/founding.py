"""Prepares an empty service: regions, statutory committees, sector committees, demo mediators."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from config.rulebook import Rulebook
from handlers.service import Service
from mediation.founding import Founding, statutory_committees
from mediation.regions import Region
from storage import people, registry
from storage.database import Database
from storage.tables import CommitteeRow


class UnknownCommitteeError(Exception):
    """No committee, or several, go by these words; `found` are the names that fit."""

    def __init__(self, words: str, found: tuple[str, ...]) -> None:
        super().__init__(words)
        self.words = words
        self.found = found


async def prepare(database: Database, rulebook: Rulebook) -> list[Region]:
    """Bring the schema up to date, fill an empty registry from the rule files, return the regions."""
    async with database.alone(), database.unit_of_work() as session:
        await database.migrate()
        regions = await registry.list_regions(session)
        if not regions:
            await registry.save_regions(session, rulebook.regions)
            regions = await registry.list_regions(session)
            await found_committees(session, rulebook, regions)
            await session.commit()
    return regions


async def found_committees(session: AsyncSession, rulebook: Rulebook, regions: Iterable[Region]) -> int:
    """Found every committee that is missing; those that exist stay as officials changed them.

    Returns how many are new.
    """
    known = await registry.list_committee_codes(session)
    founded = [
        one
        for one in (*statutory_committees(regions, rulebook.naming), *rulebook.sector_committees)
        if one.code not in known
    ]
    session.add_all([_row(one) for one in founded])
    await session.flush()
    return len(founded)


def _row(founding: Founding) -> CommitteeRow:
    return CommitteeRow(
        code=founding.code,
        name=founding.name,
        kind=founding.kind.value,
        region=founding.region,
        sectors=sorted(founding.sectors),
        note=founding.note,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoMediator:
    """A mediator for demonstrations, bound to a simulated account."""

    channel: str
    address: str
    name: str
    committee: str
    specialities: tuple[str, ...] = ()


async def add_demo_mediators(service: Service, mediators: Iterable[DemoMediator], *, now: datetime) -> None:
    """Bind demo mediators to their simulated accounts, once."""
    window = service.rules.delivery.windows["message"]
    async with service.database.unit_of_work() as session:
        for one in mediators:
            account, person = await people.lock_account(
                session, channel=one.channel, address=one.address, now=now
            )
            if await registry.find_mediator_of_person(session, person.id):
                continue
            committee = await registry.find_committee_by_code(session, one.committee)
            if committee is None:
                raise UnknownCommitteeError(one.committee, ())
            row = await registry.add_mediator(
                session, committee_id=committee.id, name=one.name, specialities=one.specialities
            )
            row.person_id = person.id
            person.name = one.name
            people.open_window(account, now=now, messages=window.messages, span=window.span)
        await session.commit()


async def invite_mediator(
    service: Service, *, committee: str, name: str, now: datetime, role: str = registry.MEDIATOR
) -> tuple[str, str]:
    """Add a mediator or helper; return (one-time code, committee's name); raises UnknownCommitteeError."""
    async with service.database.unit_of_work() as session:
        found = await registry.list_committees_named(session, committee)
        if len(found) != 1:
            raise UnknownCommitteeError(committee, tuple(one.name for one in found[:10]))
        known = [
            one
            for one in await registry.list_staff(session, found[0].id)
            if one.name == name and one.role == role and one.person_id is None
        ]
        row = (
            known[0]
            if known
            else await registry.add_mediator(session, committee_id=found[0].id, name=name, role=role)
        )
        code = f"{secrets.randbelow(10**8):08d}"
        rules = service.rules.rulebook
        await registry.add_binding_code(
            session,
            mediator_id=row.id,
            code=code,
            expires_at=rules.calendar.after(now, rules.deadlines.binding_code.valid),
        )
        await session.commit()
    return code, found[0].name
