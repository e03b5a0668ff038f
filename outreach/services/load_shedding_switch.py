"""The mode switch: one row, moved by whoever saw its latest version; nothing else moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.load_shedding import MODES, Mode, ModeInForce, is_shed, is_texted
from outreach.domain.purposes import Purpose
from outreach.domain.reasons import check_plain
from outreach.errors import Conflict, InvalidInput, SeveralConflicts
from outreach.storage import (
    journal,
    mode_store,
    platform_sender_store,
    shed_store,
    spend_store,
    territory_store,
)
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.mode_store import Waiting

MOST_HISTORY = 200
LIGHTEST_SMS_LEVEL = MODES[Mode.SMS_LOW_RISK].level
UNDO = "undo"


@dataclass(frozen=True)
class ModeSwitch:
    """One line of the history; `facts`: mode, version, reason, ends_at, previous, undoes?, territory?."""

    at: datetime
    actor: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class ModePreview:
    """What a mode would do to those who wait now: called, texted, or left to wait; `classes`: the called."""

    mode: Mode
    called: int
    texted: int
    waiting: int
    classes: dict[int, int]


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
        contacts would be texted by a sender that is stopped; InvalidInput without a reason, or with an end
        that has passed.
        """
        now = self.clock.now()
        check_wish(reason, ends_at, now)
        with self.database.begin() as connection:
            before = mode_store.lock(connection, platform)
            check_version(connection, before, expected_version)
            check_sender(connection, platform, mode)
            after = journal_switch(
                connection, before, to=mode, reason=reason, author_id=author_id, now=now, ends_at=ends_at
            )
        self.wake()
        return after

    def switch_territory(
        self,
        code: str,
        mode: Mode,
        *,
        reason: str,
        author_id: UUID | None,
        versions: Mapping[str, int],
        ends_at: datetime | None = None,
    ) -> list[ModeInForce]:
        """Put a mode in force on every platform of a territory, or on none.

        `versions`: what was seen of each of them. Raises SeveralConflicts with a sentence for each obstacle,
        NotFound for an unknown territory.
        """
        now = self.clock.now()
        check_wish(reason, ends_at, now)
        with self.database.begin() as connection:
            platforms = territory_store.platforms_in(connection, code)
            _check_named(versions, platforms)
            found = mode_store.lock_all(connection, platforms)
            conflicts = [told for row in found if (told := _obstacle(connection, row, mode, versions))]
            if conflicts:
                raise SeveralConflicts("No platform was switched.", conflicts, code="mode_switched_meanwhile")
            after = [
                journal_switch(
                    connection,
                    row,
                    to=mode,
                    reason=reason,
                    author_id=author_id,
                    now=now,
                    ends_at=ends_at,
                    facts={"territory": code},
                )
                for row in found
            ]
        self.wake()
        return after

    def undo(
        self, platform: str, *, author_id: UUID | None, expected_version: int, reason: str = ""
    ) -> ModeInForce:
        """Back to the mode before the last switch, with the end it had; one step.

        Raises Conflict as `switch` does, when that switch was an undo itself, or when it has ended;
        InvalidInput for a reason that holds a number or an address.
        """
        check_plain(reason)
        now = self.clock.now()
        with self.database.begin() as connection:
            before = mode_store.lock(connection, platform)
            check_version(connection, before, expected_version)
            to, ends_at = _back_from(before, now)
            check_sender(connection, platform, to)
            after = journal_switch(
                connection,
                before,
                to=to,
                reason=reason.strip() or f"{UNDO}: {before.reason}",
                author_id=author_id,
                now=now,
                ends_at=ends_at,
                facts={"undoes": before.version},
            )
            after = replace(after, previous=None, previous_ends_at=None)
            mode_store.put(connection, after)
        self.wake()
        return after

    def in_territory(self, code: str) -> list[ModeInForce]:
        """The modes of a territory's platforms. Raises NotFound."""
        with self.database.begin() as connection:
            return mode_store.of_platforms(connection, territory_store.platforms_in(connection, code))

    def history(self, platform: str, *, most: int = 50) -> list[ModeSwitch]:
        """The switches of a platform, newest first."""
        with self.database.begin() as connection:
            rows = mode_store.history(connection, platform, most=min(most, MOST_HISTORY))
        return [ModeSwitch(row["at"], row["actor"], row["facts"]) for row in rows]

    def preview(self, platform: str) -> list[ModePreview]:
        """What each mode would do with those who wait now."""
        with self.database.begin() as connection:
            backlog = mode_store.backlog_by_shed_level(connection, platform)
        return [preview_of(mode, backlog) for mode in MODES]

    def call_missed(self) -> int:
        """A sweep: where nobody sends now, contacts who were missed are called again; how many.

        They wait for the SMS under every mode, and would wait for ever.
        """
        with self.database.begin() as connection:
            return sum(
                shed_store.call_missed(connection, row.platform)
                for row in mode_store.every_mode(connection)
                if platform_sender_store.stopped_for(connection, row.platform) is not None
                or spend_store.is_stopped(connection, row.platform)
            )

    def wake(self) -> None:
        """After the commit: senders and sweeps look at once."""
        for queue in ("messages", "upkeep"):
            self.nudge(queue)


def journal_switch(
    connection: Connection,
    before: ModeInForce,
    *,
    to: Mode,
    reason: str,
    author_id: UUID | None,
    now: datetime,
    ends_at: datetime | None = None,
    actor: str = "",
    facts: Mapping[str, Any] | None = None,
) -> ModeInForce:
    """Write the row and its journal line; `before` is locked by the caller.

    No author: `actor`, else the system, did it.
    """
    after = ModeInForce(
        platform=before.platform,
        mode=to,
        version=before.version + 1,
        reason=reason.strip(),
        starts_at=now,
        ends_at=ends_at,
        author_id=author_id,
        previous=before.at(now),
        previous_ends_at=before.ends_at if before.at(now) is before.mode else None,
    )
    mode_store.put(connection, after)
    by = journal.by_user(author_id) if author_id else actor or journal.by_system("switch")
    told = {**_told(after), "previous": before.at(now).value, **(facts or {})}
    journal.write(connection, JournalEntry(now, before.platform, Event.MODE_SWITCHED, by, facts=told))
    return after


def _told(mode: ModeInForce) -> dict[str, Any]:
    return {
        "mode": mode.mode.value,
        "version": mode.version,
        "reason": mode.reason,
        "ends_at": mode.ends_at.isoformat() if mode.ends_at else None,
    }


def check_wish(reason: str, ends_at: datetime | None, now: datetime) -> None:
    """Raises InvalidInput without a reason, or with an end that has passed."""
    if not reason.strip():
        raise InvalidInput("A switch needs a reason.", field="reason", mend="say why in a few words")
    check_plain(reason)
    if ends_at is not None and ends_at <= now:
        raise InvalidInput("The end of a mode lies ahead.", field="ends_at")


def check_version(connection: Connection, mode: ModeInForce, expected: int) -> None:
    """Raises Conflict, saying who switched, when and why, when the version seen is not the latest."""
    if mode.version != expected:
        raise Conflict(_who_switched(connection, mode), code="mode_switched_meanwhile")


def check_sender(connection: Connection, platform: str, mode: Mode) -> None:
    """Contacts are not taken from the agents for a sender that would not text them. Raises Conflict."""
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


def preview_of(mode: Mode, backlog: list[Waiting]) -> ModePreview:
    """What a mode would do with these."""
    level = MODES[mode].level
    texted = sum(w.people for w in backlog if is_texted(Purpose(w.purpose), w.shed_level, level))
    kept_back = sum(w.people for w in backlog if is_shed(w.shed_level, level))
    classes: dict[int, int] = {}
    for waiting in backlog:
        if not is_shed(waiting.shed_level, level):
            classes[waiting.call_class] = classes.get(waiting.call_class, 0) + waiting.people
    return ModePreview(mode, sum(classes.values()), texted, kept_back - texted, dict(sorted(classes.items())))


def _who_switched(connection: Connection, mode: ModeInForce) -> str:
    who = mode_store.author_login(connection, mode.author_id) or "the system"
    when = mode.starts_at.strftime("%Y-%m-%d %H:%M UTC")
    return f"{who} put {mode.mode.value} in force at {when} (version {mode.version}): {mode.reason}"


def _obstacle(
    connection: Connection, row: ModeInForce, mode: Mode, versions: Mapping[str, int]
) -> str | None:
    """Why a platform of a territory cannot be switched."""
    try:
        check_version(connection, row, versions[row.platform])
        check_sender(connection, row.platform, mode)
    except Conflict as conflict:
        return f"{row.platform}: {conflict}"
    return None


def _check_named(versions: Mapping[str, int], platforms: list[str]) -> None:
    if set(versions) != set(platforms):
        raise InvalidInput(
            "The versions name other platforms than the territory has.",
            field="versions",
            mend=f"give the version you saw of each: {', '.join(platforms) or 'there is none'}",
        )


def _back_from(mode: ModeInForce, now: datetime) -> tuple[Mode, datetime | None]:
    """What an undo restores, and its end."""
    if mode.previous is None:
        raise Conflict("There is no switch to undo.", code="nothing_to_undo")
    if mode.at(now) is not mode.mode:
        raise Conflict(f"{mode.mode} has ended by itself: there is nothing to undo.", code="nothing_to_undo")
    ended = mode.previous_ends_at is not None and mode.previous_ends_at <= now
    return (Mode.NORMAL, None) if ended else (mode.previous, mode.previous_ends_at)
