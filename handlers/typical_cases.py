"""Typical cases (典型案例): a de-identified draft in five sections, every mask marked for a human's eye."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO

from docxtpl import DocxTemplate
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.documents.packing import repack
from handlers.documents.rendering import UNPRINTABLE, environment
from handlers.mediating.work import Work
from handlers.ruleset import RuleSet
from mediation.vocabulary import DisputeType, RegionLevel, RiskGrade
from nlp.masking import Masker, MaskingWords, Secret
from storage import agreements, inquiries, registry, typical_cases
from storage.tables import CaseRow

SECTIONS = ("summary", "process", "result", "comment")
LONGEST_TITLE = 80
LONGEST_SECTION = 6000
LEVELS = {4: RegionLevel.CITY, 6: RegionLevel.COUNTY, 9: RegionLevel.TOWNSHIP, 12: RegionLevel.VILLAGE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A title and the text of each section; masks stand in marks of their own."""

    title: str
    sections: Mapping[str, str]


@dataclass(slots=True)
class _Mask:
    """Replaces what tells who somebody is; the same person always gets the same mask."""

    rules: RuleSet
    people: dict[str, str] = field(default_factory=dict)

    def text(self, key: str, **facts: object) -> str:
        return self.rules.phrases.text(key, **facts)

    def marked(self, text: str) -> str:
        return f"{self.text('console_pictures.mask_open')}{text}{self.text('console_pictures.mask_close')}"

    def know(self, name: str | None) -> str:
        """Give a name its mask, 王某 or 王某2 for a second one of the same surname."""
        if not name:
            return self.marked(self.text("console_pictures.mask_company"))
        if name not in self.people:
            masker = _masker(self.rules)
            company = next((one for one in masker.find(name) if one.secret is Secret.COMPANY), None)
            if company is not None:
                self.people[name] = self.text("console_pictures.mask_company_like", kind=company.tail)
            else:
                base = self.text("console_pictures.mask_person", surname=name[0])
                same = sum(mask.startswith(base) for mask in self.people.values())
                self.people[name] = (
                    self.text("console_pictures.mask_person_more", surname=name[0], number=same + 1)
                    if same
                    else base
                )
        return self.marked(self.people[name])

    def mask(self, text: str) -> str:
        """Return a text with names, places, numbers, plates, companies and addresses masked and marked."""
        held: list[str] = []

        def hold(mask: str) -> str:
            held.append(mask)
            return f"\ue000{len(held) - 1}\ue001"

        for name in sorted(self.people, key=len, reverse=True):
            text = text.replace(name, hold(self.marked(self.people[name])))
        text = self._mask_places(text, hold)
        pieces, last = [], 0
        for one in _masker(self.rules).find(text):
            kind = (
                self.text("console_pictures.mask_company_like", kind=one.tail)
                if one.secret is Secret.COMPANY
                else self.text(f"console_pictures.mask_{one.secret}")
            )
            pieces += [text[last : one.start], hold(self.marked(kind))]
            last = one.end
        text = "".join([*pieces, text[last:]])
        return re.sub("\ue000(\\d+)\ue001", lambda found: held[int(found[1])], text)

    def _mask_places(self, text: str, hold: Callable[[str], str]) -> str:
        spans = self.rules.understander.gazetteer.read(text).spans
        for start, end in sorted(spans, reverse=True):
            if "\ue000" not in text[start:end]:
                mask = self.marked(
                    self.text("console_pictures.mask_place", level=_level_word(text[start:end], self.rules))
                )
                text = text[:start] + hold(mask) + text[end:]
        return text


def _level_word(name: str, rules: RuleSet) -> str:
    """Return 村, 镇 and the like for a place name: its own ending, else 村's word."""
    endings = rules.understanding.places.endings
    for ending in (*endings.village, *endings.township, *endings.county):
        if name.endswith(ending):
            return str(ending)
    return str(endings.village[0])


_maskers: dict[int, Masker] = {}


def _masker(rules: RuleSet) -> Masker:
    """The masker of the rules in force, built once for each rule set."""
    found = _maskers.get(id(rules.typical))
    if found is None:
        _maskers.clear()
        found = _maskers[id(rules.typical)] = Masker(MaskingWords(**dict(rules.typical.masking)))
    return found


async def write_draft(work: Work, case: CaseRow) -> Draft:
    """Write the draft of a closed case from what all may know: the story, the sessions, the agreement.

    What was told in confidence (notes, investigation, threads) is never read.
    """
    rules = work.rules
    mask = _Mask(rules)
    names = [case.applicant_name, case.respondent_name or case.respondent]
    for name in names:
        mask.know(name)
    if case.mediator_id is not None:
        mask.know((await registry.get_mediator(work.session, case.mediator_id)).name)
    committee = await registry.get_committee(work.session, case.committee_id)
    sessions = await typical_cases.list_steps(work.session, case.id)
    records = "\n".join(mask.mask(str(step.content.get("text", ""))) for step in sessions)
    level = LEVELS.get(len(case.place or ""), RegionLevel.CITY)
    place = mask.marked(
        mask.text("console_pictures.mask_place", level=_level_word(rules.place_name(case.place), rules))
        if case.place and level is not RegionLevel.CITY
        else mask.text("console_pictures.mask_company")
    )
    title = mask.text(
        "console_pictures.typical_title",
        place=place,
        surname=(names[0] or "　")[0],
        other=mask.know(names[1]),
        type=rules.type_name(case.dispute_type),
    )
    sections = {
        "summary": mask.text(
            "console_pictures.typical_summary",
            day=work.spoken_day(case.filed_at),
            applicant=mask.know(names[0]),
            story=mask.mask(case.summary),
            facts=_facts(mask, case),
        ),
        "process": mask.text(
            "console_pictures.typical_process", committee=mask.mask(committee.name), records=records
        ),
        "result": await _result(work, mask, case),
        "comment": _comment(mask, case),
    }
    return Draft(title=title, sections=sections)


def _facts(mask: _Mask, case: CaseRow) -> str:
    parts = []
    if case.amount is not None:
        parts.append(mask.text("console_pictures.typical_fact_amount", amount=f"{case.amount:g}"))
    if case.people is not None:
        parts.append(mask.text("console_pictures.typical_fact_people", people=case.people))
    if case.grade in {RiskGrade.RED, RiskGrade.ORANGE}:
        parts.append(
            mask.text(
                "console_pictures.typical_fact_grade", grade=mask.text(f"console_pictures.grade_{case.grade}")
            )
        )
    return "".join(parts)


async def _result(work: Work, mask: _Mask, case: CaseRow) -> str:
    agreement = await agreements.find_agreement(work.session, case.id)
    if agreement is None or agreement.effective_at is None:
        return ""
    told = mask.text("console_pictures.typical_performed")
    ratings = [
        one.answer
        for one in await inquiries.list_inquiries(work.session, case_id=case.id, kind="follow_up_rating")
        if one.answer in {"4", "5"}
    ]
    if ratings:
        told += mask.text("console_pictures.typical_rated", rating=ratings[-1])
    form = mask.rules.phrases.text(f"words.form_{agreement.form}")
    return mask.text(
        "console_pictures.typical_result",
        day=work.spoken_day(agreement.effective_at),
        form=form,
        agreement=mask.mask(agreement.words),
        performed=told,
    )


def _comment(mask: _Mask, case: CaseRow) -> str:
    found = mask.rules.law_answers(
        case.summary, dispute_type=DisputeType(case.dispute_type), subtype=case.subtype, most=2
    )
    lines = [mask.text("console_pictures.typical_law", citation=one.citation) for one in found]
    return "\n".join([mask.text("console_pictures.typical_comment"), *lines])


def count_marks(draft_text: str, *, rules: RuleSet) -> int:
    """Return how many masks still stand in their marks."""
    return draft_text.count(rules.phrases.text("console_pictures.mask_open"))


def plain(text: str, *, rules: RuleSet) -> str:
    """Return a text without the marks around its masks."""
    for key in ("console_pictures.mask_open", "console_pictures.mask_close"):
        text = text.replace(rules.phrases.text(key), "")
    return UNPRINTABLE.sub("", text)


def find_leaks(case: CaseRow, texts: Mapping[str, str], *, rules: RuleSet) -> tuple[str, ...]:
    """Return what of the parties' names and numbers still stands in a text: an edit may bring it back."""
    whole = "\n".join(texts.values())
    known = (
        case.applicant_name,
        case.respondent_name,
        case.respondent,
        case.applicant_phone,
        case.respondent_phone,
        case.case_no,
    )
    found = [one for one in known if one and len(one) > 1 and one in whole]
    found += [
        whole[one.start : one.end]
        for one in _masker(rules).find(whole)
        if one.secret in {Secret.PHONE, Secret.IDENTITY, Secret.PLATE}
    ]
    return tuple(dict.fromkeys(found))


def render_document(title: str, sections: Mapping[str, str], *, rules: RuleSet) -> bytes:
    """Return the typical case as .docx in the layout of the case library."""
    template = DocxTemplate(BytesIO(rules.typical.template))
    names = {name: rules.phrases.text(f"console_pictures.part_{name}") for name in SECTIONS}
    facts = {
        "title": plain(title, rules=rules),
        "parts": [
            {"name": names[name], "text": plain(sections.get(name, ""), rules=rules)} for name in SECTIONS
        ],
    }
    template.render(facts, environment(rules.documents.words), autoescape=True)
    buffer = BytesIO()
    template.save(buffer)
    return repack(buffer.getvalue())


async def begin(session: AsyncSession, work: Work, case: CaseRow, *, operator_id: int) -> None:
    """Write the draft of a case and keep it; one that is there stays."""
    if await typical_cases.find_written(session, case.id) is not None:
        return
    draft = await write_draft(work, case)
    await typical_cases.add_written(
        session,
        case_id=case.id,
        operator_id=operator_id,
        title=draft.title[:LONGEST_TITLE],
        sections=dict(draft.sections),
        now=work.now,
    )
