"""Reads a mediator's agreement sentences: who owes whom what by when, and what must still be asked.

`张三12月31日前付李四3000元,分三期` becomes three obligations of 1000 yuan; two days are asked.
"""

from dataclasses import replace
from datetime import date

from mediation.agreement import Question, Reading, Unclear
from mediation.calendar import WorkingCalendar
from nlp.clause_words import Sign, Sum, Verb, clause_words
from nlp.clauses import Clause, ClauseReader
from nlp.normalising import normalise
from nlp.obligation_rules import ObligationRules
from nlp.parties import BOTH, PartyFinder, Who
from nlp.promises import Money, Promise, Time, drafts_of

_FEN = 0.005
_LOOK_BACK = 12


def read_agreement(
    text: str,
    rules: ObligationRules,
    *,
    applicant: str | None,
    respondent: str | None,
    today: date,
    calendar: WorkingCalendar | None = None,
) -> Reading:
    """Return the obligations that any text tells, in its order, and what must be asked; never raises.

    `applicant` and `respondent` are the parties' names, None when unknown; `today` is the day from which
    spans count (the signing). Without `calendar` the end of a span in working days is asked. Words that
    oblige nobody (互不追究, 各付各的) are read as nothing; what has no end (不再…, 抚养) is asked no date.
    """
    plain = normalise(text)
    parties = PartyFinder(rules.parties, applicant=applicant, respondent=respondent, text=plain)
    reader = ClauseReader(words=clause_words(rules), parties=parties, today=today, calendar=calendar)
    book = _Book(today)
    for clause in reader.clauses(plain):
        book.add(clause)
    drafts = [draft for promise in book.promises for draft in drafts_of(promise, today=today)]
    questions = [
        Question(unclear=unclear, obligation=index)
        for index, draft in enumerate(drafts)
        for unclear in draft.open
    ]
    if not drafts:
        questions.append(Question(unclear=Unclear.NOTHING_READ))
    return Reading(obligations=tuple(draft.obligation for draft in drafts), questions=tuple(questions))


class _Book:
    """Puts clauses together into promises, in the order in which they are said.

    `_sentence` are the promises of the sentence so far, `_subject` who was spoken of last, `_waiting` a time
    or condition said before what it belongs to.
    """

    def __init__(self, today: date) -> None:
        self.promises: list[Promise] = []
        self._today = today
        self._subject: Who | None = None
        self._waiting = Time()
        self._sentence: list[Promise] = []

    def add(self, clause: Clause) -> None:
        """Take up one clause."""
        if clause.new_item:
            self._waiting = Time()
            self._sentence = self._sentence if clause.says(Sign.SAME) else []
        self._sentence = self._sentence[-_LOOK_BACK:]
        if clause.subject is not None and clause.verb is not Verb.RECEIVE:
            self._subject = clause.subject
        elif clause.if_subject is not None:
            self._subject = clause.if_subject
        last = next((one for one in reversed(self._sentence) if not one.act), None)
        if clause.says(Sign.OWN_COSTS) or (clause.sums and clause.signs & {Sign.FACT, Sign.DENIED}):
            return
        if clause.sums and self._is_about_money(clause, last):
            self._take_money(clause, last)
        elif clause.says(Sign.CLOSING) or (clause.says(Sign.RATES) and not clause.act):
            return
        elif last and self._changes(clause, last):
            self._change(clause, last)
        elif self._is_payment(clause):
            self._promise_money(clause, ())
        elif clause.act:
            self._take_act(clause)
        else:
            self._take_time(clause)

    def _begin(self, promise: Promise) -> None:
        self.promises.append(promise)
        self._sentence.append(promise)

    # --- money -----------------------------------------------------------------------------------------

    @staticmethod
    def _is_about_money(clause: Clause, last: Promise | None) -> bool:
        """A price again and again with nobody who pays it (租金涨到每年6000) promises nothing."""
        told = clause.verb or last or clause.subject or clause.count or not clause.repeat
        return bool(told or clause.signs & {Sign.PART, Sign.REST, Sign.SAME}) or clause.sums[0].total

    @staticmethod
    def _is_payment(clause: Clause) -> bool:
        """Whether money is promised though no sum is told (赔偿医药费)."""
        if clause.count and not clause.act:
            return True
        if clause.verb is Verb.HAND_OVER:
            return clause.says(Sign.MONEY_LAST) or (clause.says(Sign.MONEY_NOUN) and not clause.act)
        return clause.verb is Verb.PAY and not clause.act

    def _take_money(self, clause: Clause, last: Promise | None) -> None:
        one = clause.sums[0]
        alone = len(clause.sums) == 1
        if clause.says(Sign.THEN) and self._turned_into_condition(clause):
            return
        if last and alone and one.total and last.each_part is not None:
            last.whole = Money(amount=one.value, time=Time())
        elif clause.says(Sign.IN_KIND) and self._sentence and self._sentence[-1].act:
            self._stands_for(clause, self._sentence.pop())
        elif last and alone and one.total and not clause.condition and self._sums_up(clause):
            self._update_time(clause)
        elif last and alone and self._fills(clause, last):
            last.whole = Money(amount=one.value, time=Time(), about=one.about)
            self._complete_sides(last, clause)
            self._update_time(clause)
        elif last and self._belongs(clause, last):
            self._take_part(clause, last)
        else:
            totals = tuple(each for each in clause.sums if each.total)
            mixed = totals and len(totals) < len(clause.sums)
            self._promise_money(clause, totals[:1] if mixed else clause.sums)

    @staticmethod
    def _fills(clause: Clause, last: Promise) -> bool:
        """Whether a clause tells the sum of a payment that had none."""
        is_open = last.whole is not None and last.amount is None and not (last.parts or last.count)
        same_side = clause.subject in (None, last.debtor)
        return is_open and same_side and not clause.repeat and not clause.says(Sign.PART)

    def _belongs(self, clause: Clause, last: Promise) -> bool:
        """Whether the sums of a clause are parts of the money spoken of before."""
        if clause.subject is not None and last.debtor is not None and clause.subject != last.debtor:
            return False
        if clause.condition and clause.says(Sign.NEGATED):
            return False
        if clause.signs & {Sign.PART, Sign.REST, Sign.SAME}:
            return True
        if last.only_told:
            return not last.by_the_way
        if last.count or last.in_parts or last.has_room_for(clause.sums[0].value):
            return True
        smaller = last.amount is not None and clause.sums[0].value < last.amount
        timed = _time_of(clause, self._today).told and not last.time.told
        return smaller and (timed or clause.repeat is not None)

    def _take_part(self, clause: Clause, last: Promise) -> None:
        time = self._time_with_waiting(clause)
        last.only_told = False
        self._complete_sides(last, clause)
        last.count = last.count or clause.count
        if clause.repeat:
            last.repeat, last.each_part = clause.repeat, clause.sums[0].value
            _bound(last, clause)
            return
        larger = last.amount is not None and clause.sums[0].value >= last.amount
        part, rest = clause.says(Sign.PART), clause.says(Sign.REST)
        if not last.parts and ((rest and last.time.told) or (part and larger)):
            last.begin_parts()
        last.parts += _parts_of(clause, time, flagged=part or rest)

    def _promise_money(self, clause: Clause, sums: tuple[Sum, ...]) -> None:
        """Begin a payment for each sum; without any the sum is open."""
        debtor, creditor = self._sides(clause)
        if len(sums) == len(clause.days) > 1:
            dated = Promise(debtor=debtor, creditor=creditor, time=Time())
            dated.parts = _parts_of(clause, self._time_with_waiting(clause), flagged=True)
            self._begin(dated)
            return
        time = self._time_with_waiting(clause)
        whole: Money | None = None
        if clause.repeat and len(sums) > 1:
            each = 1 if sums[0].start < clause.repeat.start else 0
            whole, sums = Money(amount=sums[1 - each].value, time=Time()), sums[each : each + 1]
        for one in sums or [None]:
            money = Money(amount=one.value if one else None, time=Time(), about=bool(one and one.about))
            promise = Promise(
                debtor=debtor,
                creditor=creditor,
                time=replace(time),
                whole=money,
                count=clause.count,
                repeat=clause.repeat,
                until_words=clause.until,
                in_parts=clause.says(Sign.IN_PARTS),
                only_told=bool(sums)
                and clause.verb in (Verb.OWE, None)
                and not (clause.says(Sign.PART) or clause.repeat),
                by_the_way=clause.verb is None and not clause.count and not (one and one.total),
            )
            _bound(promise, clause)
            if clause.repeat:
                promise.whole, promise.each_part = whole, money.amount
            elif clause.says(Sign.PART):
                promise.begin_parts()
            self._begin(promise)

    def _turned_into_condition(self, clause: Clause) -> bool:
        """不把车挪走, 就给500: what was read as an act is a condition."""
        act = self._sentence[-1] if self._sentence else None
        if act is None or not act.act or not act.negated:
            return False
        self._sentence.pop()
        self.promises.remove(act)
        self._waiting = Time(condition=act.full_act)
        self._promise_money(clause, clause.sums)
        return True

    def _stands_for(self, clause: Clause, act: Promise) -> None:
        """赔羊两只, 折价2400元: the sum takes the place of the thing."""
        self.promises.remove(act)
        self._begin(
            Promise(
                debtor=act.debtor,
                creditor=act.creditor,
                time=act.time.with_later(_time_of(clause, self._today)),
                whole=Money(amount=clause.sums[0].value, time=Time(), about=clause.sums[0].about),
            )
        )

    def _sums_up(self, clause: Clause) -> bool:
        """共计5000元 after its items: the items become one sum, or are asked when they do not add up."""
        payer = self._sentence[-1].debtor
        items = [
            one
            for one in self._sentence
            if one.amount is not None and not one.only_told and one.debtor == payer
        ]
        if len(items) < 2:
            return False
        first, total = items[0], clause.sums[0].value
        if abs(sum(one.amount or 0 for one in items) - total) > _FEN:
            first.in_parts = True
            return True
        for one in items[1:]:
            self.promises.remove(one)
            self._sentence.remove(one)
        first.whole = Money(amount=total, time=Time())
        return True

    def _sides(self, clause: Clause) -> tuple[Who | None, Who | None]:
        """Return who pays and who gets; of two sides the one is known by the other."""
        subject, recipient = clause.subject, clause.recipient
        if clause.verb is Verb.RECEIVE:
            subject, recipient = recipient, subject
            if subject is None and recipient is not None:
                subject = _other(recipient)
        if subject is None:
            subject = _other(recipient) if recipient else self._subject
        if subject == BOTH or clause.third:
            return subject, recipient
        if not recipient and subject:
            recipient = _other(subject)
        return subject, recipient

    # --- what changes what was said before ----------------------------------------------------------------

    @staticmethod
    def _changes(clause: Clause, last: Promise) -> bool:
        """Whether a clause without a sum only says more about the payment before it."""
        if clause.if_subject is not None or clause.says(Sign.DEFAULT):
            return False
        if clause.says(Sign.REST) and (clause.verb or clause.says(Sign.PART)):
            return True
        if clause.count or clause.signs & {Sign.IN_PARTS, Sign.SAME}:
            return True
        if clause.act and not clause.says(Sign.DONE) and clause.verb is not Verb.PAY:
            return False
        if clause.verb not in (Verb.PAY, Verb.HAND_OVER):
            return False
        if last.only_told:
            return True
        other_money = clause.verb is Verb.PAY and clause.says(Sign.MONEY_NOUN) and last.time.told
        told = clause.day or clause.at_once or clause.condition
        return (last.debtor is None or clause.subject in (None, last.debtor)) and (
            bool(told) or not other_money
        )

    def _change(self, clause: Clause, last: Promise) -> None:
        last.only_told = False
        self._complete_sides(last, clause)
        last.count, last.in_parts = last.count or clause.count, last.in_parts or clause.says(Sign.IN_PARTS)
        if clause.repeat and not (last.repeat and last.repeat.first):
            last.repeat = clause.repeat
            _bound(last, clause)
        if clause.says(Sign.REST) and (last.parts or last.whole):
            if not last.parts and last.time.told:
                last.begin_parts()
            last.parts.append(Money(amount=None, time=self._time_with_waiting(clause), flagged=True))
        elif last.repeat and clause.end_day:
            last.until, last.until_words = clause.end_day, "" if last.repeat.first else clause.words
        else:
            self._update_time(clause)

    def _complete_sides(self, last: Promise, clause: Clause) -> None:
        """Fill in who pays where it was open (均由李四付给张三)."""
        if clause.subject is None and clause.recipient is None:
            return
        debtor, creditor = self._sides(clause)
        for promise in (*self._sentence, last):
            unsaid = promise.debtor is None or (not promise.debtor and clause.subject)
            if unsaid and not promise.act:
                promise.debtor, promise.creditor = debtor, creditor

    def _update_time(self, clause: Clause) -> None:
        time = self._time_with_waiting(clause)
        for promise in self._sentence:
            if time.told and not (promise.act or promise.time.day or promise.time.at_once):
                promise.time = promise.time.with_later(time)

    # --- acts and times -----------------------------------------------------------------------------------

    def _take_act(self, clause: Clause) -> None:
        last = self._sentence[-1] if self._sentence and self._sentence[-1].act else None
        time = self._time_with_waiting(clause)
        unnamed = last is not None and clause.subject is None
        if last and unnamed and clause.says(Sign.DONE) and not last.time.told:
            last.time = time
            return
        lasting = clause.says(Sign.LASTING)
        if last and unnamed and lasting == last.lasting and not (time.day or time.condition):
            last.act = f"{last.act},{clause.act}"
            last.time = last.time if last.time.told else time
            return
        debtor = next((who for who in (clause.subject, clause.owner, self._subject) if who is not None), None)
        self._subject = debtor
        self._begin(
            Promise(
                debtor=debtor,
                creditor=_other(debtor) if debtor else None,
                time=time,
                act=clause.act,
                full_act=clause.full_act,
                negated=clause.says(Sign.NEGATED),
                lasting=lasting,
            )
        )

    def _take_time(self, clause: Clause) -> None:
        """A clause that tells only a time: of the promise before it, else of the one to come."""
        time = _time_of(clause, self._today)
        last = self._sentence[-1] if self._sentence else None
        if last and last.repeat and clause.until:
            last.until_words = clause.until
        elif not time.told:
            told = clause.subject or clause.sums or clause.signs & {Sign.FACT, Sign.DEFAULT, Sign.STARTING}
            if last and last.act and not told:
                last.act = f"{last.act},{clause.words}"
        elif last and not clause.condition and self._takes_time(clause, last):
            last.time, last.only_told = time, False
        elif clause.says(Sign.ONLY_TIME) or clause.if_subject is not None or clause.says(Sign.DEFAULT):
            self._waiting = time

    @staticmethod
    def _takes_time(clause: Clause, last: Promise) -> bool:
        if clause.says(Sign.DONE):
            return last.time.day is None
        return not (last.time.told or last.lasting)

    def _time_with_waiting(self, clause: Clause) -> Time:
        waiting, self._waiting = self._waiting, Time()
        return waiting.with_later(_time_of(clause, self._today))


def _parts_of(clause: Clause, time: Time, *, flagged: bool) -> list[Money]:
    """Return the parts that one clause names: each sum with its day, or the same sum on each of many days."""
    days, sums = clause.days, clause.sums
    if len(days) > 1 and len(sums) == 1 and clause.says(Sign.EACH):
        sums = sums * len(days)
    if len(days) == len(sums) > 1:
        return [
            Money(amount=one.value, time=replace(time, day=day, unsure=False), about=one.about, flagged=True)
            for one, (_, day) in zip(sums, days, strict=True)
        ]
    return [Money(amount=one.value, time=time, about=one.about, flagged=flagged) for one in sums]


def _bound(promise: Promise, clause: Clause) -> None:
    """Note from when to when something comes again."""
    promise.since, promise.until = promise.since or clause.start_day, promise.until or clause.end_day


def _other(who: Who | None) -> Who | None:
    if who is None or len(who) != 1:
        return who if who == BOTH else None
    return frozenset(side.other for side in who)


def _time_of(clause: Clause, today: date) -> Time:
    """Return when a clause says; the beginning of some work is no date by which it is due."""
    if clause.says(Sign.STARTING):
        return Time()
    told, day = clause.day, clause.day.day if clause.day else None
    several = len(clause.days) > 1
    no_one_day = bool(clause.vague) or several or (told is not None and day is None)
    return Time(
        day=None if several else day,
        at_once=clause.at_once and day is None,
        condition=",".join(part for part in (clause.vague, clause.condition) if part),
        unsure=no_one_day or (day is not None and day < today),
        span=clause.words[told.start : told.end] if told and told.counted else "",
    )
