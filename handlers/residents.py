"""A resident's message: the dialogue's step, then what it wants done, then the answer."""

from handlers import alerting, filing, following
from handlers.caller import Caller
from handlers.conversation import Conversation, dump_state
from handlers.dialogue import step
from handlers.messages import EventKind, InboundMessage, MessageKind, Reply
from handlers.speaking import compose
from handlers.steps import Effect, EffectKind, Heard, Known, OpenCase, Step, Utterance
from storage import cases, deadlines, people

CONVERSATION_DEADLINES = ("conversation_reminder", "conversation_expiry")
ATTACHED = {MessageKind.IMAGE, MessageKind.VOICE, MessageKind.VIDEO, MessageKind.FILE}


class Resident:
    """One resident's message on its way through a transaction."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self.session = caller.session
        self.service = caller.service
        self.account = caller.account
        self.person = caller.person
        self.now = caller.now

    async def hear(self, message: InboundMessage, state: Conversation) -> Reply | None:
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
                is_respondent=case.applicant_id != self.person.id,
            )
            for case in await cases.list_cases_of_party(self.session, self.person.id)
            if case.status not in following.FINISHED
        )
        return Known(name=self.person.name, phone=self.person.phone, open_cases=open_cases)

    async def carry_out(self, taken: Step) -> Reply | None:
        """Do what a step wants, keep its state, and return everything that is said."""
        said = list(taken.say)
        for effect in taken.effects:
            said += await self._do(effect)
        said += taken.ask
        said = [one for number, one in enumerate(said) if one not in said[:number]]
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
                return await alerting.raise_alarm(self._caller, effect, effect.draft)
            case EffectKind.LEAVE_TIP if effect.draft:
                return await alerting.leave_tip(self._caller, effect.draft, named=effect.on)
            case EffectKind.ASK_HUMAN:
                return await alerting.ask_human(self._caller, effect)
            case EffectKind.SHOW_PROGRESS:
                return await following.show_progress(self._caller)
            case EffectKind.URGE:
                return await following.urge(self._caller, effect.text)
            case EffectKind.SUPPLEMENT if effect.case_id is not None:
                return await following.supplement(self._caller, effect, effect.case_id)
            case EffectKind.WITHDRAW if effect.case_id is not None:
                return await following.withdraw(self._caller, effect.case_id)
            case EffectKind.CHANGE_CONTACT if effect.case_id is not None:
                return await following.change_contact(self._caller, effect, effect.case_id)
            case EffectKind.ASK_ANOTHER if effect.case_id is not None:
                return await following.ask_another_mediator(self._caller, effect, effect.case_id)
            case EffectKind.KEEP_PHONE:
                return await alerting.keep_phone(self._caller, effect.text)
            case EffectKind.SHORT_SENTENCES | EffectKind.EDUCATION:
                self._prefer(effect)
        return ()

    def _prefer(self, effect: Effect) -> None:
        """Keep how the person wants to be written to."""
        if effect.kind is EffectKind.EDUCATION:
            self.person.no_education = not effect.on
        else:
            self.person.short_sentences = effect.on
