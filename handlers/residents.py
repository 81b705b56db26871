"""A resident's message: the dialogue's step, then what it wants done, then the answer."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import assigning, filing
from handlers.casework import move, record
from handlers.conversation import Draft, dump_state, load_state
from handlers.dialogue import step
from handlers.messages import EventKind, InboundMessage, MessageKind, Reply
from handlers.notifying import ask_operator
from handlers.service import Service
from handlers.speaking import compose, spoken_time
from handlers.steps import Effect, EffectKind, Heard, Known, OpenCase, Step, Utterance
from mediation.calendar import CHINA_TIME
from mediation.committees import Committee
from mediation.lifecycle import CaseAction, CaseStatus
from mediation.regions import ancestry
from mediation.vocabulary import CommitteeKind, RiskGrade
from storage import cases, deadlines, people, registry
from storage.tables import AccountRow, CaseRow, PersonRow, TipRow

FINISHED = {CaseStatus.WITHDRAWN.value}
CONVERSATION_DEADLINES = ("conversation_reminder", "conversation_expiry")
SHOWN_CASES = 5
ATTACHED = {MessageKind.IMAGE, MessageKind.VOICE, MessageKind.VIDEO, MessageKind.FILE}


class Resident:
    """One resident's message on its way through a transaction."""

    def __init__(
        self,
        session: AsyncSession,
        service: Service,
        *,
        account: AccountRow,
        person: PersonRow,
        now: datetime,
    ) -> None:
        self.session = session
        self.service = service
        self.account = account
        self.person = person
        self.now = now

    async def hear(self, message: InboundMessage) -> Reply | None:
        """Return the answer to a message."""
        said = self._event_words(message)
        if said is not None:
            return compose(said, rules=self.service.rules, short=self.person.short_sentences)
        heard = self._as_heard(message)
        if message.media_id and message.kind in ATTACHED:
            row = cases.add_attachment(
                self.session,
                account_id=self.account.id,
                case_id=None,
                kind=message.kind.value,
                media_id=message.media_id,
                received_at=self.now,
            )
            await self.session.flush()
            heard = Heard(text=heard.text, attachments=(row.id,), is_voice=heard.is_voice)
        state = load_state(await people.load_conversation(self.session, self.account.id))
        taken = step(state, heard, known=await self._known(), rules=self.service.rules, now=self.now)
        return await self.carry_out(taken)

    def _event_words(self, message: InboundMessage) -> tuple[Utterance, ...] | None:
        """What is said to an event; None when the message is to be heard as words."""
        if message.kind is not MessageKind.EVENT:
            return None
        if message.event is EventKind.CLICK and message.event_key in self.service.rules.words.menu:
            return None
        if message.event in {EventKind.SUBSCRIBE, EventKind.SCAN}:
            return (Utterance("resident.welcome"),)
        return ()

    def _as_heard(self, message: InboundMessage) -> Heard:
        words = self.service.rules.words
        if message.kind is MessageKind.EVENT:
            meaning = words.menu[message.event_key]
            return Heard(text=words.anywhere[meaning][0])
        return Heard(
            text=message.text,
            is_voice=message.kind is MessageKind.VOICE,
            is_location=message.kind is MessageKind.LOCATION,
            latitude=message.latitude,
            longitude=message.longitude,
        )

    async def _known(self) -> Known:
        open_cases = tuple(
            OpenCase(
                case_id=case.id,
                case_no=case.case_no,
                dispute_type=case.dispute_type,
                type_name=self.service.rules.type_name(case.dispute_type),
            )
            for case in await cases.list_cases_of_applicant(self.session, self.person.id)
            if case.status not in FINISHED
        )
        return Known(name=self.person.name, phone=self.person.phone, open_cases=open_cases)

    async def carry_out(self, taken: Step) -> Reply | None:
        """Do what a step wants, keep its state, and return everything that is said."""
        said = list(taken.say)
        for effect in taken.effects:
            said += await self._do(effect)
        said += taken.ask
        await self._keep(taken)
        return compose(said, rules=self.service.rules, short=self.person.short_sentences)

    async def _keep(self, taken: Step) -> None:
        """Keep the dialogue; an unfinished one is reminded of once and put away after its time."""
        await people.save_conversation(self.session, self.account.id, dump_state(taken.state), now=self.now)
        await deadlines.cancel_deadlines(
            self.session, kinds=CONVERSATION_DEADLINES, subject_id=self.account.id
        )
        if taken.state.draft is None:
            return
        rules = self.service.rules.rulebook
        for kind, span in zip(
            CONVERSATION_DEADLINES,
            (rules.deadlines.conversation.reminder_after, rules.deadlines.conversation.kept),
            strict=True,
        ):
            deadlines.add_deadline(
                self.session,
                kind=kind,
                subject_id=self.account.id,
                due_at=rules.calendar.after(self.now, span),
            )

    async def _do(self, effect: Effect) -> tuple[Utterance, ...]:
        match effect.kind:
            case EffectKind.FILE_CASE if effect.draft:
                return await filing.file_case(
                    self.session,
                    self.service,
                    account=self.account,
                    person=self.person,
                    draft=effect.draft,
                    now=self.now,
                )
            case EffectKind.RAISE_ALARM if effect.draft:
                return await self._raise_alarm(effect, effect.draft)
            case EffectKind.LEAVE_TIP if effect.draft:
                return await self._leave_tip(effect.draft, named=effect.on)
            case EffectKind.ASK_HUMAN:
                return await self._ask_human(effect)
            case EffectKind.SHOW_PROGRESS:
                return await self._show_progress()
            case EffectKind.URGE:
                return await self._urge(effect.text)
            case EffectKind.SUPPLEMENT if effect.case_id is not None:
                return await self._supplement(effect, effect.case_id)
            case EffectKind.WITHDRAW if effect.case_id is not None:
                return await self._withdraw(effect.case_id)
            case EffectKind.KEEP_PHONE:
                return await self._keep_phone(effect.text)
            case EffectKind.SHORT_SENTENCES:
                self.person.short_sentences = effect.on
        return ()

    def _contact(self, draft: Draft | None = None) -> dict[str, object]:
        text = self.service.rules.phrases.text
        name = (draft.name if draft else None) or self.person.name
        phone = (draft.phone if draft else None) or self.person.phone
        return {
            "name": name or text("words.name_unknown"),
            "phone": phone or text("words.phone_unknown"),
        }

    def _place_words(self, draft: Draft) -> str:
        rules = self.service.rules
        if draft.place:
            return rules.place_name(draft.place)
        names = "、".join(rules.place_name(code) for code in draft.place_candidates[:3])
        return names or draft.place_words or rules.phrases.text("words.place_unknown")

    async def _raise_alarm(self, effect: Effect, draft: Draft) -> tuple[Utterance, ...]:
        """Tell the township's mediators (or the next level that can be reached) and the operators."""
        rules = self.service.rules
        facts = {
            "place": self._place_words(draft),
            "words": "、".join(rules.phrases.text(f"words.risk_{flag}") for flag in sorted(effect.flags)),
            "text": effect.text,
            **self._contact(draft),
        }
        key = f"alarm:{self.account.id}:{int(self.now.timestamp())}"
        if effect.case_id is not None:
            await self._turn_red(effect.case_id, effect)
        await ask_operator(
            self.session,
            self.service,
            "operator.alarm",
            kind="alarm",
            key=key,
            now=self.now,
            facts=facts,
            person_id=self.person.id,
            grade=RiskGrade.RED,
        )
        for committee in await self._committees_upwards(draft.place):
            if await assigning.inform_committee(
                self.session,
                self.service,
                committee,
                (Utterance("mediator.alarm", facts),),
                key=key,
                now=self.now,
            ):
                return (Utterance("resident.alarm_told", {"who": committee.name}),)
        who = rules.phrases.text("words.somebody_on_duty")
        return (Utterance("resident.alarm_told", {"who": who}),)

    async def _turn_red(self, case_id: int, effect: Effect) -> None:
        """A case that is under way goes red."""
        case = await cases.get_case(self.session, case_id)
        case.grade = RiskGrade.RED.value
        case.risk = sorted({*case.risk, *effect.flags})
        await record(self.session, case, "alarm", at=self.now, actor=f"person:{self.person.id}")

    async def _committees_upwards(self, place: str | None) -> list[Committee]:
        """The statutory committees of a place that can be reached, from the township upwards."""
        city = self.service.rules.rulebook.service.city_region
        found = await registry.list_committees_of(self.session, list(ancestry(place or city)))
        statutory = (CommitteeKind.TOWNSHIP, CommitteeKind.COUNTY, CommitteeKind.CITY)
        return [one for kind in statutory for one in found if one.kind is kind and one.reachable]

    async def _leave_tip(self, draft: Draft, *, named: bool) -> tuple[Utterance, ...]:
        """Keep a tip (线索) for the screening list and tell the committees of the place."""
        rules = self.service.rules
        self.session.add(
            TipRow(
                account_id=self.account.id if named else None,
                place=draft.place,
                dispute_type=draft.type.value if draft.type else None,
                grade=draft.grade.value,
                text=draft.text,
                created_at=self.now,
            )
        )
        facts = {"place": self._place_words(draft), "text": draft.text}
        key = f"tip:{self.account.id}:{int(self.now.timestamp())}"
        for committee in await self._committees_upwards(draft.place):
            if await assigning.inform_committee(
                self.session,
                self.service,
                committee,
                (Utterance("mediator.tip", facts),),
                key=key,
                now=self.now,
            ):
                return ()
        text = rules.phrases.text
        contact = (
            self._contact(draft)
            if named
            else {"name": text("words.name_unknown"), "phone": text("words.phone_unknown")}
        )
        await ask_operator(
            self.session,
            self.service,
            "operator.tip",
            kind="tip",
            key=key,
            now=self.now,
            facts={**facts, **contact},
            grade=draft.grade,
        )
        return ()

    async def _ask_human(self, effect: Effect) -> tuple[Utterance, ...]:
        """A call task for the operators, at most one a day for the same person."""
        rules = self.service.rules
        calendar = rules.rulebook.calendar
        await ask_operator(
            self.session,
            self.service,
            "operator.human",
            kind="human",
            key=f"human:{self.person.id}:{self.now.astimezone(CHINA_TIME).date()}",
            now=self.now,
            facts={"text": effect.text, **self._contact(effect.draft)},
            person_id=self.person.id,
        )
        if calendar.is_open(self.now):
            when = rules.phrases.text("resident.human_now")
        else:
            opens = spoken_time(calendar.next_opening(self.now), now=self.now, phrases=rules.phrases)
            when = rules.phrases.text("resident.human_later", opens=opens)
        said = Utterance("resident.human_asked", {"when": when})
        known = self.person.phone or (effect.draft and effect.draft.phone)
        return (said,) if known else (said, Utterance("resident.human_phone"))

    async def _keep_phone(self, phone: str) -> tuple[Utterance, ...]:
        """A number sent by itself: whoever is asked to call must have it."""
        people.set_phone(self.person, phone)
        await ask_operator(
            self.session,
            self.service,
            "operator.phone",
            kind="phone",
            key=f"phone:{self.person.id}:{self.now.astimezone(CHINA_TIME).date()}",
            now=self.now,
            facts=self._contact(),
            person_id=self.person.id,
        )
        return (Utterance("resident.phone_kept", {"phone": phone}),)

    async def _show_progress(self) -> tuple[Utterance, ...]:
        found = await cases.list_cases_of_applicant(self.session, self.person.id)
        if not found:
            return (Utterance("resident.progress_none"),)
        return tuple([await self._progress_line(case) for case in found[:SHOWN_CASES]])

    async def _progress_line(self, case: CaseRow) -> Utterance:
        rules = self.service.rules
        text = rules.phrases.text
        committee = await registry.get_committee(self.session, case.committee_id)
        facts: dict[str, object] = {"committee": committee.name}
        detail = f"resident.detail_{case.status}"
        offer = await cases.find_open_offer(self.session, case.id)
        if case.status == CaseStatus.OFFERED and offer:
            facts["until"] = spoken_time(offer.due_at, now=self.now, phrases=rules.phrases)
        elif case.status == CaseStatus.OFFERED:
            detail = "resident.detail_filed"
        if case.mediator_id is not None and case.contact_due_at is not None:
            mediator = await registry.get_mediator(self.session, case.mediator_id)
            facts["mediator"] = mediator.name
            facts["until"] = spoken_time(case.contact_due_at, now=self.now, phrases=rules.phrases)
            if case.status == CaseStatus.MEDIATING and case.contact_due_at < self.now:
                detail = "resident.detail_mediating_late"
        return Utterance(
            "resident.progress_line",
            {
                "case_no": case.case_no,
                "type": rules.type_name(case.dispute_type),
                "status": text(f"resident.status_{case.status}"),
                "detail": rules.phrases.fill(detail, facts),
            },
        )

    async def _urge(self, text: str) -> tuple[Utterance, ...]:
        """Press for action (催办), at most as often as the rule file says."""
        found = [
            case
            for case in await cases.list_cases_of_applicant(self.session, self.person.id)
            if case.status not in FINISHED
        ]
        if not found:
            return (Utterance("resident.progress_none"),)
        case = await cases.get_case(
            self.session, next((one.id for one in found if one.case_no in text), found[0].id)
        )
        rules = self.service.rules
        limit = rules.rulebook.deadlines.urge
        if case.urged_at and rules.rulebook.calendar.after(case.urged_at, limit.within) > self.now:
            return (Utterance("resident.urged_before", {"case_no": case.case_no}),)
        case.urged_at = self.now
        await record(self.session, case, "urged", at=self.now, actor=f"person:{self.person.id}")
        who = await self._tell_staff(case, "mediator.urged", key=f"urged:{case.id}:{self.now.timestamp()}")
        phrase = "resident.urged_mediator" if who else "resident.urged_committee"
        told = rules.phrases.text(phrase, mediator=who)
        return (Utterance("resident.urged", {"case_no": case.case_no, "who": told}),)

    async def _tell_staff(self, case: CaseRow, phrase: str, *, key: str, **facts: object) -> str:
        """Tell the mediator of a case, or the one who is being asked; "" when nobody has it yet."""
        mediator_id = case.mediator_id
        offer = await cases.find_open_offer(self.session, case.id)
        if mediator_id is None and offer:
            mediator_id = offer.mediator_id
        if mediator_id is None:
            rules = self.service.rules
            await ask_operator(
                self.session,
                self.service,
                "operator.waiting",
                kind="waiting",
                key=key,
                now=self.now,
                person_id=self.person.id,
                case_id=case.id,
                facts={
                    "what": rules.phrases.text(phrase, case_no=case.case_no, **facts),
                    **self._contact(),
                },
            )
            return ""
        mediator = await registry.get_mediator(self.session, mediator_id)
        utterance = Utterance(phrase, {"case_no": case.case_no, **facts})
        await assigning.tell_mediator(
            self.session,
            self.service,
            mediator,
            (utterance,),
            key=key,
            now=self.now,
            case=case,
            what="operator.brief_case",
        )
        return mediator.name

    async def _supplement(self, effect: Effect, case_id: int) -> tuple[Utterance, ...]:
        """More words or pictures for a case that is under way."""
        case = await cases.get_case(self.session, case_id)
        rules = self.service.rules
        pictures = rules.phrases.text("words.picture") if effect.attachments else ""
        text = effect.text or pictures
        await cases.attach_to_case(self.session, effect.attachments, case_id=case.id)
        await record(
            self.session, case, "supplemented", at=self.now, actor=f"person:{self.person.id}", text=text
        )
        if effect.text:
            case.summary = f"{case.summary}\n{effect.text}"
        who = await self._tell_staff(
            case, "mediator.supplemented", key=f"more:{case.id}:{self.now.timestamp()}", text=text
        )
        told = rules.phrases.text("resident.supplement_told") if who else ""
        return (Utterance("resident.supplemented", {"case_no": case.case_no, "who": told}),)

    async def _withdraw(self, case_id: int) -> tuple[Utterance, ...]:
        """The applicant takes the case back (撤回); whoever has it is told."""
        case = await cases.get_case(self.session, case_id)
        await self._tell_staff(case, "mediator.withdrawn", key=f"withdrawn:{case.id}")
        offer = await cases.find_open_offer(self.session, case.id)
        if offer:
            offer.state, offer.answered_at = "withdrawn", self.now
            await deadlines.cancel_deadlines(
                self.session, kinds=assigning.OFFER_DEADLINES, subject_id=offer.id
            )
        move(case, CaseAction.WITHDRAW)
        await record(self.session, case, "withdrawn", at=self.now, actor=f"person:{self.person.id}")
        return (Utterance("resident.withdrawn", {"case_no": case.case_no}),)
