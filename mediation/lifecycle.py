"""The life of a case as one table: status × action → status."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class CaseStatus(StrEnum):
    """Where a case stands."""

    FILED = "filed"
    """已登记: has its number, nobody was asked yet."""
    OFFERED = "offered"
    """派单中: a mediator was asked, or the next one is about to be."""
    UNASSIGNED = "unassigned"
    """待人工派单: nobody can be reached or everybody declined; an operator has to call."""
    INVITING = "inviting"
    """征求意见: a mediator has it, the other side has not agreed to mediation yet."""
    MEDIATING = "mediating"
    """调解中: both sides agreed to mediation."""
    PAUSED = "paused"
    """暂停: an appraisal (鉴定) is under way, whose time is not counted."""
    CONFIRMING = "confirming"
    """待确认: an agreement was written down, the sides and the mediator have not all confirmed it."""
    PERFORMING = "performing"
    """履行中: the agreement is in effect."""
    CLOSED = "closed"
    """已结案: everything promised was performed."""
    TERMINATED = "terminated"
    """已终止: ended without an agreement."""
    REJECTED = "rejected"
    """不予受理: not a matter for mediation."""
    WITHDRAWN = "withdrawn"
    """已撤回: the applicant took it back, or the sides settled by themselves."""


class CaseAction(StrEnum):
    """What may happen to a case."""

    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    ESCALATE = "escalate"
    GIVE_UP = "give_up"
    REJECT = "reject"
    CONSENT = "consent"
    TRANSFER = "transfer"
    PAUSE = "pause"
    RESUME = "resume"
    PROPOSE = "propose"
    RETURN = "return"
    SETTLE = "settle"
    PERFORM = "perform"
    TERMINATE = "terminate"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


ENDED = frozenset({CaseStatus.CLOSED, CaseStatus.TERMINATED, CaseStatus.REJECTED, CaseStatus.WITHDRAWN})
WITH_MEDIATOR = frozenset(
    {
        CaseStatus.INVITING,
        CaseStatus.MEDIATING,
        CaseStatus.PAUSED,
        CaseStatus.CONFIRMING,
        CaseStatus.PERFORMING,
    }
)
TALKING = frozenset({CaseStatus.INVITING, CaseStatus.MEDIATING, CaseStatus.PAUSED, CaseStatus.CONFIRMING})
"""Statuses in which the sides still look for an agreement."""


class NotNow(Exception):  # noqa: N818 - the term of the trade, used in documents too
    """Something that the status of a case does not allow."""

    def __init__(self, status: CaseStatus) -> None:
        super().__init__(f"not possible while {status}")
        self.status = status


class IllegalTransition(NotNow):
    """An action that the status does not allow."""

    def __init__(self, status: CaseStatus, action: CaseAction) -> None:
        super().__init__(status)
        self.action = action


# A declined or expired offer leaves the case offered: the next mediator is asked in the same step, and
# when there is none left, `give_up` follows. An agreement in effect binds (人民调解法 31), so from
# `performing` on nobody can withdraw; what is not performed is reopened or taken to court.
TRANSITIONS: Mapping[tuple[CaseStatus, CaseAction], CaseStatus] = MappingProxyType(
    {
        (CaseStatus.FILED, CaseAction.OFFER): CaseStatus.OFFERED,
        (CaseStatus.FILED, CaseAction.ESCALATE): CaseStatus.FILED,
        (CaseStatus.FILED, CaseAction.GIVE_UP): CaseStatus.UNASSIGNED,
        (CaseStatus.FILED, CaseAction.WITHDRAW): CaseStatus.WITHDRAWN,
        (CaseStatus.OFFERED, CaseAction.OFFER): CaseStatus.OFFERED,
        (CaseStatus.OFFERED, CaseAction.ACCEPT): CaseStatus.INVITING,
        (CaseStatus.OFFERED, CaseAction.DECLINE): CaseStatus.OFFERED,
        (CaseStatus.OFFERED, CaseAction.EXPIRE): CaseStatus.OFFERED,
        (CaseStatus.OFFERED, CaseAction.ESCALATE): CaseStatus.OFFERED,
        (CaseStatus.OFFERED, CaseAction.GIVE_UP): CaseStatus.UNASSIGNED,
        (CaseStatus.OFFERED, CaseAction.WITHDRAW): CaseStatus.WITHDRAWN,
        (CaseStatus.UNASSIGNED, CaseAction.OFFER): CaseStatus.OFFERED,
        (CaseStatus.UNASSIGNED, CaseAction.WITHDRAW): CaseStatus.WITHDRAWN,
        (CaseStatus.UNASSIGNED, CaseAction.REJECT): CaseStatus.REJECTED,
        (CaseStatus.INVITING, CaseAction.CONSENT): CaseStatus.MEDIATING,
        (CaseStatus.INVITING, CaseAction.REJECT): CaseStatus.REJECTED,
        (CaseStatus.INVITING, CaseAction.TRANSFER): CaseStatus.OFFERED,
        (CaseStatus.INVITING, CaseAction.TERMINATE): CaseStatus.TERMINATED,
        (CaseStatus.INVITING, CaseAction.WITHDRAW): CaseStatus.WITHDRAWN,
        (CaseStatus.MEDIATING, CaseAction.TRANSFER): CaseStatus.OFFERED,
        (CaseStatus.MEDIATING, CaseAction.REJECT): CaseStatus.REJECTED,
        (CaseStatus.MEDIATING, CaseAction.PAUSE): CaseStatus.PAUSED,
        (CaseStatus.MEDIATING, CaseAction.PROPOSE): CaseStatus.CONFIRMING,
        (CaseStatus.MEDIATING, CaseAction.TERMINATE): CaseStatus.TERMINATED,
        (CaseStatus.MEDIATING, CaseAction.WITHDRAW): CaseStatus.WITHDRAWN,
        (CaseStatus.PAUSED, CaseAction.RESUME): CaseStatus.MEDIATING,
        (CaseStatus.PAUSED, CaseAction.TRANSFER): CaseStatus.OFFERED,
        (CaseStatus.PAUSED, CaseAction.TERMINATE): CaseStatus.TERMINATED,
        (CaseStatus.PAUSED, CaseAction.WITHDRAW): CaseStatus.WITHDRAWN,
        (CaseStatus.CONFIRMING, CaseAction.RETURN): CaseStatus.MEDIATING,
        (CaseStatus.CONFIRMING, CaseAction.SETTLE): CaseStatus.PERFORMING,
        (CaseStatus.CONFIRMING, CaseAction.TERMINATE): CaseStatus.TERMINATED,
        (CaseStatus.CONFIRMING, CaseAction.WITHDRAW): CaseStatus.WITHDRAWN,
        (CaseStatus.PERFORMING, CaseAction.PERFORM): CaseStatus.CLOSED,
        (CaseStatus.PERFORMING, CaseAction.REOPEN): CaseStatus.MEDIATING,
        (CaseStatus.CLOSED, CaseAction.REOPEN): CaseStatus.MEDIATING,
        (CaseStatus.TERMINATED, CaseAction.REOPEN): CaseStatus.MEDIATING,
    }
)


class EndReason(StrEnum):
    """Why a mediation ended (人民法院在线调解规则 25, completed by 人民调解法 17 and 26)."""

    SETTLED = "settled"
    SELF_SETTLED = "self_settled"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    """The other side does not agree to mediation, 人民调解法 17."""
    SILENT = "silent"
    """The other side did not answer the invitation in time."""
    UNREACHABLE = "unreachable"
    STOPPED = "stopped"
    """One side does not want to go on, 人民调解法 23."""
    TOO_FAR_APART = "too_far_apart"
    TIMED_OUT = "timed_out"
    NOT_SIGNED = "not_signed"
    NOT_MEDIABLE = "not_mediable"
    OTHER = "other"


def advance(status: CaseStatus, action: CaseAction) -> CaseStatus:
    """Return the status after an action; raises IllegalTransition."""
    try:
        return TRANSITIONS[status, action]
    except KeyError:
        raise IllegalTransition(status, action) from None


def as_markdown_table() -> str:
    """The table for people: a row per status, a column per action, the next status in each cell."""
    header = "| | " + " | ".join(CaseAction) + " |"
    rule = "|---" * (len(CaseAction) + 1) + "|"
    rows = [
        f"| **{status}** | "
        + " | ".join(TRANSITIONS.get((status, action), "–") for action in CaseAction)
        + " |"
        for status in CaseStatus
    ]
    return "\n".join([header, rule, *rows]) + "\n"
