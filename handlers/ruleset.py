"""All rules of the service, read together and replaced together."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from config.delivery import DeliveryRules, load_delivery_rules
from config.dialogue import DialogueWords, load_dialogue_words
from config.loading import RuleFileError, RuleMistake, load_rules
from config.phrases import Phrases, load_phrases
from config.rulebook import Rulebook, load_rulebook
from mediation.regions import Region
from mediation.vocabulary import DisputeType
from nlp.rules import FILES, UnderstandingRules
from nlp.understander import Understander


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Rules, phrases and the understanding built from them."""

    rulebook: Rulebook
    phrases: Phrases
    words: DialogueWords
    delivery: DeliveryRules
    understander: Understander

    def type_name(self, dispute_type: DisputeType | str, subtype: str | None = None) -> str:
        """Return 劳动争议 or 劳动争议（拖欠工资）."""
        entry = self.rulebook.types[DisputeType(dispute_type)]
        if subtype and subtype in entry.subtypes:
            return self.phrases.text(
                "words.type_with_subtype", type=entry.name, subtype=entry.subtypes[subtype]
            )
        return entry.name

    def everyday_name(self, dispute_type: DisputeType) -> str:
        """Return the words by which a resident recognises a type."""
        return self.rulebook.types[dispute_type].everyday

    def place_name(self, code: str) -> str:
        """Return the spoken name of a region such as 临颍县杜曲镇北徐庄村."""
        return self.understander.gazetteer.name_of(code)


def load_ruleset(config_dir: Path, regions: Iterable[Region]) -> RuleSet:
    """Read all rule files and build the understanding; raises RuleFileError with every mistake found."""
    mistakes: list[RuleMistake] = []
    parts: dict[str, object] = {}
    for name, read in (
        ("rulebook", lambda: load_rulebook(config_dir)),
        ("phrases", lambda: load_phrases(config_dir)),
        ("words", lambda: load_dialogue_words(config_dir)),
        ("delivery", lambda: load_delivery_rules(config_dir)),
        ("understanding", lambda: _load_understanding_rules(config_dir)),
    ):
        try:
            parts[name] = read()
        except RuleFileError as error:
            mistakes += error.mistakes
    if mistakes:
        raise RuleFileError(mistakes)
    rules = parts.pop("understanding")
    assert isinstance(rules, UnderstandingRules)  # noqa: S101 - the table above made it
    return RuleSet(**parts, understander=Understander(rules, regions))  # type: ignore[arg-type]


def _load_understanding_rules(config_dir: Path) -> UnderstandingRules:
    folder = config_dir / "rules" / "understanding"
    return UnderstandingRules(
        **{Path(name).stem: load_rules(folder / name, model) for name, model in FILES.items()}
    )
