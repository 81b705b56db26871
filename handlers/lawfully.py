"""Answers a law question from the statutes in plain words: only what its words clearly call."""

from collections.abc import Iterable

from config.statutes import Asking, Statute, Statutes
from mediation.vocabulary import DisputeType
from nlp.normalising import normalise


def find_answers(
    question: str,
    statutes: Statutes,
    *,
    type: DisputeType | None,  # noqa: A002 - the name it has in Understanding
    subtype: str | None,
    words: Iterable[str] = (),
    most: int = 3,
) -> tuple[Statute, ...]:
    """Return at most `most` statutes that answer a question, the best first; nothing fitting is ().

    A statute is found only when the question asks for it in one of the ways the rule file lists. The more
    characters its words take of the question, the better it fits; the dispute's type and subtype add to
    that, and `words`, the words by which the type was understood, decide between equals.
    """
    text = normalise(question).replace(" ", "")
    if any(word in text for word in statutes.outside):
        return ()
    ranking, deciding = statutes.ranking, tuple(words)
    ranked: list[tuple[int, int, Statute]] = []
    for statute in statutes.entries:
        calls = [
            found for asking in statute.asked if (found := _words_found(asking, text, reach=ranking.reach))
        ]
        if not calls:
            continue
        best = max(calls, key=_length)
        shared = sum(any(word in one or one in word for one in best) for word in deciding)
        ranked.append((_length(best) + _bonus(statute, statutes, type, subtype), shared, statute))
    ranked.sort(key=lambda one: one[:2], reverse=True)
    return tuple(
        statute for points, _, statute in ranked[:most] if points >= ranked[0][0] - ranking.behind_best
    )


def _bonus(
    statute: Statute, statutes: Statutes, dispute_type: DisputeType | None, subtype: str | None
) -> int:
    if dispute_type is None:
        return 0
    if f"{dispute_type}.{subtype}" in statute.types:
        return statutes.ranking.same_subtype
    same = any(name.partition(".")[0] == dispute_type for name in statute.types)
    return statutes.ranking.same_type if same else 0


def _words_found(asking: Asking, text: str, *, reach: int) -> tuple[str, ...]:
    """Return the longest near word of every group; () when the text does not ask this way.

    Near is within `reach` characters of a word of the first group.
    """
    if any(word in text for word in asking.absent):
        return ()
    first, *others = asking.groups
    for word in sorted(first, key=len, reverse=True):
        at = text.find(word)
        while at >= 0:
            near = text[max(0, at - reach) : at + len(word) + reach]
            found = tuple(max((one for one in group if one in near), key=len, default="") for group in others)
            if all(found):
                return (word, *found)
            at = text.find(word, at + 1)
    return ()


def _length(words: tuple[str, ...]) -> int:
    return sum(map(len, words))
