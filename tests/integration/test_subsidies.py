"""The subsidy ledger on real databases: what counts, what does not and why, and what is suspicious."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession
from typer.testing import CliRunner

from bot.commands import app
from config.loading import CONFIG_DIR
from config.settings import Settings
from config.subsidy_rules import SubsidyRules, load_subsidy_rules
from handlers.ruleset import RuleSet
from handlers.service import Service
from handlers.subsidies import Claim, Suspect, list_claims, list_suspicions
from mediation.lifecycle import EndReason
from mediation.subsidy import GradeReason, Objection, Suspicion
from storage.database import Database
from storage.tables import CaseRow, MediatorRow
from tests.conftest import KEY
from tests.phones import START, TurnedClock, open_town
from tests.rows import Told, add_case, add_mediator, add_person
from tests.settling import settle_boundary

FIRST_DAY, LAST_DAY = date(2026, 11, 1), date(2026, 12, 31)
YEAR = timedelta(days=365)


class Ledger:
    """A database with one mediator, and the ledger worked out from it."""

    def __init__(self, session: AsyncSession, service: Service, mediator: MediatorRow) -> None:
        self.session = session
        self.service = service
        self.told = Told(mediator=mediator)
        self.rules = load_subsidy_rules(CONFIG_DIR)

    async def add(self, **changes: object) -> CaseRow:
        """Put a case into the database that counts, but for the changes."""
        return await add_case(self.session, replace(self.told, **changes))  # type: ignore[arg-type]

    async def claims(
        self, *, since: date = FIRST_DAY, until: date = LAST_DAY, rules: SubsidyRules | None = None
    ) -> dict[str, Claim]:
        """Return the ledger by case number."""
        found = await list_claims(
            self.session, self.service, rules=rules or self.rules, since=since, until=until
        )
        return {claim.case_no: claim for claim in found}

    async def claim(self, case: CaseRow) -> Claim:
        """Return the claim of one case."""
        return (await self.claims())[case.case_no]

    async def suspects(self) -> list[tuple[Suspicion, tuple[str, ...]]]:
        """Return what is suspicious."""
        return [(one.kind, one.case_nos) for one in await self.suspicions()]

    async def suspicions(self) -> tuple[Suspect, ...]:
        """Return what is suspicious, with everything."""
        return await list_suspicions(
            self.session, self.service, rules=self.rules, since=FIRST_DAY, until=LAST_DAY
        )


@pytest.fixture
async def ledger(database_url: str, rules: RuleSet, tmp_path: Path) -> AsyncIterator[Ledger]:
    settings = Settings(_env_file=None, database_url=database_url, data_dir=tmp_path)
    database = Database(settings.sqlalchemy_url, key=KEY)
    service = Service(database=database, rules=rules, now=lambda: START, traits={})
    async with database.unit_of_work() as session:
        yield Ledger(session, service, await add_mediator(session, phone="13700000000"))
    await database.close()


async def test_a_case_that_everybody_confirmed_is_paid_for(ledger: Ledger) -> None:
    case = await ledger.add(owed=50_000)
    claim = await ledger.claim(case)
    assert (claim.counts, claim.grade, claim.grade_name, claim.amount) == (True, "difficult", "疑难", 80)
    assert claim.because == (GradeReason.AMOUNT,)
    assert claim.words == (
        "双方自己确认、调解员确认、协议履行完并经当事人确认、已结案",
        "涉及50000元",
    )
    assert (claim.mediator, claim.ended_on) == ("赵春生", date(2026, 11, 27))


async def test_money_agreed_on_decides_and_not_the_money_asked_for(ledger: Ledger) -> None:
    assert (await ledger.claim(await ledger.add(amount=900_000, owed=500))).grade == "simple"
    assert (await ledger.claim(await ledger.add(amount=900_000))).grade == "major"


async def test_several_records_of_one_day_are_one_session(ledger: Ledger) -> None:
    steps = ("filed", "accepted", *["session"] * 8, "closed")
    one_day = await ledger.add(steps=steps, took=timedelta(hours=5))
    many_days = await ledger.add(steps=steps, took=timedelta(days=20))
    assert (await ledger.claim(one_day)).grade == "simple"
    claim = await ledger.claim(many_days)
    assert (claim.grade, claim.because) == ("major", (GradeReason.SESSIONS,))


async def test_an_oral_agreement_is_paid_with_its_share(ledger: Ledger) -> None:
    claim = await ledger.claim(await ledger.add(form="oral", people=20))
    assert (claim.counts, claim.grade, claim.amount) == (True, "oral", 15)


async def test_each_missing_confirmation_keeps_a_case_out(ledger: Ledger) -> None:
    expected = {
        Objection.APPLICANT_UNCONFIRMED: await ledger.add(confirmed=("", "chat")),
        Objection.RESPONDENT_UNCONFIRMED: await ledger.add(confirmed=("chat", "")),
        Objection.PERFORMANCE_UNCONFIRMED: await ledger.add(performed=("chat", "mediator")),
        Objection.NOTHING_PROMISED: await ledger.add(performed=()),
        Objection.FAILED: await ledger.add(status="terminated", end_reason="timed_out", agreement="dropped"),
    }
    claims = await ledger.claims()
    for objection, case in expected.items():
        claim = claims[case.case_no]
        assert (claim.counts, claim.amount, claim.because) == (False, 0, (objection,))
        assert claim.words != ("",)
    assert sum(claim.counts for claim in claims.values()) == 0


async def test_what_is_still_under_way_is_listed_with_its_reasons(ledger: Ledger) -> None:
    performing = await ledger.add(status="performing", performed=("chat", ""))
    waiting = await ledger.add(
        status="confirming", agreement="confirming", confirmed=("chat", ""), performed=("",)
    )
    claims = await ledger.claims()
    assert claims[performing.case_no].because == (Objection.NOT_PERFORMED, Objection.NOT_CLOSED)
    assert Objection.RESPONDENT_UNCONFIRMED in claims[waiting.case_no].because
    assert Objection.NOT_CONCLUDED in claims[waiting.case_no].because


async def test_a_call_counts_as_the_own_voice(ledger: Ledger) -> None:
    case = await ledger.add(confirmed=("chat", "call"), performed=("call",))
    assert (await ledger.claim(case)).counts


async def test_a_case_stands_in_the_period_in_which_it_ended(ledger: Ledger) -> None:
    case = await ledger.add(took=timedelta(days=60))
    assert await ledger.claims(until=date(2026, 12, 31)) == {}
    assert (await ledger.claims(since=date(2027, 1, 1), until=date(2027, 3, 31)))[case.case_no].counts
    # 2027-01-23 01:30 UTC is 09:30 of that day in China
    assert case.case_no in await ledger.claims(since=date(2027, 1, 23), until=date(2027, 1, 23))


async def test_one_dispute_counts_once_and_the_later_case_replaces(ledger: Ledger) -> None:
    wang, li = await add_person(ledger.session), await add_person(ledger.session)
    old = await ledger.add(applicant=wang, respondent=li)
    new = await ledger.add(
        applicant=li,
        respondent=wang,
        filed_at=START + timedelta(days=10),
        summary=f"上回说好的又反悔了：{ledger.told.summary}",
    )
    claims = await ledger.claims()
    assert (claims[old.case_no].counts, claims[old.case_no].because) == (False, (Objection.REPLACED,))
    assert new.case_no in claims[old.case_no].words[0]
    assert claims[new.case_no].counts
    assert claims[new.case_no].earlier == (old.case_no,)


async def test_the_same_phone_is_the_same_person_and_the_period_does_not_matter(ledger: Ledger) -> None:
    old = await ledger.add(
        applicant=await add_person(ledger.session, phone="13811112222"),
        respondent=await add_person(ledger.session, phone="13833334444", channel=False),
    )
    await ledger.add(
        applicant=await add_person(ledger.session, phone="13811112222"),
        respondent=await add_person(ledger.session, phone="13833334444", channel=False),
        filed_at=START + timedelta(days=200),
    )
    assert (await ledger.claim(old)).because == (Objection.REPLACED,)


async def test_other_disputes_of_the_same_two_count_for_themselves(ledger: Ledger) -> None:
    wang, li = await add_person(ledger.session), await add_person(ledger.session)
    both = {"applicant": wang, "respondent": li}
    cases = [
        await ledger.add(**both),
        await ledger.add(**both, dispute_type="contract"),
        await ledger.add(**both, summary="他借了我两万块钱到期不还"),
    ]
    later = await ledger.add(**both, filed_at=START + YEAR + timedelta(days=1))
    claims = await ledger.claims(until=date(2028, 1, 1))
    assert [claims[case.case_no].counts for case in (*cases, later)] == [True] * 4


async def test_a_later_case_that_is_not_paid_for_replaces_nothing(ledger: Ledger) -> None:
    wang, li = await add_person(ledger.session), await add_person(ledger.session)
    old = await ledger.add(applicant=wang, respondent=li)
    await ledger.add(
        applicant=wang, respondent=li, filed_at=START + timedelta(days=10), performed=("mediator",)
    )
    assert (await ledger.claim(old)).counts


async def test_a_reopened_case_is_one_case(ledger: Ledger) -> None:
    steps = ("filed", "accepted", "settled", "closed", "reopened", "settled", "closed")
    case = await ledger.add(steps=steps, took=timedelta(days=36))
    claim = await ledger.claim(case)
    assert (claim.counts, claim.earlier) == (True, (case.case_no,))
    assert any("以前发过补贴的要扣回" in words for words in claim.words)
    assert claim.grade == "simple"  # the days before it was reopened make it no heavier


async def test_failed_work_is_paid_only_where_the_file_says_so(ledger: Ledger) -> None:
    steps = ("filed", "accepted", "session", "meeting_held", "ended")
    failed = {"status": "terminated", "agreement": None, "performed": (), "people": 6}
    tried = await ledger.add(**failed, steps=steps, end_reason="too_far_apart", took=timedelta(days=9))
    refused = await ledger.add(**failed, steps=steps, end_reason="refused", took=timedelta(days=9))
    short = await ledger.add(**failed, steps=("filed", "ended"), end_reason="too_far_apart")
    assert not any(claim.counts for claim in (await ledger.claims()).values())
    paying = ledger.rules.model_copy(update={"failed": ledger.rules.failed.model_copy(update={"share": 0.3})})
    claims = await ledger.claims(rules=paying)
    assert (claims[tried.case_no].counts, claims[tried.case_no].amount) == (True, 24)
    assert EndReason.REFUSED not in ledger.rules.failed.reasons
    assert not claims[refused.case_no].counts
    assert not claims[short.case_no].counts


async def test_an_honest_ledger_has_no_suspicions(ledger: Ledger) -> None:
    await ledger.add()
    await ledger.add(words="李大柱赔礼道歉，王大爷不再追究", filed_at=START + timedelta(days=1))
    assert await ledger.suspects() == []


async def test_the_same_parties_again_and_again(ledger: Ledger) -> None:
    wang, li = await add_person(ledger.session), await add_person(ledger.session)
    numbers = []
    for day in range(3):
        case = await ledger.add(applicant=wang, respondent=li, filed_at=START + timedelta(days=day), words="")
        numbers.append(case.case_no)
    assert await ledger.suspects() == [(Suspicion.SAME_PARTIES, tuple(numbers))]


async def test_the_same_text_with_other_names_and_sums(ledger: Ledger) -> None:
    numbers = []
    for name, words in (
        ("王五", "王五在12月1日前付给李大柱300元，从此两清互不追究"),
        ("赵六", "赵六在12月5日前付给李大柱八千元，从此两清，互不追究。"),
        ("孙七", "孙七在2027年1月前付给李大柱50元,从此两清互不追究"),
    ):
        case = await ledger.add(words=words)
        case.applicant_name = name
        numbers.append(case.case_no)
    await ledger.session.flush()
    assert await ledger.suspects() == [(Suspicion.SAME_TEXT, tuple(numbers))]


async def test_too_many_agreements_on_one_day(ledger: Ledger) -> None:
    limit = ledger.rules.suspicions.agreements_a_day
    topics = "界石围墙水沟道路树木鸡舍门楼"
    for number in range(limit):
        await ledger.add(words=f"双方说好{topics[number * 2 : number * 2 + 2]}归原主所有不再争")
    assert await ledger.suspects() == []
    await ledger.add(words="双方互相赔礼道歉握手言和")
    found = await ledger.suspicions()
    assert [one.kind for one in found] == [Suspicion.MANY_A_DAY]
    assert len(found[0].case_nos) == limit + 1
    assert "2026年11月27日" in found[0].words


async def test_what_is_odd_about_a_single_case(ledger: Ledger) -> None:
    session, mediator = ledger.session, ledger.told.mediator
    wang = await add_person(session, phone="13811112222")
    own = await add_person(session, phone="13700000000")
    one_person = await ledger.add(applicant=wang, respondent=await add_person(session, phone="13811112222"))
    by_call = await ledger.add(confirmed=("chat", "call"), words="")
    relative = await ledger.add(respondent=own, words="")
    fast = await ledger.add(took=timedelta(minutes=59), words="")
    silent = await ledger.add(
        status="mediating",
        agreement="dropped",
        confirmed=("chat", ""),
        performed=("",),
        silent=("respondent",),
        words="",
    )
    assert mediator.person_id not in {relative.applicant_id, relative.respondent_id}
    assert await ledger.suspects() == [
        (Suspicion.ONE_PERSON, (one_person.case_no,)),
        (Suspicion.CALL_ONLY, (by_call.case_no,)),
        (Suspicion.NEVER_CONFIRMED, (silent.case_no,)),
        (Suspicion.PARTY_IS_MEDIATOR, (relative.case_no,)),
        (Suspicion.TOO_FAST, (fast.case_no,)),
    ]
    for one in await ledger.suspicions():
        assert one.mediator == "赵春生"
        assert "调解委员会" in one.committee
        assert one.words


async def test_a_dispute_played_through_the_phones_is_paid_for(
    database_url: str, redis_url: str, clock: TurnedClock, tmp_path: Path
) -> None:
    async with open_town(
        database_url=database_url, redis_url=redis_url, clock=clock, folder=tmp_path
    ) as town:
        zhao = await town.bind("411122102215", "赵春生", "zhao")
        await settle_boundary(town, mediator=zhao, applicant="wang", respondent="li")
        service = town.running.service
        rules = load_subsidy_rules(CONFIG_DIR)
        async with service.database.unit_of_work() as session:
            claims = await list_claims(session, service, rules=rules, since=FIRST_DAY, until=LAST_DAY)
            suspects = await list_suspicions(session, service, rules=rules, since=FIRST_DAY, until=LAST_DAY)
    assert [(claim.case_no, claim.counts, claim.grade) for claim in claims] == [
        ("漯调2026-000001", True, "oral")
    ]
    assert [one.kind for one in suspects] == [Suspicion.TOO_FAST]


@pytest.fixture
async def printed(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the command, with a case that counts and one that does not."""
    settings = Settings(
        _env_file=None, database_url=database_url, data_dir=tmp_path, secret_key=SecretStr(KEY.decode())
    )
    database = Database(settings.sqlalchemy_url, key=settings.key)
    async with database.unit_of_work() as session:
        mediator = await add_mediator(session)
        await add_case(session, Told(mediator=mediator))
        await add_case(session, Told(mediator=mediator, confirmed=("chat", ""), took=timedelta(minutes=5)))
        await session.commit()
    await database.close()
    monkeypatch.setenv("FENGQIAO_DATABASE_URL", database_url)
    monkeypatch.setenv("FENGQIAO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("FENGQIAO_SECRET_KEY", KEY.decode())


def run(*words: str) -> str:
    result = CliRunner().invoke(
        app, ["subsidies", "--since", str(FIRST_DAY), "--until", str(LAST_DAY), *words]
    )
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.usefixtures("printed")
def test_the_command_prints_the_ledger_and_the_suspicions() -> None:
    lines = run().splitlines()
    assert lines[0].startswith("漯调2026-000001 计入简易30元 赵春生（")
    assert lines[1].startswith("漯调2026-000002 不计入 赵春生（")
    assert lines[1].endswith("：对方没有自己确认协议")
    assert lines[2] == "共2件，计入1件，合计30元"
    rows = list(csv.reader(io.StringIO(run("--csv").removeprefix("\ufeff"))))
    assert rows[0][0] == "案号"
    assert [row[5:8] for row in rows[1:]] == [["计入", "简易", "30"], ["不计入", "", ""]]
    assert "结得太快：登记后很快就结案了。漯调2026-000002，赵春生（" in run("--suspicions")
    rows = list(csv.reader(io.StringIO(run("--suspicions", "--csv").removeprefix("\ufeff"))))
    assert [row[:2] for row in rows] == [["疑点", "案号"], ["结得太快", "漯调2026-000002"]]


def test_days_that_are_none_are_refused() -> None:
    for since, until in (("2026-13-01", "2026-12-31"), ("2026-02-01", "2026-01-31")):
        result = CliRunner().invoke(app, ["subsidies", "--since", since, "--until", until])
        assert result.exit_code == 2
