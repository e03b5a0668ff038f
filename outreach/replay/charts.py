"""The charts of a replay, drawn once as PNG files; the report carries them inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import matplotlib

from outreach.domain.load_shedding import Mode
from outreach.replay.cohorts import moment
from outreach.replay.figures import Figures
from outreach.replay.run import ReplayRun
from outreach.replay.summary import calls_a_day

matplotlib.use("Agg")
from matplotlib import pyplot

SIZE, DOTS = (9.6, 3.4), 110
# Distinguishable without colours too: the lines differ in dashes.
LINES = {
    "first-come": ("#505a5f", ":"),
    "no-shedding": ("#d4351c", "--"),
    "sms-contacts": ("#5694ca", "-."),
    "auto": ("#00703c", "-"),
}
BANDS: Mapping[Mode, str] = {
    Mode.LIGHT: "#fff7d6",
    Mode.SMS_LOW_RISK: "#ffe3b3",
    Mode.SMS_CONTACTS: "#ffc9a3",
    Mode.POSITIVES_ONLY: "#f6a5a5",
}
Draw = Callable[[Any, ReplayRun], None]


def draw_charts(run: ReplayRun, folder: Path) -> dict[str, Path]:
    """One PNG for each chart, by the sentence that describes it."""
    return {title: _drawn(run, folder / f"{name}.png", draw) for name, title, draw in CHARTS}


def _drawn(run: ReplayRun, path: Path, draw: Draw) -> Path:
    figure, axes = pyplot.subplots(figsize=SIZE, dpi=DOTS)
    draw(axes, run)
    axes.margins(x=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="upper left", fontsize=8, frameon=False, ncols=3)
    figure.autofmt_xdate(rotation=0, ha="center")
    figure.tight_layout()
    figure.savefig(path, metadata={"Software": None})
    pyplot.close(figure)
    return path


def _arrivals(axes: Any, run: ReplayRun) -> None:
    days = sorted(run.bound.positives)
    axes.fill_between(
        days, [run.bound.positives[d] for d in days], color="#6f777b", zorder=2, label="positives, by result"
    )
    axes.axhline(calls_a_day(run), color="#0b0c0c", linewidth=1, label="full interviews that fit a day")
    auto = next((figures for figures in run.figures if figures.policy == "auto"), None)
    if auto is not None:
        _mode_bands(axes, auto, days)


def _mode_bands(axes: Any, auto: Figures, days: Sequence[date]) -> None:
    """AUTO's modes as bands behind the curve."""
    spans = auto.modes
    for place, span in enumerate(spans):
        until = moment(spans[place + 1].since).date() if place + 1 < len(spans) else days[-1]
        if span.mode in BANDS:
            axes.axvspan(moment(span.since).date(), until, color=BANDS[span.mode], linewidth=0, zorder=0)
    for mode, colour in BANDS.items():
        if any(span.mode is mode for span in spans):
            axes.fill_between([], [], color=colour, label=mode.value)


def _called(axes: Any, run: ReplayRun) -> None:
    _shares(axes, run, "called_in_time", "positives")
    days = sorted(run.bound.positives)
    weeks = [days[max(0, place - 6) : place + 1] for place in range(len(days))]
    most = [sum(run.bound.called_in_time.get(d, 0.0) for d in week) for week in weeks]
    people = [max(1e-9, sum(run.bound.positives[d] for d in week)) for week in weeks]
    shares = [100 * min(1.0, part / whole) for part, whole in zip(most, people, strict=True)]
    axes.plot(days, shares, color="#0b0c0c", linewidth=0.8, label="bound")


def _informed(axes: Any, run: ReplayRun) -> None:
    _shares(axes, run, "informed_in_time", "contacts")


def _shares(axes: Any, run: ReplayRun, part: str, whole: str) -> None:
    """Share in time, in percent of a week."""
    for figures in _drawn_policies(run):
        days, shares = _by_week(figures, part, whole)
        colour, dashes = LINES[figures.policy]
        axes.plot(days, shares, dashes, color=colour, linewidth=1.2, label=figures.policy)
    axes.set_ylim(0, 125)
    axes.set_yticks(range(0, 101, 20))
    axes.set_ylabel("% in time")


def _by_week(figures: Figures, part: str, whole: str) -> tuple[list[date], list[float]]:
    """Percent in time of the seven days up to each day."""
    days = sorted(figures.days)
    shares: dict[date, float] = {}
    for place, day in enumerate(days):
        week = [figures.days[d] for d in days[max(0, place - 6) : place + 1]]
        people = sum(getattr(each, whole) for each in week)
        if people:
            shares[day] = 100 * sum(getattr(each, part) for each in week) / people
    return list(shares), list(shares.values())


def _backlog(axes: Any, run: ReplayRun) -> None:
    for figures in _drawn_policies(run):
        days = sorted(figures.days)
        people = [figures.days[d].backlog for d in days]
        colour, dashes = LINES[figures.policy]
        axes.plot(days, people, dashes, color=colour, linewidth=1.2, label=figures.policy)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("people waiting at closing")


def _drawn_policies(run: ReplayRun) -> list[Figures]:
    return [figures for figures in run.figures if figures.policy in LINES]


CHARTS: Sequence[tuple[str, str, Draw]] = (
    ("arrivals", "Positives by day of result, what fits a day, and the modes AUTO chose", _arrivals),
    ("called", "Positives called within 24 hours of the result, the week up to each day of result", _called),
    (
        "informed",
        "Contacts informed within 24 hours of being listed, the week up to each day",
        _informed,
    ),
    ("backlog", "People waiting for a call at the end of each day", _backlog),
)
