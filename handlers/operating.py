"""What operators do with a case from the console, and what everybody would be told if they did."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from handlers import assigning
from handlers.casework import facts_of, move
from handlers.mediating import ending, following_up, helping, terms
from handlers.mediating.parties import FOR_ALL, FOR_STAFF, tell_known, tell_mediator_of, tell_side
from handlers.mediating.recording import RecordKind, keep_record
from handlers.mediating.work import Work
from handlers.steps import Utterance
from mediation.agreement import Side
from mediation.lifecycle import (
    ENDED,
    WITH_MEDIATOR,
    CaseAction,
    CaseStatus,
    EndReason,
    IllegalTransition,
    NotNow,
)
from mediation.routing import route
from mediation.vocabulary import DisputeType
from storage import cases, console_case, deadlines, registry
from storage.tables import CaseRow, TimelineRow

WAITING = frozenset({CaseStatus.FILED, CaseStatus.OFFERED, CaseStatus.UNASSIGNED})
TRANSFERABLE = frozenset({CaseStatus.INVITING, CaseStatus.MEDIATING, CaseStatus.PAUSED})
SHORTEST_REASON = 2


class Order(StrEnum):
    """What an operator may order for a case."""

    NOTE = "note"
    REROUTE = "reroute"
    CHANGE_TYPE = "change_type"
    MERGE = "merge"
    ESCALATE = "escalate"
    EXTEND = "extend"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"
    REJECT = "reject"
    REOPEN = "reopen"


END_REASONS = (
    EndReason.SELF_SETTLED,
    EndReason.WITHDRAWN,
    EndReason.REFUSED,
    EndReason.UNREACHABLE,
    EndReason.STOPPED,
    EndReason.TOO_FAR_APART,
    EndReason.TIMED_OUT,
    EndReason.OTHER,
)
"""The ends that an operator may choose."""


class RefusedOrderError(Exception):
    """An order that cannot be carried out; the argument is a stable code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ChangedMeanwhileError(Exception):
    """Somebody else did something with the case since the page was made; `entry` is what was done last."""

    def __init__(self, entry: TimelineRow) -> None:
        super().__init__(entry.seq)
        self.entry = entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One order with its facts. `version` is the number of the last timeline entry the operator saw.

    `committee_id` belongs to REROUTE, `dispute_type` and `subtype` to CHANGE_TYPE, `into` (a case number)
    to MERGE, `end_reason` to END. `area` is the operator's own: nothing is sent outside it but upwards.
    """

    order: Order
    version: int
    reason: str
    area: str = ""
    committee_id: int | None = None
    dispute_type: DisputeType | None = None
    subtype: str | None = None
    into: str = ""
    end_reason: EndReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One message that goes out: to whom (name, "" when unknown), how (chat or call), in which words."""

    name: str
    how: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an order leads to."""

    case: CaseRow
    told: tuple[Told, ...] = field(default=())


async def carry_out(work: Work, case_id: int, instruction: Instruction) -> Outcome:
    """Carry out an order in the caller's transaction and return what everybody is told.

    Rolled back, it is the rehearsal that an operator sees before: the same words to the same people.
    Raises RefusedOrderError, ChangedMeanwhileError, NotNow.
    """
    case = await cases.get_case(work.session, case_id)
    last = await console_case.last_entry(work.session, case_id)
    if last is not None and last.seq != instruction.version:
        raise ChangedMeanwhileError(last)
    if len(instruction.reason) < SHORTEST_REASON:
        raise RefusedOrderError("no_reason")
    before = await console_case.message_marks(work.session)
    await STEPS[instruction.order](work, case, instruction)
    await work.session.flush()
    told = await console_case.list_messages_since(work.session, case_id, before)
    return Outcome(case=case, told=tuple(Told(name=one.name, how=one.how, text=one.text) for one in told))


def orders_for(case: CaseRow) -> tuple[Order, ...]:
    """Return the orders that make sense in a case's status, in the order of the page."""
    status = CaseStatus(case.status)
    possible: Mapping[Order, bool] = {
        Order.NOTE: True,
        Order.REROUTE: status in WAITING | TRANSFERABLE,
        Order.CHANGE_TYPE: status not in ENDED | {CaseStatus.CONFIRMING, CaseStatus.PERFORMING},
        Order.MERGE: status not in ENDED | {CaseStatus.PERFORMING},
        Order.ESCALATE: status in WAITING | TRANSFERABLE,
        Order.EXTEND: status in {CaseStatus.MEDIATING, CaseStatus.CONFIRMING},
        Order.PAUSE: status is CaseStatus.MEDIATING,
        Order.RESUME: status is CaseStatus.PAUSED,
        Order.END: status not in ENDED | {CaseStatus.PERFORMING},
        Order.REJECT: status in {CaseStatus.UNASSIGNED, CaseStatus.INVITING, CaseStatus.MEDIATING},
        Order.REOPEN: status in {CaseStatus.PERFORMING, CaseStatus.CLOSED, CaseStatus.TERMINATED},
    }
    return tuple(order for order, is_possible in possible.items() if is_possible)


async def _note(work: Work, case: CaseRow, instruction: Instruction) -> None:
    await keep_record(work, case, RecordKind.NOTE, text=instruction.reason)


async def _reroute(work: Work, case: CaseRow, instruction: Instruction) -> None:
    if instruction.committee_id is None:
        raise RefusedOrderError("no_committee")
    await _hand_over(work, case, instruction.committee_id, instruction)


async def _hand_over(work: Work, case: CaseRow, committee_id: int, instruction: Instruction) -> None:
    """Give the case to a named committee: offered there, or kept for a call where nobody can be reached."""
    status = CaseStatus(case.status)
    committee = await console_case.find_committee(work.session, committee_id)
    if committee is None or not _within_reach(instruction.area, committee.region):
        raise RefusedOrderError("unknown_committee")
    if committee.id == case.committee_id and status is not CaseStatus.UNASSIGNED:
        raise RefusedOrderError("same_committee")
    if status in TRANSFERABLE:
        move(case, CaseAction.TRANSFER)
        await ending.stand_still(work, case)
        await tell_mediator_of(
            work,
            case,
            Utterance("mediator.another", {"case_no": case.case_no}),
            key=f"rerouted:{case.id}:{work.stamp}",
        )
        case.mediator_id = None
    elif status in WAITING:
        await _take_offer_back(work, case, "mediator.another")
    else:
        raise NotNow(status)
    case.committee_id = committee.id
    await work.session.flush()
    await work.record(case, "handed_up", audience=FOR_ALL, committee=committee.name)
    await work.record(case, "transferred", audience=FOR_STAFF, reason=instruction.reason)
    if CaseStatus(case.status) is CaseStatus.UNASSIGNED and not await _somebody_there(work, case):
        return  # stays with the operators, now under the right committee
    why = work.text("console.why_rerouted")
    await assigning.offer_next(work.session, work.service, case, now=work.now, why=why)


def _within_reach(area: str, region: str) -> bool:
    """Whether an operator may send a case there: within the own area, or to a body above it."""
    return region.startswith(area) or area.startswith(region)


async def _somebody_there(work: Work, case: CaseRow) -> bool:
    asked = await cases.list_offered_mediators(work.session, case.id)
    return any(
        one.on_duty and one.reachable and one.mediator_id not in asked
        for one in await registry.list_candidates(work.session, case.committee_id)
    )


async def _take_offer_back(work: Work, case: CaseRow, phrase: str) -> None:
    """Whoever was asked and has not answered need not answer any more."""
    offer = await cases.find_open_offer(work.session, case.id)
    if offer is None:
        return
    offer.state, offer.answered_at = "withdrawn", work.now
    await deadlines.cancel_deadlines(work.session, kinds=assigning.OFFER_DEADLINES, subject_id=offer.id)
    await assigning.tell_mediator(
        work.session,
        work.service,
        await registry.get_mediator(work.session, offer.mediator_id),
        (Utterance(phrase, {"case_no": case.case_no}),),
        key=f"taken_back:{offer.id}",
        now=work.now,
        case=case,
        what="operator.brief_case",
    )
    await work.session.flush()


async def _change_type(work: Work, case: CaseRow, instruction: Instruction) -> None:
    """The type was understood wrongly: corrected, told to the applicant, and routed anew."""
    wanted = instruction.dispute_type
    if wanted is None or (wanted == case.dispute_type and instruction.subtype == case.subtype):
        raise RefusedOrderError("same_type")
    if CaseStatus(case.status) not in WAITING | TRANSFERABLE:
        raise NotNow(CaseStatus(case.status))
    before = work.rules.type_name(case.dispute_type, case.subtype)
    case.dispute_type, case.subtype = wanted.value, instruction.subtype
    after = work.rules.type_name(case.dispute_type, case.subtype)
    text = work.text("console.noted_type", before=before, after=after, reason=instruction.reason)
    await work.record(
        case, "note", audience=FOR_STAFF, text=text, step="type_changed", before=before, after=after
    )
    facts = {"case_no": case.case_no, "before": before, "after": after}
    await tell_side(
        work,
        case,
        Side.APPLICANT,
        Utterance("console.told_type", facts),
        key=f"type:{case.id}:{work.stamp}",
    )
    committees = await assigning.committees_for(work.session, work.service, case.place)
    routing = route(facts_of(case), committees, work.rules.rulebook.routing)
    if routing is not None and routing.committee.id != case.committee_id:
        await _hand_over(work, case, routing.committee.id, _upwards(instruction))
        return
    await tell_mediator_of(
        work, case, Utterance("console.told_type_mediator", facts), key=f"type:{case.id}:{work.stamp}"
    )


def _upwards(instruction: Instruction) -> Instruction:
    """By rule a case may go anywhere, also out of the operator's area."""
    return Instruction(order=instruction.order, version=instruction.version, reason=instruction.reason)


async def _merge(work: Work, case: CaseRow, instruction: Instruction) -> None:
    """The same dispute was told twice: this case ends, the other one goes on and knows of it."""
    found = await console_case.find_case_by_number(work.session, instruction.into)
    if found is None or not found.place.startswith(instruction.area):
        raise RefusedOrderError("unknown_case")
    if found.case_id == case.id:
        raise RefusedOrderError("same_case")
    other = await cases.get_case(work.session, found.case_id)
    if CaseStatus(other.status) in ENDED:
        raise RefusedOrderError("other_ended")
    status = CaseStatus(case.status)
    if status not in WAITING | WITH_MEDIATOR - {CaseStatus.PERFORMING}:
        raise NotNow(status)
    await _take_offer_back(work, case, "mediator.another")
    facts = {"case_no": case.case_no, "other": other.case_no}
    key = f"merged:{case.id}"
    move(case, CaseAction.WITHDRAW)
    await ending.put_down(work, case, EndReason.OTHER)
    await work.record(case, "ended", audience=FOR_ALL, reason=EndReason.OTHER.value, was=status.value)
    text = work.text("console.noted_merged", **facts, reason=instruction.reason)
    await work.record(case, "note", audience=FOR_STAFF, text=text, step="merged", into=other.case_no)
    await tell_known(work, case, Utterance("console.told_merged", facts), key=key)
    await tell_mediator_of(work, case, Utterance("mediator.another", facts), key=key)
    taken = work.text("console.noted_taken_in", **facts, text=case.summary)
    await work.record(other, "note", audience=FOR_STAFF, text=taken, step="taken_in", merged=case.case_no)
    await tell_mediator_of(work, other, Utterance("console.told_taken_in", facts), key=f"taken_in:{case.id}")


async def _escalate(work: Work, case: CaseRow, instruction: Instruction) -> None:
    above = await assigning.find_above(work.session, work.service, case)
    if above is None:
        raise RefusedOrderError("nobody_above")
    if CaseStatus(case.status) in TRANSFERABLE:
        await helping.hand_up(work, case, reason=instruction.reason)
        return
    await _hand_over(work, case, above.committee.id, _upwards(instruction))


async def _extend(work: Work, case: CaseRow, instruction: Instruction) -> None:
    if CaseStatus(case.status) not in {CaseStatus.MEDIATING, CaseStatus.CONFIRMING}:
        raise NotNow(CaseStatus(case.status))
    if not await terms.propose_extension(work, case):
        raise RefusedOrderError("extended_enough")
    await _note(work, case, instruction)


async def _pause(work: Work, case: CaseRow, instruction: Instruction) -> None:
    await terms.pause(work, case, words=instruction.reason)


async def _resume(work: Work, case: CaseRow, instruction: Instruction) -> None:
    await terms.resume(work, case)
    await _note(work, case, instruction)


async def _end(work: Work, case: CaseRow, instruction: Instruction) -> None:
    if instruction.end_reason not in END_REASONS:
        raise RefusedOrderError("no_end_reason")
    await _take_offer_back(work, case, "mediator.another")
    try:
        await ending.end(work, case, instruction.end_reason, words=instruction.reason)
    except IllegalTransition as error:
        if error.status in WAITING:
            raise RefusedOrderError("not_begun") from error
        raise


async def _reject(work: Work, case: CaseRow, instruction: Instruction) -> None:
    await ending.end(work, case, EndReason.NOT_MEDIABLE, words=instruction.reason)


async def _reopen(work: Work, case: CaseRow, instruction: Instruction) -> None:
    await ending.reopen(work, case)
    await _note(work, case, instruction)
    facts = work.case_facts(case)
    key = f"reopened:{case.id}:{case.reopened}"
    await tell_known(work, case, Utterance("console.told_reopened", facts), key=key)
    said = Utterance("console.told_reopened_mediator", facts)
    await following_up.begin_again(work, case, said, key=key, reason=instruction.reason)


STEPS: Mapping[Order, Callable[[Work, CaseRow, Instruction], Coroutine[Any, Any, None]]] = {
    Order.NOTE: _note,
    Order.REROUTE: _reroute,
    Order.CHANGE_TYPE: _change_type,
    Order.MERGE: _merge,
    Order.ESCALATE: _escalate,
    Order.EXTEND: _extend,
    Order.PAUSE: _pause,
    Order.RESUME: _resume,
    Order.END: _end,
    Order.REJECT: _reject,
    Order.REOPEN: _reopen,
}
