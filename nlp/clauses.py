"""Takes an agreement's words apart into clauses, and reads what each says: who, how much, when, what."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from mediation.calendar import WorkingCalendar
from nlp.clause_words import MASK, NAME, ClauseWords, Masked, Sign, Sum, Verb
from nlp.coming_dates import ComingDay, coming_days, number_of
from nlp.conditions import find_condition
from nlp.parties import NOBODY_KNOWN, Mention, Part, PartyFinder, Who
from nlp.repeating import Repeat, find_repeat

_BREAKS = re.compile(r"([。;!?]|:|(?<!\d),|,(?!\d{3})|(?<=[^\d\s,.:]{3})\s(?=[^\d\s]{2}))")
_BLANK = re.compile(r"(?<=\D)\s|\s(?=\D)")
_SENTENCE_ENDS = frozenset(";。!?")
_ITEM_MARK = re.compile(
    r"(?:(?<=^)|(?<=[\s。;,:]))\(?(?:第?(?:\d{1,2}|[一二三四五六七八九十]{1,3})(?:[、)]|[.](?!\d))"
    r"|第[一二三四五六七八九十][,、条项]|其[一二三][,、])\s?"
)
_NUMERAL = re.compile(r"[\d零〇一二两三四五六七八九十百千万亿.,年月日号]")
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """What one clause says by itself.

    `subject` and `recipient` are None when unsaid, `owner` is whose thing the clause begins with. `day` is
    when, `days` all exact days with their places, `start_day` and `end_day` bound what `repeat`s, `until` are
    words that end it. `if_subject` is who is named in a condition that begins with 如. `count` is of how many
    parts. `act` are the words of what is to be done, "" for none, `full_act` the same with its time.
    """

    words: str
    new_item: bool
    signs: frozenset[Sign]
    subject: Who | None
    recipient: Who | None
    owner: Who | None
    third: bool
    verb: Verb | None
    sums: tuple[Sum, ...]
    day: ComingDay | None
    days: tuple[tuple[int, date], ...]
    start_day: date | None
    end_day: date | None
    at_once: bool
    condition: str
    if_subject: Who | None
    until: str
    vague: str
    repeat: Repeat | None
    count: int
    act: str
    full_act: str

    def says(self, sign: Sign) -> bool:
        """Whether the clause shows something."""
        return sign in self.signs


@dataclass(slots=True, kw_only=True)
class _Times:
    """When a clause says, and the words by which it says so."""

    day: ComingDay | None
    days: list[ComingDay]
    start_day: date | None
    end_day: date | None
    at_once: bool
    until: str
    vague: str
    repeat: Repeat | None
    count: int
    with_days: str
    not_act: list[tuple[int, int]]
    """Where words stand that belong to no act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseReader:
    """Reads clauses with the words of a rule file, the two sides and the day of signing."""

    words: ClauseWords
    parties: PartyFinder
    today: date
    calendar: WorkingCalendar | None

    def clauses(self, text: str) -> Iterator[Clause]:
        """Yield the clauses of a normalised text in order."""
        for item in _items(self.words.restated.sub("", text)):
            begins = True
            for words in _BREAKS.split(item):
                if words in _SENTENCE_ENDS:
                    begins = True
                elif words.strip(",: "):
                    yield from self._clauses_of(_BLANK.sub("", words), new_item=begins)
                    begins = False

    def _clauses_of(self, words: str, *, new_item: bool) -> Iterator[Clause]:
        before: Clause | None = None
        for stretch in _bounded(words):
            for piece, joined in self._pieces(stretch):
                clause = self._read(piece, new_item=new_item and before is None)
                if joined and before and before.day and not clause.day:
                    clause = replace(clause, day=replace(before.day, counted=False))
                yield clause
                before = clause

    def _pieces(self, words: str) -> Iterator[tuple[str, bool]]:
        """Cut where a new promise begins without a comma: a new subject, the rest, the next part, after 并.

        Yields each piece and whether 并 joins it to the one before, whose time it shares.
        """
        mentions = self.parties.mentions(words)
        plain = _without_names(words, mentions)
        parts = {
            found.start() for one in (self.words.rest, self.words.ordinal) for found in one.finditer(words)
        }
        names = {one.start for one in mentions if one.who and one.part is Part.SUBJECT}
        names |= {one.start for one in mentions[1:] if one.who and one.part is Part.AGENT}
        ands = {found.start() for found in self.words.listed["and_words"].finditer(words)}
        begin, joined = 0, False
        for cut in sorted(names | parts | ands):
            if cut <= begin or not self._is_whole(plain[begin:cut], only_money=cut in parts):
                continue
            same_kind = self.words.has_sum(plain[begin:cut]) == self.words.has_sum(plain[cut:])
            if (cut not in ands or not same_kind) and self.words.promises(plain[cut:]):
                yield words[begin:cut], joined
                begin, joined = cut, cut in ands
        yield words[begin:], joined

    def _is_whole(self, text: str, *, only_money: bool) -> bool:
        if self.words.if_words.match(text):
            return False
        if self.words.has_sum(text) and self.words.verb_in(text):
            return True
        return not only_money and bool(self.words.listed["verbs"].search(text))

    # --- reading one clause ----------------------------------------------------------------------------

    def _read(self, words: str, *, new_item: bool) -> Clause:
        mentions = self.parties.mentions(words)
        masked = Masked(_without_names(words, mentions))
        times = self._times(masked)
        condition = find_condition(
            self.words, masked.text, mentions, with_days=times.with_days, due=times.day
        )
        conditions: list[str] = []
        if_subject: Who | None = None
        if condition:
            begin, end = condition
            masked.blank(begin, end)
            conditions.append(words[begin:end])
            if self.words.if_words.match(words, begin):
                if_subject = next((one.who for one in mentions if one.start < end), None)
            mentions = [one for one in mentions if not begin <= one.start < end]
            if times.day and begin <= times.day.start < end:
                times.day = None
        sums = self.words.sums(masked.text, times.repeat)
        if daily := self.words.listed["daily"].search(masked.text) if sums else None:
            conditions.append(daily[0])
        verb = self.words.verb_in(masked.text)
        subject, recipient, named = self._who(masked.text, mentions, verb, sums)
        signs = self.words.signs(words, plain=times.with_days, left=masked.text)
        act = full_act = ""
        if not signs & {Sign.FACT, Sign.RATES} and self._is_act(masked.text, subject, verb, sums):
            full_act, act = self._act_words(words, times, condition, named)
        return Clause(
            words=words,
            new_item=new_item,
            signs=signs,
            subject=subject,
            recipient=recipient,
            owner=next((one.who for one in mentions if one.part is Part.OWNER and one.start <= 1), None),
            third=recipient is None and bool(self.parties.third.search(words)),
            verb=verb,
            sums=sums,
            day=times.day,
            days=tuple((day.start, day.day) for day in times.days if day.exact and day.day),
            start_day=times.start_day,
            end_day=times.end_day,
            at_once=times.at_once,
            condition=",".join(conditions),
            if_subject=if_subject,
            until=times.until,
            vague=times.vague,
            repeat=times.repeat,
            count=times.count,
            act=act,
            full_act=full_act,
        )

    def _times(self, masked: Masked) -> _Times:
        """Read all that says when, and blank it."""
        listed = self.words.listed
        masked.take(listed["headings"])
        in_parts = masked.take(listed["instalments"])
        signing_day, signing = masked.take(listed["signing_day"]), masked.take(listed["signing"])
        at_once, until = masked.take(listed["at_once"]), masked.take(self.words.until)
        count = masked.take(self.words.count)
        repeat = find_repeat(masked.text, today=self.today)
        if repeat:
            masked.blank(repeat.start, repeat.end)
        days = coming_days(masked.text, today=self.today, calendar=self.calendar)
        start_day, end_day, due = _told_apart(masked.text, days, repeated=repeat is not None)
        if signing_day and not due:
            due = ComingDay(day=self.today, start=signing_day.start(), end=signing_day.end())
        with_days = masked.text
        for day in days:
            masked.blank(day.start, day.end)
        vague = masked.take(listed["vague"])
        return _Times(
            day=due,
            days=days,
            start_day=start_day,
            end_day=end_day,
            at_once=at_once is not None,
            until=until[0] if until else "",
            vague=vague[0] if vague else "",
            repeat=repeat,
            count=_count(count, repeat),
            with_days=with_days,
            not_act=[one.span() for one in (in_parts, signing_day, signing, vague) if one],
        )

    def _who(
        self, text: str, mentions: list[Mention], verb: Verb | None, sums: tuple[Sum, ...]
    ) -> tuple[Who | None, Who | None, Mention | None]:
        """Return who gives or does, who gets, and the mention of the former.

        Who is named between the word of paying and the sum gets it (赔偿楼下吴敏1800元).
        """
        paid = self.words.any_pay.search(text) if sums and verb in (Verb.PAY, Verb.HAND_OVER) else None
        paid_at = paid.start() if paid and paid.start() < sums[0].start else len(text)
        subjects = [one for one in mentions if one.part is Part.SUBJECT and one.start <= paid_at]
        agents = (one for one in mentions if one.part is Part.AGENT and (one.who or not subjects))
        named = next(agents, None) or next(iter(subjects), None)
        if named is None and verb is Verb.OWE:
            named = next((one for one in mentions if one.part is Part.OWNER), None)
        objects = [one for one in mentions if one.part is Part.OBJECT]
        objects += [one for one in mentions if one.part is Part.SUBJECT and one.start > paid_at]
        recipient = next((one.who for one in objects if named is None or one.who != named.who), None)
        subject = named.who if named else None
        if named is None and (self.words.other_agent.search(text) or self._stranger(text, mentions)):
            subject = NOBODY_KNOWN
        return subject, recipient, named

    def _stranger(self, text: str, mentions: list[Mention]) -> bool:
        """Whether a clause begins with somebody who is neither side (王五付…)."""
        if mentions and mentions[0].start <= 1:
            return False
        lead = self.words.lead.match(text)
        rest = text[lead.end() if lead else 0 :]
        verb = self.words.any_pay.search(rest)
        head = self.words.fillers.sub("", rest[: verb.start()]) if verb else ""
        head = self.words.not_names.sub("", head)
        if NAME in head:
            return False
        counted = self.words.number.match(head) or self.words.ordinal.search(head)
        money = self.words.listed["money_nouns"].search(head) or self.words.has_sum(head)
        return 2 <= len(head) <= 3 and not (counted or money)

    def _is_act(self, text: str, subject: Who | None, verb: Verb | None, sums: tuple[Sum, ...]) -> bool:
        """Whether something is to be done: a word of doing says so, or a side with more than a tale."""
        if self.words.acting.search(text):
            return True
        if not subject or sums or verb not in (None, Verb.HAND_OVER):
            return False
        if verb and self.words.listed["money_nouns"].search(text):
            return False
        return self.words.promises_anything(text)

    def _act_words(
        self, words: str, times: _Times, condition: tuple[int, int] | None, named: Mention | None
    ) -> tuple[str, str]:
        """Return the words of an act with and without its time and condition."""
        basis = Masked(words)
        for begin, end in times.not_act:
            basis.blank(begin, end)
        if named and named.who and named.part is Part.SUBJECT:
            basis.blank(named.start, named.end)
        full_act = self._bare(basis.text)
        for day in times.days if times.day else []:
            basis.blank(day.start, day.end)
        if condition:
            basis.blank(*condition)
        act = self._bare(basis.text)
        return ("", "") if self.words.listed["signs"].fullmatch(act) else (full_act, act)

    def _bare(self, text: str) -> str:
        lead = self.words.lead.match(text)
        return self.words.tail.sub("", text[lead.end() if lead else 0 :]).replace(MASK, "")


def _items(text: str) -> Iterator[str]:
    """Yield the numbered items of a text, or the whole when nothing is numbered."""
    begin = 0
    for found in _ITEM_MARK.finditer(text):
        if text[begin : found.start()].strip():
            yield text[begin : found.start()]
        begin = found.end()
    if text[begin:].strip():
        yield text[begin:]


def _bounded(words: str) -> Iterator[str]:
    """Cut what nobody says in one breath, never within a number or a date; keeps the time linear."""
    begin = 0
    while len(words) - begin > _LONGEST:
        cut = begin + _LONGEST
        while cut > begin + _LONGEST // 2 and _NUMERAL.match(words[cut]):
            cut -= 1
        yield words[begin:cut]
        begin = cut
    yield words[begin:]


def _without_names(words: str, mentions: list[Mention]) -> str:
    """Return a clause with the names of the sides blanked, for 李四三千 is not 李 and 43 000."""
    for one in mentions:
        words = words[: one.start] + NAME * (one.end - one.start) + words[one.end :]
    return words


def _count(found: re.Match[str] | None, repeat: Repeat | None) -> int:
    if not found:
        return 0
    if found["n"]:
        return number_of(found["n"])
    monthly = repeat is not None and repeat.months == 1
    return number_of(found["run"]) * (12 if found["unit"] == "年" and monthly else 1)


def _told_apart(
    text: str, days: list[ComingDay], *, repeated: bool
) -> tuple[date | None, date | None, ComingDay | None]:
    """Tell the day from which (从下个月起) and until which (付到明年六月) from the day on which."""
    start_day = end_day = due = None
    for day in days:
        before, after = text[max(0, day.start - 1) : day.start], text[day.end : day.end + 2]
        if before in ("从", "自") and after.startswith(("起", "开始")) and day.day:
            start_day = day.day if day.exact else day.day.replace(day=1)
        else:
            bounding = before in ("到", "至") and not due
            end_day = day.day if bounding else end_day
            due = due if bounding and repeated else due or day
    return start_day, end_day, due
