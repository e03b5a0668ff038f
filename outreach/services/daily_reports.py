"""The report of a platform's day, as it is printed for the prefecture; made from the journal each time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from outreach.clock import Clock
from outreach.domain.daily_reports import (
    WEEK,
    DailyReport,
    Day,
    Decision,
    ModeStretch,
    day_of,
    mode_stretches,
)
from outreach.domain.platform_figures import mode_changes
from outreach.domain.service_level import LateCause
from outreach.errors import InvalidInput
from outreach.services.platform_figures import PlatformFigures, Wanted
from outreach.services.service_level import ServiceLevelFigures
from outreach.storage import platform_figures_store, platform_store, report_store, script_store
from outreach.storage.database import Connection, Database
from outreach.storage.platform_store import Platform

MOST_DECISIONS = 60
TEXT_CHANGED = "TEXT_CHANGED"  # a version of a text took effect or was withdrawn; not a line of the journal


@dataclass(frozen=True)
class DailyReports:
    """Nobody is named in a report but who decided."""

    database: Database
    clock: Clock
    figures: PlatformFigures
    service_level: ServiceLevelFigures

    def of(self, platform: str, day: date | None = None) -> DailyReport:
        """`day` None: yesterday, by the platform's calendar. Raises NotFound, InvalidInput."""
        now = self.clock.now()
        with self.database.begin() as connection:
            place = platform_store.read(connection, platform)
            asked = _asked(place, day, now)
            modes = _modes(connection, platform, asked)
            decisions = _decisions(connection, platform, asked)
            alarms = report_store.alarms(connection, platform, since=asked.starts, until=asked.ends)
        week = Wanted(asked.starts - WEEK, asked.starts)
        (figures,), (week_before,) = self.figures.tables([platform], [Wanted(asked.starts, asked.ends), week])
        return DailyReport(
            platform=platform,
            name=place.name,
            time_zone=place.time_zone,
            day=asked.date,
            made_at=now,
            over=asked.ends <= now,
            figures=figures,
            week_before=week_before,
            late=self._late(platform, asked),
            modes=modes,
            decisions=decisions,
            alarms=alarms,
        )

    def _late(self, platform: str, day: Day) -> dict[LateCause, int]:
        late = self.service_level.late_positives(platform, day.starts, day.ends)
        return dict(Counter(positive.cause for positive in late))


def _asked(place: Platform, day: date | None, now: datetime) -> Day:
    today = now.astimezone(ZoneInfo(place.time_zone)).date()
    chosen = day or today - timedelta(days=1)
    if chosen > today:
        raise InvalidInput("This day has not begun yet.", field="day", mend="choose today or an earlier day")
    return day_of(chosen, place.time_zone)


def _modes(connection: Connection, platform: str, day: Day) -> list[ModeStretch]:
    changes = mode_changes(platform_figures_store.switches(connection, platform, day.ends))
    return mode_stretches(changes, day.starts, day.ends)


def _decisions(connection: Connection, platform: str, day: Day) -> list[Decision]:
    rows = report_store.decisions(connection, platform, since=day.starts, until=day.ends, most=MOST_DECISIONS)
    journalled = [Decision(row.at, row.event, row.login or "", row.facts, row.campaign or "") for row in rows]
    changed = script_store.changes(connection, [platform], day.starts, day.ends, most=MOST_DECISIONS)
    texts = [
        Decision(
            row["at"],
            TEXT_CHANGED,
            "",
            {name: row[name] for name in ("what", "language", "number", "reason")},
            row["name"],
        )
        for row in changed
    ]
    return sorted([*journalled, *texts], key=lambda decision: decision.at)
