"""The hours in which an SMS may arrive, in the zone of whoever receives it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

LONGEST_VALIDITY_SECONDS = 36_000  # the provider's own limit
SHORTEST_VALIDITY = timedelta(minutes=5)  # less is not worth a try


@dataclass(frozen=True)
class SmsHours:
    """The same hours every day; `until_hour` 24 is midnight. Outside them messages wait."""

    from_hour: int = 8
    until_hour: int = 20

    def is_open(self, zone: str, at: datetime) -> bool:
        return self.from_hour <= at.astimezone(ZoneInfo(zone)).hour < self.until_hour

    def next_open(self, zone: str, at: datetime) -> datetime:
        """`at` itself when open, else the next opening."""
        if self.is_open(zone, at):
            return at
        local = at.astimezone(ZoneInfo(zone))
        opens = local.replace(hour=self.from_hour, minute=0, second=0, microsecond=0, fold=0)
        if local.hour >= self.until_hour:
            opens += timedelta(days=1)
        return opens.astimezone(UTC)

    def closes_at(self, zone: str, at: datetime) -> datetime:
        """The end of the day's hours that hold `at`, or that follow it."""
        local = self.next_open(zone, at).astimezone(ZoneInfo(zone))
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        if self.until_hour == 24:
            return (midnight + timedelta(days=1)).astimezone(UTC)
        return midnight.replace(hour=self.until_hour).astimezone(UTC)

    def open_zones(self, zones: Iterable[str], at: datetime) -> list[str]:
        """The zones where an SMS posted now has time to arrive."""
        soon = at + SHORTEST_VALIDITY
        return [zone for zone in zones if self.is_open(zone, at) and self.is_open(zone, soon)]


def validity_seconds(useful_until: datetime, closes_at: datetime, now: datetime) -> int:
    """How long the carrier may try: until the text is useless or the hours end, within its own limits."""
    seconds = int((min(useful_until, closes_at) - now).total_seconds())
    return max(1, min(seconds, LONGEST_VALIDITY_SECONDS))
