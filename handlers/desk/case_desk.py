"""A mediator's message about one case: commands carried out, questions asked and their answers read."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from handlers.answering import bare, read_anywhere, read_choice, read_exact, read_number
from handlers.conversation import Conversation, Question
from handlers.desk import advising
from handlers.desk.reading import Command, read_command, read_loosely
from handlers.mediating import (
    agreeing,
    ending,
    helping,
    inviting,
    meeting,
    papers,
    performing,
    recording,
    rooms,
    terms,
)
from handlers.mediating.agreeing import Drafted, NameIsHiddenError, NotConfirmedError
from handlers.mediating.meeting import AlreadyPastError
from handlers.mediating.obligations import agreed_lines, obligation_words
from handlers.mediating.own_words import read_own_words
from handlers.mediating.parties import BOTH, called, name_of
from handlers.mediating.performing import NoSuchObligationError
from handlers.mediating.recording import RecordKind
from handlers.mediating.rooms import MustStayApartError, NobodyThereError, Said
from handlers.mediating.work import Work
from handlers.messages import Choice
from handlers.steps import Utterance
from mediation.agreement import AgreementForm, Side, Unclear
from mediation.calendar import CHINA_TIME
from mediation.lifecycle import CaseAction, CaseStatus, EndReason, NotNow, advance
from mediation.vocabulary import HelperRole
from nlp.moments import Moment
from storage import agreements
from storage.tables import AgreementRow, CaseRow, ObligationRow

Answer = tuple[Utterance, ...]
ROOM_SIDES = {"applicant": Side.APPLICANT, "respondent": Side.RESPONDENT, "joint": None}
HELPERS = {
    "3": (HelperRole.EXPERT,),
    "4": (HelperRole.LEGAL_ADVISER,),
    "5": (HelperRole.LAW_AWARE_VILLAGER,),
    "6": helping.JOINT_SESSION,
}
HELP_COMMANDS = {
    "expert": (HelperRole.EXPERT,),
    "legal_adviser": (HelperRole.LEGAL_ADVISER,),
    "law_aware_villager": (HelperRole.LAW_AWARE_VILLAGER,),
    "joint_session": helping.JOINT_SESSION,
}
END_REASONS = {
    "3": EndReason.TOO_FAR_APART,
    "4": EndReason.STOPPED,
    "5": EndReason.UNREACHABLE,
    "6": EndReason.NOT_SIGNED,
    "7": EndReason.SELF_SETTLED,
    "8": EndReason.NOT_MEDIABLE,
    "9": EndReason.OTHER,
}
ATTENDANCE = {
    "attended": (),
    "absent_applicant": (Side.APPLICANT,),
    "absent_respondent": (Side.RESPONDENT,),
    "absent_both": BOTH,
}
NEEDS = {
    "agreement": CaseAction.PROPOSE,
    "pause": CaseAction.PAUSE,
    "recuse": CaseAction.TRANSFER,
    "transfer": CaseAction.TRANSFER,
    "hand_up": CaseAction.TRANSFER,
    "end": CaseAction.TERMINATE,
}
"""What must be possible now for a command that asks for more words first."""
ASKED_AGAIN = {
    Question.ROOM_WHO: "mediator.ask_room",
    Question.HELP_WHO: "mediator.ask_help_who",
    Question.END_WHY: "mediator.ask_end",
}
COURT = {"court_applied": "applied", "court_confirmed": "confirmed", "court_refused": "refused"}
RECORDS = {
    "note": RecordKind.NOTE,
    "investigation": RecordKind.INVESTIGATION,
    "session": RecordKind.SESSION,
}
NAMED_WITHIN, PHONE_SAID, ONLY_A_TIME, TELLING = 12, 20, 12, 4
OPENERS = re.compile(
    r"^(?:(?:那就|那|好的|好|行|中|嗯|咱|我想|我要|我先|我得|先|想|帮我|给我|麻烦你?|现在|再)[，,。\s]*)+(?=.{2})"
)
CLAUSE_END = re.compile(r"[，,。：:；;]")
IS_CALLED = re.compile(r"^(?:就|是|叫|为)+")
NUMBER_FIRST = re.compile(r"^\s*第?\s*([0-9一二三四五六七八九十]{1,2})\s*(?:条|项|期|、|，|,|:|：|\s|$)")


@dataclass(slots=True, kw_only=True)
class CaseDesk:
    """One message of a mediator about one of the own cases. `state` is what is remembered afterwards."""

    work: Work
    case: CaseRow
    state: Conversation
    attachments: tuple[int, ...] = ()
    links: tuple[str, ...] = ()

    async def hear(self, text: str) -> Answer | None:
        """Return what the mediator hears; None when the words mean nothing here."""
        words = self.work.rules.words
        command = self._read_command(text)
        fell_silent = self._leave_closed_room()
        try:
            if self.attachments:
                return await self._keep_attachment(text)
            if self.state.asked is not None and not self._leaves_question(command, text):
                answered = await READERS[self.state.asked](self, text)
                if answered is not None:
                    return answered
            if self.state.room is not None and not self._is_command_in_room(command, text):
                return await self._speak(ROOM_SIDES[self.state.room], Said(text=text))
            if command is None and (meant := read_loosely(self._by_roles(text, whole=True), words)):
                return await self._do_loosely(meant, text)
            if command is None:
                said = await self._hear_freely(text)
                if said is None and self.state.asked in ASKED_AGAIN:
                    return (self._say(ASKED_AGAIN[self.state.asked]),)
                return (self._say("mediator.room_gone"),) if said is None and fell_silent else said
            self._ask(None)
            return await self._do(command)
        except NotNow as error:
            self._ask(None)
            status = self.work.text(f"resident.status_{error.status}")
            return (Utterance("mediator.not_now", {"case_no": self.case.case_no, "status": status}),)
        except MustStayApartError:
            self._ask(None)
            return (self._say("mediator.must_stay_apart"),)
        except NobodyThereError:
            return (self._say("mediator.nobody_there"),)
        except AlreadyPastError:
            return (self._say("mediator.meet_past"),)
        except NoSuchObligationError:
            return (self._say("mediator.no_such_obligation"),)

    def _by_roles(self, text: str, *, whole: bool = False) -> str:
        """Return the text with the sides by their roles: 跟刘强聊 is 跟申请人聊.

        Else only its beginning, without opening words, because the rest belongs to what is said or kept.
        """
        text = text.strip() if whole else OPENERS.sub("", text.strip())
        end = len(text) if whole else NAMED_WITHIN
        head, rest = text[:end], text[end:]
        for side in BOTH:
            name = called(self.work, self.case, side)
            role = self.work.text(f"words.side_{side}")
            for known in {name_of(self.work, self.case, side), name or ""} - {"", role}:
                head = head.replace(known, role)
        return head + rest

    async def _do_loosely(self, command: Command, text: str) -> Answer | None:
        """Carry out what a sentence means; what cannot be undone is asked back."""
        inviting_now = CaseStatus(self.case.status) is CaseStatus.INVITING
        match command.name:
            case "consented" | "refused" if inviting_now:
                self._ask(Question.SURE, held=command.name)
                return (self._say(f"mediator.ask_sure_{command.name}"),)
            case "performed" if CaseStatus(self.case.status) is CaseStatus.PERFORMING:
                return await self._ask_performed(text)
            case "consented" | "refused" | "performed":
                return await self._hear_freely(text)
            case "leave" if self.state.room is None:
                return await self._hear_freely(text)
            case "agreement" if agreeing.is_promise(self.work, self.case, text, acts=True):
                return await self._draft(text)
            case "expert" | "legal_adviser" | "law_aware_villager" | "joint_session":
                asked = CLAUSE_END.split(text, maxsplit=1)[1:]
                rest = asked[0] if asked and len(asked[0]) >= TELLING else ""
                return await self._do(Command(command.name, rest))
            case "postpone":
                return await self._change_obligation(Command("postpone", text))
            case "invite" if any(word in text for word in self.work.rules.words.desk["no_phone"]):
                return (await inviting.invite(self.work, self.case),)
            case "invite" if phone := self.work.rules.read_phone(text):
                return await self._read_phone(phone)
        self._ask(None)
        return await self._do(command)

    async def _ask_performed(self, text: str) -> Answer:
        """ "第一条给了", "李大柱把钱给了": which one is meant, and whether it is sure."""
        match = NUMBER_FIRST.match(text)
        number = int(read_number(match[1]) or "0") if match else None
        one = await performing.obligation_number(self.work, self.case, number)
        self._ask(Question.SURE, held="performed", subject_id=one.seq)
        text = obligation_words(self.work, self.case, one)
        return (self._say("mediator.ask_sure_performed", number=one.seq, text=text),)

    async def hear_sure(self, text: str) -> Answer | None:
        """Yes or no to "您是说对方不同意吗"."""
        choice = read_own_words(
            text,
            self.work.rules.phrases[f"mediator.ask_sure_{self.state.held}"],
            self.work.rules.words.answers,
            opposite={},
            yes_or_no=False,
        )
        command = Command(self.state.held, str(self.state.subject_id or ""))
        if choice is None:
            return None
        self._ask(None)
        return await self._do(command) if choice == "3" else (self._say("mediator.not_done"),)

    def ask_what_to_do(self, text: str) -> Answer:
        """Words that mean no command: nothing a mediator writes is lost."""
        self._ask(Question.WORDS, held=text)
        return (self._say("mediator.ask_words"),)

    async def hear_words(self, text: str) -> Answer | None:
        """Where the words go: to the record, to a side, to both, nowhere."""
        choice = read_exact(text, self.work.rules.phrases["mediator.ask_words"])
        held = self.state.held
        self._ask(None)
        match choice:
            case None:
                return None
            case "3":
                return await self._keep_record(RecordKind.NOTE, held)
            case "4" | "5" | "6":
                side = {"4": Side.APPLICANT, "5": Side.RESPONDENT}.get(choice)
                return await self._speak(side, Said(text=held))
            case _:
                return (Utterance("mediator.not_understood"),)

    def _read_command(self, text: str) -> Command | None:
        """Return the command of a message: 约王大爷… is 约申请人…, "鉴定结果出来了" ends a pause."""
        words = self.work.rules.words
        command = read_command(text, words)
        if command is None or (command.name == "meet" and command.rest):
            command = read_command(self._by_roles(text), words) or command
        if command is not None and command.name == "pause" and self.case.paused_at is not None:
            command = read_loosely(text, words) or command
        return command

    def _leave_closed_room(self) -> bool:
        """A room in which nobody spoke for long is closed: nothing more is passed on to anybody."""
        gone = (
            self.state.room is not None and rooms.rooms_of(ROOM_SIDES[self.state.room]) not in self.case.rooms
        )
        if gone:
            self.state = self.state.model_copy(update={"room": None})
        return gone

    def _leaves_question(self, command: Command | None, text: str) -> bool:
        """Whether a command was given instead of the answer."""
        if read_anywhere(text, self.work.rules.words) in {"cancel", "back"}:
            self._ask(None)
            return True
        return command is not None and not command.rest and read_number(text) is None

    def _is_command_in_room(self, command: Command | None, text: str) -> bool:
        """In a room everything is spoken, save commands alone, with a colon, or that name their hearer."""
        if command is None:
            meant = read_loosely(text, self.work.rules.words)
            return meant is not None and meant.name == "leave"
        if read_number(text) is not None:
            return False
        return bool(not command.rest or command.explicit or command.name.startswith("say_"))

    def _say(self, key: str, **facts: object) -> Utterance:
        return Utterance(key, {"case_no": self.case.case_no, **facts})

    def _ask(self, question: Question | None, **changes: object) -> None:
        held = {"held": "", "subject_id": None, "moment": None} if question is None else {}
        self.state = self.state.model_copy(
            update={**held, "asked": question, "case_id": self.case.id, **changes}
        )

    async def _keep_attachment(self, text: str) -> Answer:
        if self.state.room is not None:
            said = Said(text=text, attachments=self.attachments, links=self.links)
            return await self._speak(ROOM_SIDES[self.state.room], said)
        await recording.keep_record(
            self.work, self.case, RecordKind.PHOTO, text=text, attachments=self.attachments
        )
        return (self._say("mediator.photo_kept"),)

    async def _speak(self, side: Side | None, said: Said) -> Answer:
        await rooms.speak_as_mediator(self.work, self.case, side, said)
        if side is None:
            return (self._say("mediator.spoken_both"),)
        return (self._say("mediator.spoken_own", name=name_of(self.work, self.case, side)),)

    async def _hear_freely(self, text: str) -> Answer | None:
        """Words without a command: perhaps a time to meet."""
        moment = self.work.rules.read_moment(text, now=self.work.now)
        at_a_time = moment is not None and (moment.clock or moment.part)
        if moment is not None and at_a_time and (moment.place or len(bare(text)) <= ONLY_A_TIME):
            return self._check_meeting(moment, sides=BOTH, said=text)
        if CaseStatus(self.case.status) is CaseStatus.INVITING and (phone := self._only_phone(text)):
            return await self._read_phone(phone)
        if CaseStatus(self.case.status) is CaseStatus.MEDIATING and agreeing.is_promise(
            self.work, self.case, text
        ):
            return await self._draft(text)
        if read_anywhere(text, self.work.rules.words) in {"cancel", "back"}:
            return await self.show_menu()
        return None

    def _only_phone(self, text: str) -> str | None:
        """A number by itself, or said to be somebody's number, that is not the applicant's."""
        phone = self.work.rules.read_phone(text)
        short = len(bare(text)) <= PHONE_SAID
        return phone if phone and short and phone != self.case.applicant_phone else None

    async def show_menu(self) -> Answer:
        """The case in a few lines, and what can be done."""
        return (
            Utterance("mediator.case_short", await advising.short_facts(self.work, self.case)),
            advising.menu_of(self.case),
        )

    async def _do(self, command: Command) -> Answer:  # noqa: PLR0912, PLR0915 - one branch per command
        work, case, rest = self.work, self.case, command.rest
        if command.name in NEEDS:  # nobody is asked for reasons or words that lead nowhere
            advance(CaseStatus(case.status), NEEDS[command.name])
        match command.name:
            case "menu":
                return await self.show_menu()
            case "more":
                return (self._say("mediator.case_more"),)
            case "invite":
                return await self._invite()
            case "consented":
                await inviting.consent(work, case, how="mediator")
                return (self._say("mediator.consent_noted"),)
            case "refused":
                await inviting.refuse(work, case)
                return (self._say("mediator.refusal_noted"),)
            case "wrong_person":
                done = await inviting.put_out(work, case)
                return (self._say("mediator.put_out" if done else "mediator.put_out_none"),)
            case "no_phone":
                return (await inviting.invite(work, case),)
            case "phone":
                return await self._read_phone(rest)
            case "respondent_name":
                return (self._note_name(rest),)
            case "meet" | "meet_applicant" | "meet_respondent":
                return self._meet(command)
            case "meet_off":
                done = await meeting.cancel_meetings(work, case)
                return (self._say("mediator.meet_off" if done else "mediator.meet_none"),)
            case "attended" | "absent_applicant" | "absent_respondent" | "absent_both":
                absent = ATTENDANCE[command.name]
                if not await meeting.note_attendance(work, case, absent=absent):
                    return (self._say("mediator.meet_none"),)
                return (self._say("mediator.absence_noted" if absent else "mediator.attendance_noted"),)
            case "private":
                self._ask(Question.ROOM_WHO)
                return (self._say("mediator.ask_room"),)
            case "own_applicant" | "own_respondent" | "joint":
                return await self._open_room(command.name.removeprefix("own_"))
            case "leave":
                await rooms.close_rooms(work, case)
                self._ask(None, room=None)
                return (self._say("mediator.room_left"),)
            case "say_applicant" | "say_respondent" | "say_both":
                side = ROOM_SIDES[command.name.removeprefix("say_").replace("both", "joint")]
                return await self._speak(side, Said(text=rest))
            case "note" | "investigation" | "session":
                return await self._keep_record(RECORDS[command.name], rest)
            case "agreement":
                return await self._draft(rest)
            case "conclude":
                return await self._conclude()
            case "take_back":
                await agreeing.give_back(work, case, side=None)
                return (self._say("mediator.agreement_taken_back"),)
            case "performed" | "postpone":
                return await self._change_obligation(command)
            case "help":
                self._ask(Question.HELP_WHO)
                return (self._say("mediator.ask_help_who"),)
            case "expert" | "legal_adviser" | "law_aware_villager" | "joint_session":
                if not rest:
                    self._ask(Question.HELP_WORDS, held=command.name)
                    return (self._say("mediator.ask_help_words"),)
                return await self._ask_help(HELP_COMMANDS[command.name], rest)
            case "recuse" | "transfer" | "hand_up" | "pause":
                if not rest:
                    self._ask(Question.REASON, held=command.name)
                    return (self._say(f"mediator.ask_reason_{command.name}"),)
                return await self._with_reason(command.name, rest)
            case "resume":
                await terms.resume(work, case)
                return (self._say("mediator.resumed", left=terms.left_words(work, case)),)
            case "extend":
                asked = await terms.propose_extension(work, case)
                return (self._say("mediator.extension_asked" if asked else "mediator.extension_over"),)
            case "court_applied" | "court_confirmed" | "court_refused":
                await agreeing.note_court(work, case, result=COURT[command.name])
                return (self._say("mediator.court_noted"),)
            case "papers":
                return await self._list_papers()
            case "similar":
                return await advising.similar_cases(work, case)
            case "statutes":
                return advising.statutes_of(work, case)
            case _:
                self._ask(Question.END_WHY)
                return (self._say("mediator.ask_end"),)

    def _note_name(self, name: str) -> Utterance:
        name = IS_CALLED.sub("", name).strip()
        self.case.respondent_name = name[:20]
        return self._say("mediator.name_noted", name=name[:20])

    async def _invite(self) -> Answer:
        if self.case.respondent_phone is None and self.case.respondent_id is None:
            self._ask(Question.RESPONDENT_PHONE)
            return (self._say("mediator.ask_phone"),)
        return (await inviting.invite(self.work, self.case),)

    async def _read_phone(self, text: str) -> Answer:
        phone = self.work.rules.read_phone(text)
        if phone is None:
            self._ask(Question.RESPONDENT_PHONE)
            return (self._say("mediator.phone_unread"),)
        await inviting.set_phone(self.work, self.case, phone)
        self._ask(None)
        if self.case.consent == "agreed":
            return (self._say("mediator.phone_noted"),)
        return (await inviting.invite(self.work, self.case),)

    async def hear_phone(self, text: str) -> Answer | None:
        words = self.work.rules.words
        no_number = [*words.unknown, *words.refuse, *words.desk["no_phone"]]
        if bare(text) in no_number or any(word in text for word in words.desk["no_phone"]):
            self._ask(None)
            return (await inviting.invite(self.work, self.case),)
        if not any(character.isdigit() for character in text):
            return None
        return await self._read_phone(text)

    def _meet(self, command: Command) -> Answer:
        sides = {"meet_applicant": (Side.APPLICANT,), "meet_respondent": (Side.RESPONDENT,)}
        moment = self.work.rules.read_moment(command.rest, now=self.work.now) if command.rest else None
        if moment is None:
            self._ask(Question.MEET_WHEN)
            return (self._say("mediator.ask_meet"),)
        return self._check_meeting(moment, sides=sides.get(command.name, BOTH), said=command.rest)

    def _check_meeting(self, moment: Moment, *, sides: tuple[Side, ...], said: str) -> Answer:
        """Show time and place as understood before anybody is told; `said` waits for a place that lacks."""
        named = {name_of(self.work, self.case, side) for side in BOTH}
        if not moment.place or any(moment.place in name for name in named):
            self._ask(Question.MEET_WHEN, held=f"{' '.join(sides)}|{said}")
            return (self._say("mediator.ask_meet_place"),)
        at = meeting.starts_at(moment)
        if at <= self.work.now:
            raise AlreadyPastError
        meeting.check_apart(self.case, sides)
        self._ask(
            Question.MEET_CONFIRM,
            moment=at,
            held="|".join([" ".join(sides), "" if moment.clock or moment.part else "day", moment.place]),
        )
        who = self.work.text("words.both_sides")
        if len(sides) == 1:
            who = name_of(self.work, self.case, sides[0])
        when = meeting.spoken_at(self.work, at, all_day=moment.clock is None and moment.part is None)
        return (self._say("mediator.check_meet", when=when, place=moment.place, who=who),)

    async def hear_when(self, text: str) -> Answer | None:
        named, _, before = self.state.held.partition("|")
        said = text
        moment = self.work.rules.read_moment(text, now=self.work.now)
        if moment is None and before:  # the time was said before, now the place
            said = f"{before}，{text}"
            moment = self.work.rules.read_moment(said, now=self.work.now)
        if moment is None:
            return (self._say("mediator.ask_meet"),)
        sides = tuple(Side(one) for one in named.split()) or BOTH
        return self._check_meeting(moment, sides=sides, said=said)

    async def hear_meet_check(self, text: str) -> Answer | None:
        choice = read_choice(text, self.work.rules.phrases["mediator.check_meet"])
        if choice is None:
            moment = self.work.rules.read_moment(text, now=self.work.now)
            if moment is None:
                return None
            named = self.state.held.partition("|")[0].split()
            return self._check_meeting(moment, sides=tuple(Side(one) for one in named), said=text)
        at, (sides, all_day, place) = self.state.moment, self.state.held.split("|", 2)
        self._ask(None)
        if choice != "3" or at is None:
            self._ask(Question.MEET_WHEN)
            return (self._say("mediator.ask_meet"),)
        await meeting.set_meeting(
            self.work,
            self.case,
            at=at,
            all_day=bool(all_day),
            place=place,
            sides=tuple(Side(one) for one in sides.split()),
        )
        return (self._say("mediator.meet_set"),)

    async def _open_room(self, room: str) -> Answer:
        side = ROOM_SIDES[room]
        await rooms.open_room(self.work, self.case, side)
        self._ask(None, room=room)
        if side is None:
            return (self._say("mediator.room_joint"),)
        return (self._say("mediator.room_own", name=name_of(self.work, self.case, side)),)

    async def hear_room(self, text: str) -> Answer | None:
        choice = read_exact(self._by_roles(text), self.work.rules.phrases["mediator.ask_room"])
        if choice is None:
            return None
        return await self._open_room({"3": "applicant", "4": "respondent"}[choice])

    async def _keep_record(self, kind: RecordKind, text: str) -> Answer:
        if not text:
            self._ask(Question.NOTE, held=kind.value)
            return (self._say("mediator.ask_note"),)
        await recording.keep_record(self.work, self.case, kind, text=text)
        return (self._say("mediator.noted"),)

    async def hear_note(self, text: str) -> Answer | None:
        kind = RecordKind(self.state.held)
        self._ask(None)
        return await self._keep_record(kind, text)

    async def _draft(self, text: str) -> Answer:
        if not text:
            self._ask(Question.AGREEMENT)
            return (self._say("mediator.ask_agreement"),)
        return self._show_draft(await agreeing.draft(self.work, self.case, text))

    async def hear_agreement(self, text: str) -> Answer | None:
        command = read_command(text, self.work.rules.words)
        if command is not None and command.name == "respondent_name":
            return self._note_name(command.rest), self._say("mediator.ask_agreement")
        return self._show_draft(await agreeing.draft(self.work, self.case, text))

    def _show_draft(self, drafted: Drafted) -> Answer:
        """The draft as a table, what is open, what is doubtful, and what can be done with it."""
        work = self.work
        if not drafted.obligations:
            self._ask(Question.AGREEMENT)
            return (self._say("mediator.agreement_unread"),)
        said = [
            self._say(
                "mediator.agreement_draft",
                lines=agreed_lines(work, self.case, drafted.agreement, drafted.obligations),
            ),
            *(
                self._say(f"mediator.doubt_{doubt}", words="、".join(found))
                for doubt, found in drafted.doubts.items()
            ),
        ]
        if self.case.respondent_name is None:
            said.append(
                self._say("mediator.draft_needs_name", name=name_of(work, self.case, Side.RESPONDENT))
            )
        if drafted.questions:
            question = drafted.questions[0]
            index = question.obligation or 0
            self._ask(Question.AGREEMENT_OPEN, held=question.unclear.value, subject_id=index)
            said.append(self._say(f"mediator.open_{question.unclear}", number=index + 1))
            return tuple(said)
        self._ask(Question.AGREEMENT_CHECK)
        text = work.text
        choices = [Choice(key="3", label=text("mediator.draft_written"))]
        if drafted.must_write:
            why = "、".join(text(f"words.written_{reason}") for reason in drafted.must_write)
            said.append(self._say("mediator.must_write", why=why))
        else:
            choices.append(Choice(key="4", label=text("mediator.draft_oral")))
        choices.append(Choice(key="5", label=text("mediator.draft_again")))
        return (*said, Utterance("mediator.ask_draft", choices=tuple(choices)))

    async def hear_open_point(self, text: str) -> Answer | None:
        """The answer to what the draft left open: who, how much, until when; or the whole anew."""
        row = await agreements.find_agreement(self.work.session, self.case.id)
        if row is None or row.state != "draft":
            self._ask(None)
            return (self._say("mediator.ask_agreement"),)
        command = read_command(text, self.work.rules.words)
        if command is not None and command.name == "respondent_name":
            noted = self._note_name(command.rest)
            return noted, *self._show_draft(await agreeing.draft(self.work, self.case, row.words))
        obligations = await agreements.list_obligations(self.work.session, row.id)
        index = self.state.subject_id or 0
        filled = index < len(obligations) and advising.fill_open_point(
            self.work,
            self.case,
            obligations,
            index=index,
            unclear=Unclear(self.state.held),
            text=text,
        )
        if not filled and len(bare(text)) < TELLING:
            return (self._say(f"mediator.open_{self.state.held}", number=index + 1),)
        if not filled:
            return self._show_draft(await agreeing.draft(self.work, self.case, text))
        await self.work.session.flush()
        questions = advising.open_points(obligations)
        return self._show_draft(await agreeing.review(self.work, self.case, row, questions=questions))

    async def hear_draft_check(self, text: str) -> Answer | None:
        form = {"3": AgreementForm.WRITTEN, "4": AgreementForm.ORAL}.get(read_number(text) or "")
        row = await agreements.find_agreement(self.work.session, self.case.id)
        command = read_command(text, self.work.rules.words)
        if row is not None and command is not None and command.name == "respondent_name":
            noted = self._note_name(command.rest)
            return noted, *self._show_draft(await agreeing.review(self.work, self.case, row))
        if form is None:
            if read_number(text) == "5":
                self._ask(Question.AGREEMENT)
                return (self._say("mediator.ask_agreement"),)
            if row is None or agreeing.is_promise(self.work, self.case, text, acts=True):
                return await self.hear_agreement(text)
            await self._change_day(row, text)
            return self._show_draft(await agreeing.review(self.work, self.case, row))
        if form is AgreementForm.ORAL and row is not None:
            drafted = await agreeing.review(self.work, self.case, row)
            if drafted.must_write:
                return self._show_draft(drafted)
        self._ask(None)
        try:
            await agreeing.send(self.work, self.case, form=form)
        except NameIsHiddenError:
            return (self._say("mediator.name_hidden"),)
        return (self._say("mediator.agreement_sent"),)

    async def _change_day(self, row: AgreementRow, text: str) -> None:
        """ "第2条改成12月5日", or just the day where only one thing is promised."""
        today = self.work.now.astimezone(CHINA_TIME).date()
        match = NUMBER_FIRST.match(text)
        day = self.work.rules.read_due_day(text[match.end() :] if match else text, today=today)
        obligations = await agreements.list_obligations(self.work.session, row.id)
        number = int(read_number(match[1]) or "0") if match else 1
        if day is None or (match is None and len(obligations) > 1):
            return
        for one in obligations:
            if one.seq == number:
                one.due_on, one.immediate = day, False
        await self.work.session.flush()

    async def _conclude(self) -> Answer:
        try:
            await agreeing.conclude(self.work, self.case)
        except NotConfirmedError as error:
            who = "、".join(name_of(self.work, self.case, side) for side in error.sides)
            return (self._say("mediator.not_confirmed", who=who),)
        self._ask(None, room=None)
        return (self._say("mediator.settled"),)

    async def _change_obligation(self, command: Command) -> Answer:
        match = NUMBER_FIRST.match(command.rest)
        number = int(read_number(match[1]) or "0") if match else None
        one: ObligationRow = await performing.obligation_number(self.work, self.case, number)
        if command.name == "performed":
            await performing.perform(self.work, self.case, one, how="mediator", side=None)
            return (self._say("mediator.performed_noted"),)
        today = self.work.now.astimezone(CHINA_TIME).date()
        rest = command.rest[match.end() :] if match else command.rest
        until = self.work.rules.read_due_day(rest, today=today)
        if until is None or until <= today:
            return (self._say("mediator.ask_postpone"),)
        await performing.propose_delay(self.work, self.case, one, until=until)
        day = self.work.text("words.date", year=until.year, month=until.month, day=until.day)
        text = obligation_words(self.work, self.case, one)
        return (self._say("mediator.delay_asked", number=one.seq, text=text, day=day),)

    async def hear_help_who(self, text: str) -> Answer | None:
        choice = read_choice(text, self.work.rules.phrases["mediator.ask_help_who"])
        if choice is None:
            return None
        if choice == "7":
            self._ask(Question.REASON, held="hand_up")
            return (self._say("mediator.ask_reason_hand_up"),)
        command = next(name for name, roles in HELP_COMMANDS.items() if roles == HELPERS[choice])
        self._ask(Question.HELP_WORDS, held=command)
        return (self._say("mediator.ask_help_words"),)

    async def hear_help_words(self, text: str) -> Answer | None:
        return await self._ask_help(HELP_COMMANDS[self.state.held], text)

    async def _ask_help(self, roles: tuple[HelperRole, ...], words: str) -> Answer:
        self._ask(None)
        names = await helping.ask_help(self.work, self.case, roles=roles, words=words)
        if not names:
            return (self._say("mediator.help_by_operator"),)
        return (self._say("mediator.help_asked", names="、".join(names)),)

    async def hear_reason(self, text: str) -> Answer | None:
        return await self._with_reason(self.state.held, text)

    async def _with_reason(self, command: str, reason: str) -> Answer:
        self._ask(None)
        if command == "pause":
            await terms.pause(self.work, self.case, words=reason)
            return (self._say("mediator.paused"),)
        if command == "hand_up":
            done = await helping.hand_up(self.work, self.case, reason=reason)
            return (self._say("mediator.handed_up" if done else "mediator.nobody_above"),)
        why = self.work.text(f"words.why_{command}")
        await helping.transfer(self.work, self.case, reason=reason, why=why)
        return (self._say("mediator.transferred"),)

    async def hear_end(self, text: str) -> Answer | None:
        choice = read_choice(text, self.work.rules.phrases["mediator.ask_end"])
        if choice is None:
            return None
        self._ask(None, room=None)
        reason = END_REASONS[choice]
        await ending.end(self.work, self.case, reason)
        why = self.work.text(f"words.end_{reason}")
        phrase = "mediator.ended_noted" if reason in ending.WITH_WAYS else "mediator.ended_kindly"
        return (self._say(phrase, why=why),)

    async def _list_papers(self) -> Answer:
        offered = await papers.list_papers(self.work, self.case)
        self._ask(Question.PAPERS)
        choices = tuple(
            Choice(key=str(number), label=title) for number, (_, title) in enumerate(offered, start=3)
        )
        return (Utterance("mediator.ask_papers", {"case_no": self.case.case_no}, choices=choices),)

    async def hear_papers(self, text: str) -> Answer | None:
        offered = await papers.list_papers(self.work, self.case)
        number = read_number(text)
        if number is None or not 0 <= int(number) - 3 < len(offered):
            return None
        paper, title = offered[int(number) - 3]
        link = papers.link(self.work, paper)
        return (self._say("mediator.paper", title=title, link=link),)


READERS: dict[Question, Callable[[CaseDesk, str], Awaitable[Answer | None]]] = {
    Question.RESPONDENT_PHONE: CaseDesk.hear_phone,
    Question.MEET_WHEN: CaseDesk.hear_when,
    Question.MEET_CONFIRM: CaseDesk.hear_meet_check,
    Question.ROOM_WHO: CaseDesk.hear_room,
    Question.NOTE: CaseDesk.hear_note,
    Question.AGREEMENT: CaseDesk.hear_agreement,
    Question.AGREEMENT_OPEN: CaseDesk.hear_open_point,
    Question.AGREEMENT_CHECK: CaseDesk.hear_draft_check,
    Question.HELP_WHO: CaseDesk.hear_help_who,
    Question.HELP_WORDS: CaseDesk.hear_help_words,
    Question.END_WHY: CaseDesk.hear_end,
    Question.PAPERS: CaseDesk.hear_papers,
    Question.REASON: CaseDesk.hear_reason,
    Question.WORDS: CaseDesk.hear_words,
    Question.SURE: CaseDesk.hear_sure,
}
