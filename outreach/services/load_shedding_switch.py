"""The mode switch: one row, moved by whoever saw its latest version; nothing else moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.load_shedding import MODES, SWITCHABLE, Mode, ModeInForce, is_shed, is_texted
from outreach.domain.purposes import Purpose
from outreach.errors import Conflict, InvalidInput
from outreach.storage import journal, mode_store, platform_sender_store, spend_store
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry

MOST_HISTORY = 200
LIGHTEST_SMS_LEVEL = MODES[Mode.SMS_LOW_RISK].level


@dataclass(frozen=True)
class ModeSwitch:
    """One line of the history; `facts`: mode, version, reason, ends_at, previous."""

    at: datetime
    actor: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class ModePreview:
    """What a mode would do to those who wait now: called, texted, or left to wait."""

    mode: Mode
    called: int
    texted: int
    waiting: int


@dataclass(frozen=True)
class LoadSheddingSwitch:
    """A supervisor's use cases. `nudge` wakes the workers after the commit."""

    database: Database
    clock: Clock
    nudge: Callable[[str], object]

    def show(self, platform: str) -> ModeInForce:
        """The row in force; `at(now)` says whether it has ended. Raises NotFound."""
        with self.database.begin() as connection:
            return mode_store.in_force(connection, platform)

    def switch(
        self,
        platform: str,
        mode: Mode,
        *,
        reason: str,
        author_id: UUID | None,
        expected_version: int,
        ends_at: datetime | None = None,
    ) -> ModeInForce:
        """Put a mode in force from now on, until `ends_at` when given.

        Raises Conflict, saying who switched, when and why, when the version seen is not the latest, or when
        contacts would be texted by a sender that is stopped; InvalidInput for a mode that is not to be
        switched to yet, without a reason, or with an end that has passed.
        """
        now = self.clock.now()
        _check_switchable(mode)
        if not reason.strip():
            raise InvalidInput("A switch needs a reason.", field="reason", mend="say why in a few words")
        if ends_at is not None and ends_at <= now:
            raise InvalidInput("The end of a mode lies ahead.", field="ends_at")
        with self.database.begin() as connection:
            before = mode_store.lock(connection, platform)
            if before.version != expected_version:
                raise _conflict(connection, before)
            _check_sender(connection, platform, mode)
            after = journal_switch(
                connection, before, to=mode, reason=reason, author_id=author_id, now=now, ends_at=ends_at
            )
        for queue in ("messages", "upkeep"):
            self.nudge(queue)
        return after

    def history(self, platform: str, *, most: int = 50) -> list[ModeSwitch]:
        """The switches of a platform, newest first."""
        with self.database.begin() as connection:
            rows = mode_store.history(connection, platform, most=min(most, MOST_HISTORY))
        return [ModeSwitch(**row) for row in rows]

    def preview(self, platform: str) -> list[ModePreview]:
        """What each mode would do with those who wait now."""
        with self.database.begin() as connection:
            backlog = mode_store.backlog_by_shed_level(connection, platform)
        return [_preview(mode, backlog) for mode in MODES]


def journal_switch(
    connection: Connection,
    before: ModeInForce,
    *,
    to: Mode,
    reason: str,
    author_id: UUID | None,
    now: datetime,
    ends_at: datetime | None = None,
) -> ModeInForce:
    """Write the row and its journal line; `before` is locked by the caller. No author: the system did it."""
    after = ModeInForce(before.platform, to, before.version + 1, reason.strip(), now, ends_at, author_id)
    mode_store.put(connection, after)
    line = JournalEntry(
        now,
        before.platform,
        Event.MODE_SWITCHED,
        journal.by_user(author_id) if author_id else journal.by_system("switch"),
        facts={
            "mode": to.value,
            "version": after.version,
            "reason": after.reason,
            "ends_at": ends_at.isoformat() if ends_at else None,
            "previous": before.at(now).value,
        },
    )
    journal.write(connection, line)
    return after


def _check_switchable(mode: Mode) -> None:
    if mode not in SWITCHABLE:
        usable = " or ".join(each.value for each in MODES if each in SWITCHABLE)
        raise InvalidInput(
            f"The mode {mode.value} cannot be switched to yet.", field="mode", mend=f"use {usable}"
        )


def _check_sender(connection: Connection, platform: str, mode: Mode) -> None:
    """Contacts are not taken from the agents for a sender that would not text them."""
    if not is_texted(Purpose.INFORM, LIGHTEST_SMS_LEVEL, MODES[mode].level):
        return
    because = platform_sender_store.stopped_for(connection, platform)
    if because is not None:
        raise Conflict(
            f"The SMS sender of platform {platform} is stopped ({because}): mend it and resume it first.",
            code="sender_stopped",
        )
    if spend_store.is_stopped(connection, platform):
        raise Conflict(
            f"The SMS budget of platform {platform} has ended: reset it, or raise it, first.",
            code="budget_ended",
        )


def _conflict(connection: Connection, mode: ModeInForce) -> Conflict:
    who = mode_store.author_login(connection, mode.author_id) or "the system"
    when = mode.starts_at.strftime("%Y-%m-%d %H:%M UTC")
    return Conflict(
        f"{who} put {mode.mode.value} in force at {when} (version {mode.version}): {mode.reason}",
        code="mode_switched_meanwhile",
    )


def _preview(mode: Mode, backlog: dict[tuple[str, int], int]) -> ModePreview:
    level = MODES[mode].level
    texted = _sum(backlog, lambda purpose, shed: is_texted(Purpose(purpose), shed, level))
    kept_back = _sum(backlog, lambda _, shed: is_shed(shed, level))
    return ModePreview(mode, sum(backlog.values()) - kept_back, texted, kept_back - texted)


def _sum(backlog: dict[tuple[str, int], int], counts: Callable[[str, int], bool]) -> int:
    return sum(count for (purpose, shed), count in backlog.items() if counts(purpose, shed))
