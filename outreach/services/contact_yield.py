"""Watches that no mode loses contacts: who names how many, and an alarm when a mode lowers it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from outreach.clock import Clock
from outreach.domain.contact_yield import (
    BASELINE_DAYS,
    LOOKED_AT,
    NOTHING,
    YieldCounts,
    YieldGroup,
    is_lowered,
)
from outreach.domain.load_shedding import Mode
from outreach.domain.outcomes import CallOutcome
from outreach.domain.platform_figures import mode_at, mode_changes
from outreach.errors import InvalidInput
from outreach.storage import (
    alarm_store,
    contact_yield_store,
    mode_store,
    platform_figures_store,
    platform_store,
)
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.contact_yield_store import Interviewed
from outreach.storage.database import Connection, Database

FINISHED = (CallOutcome.COMPLETED.value, CallOutcome.PROXY_DONE.value)


@dataclass(frozen=True)
class ContactYield:
    """Contacts named per positive interviewed."""

    database: Database
    clock: Clock

    def rows(self, platform: str, since: datetime, until: datetime) -> list[tuple[YieldGroup, YieldCounts]]:
        """By mode, script, channel and agents; the last finished interview of each positive counts."""
        if until <= since:
            raise InvalidInput("The span ends before it begins.", field="until", mend="choose a later end")
        with self.database.begin() as connection:
            platform_store.read(connection, platform)
            return sorted(_grouped(connection, platform, since, until).items(), key=lambda row: str(row[0]))

    def guard(self) -> int:
        """Sweep: an alarm, once for each time a mode is put in force, where it lowers what is named."""
        with self.database.begin() as connection:
            platforms = [platform.code for platform in platform_store.all_platforms(connection)]
        return sum(self._guard(platform) for platform in platforms)

    def _guard(self, platform: str) -> bool:
        now, kind = self.clock.now(), AlarmKind.CONTACT_YIELD_LOW
        with self.database.begin() as connection:
            row = mode_store.in_force(connection, platform)
            mode = row.at(now)
            subject = f"{platform}/{row.version}"
            if mode is Mode.NORMAL or contact_yield_store.was_alarmed(connection, kind, subject):
                return False
            begins = max(row.starts_at, now - LOOKED_AT)
            seen = _under(_grouped(connection, platform, begins, now), mode)
            usual = _grouped(connection, platform, row.starts_at - BASELINE_DAYS, row.starts_at)
            baseline = _under(usual, Mode.NORMAL)
            if not is_lowered(baseline, seen):
                return False
            facts = {"mode": mode.value, "named_nobody": seen.nobody_share, "usually": baseline.nobody_share}
            return alarm_store.raise_alarm(connection, kind, subject, platform=platform, now=now, facts=facts)


def _grouped(
    connection: Connection, platform: str, since: datetime, until: datetime
) -> dict[YieldGroup, YieldCounts]:
    changes = mode_changes(platform_figures_store.switches(connection, platform, until))
    found = contact_yield_store.interviews(connection, platform, since=since, until=until, finished=FINISHED)
    grouped: defaultdict[YieldGroup, YieldCounts] = defaultdict(lambda: NOTHING)
    for each in found:
        group = _group(each, changes)
        grouped[group] += YieldCounts(1, each.contacts, int(each.contacts == 0))
    return dict(grouped)


def _group(each: Interviewed, changes: Sequence[tuple[datetime, Mode]]) -> YieldGroup:
    return YieldGroup(
        mode=mode_at(changes, each.at).value,
        script=f"{each.script or 'none'}{' light' if each.light else ''}",
        channel="INBOUND" if each.inbound else "CALL",
        agents="OWN" if each.own_agent else "HELPER",
    )


def _under(grouped: dict[YieldGroup, YieldCounts], mode: Mode) -> YieldCounts:
    return sum((counts for group, counts in grouped.items() if group.mode == mode.value), NOTHING)
