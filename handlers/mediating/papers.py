"""Official documents of a case: which exist, their links, and the case file they are made from."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from config.document_rules import DocumentKind
from handlers.asking import spoken_number
from handlers.casework import place_of
from handlers.documents.availability import available
from handlers.documents.casefile import (
    AgreementFile,
    CaseFile,
    CourtFile,
    Declaration,
    EndFile,
    FollowUpFile,
    ObligationLine,
    PartyFile,
    PerformanceLine,
    RecordFile,
    RecordKind,
)
from handlers.mediating.details import details_of
from handlers.mediating.obligations import agreed_lines, obligation_words
from handlers.mediating.parties import mediator_name, name_of, party_of
from handlers.mediating.rooms import KEEPS_APART
from handlers.mediating.sending import Paper, PaperKind, link_to
from handlers.mediating.work import Work
from mediation.agreement import AgreementForm, ObligationKind, Side
from mediation.calendar import CHINA_TIME
from mediation.lifecycle import CaseStatus, EndReason
from mediation.party_details import shown_number
from mediation.vocabulary import CaseSource, DisputeType
from storage import agreements, cases, registry
from storage.tables import AgreementRow, CaseRow, ObligationRow, TimelineRow

FOR_PARTIES = frozenset(
    {
        DocumentKind.RIGHTS,
        DocumentKind.AGREEMENT,
        DocumentKind.ORAL_AGREEMENT,
        DocumentKind.CONFIRMATION_APPLICATION,
        DocumentKind.REJECTION,
        DocumentKind.TERMINATION,
    }
)
COUNTY_DIGITS = 6
RECORDS = {"investigation": RecordKind.INVESTIGATION, "session": RecordKind.SESSION}


def _day(at: datetime | None) -> date | None:
    return at.astimezone(CHINA_TIME).date() if at else None


async def list_papers(work: Work, case: CaseRow) -> list[tuple[Paper, str]]:
    """Return what a mediator can have now, with titles: the volume, then every document that exists."""
    titles = work.rules.documents.words.titles
    file = await case_file(work, case)
    papers = [(Paper(kind=PaperKind.VOLUME, subject_id=case.id), work.text("words.volume"))]
    papers += [
        (Paper(kind=PaperKind.DOCUMENT, subject_id=case.id, name=kind.value), titles[kind])
        for kind in available(file)
    ]
    return papers


def link(work: Work, paper: Paper) -> str:
    """Return the signed address of a document."""
    return link_to(work, paper)


async def party_links(work: Work, case: CaseRow, kinds: Iterable[DocumentKind]) -> str:
    """Return lines with the links to those documents that a party may have."""
    titles = work.rules.documents.words.titles
    there = available(await case_file(work, case))
    lines = [
        work.text(
            "words.paper_link",
            title=titles[kind],
            link=link_to(work, Paper(kind=PaperKind.SHARED, subject_id=case.id, name=kind.value)),
        )
        for kind in kinds
        if kind in there and kind in FOR_PARTIES
    ]
    return "\n".join(lines)


async def shared_file(work: Work, case: CaseRow) -> CaseFile:
    """Return what both sides may read: nobody's story or phone, and not a name that is to be hidden.

    What the forms ask about the sides goes to both, as it does on paper; not where they must be kept apart.
    """
    file = await case_file(work, case)
    apart = bool(KEEPS_APART & set(case.risk))
    return replace(
        file,
        applicant=PartyFile() if case.name_hidden else _shared(file.applicant, apart=apart),
        respondent=_shared(file.respondent, apart=apart),
        story="",
        rights_told=(),
        consents=(),
        records=(),
        follow_ups=(),
        attachments=(),
    )


def _shared(party: PartyFile, *, apart: bool) -> PartyFile:
    return PartyFile(name=party.name) if apart else replace(party, phone="")


def on_screen(file: CaseFile) -> CaseFile:
    """Return the file for looking at: identity numbers only by their last signs."""
    applicant, respondent = (
        replace(one, id_number=shown_number(one.id_number)) for one in (file.applicant, file.respondent)
    )
    return replace(file, applicant=applicant, respondent=respondent)


async def case_file(work: Work, case: CaseRow) -> CaseFile:
    """Gather everything that the documents show; nothing that was said in rooms is in it."""
    entries = await cases.list_timeline(work.session, case.id)
    committee = await registry.get_committee(work.session, case.committee_id)
    versions = await agreements.list_agreements(work.session, case.id)
    agreement = next((row for row in reversed(versions) if row.state in {"confirming", "effective"}), None)
    in_effect = sorted(
        ((row.effective_at, row) for row in versions if row.effective_at is not None), key=itemgetter(0)
    )
    earlier = [(since, row) for since, row in in_effect if row is not agreement]
    year, _, serial = case.case_no.rpartition("-")
    owed = {row.id: await agreements.list_obligations(work.session, row.id) for row in versions}
    attachments = await cases.list_attachments(work.session, case.id)
    mediator = await mediator_name(work, case) if case.mediator_id else ""
    rules = work.rules
    return CaseFile(
        case_no=case.case_no,
        year=int(year[-4:]),
        serial=int(serial),
        status=CaseStatus(case.status),
        committee=committee.name,
        mediator=mediator,
        place=place_of(case, rules=rules),
        type_name=rules.type_name(case.dispute_type, case.subtype),
        source=CaseSource(case.source),
        referred_by=work.text(f"words.referrer_{case.referred_by}") if case.referred_by else "",
        people=case.people,
        amount=work.text("words.yuan", amount=spoken_number(case.amount)) if case.amount is not None else "",
        filed_on=_day(case.filed_at),
        accepted_on=_day(case.accepted_at),
        closed_on=_day(case.ended_at),
        applicant=_party(work, case, Side.APPLICANT),
        respondent=_party(work, case, Side.RESPONDENT),
        story=case.summary,
        rights_told=tuple(_rights_told(work, case, entries)),
        consents=tuple(_consents(work, case, entries)),
        records=tuple(_records(work, case, entries, mediator=mediator)),
        agreement=await _agreement(work, case, agreement, owed[agreement.id]) if agreement else None,
        earlier=tuple([await _agreement(work, case, row, owed[row.id]) for _, row in earlier]),
        performance=tuple(_performance(work, case, entries, in_effect, owed, mediator=mediator)),
        follow_ups=tuple(_follow_ups(work, case, entries)),
        end=_end(work, case),
        court=_court(work, case, agreement),
        remarks="\n".join(
            work.text("words.earlier_agreement", number=number, day=work.spoken_day(since))
            for number, (since, _) in enumerate(earlier, start=1)
        ),
        attachments=tuple(f"{row.kind}-{row.id}" for row in attachments),
    )


def _party(work: Work, case: CaseRow, side: Side) -> PartyFile:
    """The age is that on the day when the case was filed, as the application states it."""
    party, details = party_of(case, side), details_of(case, side)
    return PartyFile(
        name=party.name or "",
        phone=party.phone or "",
        sex=work.text(f"words.sex_{details.sex}") if details.sex else "",
        ethnic_group=details.ethnic_group,
        age=details.age_on(case.filed_at.astimezone(CHINA_TIME).date()),
        occupation=details.occupation,
        address=details.address,
        id_number=details.id_number,
        is_unit=details.is_unit,
        representative=details.representative,
        agent=details.agent,
    )


def _rights_told(work: Work, case: CaseRow, entries: list[TimelineRow]) -> Iterable[Declaration]:
    for entry in entries:
        if entry.event == "rights_told":
            side = Side(entry.content["side"])
            yield Declaration(who=name_of(work, case, side), at=entry.at, how=work.text("words.how_chat"))


def _consents(work: Work, case: CaseRow, entries: list[TimelineRow]) -> Iterable[Declaration]:
    by_phone = any(entry.event == "filed" and entry.content.get("via") for entry in entries)
    yield Declaration(
        who=name_of(work, case, Side.APPLICANT),
        at=case.filed_at,
        how=work.text("words.how_call" if by_phone else "words.how_chat"),
    )
    for entry in entries:
        if entry.event == "consented":
            how = work.text(f"words.how_{entry.content['how']}")
            yield Declaration(who=name_of(work, case, Side.RESPONDENT), at=entry.at, how=how)


def _records(work: Work, case: CaseRow, entries: list[TimelineRow], *, mediator: str) -> Iterable[RecordFile]:
    """Who was present is only said of a session after a meeting whose attendance was noted."""
    place, present = "", ""
    for entry in entries:
        if entry.event == "meeting_set":
            place = str(entry.content.get("place", ""))
        elif entry.event == "meeting_held":
            there = [side for side in Side if side in entry.audience and side not in entry.content["absent"]]
            present = "、".join(name_of(work, case, side) for side in there)
        elif entry.event in RECORDS:
            is_session = entry.event == "session"
            yield RecordFile(
                kind=RECORDS[entry.event],
                at=entry.at,
                place=place if present and is_session else "",
                present=present if is_session else "",
                about=work.rules.type_name(case.dispute_type, case.subtype),
                text=str(entry.content.get("text", "")),
                recorder=mediator,
            )


async def _agreement(
    work: Work, case: CaseRow, row: AgreementRow, obligations: list[ObligationRow]
) -> AgreementFile:
    total = sum(one.amount or 0 for one in obligations)
    confirmations = [
        Declaration(
            who=name_of(work, case, side), at=at, how=work.text(f"words.confirmed_{how}") if how else ""
        )
        for side, at, how in (
            (Side.APPLICANT, row.applicant_confirmed_at, row.applicant_confirmed_how),
            (Side.RESPONDENT, row.respondent_confirmed_at, row.respondent_confirmed_how),
        )
    ]
    if row.effective_at is not None:
        confirmations.append(
            Declaration(
                who=await mediator_name(work, case),
                at=row.effective_at,
                how=work.text("words.confirmed_mediator"),
            )
        )
    return AgreementFile(
        form=AgreementForm(row.form),
        facts=work.text(
            "words.agreement_facts",
            type=work.rules.type_name(case.dispute_type, case.subtype),
            place=place_of(case, rules=work.rules),
        ),
        text=agreed_lines(work, case, row, obligations),
        obligations=tuple(_line(work, case, one) for one in obligations),
        amount=work.text("words.yuan", amount=spoken_number(total)) if total else "",
        confirmations=tuple(confirmations),
        agreed_on=_day(row.drafted_at),
        effective_on=_day(row.effective_at),
    )


def _line(work: Work, case: CaseRow, one: ObligationRow) -> ObligationLine:
    text = work.text
    if one.immediate:
        due = text("words.on_the_spot")
    elif one.due_on is not None:
        due = text("words.date", year=one.due_on.year, month=one.due_on.month, day=one.due_on.day)
    else:
        due = one.condition
    if one.kind == ObligationKind.PAY and one.amount is not None:
        what = text("words.pays", amount=spoken_number(one.amount))
    else:
        what = one.act
    return ObligationLine(
        debtor=name_of(work, case, Side(one.debtor)) if one.debtor else text("words.both_sides"),
        creditor=name_of(work, case, Side(one.creditor)) if one.creditor else "",
        what=what,
        due=due,
    )


def _performance(
    work: Work,
    case: CaseRow,
    entries: list[TimelineRow],
    in_effect: list[tuple[datetime, AgreementRow]],
    owed: dict[int, list[ObligationRow]],
    *,
    mediator: str,
) -> Iterable[PerformanceLine]:
    """A step tells only the number of an obligation: it is one of the agreement that was in effect then."""
    for entry in entries:
        if entry.event not in {"performed", "part_paid", "defaulted", "delayed"}:
            continue
        binding = [row for since, row in in_effect if since <= entry.at]
        if not binding:
            continue
        one = next((one for one in owed[binding[-1].id] if one.seq == entry.content["number"]), None)
        if one is None:
            continue
        before = ""
        if binding[-1].state == "dropped":
            before = work.text("words.earlier_mark", number=len(binding))
        told = work.text(f"words.diary_{entry.event}", amount=entry.content.get("amount", ""))
        side = Side(one.creditor) if one.creditor else None
        sayer = name_of(work, case, side) if side else ""
        if entry.content.get("how") == "mediator":  # nobody but the mediator said so
            sayer = mediator
        yield PerformanceLine(
            on=_day(entry.at),
            what=f"{before}{obligation_words(work, case, one)}：{told}",
            confirmed_by=sayer,
        )


def _follow_ups(work: Work, case: CaseRow, entries: list[TimelineRow]) -> Iterable[FollowUpFile]:
    ratings = {entry.content["side"]: entry.content["rating"] for entry in entries if entry.event == "rated"}
    for entry in entries:
        if entry.event != "followed_up":
            continue
        content: dict[str, Any] = entry.content
        side = Side(content["side"])
        rating = ratings.get(side.value)
        yield FollowUpFile(
            at=entry.at,
            way=work.text("words.how_chat"),
            visited=name_of(work, case, side),
            about=work.rules.type_name(case.dispute_type, case.subtype),
            performance=work.text("words.kept" if content["kept"] else "words.not_kept"),
            satisfaction=work.text("words.rating", rating=rating) if rating else "",
            flare_up="" if content["kept"] else work.text("words.flared_up"),
        )


def _end(work: Work, case: CaseRow) -> EndFile | None:
    if case.end_reason in {None, EndReason.SETTLED} or case.ended_at is None:
        return None
    ways = work.rules.ways.ways_for(DisputeType(case.dispute_type), case.subtype)
    return EndFile(
        on=_day(case.ended_at),
        reason=work.text(f"words.end_{case.end_reason}"),
        ways=tuple(way.said for way in ways),
    )


def court_of(work: Work, case: CaseRow) -> str:
    """Return the basic court for judicial confirmation: that of the county where it happened (民诉法 205)."""
    if case.place and len(case.place) >= COUNTY_DIGITS:
        county = work.rules.place_name(case.place[:COUNTY_DIGITS])
        return work.text("words.court_of", county=county)
    return work.text("words.court_near")


def _court(work: Work, case: CaseRow, agreement: AgreementRow | None) -> CourtFile | None:
    if agreement is None or agreement.effective_at is None:
        return None
    ends = work.after(work.limits.court.within, since=agreement.effective_at)
    result = work.text(f"words.court_{agreement.court_result}") if agreement.court_result else ""
    return CourtFile(
        court=court_of(work, case), apply_until=_day(ends), applied_on=_day(agreement.court_at), result=result
    )
