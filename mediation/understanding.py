"""What was understood of a text: the value that `nlp` makes and everybody else reads."""

from dataclasses import dataclass, field
from datetime import date

from mediation.vocabulary import Decision, DisputeType, Group, Intent, NotMediable, RiskFlag, RiskGrade


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """One reading of one text, with the words that decided.

    `candidates` are (type, probability) pairs, best first. `place` is the one region code that the text
    determines, `place_candidates` the village codes when several fit. `amount` is in yuan.
    `phone` is the first number, `own_phone` the first that is not said to be the respondent's.
    `respondent` is what the sender calls the other side (东边邻居李大柱), at most twenty characters,
    `respondent_name` the bare name of the person or company where it is told (李大柱). `because`
    holds words of the text, in the order of their weight.
    """

    intent: Intent
    type: DisputeType | None = None
    subtype: str | None = None
    confidence: float = 0.0
    decision: Decision = Decision.ASK
    candidates: tuple[tuple[DisputeType, float], ...] = ()
    place: str | None = None
    place_candidates: tuple[str, ...] = ()
    place_outside: bool = False
    risk: frozenset[RiskFlag] = frozenset()
    grade: RiskGrade = RiskGrade.NONE
    groups: frozenset[Group] = frozenset()
    not_mediable: NotMediable | None = None
    phone: str | None = None
    own_phone: str | None = None
    amount: int | float | None = None
    people: int | None = None
    since: date | None = None
    applicant_name: str | None = None
    respondent: str | None = None
    respondent_name: str | None = None
    because: tuple[str, ...] = ()
    because_risk: tuple[str, ...] = field(default=())
