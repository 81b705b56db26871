"""What each refusal of the platform means for the delivery ladder."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.wechat.errors import OUTCOMES, outcome_of
from handlers.outcomes import Outcome, OutcomeKind

NOW = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)  # 23:30 in China


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ("-1 45011 timeout network bad_json http_500 http_502 http_404", OutcomeKind.RETRY),
        ("45015 45047", OutcomeKind.WINDOW_CLOSED),
        ("43004 43101 48002", OutcomeKind.UNREACHABLE),
        ("40003 40037 45002 47003 44004 99999", OutcomeKind.REJECTED),
        ("40001 40014 42001 40013 40125 40164 61004", OutcomeKind.STOPPED),
        ("45009 48001 48004 50002 not_configured", OutcomeKind.STOPPED),
    ],
)
def test_a_code_leads_to_its_outcome(codes: str, kind: OutcomeKind) -> None:
    for code in codes.split():
        outcome = outcome_of(code, now=NOW)
        assert (outcome.kind, outcome.code) == (kind, code)


def test_sent_before_counts_as_sent() -> None:
    assert outcome_of("45065", now=NOW) == Outcome(kind=OutcomeKind.SENT)


def test_a_used_up_day_waits_for_midnight_in_china() -> None:
    assert outcome_of("45009", now=NOW).retry_after == timedelta(minutes=30)


def test_a_used_up_minute_waits_a_minute() -> None:
    assert outcome_of("45011", now=NOW).retry_after == timedelta(minutes=1)


def test_only_limits_say_when_to_come_back() -> None:
    waiting = {code for code in OUTCOMES if outcome_of(code, now=NOW).retry_after}
    assert waiting == {"45009", "45011"}
