"""The life of one made-up case, step by step until now: its status is what its last step says."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from config.demo_quarter import Matter, QuarterWords
from handlers.asking import spoken_number
from handlers.casework import EVERYBODY, STAFF, move
from handlers.demo_people import Town
from handlers.ruleset import RuleSet
from handlers.speaking import spoken_time
from mediation.agreement import ObligationKind, Side
from mediation.calendar import CHINA_TIME
from mediation.lifecycle import CaseAction, EndReason
from mediation.routing import Routing
from mediation.vocabulary import Audience, DisputeType, RiskGrade
from storage.demo import chain
from storage.tables import (
    AgreementRow,
    CallTaskRow,
    CaseRow,
    DeadlineRow,
    InquiryRow,
    ObligationRow,
    OfferRow,
    TimelineRow,
)

FOR_ALL = frozenset(Audience)
MORNING = time(9, 0)
UNASSIGNED_SHARE = 0.15
SLOW_SHARE = 0.05
IMMEDIATE_SHARE = 0.5
DEFAULT_SHARE = 0.04
WRITTEN_SHARE = 0.62
ANSWER_SHARE = 0.72
ALONE = {EndReason.REFUSED, EndReason.SILENT}
ENDING_ACTIONS = {
    EndReason.SELF_SETTLED: CaseAction.WITHDRAW,
    EndReason.WITHDRAWN: CaseAction.WITHDRAW,
    EndReason.NOT_MEDIABLE: CaseAction.REJECT,
}


class Reached(Exception):  # noqa: N818 - not a mistake: the present
    """The story has come to the present."""


@dataclass(slots=True, kw_only=True)
class Course:
    """Plays one case; `run` leaves the case as it stands now and its rows in the town."""

    case: CaseRow
    matter: Matter
    routing: Routing
    town: Town
    words: QuarterWords
    rules: RuleSet
    rng: Random
    now: datetime
    by_phone: bool
    at: datetime = field(init=False)
    steps: list[TimelineRow] = field(default_factory=list)

    def run(self) -> None:
        """Play until now."""
        self.at = self.case.filed_at
        try:
            self._file()
            self._accept()
            self._mediate()
        except Reached:
            pass
        chain(self.steps)
        self.town.rows += self.steps

    # -- small steps

    def _pass(self, *, hours: float, at_work: bool = True) -> None:
        """Let time pass; raises Reached when that is not over yet."""
        later = self.at + timedelta(hours=hours)
        if at_work:
            opened = self.rules.rulebook.calendar.next_opening(later)
            later = opened + timedelta(minutes=self.rng.randint(1, 50)) if opened > later else later
        if later >= self.now:
            raise Reached
        self.at = later

    def _note(self, event: str, actor: str, audience: frozenset[Audience] = FOR_ALL, **content: Any) -> None:
        self.steps.append(
            TimelineRow(
                id=self.town.next_id(TimelineRow),
                case_id=self.case.id,
                at=self.at,
                actor=actor,
                event=event,
                audience=sorted(one.value for one in audience),
                content=content,
            )
        )

    @property
    def _mediator(self) -> str:
        return f"mediator:{self.case.mediator_id}"

    def _call(self, kind: str, phrase: str, *, open_now: bool, **facts: object) -> None:
        self.town.rows.append(
            CallTaskRow(
                id=self.town.next_id(CallTaskRow),
                kind=kind,
                person_id=self.case.applicant_id,
                case_id=self.case.id,
                dedupe_key=f"{kind}:demo:{self.case.id}:{len(self.steps)}",
                grade=self.case.grade,
                text=self.rules.phrases.fill(phrase, facts),
                state="open" if open_now else "done",
                created_at=self.at,
                outcome=None if open_now else self.rng.choice(self.words.call_outcomes),
                done_at=None if open_now else self.at + timedelta(minutes=self.rng.randint(20, 300)),
            )
        )

    def _due(self, kind: str, subject_id: int, at: datetime) -> None:
        if at > self.now:
            self.town.rows.append(
                DeadlineRow(id=self.town.next_id(DeadlineRow), kind=kind, subject_id=subject_id, due_at=at)
            )

    # -- the course

    def _file(self) -> None:
        case = self.case
        actor = f"person:{case.applicant_id}" if case.source == "requested" else "system"
        heard = self.rules.understander.understand(case.summary, today=self.at.astimezone(CHINA_TIME).date())
        self._note(
            "filed",
            actor,
            EVERYBODY,
            story=[case.summary],
            because=list(heard.because),
            rule=self.routing.rule,
            reasons=list(self.routing.reasons),
            **({"via": "hotline"} if self.by_phone else {}),
        )

    def _accept(self) -> None:
        case, town = self.case, self.town
        serving = town.serving.get(case.committee_id, [])
        waits = self.rng.lognormvariate(1.1, 1.0)
        nobody = not serving or (
            self.now - self.at < timedelta(hours=30) and self.rng.random() < UNASSIGNED_SHARE
        )
        if nobody:
            move(case, CaseAction.GIVE_UP)
            self._note("unassigned", "system", EVERYBODY)
            facts = {
                "case_no": case.case_no,
                "type": self.rules.type_name(case.dispute_type),
                "place": self.rules.place_name(case.place or ""),
                "name": case.applicant_name,
                "phone": case.applicant_phone,
            }
            self._call("unassigned", "operator.unassigned", open_now=True, **facts)
            raise Reached
        mediator_id = self.rng.choice(serving)
        limit = self.rules.rulebook.deadlines.offer_for(RiskGrade(case.grade), green_channel=False)
        due_at = self.rules.rulebook.calendar.after(self.at, limit.within)
        offer = OfferRow(
            id=town.next_id(OfferRow),
            case_id=case.id,
            mediator_id=mediator_id,
            committee_id=case.committee_id,
            state="open",
            offered_at=self.at,
            due_at=due_at,
        )
        town.rows.append(offer)
        move(case, CaseAction.OFFER)
        name = town.names[mediator_id]
        self._note(
            "offered",
            "system",
            EVERYBODY,
            mediator=name,
            committee=self.routing.committee.name,
            because=["load"],
        )
        try:
            self._pass(hours=waits * (0.15 if case.grade == RiskGrade.RED else 1))
        except Reached:
            opening = self.rules.rulebook.calendar.next_opening(self.now)
            offer.due_at = max(due_at, opening + timedelta(minutes=self.rng.randint(20, 200)))
            self._due("offer_expiry", offer.id, offer.due_at)
            raise
        offer.state, offer.answered_at = "accepted", self.at
        move(case, CaseAction.ACCEPT)
        case.mediator_id, case.accepted_at = mediator_id, self.at
        contact = self.rules.rulebook.deadlines.contact[RiskGrade(case.grade)]
        case.contact_due_at = self.rules.rulebook.calendar.after(self.at, contact)
        self._note("accepted", self._mediator, EVERYBODY, mediator=name)
        text = self.rules.phrases.text(
            "resident.accepted",
            mediator=name,
            case_no=case.case_no,
            committee=self.routing.committee.name,
            until=spoken_time(case.contact_due_at, now=self.at, phrases=self.rules.phrases),
        )
        reached = town.tell(case.applicant_id, text, at=self.at, case_id=case.id)
        if self.by_phone or (case.applicant_id in town.accounts and not reached):
            self._call(
                "undelivered",
                "operator.undelivered",
                open_now=self.now - self.at < timedelta(hours=20) and self.rng.random() < 0.5,
                name=case.applicant_name,
                phone=case.applicant_phone,
                text=self.rules.phrases.text("words.event_accepted", mediator=name),
            )

    def _mediate(self) -> None:
        case = self.case
        result = self.rng.choices(list(self.words.results), list(self.words.results.values()))[0]
        self._pass(hours=self.rng.uniform(1, 20))
        if result is EndReason.NOT_MEDIABLE:
            self._end(result)
        self._note("invited", self._mediator, how="phone")
        self._pass(hours=self.rng.uniform(2, 60))
        if result in ALONE:
            self._end(result)
        respondent = self.town.person(
            at=self.at,
            in_chat=not self.matter.company and self.rng.random() < 0.45,
            name=case.respondent or "",
        )
        case.respondent_id, case.respondent_name = respondent.id, respondent.name
        case.respondent_phone, case.consent = respondent.phone, "agreed"
        text = self.rules.phrases.text(
            "party.ask_consent",
            applicant=case.applicant_name,
            type=self.rules.type_name(case.dispute_type),
            case_no=case.case_no,
            mediator=self.town.names[case.mediator_id or 0],
            until=spoken_time(self.at + timedelta(days=3), now=self.at, phrases=self.rules.phrases),
        )
        self.town.tell(respondent.id, text, at=self.at, case_id=case.id)
        move(case, CaseAction.CONSENT)
        self._note("consented", f"person:{respondent.id}", how=self.rng.choice(("chat", "call", "mediator")))
        span = self.rules.rulebook.deadlines.term.span_for(DisputeType(case.dispute_type))
        case.due_at = self.rules.rulebook.calendar.after(self.at, span)
        try:
            self._talk(result)
        except Reached:
            self._watch_term()
            raise
        self._settle()

    def _watch_term(self) -> None:
        case = self.case
        if case.ended_at is not None or case.due_at is None or case.status == "performing":
            return
        if case.due_at > self.now:
            self._due("term_due", case.id, case.due_at)
        else:
            self.at = max(self.at, case.due_at)
            self._note("overdue", "system", STAFF)

    def _talk(self, result: EndReason) -> None:
        slow = self.rng.random() < SLOW_SHARE
        days = self.rng.uniform(31, 45) if slow else min(self.rng.gammavariate(1.9, 4.2) + 0.6, 28)
        if result is EndReason.TIMED_OUT:
            days = self.rng.uniform(30, 33)
        first = self.rng.uniform(0.15, 0.4)
        self._pass(hours=24 * days * first)
        self._note("investigation", self._mediator, STAFF, text=self.rng.choice(self.words.investigations))
        meetings = self.rng.choices((1, 2, 3), (62, 30, 8))[0]
        for _ in range(meetings):
            self._pass(hours=24 * days * (1 - first) / (meetings + 0.3))
            self._note("session", self._mediator, FOR_ALL, text=self.rng.choice(self.words.sessions))
        if result is not EndReason.SETTLED:
            self._end(result)

    def _end(self, reason: EndReason) -> None:
        case = self.case
        was = case.status
        move(case, ENDING_ACTIONS.get(reason, CaseAction.TERMINATE))
        case.end_reason, case.ended_at = reason.value, self.at
        self._note("ended", self._mediator, reason=reason.value, was=was)
        raise Reached

    def _settle(self) -> None:
        case, town = self.case, self.town
        words = self.rng.choice(self.matter.settled).format(
            applicant=case.applicant_name,
            other=case.respondent_name,
            amount=spoken_number(case.amount) if case.amount is not None else "",
        )
        self._pass(hours=self.rng.uniform(0.3, 3))
        agreement = AgreementRow(
            id=town.next_id(AgreementRow),
            case_id=case.id,
            form="written" if self.rng.random() < WRITTEN_SHARE or case.amount else "oral",
            words=words,
            state="confirming",
            warnings=[],
            drafted_at=self.at,
            applicant_confirmed_how="",
            respondent_confirmed_how="",
            court_result="",
        )
        obligation = self._promise(agreement, words)
        move(case, CaseAction.PROPOSE)
        self._note("proposed", self._mediator, text=words, form=agreement.form)
        town.rows += [agreement, obligation]
        for side in Side:
            self._pass(hours=self.rng.uniform(0.1, 6), at_work=False)
            how = self.rng.choice(("chat", "chat", "call"))
            setattr(agreement, f"{side}_confirmed_at", self.at)
            setattr(agreement, f"{side}_confirmed_how", how)
            person = case.applicant_id if side is Side.APPLICANT else case.respondent_id
            self._note("confirmed", f"person:{person}", side=side.value, how=how)
        self._pass(hours=self.rng.uniform(0.1, 3))
        agreement.state, agreement.effective_at = "effective", self.at
        move(case, CaseAction.SETTLE)
        self._note("settled", self._mediator)
        self._perform(obligation)

    def _promise(self, agreement: AgreementRow, words: str) -> ObligationRow:
        pays = "{amount}" in "".join(self.matter.settled) and self.case.amount is not None
        immediate = self.rng.random() < IMMEDIATE_SHARE
        day = self.at.astimezone(CHINA_TIME).date()
        return ObligationRow(
            id=self.town.next_id(ObligationRow),
            agreement_id=agreement.id,
            seq=1,
            kind=(ObligationKind.PAY if pays else ObligationKind.ACT).value,
            debtor=Side.RESPONDENT.value,
            creditor=Side.APPLICANT.value if pays else None,
            amount=self.case.amount if pays else None,
            act="" if pays else words,
            due_on=None if immediate else day + timedelta(days=self.rng.randint(3, 50)),
            immediate=immediate,
            condition="",
            paid=0,
            state="due",
            performed_how="",
        )

    def _perform(self, obligation: ObligationRow) -> None:
        case = self.case
        if obligation.due_on is None:
            self._pass(hours=self.rng.uniform(0.2, 30))
        else:
            self._wait_for(obligation, obligation.due_on)
        obligation.state, obligation.performed_at = "performed", self.at
        obligation.performed_how, obligation.paid = "chat", obligation.amount or 0
        self._note("performed", f"person:{case.applicant_id}", number=1, how="chat")
        move(case, CaseAction.PERFORM)
        case.end_reason, case.ended_at = EndReason.SETTLED.value, self.at
        self._note("closed", "system")
        for span in self.rules.rulebook.deadlines.follow_up.after:
            self._due("follow_up", case.id, self.rules.rulebook.calendar.after(self.at, span))
        self._follow_up()

    def _wait_for(self, obligation: ObligationRow, due_on: date) -> None:
        """Most pay a little before or on the day; a few do not."""
        morning = datetime.combine(due_on, MORNING, tzinfo=CHINA_TIME).astimezone(UTC)
        self._due("payment_check", obligation.id, morning + timedelta(days=1))
        if self.rng.random() < DEFAULT_SHARE:
            self._pass(hours=(morning + timedelta(days=1) - self.at).total_seconds() / 3600)
            obligation.state = "defaulted"
            self._note("defaulted", "system", number=1)
            raise Reached
        early = timedelta(days=self.rng.choice((0, 0, 0, 1, 2)))
        self._pass(hours=max((morning - early - self.at).total_seconds() / 3600, 0.5))

    def _follow_up(self) -> None:
        case = self.case
        span = self.rules.rulebook.deadlines.follow_up.after[0]
        asked = self.rules.rulebook.calendar.after(self.at, span)
        self._pass(hours=(asked - self.at).total_seconds() / 3600 + self.rng.uniform(1, 40), at_work=False)
        if self.rng.random() > ANSWER_SHARE:
            return
        rating = self.rng.choices(list(self.words.ratings), list(self.words.ratings.values()))[0]
        side = Side.APPLICANT.value
        actor = f"person:{case.applicant_id}"
        self._note("followed_up", actor, STAFF, side=side, kept=True, text="")
        self._note("rated", actor, STAFF, side=side, rating=rating)
        for kind, answer in (("follow_up", "1"), ("follow_up_rating", str(rating))):
            self.town.rows.append(
                InquiryRow(
                    id=self.town.next_id(InquiryRow),
                    case_id=case.id,
                    person_id=case.applicant_id,
                    side=side,
                    kind=kind,
                    facts={"case_no": case.case_no},
                    state="answered",
                    created_at=self.at,
                    asked_at=self.at,
                    answered_at=self.at,
                    answer=answer,
                )
            )
