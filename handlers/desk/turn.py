"""One turn of a mediator's talk about one own case: what came, what is remembered, what is said and asked."""

import re
from dataclasses import dataclass

from handlers.conversation import Conversation, Question
from handlers.mediating.parties import BOTH, called, name_of
from handlers.mediating.work import Work
from handlers.steps import Utterance
from mediation.agreement import Side
from storage.tables import CaseRow

Answer = tuple[Utterance, ...]
NAMED_WITHIN = 12
OPENERS = re.compile(
    r"^(?:(?:那就|那|好的|好|行|中|嗯|咱|我想|我要|我先|我得|先|想|帮我|给我|麻烦你?|现在|再)[，,。\s]*)+(?=.{2})"
)


@dataclass(slots=True, kw_only=True)
class DeskTurn:
    """One message of a mediator about one of the own cases. `state` is what is remembered afterwards."""

    work: Work
    case: CaseRow
    state: Conversation
    attachments: tuple[int, ...] = ()
    links: tuple[str, ...] = ()

    def say(self, key: str, **facts: object) -> Answer:
        """Return one phrase that may name the case."""
        return (Utterance(key, {"case_no": self.case.case_no, **facts}),)

    def expect(self, question: Question | None, **changes: object) -> None:
        """Remember which question waits for an answer; None: no one does."""
        held = {"held": "", "subject_id": None, "moment": None} if question is None else {}
        self.state = self.state.model_copy(
            update={**held, "asked": question, "case_id": self.case.id, **changes}
        )

    def ask(self, question: Question, key: str, **changes: object) -> Answer:
        """Ask by a phrase and remember what its answer needs."""
        self.expect(question, **changes)
        return self.say(key)

    def name(self, side: Side) -> str:
        """Return what a side is called."""
        return name_of(self.work, self.case, side)

    def sides_in(self, text: str) -> tuple[Side, ...]:
        """Return the sides that a text names, by role or name."""
        roles = self.by_roles(text, whole=True)
        return tuple(side for side in BOTH if self.work.text(f"words.side_{side}") in roles)

    def by_roles(self, text: str, *, whole: bool = False) -> str:
        """Return the text with the sides by their roles: 跟刘强聊 is 跟申请人聊.

        Else only its beginning, without opening words, because the rest belongs to what is said or kept.
        """
        text = text.strip() if whole else OPENERS.sub("", text.strip())
        end = len(text) if whole else NAMED_WITHIN
        head, rest = text[:end], text[end:]
        for side in BOTH:
            role = self.work.text(f"words.side_{side}")
            for known in {self.name(side), called(self.work, self.case, side) or ""} - {"", role}:
                head = head.replace(known, role)
        return head + rest
