"""A mediator's message: bind by code, accept or decline, duty, own cases."""

import re
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import assigning, timeline
from handlers.answering import bare, read_anywhere, read_choice, read_number
from handlers.casework import case_words
from handlers.conversation import Conversation, Question, dump_state, load_state
from handlers.desk import case_desk
from handlers.desk.advising import menu_of
from handlers.desk.reading import read_command
from handlers.desk.talk import ask_what_to_do
from handlers.desk.turn import DeskTurn
from handlers.mediating import inquiries, inviting
from handlers.mediating.listening import keep_attachment
from handlers.mediating.obligations import obligation_words
from handlers.mediating.rooms import must_stay_apart
from handlers.mediating.terms import left_words
from handlers.mediating.work import Work
from handlers.messages import InboundMessage, MessageKind, Reply
from handlers.service import Service
from handlers.speaking import compose, spoken_time
from handlers.steps import Utterance
from mediation.calendar import CHINA_TIME
from mediation.lifecycle import WITH_MEDIATOR, CaseStatus
from mediation.vocabulary import Audience
from storage import agreements, cases, people, registry
from storage.tables import AccountRow, CaseRow, MediatorRow, OfferRow, PersonRow

CODE = re.compile(r"^(?:绑定)?\s*(\d{8})$")
CASE_NUMBER = re.compile(r"(\d{4})\s*-?\s*(\d{6})$|^(\d{3,6})$")
WHOLE_NUMBER = re.compile(r"^\D{0,6}(?:\d{4}\s*-?\s*\d{6}|\d{3,6})$")
LEADING_NUMBER = re.compile(r"^\D{0,4}((?:\d{4}-)?\d{6})[\s:：,，]+(?=\S)")
STRICT_ANSWERS = {"接": "accept", "不接": "decline"}
SHOWN_CASES = 20
SHOWN_ENTRIES = 15
TELLING_LENGTH = 3
ASKING = ("?", "？", "吗", "么", "呢")
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
    invitation = await cases.find_invitation(session, match[1])
    if invitation is not None:
        work = Work(session=session, service=service, now=now, actor=f"person:{person.id}")
        return _say(service, *await inviting.join(work, invitation, person))
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
    facts = {"name": mediator.name, "committee": committee.name}
    if mediator.role != registry.MEDIATOR:
        role = service.rules.phrases.text(f"words.role_{mediator.role}")
        return _say(service, Utterance("mediator.helper_bound", {**facts, "role": role}))
    await assigning.offer_waiting_cases(session, service, mediator, now=now)
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
        self.work = Work(session=session, service=service, now=now, actor=f"mediator:{mediator.id}")
        self.turn: DeskTurn | None = None

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
        words = self.service.rules.words.mediator
        command = next((name for name, known in words.items() if bare(text) in known), None)
        if command == "resident":
            await self._keep(Conversation(as_resident=True))
            return True, _say(self.service, Utterance("mediator.as_resident"))
        offers = await cases.list_open_offers(self.session, self.mediator.id)
        busy = bool(offers) or state.asked is not None
        answered = await inquiries.hear(self.work, self.mediator.person_id or 0, text, in_form=busy)
        if answered is not None:
            return True, _say(self.service, *answered)
        if self.mediator.role != registry.MEDIATOR:
            more = await inquiries.hear_more_help(self.work, self.mediator.person_id or 0, text)
            return True, _say(self.service, more or Utterance("mediator.helper_idle"))
        if (reply := await self._hear_offer(text, offers, command, state)) is not None:
            return True, reply
        if state.room is not None and command == "cases":  # nobody says that to a party
            return True, await self._list_cases()
        taken, said = await self._hear_case(message, text, state)
        if taken:
            return True, _say(self.service, *said)
        return True, await self._hear_command(command, text, offers)

    async def _hear_offer(
        self, text: str, offers: list[OfferRow], command: str | None, state: Conversation
    ) -> Reply | None:
        """An answer to an offer; while something else is under way only 1, 2, 接 and 不接 are one."""
        numbered = {"1": "accept", "2": "decline"}.get(read_number(text) or "")
        if named := await self._named_offer(text, offers):
            return await self._answer_offer(*named)
        under_way = state.room is not None or state.asked is not None
        if under_way:
            strict = numbered or STRICT_ANSWERS.get(bare(text))
            return await self._answer_one_of(strict, offers) if strict and offers else None
        if not offers and bare(text) in self.service.rules.words.acknowledged:
            return None
        command = command or numbered
        if command in {"accept", "decline"}:
            return await self._answer_one_of(command, offers)
        if command is None and offers and (meant := self._meant(bare(text))):
            return await self._answer_one_of(meant, offers, reason=text)
        return None

    async def _hear_case(
        self, message: InboundMessage, text: str, state: Conversation
    ) -> tuple[bool, tuple[Utterance, ...]]:
        """Something about one of the own cases: the one named, the one before him, or the only one."""
        number = LEADING_NUMBER.match(text)
        named = await self._find_case(number[1] if number else text)
        if named is not None:
            state = Conversation(case_id=named.id)
            text = text[number.end() :] if number else ""
        case = named or await self._case_before_him(state)
        if named is not None and not text:
            await self._keep(state)
            return True, (*await self._show_case(named), menu_of(named, rules=self.service.rules))
        command = read_command(text, self.service.rules.words)
        if case is None:
            own = await self._own_cases()
            if len(own) == 1:
                case = own[0]
            elif own and (command is not None or message.media_id or self._tells_details(text)):
                facts = {"count": len(own), "number": own[-1].case_no[-6:]}
                lines = tuple(self._case_line(one) for one in own[:SHOWN_CASES])
                if command is None and message.media_id:
                    return True, (Utterance("mediator.photo_which"), *lines)
                return True, (Utterance("mediator.which_case", facts), *lines)
            else:
                return False, ()
        if command is not None and command.name == "menu" and bare(text) != "菜单":
            await self._keep(Conversation(case_id=case.id))
            return True, (*await self._show_case(case), menu_of(case, rules=self.service.rules))
        attachments, links = await keep_attachment(self.work, self.account, message)
        locked = await cases.get_case(self.session, case.id)
        turn = DeskTurn(work=self.work, case=locked, state=state, attachments=attachments, links=links)
        said = await case_desk.hear(turn, text)
        self.turn = turn
        await self._keep(turn.state)
        return said is not None, said or ()

    def _tells_details(self, text: str) -> bool:
        """Whether the words fill in forms (申请人男，62岁), so that only the case is missing."""
        told = self.service.rules.read_details(text, names={}, today=self.work.today)
        return any(one.is_sure for one in told)

    async def _case_before_him(self, state: Conversation) -> CaseRow | None:
        """The case that was opened last, while it is still this mediator's."""
        if state.case_id is None:
            return None
        case = await cases.get_case(self.session, state.case_id)
        return case if case.mediator_id == self.mediator.id else None

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
        if WHOLE_NUMBER.match(bare(text)) and read_number(text) is None:
            return _say(self.service, Utterance("mediator.case_not_yours"))
        if offers:
            return await self._show_offer(offers[0])
        if bare(text) in self.service.rules.words.acknowledged:
            return _say(self.service, Utterance("mediator.heard"))
        if self.turn is not None and len(bare(text)) > TELLING_LENGTH:
            said = ask_what_to_do(self.turn, text)
            await self._keep(self.turn.state)
            return _say(self.service, *said)
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
        await inviting.begin(self.work, case)
        state = load_state(await people.load_conversation(self.session, self.account.id))
        speaking = await self._case_before_him(state) if state.room is not None else None
        if speaking is not None:  # the talk in the other case goes on
            still = Utterance("mediator.still_in_room", {"case_no": speaking.case_no, "number": case.case_no})
            return _say(self.service, *self._accepted(case), still)
        await self._keep(Conversation(case_id=case.id))
        return _say(self.service, *self._accepted(case))

    def _accepted(self, case: CaseRow) -> tuple[Utterance, ...]:
        phrases = self.service.rules.phrases
        facts = {
            "case_no": case.case_no,
            "applicant": case.applicant_name or phrases.text("words.name_unknown"),
            "phone": case.applicant_phone or phrases.text("mediator.phone_none"),
            "until": spoken_time(case.contact_due_at, now=self.now, phrases=phrases)
            if case.contact_due_at
            else "",
        }
        number = {"case_no": case.case_no}
        hidden = [Utterance("mediator.applicant_name_hidden", number)] if case.name_hidden else []
        apart = [Utterance("mediator.keep_apart", number)] if must_stay_apart(case) else []
        return Utterance("mediator.accepted", facts), *hidden, *apart

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
            self.session, self.mediator.id, statuses=tuple(status.value for status in WITH_MEDIATOR)
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
        today = self.work.today
        for one, case in await agreements.list_due_obligations(
            self.session, mediator_id=self.mediator.id, until=today
        ):
            text = obligation_words(self.work, case, one)
            lines.append(Utterance("mediator.today_due", {"case_no": case.case_no, "text": text}))
        for case in await self._own_cases():
            for met in await agreements.list_set_meetings(self.session, case.id):
                if met.at >= end:
                    continue
                when = spoken_time(met.at, now=self.now, phrases=phrases)
                lines.append(
                    Utterance(
                        "mediator.today_meeting", {"case_no": case.case_no, "when": when, "place": met.place}
                    )
                )
            if case.due_at is not None and case.due_at < end and case.paused_at is None:
                left = left_words(self.work, case)
                if left:
                    lines.append(Utterance("mediator.today_term", {"case_no": case.case_no, "left": left}))
            if CaseStatus(case.status) is not CaseStatus.INVITING:
                continue
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
                for case in reversed(
                    await cases.list_cases_of_mediator(self.session, self.mediator.id, statuses=None)
                )
                if case.case_no.endswith(digits) and (year is None or f"{year}-" in case.case_no)
            ),
            None,
        )

    def _respondent(self, case: CaseRow) -> str:
        """The other side as far as it is known, for whoever has the case."""
        known = case.respondent_name or case.respondent
        unknown = self.service.rules.phrases.text("words.respondent_unknown")
        return f"{known or unknown} {case.respondent_phone or ''}".strip()

    async def _show_case(self, case: CaseRow) -> tuple[Utterance, ...]:
        rules = self.service.rules
        entries = timeline.visible_to(await cases.list_timeline(self.session, case.id), Audience.STAFF)
        shown = entries if len(entries) <= SHOWN_ENTRIES else [entries[0], *entries[1 - SHOWN_ENTRIES :]]
        left = left_words(self.work, case)
        status = rules.phrases.text(f"resident.status_{case.status}")
        facts = {
            **case_words(case, rules=rules, masked=False),
            "respondent": self._respondent(case),
            "status": f"{status} {left}".strip(),
            "phone": case.applicant_phone or rules.phrases.text("mediator.phone_none"),
            "timeline": "\n".join(timeline.lines(shown, rules=rules)),
        }
        return (Utterance("mediator.case", facts),)
