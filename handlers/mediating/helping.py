"""Help for a mediator: experts, legal advisers, the joint session, another mediator, a level up."""

from handlers import assigning
from handlers.casework import mask_numbers, move, place_of
from handlers.mediating import inquiring
from handlers.mediating.ending import stand_still
from handlers.mediating.parties import FOR_ALL, FOR_STAFF, mediator_name, tell_mediator_of, tell_side
from handlers.mediating.work import Work
from handlers.notifying import ask_operator
from handlers.steps import Utterance
from mediation.agreement import Side
from mediation.lifecycle import CaseAction
from mediation.regions import ancestry
from mediation.vocabulary import HelperRole
from storage import registry
from storage.tables import CaseRow, InquiryRow

JOINT_SESSION = (HelperRole.JUDICIAL_OFFICE, HelperRole.POLICE, HelperRole.COURT)
STAFF_SIDE = "staff"


async def ask_help(work: Work, case: CaseRow, *, roles: tuple[HelperRole, ...], words: str) -> list[str]:
    """Ask one person of each role, the nearest, and return their names; where there is none, an operator.

    Three roles at once are the joint session of judicial office, police station and tribunal (两所一庭).
    """
    regions = list(ancestry(case.place or work.rules.rulebook.service.city_region))
    names = []
    for role in roles:
        found = await registry.list_helpers(work.session, role=role.value, regions=regions)
        wanted = [one for one in found if case.dispute_type in one.specialities] or found
        title = work.text(f"words.role_{role}")
        facts = {
            **work.case_facts(case),
            "place": place_of(case, rules=work.rules),
            "mediator": await mediator_name(work, case),
            "text": mask_numbers(words),
            "role": title,
        }
        await work.record(case, "help_asked", audience=FOR_STAFF, role=role.value, text=words)
        if not wanted:
            await ask_operator(
                work.session,
                work.service,
                "operator.help",
                kind="help",
                key=f"help:{case.id}:{role}:{work.stamp}",
                now=work.now,
                case_id=case.id,
                facts=facts,
            )
            continue
        helper = wanted[0]
        assert helper.person_id is not None  # noqa: S101 - only bound helpers are listed
        await inquiring.ask(
            work,
            case,
            person_id=helper.person_id,
            side=STAFF_SIDE,
            kind="help",
            subject_id=helper.id,
            facts=facts,
        )
        names.append(work.text("words.helper", role=title, name=helper.name))
    return names


async def answer_help(work: Work, case: CaseRow, inquiry: InquiryRow, *, words: str) -> Utterance:
    """A helper answers: kept for the staff, told to the mediator."""
    helper = await registry.get_mediator(work.session, inquiry.subject_id or 0)
    title = work.text("words.helper", role=work.text(f"words.role_{helper.role}"), name=helper.name)
    await work.record(case, "help_given", audience=FOR_STAFF, name=title, text=words)
    facts = {"case_no": case.case_no, "name": title, "text": words}
    await tell_mediator_of(
        work, case, Utterance("mediator.help_given", facts), key=f"help:{inquiry.id}:{work.stamp}"
    )
    return Utterance("mediator.help_thanks", {"case_no": case.case_no})


async def help_silent(work: Work, case: CaseRow, inquiry: InquiryRow) -> None:
    """A helper did not answer in time."""
    helper = await registry.get_mediator(work.session, inquiry.subject_id or 0)
    title = work.text("words.helper", role=work.text(f"words.role_{helper.role}"), name=helper.name)
    facts = {"case_no": case.case_no, "name": title}
    await tell_mediator_of(
        work, case, Utterance("mediator.help_silent", facts), key=f"help_silent:{inquiry.id}"
    )


async def transfer(work: Work, case: CaseRow, *, reason: str, why: str) -> None:
    """Another mediator takes over (转办, 回避): offered to the next one; raises NotNow.

    `reason` is for the staff, `why` the sentence for the parties.
    """
    move(case, CaseAction.TRANSFER)
    await stand_still(work, case)
    case.mediator_id = None
    await work.session.flush()
    await work.record(case, "transferred", audience=FOR_STAFF, reason=reason)
    await _tell_respondent(work, case, why=why)
    await assigning.offer_next(work.session, work.service, case, now=work.now, why=why)


async def _tell_respondent(work: Work, case: CaseRow, *, why: str) -> None:
    """The case changes hands; the applicant hears it with the new offer."""
    if case.respondent_id is not None:
        said = Utterance("party.reassigned", {"case_no": case.case_no, "why": why})
        await tell_side(work, case, Side.RESPONDENT, said, key=f"reassigned:{case.id}:{work.stamp}")


async def hand_up(work: Work, case: CaseRow, *, reason: str, why: str = "words.why_handed_up") -> bool:
    """The committee a level up takes over (上报); False when there is none that can be reached.

    `reason` is for the staff, `why` the phrase for the parties.
    """
    above = await assigning.find_above(work.session, work.service, case)
    if above is None:
        return False
    move(case, CaseAction.TRANSFER)
    await stand_still(work, case)
    said = work.text(why)
    if not work.actor.startswith("mediator:"):
        facts = {"case_no": case.case_no, "why": said}
        await tell_mediator_of(
            work, case, Utterance("mediator.taken_up", facts), key=f"taken_up:{case.id}:{work.stamp}"
        )
    case.mediator_id, case.committee_id = None, above.committee.id
    await work.session.flush()
    await work.record(case, "handed_up", audience=FOR_ALL, committee=above.committee.name)
    await work.record(case, "transferred", audience=FOR_STAFF, reason=reason)
    await _tell_respondent(work, case, why=said)
    await assigning.offer_next(work.session, work.service, case, now=work.now, why=said)
    return True
