"""Talk within a case: each side alone with the mediator (背靠背), or all together (面对面)."""

from dataclasses import dataclass

from handlers.mediating.parties import (
    BOTH,
    FOR_ALL,
    for_side,
    is_in_chat,
    mediator_name,
    name_of,
    shown_name,
    tell_mediator_of,
    tell_side,
)
from handlers.mediating.work import Work
from handlers.steps import Utterance
from mediation.agreement import Side
from mediation.lifecycle import TALKING, CaseStatus, NotNow
from mediation.vocabulary import Audience, RiskFlag
from storage import cases, outbox
from storage.tables import CaseRow

JOINT = "joint"
TALK = "operator.brief_said"
KEEPS_APART = frozenset({RiskFlag.FAMILY_VIOLENCE.value, RiskFlag.WEAPON.value})


class MustStayApartError(Exception):
    """A joint room would bring somebody face to face with whoever hurts them (反家庭暴力法)."""


def must_stay_apart(case: CaseRow) -> bool:
    """Whether the two sides must not be brought together (家庭暴力, 凶器)."""
    return bool(KEEPS_APART & set(case.risk))


class NobodyThereError(Exception):
    """The side is not in chat: it has to be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Something said in a room: words, and links to what was sent along."""

    text: str
    attachments: tuple[int, ...] = ()
    links: tuple[str, ...] = ()

    def as_text(self) -> str:
        """The words with the links below."""
        return "\n".join([part for part in (self.text, *self.links) if part])


def rooms_of(side: Side | None) -> str:
    """Return the name of a room: a side's own, or the joint one."""
    return side.value if side else JOINT


async def open_room(work: Work, case: CaseRow, side: Side | None) -> None:
    """Open a side's own room, or the joint one when `side` is None, and tell who hears what.

    Raises MustStayApartError, NobodyThereError, and NotNow when the case is not being mediated.
    """
    if CaseStatus(case.status) not in TALKING | {CaseStatus.PERFORMING}:
        raise NotNow(CaseStatus(case.status))
    if side is None:
        if CaseStatus(case.status) is CaseStatus.INVITING:
            raise NotNow(CaseStatus(case.status))
        if must_stay_apart(case):
            raise MustStayApartError
    if side is not Side.APPLICANT and not await is_in_chat(work, case, Side.RESPONDENT):
        raise NobodyThereError
    if side is None:
        case.rooms = [JOINT]
    else:
        case.rooms = sorted({*case.rooms, side.value} - {JOINT})
    await _keep_awake(work, case)
    name = await mediator_name(work, case)
    sides = BOTH if side is None else (side,)
    phrase = "party.room_joint" if side is None else "party.room_own"
    await work.record(
        case, "room_opened", audience=FOR_ALL if side is None else for_side(side), room=rooms_of(side)
    )
    for one in sides:
        facts = {"case_no": case.case_no, "mediator": name}
        await tell_side(
            work, case, one, Utterance(phrase, facts), key=f"{notice_key(case, one)}:{work.stamp}", what=TALK
        )


async def close_rooms(work: Work, case: CaseRow, *, quietly: bool = False) -> None:
    """Close all rooms; what people write afterwards is kept as a supplement."""
    if not case.rooms:
        return
    sides = BOTH if JOINT in case.rooms else tuple(Side(room) for room in case.rooms)
    joint = JOINT in case.rooms
    case.rooms = []
    await work.cancel("room_idle", subject_id=case.id)
    for side in sides:
        audience = FOR_ALL if joint else for_side(side)
        if not joint or side is Side.APPLICANT:
            await work.record(case, "room_closed", audience=audience, room=JOINT if joint else side.value)
        if not quietly:
            said = Utterance("party.room_closed", {"case_no": case.case_no})
            await tell_side(work, case, side, said, key=f"closed:{case.id}:{work.stamp}")


async def _keep_awake(work: Work, case: CaseRow) -> None:
    await work.cancel("room_idle", subject_id=case.id)
    work.due("room_idle", case.id, at=work.after(work.limits.room_closes_after))


async def fall_idle(work: Work, case_id: int) -> None:
    """Nobody has spoken for long: the rooms are closed without a word."""
    await close_rooms(work, await cases.get_case(work.session, case_id), quietly=True)


def notice_key(case: CaseRow, side: Side) -> str:
    """Return how the message begins that told a side who hears it from now on."""
    return f"room:{case.id}:{side}"


async def has_not_seen_notice(work: Work, case: CaseRow, side: Side) -> bool:
    """Whether a side got only a template of it; then it is taken back, to be said in the answer."""
    return await outbox.take_back(work.session, key=notice_key(case, side))


async def notice(work: Work, case: CaseRow, side: Side) -> tuple[Utterance, ...]:
    """Say again who hears what, and that nothing was passed on yet."""
    phrase = "party.room_joint" if hears(case, side) == JOINT else "party.room_own"
    facts = {"case_no": case.case_no, "mediator": await mediator_name(work, case)}
    return Utterance(phrase, facts), Utterance("party.not_passed_on")


def hears(case: CaseRow, side: Side) -> str | None:
    """Return in which open room a side is now, None when in none."""
    if JOINT in case.rooms:
        return JOINT
    return side.value if side.value in case.rooms else None


async def speak_as_party(work: Work, case: CaseRow, side: Side, said: Said) -> Utterance:
    """A side speaks in its room: the mediator hears it, in the joint room the other side too."""
    room = hears(case, side)
    audience = FOR_ALL if room == JOINT else for_side(side)
    await _keep(work, case, said, speaker=side.value, audience=audience, room=room or side.value)
    await _keep_awake(work, case)
    where = work.text("words.room_joint" if room == JOINT else "words.room_own")
    facts = {
        "case_no": case.case_no,
        "where": where,
        "speaker": work.text(
            "words.speaker", side=work.text(f"words.side_{side}"), name=name_of(work, case, side)
        ),
        "text": said.as_text(),
    }
    key = f"said:{case.id}:{side}:{work.stamp}"
    name = await tell_mediator_of(work, case, Utterance("mediator.said", facts), key=key)
    if room != JOINT:
        return Utterance("party.heard_own", {"mediator": name or work.text("words.mediator")})
    speaker = shown_name(work, case, side)
    await tell_side(
        work,
        case,
        side.other,
        Utterance("party.said_joint", {"speaker": speaker, "text": said.as_text()}),
        key=key,
        what=TALK,
    )
    return Utterance("party.heard_joint")


async def speak_as_mediator(work: Work, case: CaseRow, side: Side | None, said: Said) -> None:
    """The mediator speaks to one side alone, or to both; raises NobodyThereError."""
    if side is not Side.APPLICANT and not await is_in_chat(work, case, Side.RESPONDENT):
        raise NobodyThereError
    audience = FOR_ALL if side is None else for_side(side)
    await _keep(work, case, said, speaker="mediator", audience=audience, room=rooms_of(side))
    name = await mediator_name(work, case)
    phrase = "party.said_joint" if side is None else "party.said_own"
    speaker = work.text("words.speaker", side=work.text("words.mediator"), name=name)
    facts = {"case_no": case.case_no, "speaker": speaker, "text": said.as_text()}
    if phrase == "party.said_joint":
        facts.pop("case_no")
    for one in BOTH if side is None else (side,):
        await tell_side(
            work, case, one, Utterance(phrase, facts), key=f"told:{case.id}:{work.stamp}", what=TALK
        )
    if case.rooms:
        await _keep_awake(work, case)


async def _keep(
    work: Work, case: CaseRow, said: Said, *, speaker: str, audience: frozenset[Audience], room: str
) -> None:
    await cases.attach_to_case(work.session, said.attachments, case_id=case.id)
    await work.record(
        case,
        "said",
        audience=audience,
        speaker=speaker,
        room=room,
        text=said.text,
        attachments=list(said.attachments),
    )
