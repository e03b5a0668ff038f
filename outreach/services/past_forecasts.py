"""Forecasts whose hours have passed: day by day beside what came, and the range they teach the next ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from outreach.clock import Clock
from outreach.domain.forecast import Doubt, ModeForecast, Outlook, forecast, forecast_with_range
from outreach.domain.learned_doubt import LEARNS_FROM_DAYS, LearnedDoubt, ToldAndSeen, learn_doubt
from outreach.domain.load_shedding import Mode
from outreach.storage import forecast_store, platform_store
from outreach.storage.database import Connection, Database
from outreach.storage.forecast_store import PastShares

SHORT, LONG = 24, 72  # the horizons that are scored
SHOWN_DAYS = 14


@dataclass(frozen=True)
class PastDay:
    """Means of the forecasts made on a local day, a day ahead, and of what came of them."""

    day: date
    forecasts: int
    called: float | None
    called_seen: float | None
    informed: float | None
    informed_seen: float | None


@dataclass(frozen=True)
class Doubts:
    """What past forecasts of a platform teach of the next; None: too few, the assumed doubt holds."""

    called: LearnedDoubt | None = None
    informed: LearnedDoubt | None = None

    def forecast(self, outlook: Outlook, mode: Mode, assumed: Doubt) -> ModeForecast:
        """With its ranges, learned where they can be."""
        learned = self.called is not None and self.informed is not None
        ahead = forecast(outlook, mode) if learned else forecast_with_range(outlook, mode, assumed)
        return replace(
            ahead,
            called_range=_range(self.called, ahead.called_in_time, ahead.called_range),
            informed_range=_range(self.informed, ahead.informed_in_time, ahead.informed_range),
        )


@dataclass(frozen=True)
class PastForecasts:
    """Read by supervisors, pilots and managers."""

    database: Database
    clock: Clock

    def days(self, platform: str) -> list[PastDay]:
        """The last two weeks, the oldest day first. Raises NotFound."""
        since = self.clock.now() - timedelta(days=SHOWN_DAYS + 1)
        with self.database.begin() as connection:
            zone = ZoneInfo(platform_store.read(connection, platform).time_zone)
            past = forecast_store.past_shares(connection, platform, hours=SHORT, since=since)
        by_day: dict[date, list[PastShares]] = {}
        for each in past:
            by_day.setdefault(each.made_at.astimezone(zone).date(), []).append(each)
        return [_day(day, shares) for day, shares in by_day.items()]


def doubts_of(connection: Connection, platform: str, *, hours: int, now: datetime) -> Doubts:
    """What the last weeks' scored forecasts of the nearest horizon teach."""
    nearest = SHORT if hours <= (SHORT + LONG) / 2 else LONG
    since = now - timedelta(days=LEARNS_FROM_DAYS)
    past = forecast_store.past_shares(connection, platform, hours=nearest, since=since)
    return Doubts(
        called=learn_doubt(_pairs((each.made_at, each.called, each.called_seen) for each in past)),
        informed=learn_doubt(_pairs((each.made_at, each.informed, each.informed_seen) for each in past)),
    )


def _pairs(past: Iterable[tuple[datetime, float | None, float | None]]) -> list[ToldAndSeen]:
    return [
        ToldAndSeen(made_at.date(), told, seen)
        for made_at, told, seen in past
        if told is not None and seen is not None
    ]


def _range(
    learned: LearnedDoubt | None, share: float | None, assumed: tuple[float, float] | None
) -> tuple[float, float] | None:
    return assumed if learned is None or share is None else learned.around(share)


def _day(day: date, past: Sequence[PastShares]) -> PastDay:
    called = [(each.called, each.called_seen) for each in past]
    informed = [(each.informed, each.informed_seen) for each in past]
    return PastDay(day, len(past), *_means(called), *_means(informed))


def _means(pairs: Sequence[tuple[float | None, float | None]]) -> tuple[float | None, float | None]:
    both = [(told, seen) for told, seen in pairs if told is not None and seen is not None]
    if not both:
        return None, None
    return sum(told for told, _ in both) / len(both), sum(seen for _, seen in both) / len(both)
