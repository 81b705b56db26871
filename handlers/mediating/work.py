"""One piece of work on cases: the transaction, the rules in force, the time, and who does it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from config.rulebook import DeadlineRules
from handlers import casework
from handlers.ruleset import RuleSet
from handlers.service import Service
from handlers.speaking import spoken_time
from mediation.calendar import CHINA_TIME, Span, WorkingCalendar
from mediation.vocabulary import Audience
from storage import deadlines
from storage.tables import CaseRow

SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Everything a step needs. `actor` is `system`, `mediator:ID`, `person:ID` or `operator:ID`."""

    session: AsyncSession
    service: Service
    now: datetime
    actor: str = SYSTEM

    @property
    def rules(self) -> RuleSet:
        """The rules in force."""
        return self.service.rules

    @property
    def calendar(self) -> WorkingCalendar:
        """The working calendar."""
        return self.rules.rulebook.calendar

    @property
    def limits(self) -> DeadlineRules:
        """The deadlines of the rule file."""
        return self.rules.rulebook.deadlines

    @property
    def stamp(self) -> str:
        """A mark for keys of messages that may be said again, even in the same second."""
        return secrets.token_hex(6)

    @property
    def today(self) -> date:
        """The local day."""
        return self.now.astimezone(CHINA_TIME).date()

    def text(self, key: str, **facts: object) -> str:
        """Return a filled-in phrase."""
        return self.rules.phrases.fill(key, facts)

    def spoken(self, at: datetime) -> str:
        """Return a time as people say it."""
        return spoken_time(at, now=self.now, phrases=self.rules.phrases)

    def spoken_day(self, at: datetime) -> str:
        """Return the local day of a time as people say it."""
        day = at.astimezone(CHINA_TIME)
        return self.text("words.date", year=day.year, month=day.month, day=day.day)

    def after(self, span: Span, *, since: datetime | None = None) -> datetime:
        """Return the end of a span of the rule file."""
        return self.calendar.after(since or self.now, span)

    def due(self, kind: str, subject_id: int, *, at: datetime) -> None:
        """Note that something is due."""
        deadlines.add_deadline(self.session, kind=kind, subject_id=subject_id, due_at=at)

    async def cancel(self, *kinds: str, subject_id: int) -> None:
        """Nothing of these kinds is due any more."""
        await deadlines.cancel_deadlines(self.session, kinds=kinds, subject_id=subject_id)

    async def record(
        self, case: CaseRow, event: str, *, audience: frozenset[Audience], **content: Any
    ) -> None:
        """Add a step to the case's timeline."""
        await casework.record(
            self.session, case, event, at=self.now, actor=self.actor, audience=audience, **content
        )

    def case_facts(self, case: CaseRow) -> Mapping[str, object]:
        """Return number and type of a case for phrases."""
        return {"case_no": case.case_no, "type": self.rules.type_name(case.dispute_type)}
