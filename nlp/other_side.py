"""Finds who the other side is: role or relation, name and company, as one short line."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from nlp.fact_rules import FactRules, NameRules
from nlp.personal_names import name_patterns
from nlp.word_lists import any_of

Span = tuple[int, int]
_PAUSE = r"[\s,。、!?;:()]"
_NEAR = 8
_STORY = 120
_LONGEST = 20
_LONGEST_COMPANY = 14
_MOST_PARTS = 4


@dataclass(frozen=True, slots=True)
class OtherSide:
    """The respondent in the sender's words (东边邻居李大柱), and the bare name if it is told (李大柱)."""

    words: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class _Party:
    """Somebody of whom the text speaks: what he is (`parts`), who (`person`), the full name or company."""

    start: int
    end: int
    kind: str
    parts: tuple[str, ...] = ()
    person: str = ""
    name: str | None = None
    was_named: bool = False


class _PartyFinder:
    """Finds everybody of whom a text speaks, by the patterns of one rule file."""

    def __init__(self, rules: NameRules) -> None:
        names = name_patterns(rules)
        self._compile_heads(rules)
        self._compile_companies(rules)
        self.trade = re.compile(
            rf"[{rules.trades}][^\s,。、!?;:{rules.not_in_trades}]{{1,5}}(?=的(?:{names.called}|{names.full}))"
        )
        owner = (
            rf"(?P<full>(?=[一-鿿]{{3}}的){names.full})|{names.called}"  # of two: may be a town (金华的厂)
        )
        owned = any_of([*rules.bodies, *rules.workplaces])
        self.owned = re.compile(rf"(?P<person>{owner})的(?:{owned})")
        alone = rules.not_surnames_alone
        self.person = re.compile(
            rf"(?P<called>老(?![{alone}]){names.surname}家(?!里)|{names.called})"
            rf"|(?P<surnamed>姓{names.surname}(?:的(?:{any_of(rules.sorts)})?)?)"
            rf"|(?P<full>{names.full})(?:家(?!里|的?人))?"
        )
        surname_begins = rules.surnames + "".join(word[0] for word in rules.double_surnames)
        self.stranger = re.compile(
            rf"(?:一个|有个|那个|是个)叫(?=[{surname_begins}])"
            rf"|(?<![^\s,。、!?;:跟和与被给叫让那了个])(?=姓{names.surname}的|[老小{surname_begins}])"
        )
        self.link = re.compile(
            rf"(?P<named>[,\s]{{0,2}}(?:{any_of(rules.named)}))|(?P<of>的)|[,\s]{{0,2}}(?=姓)|"
        )
        self.full_after_surname = re.compile(rf"[,\s]{{0,2}}(?:名字)?叫(?P<full>{names.full})")

    def _compile_heads(self, rules: NameRules) -> None:
        ours = rf"(?:(?:{any_of(rules.ours)})(?:{any_of(rules.between_ours_and_kin)})?)?"
        kinds = {
            "sure": any_of(rules.surely),
            "kin": rf"{ours}(?:{any_of(rules.relatives)})",
            "neighbour": rf"(?:俺|我)?(?:{any_of(rules.neighbours)})",
            "role": rf"(?:俺|我)?(?:{any_of(rules.roles)})",
            "body": any_of(rules.bodies),
            "where": rf"(?:{any_of(rules.whereabouts)})(?:\d{{1,4}}[户号室]?)?",
        }
        self.head = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in kinds.items()))
        listed = (rules.ours, rules.relatives, rules.surely, rules.neighbours, rules.roles, rules.bodies)
        begins = {word[0] for words in (*listed, rules.whereabouts) for word in words} | {*"俺我"}
        self.head_begins = re.compile(f"[{''.join(map(re.escape, sorted(begins)))}]")

    def _compile_companies(self, rules: NameRules) -> None:
        inside = rf"[^\W_{re.escape(rules.not_in_organisations)}]"
        self.company_end = re.compile(
            rf"(?:{any_of(rules.organisations)})(?:{inside}{{0,6}}(?:有限责任公司|有限公司|分公司|公司))?"
        )
        self.company = re.compile(rf"{inside}{{2,{_LONGEST_COMPANY}}}$")
        self.before_company = re.compile(rf"^.*(?:{any_of(rules.before_organisations)})")
        self.generic = frozenset(rules.bodies)

    def parties(self, text: str) -> list[_Party]:
        """Return everybody told by role, relation, company or name, from left to right."""
        companies = dict(self._companies(text))
        trades = {found.start(): found.end() for found in self.trade.finditer(text)}
        owned = {found.start(): found for found in self.owned.finditer(text)}
        starts = sorted(
            {*companies, *trades, *owned, *(at.start() for at in self.head_begins.finditer(text))}
        )
        found: list[_Party] = []
        end = 0
        for start in starts:
            if start < end:
                continue
            if start in owned:
                of = owned[start]
                party: _Party | None = _Party(start, of.end(), "owned", person=of["person"], name=of["full"])
            elif start in trades:
                parts = (text[start : trades[start]],)
                party = self._named(text, _Party(start, trades[start], "trade", parts), companies)
            else:
                party = self._party_at(text, start, companies)
            if party:
                found.append(party)
                end = party.end
        taken = {at for party in found for at in range(party.start, party.end)}
        for at in self.stranger.finditer(text):
            person = self.person.match(text, at.end()) if at.end() not in taken else None
            if person:
                stranger = _Party(at.start(), at.end(), "stranger", was_named=bool(at[0]))
                found.append(self._with_person(text, stranger, person))
        return sorted(found, key=lambda party: party.start)

    def _companies(self, text: str) -> Iterator[tuple[int, int]]:
        free_from = 0
        for ending in self.company_end.finditer(text):
            low = max(free_from, ending.start() - _LONGEST_COMPANY)
            written = self.company.search(text[low : ending.start()])
            if written is None:
                continue
            start = low + written.start()
            if verb := self.before_company.match(text[start : ending.start()]):
                start += verb.end()
            if ending.start() - start >= 2 and text[start : ending.end()] not in self.generic:
                yield start, ending.end()
                free_from = ending.end()

    def _party_at(self, text: str, start: int, companies: dict[int, int]) -> _Party | None:
        """Join what stands side by side: company, whereabouts, role, person."""
        parts: list[str] = []
        end, kind, name = start, "", None
        while len(parts) < _MOST_PARTS:
            at = end + 1 if parts and text[end : end + 1] == "的" else end
            following = companies.get(at)
            if following is not None:
                kind, name = "company", text[at:following]
            elif head := self.head.match(text, at):
                kind, following = str(head.lastgroup), head.end()
            else:
                break
            parts.append(text[end:following])
            end = following
        if not parts:
            return None
        return self._named(text, _Party(start, end, kind, tuple(parts), name=name), companies)

    def _named(self, text: str, party: _Party, companies: dict[int, int]) -> _Party | None:
        link = self.link.match(text, party.end)
        at = link.end() if link else party.end
        named = bool(link and link["named"])
        if named and at in companies and (inner := self._party_at(text, at, {at: companies[at]})):
            parts = (*party.parts, *inner.parts)
            return replace(inner, start=party.start, kind=party.kind, parts=parts, was_named=True)
        person = self.person.match(text, at)
        if person and not (link and link["of"] and person["surnamed"]):
            of = "的" if link and link["of"] else ""
            named_party = self._with_person(text, replace(party, parts=(*party.parts, of)), person)
            return replace(named_party, was_named=named or bool(person["surnamed"]))
        if named and party.kind in ("sure", "role", "body"):
            relative = self.head.match(text, at)
            if relative and relative.lastgroup in ("kin", "neighbour", "body"):
                inner = self._named(text, _Party(at, relative.end(), "kin", (relative[0],)), {})
                return replace(inner, start=party.start, kind=party.kind, was_named=True) if inner else None
        return None if party.kind == "where" else party

    def _with_person(self, text: str, party: _Party, person: re.Match[str]) -> _Party:
        if person["surnamed"] and (full := self.full_after_surname.match(text, person.end())):
            return replace(party, end=full.end(), person=full["full"], name=full["full"])
        name = person["full"] or party.name
        return replace(party, end=person.end(), person=person[0], name=name)


class _Judge:
    """Tells which of them does the sender wrong."""

    def __init__(self, rules: NameRules) -> None:
        names = name_patterns(rules)
        self.finder = _PartyFinder(rules)
        against = any_of(rules.against)
        self.wrong = re.compile(rf"(?!被|叫(?!我|俺)|让(?!我|俺))[^。!?;被]{{0,10}}?(?:{against})")
        self.pronoun_wrong = re.compile(rf"(?:他|她|人家)[^,。!?;]{{0,3}}(?:{against})")
        self.not_before = re.compile(rf"(?:{any_of(rules.not_respondent_before)})$")
        self.not_after = re.compile(rf"[^,。!?;]{{0,2}}(?:{any_of(rules.not_respondent_after)})")
        self.self_before = re.compile(rf"(?:{any_of(rules.self_before)}|(?<!现)在)$")
        self.given_to = re.compile(rf"(?:{any_of(rules.given_to)})(?:了)?(?:一个)?$")
        self.suffered_by = re.compile(r"(?:被|叫|让)(?:一个)?$")
        self.suffered = re.compile(rf"[^,。!?;]{{0,6}}(?:{any_of(rules.suffered)})")
        self.with_before = re.compile(rf"(?:{any_of(rules.with_before)})$")
        self.with_after = re.compile(rf"[^,。!?;]{{0,4}}(?:{any_of(rules.with_after)})")
        self.pronoun = re.compile(
            rf"(?:(?:{any_of(rules.pronouns)})(?:{any_of(rules.named)})|,叫)"
            rf"(?P<name>{names.full}|{names.called}|姓{names.surname})"
        )
        self.ours = re.compile(rf"^(?:{any_of(rules.ours)})")
        self.pause = re.compile(_PAUSE)
        self.spouse = re.compile(any_of(rules.spouses))
        self.parting = re.compile(any_of(rules.parting))
        self.workplaces = frozenset(rules.workplaces)
        self.not_shown = frozenset(rules.not_shown)

    def other_side(self, text: str, own: str | None, places: Collection[Span]) -> OtherSide | None:
        """Return the party whose wrong is told right after it, else whom the text names as other side."""
        parties = [
            party
            for party in self.finder.parties(text)
            if not (own and party.person == own)
            and not (
                party.kind in ("stranger", "owned")
                and any(start <= party.start < end for start, end in places)
            )
        ]
        parting = self.parting.search(text) is not None
        best: tuple[int, int] | None = None
        chosen: _Party | None = None
        for party in parties:
            weight = self._weigh(text, party, parting=parting)
            if weight is not None and (best is None or (weight, -party.start) > best):
                best, chosen = (weight, -party.start), party
        return self._called(self._told_elsewhere(text, chosen, parties)) if chosen else None

    def _weigh(self, text: str, party: _Party, *, parting: bool) -> int | None:
        """Return how much speaks for a party being the other side, None when nothing does."""
        low = max(0, party.start - 6)
        if party.kind == "owned":
            return self._weigh_wrong(text, party, parting=parting)
        if self.self_before.search(text, low, party.start) or self.not_after.match(text, party.end):
            return None
        if self.given_to.search(text, low, party.start):
            return 1
        if self.with_before.search(text, low, party.start):
            return 1 if self.with_after.match(text, party.end) else None
        if self.suffered_by.search(text, low, party.start):
            return 2 if self.suffered.match(text, party.end) else None
        if self.not_before.search(text, low, party.start):
            return None
        if party.kind == "sure" and (party.person or party.was_named):
            return 3
        return self._weigh_wrong(text, party, parting=parting)

    def _weigh_wrong(self, text: str, party: _Party, *, parting: bool) -> int | None:
        wrong = self.wrong.match(text, party.end)
        near = bool(wrong and wrong.end() - party.end <= _NEAR)
        bare_kin = party.kind == "kin" and not party.person and not self.ours.match(party.parts[0])
        if wrong and near:
            begins = party.start == 0 or self.pause.match(text, party.start - 1)
            return None if bare_kin and not begins else 2
        if wrong and party.kind != "stranger" and not bare_kin:
            return 1
        told_by_name = party.kind == "role" and party.name
        named = party.was_named and party.kind != "kin"
        if party.kind in ("neighbour", "company", "sure", "trade", "owned") or named or told_by_name:
            return 0
        if party.kind not in ("kin", "role"):
            return None
        if parting and self.spouse.search("".join(party.parts)):
            return -1
        ours = self.ours.match(party.parts[0])
        return -1 if ours and self.pronoun_wrong.search(text, party.end, party.end + _STORY) else None

    def _told_elsewhere(self, text: str, chosen: _Party, parties: list[_Party]) -> _Party:
        """Take the name or the company from another part of the text."""
        if chosen.person or chosen.kind == "company":
            return chosen
        said = "".join(chosen.parts)
        if chosen.kind == "body" and said in self.workplaces:
            for other in parties:
                if other.kind == "company" and not other.person:
                    return other
        core = self.ours.sub("", said)
        for other in parties:
            if other.person and core and self.ours.sub("", "".join(other.parts)) == core:
                return other
        if found := self.pronoun.search(text, chosen.end):
            full = self.finder.person.fullmatch(found["name"])
            return replace(chosen, person=found["name"], name=full["full"] if full else None)
        return chosen

    def _called(self, party: _Party) -> OtherSide:
        """Return as many of the words as are short enough, the nearest to the name first."""
        parts = [
            part
            for part in party.parts
            if not (part in self.not_shown and (party.person or len(party.parts) > 1))
        ]
        while len(parts) > 1 and len("".join(parts) + party.person) > _LONGEST:
            parts.pop(0)
        words = ("".join(parts) + party.person).lstrip("的")
        return OtherSide(words[-_LONGEST:], party.name)


@lru_cache(maxsize=4)
def _judge_of(rules: NameRules) -> _Judge:
    return _Judge(rules)


def read_other_side(
    text: str, rules: FactRules, *, own: str | None = None, places: Collection[Span] = ()
) -> OtherSide | None:
    """Return the respondent of a normalised text, None when unclear.

    `own` is the sender's name, `places` the stretches of the text that are place names: neither is a party.
    """
    return _judge_of(rules.names).other_side(text, own, places)
