"""What the documents of one case need to know, independent of where it is kept.

Concessions and what was said in the threads have no field here, so no document can show them. Whatever is
not known stays "" or None and becomes a blank to fill in by hand.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from mediation.agreement import AgreementForm
from mediation.lifecycle import CaseStatus
from mediation.vocabulary import CaseSource


class RecordKind(StrEnum):
    """What a record was taken of."""

    INVESTIGATION = "investigation"
    SESSION = "session"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyFile:
    """One side (当事人). A company or body (`is_unit`) names its `representative` (法定代表人).

    `agent` is who acts for the side (委托代理人).
    """

    name: str = ""
    sex: str = ""
    ethnic_group: str = ""
    age: int | None = None
    occupation: str = ""
    phone: str = ""
    address: str = ""
    id_number: str = ""
    is_unit: bool = False
    representative: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """Somebody declared something: who, when (aware) and in what way (本人手机确认码, 电话回访 ...)."""

    who: str = ""
    at: datetime | None = None
    how: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFile:
    """An investigation record (调查记录) or a session record (调解记录).

    `present` are the parties there, `participants` everybody else, `asked` who was questioned in an
    investigation, `about` the matter (事由), `text` what was found or said in the open, `result` how a
    session ended.
    """

    kind: RecordKind = RecordKind.SESSION
    at: datetime | None = None
    place: str = ""
    present: str = ""
    participants: str = ""
    asked: str = ""
    about: str = ""
    text: str = ""
    result: str = ""
    recorder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationLine:
    """One line of the agreement's table: who owes whom what, and until when, all in words."""

    debtor: str = ""
    creditor: str = ""
    what: str = ""
    due: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementFile:
    """The agreement (调解协议), contents by 人民调解法 29.

    `number` is "" when the agreement bears the case's own number. `responsibility` are the parts of each
    side as far as they were fixed. `confirmations` are those of the sides and of the mediator, in order.
    """

    form: AgreementForm = AgreementForm.WRITTEN
    number: str = ""
    facts: str = ""
    disputed: str = ""
    responsibility: str = ""
    text: str = ""
    obligations: tuple[ObligationLine, ...] = ()
    manner: str = ""
    amount: str = ""
    confirmations: tuple[Declaration, ...] = ()
    place: str = ""
    agreed_on: date | None = None
    effective_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceLine:
    """One entry of the performance diary (履行情况)."""

    on: date | None = None
    what: str = ""
    confirmed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpFile:
    """One follow-up visit (回访)."""

    at: datetime | None = None
    place: str = ""
    way: str = ""
    visited: str = ""
    visitor: str = ""
    about: str = ""
    performance: str = ""
    satisfaction: str = ""
    lawsuit: str = ""
    flare_up: str = ""
    measures: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndFile:
    """How the case ended without an agreement, or was not taken: the reason and the lawful ways left."""

    on: date | None = None
    reason: str = ""
    ways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtFile:
    """Judicial confirmation (司法确认), 人民调解法 33. `apply_until` is the last day to apply."""

    court: str = ""
    apply_until: date | None = None
    applied_on: date | None = None
    result: str = ""
    ruling_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """Everything that the documents of one case show.

    `place` is where it happened, `type_name` the dispute type in words, `referred_by` the body that sent it.
    `rights_told` says when and how each side was told its rights and duties, `consents` when and how each
    side agreed to mediation. `remarks` goes into 卷宗情况说明. `attachments` are the names of the evidence
    in the volume. `earlier` are the agreements (前次协议) that took effect before the dispute flared
    up again, in their order; `performance` tells of them too.
    """

    case_no: str = ""
    year: int | None = None
    serial: int | None = None
    status: CaseStatus = CaseStatus.FILED
    committee: str = ""
    mediator: str = ""
    registrar: str = ""
    place: str = ""
    type_name: str = ""
    source: CaseSource | None = None
    referred_by: str = ""
    people: int | None = None
    amount: str = ""
    filed_on: date | None = None
    accepted_on: date | None = None
    closed_on: date | None = None
    applicant: PartyFile = PartyFile()
    respondent: PartyFile = PartyFile()
    story: str = ""
    wishes: str = ""
    rights_told: tuple[Declaration, ...] = ()
    consents: tuple[Declaration, ...] = ()
    records: tuple[RecordFile, ...] = ()
    agreement: AgreementFile | None = None
    earlier: tuple[AgreementFile, ...] = ()
    performance: tuple[PerformanceLine, ...] = ()
    follow_ups: tuple[FollowUpFile, ...] = ()
    end: EndFile | None = None
    court: CourtFile | None = None
    remarks: str = ""
    attachments: tuple[str, ...] = ()

    def records_of(self, kind: RecordKind) -> tuple[RecordFile, ...]:
        """Return the records of one kind in their order."""
        return tuple(record for record in self.records if record.kind is kind)
