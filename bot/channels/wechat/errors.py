"""What the WeChat platform refuses, and what each refusal means for a message that had to be sent.

Codes and meanings: the platform's list of global return codes (全局返回码) and the pages of each interface.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta, timezone
from types import MappingProxyType

from handlers.outcomes import Outcome, OutcomeKind


class SignatureError(Exception):
    """A webhook call that WeChat did not sign, or signed too long ago."""


class MalformedMessageError(Exception):
    """A signed webhook call whose body is no message; the argument names the fault, without its content."""


class CallError(Exception):
    """A call of the platform's interface brought no result.

    `code` is the platform's `errcode` as text, or one of `timeout`, `network`, `http_<status>`, `bad_json`,
    `too_large`, `not_configured`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


TOKEN_REFUSED = frozenset({"40001", "40014", "42001"})
"""The access token is wrong or expired: worth one more try with another token."""

OUTCOMES: Mapping[str, OutcomeKind] = MappingProxyType(
    {
        "-1": OutcomeKind.RETRY,  # system busy
        "45011": OutcomeKind.RETRY,  # too many calls in this minute
        "timeout": OutcomeKind.RETRY,
        "network": OutcomeKind.RETRY,
        "bad_json": OutcomeKind.RETRY,
        "45065": OutcomeKind.SENT,  # this client_msg_id was sent before
        "45081": OutcomeKind.SENT,  # "typing" is being shown already
        "45015": OutcomeKind.WINDOW_CLOSED,  # the person has been silent for longer than the window
        "45047": OutcomeKind.WINDOW_CLOSED,  # the window's number of messages is used up
        "45080": OutcomeKind.WINDOW_CLOSED,  # "typing" needs a message within the last 30 seconds
        "43004": OutcomeKind.UNREACHABLE,  # does not follow the account
        "43101": OutcomeKind.UNREACHABLE,  # refused the subscription notice
        "48002": OutcomeKind.UNREACHABLE,  # refuses messages of the account
        "40003": OutcomeKind.REJECTED,  # no such openid
        "40007": OutcomeKind.REJECTED,  # no such media, or older than three days
        "40037": OutcomeKind.REJECTED,  # no such template
        "44004": OutcomeKind.REJECTED,  # empty text
        "45002": OutcomeKind.REJECTED,  # text too long
        "47003": OutcomeKind.REJECTED,  # a template value does not fit its field
        "too_large": OutcomeKind.REJECTED,
        "40001": OutcomeKind.STOPPED,  # token still refused after renewal, or the AppSecret is wrong
        "40014": OutcomeKind.STOPPED,
        "42001": OutcomeKind.STOPPED,
        "40013": OutcomeKind.STOPPED,  # no such AppID
        "40125": OutcomeKind.STOPPED,  # wrong AppSecret
        "40164": OutcomeKind.STOPPED,  # our address is not on the account's list
        "61004": OutcomeKind.STOPPED,
        "45009": OutcomeKind.STOPPED,  # the day's quota of this interface is used up
        "48001": OutcomeKind.STOPPED,  # the account has no right to this interface
        "48004": OutcomeKind.STOPPED,  # interface banned
        "50002": OutcomeKind.STOPPED,  # account limited
        "not_configured": OutcomeKind.STOPPED,
    }
)

_CHINA = timezone(timedelta(hours=8))


def outcome_of(code: str, *, now: datetime) -> Outcome:
    """Translate a failure into an outcome; a code that is not in the table is taken for our mistake.

    Quotas begin anew at midnight in China, per-minute limits after a minute. The platform answers everything
    with HTTP 200, so any other status comes from something in between and may pass.
    """
    kind = OUTCOMES.get(code, OutcomeKind.RETRY if code.startswith("http_") else OutcomeKind.REJECTED)
    if kind is OutcomeKind.SENT:
        return Outcome(kind=kind)
    retry_after: timedelta | None = None
    if code == "45011":
        retry_after = timedelta(minutes=1)
    elif code == "45009":
        local = now.astimezone(_CHINA)
        retry_after = datetime.combine(local.date() + timedelta(days=1), time(), _CHINA) - local
    return Outcome(kind=kind, code=code, retry_after=retry_after)
