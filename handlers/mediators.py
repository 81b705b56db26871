"""A mediator's message: bind by code, accept or decline, duty, own cases."""

import re
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import assigning
from handlers.answering import bare, read_anywhere, read_choice, read_number
from handlers.casework import case_words
from handlers.conversation import Conversation, Question, dump_state, load_state
from handlers.messages import InboundMessage, MessageKind, Reply
from handlers.service import Service
from handlers.speaking import compose, spoken_time
from handlers.steps import Utterance
from mediation.calendar import CHINA_TIME
from mediation.lifecycle import CaseStatus
from storage import cases, people, registry
from storage.tables import AccountRow, CaseRow, MediatorRow, OfferRow, PersonRow

CODE = re.compile(r"^(?:绑定)?\s*(\d{8})$")
CASE_NUMBER = re.compile(r"(\d{4})\s*-?\s*(\d{6})$|^(\d{3,6})$")
SHOWN_CASES = 20
TELLING_LENGTH = 3
ASKING = ("?", "？", "吗", "么", "呢")
TIMELINE_FACTS = ("mediator", "committee", "reason", "text")
REASONS = {"1": "words.reason_busy", "2": "words.reason_recused", "3": "words.reason_not_ours"}


async def bind(
    session: AsyncSession,
    service: Service,
    *,
    account: AccountRow,
    person: PersonRow,
    text: str,
    now: datetime,
) -> Reply | None:
    """Bind the account to a mediator when the message is a one-time code; None when it is not.

    A bare number of eight digits that is no code is left to the dialogue, but counted: somebody who
    tries numbers is stopped for a while.
    """
    match = CODE.match(bare(text))
    if match is None:
        return None
    rules = service.rules
    limit = rules.rulebook.deadlines.binding_code.wrong
    if account.code_failed_at and rules.rulebook.calendar.after(account.code_failed_at, limit.within) <= now:
        account.code_failures = 0
    asked_for = bare(text) != match[1]
    if account.code_failures >= limit.times:
        return _say(service, Utterance("mediator.code_blocked")) if asked_for else None
    code = await registry.find_binding_code(session, match[1])
    if code is None or code.used_at is not None or code.expires_at <= now:
        account.code_failures += 1
        account.code_failed_at = now
        idle = load_state(await people.load_conversation(session, account.id)).is_idle
        known = code is not None or asked_for or idle
        return _say(service, Utterance("mediator.code_unknown")) if known else None
    mediator = await registry.get_mediator(session, code.mediator_id)
    committee = await registry.get_committee(session, mediator.committee_id)
    other = await registry.find_mediator_of_person(session, person.id)
    if other is not None and other.id != mediator.id:
        serving = await registry.get_committee(session, other.committee_id)
        facts = {"committee": serving.name, "name": other.name}
        return _say(service, Utterance("mediator.bound_already", facts))
    code.used_at = now
    mediator.person_id, mediator.on_duty = person.id, True
    account.code_failures = 0
    if person.name is None:
        person.name = mediator.name
    await session.flush()
    await assigning.offer_waiting_cases(session, service, mediator, now=now)
    facts = {"name": mediator.name, "committee": committee.name}
    return _say(service, Utterance("mediator.bound", facts))


def _say(service: Service, *utterances: Utterance) -> Reply | None:
    return compose(utterances, rules=service.rules)


class Desk:
    """One mediator's message on its way through a transaction."""

    def __init__(
        self,
        session: AsyncSession,
        service: Service,
        *,
        account: AccountRow,
        mediator: MediatorRow,
        now: datetime,
    ) -> None:
        self.session = session
        self.service = service
        self.account = account
        self.mediator = mediator
        self.now = now

    async def hear(self, message: InboundMessage) -> tuple[bool, Reply | None]:
        """Return (True, answer), or (False, None) when the mediator speaks as a resident."""
        if message.kind is MessageKind.EVENT:
            return False, None
        state = load_state(await people.load_conversation(self.session, self.account.id))
        text = message.text.strip()
        if state.asked is Question.DECLINE and state.subject_id is not None:
            return True, await self._hear_decline_reason(state.subject_id, text)
        if state.as_resident or state.draft is not None:
            return False, None
        said = bare(text)
        commands = self.service.rules.words.mediator
        command = next((name for name, words in commands.items() if said in words), None)
        offers = await cases.list_open_offers(self.session, self.mediator.id)
        if command == "resident":
            await self._keep(Conversation(as_resident=True))
            return True, _say(self.service, Utterance("mediator.as_resident"))
        if command is None:
            command = {"1": "accept", "2": "decline"}.get(read_number(text) or "")
        if command is None and (named := await self._named_offer(text, offers)):
            return True, await self._answer_offer(*named)
        if command in {"accept", "decline"}:
            return True, await self._answer_one_of(command, offers)
        if command is None and offers and (meant := self._meant(said)):
            return True, await self._answer_one_of(meant, offers, reason=text)
        return True, await self._hear_command(command, text, offers)

    def _meant(self, said: str) -> str | None:
        """Return what "我不能接，这是俺二叔" or "这案子我接了" answers to an offer."""
        words = self.service.rules.words
        if any(word in said for word in words.declining):
            return "decline"
        return "accept" if any(word in said for word in words.accepting) else None

    async def _answer_one_of(self, command: str, offers: list[OfferRow], *, reason: str = "") -> Reply | None:
        """Answer the one open offer; with several, nobody guesses which was meant."""
        if not offers:
            return _say(self.service, Utterance("mediator.no_offer"))
        if len(offers) > 1:
            lines = []
            for offer in offers:
                case = await cases.get_case(self.session, offer.case_id)
                facts = {**case_words(case, rules=self.service.rules), "status": ""}
                lines.append(Utterance("mediator.case_line", facts))
            number = (await cases.get_case(self.session, offers[-1].case_id)).case_no[-6:]
            asked = Utterance("mediator.which_offer", {"count": len(offers), "number": number})
            return _say(self.service, asked, *lines)
        if command == "decline" and len(reason) >= TELLING_LENGTH:
            return await self._decline(offers[0], reason)
        return await self._answer_offer(command, offers[0])

    async def _decline(self, offer: OfferRow, reason: str) -> Reply | None:
        locked = await cases.get_offer(self.session, offer.id)
        case = await assigning.decline(self.session, self.service, locked, reason=reason, now=self.now)
        return _say(self.service, Utterance("mediator.declined", {"case_no": case.case_no}))

    async def _named_offer(self, text: str, offers: list[OfferRow]) -> tuple[str, OfferRow] | None:
        """ "接 000123" and "不接 漯调2026-000123" name one of several offers."""
        words = self.service.rules.words.mediator
        verb, _, number = bare(text).partition(" ")
        command = next((name for name in ("decline", "accept") if verb in words[name]), None)
        match = CASE_NUMBER.search(number.strip())
        if command is None or match is None:
            return None
        digits = (match[2] or match[3]).zfill(6)
        for offer in offers:
            case = await cases.get_case(self.session, offer.case_id)
            if case.case_no.endswith(digits):
                return command, offer
        return None

    async def _hear_command(self, command: str | None, text: str, offers: list[OfferRow]) -> Reply | None:
        match command:
            case "on_duty":
                self.mediator.on_duty = True
                await self.session.flush()
                await assigning.offer_waiting_cases(self.session, self.service, self.mediator, now=self.now)
                return _say(self.service, Utterance("mediator.on_duty"))
            case "off_duty":
                self.mediator.on_duty = False
                return _say(self.service, Utterance("mediator.off_duty"))
            case "cases":
                return await self._list_cases()
            case "today":
                return await self._list_today(offers)
            case "help":
                return _say(self.service, await self._help())
        case = await self._find_case(text)
        if case is not None:
            return await self._show_case(case)
        if CASE_NUMBER.search(bare(text)) and read_number(text) is None:
            return _say(self.service, Utterance("mediator.case_not_yours"))
        if offers:
            return await self._show_offer(offers[0])
        return _say(self.service, Utterance("mediator.not_understood"))

    async def _keep(self, state: Conversation) -> None:
        await people.save_conversation(self.session, self.account.id, dump_state(state), now=self.now)

    async def _help(self) -> Utterance:
        committee = await registry.get_committee(self.session, self.mediator.committee_id)
        duty = "mediator.duty_on" if self.mediator.on_duty else "mediator.duty_off"
        facts = {
            "name": self.mediator.name,
            "committee": committee.name,
            "duty": self.service.rules.phrases.text(duty),
        }
        return Utterance("mediator.help", facts)

    async def _show_offer(self, offer: OfferRow) -> Reply | None:
        case = await cases.get_case(self.session, offer.case_id)
        return _say(self.service, *assigning.offer_card(self.service, case, offer, now=self.now))

    async def _answer_offer(self, command: str, offer: OfferRow) -> Reply | None:
        locked = await cases.get_offer(self.session, offer.id)
        if locked.state != "open":
            return _say(self.service, Utterance("mediator.offer_gone"))
        if command == "decline":
            await self._keep(Conversation(asked=Question.DECLINE, subject_id=offer.id))
            return _say(self.service, Utterance("mediator.ask_decline"))
        case = await assigning.accept(self.session, self.service, locked, now=self.now)
        return _say(self.service, self._accepted(case))

    def _accepted(self, case: CaseRow) -> Utterance:
        phrases = self.service.rules.phrases
        facts = {
            "case_no": case.case_no,
            "applicant": case.applicant_name or phrases.text("words.name_unknown"),
            "phone": case.applicant_phone or phrases.text("mediator.phone_none"),
            "until": spoken_time(case.contact_due_at, now=self.now, phrases=phrases)
            if case.contact_due_at
            else "",
        }
        return Utterance("mediator.accepted", facts)

    async def _hear_decline_reason(self, offer_id: int, text: str) -> Reply | None:
        """The reason for declining, by number or in own words."""
        phrases = self.service.rules.phrases
        words = self.service.rules.words
        key = read_choice(text, phrases["mediator.ask_decline"])
        offer = await cases.get_offer(self.session, offer_id)
        await self._keep(Conversation())
        if offer.state != "open":
            return _say(self.service, Utterance("mediator.offer_gone"))
        if key == "4":
            return await self._answer_offer("accept", offer)
        if read_anywhere(text, words) in {"cancel", "back"}:
            return await self._show_offer(offer)
        known = {word for group in words.mediator.values() for word in group}
        is_reason = len(text) >= TELLING_LENGTH and bare(text) not in known and not text.endswith(ASKING)
        if key not in REASONS and not is_reason:
            await self._keep(Conversation(asked=Question.DECLINE, subject_id=offer.id))
            return _say(self.service, Utterance("mediator.ask_decline"))
        return await self._decline(offer, phrases.text(REASONS[key]) if key in REASONS else text)

    async def _own_cases(self) -> list[CaseRow]:
        return await cases.list_cases_of_mediator(
            self.session, self.mediator.id, statuses=(CaseStatus.MEDIATING.value,)
        )

    async def _list_cases(self) -> Reply | None:
        own = await self._own_cases()
        waiting = len(await cases.list_open_offers(self.session, self.mediator.id))
        lines = [self._case_line(case) for case in own[:SHOWN_CASES]]
        if waiting:
            lines.append(Utterance("mediator.cases_waiting", {"count": waiting}))
        if not own:
            return _say(self.service, Utterance("mediator.cases_none"), *lines)
        return _say(self.service, Utterance("mediator.cases_head", {"count": len(own)}), *lines)

    def _case_line(self, case: CaseRow) -> Utterance:
        rules = self.service.rules
        facts = {
            **case_words(case, rules=rules),
            "status": rules.phrases.text(f"resident.status_{case.status}"),
        }
        return Utterance("mediator.case_line", facts)

    async def _list_today(self, offers: list[OfferRow]) -> Reply | None:
        """What is due today: offers to answer and first calls to make."""
        phrases = self.service.rules.phrases
        end = (self.now.astimezone(CHINA_TIME) + timedelta(days=1)).replace(hour=0, minute=0, second=0)
        lines: list[Utterance] = []
        for offer in offers:
            case = await cases.get_case(self.session, offer.case_id)
            until = spoken_time(offer.due_at, now=self.now, phrases=phrases)
            lines.append(Utterance("mediator.today_offer", {"case_no": case.case_no, "until": until}))
        for case in await self._own_cases():
            if case.contact_due_at is None or case.contact_due_at >= end:
                continue
            phrase = "mediator.today_overdue" if case.contact_due_at < self.now else "mediator.today_contact"
            facts = {
                "case_no": case.case_no,
                "applicant": case.applicant_name or phrases.text("words.name_unknown"),
                "until": spoken_time(case.contact_due_at, now=self.now, phrases=phrases),
            }
            lines.append(Utterance(phrase, facts))
        return _say(self.service, *(lines or [Utterance("mediator.today_none")]))

    async def _find_case(self, text: str) -> CaseRow | None:
        """A case of this mediator by its number or the last digits of it."""
        match = CASE_NUMBER.search(bare(text))
        if match is None:
            return None
        digits = (match[2] or match[3]).zfill(6)
        year = match[1]
        return next(
            (
                case
                for case in reversed(await self._own_cases())
                if case.case_no.endswith(digits) and (year is None or f"{year}-" in case.case_no)
            ),
            None,
        )

    async def _show_case(self, case: CaseRow) -> Reply | None:
        rules = self.service.rules
        steps = []
        for entry in await cases.list_timeline(self.session, case.id):
            local = entry.at.astimezone(CHINA_TIME)
            facts = {name: entry.content.get(name, "") for name in TIMELINE_FACTS}
            what = rules.phrases.text(f"words.event_{entry.event}", **facts)
            steps.append(rules.phrases.text("mediator.timeline_line", at=f"{local:%m-%d %H:%M}", what=what))
        facts = {
            **case_words(case, rules=rules, masked=False),
            "status": rules.phrases.text(f"resident.status_{case.status}"),
            "phone": case.applicant_phone or rules.phrases.text("mediator.phone_none"),
            "timeline": "\n".join(steps),
        }
        return _say(self.service, Utterance("mediator.case", facts))
