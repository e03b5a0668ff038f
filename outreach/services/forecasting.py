"""The hours ahead under every mode, side by side; forecasts kept, and scored when their hours have passed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from outreach.clock import Clock
from outreach.domain.forecast import (
    Doubt,
    ModeForecast,
    Outlook,
    forecast,
    minutes_to_inform,
    with_agents,
)
from outreach.domain.load_shedding import MODES, Mode, ModeInForce
from outreach.domain.sms_price import euros_of
from outreach.ids import new_id
from outreach.services.load_shedding_switch import ModePreview, preview_of
from outreach.services.outlooks import Outlooks
from outreach.services.paced import Paced
from outreach.services.past_forecasts import LONG, SHORT, Doubts, doubts_of
from outreach.storage import forecast_store, mode_store
from outreach.storage.database import Database
from outreach.storage.forecast_store import StoredForecast

HORIZON = LONG  # hours
SCORED_HORIZONS = (SHORT, LONG)
KEPT_FOR = timedelta(days=400)
MOST_SCORED = 500
ERRORS_SHOWN = 60
LARGE_LIST = 50_000  # people; what was calculated from so many is kept for some seconds


@dataclass(frozen=True)
class OneMode:
    """What a mode does now and leads to. `one_more`, `one_fewer`: positives called with another agent.

    `segments_now`, `euros_now`: of the SMS that would be sent at once; `hours_freed`: what calling those
    would take agents; `euros`: of all SMS within the horizon.
    """

    preview: ModePreview
    forecast: ModeForecast
    segments_now: int
    euros_now: Decimal
    euros: Decimal
    hours_freed: float
    one_more: float | None
    one_fewer: float | None


@dataclass(frozen=True)
class ForecastError:
    """How far the scored forecasts were off, on average, in points of share; `bias` above 0: too hopeful."""

    hours: int
    forecasts: int
    called: float | None
    informed: float | None
    bias: float | None


@dataclass(frozen=True)
class LookAhead:
    """Every mode from now on, the lightest first, and how good such forecasts have been."""

    platform: str
    made_at: datetime
    hours: int
    in_force: Mode
    version: int
    modes: list[OneMode]
    errors: list[ForecastError]
    doubts: Doubts
    people: int  # on the list


def _is_large(ahead: LookAhead) -> bool:
    return ahead.people >= LARGE_LIST


@dataclass(frozen=True)
class Forecasting:
    """Use cases of supervisors and pilots, and the sweeps that keep and score. `segment_price`: euros.

    A look ahead at a large list may be half a minute old: `made_at` says of when it is.
    """

    database: Database
    clock: Clock
    outlooks: Outlooks
    segment_price: Decimal
    doubt: Doubt = field(default_factory=Doubt)
    kept: Paced[LookAhead] = field(default_factory=lambda: Paced(keeps=_is_large))

    def look_ahead(self, platform: str, hours: int = HORIZON) -> LookAhead:
        """The next hours under every mode. Raises NotFound."""
        return self._look_ahead(platform, hours, every_mode=True)

    def without_a_change(self, platform: str, hours: int = HORIZON) -> LookAhead:
        """The next hours under the mode in force alone. Raises NotFound."""
        return self._look_ahead(platform, hours, every_mode=False)

    def _look_ahead(self, platform: str, hours: int, *, every_mode: bool) -> LookAhead:
        with self.database.begin() as connection:
            row = mode_store.in_force(connection, platform)
            rules = mode_store.rules_of(connection, platform)
        mode = row.at(self.clock.now())
        key = (platform, hours, every_mode, row.version, mode, *rules.values())
        return self.kept.get(key, lambda: self._made(row, mode, hours, MODES if every_mode else (mode,)))

    def _made(self, row: ModeInForce, in_force: Mode, hours: int, modes: Iterable[Mode]) -> LookAhead:
        now, platform = self.clock.now(), row.platform
        outlook, backlog = self.outlooks.with_backlog(platform, hours)
        with self.database.begin() as connection:
            scored = forecast_store.scored(connection, platform, most=ERRORS_SHOWN)
            doubts = doubts_of(connection, platform, hours=hours, now=now)
        return LookAhead(
            platform=platform,
            made_at=now,
            hours=hours,
            in_force=in_force,
            version=row.version,
            modes=[self._one(outlook, doubts, preview_of(mode, backlog)) for mode in modes],
            errors=errors_of(scored),
            doubts=doubts,
            people=sum(each.people for each in backlog),
        )

    def scored(self, platform: str) -> list[StoredForecast]:
        """The newest forecasts whose hours have passed, with what came of them. Raises NotFound."""
        with self.database.begin() as connection:
            mode_store.in_force(connection, platform)
            return forecast_store.scored(connection, platform, most=ERRORS_SHOWN)

    def _one(self, outlook: Outlook, doubts: Doubts, preview: ModePreview) -> OneMode:
        mode = preview.mode
        ahead = doubts.forecast(outlook, mode, self.doubt)
        segments = round(preview.texted * outlook.rates.sms.segments)
        freed = preview.texted * minutes_to_inform(outlook.rates, outlook.rules[mode]) / 60
        return OneMode(
            preview=preview,
            forecast=ahead,
            segments_now=segments,
            euros_now=euros_of(segments, self.segment_price),
            euros=euros_of(round(ahead.segments), self.segment_price),
            hours_freed=freed,
            one_more=forecast(with_agents(outlook, 1), mode).called_in_time,
            one_fewer=forecast(with_agents(outlook, -1), mode).called_in_time,
        )

    # --- sweeps ---

    def keep(self) -> int:
        """Forecast every platform under its mode in force, and keep that; how many forecasts."""
        with self.database.begin() as connection:
            modes = mode_store.every_mode(connection)
        return sum(self._keep(row) for row in modes)

    def _keep(self, row: ModeInForce) -> int:
        now = self.clock.now()
        longest = self.outlooks.outlook(row.platform, max(SCORED_HORIZONS))
        made = [self._stored(row, longest, hours, now) for hours in SCORED_HORIZONS]
        told = [each for each in made if each.called is not None or each.informed is not None]
        with self.database.begin() as connection:
            forecast_store.add(connection, told)
        return len(told)

    def _stored(self, row: ModeInForce, outlook: Outlook, hours: int, now: datetime) -> StoredForecast:
        mode = row.at(now)
        ahead = forecast(replace(outlook, hours=outlook.hours[:hours]), mode)
        return StoredForecast(
            id=new_id(),
            platform=row.platform,
            mode=mode.value,
            mode_version=row.version,
            made_at=now,
            hours=hours,
            until=now + timedelta(hours=hours),
            called=ahead.called_in_time,
            reached=ahead.reached_in_time,
            informed=ahead.informed_in_time,
        )

    def score(self) -> int:
        """Compare what has passed with what was forecast; a forecast whose mode changed is void. How many."""
        now = self.clock.now()
        with self.database.begin() as connection:
            due = forecast_store.to_score(connection, now=now, most=MOST_SCORED)
            for made in due:
                if not forecast_store.mode_held(connection, made):
                    forecast_store.close(connection, made.id, "VOID")
                    continue
                seen = forecast_store.came_true(connection, made)
                forecast_store.close(
                    connection,
                    made.id,
                    "SCORED",
                    called_seen=seen.called,
                    reached_seen=seen.reached,
                    informed_seen=seen.informed,
                )
            forecast_store.forget(connection, made_before=now - KEPT_FOR)
        return len(due)


def errors_of(scored: Sequence[StoredForecast]) -> list[ForecastError]:
    """Mean distance between forecast and truth, for each horizon."""
    return [_error(hours, [each for each in scored if each.hours == hours]) for hours in SCORED_HORIZONS]


def _error(hours: int, scored: Sequence[StoredForecast]) -> ForecastError:
    called = [_off(each.called, each.called_seen) for each in scored]
    informed = [_off(each.informed, each.informed_seen) for each in scored]
    return ForecastError(
        hours=hours,
        forecasts=len(scored),
        called=_mean([abs(off) for off in called if off is not None]),
        informed=_mean([abs(off) for off in informed if off is not None]),
        bias=_mean([off for off in called if off is not None]),
    )


def _off(told: float | None, seen: float | None) -> float | None:
    return None if told is None or seen is None else told - seen


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
