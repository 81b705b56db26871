"""Made-up people of a demo quarter: mediators of real committees, helpers, residents."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random

from config.demo_quarter import QuarterWords
from mediation.vocabulary import CommitteeKind, HelperRole
from storage import people
from storage.tables import (
    AccountRow,
    Base,
    CommitteeRow,
    DeliveryAttemptRow,
    MediatorRow,
    OutboxRow,
    PersonRow,
)

CHANNEL = "wechat"
VILLAGES_STAFFED = 0.72
STAFF = {
    CommitteeKind.VILLAGE: (2, 4, 1),
    CommitteeKind.TOWNSHIP: (3, 5, 2),
    CommitteeKind.COUNTY: (5, 7, 5),
    CommitteeKind.CITY: (5, 6, 5),
    CommitteeKind.SECTOR: (3, 4, 3),
    CommitteeKind.ENTERPRISE: (3, 3, 1),
}
"""Least and most members, and how many of them are full-time."""
EXPERTS = 20
IN_WINDOW = 0.7
"""The share of notices that find the window of the person open."""


@dataclass(slots=True, kw_only=True)
class Town:
    """Makes people and keeps every row that was made."""

    words: QuarterWords
    rng: Random
    began: datetime
    staffed: float = VILLAGES_STAFFED
    """The share of village committees that have members."""
    rows: list[Base] = field(default_factory=list)
    serving: dict[int, list[int]] = field(default_factory=dict)
    """Mediators with an account, by committee."""
    names: dict[int, str] = field(default_factory=dict)
    """Names of mediators by id."""
    notices: list[tuple[OutboxRow, DeliveryAttemptRow]] = field(default_factory=list)
    accounts: dict[int, AccountRow] = field(default_factory=dict)
    """Accounts by person."""
    _ids: dict[type[Base], Iterator[int]] = field(default_factory=dict)

    def next_id(self, model: type[Base]) -> int:
        """Return the next id of a table."""
        return next(self._ids.setdefault(model, count(1)))

    def name(self) -> str:
        """Return a made-up name."""
        return self.rng.choice(self.words.surnames) + self.rng.choice(self.words.given)

    def phone(self) -> str:
        """Return a number that no operator gives out (the 100 block of 199)."""
        return f"199000{self.rng.randrange(10**5):05d}"

    def person(self, *, at: datetime, in_chat: bool, name: str = "") -> PersonRow:
        """Make a person, with an account when in chat."""
        row = PersonRow(
            id=self.next_id(PersonRow), name=name or self.name(), short_sentences=False, created_at=at
        )
        people.set_phone(row, self.phone())
        self.rows.append(row)
        if in_chat:
            account = AccountRow(
                id=self.next_id(AccountRow),
                person_id=row.id,
                channel=CHANNEL,
                address=f"demo-quarter-{row.id}",
                reachable=self.rng.random() > 0.02,
                window_remaining=0,
                last_inbound_at=at,
                code_failures=0,
            )
            self.accounts[row.id] = account
            self.rows.append(account)
        return row

    def tell(self, person_id: int, text: str, *, at: datetime, case_id: int) -> bool:
        """Write down a notice and what became of it; False when it did not get through."""
        account = self.accounts.get(person_id)
        if account is None:
            return False
        rung = "service" if self.rng.random() < IN_WINDOW else "template"
        row = OutboxRow(
            account_id=account.id,
            case_id=case_id,
            text=text,
            state="sent" if account.reachable else "called",
            attempts=1,
            next_attempt_at=at,
            created_at=at,
            sent_at=at + timedelta(seconds=self.rng.uniform(0.5, 4)) if account.reachable else None,
            rung=rung if account.reachable else "call_task",
        )
        attempt = DeliveryAttemptRow(
            at=at + timedelta(seconds=1),
            rung=rung,
            outcome="sent" if account.reachable else "unreachable",
            code="" if account.reachable else "43004",
        )
        self.notices.append((row, attempt))
        return account.reachable

    def number_notices(self) -> None:
        """Number the notices in the order of their times, as the outbox does."""
        for number, (row, attempt) in enumerate(sorted(self.notices, key=lambda one: one[0].created_at), 1):
            row.id = attempt.id = attempt.outbox_id = number
            row.dedupe_key = f"demo:{number}:0"
            self.rows += [row, attempt]

    def staff(self, committees: Sequence[CommitteeRow]) -> None:
        """Give committees their members; some villages have none yet."""
        for committee in committees:
            kind = CommitteeKind(committee.kind)
            if kind is CommitteeKind.VILLAGE and self.rng.random() > self.staffed:
                continue
            least, most, full_time = STAFF[kind]
            for number in range(self.rng.randint(least, most)):
                bound = number == 0 or (kind is not CommitteeKind.VILLAGE and self.rng.random() < 0.8)
                self._member(
                    committee,
                    bound=bound,
                    full_time=number < full_time and self.rng.random() < 0.85,
                    specialities=list(committee.sectors) if kind is CommitteeKind.SECTOR else [],
                )
            if kind is CommitteeKind.TOWNSHIP:
                for role in (HelperRole.LEGAL_ADVISER, HelperRole.POLICE, HelperRole.JUDICIAL_OFFICE):
                    self._member(committee, bound=True, role=role.value)
            if kind is CommitteeKind.CITY:
                for _ in range(EXPERTS):
                    self._member(committee, bound=self.rng.random() < 0.7, role=HelperRole.EXPERT.value)

    def _member(
        self,
        committee: CommitteeRow,
        *,
        bound: bool,
        full_time: bool = False,
        role: str = "mediator",
        specialities: Sequence[str] = (),
    ) -> None:
        row = MediatorRow(
            id=self.next_id(MediatorRow),
            committee_id=committee.id,
            role=role,
            name=self.name(),
            specialities=list(specialities),
            sex=self.rng.choices(("male", "female"), (68, 32))[0],
            full_time=full_time,
            on_duty=self.rng.random() < 0.95,
        )
        if bound:
            row.person_id = self.person(at=self.began, in_chat=True, name=row.name).id
            if role == "mediator" and row.on_duty:
                self.serving.setdefault(committee.id, []).append(row.id)
                self.names[row.id] = row.name
        self.rows.append(row)

    def write_filing(self, committees: Sequence[CommitteeRow], *, now: datetime) -> None:
        """Write filing and election down for most committees."""
        for number, committee in enumerate(committees, start=1):
            if self.rng.random() < 0.88:
                elected = now.date() - timedelta(days=self.rng.randint(60, 1250))
                committee.elected_on = elected
                committee.filed_on = elected + timedelta(days=self.rng.randint(5, 28))
                committee.filing_number = f"LH-{elected.year}-{number:04d}"
