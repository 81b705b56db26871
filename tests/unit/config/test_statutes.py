"""The statutes in plain words and the lawful ways: what the files say, and what is refused."""

import shutil
from collections import Counter
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest

from config.lawful_ways import load_lawful_ways
from config.loading import CONFIG_DIR, RuleFileError
from config.statutes import Asking, known_types, load_statutes
from mediation.vocabulary import DisputeType

STATUTES = load_statutes(CONFIG_DIR)
WAYS = load_lawful_ways(CONFIG_DIR, STATUTES.laws)
KINDS = sorted(known_types(CONFIG_DIR))

Break = Callable[[str, str, str], RuleFileError]


def as_kind(kind: str) -> tuple[DisputeType, str | None]:
    dispute_type, _, subtype = kind.partition(".")
    return DisputeType(dispute_type), subtype or None


@pytest.fixture
def broken(tmp_path: Path) -> Break:
    """Replace one text in a copy of the rule files and return what is said about it."""
    shutil.copytree(CONFIG_DIR / "rules", tmp_path / "rules")

    def load(file: str, old: str, new: str) -> RuleFileError:
        path = tmp_path / "rules" / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(RuleFileError) as refused:
            load_lawful_ways(tmp_path, load_statutes(tmp_path).laws)
        return refused.value

    return load


def line_of(file: str, words: str) -> int:
    lines = (CONFIG_DIR / "rules" / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if words in line)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("types: [contract.loan]", "types: [contract.moon]", "no type contract.moon in dispute_types.yaml"),
        ("card: [contract.loan", "card: [moon", "no type moon in dispute_types.yaml"),
        ("  - law: 民法典\n", "  - law: 民法通则\n", "law 民法通则 is not listed under laws"),
        ("articles: [188]", "articles: []", "should have at least 1 item"),
        ("articles: [188]", "articles: [0]", "greater than or equal to 1"),
        ("      - 举证责任 ", "      - 举证责任/ ", "an empty word"),
        ("      - 支付令\n", "      - '!支付令'\n", "nothing to look for"),
        ("  article: 第{number}条", "  article: 第{no}条", "should match pattern"),
        (
            "    text: 调解要双方自愿",
            "    moon: 1\n    text: 调解要双方自愿",
            "Extra inputs are not permitted",
        ),
    ],
)
def test_a_mistake_in_the_statutes_is_named_with_its_line(
    broken: Break, old: str, new: str, said: str
) -> None:
    refused = broken("statutes.yaml", old, new)
    assert said in str(refused)
    assert all(mistake.path.name == "statutes.yaml" and mistake.line > 1 for mistake in refused.mistakes)


def test_a_way_of_asking_is_named_with_its_own_line(broken: Break) -> None:
    (mistake,) = broken("statutes.yaml", "      - 支付令\n", "      - '!支付令'\n").mistakes
    assert mistake.line == line_of("statutes.yaml", "      - 支付令")


def test_a_statute_that_nobody_would_see_is_refused(broken: Break) -> None:
    refused = broken("statutes.yaml", "    asked:\n      - 支付令\n", "")
    assert "neither card nor asked" in str(refused)


def test_the_same_words_twice_are_refused(broken: Break) -> None:
    first, second = STATUTES.entries[0].text, STATUTES.entries[1].text
    assert "texts used twice" in str(broken("statutes.yaml", second, first))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  labour.wages: [", "  labour.moon: [", "no type labour.moon in dispute_types.yaml"),
        ("otherwise: [court]", "otherwise: [moon]", "no way moon"),
        ("otherwise: [court]", "otherwise: [court, court]", "a way twice: court, court"),
        ("always: [legal_aid]", "always: [court]", "ways that nobody is told: legal_aid"),
        ("    law: 法律援助法", "    law: 月亮法", "law 月亮法 is not listed in statutes.yaml"),
        ("    articles: [31, 32]", "    articles: []", "law and articles go together"),
        ('    phone: "12338"', "    phone: 12a38", "should match pattern"),
        ("（{citation}）", "（{law}）", "should match pattern"),
    ],
)
def test_a_mistake_in_the_lawful_ways_is_named_with_its_line(
    broken: Break, old: str, new: str, said: str
) -> None:
    refused = broken("lawful_ways.yaml", old, new)
    assert said in str(refused)
    assert all(mistake.path.name == "lawful_ways.yaml" and mistake.line >= 1 for mistake in refused.mistakes)


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_and_subtype_has_a_card_of_two_to_six_statutes(kind: str) -> None:
    assert 2 <= len(STATUTES.for_type(*as_kind(kind))) <= 6
    assert sum(kind in statute.card for statute in STATUTES.entries) >= 2


def test_a_subtype_that_is_not_known_gets_the_card_of_its_type() -> None:
    assert STATUTES.for_type(DisputeType.LABOUR, "moon") == STATUTES.for_type(DisputeType.LABOUR, None)


@pytest.mark.parametrize("dispute_type", sorted(set(DisputeType) - {DisputeType.BUSINESS, DisputeType.OTHER}))
def test_law_questions_of_every_type_can_be_answered(dispute_type: DisputeType) -> None:
    called = [
        statute
        for statute in STATUTES.entries
        if statute.asked and any(name.partition(".")[0] == dispute_type for name in statute.types)
    ]
    assert len(called) >= 2


def test_no_way_of_asking_contradicts_itself() -> None:
    for statute in STATUTES.entries:
        for asking in statute.asked:
            for group in asking.groups:
                assert not all(any(bad in word for bad in asking.absent) for word in group), statute.citation


def test_nothing_is_said_twice() -> None:
    keys = Counter((statute.law, statute.articles, statute.text) for statute in STATUTES.entries)
    assert max(keys.values()) == 1
    for one, other in combinations(STATUTES.entries, 2):
        shared: set[Asking] = set(one.asked) & set(other.asked)
        assert not shared, f"{one.citation} and {other.citation} are called by the same words"


def test_citations_are_read_aloud_and_name_the_year_of_a_text_that_may_be_old() -> None:
    loan = next(statute for statute in STATUTES.entries if statute.articles == (192, 193))
    food = next(statute for statute in STATUTES.entries if statute.law == "食品安全法")
    assert loan.citation == "《民法典》第192条、第193条"
    assert food.citation.startswith(f"《食品安全法》（{food.version.year}年文本）")


def test_no_cited_law_is_known_to_be_replaced() -> None:
    replaced = {"治安管理处罚法", "仲裁法", "村民委员会组织法", "合同法", "婚姻法", "继承法", "民法总则"}
    assert not replaced & set(STATUTES.laws.by_name)


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("labour.wages", ["labour_inspection", "labour_arbitration", "labour_court", "legal_aid"]),
        ("homestead.boundary", ["land_ruling", "legal_aid"]),
        ("expropriation.crops", ["reconsideration", "administrative_suit", "legal_aid"]),
        ("contract.partnership", ["court", "legal_aid"]),
        ("other", ["court", "legal_aid"]),
    ],
)
def test_the_nearest_lawful_way_comes_first(kind: str, keys: list[str]) -> None:
    assert [way.key for way in WAYS.ways_for(*as_kind(kind))] == keys


@pytest.mark.parametrize("kind", KINDS)
def test_lawful_ways_are_short_and_say_when(kind: str) -> None:
    ways = WAYS.ways_for(*as_kind(kind))
    assert 2 <= len(ways) <= 5
    for way in ways:
        assert len(way.said) <= 110
        assert way.name in way.said
        assert way.within in way.said


def test_a_way_without_phone_or_statute_is_said_without_them() -> None:
    (reflect,) = (way for way in WAYS.ways_for(DisputeType.EDUCATION, None) if way.citation is None)
    assert "（" not in reflect.said.removeprefix(f"{reflect.name}：{reflect.where}")
    (ruling, _) = WAYS.ways_for(DisputeType.HOMESTEAD, "boundary")
    assert ruling.phone is None
    assert "电话" not in ruling.said
