"""Return visits (回访): asked some days after everything was performed; what flares up is reopened."""

from handlers.mediating import helping, inquiring
from handlers.mediating.ending import reopen
from handlers.mediating.parties import BOTH, FOR_STAFF, contact, party_of, tell_mediator_of, tell_side
from handlers.mediating.terms import start_term
from handlers.mediating.work import Work
from handlers.notifying import ask_operator
from handlers.steps import Utterance
from mediation.agreement import Side
from mediation.lifecycle import CaseStatus
from storage import cases
from storage.tables import CaseRow, InquiryRow


def plan(work: Work, case: CaseRow) -> None:
    """Everything is performed: people are asked again after the spans of the rule file."""
    for span in work.limits.follow_up.after:
        work.due("follow_up", case.id, at=work.after(span))


async def visit(work: Work, case_id: int) -> None:
    """Ask each side whether it is really over."""
    case = await cases.get_case(work.session, case_id)
    if CaseStatus(case.status) is not CaseStatus.CLOSED:
        return
    await inquiring.drop(work, case, kinds=("follow_up", "follow_up_rating"))
    for side in BOTH:
        person_id = party_of(case, side).person_id
        if person_id is not None:
            await inquiring.ask(
                work,
                case,
                person_id=person_id,
                side=side,
                kind="follow_up",
                facts=dict(work.case_facts(case)),
            )


async def answer(
    work: Work, case: CaseRow, inquiry: InquiryRow, *, choice: str, words: str
) -> Utterance | None:
    """Solved (1): asked how satisfied; not solved or flared up again (2): reopened."""
    side = Side(inquiry.side)
    await work.record(
        case, "followed_up", audience=FOR_STAFF, side=side.value, kept=choice == "1", text=words
    )
    if choice == "1":
        await inquiring.ask(
            work,
            case,
            person_id=inquiry.person_id,
            side=side,
            kind="follow_up_rating",
            facts=dict(work.case_facts(case)),
        )
        return None
    await flare_up(work, case, side=side)
    facts = {**work.case_facts(case)}
    return Utterance("party.reopened", facts)


async def flare_up(work: Work, case: CaseRow, *, side: Side) -> None:
    """The dispute is back: mediated anew by the same mediator; the third time a level up."""
    await reopen(work, case)
    facts = {"case_no": case.case_no, "side": work.text(f"words.side_{side}"), "times": case.reopened}
    key = f"reopened:{case.id}:{case.reopened}"
    if side.other is Side.APPLICANT or case.respondent_id is not None:
        said = Utterance("party.reopened_other", dict(work.case_facts(case)))
        await tell_side(work, case, side.other, said, key=key)
    await begin_again(
        work, case, Utterance("mediator.reopened", facts), key=key, reason=work.text("words.why_third_time")
    )


async def begin_again(work: Work, case: CaseRow, said: Utterance, *, key: str, reason: str) -> None:
    """A reopened case gets its full time again: with its mediator, the third time a level up."""
    start_term(work, case)
    if case.reopened < work.limits.follow_up.level_up_at or not await helping.hand_up(
        work, case, reason=reason, why="words.why_level_up"
    ):
        await tell_mediator_of(work, case, said, key=key)


async def rate(work: Work, case: CaseRow, inquiry: InquiryRow, *, rating: int) -> Utterance:
    """How satisfied a side is, 1 to 5; a low figure is asked after by an operator."""
    side = Side(inquiry.side)
    await work.record(case, "rated", audience=FOR_STAFF, side=side.value, rating=rating)
    if rating <= work.limits.follow_up.low_rating:
        await ask_operator(
            work.session,
            work.service,
            "operator.low_rating",
            kind="low_rating",
            key=f"low_rating:{inquiry.id}",
            now=work.now,
            facts={"case_no": case.case_no, "rating": rating, **contact(work, case, side)},
            person_id=inquiry.person_id,
            case_id=case.id,
        )
    return Utterance("party.rated")
