"""Learned weights: how they add up, how a person overrules them, how they are learned."""

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from config.loading import CONFIG_DIR, RuleFileError, load_rules
from mediation.vocabulary import Decision, DisputeType
from nlp.classifying import Classifier
from nlp.learned import LearnedWeights, list_topics, share_of_each
from nlp.places import Gazetteer
from nlp.rules import LearnedRules, OverruledRules
from tests.bench.fitting import Model, fit, fit_squares
from tests.bench.learn import SEEN_AT_LEAST, as_yaml, choose_strings, without_names
from tests.bench.score import load_regions, load_rules_of_understanding

FOLDER = CONFIG_DIR / "rules" / "understanding"
SHARE = share_of_each(1)


def learned(words: dict[float, str], bias: float = 0.0) -> LearnedRules:
    return LearnedRules.model_validate(
        {
            "types": {
                "hand": 1,
                "temperature": 1,
                "auto_from": 0.9,
                "labels": {"labour": {"bias": bias, "words": words}},
            },
            "intents": {"hand": 1, "labels": {}},
            "not_mediable": {"hand": 1, "from_score": 0, "labels": {}},
            "groups": {"hand": 1, "from_score": 0, "labels": {}},
            "subtypes": {"hand": 1, "labels": {}},
            "danger": {"hand": 1, "from_score": 1, "labels": {}},
            "flags": {"hand": 1, "from_score": {}, "labels": {}},
        }
    )


def score(rules: LearnedRules, text: str, *, overruled: dict[str, float] | None = None) -> float:
    above = OverruledRules.model_validate({"types": {"labour": overruled or {}}})
    weights = LearnedWeights(rules, above, list_topics({"工资": ["工钱", "薪水"]}, {}))
    return weights.weigh(weights.see(text))["type.labour"]


def test_the_weights_of_what_is_seen_are_added_to_the_bias() -> None:
    rules = learned({1.5: "老板", -0.5: "邻居"}, bias=0.25)
    assert score(rules, "天气") == 0.25
    assert score(rules, "老板") == pytest.approx(0.25 + SHARE * 1.5)
    assert score(rules, "老板的邻居") == pytest.approx(0.25 + SHARE * 1.0)


def test_a_topic_counts_once_however_many_of_its_words_are_said() -> None:
    rules = learned({1.0: "话题:工资"})
    assert score(rules, "工钱就是薪水") == score(rules, "工钱") == pytest.approx(SHARE)


def test_in_a_long_story_each_feature_says_less() -> None:
    assert share_of_each(240) < share_of_each(60) == 1.0


def test_what_a_person_overrules_stands_above_what_was_learned() -> None:
    rules = learned({1.0: "老板 工钱"})
    assert score(rules, "老板", overruled={"老板": 3.0}) == pytest.approx(SHARE * 3.0)
    assert score(rules, "老板", overruled={"老板": 0.0}) == 0.0
    assert score(rules, "师傅", overruled={"师傅": 2.0}) == pytest.approx(SHARE * 2.0)
    assert score(rules, "薪水", overruled={"话题:工资": 2.0}) == pytest.approx(SHARE * 2.0)


def test_a_threshold_set_by_a_person_stands_above_the_learned_one() -> None:
    rules = load_rules_of_understanding()
    scores = {"type.labour": 1.5}
    wary = Classifier(rules.types, rules.learned.types, auto_from=1.0)
    bold = Classifier(rules.types, rules.learned.types, auto_from=0.01)
    assert wary.classify({}, scores).decision is Decision.ASK
    assert bold.classify({}, scores).decision is Decision.AUTO


def test_other_is_never_taken_without_asking() -> None:
    rules = load_rules_of_understanding()
    bold = Classifier(rules.types, rules.learned.types, auto_from=0.01)
    reading = bold.classify({}, {f"type.{DisputeType.OTHER}": 9.0})
    assert reading.candidates[0][0] is DisputeType.OTHER
    assert reading.decision is Decision.ASK


def test_only_whole_words_that_weigh_are_told() -> None:
    weights = LearnedWeights(learned({1.0: "工钱 欠", 0.1: "老板"}), OverruledRules(), {})
    seen = weights.see("老板欠工钱")
    assert weights.tell("老板欠工钱", seen, "type.labour", {0, 2, 3, 5}) == [(3, 5)]
    assert weights.tell("老板欠工钱", seen, "type.labour", {0, 2, 4, 5}) == []


def test_how_a_message_begins_and_ends_is_seen() -> None:
    rules = learned({1.0: "^多久 多久?$"})
    assert score(rules, "要多久呢") == 0.0
    assert score(rules, "多久能好") == score(learned({1.0: "久?$"}), "还要多久?") == pytest.approx(SHARE)


def test_a_string_that_only_a_person_writes_may_be_long() -> None:
    assert score(learned({}), "给俺工资条", overruled={"工资条": 1.5}) == pytest.approx(SHARE * 1.5)


def test_facts_add_to_the_labels_that_know_them() -> None:
    weights = LearnedWeights(learned({0.5: "判断:很短"}), OverruledRules(), {})
    assert weights.weigh_facts(["很短", "短问"]) == {"type.labour": 0.5}


@pytest.mark.parametrize(
    ("text", "line"),
    [("types: {}\nintents:\n  complain: {还钱: 1}\n", 3), ("types:\n  labour: {工资: 很多}\n", 2)],
)
def test_a_mistake_in_what_a_person_overrules_is_named_with_its_line(
    tmp_path: Path, text: str, line: int
) -> None:
    path = tmp_path / "overruled.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RuleFileError) as caught:
        load_rules(path, OverruledRules)
    assert caught.value.mistakes[0].line == line


def test_every_type_has_learned_weights_and_no_place_is_among_them() -> None:
    rules = load_rules(FOLDER / "learned.yaml", LearnedRules)
    assert set(rules.types.labels) == set(DisputeType)
    words = {
        word for label in rules.types.labels.values() for its in label.words.values() for word in its.split()
    }
    assert not words & {"漯河", "召陵", "源汇", "郾城", "舞阳", "临颍"}


def test_a_word_that_marks_a_label_gets_a_weight_and_a_word_that_is_not_kept_gets_none() -> None:
    features = csr_matrix([[1.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 1.0], [0.0, 1.0, 0.0]] * 5)
    wanted = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]] * 5)
    kept = np.array([[True, True], [True, True], [False, False]])
    soft = fit(features, wanted, np.zeros(wanted.shape), penalty=0.5, kept=kept)
    assert soft.weights[0, 0] > 0.5 > -0.5 > soft.weights[1, 0]
    squares = fit_squares(features, wanted, penalty=0.5, kept=kept)
    assert squares.weights[0, 0] > 0.4 > -0.4 > squares.weights[1, 0]
    mixed = soft.mixed(squares, 2)
    assert mixed.weights[0, 0] == soft.weights[0, 0] / 2 + squares.weights[0, 0] * 2
    assert not mixed.weights[2].any()


def test_what_is_there_already_counts_as_it_is_told_to() -> None:
    features = csr_matrix((8, 1))
    wanted = np.array([[1.0, 0.0], [0.0, 1.0]] * 4)
    assert fit(features, wanted, wanted, penalty=1).given > 1
    assert fit(features, wanted, wanted, penalty=1, counts=0.7).given == 0.7


def test_only_strings_that_stand_in_enough_messages_are_learned_from() -> None:
    texts = ["欠薪"] * SEEN_AT_LEAST + ["欠租"]
    assert choose_strings(texts) == ["^欠薪", "欠", "欠薪", "欠薪$", "薪"]


def test_places_are_blotted_out_before_learning() -> None:
    rules = load_rules_of_understanding()
    text = without_names(
        "俺是杜曲镇北徐庄的，工钱没给", Gazetteer(load_regions(), rules.places, rules.pinyin), rules
    )
    assert "北徐" not in text
    assert "工钱没给" in text


def test_the_file_lists_the_strongest_words_first() -> None:
    model = Model(np.array([[0.5], [1.0], [0.0], [-0.2]]), np.array([0.1]), 1.0)
    lines = as_yaml(["工钱", "欠薪", "天气", "邻居"], ["labour"], model)
    assert [line.strip() for line in lines if not line.strip().startswith(("labels", "labour"))] == [
        "bias: 0.10",
        "words:",
        "1.00: >-",
        "欠薪",
        "0.50: >-",
        "工钱",
        "-0.20: >-",
        "邻居",
    ]
