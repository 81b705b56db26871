"""Made-up people of a demo quarter: mediators of real committees, helpers, residents."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random

from config.demo_quarter import QuarterWords
from mediation.vocabulary import CommitteeKind, HelperRole
from storage import people
from storage.tables import AccountRow, Base, CommitteeRow, MediatorRow, PersonRow

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
            self.rows.append(account)
        return row

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
