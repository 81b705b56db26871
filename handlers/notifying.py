"""Queues what must be said to people and the calls that operators must make."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.service import Service
from handlers.speaking import as_text, compose, split_text
from handlers.steps import Utterance
from mediation.vocabulary import RiskGrade
from storage import outbox, people
from storage.tables import AccountRow, CaseRow, PersonRow

DEFAULT_TEXT_BYTES = 2048


def text_parts(service: Service, channel: str, text: str) -> list[str]:
    """Return the text in pieces that fit the channel."""
    traits = service.traits.get(channel)
    return split_text(text, traits.max_text_bytes if traits else DEFAULT_TEXT_BYTES)


async def tell_account(
    session: AsyncSession,
    service: Service,
    account: AccountRow,
    text: str,
    *,
    key: str,
    now: datetime,
    brief: Mapping[str, str] | None = None,
    case_id: int | None = None,
) -> None:
    """Queue a text for one account; the same `key` is said only once."""
    for number, part in enumerate(text_parts(service, account.channel, text)):
        await outbox.add_outbound(
            session,
            account_id=account.id,
            case_id=case_id,
            dedupe_key=f"{key}:{number}",
            text=part,
            brief=dict(brief) if brief and number == 0 else None,
            now=now,
        )


async def tell_person(
    session: AsyncSession,
    service: Service,
    person_id: int,
    utterances: Iterable[Utterance],
    *,
    key: str,
    now: datetime,
    what: str,
    until: str = "",
    case: CaseRow | None = None,
) -> bool:
    """Queue a message for a person on the account last used; False when the person has none.

    `what` names the phrase for the short template form, used when only a template message gets through.
    """
    accounts = [one for one in await people.list_accounts(session, person_id) if one.reachable]
    person = await session.get_one(PersonRow, person_id)
    reply = compose(utterances, rules=service.rules, short=person.short_sentences)
    if not accounts or reply is None:
        return False
    brief = {
        "what": service.rules.phrases.text(what),
        "case_no": case.case_no if case else "",
        "type": service.rules.type_name(case.dispute_type) if case else "",
        "until": until,
    }
    await tell_account(
        session,
        service,
        accounts[0],
        as_text(reply),
        key=key,
        now=now,
        brief=brief,
        case_id=case.id if case else None,
    )
    return True


async def ask_operator(
    session: AsyncSession,
    service: Service,
    phrase: str,
    *,
    kind: str,
    key: str,
    now: datetime,
    facts: Mapping[str, object],
    person_id: int | None = None,
    case_id: int | None = None,
    grade: RiskGrade = RiskGrade.NONE,
) -> None:
    """Make a call task for the operators (话务员)."""
    await outbox.add_call_task(
        session,
        kind=kind,
        text=service.rules.phrases.fill(phrase, facts),
        dedupe_key=key,
        now=now,
        person_id=person_id,
        case_id=case_id,
        grade=grade.value,
    )
