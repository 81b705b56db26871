"""Operators' accounts: made, named, signed in with password and one-time number, locked out, disabled."""

import asyncio
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.service import Service
from mediation.regions import LEVEL_BY_CODE_LENGTH
from storage import operators
from storage.console_tables import OperatorRow

HASHER = PasswordHasher()
MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 128
LOGIN_NAME = re.compile(r"[\w.@-]{2,40}")
FIRST_PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 - without letters that look alike
FIRST_PASSWORD_LENGTH = 14
TOTP_SECONDS = 30
TOTP_SECRET = re.compile(r"[A-Z2-7]{32}")


class Role(StrEnum):
    """What somebody at the console is there for."""

    OPERATOR = "operator"
    """12348 热线话务员."""
    OFFICE = "office"
    """司法所, for its township."""
    COUNTY = "county"
    """县（区）司法局."""
    CITY = "city"
    """市司法局."""
    AUDITOR = "auditor"
    """监督: sees, changes nothing."""
    ADMINISTRATOR = "administrator"
    """系统管理员: accounts, no cases."""


class AccountError(Exception):
    """An account cannot be made or changed like this; the argument is a stable code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SignInOutcome(StrEnum):
    """What came of an attempt to sign in."""

    WELCOME = "welcome"
    WRONG = "wrong"
    LOCKED = "locked"
    NEEDS_CODE = "needs_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """An attempt's outcome; the operator only when welcome or when only the one-time number is missing."""

    outcome: SignInOutcome
    operator: OperatorRow | None = None


def new_password() -> str:
    """Return a password that can be read out on the phone."""
    return "".join(secrets.choice(FIRST_PASSWORD_LETTERS) for _ in range(FIRST_PASSWORD_LENGTH))


async def add_operator(
    session: AsyncSession,
    *,
    login: str,
    name: str,
    role: Role,
    area: str,
    now: datetime,
    password: str | None = None,
) -> tuple[OperatorRow, str]:
    """Add an operator; returns the account and its first password.

    Raises AccountError: bad_login, login_taken, bad_area.
    """
    if not LOGIN_NAME.fullmatch(login):
        raise AccountError("bad_login")
    if area and (not area.isdigit() or len(area) not in LEVEL_BY_CODE_LENGTH):
        raise AccountError("bad_area")
    if await operators.find_operator_by_login(session, login) is not None:
        raise AccountError("login_taken")
    first = password or new_password()
    row = await operators.add_operator(
        session,
        login=login,
        name=name,
        role=role.value,
        area=area,
        password_hash=await asyncio.to_thread(HASHER.hash, first),
        now=now,
    )
    return row, first


async def reset_operator(session: AsyncSession, login: str) -> tuple[OperatorRow, str]:
    """Give a new first password, take off the lock and the one-time numbers; raises AccountError."""
    row = await get_operator(session, login)
    first = new_password()
    row.password_hash = await asyncio.to_thread(HASHER.hash, first)
    row.must_change, row.totp_secret, row.totp_step = True, None, 0
    row.failures, row.locked_until, row.active = 0, None, True
    row.version += 1
    return row, first


async def disable_operator(session: AsyncSession, login: str) -> OperatorRow:
    """Let nobody in with this account any more; raises AccountError."""
    row = await get_operator(session, login)
    row.active = False
    row.version += 1
    return row


async def get_operator(session: AsyncSession, login: str) -> OperatorRow:
    """Return an account; raises AccountError when there is none."""
    row = await operators.find_operator_by_login(session, login)
    if row is None:
        raise AccountError("unknown_login")
    return row


async def sign_in(service: Service, *, login: str, password: str, code: str, now: datetime) -> SignIn:
    """Check name, password and, where one is set up, the one-time number.

    Every name takes the same time, and a wrong one is not told from a wrong password. After five
    failures the account is locked for a quarter of an hour. The password is tried between two
    transactions: it takes long on purpose, and nobody else should wait for it.
    """
    async with service.database.unit_of_work() as session:
        known = await operators.find_operator_by_login(session, login)
        tried = known.password_hash if known is not None and known.active else _nobody()
    right = await asyncio.to_thread(_matches, tried, password)
    async with service.database.unit_of_work() as session:
        row = await operators.find_operator_by_login(session, login)
        outcome = _judge(row, right=right, tried=tried, code=code, now=now)
        await session.commit()
    shown = outcome in {SignInOutcome.WELCOME, SignInOutcome.NEEDS_CODE}
    return SignIn(outcome=outcome, operator=row if shown else None)


def _judge(row: OperatorRow | None, *, right: bool, tried: str, code: str, now: datetime) -> SignInOutcome:
    if row is None or not row.active or row.password_hash != tried:
        return SignInOutcome.WRONG
    if row.locked_until is not None and row.locked_until > now:
        return SignInOutcome.LOCKED
    if not right:
        return _failed(row, now=now)
    if row.totp_secret is not None:
        if not code:
            return SignInOutcome.NEEDS_CODE
        if not take_code(row, code, now=now):
            return _failed(row, now=now)
    row.failures, row.locked_until, row.seen_at = 0, None, now
    return SignInOutcome.WELCOME


def _failed(row: OperatorRow, *, now: datetime) -> SignInOutcome:
    row.failures += 1
    if row.failures < MOST_FAILURES:
        return SignInOutcome.WRONG
    row.failures, row.locked_until = 0, now + LOCKED_FOR
    return SignInOutcome.LOCKED


def _matches(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, password[:LONGEST_PASSWORD])
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """The hash against which the password of an unknown name is tried."""
    return HASHER.hash(secrets.token_hex())


def take_code(row: OperatorRow, code: str, *, now: datetime) -> bool:
    """Whether the one-time number (动态码) is right; each counts once (RFC 6238, one step of grace)."""
    if row.totp_secret is None:
        return False
    totp = pyotp.TOTP(row.totp_secret)
    present = int(now.timestamp()) // TOTP_SECONDS
    for step in (present - 1, present, present + 1):
        if step > row.totp_step and secrets.compare_digest(totp.at(step * TOTP_SECONDS), code.strip()):
            row.totp_step = step
            return True
    return False


async def change_password(row: OperatorRow, *, old: str, new: str) -> None:
    """Give an account another password; every session that stands ends.

    Raises AccountError: wrong_password, short_password, same_password.
    """
    if not await asyncio.to_thread(_matches, row.password_hash, old):
        raise AccountError("wrong_password")
    if not SHORTEST_PASSWORD <= len(new) <= LONGEST_PASSWORD:
        raise AccountError("short_password")
    if new == old or row.login.lower() in new.lower():
        raise AccountError("same_password")
    row.password_hash = await asyncio.to_thread(HASHER.hash, new)
    row.must_change = False
    row.version += 1


def new_totp(row: OperatorRow, *, issuer: str) -> tuple[str, str]:
    """Return a new secret for one-time numbers and the address that an authenticator reads."""
    secret = pyotp.random_base32()
    return secret, pyotp.TOTP(secret).provisioning_uri(name=row.login, issuer_name=issuer)


def set_totp(row: OperatorRow, *, secret: str, code: str, now: datetime) -> None:
    """Switch one-time numbers on once the first one is right; raises AccountError wrong_code."""
    if not TOTP_SECRET.fullmatch(secret):
        raise AccountError("wrong_code")
    before = row.totp_secret
    row.totp_secret, row.totp_step = secret, 0
    if not take_code(row, code, now=now):
        row.totp_secret = before
        raise AccountError("wrong_code")
    row.version += 1


async def drop_totp(row: OperatorRow, *, password: str) -> None:
    """Switch one-time numbers off; raises AccountError wrong_password."""
    if not await asyncio.to_thread(_matches, row.password_hash, password):
        raise AccountError("wrong_password")
    row.totp_secret, row.totp_step = None, 0
    row.version += 1
