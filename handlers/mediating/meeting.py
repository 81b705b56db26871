"""Sessions (调解会): set, told to both sides, reminded of, moved, cancelled, held; who was absent."""

from datetime import UTC, datetime, time, timedelta

from handlers.mediating import inquiring
from handlers.mediating.parties import (
    BOTH,
    FOR_STAFF,
    party_of,
    tell_mediator_of,
    tell_side,
)
from handlers.mediating.rooms import MustStayApartError, must_stay_apart
from handlers.mediating.work import Work
from handlers.steps import Utterance
from mediation.agreement import Side
from mediation.calendar import CHINA_TIME
from mediation.lifecycle import TALKING, CaseStatus, NotNow
from mediation.vocabulary import Audience
from nlp.moments import Moment
from storage import agreements, cases, outbox
from storage.tables import CaseRow, InquiryRow, MeetingRow

DEADLINES = ("meeting_reminder", "meeting_over")
LASTS = timedelta(hours=2)
SOON, OFF = "operator.brief_meeting", "operator.brief_meeting_off"
PART_STARTS = {"morning": time(8, 30), "noon": time(12), "afternoon": time(14, 30), "evening": time(19)}


class AlreadyPastError(Exception):
    """The time of a meeting is over already."""


def starts_at(moment: Moment) -> datetime:
    """Return when a meeting begins: at its clock, else when its part of the day begins (UTC)."""
    clock = moment.clock or (PART_STARTS[moment.part.value] if moment.part else PART_STARTS["morning"])
    return datetime.combine(moment.day, clock, tzinfo=CHINA_TIME).astimezone(UTC)


def spoken_at(work: Work, at: datetime, *, all_day: bool) -> str:
    """Return the time of a meeting as people say it; without a clock only the day."""
    return work.spoken_day(at) if all_day else work.spoken(at)


async def set_meeting(
    work: Work, case: CaseRow, *, at: datetime, all_day: bool, place: str, sides: tuple[Side, ...] = BOTH
) -> MeetingRow:
    """Set the meeting, tell the sides and ask whether they can come; an earlier one of theirs is replaced.

    A meeting with one side leaves that with the other side as it is. Raises NotNow, AlreadyPastError, and
    MustStayApartError where the sides must not meet.
    """
    if CaseStatus(case.status) not in TALKING | {CaseStatus.PERFORMING}:
        raise NotNow(CaseStatus(case.status))
    if at <= work.now:
        raise AlreadyPastError
    check_apart(case, sides)
    replaced = await _replace(work, case, sides)
    row = await agreements.add_meeting(
        work.session,
        case_id=case.id,
        at=at,
        all_day=all_day,
        place=place,
        sides=[side.value for side in sides],
    )
    when = spoken_at(work, at, all_day=all_day)
    await work.record(case, "meeting_set", audience=_audience(row), when=at.isoformat(), place=place)
    for side in sides:
        person_id = party_of(case, side).person_id
        if person_id is not None:
            await inquiring.ask(
                work,
                case,
                person_id=person_id,
                side=side,
                kind="meeting",
                subject_id=row.id,
                facts={
                    **work.case_facts(case),
                    "when": when,
                    "place": place,
                    "instead": replaced.get(side, ""),
                    "alone": work.text("words.meeting_alone") if len(sides) == 1 else "",
                },
                due_at=at,
            )
    for span in work.limits.meeting_reminders:
        remind_at = at - (work.after(span) - work.now)
        if remind_at > work.now:
            work.due("meeting_reminder", row.id, at=remind_at)
    work.due("meeting_over", row.id, at=at + LASTS)
    return row


def check_apart(case: CaseRow, sides: tuple[Side, ...]) -> None:
    """Raise MustStayApartError where a meeting would bring together who must not meet."""
    if len(sides) > 1 and must_stay_apart(case):
        raise MustStayApartError


async def _replace(work: Work, case: CaseRow, sides: tuple[Side, ...]) -> dict[Side, str]:
    """Call off what was set for the same sides; returns what the new invitation says of it to each."""
    said: dict[Side, str] = {}
    for before in await agreements.list_set_meetings(work.session, case.id):
        if not set(before.sides) & set(sides):
            continue
        await end_meeting(work, case, before, state="cancelled")
        when = spoken_at(work, before.at, all_day=before.all_day)
        for side in map(Side, before.sides):
            if side in sides:
                said[side] = work.text("words.meeting_instead", when=when)
            elif party_of(case, side).person_id is not None:
                off = Utterance("party.meeting_off", {**work.case_facts(case), "when": when})
                await tell_side(work, case, side, off, key=f"meeting_off:{before.id}", what=OFF, until=when)
    return said


async def end_meeting(work: Work, case: CaseRow, row: MeetingRow, *, state: str) -> None:
    """A meeting is cancelled or was held: nobody is reminded of it or asked about it any more."""
    row.state = state
    await work.cancel(*DEADLINES, subject_id=row.id)
    await inquiring.drop(work, case, kinds=("meeting",), subject_id=row.id)
    await outbox.forget(work.session, key=_reminder_key(row), now=work.now)
    await work.session.flush()


def _reminder_key(row: MeetingRow) -> str:
    return f"meeting_reminder:{row.id}"


async def cancel_meetings(work: Work, case: CaseRow) -> bool:
    """Call off what is set; False when nothing is."""
    rows = await agreements.list_set_meetings(work.session, case.id)
    for row in rows:
        await end_meeting(work, case, row, state="cancelled")
        await work.record(case, "meeting_cancelled", audience=_audience(row))
        facts = {**work.case_facts(case), "when": spoken_at(work, row.at, all_day=row.all_day)}
        off = Utterance("party.meeting_off", facts)
        await _tell(work, case, row, off, key=f"meeting_off:{row.id}", what=OFF)
    return bool(rows)


def _audience(row: MeetingRow) -> frozenset[Audience]:
    return FOR_STAFF | {Audience(side) for side in row.sides}


async def _tell(work: Work, case: CaseRow, row: MeetingRow, said: Utterance, *, key: str, what: str) -> None:
    until = spoken_at(work, row.at, all_day=row.all_day)
    for side in map(Side, row.sides):
        if party_of(case, side).person_id is not None:
            await tell_side(work, case, side, said, key=key, what=what, until=until)


async def answer_invitation(
    work: Work, case: CaseRow, inquiry: InquiryRow, *, choice: str, words: str
) -> Utterance:
    """A side can (1) or cannot (2) come."""
    row = await agreements.get_meeting(work.session, inquiry.subject_id or 0)
    side = work.text(f"words.side_{inquiry.side}")
    when = spoken_at(work, row.at, all_day=row.all_day)
    facts = {"case_no": case.case_no, "side": side, "when": when, "place": row.place}
    comes = choice == "1"
    await work.record(case, "meeting_answer", audience=FOR_STAFF, side=inquiry.side, comes=comes, text=words)
    phrase = "mediator.meeting_yes" if comes else "mediator.meeting_no"
    await tell_mediator_of(work, case, Utterance(phrase, facts), key=f"meeting:{inquiry.id}")
    return Utterance("party.meeting_yes" if comes else "party.meeting_no", facts)


async def remind(work: Work, meeting_id: int) -> None:
    """Everybody hears of the meeting once more."""
    row = await agreements.get_meeting(work.session, meeting_id)
    if row.state != "set":
        return
    case = await cases.get_case(work.session, row.case_id)
    when = spoken_at(work, row.at, all_day=row.all_day)
    facts = {**work.case_facts(case), "when": when, "place": row.place}
    await outbox.forget(work.session, key=_reminder_key(row), now=work.now)
    key = f"{_reminder_key(row)}:{work.stamp}"
    await _tell(work, case, row, Utterance("party.meeting_reminder", facts), key=key, what=SOON)
    said = Utterance("mediator.meeting_reminder", facts)
    await tell_mediator_of(work, case, said, key=key, what=SOON, until=when)


async def ask_how_it_went(work: Work, meeting_id: int) -> None:
    """The meeting should be over: the mediator is asked who was there."""
    row = await agreements.get_meeting(work.session, meeting_id)
    if row.state == "set":
        case = await cases.get_case(work.session, row.case_id)
        await outbox.forget(work.session, key=_reminder_key(row), now=work.now)
        said = Utterance("mediator.meeting_over", {"case_no": case.case_no})
        await tell_mediator_of(work, case, said, key=f"meeting_over:{row.id}")


async def note_attendance(work: Work, case: CaseRow, *, absent: tuple[Side, ...]) -> bool:
    """The next meeting of these sides took place, or somebody did not come; False when none was set."""
    rows = await agreements.list_set_meetings(work.session, case.id)
    row = next((one for one in rows if set(absent) <= set(one.sides)), None)
    if row is None:
        return False
    row.absent = [side.value for side in absent]
    await end_meeting(work, case, row, state="held")
    await work.record(case, "meeting_held", audience=_audience(row), absent=row.absent)
    for side in absent:
        if party_of(case, side).person_id is not None:
            said = Utterance("party.missed", work.case_facts(case))
            await tell_side(work, case, side, said, key=f"missed:{row.id}")
    return True
