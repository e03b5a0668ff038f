"""The steps that the machine of sending asks for; whoever drives it carries each out and gives the answer.

Between two steps anything may happen: the process dies or is frozen, the database restarts, others judge. A
driver that runs in production carries the steps out against PostgreSQL and the phone company
(services/step_runner.py); the simulator of sending carries them out in memory, in virtual time.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from outreach.domain.send_answers import FoundMessage, SendAnswer
from outreach.domain.send_ledger import Prepared, SendLedger

T = TypeVar("T")


class Step(Generic[T]):
    """`answer = yield from step` asks for it. A step that cannot be done raises there."""

    def __iter__(self) -> Generator[Step[Any], Any, T]:
        answer: T = yield self
        return answer


Steps = Generator[Step[Any], Any, T]


@dataclass(frozen=True)
class Now(Step[datetime]):
    """The moment, by this machine's clock."""


@dataclass(frozen=True)
class Monotonic(Step[float]):
    """Seconds on a clock that never jumps."""


@dataclass(frozen=True)
class Wait(Step[None]):
    seconds: float


@dataclass(frozen=True)
class HoldLock(Step[int]):
    """Prove that we live, by a lock that ends with our session, however it ends; its key."""


@dataclass(frozen=True)
class CheckLock(Step[float]):
    """The monotonic moment, read beforehand, as of which the lock was still ours; raises when it is gone."""


@dataclass(frozen=True)
class Posting:
    """One message on its way to the phone company, which may try for `validity_seconds`."""

    message: Prepared
    validity_seconds: int


@dataclass(frozen=True)
class Post(Step[list[SendAnswer]]):
    """Post each once, none after the monotonic moment `until`; one answer each, in order."""

    sender: str
    postings: Sequence[Posting]
    until: float


@dataclass(frozen=True)
class LookUp(Step[list[FoundMessage] | None]):
    """The phone company's list of messages to a number; None when it cannot be read now."""

    to: str


@dataclass(frozen=True)
class Commit(Step[T]):
    """Do the work on the ledger in one transaction; `name` says what has been done once it is committed."""

    name: str
    work: Callable[[SendLedger], T]
