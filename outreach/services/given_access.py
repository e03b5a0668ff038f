"""Ways into an account that somebody else made: a journal line, an alarm, and a word to its owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from outreach.storage import alarm_store, credential_store, journal, sign_in_line_store, user_store
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.sign_in_line_store import ReadLine
from outreach.storage.user_store import User

COMMAND_LINE = journal.by_system("command line")


class GivenWay(StrEnum):
    """What was made, or taken away."""

    LINK = "LINK"
    TOKEN = "TOKEN"  # noqa: S105 - a word, not a token
    FACTOR_RESET = "FACTOR_RESET"


@dataclass(frozen=True)
class GivenAccess:
    """What the owner of an account was not told of yet; the next sign-in tells it."""

    database: Database

    def untold(self, user_id: UUID) -> list[ReadLine]:
        """Links and tokens that others made, and second factors they took away, oldest first."""
        with self.database.reading() as connection:
            return untold(connection, user_id)

    def acknowledge(self, user_id: UUID, last: int) -> None:
        """They have read everything up to this line; what came since stays to be told."""
        with self.database.begin() as connection:
            user_store.save_told(connection, user_id, last)


def untold(connection: Connection, user_id: UUID) -> list[ReadLine]:
    return sign_in_line_store.done_by_others(
        connection, user_id, after=user_store.told_line(connection, user_id)
    )


def tell_given(connection: Connection, way: GivenWay, user: User, *, by: UUID | None, now: datetime) -> None:
    """Journal and alarm, where an administrator, or the command line (`by` None), made it for somebody else.

    Of an account that nobody uses yet, links and what the command line makes are in the journal alone: that
    is how people come in.
    """
    if by == user.id:
        return
    home = user.platforms[0] if user.platforms else None
    facts = {"way": way.value, "user_id": str(user.id)}
    actor = COMMAND_LINE if by is None else journal.by_user(by)
    journal.write(connection, JournalEntry(now, home or "", Event.ACCESS_GIVEN, actor, facts=facts))
    if (by is None or way is GivenWay.LINK) and not is_in_use(connection, user.id):
        return
    kind, subject = AlarmKind.ACCESS_GIVEN, str(user.id)
    told = facts if by is None else {**facts, "by": str(by)}
    alarm_store.raise_alarm(connection, kind, subject, platform=home, now=now, facts=told)


def is_in_use(connection: Connection, user_id: UUID) -> bool:
    """Whether a password was ever chosen for it, or somebody came in, by the organisation's sign-in too."""
    has_password = credential_store.of_user(connection, user_id).password_hash is not None
    return has_password or sign_in_line_store.came_in(connection, user_id)
