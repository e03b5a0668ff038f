"""What was in force when, by whom and why, for how long, and what it sent in place of calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.load_shedding import Mode
from outreach.storage import mode_store
from outreach.storage.database import Database
from outreach.storage.mode_store import EVERY_SWITCH, SwitchesAsked, Texted

NOTHING_SENT = Texted(0, 0, 0, 0)
USER = "user:"


@dataclass(frozen=True)
class PastMode:
    """A mode in force from `at` until `until` (None: still). `by`: a login, or '' for the program's part.
    `id`: of its line in the journal.

    `actor`, `facts`: as in the journal (mode, version, reason, ends_at, previous; undoes?, territory?,
    planned?, proposal?).
    """

    at: datetime
    id: int
    until: datetime | None
    mode: Mode
    version: int
    by: str
    actor: str
    facts: Mapping[str, Any]
    texted: Texted


@dataclass(frozen=True)
class ModeHistory:
    """Read by whoever reads modes."""

    database: Database
    clock: Clock

    def page(
        self, platform: str, asked: SwitchesAsked = EVERY_SWITCH, *, most: int = 50, sent: bool = True
    ) -> list[PastMode]:
        """Newest first. Raises NotFound.

        Without `sent`, SMS are not counted: for a glance that costs nothing.
        """
        now = self.clock.now()
        with self.database.begin() as connection:
            mode_store.in_force(connection, platform)
            rows = mode_store.history(connection, platform, most=most, asked=asked)
            if not rows:
                return []
            logins = mode_store.logins_of(connection, _users([row["actor"] for row in rows]))
            oldest = rows[-1]["at"]
            texted = mode_store.texted_by_version(connection, platform, since=oldest) if sent else {}
        return [
            PastMode(
                at=row["at"],
                id=row["id"],
                until=_until(row["facts"], row["next_at"], now),
                mode=Mode(row["facts"]["mode"]),
                version=row["facts"]["version"],
                by=_login(row["actor"], logins),
                actor=row["actor"],
                facts=row["facts"],
                texted=texted.get(row["facts"]["version"], NOTHING_SENT),
            )
            for row in rows
        ]


def _users(actors: Sequence[str]) -> set[UUID]:
    return {UUID(actor.removeprefix(USER)) for actor in actors if actor.startswith(USER)}


def _login(actor: str, logins: Mapping[UUID, str]) -> str:
    return logins.get(UUID(actor.removeprefix(USER)), "") if actor.startswith(USER) else ""


def _until(facts: Mapping[str, Any], next_at: datetime | None, now: datetime) -> datetime | None:
    """Whatever came first: the next switch, or its own end."""
    own = datetime.fromisoformat(facts["ends_at"]) if facts.get("ends_at") else None
    ends = [moment for moment in (own, next_at) if moment is not None]
    return min(ends) if ends and min(ends) <= now else None
