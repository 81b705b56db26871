"""The one place that says which role may do what, and which area somebody sees."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from handlers.signing_in import Role
from mediation.regions import is_within


class Action(StrEnum):
    """What a route does. Every route of the console declares exactly one."""

    OWN_ACCOUNT = "own_account"
    """Own password, one-time numbers, leaving."""
    BOARD = "board"
    SEE_CASE = "see_case"
    EXPORT_CASE = "export_case"
    """Documents and files leave the console."""
    NOTE = "note"
    DISPATCH = "dispatch"
    """Reroute, change the type, merge, hand up."""
    DECIDE = "decide"
    """Extend, pause, resume, end, reject, reopen."""
    CALLS = "calls"
    DELIVERY = "delivery"
    AUDIT = "audit"
    ACCOUNTS = "accounts"
    INTAKE = "intake"
    SEE_REGISTRY = "see_registry"
    EDIT_REGISTRY = "edit_registry"
    STATISTICS = "statistics"
    TYPICAL_CASES = "typical_cases"
    EDUCATION = "education"


_EVERYBODY = frozenset({Action.OWN_ACCOUNT})
_SEES = _EVERYBODY | {Action.BOARD, Action.SEE_CASE, Action.SEE_REGISTRY, Action.STATISTICS}
_HOTLINE = _SEES | {Action.INTAKE, Action.CALLS, Action.NOTE, Action.DISPATCH, Action.DELIVERY}
_BUREAU = _HOTLINE | {Action.DECIDE, Action.EXPORT_CASE, Action.EDUCATION}

GRANTS: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        Role.OPERATOR: _HOTLINE,
        Role.OFFICE: _BUREAU,
        Role.COUNTY: _BUREAU | {Action.EDIT_REGISTRY, Action.TYPICAL_CASES},
        Role.CITY: _BUREAU | {Action.EDIT_REGISTRY, Action.TYPICAL_CASES},
        Role.AUDITOR: _SEES | {Action.DELIVERY, Action.AUDIT},
        Role.ADMINISTRATOR: _EVERYBODY
        | {Action.ACCOUNTS, Action.AUDIT, Action.EDIT_REGISTRY, Action.SEE_REGISTRY},
    }
)
"""Role × action. An administrator makes accounts and therefore sees no case."""

BOARD, ACCOUNTS = "/", "/operators"
"""Where people arrive after signing in: at the board, or at the accounts when they see no case."""


def may(role: Role, action: Action) -> bool:
    """Whether a role may do something."""
    return action in GRANTS[role]


def home_of(role: Role) -> str:
    """Return the address where somebody of a role begins."""
    return BOARD if may(role, Action.BOARD) else ACCOUNTS


def sees(area: str, place: str) -> bool:
    """Whether somebody with an area ("" = everywhere) sees what lies at a place ("" = nowhere known)."""
    return is_within(place, area)
