"""Words that steer the dialogue: global words, yes and no, corrections, menu keys."""

from collections.abc import Mapping
from pathlib import Path

from config.loading import RuleModel, load_rules
from mediation.vocabulary import RegionLevel


class AnswerWords(RuleModel):
    """How people answer in their own words."""

    agreeing: tuple[str, ...]
    refusing: tuple[str, ...]
    asking: tuple[str, ...]
    """Parts of a clause that asks instead of answering."""
    not_asking: tuple[str, ...]
    """Words that only look like asking."""
    conditional: tuple[str, ...]
    """Parts of a clause that says yes or no only under a condition."""
    negating: tuple[str, ...]
    """What turns round the words behind it."""


class DialogueWords(RuleModel):
    """`config/rules/dialogue.yaml`."""

    anywhere: Mapping[str, tuple[str, ...]]
    """Words that work everywhere: cancel, back, help, human, progress, restart, short, long."""
    unknown: tuple[str, ...]
    """Answers that mean: I do not know."""
    refuse: tuple[str, ...]
    """Answers that mean: I do not want to say."""
    wrong: tuple[str, ...]
    """Words that mark a correction."""
    means: tuple[str, ...]
    """Words that join a line of the card and its new value: 对方是李建军."""
    place_endings: tuple[str, ...]
    """Endings by which an answer is known to name a place."""
    help_cries: tuple[str, ...]
    """Cries for help: danger, whatever else is said."""
    acknowledged: tuple[str, ...]
    """Words that only say: heard."""
    only_here: tuple[str, ...]
    """Words of somebody who saw a short notice and opened the chat: what waits is shown at once."""
    another_mediator: tuple[str, ...]
    """Words of an applicant who wants another mediator: never told to the present one."""
    authorities: Mapping[RegionLevel, tuple[str, ...]]
    """Words for a village's or township's own people: their committee must not judge them."""
    faq: Mapping[str, tuple[str, ...]]
    """Questions about the service itself -> the name of the answering phrase, resident.faq_…"""
    lines: Mapping[str, tuple[str, ...]]
    """How people call the lines of the card: type, place, respondent, name, phone."""
    mediator: Mapping[str, tuple[str, ...]]
    """A mediator's commands: accept, decline, on_duty, off_duty, cases, today, help, resident."""
    desk: Mapping[str, tuple[str, ...]]
    """A mediator's commands on a case, as whole messages."""
    desk_alone: tuple[str, ...]
    """Words by which a mediator meets one side only."""
    desk_prefixes: Mapping[str, tuple[str, ...]]
    """A mediator's commands that begin a message; what follows belongs to them."""
    desk_loose: Mapping[str, tuple[str, ...]]
    """A mediator's commands in any sentence: each entry names words that are all in it, "-" that are not."""
    party: Mapping[str, tuple[str, ...]]
    """What a party says in a case under way, or about its own data."""
    party_loose: Mapping[str, tuple[str, ...]]
    """What a party says of its own data, or that they made it up, in any short sentence."""
    answers: AnswerWords
    """How a party answers a question in its own words."""
    declining: tuple[str, ...]
    """Parts of a mediator's sentence that decline an offer."""
    accepting: tuple[str, ...]
    """Parts of a mediator's sentence that accept an offer."""
    menu: Mapping[str, str]
    """Menu key of the public account -> global word."""
    rural_types: tuple[str, ...]
    """Types for which the village matters: when only the township is known, it is asked once."""


def load_dialogue_words(config_dir: Path) -> DialogueWords:
    """Read the dialogue's words; raises RuleFileError."""
    return load_rules(config_dir / "rules" / "dialogue.yaml", DialogueWords)
