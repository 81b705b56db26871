"""All rules of the service, read together and replaced together."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from config.agreement_rules import AgreementRules, load_agreement_rules
from config.delivery import DeliveryRules, load_delivery_rules
from config.dialogue import DialogueWords, load_dialogue_words
from config.document_rules import DocumentRules, load_document_rules
from config.lawful_ways import LawfulWays, load_lawful_ways
from config.loading import RuleFileError, RuleMistake, load_rules
from config.masking_words import TypicalRules, load_typical_rules
from config.phrases import Phrases, load_phrases
from config.rulebook import Rulebook, load_rulebook
from config.staffing import StaffingRules, load_staffing_rules
from config.statutes import Statute, Statutes, load_statutes
from config.subsidy_rules import SubsidyRules, load_subsidy_rules
from handlers.lawfully import find_answers
from mediation.agreement import Reading, Side
from mediation.regions import Region, find_nearest
from mediation.vocabulary import DisputeType
from nlp.amounts import read_told_sum
from nlp.coming_dates import coming_days
from nlp.detail_rules import DetailRules
from nlp.moments import Moment, MomentRules, read_moment
from nlp.names import read_named_receivers
from nlp.normalising import normalise
from nlp.obligation_rules import ObligationRules
from nlp.obligations import read_agreement
from nlp.party_details import ToldDetails, read_details
from nlp.phones import read_phone
from nlp.rules import FILES, UnderstandingRules
from nlp.understander import Understander

NEAR_ENOUGH_KM = 3.0
"""A shared location further away from every known point may be any village."""
BARE_SUM = re.compile(r"\d{1,9}(?:\.\d{1,2})?[元块]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Rules, phrases and the understanding built from them."""

    rulebook: Rulebook
    phrases: Phrases
    words: DialogueWords
    delivery: DeliveryRules
    agreement: AgreementRules
    statutes: Statutes
    ways: LawfulWays
    documents: DocumentRules
    staffing: StaffingRules
    typical: TypicalRules
    subsidy: SubsidyRules
    obligations: ObligationRules
    moments: MomentRules
    details: DetailRules
    understanding: UnderstandingRules
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

    def law_answers(
        self, question: str, *, dispute_type: DisputeType | None, subtype: str | None, most: int
    ) -> tuple[Statute, ...]:
        """Return the statutes that answer a question, the best first; () when none fits."""
        return find_answers(question, self.statutes, type=dispute_type, subtype=subtype, most=most)

    def read_agreement(
        self, words: str, *, applicant: str | None, respondent: str | None, today: date
    ) -> Reading:
        """Return the obligations that a mediator's words tell."""
        return read_agreement(
            words,
            self.obligations,
            applicant=applicant,
            respondent=respondent,
            today=today,
            calendar=self.rulebook.calendar,
        )

    def others_in_agreement(self, words: str, *, parties: Collection[str]) -> tuple[str, ...]:
        """Return the names of people whom an agreement binds or gives something, and who are no party."""
        return read_named_receivers(normalise(words), self.understanding.facts, known=parties)

    def read_moment(self, text: str, *, now: datetime) -> Moment | None:
        """Return the time and place of a meeting."""
        return read_moment(text, self.moments, now=now)

    def read_details(
        self, text: str, *, names: Mapping[Side, tuple[str, ...]], today: date
    ) -> tuple[ToldDetails, ...]:
        """Return what a mediator's words tell of the sides for the official forms."""
        return read_details(text, self.details, names=names, today=today)

    def read_due_day(self, text: str, *, today: date) -> date | None:
        """Return a day that is to come, None when the text names none."""
        found = coming_days(normalise(text), today=today, calendar=self.rulebook.calendar)
        return next((one.day for one in found if one.day is not None), None)

    def read_amount(self, text: str) -> float | None:
        """Return the one sum of money that a short answer names, in yuan."""
        plain = normalise(text).strip()
        if BARE_SUM.fullmatch(plain):
            return float(plain.rstrip("元块"))
        return read_told_sum(plain, self.understanding.facts)

    def read_phone(self, text: str) -> str | None:
        """Return a phone number."""
        return read_phone(text)

    @property
    def on_the_spot(self) -> tuple[str, ...]:
        """Words that mean: done here and now."""
        return tuple(self.obligations.times.at_once)

    def place_name(self, code: str) -> str:
        """Return the spoken name of a region such as 临颍县杜曲镇北徐庄村."""
        return self.understander.gazetteer.name_of(code)

    def region_at(self, *, latitude: float, longitude: float) -> str | None:
        """Return the region at a shared location, None when no point of the rule files is near enough."""
        return find_nearest(
            self.rulebook.points, latitude=latitude, longitude=longitude, within_km=NEAR_ENOUGH_KM
        )


def load_ruleset(config_dir: Path, regions: Iterable[Region]) -> RuleSet:
    """Read all rule files and build the understanding; raises RuleFileError with every mistake found."""
    mistakes: list[RuleMistake] = []
    parts: dict[str, object] = {}
    folder = config_dir / "rules" / "understanding"
    for name, read in (
        ("rulebook", lambda: load_rulebook(config_dir)),
        ("phrases", lambda: load_phrases(config_dir)),
        ("words", lambda: load_dialogue_words(config_dir)),
        ("delivery", lambda: load_delivery_rules(config_dir)),
        ("agreement", lambda: load_agreement_rules(config_dir)),
        ("subsidy", lambda: load_subsidy_rules(config_dir)),
        ("law", lambda: _load_law(config_dir)),
        ("documents", lambda: load_document_rules(config_dir)),
        ("staffing", lambda: load_staffing_rules(config_dir)),
        ("typical", lambda: load_typical_rules(config_dir)),
        ("obligations", lambda: load_rules(folder / "obligations.yaml", ObligationRules)),
        ("moments", lambda: load_rules(folder / "moments.yaml", MomentRules)),
        ("details", lambda: load_rules(folder / "details.yaml", DetailRules)),
        ("understanding", lambda: _load_understanding_rules(config_dir)),
    ):
        try:
            parts[name] = read()
        except RuleFileError as error:
            mistakes += error.mistakes
    if mistakes:
        raise RuleFileError(mistakes)
    parts["statutes"], parts["ways"] = parts.pop("law")  # type: ignore[misc]
    rules = parts["understanding"]
    assert isinstance(rules, UnderstandingRules)  # noqa: S101 - the table above made it
    rulebook = parts["rulebook"]
    assert isinstance(rulebook, Rulebook)  # noqa: S101 - as above
    understander = Understander(rules, regions, rulebook.landmarks)
    parts["understanding"] = rules.without_words()
    return RuleSet(**parts, understander=understander)  # type: ignore[arg-type]


def _load_understanding_rules(config_dir: Path) -> UnderstandingRules:
    folder = config_dir / "rules" / "understanding"
    return UnderstandingRules(
        **{Path(name).stem: load_rules(folder / name, model) for name, model in FILES.items()}
    )


def _load_law(config_dir: Path) -> tuple[Statutes, LawfulWays]:
    """Read the statutes and the lawful ways, which cite them."""
    statutes = load_statutes(config_dir)
    return statutes, load_lawful_ways(config_dir, statutes.laws)
