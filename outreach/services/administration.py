"""What administrators look after: platforms, the health of the installation, what is kept how long."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from outreach.clock import Clock
from outreach.domain.sender_choice import SenderOption, problems_of
from outreach.domain.sign_in_rules import FORGOTTEN_AFTER
from outreach.domain.territories import zone_of_address
from outreach.errors import Conflict, InvalidInput, TelephonyError
from outreach.services.access import Asker
from outreach.services.kept_figures import OPEN_RECORDS
from outreach.services.platform_settings import checked_name, checked_number
from outreach.services.retention import ALARMS_KEPT_FOR, PROVIDER_EVENTS_KEPT_FOR
from outreach.services.upkeep import Upkeep
from outreach.storage import (
    administration_store,
    figures_store,
    idempotency_store,
    platform_store,
    sweep_store,
    user_store,
)
from outreach.storage.administration_store import Kept
from outreach.storage.database import Database, SQLAlchemyError
from outreach.storage.figures_store import KeptFigure
from outreach.storage.platform_store import Platform

LONGEST_CODE = 20
NEVER_RAN: Mapping[str, Any] = {"ran_at": None, "failed_at": None, "found": 0}
# A sweep that did not run for so many of its turns, or for so long, stands still.
TURNS_MISSED, LONG_ENOUGH = 3, timedelta(minutes=2)


@dataclass(frozen=True)
class NewPlatform:
    """`department` "": the code. `caller_id`, `sender` "": as the settings say."""

    code: str
    name: str
    department: str = ""
    caller_id: str = ""
    sender: str = ""


@dataclass(frozen=True)
class PlatformCounts:
    """People with an account there; records that are open, as they were counted at a moment."""

    users: int
    open_records: int
    counted_at: datetime


@dataclass(frozen=True)
class PlatformView:
    """A platform, and how much there is of it."""

    platform: Platform
    counts: PlatformCounts


@dataclass(frozen=True)
class SweepView:
    """`found`: what it repaired in all its runs. `stands_still`: it should have run since."""

    name: str
    every: timedelta
    ran_at: datetime | None
    failed_at: datetime | None
    found: int
    stands_still: bool


@dataclass(frozen=True)
class Health:
    """`parts`: database, redis, phone company; True where it answers."""

    parts: Mapping[str, bool]
    sweeps: Sequence[SweepView]

    @property
    def is_well(self) -> bool:
        return all(self.parts.values()) and not any(sweep.stands_still for sweep in self.sweeps)


@dataclass(frozen=True)
class Retained:
    """Something kept for a while: how long, how much there is, and when it was last cleared away."""

    sweep: str
    kept_for: timedelta
    kept: Kept
    cleared_at: datetime | None
    is_overdue: bool


@dataclass(frozen=True)
class Administration:
    """`answers`: whether each part does; asked anew each time."""

    database: Database
    clock: Clock
    upkeep: Upkeep
    answers: Mapping[str, Callable[[], bool]]
    alarms_kept_for: timedelta = ALARMS_KEPT_FOR

    def platforms(self, asker: Asker | None) -> list[PlatformView]:
        """The asker's (None: all), by code."""
        with self.database.begin() as connection:
            found = platform_store.all_platforms(connection)
            users = administration_store.users_by_platform(connection)
            counted = figures_store.kept_or_counted(
                connection, OPEN_RECORDS, figures_store.count_open_records, self.clock.now()
            )
        return [
            PlatformView(place, _counts(place.code, users, counted))
            for place in found
            if asker is None or place.code in asker.platforms
        ]

    def places(self, asker: Asker) -> list[Platform]:
        """The asker's platforms alone, by code."""
        with self.database.begin() as connection:
            found = platform_store.all_platforms(connection)
        return [place for place in found if place.code in asker.platforms]

    def add_platform(self, new: NewPlatform, *, asker: Asker | None) -> Platform:
        """In mode NORMAL with the built-in calling hours; the asker's from now on.

        Raises InvalidInput, Conflict.
        """
        code, department = new.code.strip(), new.department.strip() or new.code.strip()
        if not (0 < len(code) <= LONGEST_CODE and code.isascii() and code.isalnum()):
            raise InvalidInput(
                "This code cannot be used.", field="code", mend="Take letters and digits, for example 40."
            )
        name, sender = checked_name(new.name), new.sender.strip()
        if sender and (problems := problems_of([SenderOption(sender)])):
            raise InvalidInput(" ".join(problems), field="sender")
        zone = zone_of_address("FR", department) or "Europe/Paris"
        with self.database.begin() as connection:
            number = checked_number(connection, new.caller_id, code)
            platform = Platform(code, name, zone, department, "", "FR", "fr", {}, sender, number)
            if not platform_store.create(connection, platform, self.clock.now()):
                raise Conflict(f"There is a platform {code} already.")
            if asker is not None:
                user_store.add_platform(connection, asker.user_id, code)
        return platform

    def health(self) -> Health:
        """What answers, and whether the sweeps run."""
        now = self.clock.now()
        with self.database.begin() as connection:
            runs: dict[str, Mapping[str, Any]] = {
                row["sweep"]: dict(row) for row in sweep_store.all_runs(connection)
            }
        sweeps = [
            _sweep(name, sweep.every, runs.get(name, NEVER_RAN), now)
            for name, sweep in sorted(self.upkeep.sweeps.items())
        ]
        return Health({part: _answers(ask) for part, ask in self.answers.items()}, sweeps)

    def retained(self) -> list[Retained]:
        """What is forgotten by itself."""
        lasts = {
            "old_request_keys": idempotency_store.KEPT_FOR,
            "old_provider_events": PROVIDER_EVENTS_KEPT_FOR,
            "old_sign_in_tries": FORGOTTEN_AFTER,
            "old_alarms": self.alarms_kept_for,
        }
        now = self.clock.now()
        with self.database.begin() as connection:
            kept = administration_store.kept(connection)
            runs = {row["sweep"]: row["ran_at"] for row in sweep_store.all_runs(connection)}
        return [
            Retained(
                sweep=sweep,
                kept_for=lasts_for,
                kept=kept[sweep],
                cleared_at=runs.get(sweep),
                is_overdue=_is_overdue(kept[sweep], lasts_for, now),
            )
            for sweep, lasts_for in lasts.items()
        ]

    def erased(self, asker: Asker) -> Kept:
        """People erased on the asker's platforms, and when the last was."""
        with self.database.begin() as connection:
            return administration_store.erased(connection, list(asker.platforms))


def _counts(code: str, users: Mapping[str, int], open_records: KeptFigure) -> PlatformCounts:
    records = sum(row[1] for row in open_records.rows if row[0] == code)
    return PlatformCounts(users.get(code, 0), records, open_records.counted_at)


def _sweep(name: str, every: timedelta, row: Mapping[str, Any], now: datetime) -> SweepView:
    ran_at: datetime | None = row["ran_at"]
    stands_still = ran_at is None or now - ran_at > max(every * TURNS_MISSED, LONG_ENOUGH)
    return SweepView(name, every, ran_at, row["failed_at"], row["found"], stands_still)


def _is_overdue(kept: Kept, lasts: timedelta, now: datetime) -> bool:
    """Twice as old as it may get: the sweep does not do its work."""
    return kept.oldest is not None and now - kept.oldest > 2 * lasts


def _answers(ask: Callable[[], bool]) -> bool:
    try:
        return ask()
    except (SQLAlchemyError, TelephonyError):
        return False
