"""Every command of the desk and every question it asks, and who sees to them: one table each."""

from collections.abc import Awaitable, Callable

from handlers.conversation import Question
from handlers.desk import (
    advising,
    closing,
    details,
    drafting,
    handing_over,
    invitation,
    meetings,
    performance,
    talk,
)
from handlers.desk.reading import Command
from handlers.desk.turn import Answer, DeskTurn
from handlers.mediating.own_words import read_own_words
from mediation.lifecycle import CaseAction, CaseStatus, advance

COMMANDS: dict[str, Callable[[DeskTurn, Command], Awaitable[Answer]]] = {
    "menu": advising.show_menu,
    "more": advising.show_more,
    "similar": advising.similar_cases,
    "statutes": advising.statutes,
    "invite": invitation.invite,
    "no_phone": invitation.send_invitation,
    "phone": invitation.note_phone,
    "respondent_name": invitation.note_name,
    "consented": invitation.note_consent,
    "refused": invitation.note_refusal,
    "wrong_person": invitation.put_out,
    "meet": meetings.meet,
    "meet_applicant": meetings.meet,
    "meet_respondent": meetings.meet,
    "meet_off": meetings.call_off,
    "attended": meetings.note_attendance,
    "absent_applicant": meetings.note_attendance,
    "absent_respondent": meetings.note_attendance,
    "absent_both": meetings.note_attendance,
    "private": talk.ask_whom,
    "own_applicant": talk.open_room,
    "own_respondent": talk.open_room,
    "joint": talk.open_room,
    "leave": talk.leave,
    "say_applicant": talk.say_to,
    "say_respondent": talk.say_to,
    "say_both": talk.say_to,
    "note": talk.keep_record,
    "investigation": talk.keep_record,
    "session": talk.keep_record,
    "agreement": drafting.draft,
    "conclude": drafting.conclude,
    "take_back": drafting.take_back,
    "court_applied": drafting.note_court,
    "court_confirmed": drafting.note_court,
    "court_refused": drafting.note_court,
    "performed": performance.note_performed,
    "postpone": performance.postpone,
    "help": handing_over.ask_who,
    "expert": handing_over.ask_help,
    "legal_adviser": handing_over.ask_help,
    "law_aware_villager": handing_over.ask_help,
    "joint_session": handing_over.ask_help,
    "recuse": handing_over.with_reason,
    "transfer": handing_over.with_reason,
    "hand_up": handing_over.with_reason,
    "pause": handing_over.with_reason,
    "resume": handing_over.resume,
    "extend": handing_over.extend,
    "details": details.note_details,
    "papers": closing.list_papers,
    "end": closing.ask_why,
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


async def carry_out(turn: DeskTurn, command: Command) -> Answer:
    """Do what is wanted. Raises NotNow before anybody is asked for words that lead nowhere."""
    if command.name in NEEDS:
        advance(CaseStatus(turn.case.status), NEEDS[command.name])
    return await COMMANDS[command.name](turn, command)


async def _hear_sure(turn: DeskTurn, text: str) -> Answer | None:
    """Yes or no to "您是说对方不同意吗"."""
    rules, held = turn.work.rules, turn.state.held
    choice = read_own_words(
        text, rules.phrases[f"mediator.ask_sure_{held}"], rules.words.answers, opposite={}, yes_or_no=False
    )
    if choice is None:
        return None
    command = Command(held, str(turn.state.subject_id or ""))
    turn.expect(None)
    return await carry_out(turn, command) if choice == "3" else turn.say("mediator.not_done")


READERS: dict[Question, Callable[[DeskTurn, str], Awaitable[Answer | None]]] = {
    Question.RESPONDENT_PHONE: invitation.hear_phone,
    Question.MEET_WHEN: meetings.hear_when,
    Question.MEET_WHO: meetings.hear_whom,
    Question.MEET_CONFIRM: meetings.hear_check,
    Question.ROOM_WHO: talk.hear_whom,
    Question.NOTE: talk.hear_note,
    Question.WORDS: talk.hear_what_to_do,
    Question.AGREEMENT: drafting.hear_words,
    Question.AGREEMENT_OPEN: drafting.hear_open_point,
    Question.AGREEMENT_CHECK: drafting.hear_check,
    Question.HELP_WHO: handing_over.hear_who,
    Question.HELP_WORDS: handing_over.hear_help,
    Question.REASON: handing_over.hear_reason,
    Question.PAPERS: closing.hear_papers,
    Question.END_WHY: closing.hear_why,
    Question.SURE: _hear_sure,
}
