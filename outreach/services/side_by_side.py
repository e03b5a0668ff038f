"""Platforms side by side: the head of each board, all of them by the same few statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from outreach.clock import Clock
from outreach.domain.call_list import FIRST_CALL_WITHIN
from outreach.domain.load_shedding import ModeInForce
from outreach.domain.service_level import service_level
from outreach.services.board import Backlog, at_risk
from outreach.services.paced import Paced
from outreach.services.service_level import Histories, ServiceLevelFigures
from outreach.storage import mode_store, platform_store, side_by_side_store
from outreach.storage.database import Database


@dataclass(frozen=True)
class DayHead:
    """Of positives: in their last hours uncalled; late; called in time of those whose 24 hours are over."""

    at_risk: int
    called_share: float | None


@dataclass(frozen=True)
class PlatformHead:
    """One platform's line. `at_work`, `alarms`: counted."""

    platform: str
    name: str
    at: datetime
    mode: ModeInForce
    backlog: Backlog
    day: DayHead
    late: int
    at_work: int
    alarms: int


@dataclass(frozen=True)
class _Lists:
    """What walks over the lists."""

    backlogs: Mapping[str, Backlog]
    late: Mapping[str, int]


@dataclass(frozen=True)
class SideBySide:
    """Reads only. What walks over many rows is paced, as on a platform's own board."""

    database: Database
    clock: Clock
    figures: ServiceLevelFigures
    lists: Paced[_Lists] = field(default_factory=Paced)
    days: Paced[Mapping[str, DayHead]] = field(default_factory=Paced)

    def heads(self, platforms: Sequence[str]) -> list[PlatformHead]:
        """These platforms in this order; one that does not exist is left out."""
        now, asked = self.clock.now(), tuple(platforms)
        lists = self.lists.get(asked, lambda: self._lists(asked, now))
        days = self.days.get(asked, lambda: self._days(asked, now))
        with self.database.begin() as connection:
            names = {each.code: each.name for each in platform_store.all_platforms(connection)}
            modes = {each.platform: each for each in mode_store.every_mode(connection)}
            at_work = side_by_side_store.at_work(connection, asked, now)
            alarms = side_by_side_store.alarms(connection, asked)
        return [
            PlatformHead(
                platform=code,
                name=names[code],
                at=now,
                mode=modes[code],
                backlog=lists.backlogs.get(code, Backlog([])),
                day=days.get(code, DayHead(0, None)),
                late=lists.late.get(code, 0),
                at_work=at_work.get(code, 0),
                alarms=alarms.get(code, 0),
            )
            for code in asked
            if code in names
        ]

    def _lists(self, platforms: Sequence[str], now: datetime) -> _Lists:
        with self.database.begin() as connection:
            backlogs = side_by_side_store.backlogs(connection, platforms, now)
            late = side_by_side_store.late_positives(connection, platforms, now)
        return _Lists({code: Backlog(rows) for code, rows in backlogs.items()}, late)

    def _days(self, platforms: Sequence[str], now: datetime) -> dict[str, DayHead]:
        since, until = now - 2 * FIRST_CALL_WITHIN, now + timedelta(seconds=1)
        return {
            platform: _head(found, now)
            for platform, found in self.figures.of_platforms(platforms, since, until)
        }


def _head(found: Histories, now: datetime) -> DayHead:
    over = [each for each in found.positives if each.result_at < now - FIRST_CALL_WITHIN]
    figures = service_level(over, [], now)
    share = figures.called_in_time / figures.positives if figures.positives else None
    return DayHead(at_risk(found.positives, now), share)
