"""The hotline desk listens: what the caller's words mean, what is alike, who would get it, and why."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.conversation import Draft, StateModel
from handlers.dialogue import DANGER_WORDS, is_danger
from handlers.filing import route_draft
from handlers.filling import add_story, take_place
from handlers.ruleset import RuleSet
from handlers.service import Service
from mediation.calendar import CHINA_TIME
from mediation.regions import is_within
from mediation.routing import Routing
from mediation.subsidy import overlap
from mediation.understanding import Understanding
from mediation.vocabulary import CaseSource, DisputeType, Referrer, RiskFlag, RiskGrade
from nlp.normalising import normalise
from storage import intake, people
from storage.tables import CaseRow, PersonRow

ORIGINS = ("", CaseSource.OWN_INITIATIVE.value, *(one.value for one in Referrer))
"""What an operator can say about where a case comes from."""
SHOWN_TYPES = 3
SHOWN_PLACES = 6
SHOWN_ALIKE = 3
ALIKE_FROM = 0.35
ALIKE_WITHIN = timedelta(days=30)
TOWNSHIP_CODE = 9
SHORTEST_ALIKE = 8
LOCAL_NUMBER = re.compile(r"\d{7,8}")


class Call(StateModel):
    """What the operator has typed and chosen so far; this is what survives a reload.

    `type` (perhaps `type.subtype`) and `place` are corrections, "" as long as the words decide. `alarmed`
    are the dangers that were passed on already, `insists` that the caller wants mediation all the same.
    `origin` is "" when the caller applies, else `own_initiative` or the `Referrer` who handed it over.
    """

    text: str = ""
    phone: str = ""
    name: str = ""
    respondent: str = ""
    place_words: str = ""
    type: str = ""
    place: str = ""
    amount: str = ""
    people: str = ""
    to_chat: bool = True
    insists: bool = False
    origin: str = ""
    alarmed: frozenset[RiskFlag] = frozenset()

    @property
    def source(self) -> tuple[CaseSource, Referrer | None]:
        """Where the case comes from (案件来源) and who handed it over."""
        if self.origin in set(Referrer):
            return CaseSource.REFERRED, Referrer(self.origin)
        return CaseSource(self.origin or CaseSource.REQUESTED), None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed yet."""
        return not any((self.text, self.phone, self.name, self.respondent, self.place_words))


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the text; `mark` is what it decided: type, danger, place, "" for nothing."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Who calls from this number: earlier cases, those still open, and whether chat reaches them.

    `names` are those that went with the number, `in_chat` is the person whose chat is bound to it.
    """

    earlier: tuple[CaseRow, ...] = ()
    names: tuple[str, ...] = ()
    in_chat: PersonRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Everything that the page shows beside what is typed."""

    call: Call
    draft: Draft
    best: tuple[DisputeType, ...]
    pieces: tuple[Piece, ...]
    places: tuple[str, ...]
    is_red: bool
    safety: tuple[str, ...]
    routing: Routing | None
    known: Known
    alike: tuple[CaseRow, ...]
    phone_unread: bool


def read_call(stored: object) -> Call:
    """Return a kept call; one that cannot be read any more is an empty one."""
    try:
        return Call.model_validate(stored or {})
    except ValidationError:
        return Call()


async def listen(session: AsyncSession, service: Service, call: Call, *, area: str, now: datetime) -> Heard:
    """Return what a call means as it stands; `area` is what the operator may see of other cases."""
    rules = service.rules
    draft, understanding = understand_call(call, rules=rules, now=now)
    routing = await route_draft(session, service, draft) if draft.story else None
    known = await _who_calls(session, draft.phone, area=area) if draft.phone else Known()
    alike = await _alike(session, draft, known, area=area, now=now)
    return Heard(
        call=call,
        draft=draft,
        best=tuple(code for code, _ in understanding.candidates[:SHOWN_TYPES])
        or tuple(filter(None, (draft.type,))),
        pieces=tuple(mark_words(call.text, understanding, rules=rules)),
        places=draft.place_candidates[:SHOWN_PLACES],
        is_red=is_danger(understanding),
        safety=safety_phrases(understanding),
        routing=routing,
        known=known,
        alike=alike,
        phone_unread=bool(call.phone) and read_phone(call.phone, rules=rules) is None,
    )


def understand_call(call: Call, *, rules: RuleSet, now: datetime) -> tuple[Draft, Understanding]:
    """Return the draft that a call makes, the operator's corrections above the words, and the reading."""
    today = now.astimezone(CHINA_TIME).date()
    understanding = rules.understander.understand(call.text, today=today)
    draft = Draft(started_at=now)
    if call.text.strip():
        draft = add_story(draft, call.text.strip(), rules=rules, today=today)
    draft = _correct_place(draft, call, rules=rules, today_reading=understanding, now=now)
    changes: dict[str, object] = {
        "name": call.name or draft.name,
        "phone": read_phone(call.phone, rules=rules) or draft.phone,
        "respondent": call.respondent or draft.respondent,
        "amount": rules.read_amount(call.amount) if call.amount else draft.amount,
        "people": int(call.people) if call.people.isascii() and call.people.isdigit() else draft.people,
        "mediable_settled": call.insists,
    }
    main, _, sub = call.type.partition(".")
    if main in set(DisputeType):
        chosen = DisputeType(main)
        changes["type"] = chosen
        changes["subtype"] = sub or (understanding.subtype if understanding.type is chosen else None)
        changes["type_settled"] = True
    return draft.model_copy(update=changes), understanding


def _correct_place(
    draft: Draft, call: Call, *, rules: RuleSet, today_reading: Understanding, now: datetime
) -> Draft:
    if call.place_words:
        reading = rules.understander.understand(call.place_words, today=now.astimezone(CHINA_TIME).date())
        bare = draft.model_copy(update={"place": None, "place_candidates": (), "place_outside": False})
        found = take_place(bare, reading)
        if not (found.place or found.place_candidates):
            found = draft
        draft = found.model_copy(update={"place_words": call.place_words})
    if call.place and is_known_place(call.place, rules=rules):
        return draft.model_copy(update={"place": call.place, "place_settled": True})
    if not call.place_words and today_reading.place_candidates:
        return draft.model_copy(update={"place_candidates": today_reading.place_candidates})
    return draft


def is_known_place(code: str, *, rules: RuleSet) -> bool:
    """Whether a region code is one of ours."""
    if not (code.isascii() and code.isdigit()):
        return False
    try:
        rules.place_name(code)
    except (KeyError, ValueError):
        return False
    return True


def read_phone(text: str, *, rules: RuleSet) -> str | None:
    """Return a mobile or landline number as it is kept, None when it is none."""
    plain = normalise(text)
    return plain if LOCAL_NUMBER.fullmatch(plain) else rules.read_phone(plain)


def safety_phrases(understanding: Understanding) -> tuple[str, ...]:
    """Return the phrases that the operator reads out in danger, at most two, the most pressing first."""
    if not is_danger(understanding) and understanding.grade is not RiskGrade.ORANGE:
        return ()
    spoken = dict.fromkeys(key for flag, key in DANGER_WORDS if flag in understanding.risk)
    if not spoken and is_danger(understanding):
        return ("resident.danger_violence",)
    return tuple(spoken)[:2]


def mark_words(text: str, understanding: Understanding, *, rules: RuleSet) -> Iterator[Piece]:
    """Yield the text in pieces, with what the words decided; danger goes before place before type."""
    plain = normalise(text)
    marks = [""] * len(plain)
    for word in understanding.because:
        _mark(plain, marks, _places_of(plain, word), "type")
    if understanding.place or understanding.place_candidates:
        _mark(plain, marks, rules.understander.gazetteer.read(plain).spans, "place")
    if understanding.risk:
        for word in understanding.because_risk:
            if len(word) > 1:
                _mark(plain, marks, _places_of(plain, word), "danger")
    start = 0
    for end in range(1, len(plain) + 1):
        if end == len(plain) or marks[end] != marks[start]:
            yield Piece(plain[start:end], marks[start])
            start = end


def _mark(plain: str, marks: list[str], spans: Iterable[tuple[int, int]], kind: str) -> None:
    for start, end in spans:
        marks[start:end] = [kind] * (min(end, len(plain)) - start)


def _places_of(plain: str, word: str) -> Iterator[tuple[int, int]]:
    for found in re.finditer(re.escape(word), plain):
        yield found.span()


async def _who_calls(session: AsyncSession, phone: str, *, area: str) -> Known:
    persons = await intake.list_persons_by_phone(session, phone)
    if not persons:
        return Known()
    earlier = await intake.list_cases_of_persons(session, [one.id for one in persons], area=area)
    return Known(
        earlier=tuple(earlier),
        names=tuple(dict.fromkeys(one.name for one in persons if one.name)),
        in_chat=await people.find_reachable_by_phone(session, phone),
    )


async def _alike(
    session: AsyncSession, draft: Draft, known: Known, *, area: str, now: datetime
) -> tuple[CaseRow, ...]:
    """Cases of the same township in the last 30 days whose story overlaps with what is told."""
    if not draft.place or len(draft.place) < TOWNSHIP_CODE or len(draft.text) < SHORTEST_ALIKE:
        return ()
    near = await intake.list_cases_near(
        session, place=draft.place[:TOWNSHIP_CODE], since=now - ALIKE_WITHIN, area=area
    )
    earlier = {case.id for case in known.earlier}
    told = sorted(
        (
            (overlap(draft.text, story), case_id)
            for case_id, story in near
            if case_id not in earlier and len(story) >= SHORTEST_ALIKE
        ),
        reverse=True,
    )
    found = [case_id for share, case_id in told[:SHOWN_ALIKE] if share >= ALIKE_FROM]
    return tuple(await intake.list_cases_by_id(session, found))


def is_chat_of(person: PersonRow, name: str | None) -> bool:
    """Whether the chat bound to a number is plausibly the caller's own: no other name is known."""
    return not person.name or not name or person.name == name


def may_open(case: CaseRow, *, area: str) -> bool:
    """Whether a case whose place is known lies in an area."""
    return not area or bool(case.place and is_within(case.place, area))
