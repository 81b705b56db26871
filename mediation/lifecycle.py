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
    MEDIATING = "mediating"
    """调解中: a mediator accepted."""
    WITHDRAWN = "withdrawn"
    """已撤回: the applicant took it back."""


class CaseAction(StrEnum):
    """What may happen to a case."""

    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    ESCALATE = "escalate"
    GIVE_UP = "give_up"
    WITHDRAW = "withdraw"


class IllegalTransition(Exception):  # noqa: N818 - the term of the trade, used in documents too
    """An action that the status does not allow."""

    def __init__(self, status: CaseStatus, action: CaseAction) -> None:
        super().__init__(f"{action} is not possible while {status}")
        self.status = status
        self.action = action


# A declined or expired offer leaves the case offered: the next mediator is asked in the same step, and
# when there is none left, `give_up` follows.
TRANSITIONS: Mapping[tuple[CaseStatus, CaseAction], CaseStatus] = MappingProxyType(
    {
        (CaseStatus.FILED, CaseAction.OFFER): CaseStatus.OFFERED,
        (CaseStatus.FILED, CaseAction.ESCALATE): CaseStatus.FILED,
        (CaseStatus.FILED, CaseAction.GIVE_UP): CaseStatus.UNASSIGNED,
        (CaseStatus.FILED, CaseAction.WITHDRAW): CaseStatus.WITHDRAWN,
        (CaseStatus.OFFERED, CaseAction.OFFER): CaseStatus.OFFERED,
        (CaseStatus.OFFERED, CaseAction.ACCEPT): CaseStatus.MEDIATING,
        (CaseStatus.OFFERED, CaseAction.DECLINE): CaseStatus.OFFERED,
        (CaseStatus.OFFERED, CaseAction.EXPIRE): CaseStatus.OFFERED,
        (CaseStatus.OFFERED, CaseAction.ESCALATE): CaseStatus.OFFERED,
        (CaseStatus.OFFERED, CaseAction.GIVE_UP): CaseStatus.UNASSIGNED,
        (CaseStatus.OFFERED, CaseAction.WITHDRAW): CaseStatus.WITHDRAWN,
        (CaseStatus.UNASSIGNED, CaseAction.OFFER): CaseStatus.OFFERED,
        (CaseStatus.UNASSIGNED, CaseAction.WITHDRAW): CaseStatus.WITHDRAWN,
        (CaseStatus.MEDIATING, CaseAction.WITHDRAW): CaseStatus.WITHDRAWN,
    }
)


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
