"""The person who writes, within the transaction of one message."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.conversation import Draft
from handlers.service import Service
from storage.tables import AccountRow, PersonRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who writes, on which account, and everything a use case needs to act for them."""

    session: AsyncSession
    service: Service
    account: AccountRow
    person: PersonRow
    now: datetime

    def contact(self, draft: Draft | None = None) -> dict[str, object]:
        """Return name and phone for a call, as far as they are known."""
        text = self.service.rules.phrases.text
        name = (draft.name if draft else None) or self.person.name
        phone = (draft.phone if draft else None) or self.person.phone
        return {
            "name": name or text("words.name_unknown"),
            "phone": phone or text("words.phone_unknown"),
        }

    def place_words(self, draft: Draft) -> str:
        """Return the place of a draft in words, as narrow as it is known."""
        rules = self.service.rules
        if draft.place:
            return rules.place_name(draft.place)
        names = "、".join(rules.place_name(code) for code in draft.place_candidates[:3])
        return names or draft.place_words or rules.phrases.text("words.place_unknown")
