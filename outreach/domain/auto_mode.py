"""AUTO: the lightest mode that keeps positives, then contacts, in time; it never sheds a positive.

It goes to a heavier mode at once, and back only when the lighter one holds with a margin and the present one
has stood for a while, so that it does not swing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from outreach.domain.forecast import ModeForecast
from outreach.domain.load_shedding import RANK, Mode
from outreach.errors import InvalidInput

LOOKS_AHEAD = 36  # hours
LEAST_TARGET = 0.5
CAUTION = 1.1  # arrivals are taken so much higher than expected
WORTH_SAYING = 0.0005


class AutoSetting(StrEnum):
    """What AUTO does with its decision on a platform."""

    OFF = "OFF"
    PROPOSE = "PROPOSE"  # a supervisor accepts or declines
    APPLY = "APPLY"


class AutoDone(StrEnum):
    """What AUTO did about a decision."""

    STAYS = "STAYS"
    PROPOSED = "PROPOSED"
    APPLIED = "APPLIED"
    HELD = "HELD"  # nothing can be sent in that mode, or the same was declined lately


@dataclass(frozen=True)
class AutoRule:
    """Targets are shares in time; a lighter mode must beat them by `margin_back` before it returns."""

    called: float = 0.99
    informed: float = 0.95
    margin: float = 0.002
    margin_back: float = 0.006
    least_stay: timedelta = timedelta(hours=12)

    def aiming(self, targets: AutoTargets) -> AutoRule:
        """The same with a platform's own targets."""
        return replace(self, called=targets.called, informed=targets.informed)


@dataclass(frozen=True)
class AutoTargets:
    """What a platform wants: shares in time of positives called, and of contacts informed."""

    called: float = AutoRule.called
    informed: float = AutoRule.informed


def check_targets(targets: AutoTargets) -> None:
    """Raises InvalidInput."""
    for field in ("called", "informed"):
        if not LEAST_TARGET <= getattr(targets, field) <= 1:
            raise InvalidInput(
                "A target is a share of people in time.",
                field=field,
                mend=f"give {LEAST_TARGET:.0%} to 100%",
            )


@dataclass(frozen=True)
class AutoDecision:
    """The mode to be in, the forecasts looked at, and why in one sentence.

    `about`: the forecast that the sentence tells; another mode's than `mode` when that one is not left yet.
    """

    mode: Mode
    because: str
    forecasts: tuple[ModeForecast, ...]
    about: ModeForecast


def choose(
    forecast_of: Callable[[Mode], ModeForecast],
    current: Mode,
    *,
    since: datetime,
    now: datetime,
    rule: AutoRule,
) -> AutoDecision:
    """The decision at `now`; modes are forecast from the lightest, and only as far as needed."""
    looked: list[ModeForecast] = []
    for mode in Mode:
        looked.append(forecast_of(mode))
        if _holds(looked[-1], rule, lighter=RANK[mode] < RANK[current]):
            return _decided(mode, looked, current, since=since, now=now, rule=rule)
    return _decided(max(looked, key=_worth).mode, looked, current, since=since, now=now, rule=rule)


def _worth(forecast: ModeForecast) -> tuple[float, ...]:
    """Where nothing holds: the most positives called, then the most contacts informed."""
    return round(forecast.called_in_time or 0.0, 3), round(_informed(forecast) or 0.0, 3)


def _informed(forecast: ModeForecast) -> float | None:
    """Contacts in time; an SMS in the last hours is a net, and no plan."""
    informed = forecast.informed_in_time
    return None if informed is None else informed - forecast.informed_at_last


def _holds(forecast: ModeForecast, rule: AutoRule, *, lighter: bool) -> bool:
    margin = rule.margin_back if lighter else rule.margin
    called, informed = forecast.called_in_time, _informed(forecast)
    return (called is None or called >= min(1.0, rule.called + margin)) and (
        informed is None or informed >= min(1.0, rule.informed + margin)
    )


def _decided(
    mode: Mode,
    looked: list[ModeForecast],
    current: Mode,
    *,
    since: datetime,
    now: datetime,
    rule: AutoRule,
) -> AutoDecision:
    back, about = RANK[mode] < RANK[current], _of(looked, mode)
    if back and now - since < rule.least_stay:
        stays = f"{current} stays until it has stood {rule.least_stay.total_seconds() / 3600:.0f} hours"
        return AutoDecision(current, f"{stays}, though {_says(about)}.", tuple(looked), about)
    if mode is current:
        return AutoDecision(current, f"{current} stays: {_says(about)}.", tuple(looked), about)
    return AutoDecision(mode, f"From {current} to {mode}: {_says(about)}.", tuple(looked), about)


def _of(looked: list[ModeForecast], mode: Mode) -> ModeForecast:
    return next(forecast for forecast in looked if forecast.mode is mode)


def _says(about: ModeForecast) -> str:
    last = about.informed_at_last
    net = f", {_percent(last)} only in the last hours" if last >= WORTH_SAYING else ""
    return (
        f"under {about.mode} {_percent(about.called_in_time)} of positives would be called "
        f"and {_percent(about.informed_in_time)} of contacts informed in time{net}"
    )


def _percent(share: float | None) -> str:
    return "all" if share is None else f"{100 * share:.1f} %"
