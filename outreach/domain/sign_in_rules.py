"""Rules of signing in: waiting after wrong tries, ends of sessions, who needs a second factor."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from outreach.domain.roles import Role

FORGOTTEN_AFTER = timedelta(days=1)  # without a try
LINK_IS_GOOD_FOR = timedelta(hours=24)
SESSION_IDLE = timedelta(minutes=30)
SESSION_LONGEST = timedelta(hours=12)
CALL_KEEPS = timedelta(minutes=5)  # after the idle end, for who is in a call: their page looks sooner
HALF_SESSION = timedelta(minutes=15)  # between the password and the code
# Those who see many people, or give rights.
NEED_SECOND_FACTOR = frozenset({Role.SUPERVISOR, Role.PILOT, Role.MANAGER, Role.ADMINISTRATOR, Role.AUDITOR})


class TryKind(StrEnum):
    """What wrong tries are counted for."""

    ACCOUNT_FROM_ADDRESS = "account from address"
    ACCOUNT = "account"  # from everywhere: guessing spread over many addresses
    ADDRESS = "address"  # against all accounts; an office has one address for many people
    CODE = "code"  # of the second factor, once the password was right


@dataclass(frozen=True)
class Delay:
    """`free` wrong tries cost nothing; then the next waits `first`, each further one twice as long."""

    free: int
    first: timedelta
    most: timedelta

    def after(self, failures: int) -> timedelta:
        """How long the next try has to wait; never for good."""
        beyond = failures - self.free
        if beyond < 0:
            return timedelta(0)
        return min(self.most, self.first * (1 << min(beyond, 20)))


def delay_of(kind: TryKind) -> Delay:
    """Other people's wrong tries keep nobody out for more than a minute: only their own address does."""
    match kind:
        case TryKind.ACCOUNT_FROM_ADDRESS:
            return Delay(free=4, first=timedelta(seconds=2), most=timedelta(minutes=15))
        case TryKind.ACCOUNT:
            return Delay(free=30, first=timedelta(seconds=1), most=timedelta(minutes=1))
        case TryKind.ADDRESS:
            return Delay(free=60, first=timedelta(seconds=1), most=timedelta(minutes=1))
        case TryKind.CODE:
            return Delay(free=4, first=timedelta(seconds=2), most=timedelta(minutes=15))
    assert_never(kind)


@dataclass(frozen=True)
class Tries:
    """Wrong tries so far, and the last of them."""

    failures: int
    last_at: datetime

    def failures_at(self, now: datetime) -> int:
        return 0 if now - self.last_at >= FORGOTTEN_AFTER else self.failures


def wait_before(tries: Tries | None, delay: Delay, *, now: datetime) -> timedelta:
    """Zero when the next try may be made."""
    if tries is None:
        return timedelta(0)
    return max(timedelta(0), tries.last_at + delay.after(tries.failures_at(now)) - now)


def needs_second_factor(roles: Collection[Role]) -> bool:
    return not NEED_SECOND_FACTOR.isdisjoint(roles)


def session_ends(began_at: datetime, seen_at: datetime) -> datetime:
    """When a session is over unless it is used before."""
    return min(began_at + SESSION_LONGEST, seen_at + SESSION_IDLE)


def a_call_may_keep(began_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether a session just came to its idle end: nobody is thrown out of a call that they are in."""
    return now < min(began_at + SESSION_LONGEST, seen_at + SESSION_IDLE + CALL_KEEPS)
