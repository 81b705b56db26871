"""One turn of the resident's dialogue: the state, what was heard, and what is known."""

from dataclasses import dataclass
from datetime import date, datetime

from handlers.conversation import Conversation, Draft
from handlers.filling import add_story
from handlers.ruleset import RuleSet
from handlers.steps import Heard, Known
from mediation.calendar import CHINA_TIME
from mediation.understanding import Understanding


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Everything one step may look at."""

    state: Conversation
    heard: Heard
    known: Known
    rules: RuleSet
    now: datetime
    understanding: Understanding

    def restart(self, *stories: str) -> Draft:
        """Return a fresh draft that knows the person, with the stories told so far."""
        draft = Draft(
            started_at=self.now,
            attachments=self.heard.attachments,
            latitude=self.heard.latitude,
            longitude=self.heard.longitude,
            name=self.known.name,
            phone=self.known.phone,
        )
        for story in stories:
            draft = self.tell(draft, story)
        return draft

    @property
    def text(self) -> str:
        """What was said, without surrounding blanks."""
        return self.heard.text.strip()

    @property
    def today(self) -> date:
        """The local day."""
        return self.now.astimezone(CHINA_TIME).date()

    def understand(self, text: str) -> Understanding:
        """Return what another text says."""
        return self.rules.understander.understand(text, today=self.today)

    def tell(self, draft: Draft, text: str) -> Draft:
        """Return the draft with one more piece of the story."""
        return add_story(draft, text, rules=self.rules, today=self.today)
