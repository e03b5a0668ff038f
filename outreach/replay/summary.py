"""The table of a replay: each policy beside the bound, and whether the days that fit were kept."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from outreach.domain.load_shedding import ScriptLength
from outreach.domain.purposes import Purpose
from outreach.replay.figures import DayFigures, Figures, share
from outreach.replay.run import ReplayRun

BOUND = "bound"


@dataclass(frozen=True)
class PolicySummary:
    """Shares between 0 and 1; None where nobody was due. `fitting` days: positives alone fit the agents."""

    policy: str
    positives: int
    called_in_time: float | None
    reached_in_time: float | None
    fitting_called_in_time: float | None
    worst_fitting_day: float | None
    contacts: int
    informed_in_time: float | None
    messages: int
    calls: int
    minutes_used: float | None
    switches: int
    most_backlog: int


def calls_a_day(run: ReplayRun) -> float:
    """Full interviews that all agents can hold in a day, with the tries that nobody answers."""
    rates = run.setting.assumptions.rates
    answered = sum(rates.answers.values()) / len(rates.answers)
    missed = rates.missed * (1 - answered) / answered
    return run.setting.minutes_of_day() / (rates.minutes(Purpose.INTERVIEW, ScriptLength.FULL) + missed)


def fitting_days(run: ReplayRun) -> set[date]:
    """Days of the curve whose positives alone fit the capacity."""
    most = calls_a_day(run)
    return {day for day, positives in run.bound.positives.items() if positives <= most}


def summaries(run: ReplayRun) -> list[PolicySummary]:
    """Every policy, then the bound."""
    fitting = fitting_days(run)
    return [*(_summary(figures, fitting) for figures in run.figures), _of_bound(run, fitting)]


def _summary(figures: Figures, fitting: set[date]) -> PolicySummary:
    whole, fits = figures.total(), figures.total(fitting)
    days = [figures.days[day] for day in fitting if day in figures.days]
    return PolicySummary(
        policy=figures.policy,
        positives=whole.positives,
        called_in_time=share(whole.called_in_time, whole.positives),
        reached_in_time=share(whole.reached_in_time, whole.positives),
        fitting_called_in_time=share(fits.called_in_time, fits.positives),
        worst_fitting_day=min(_called(days), default=None),
        contacts=whole.contacts,
        informed_in_time=share(whole.informed_in_time, whole.contacts),
        messages=whole.messages,
        calls=whole.calls,
        minutes_used=share(whole.minutes_used, whole.minutes),
        switches=len(figures.modes),
        most_backlog=max((d.backlog for d in figures.days.values()), default=0),
    )


def _called(days: Iterable[DayFigures]) -> list[float]:
    return [day.called_in_time / day.positives for day in days if day.positives]


def _of_bound(run: ReplayRun, fitting: set[date]) -> PolicySummary:
    bound, positives = run.bound, sum(run.bound.positives.values())
    called = {day: min(bound.called_in_time.get(day, 0.0), n) for day, n in bound.positives.items()}
    fits = [day for day in fitting if bound.positives.get(day)]
    return PolicySummary(
        policy=BOUND,
        positives=round(positives),
        called_in_time=share(sum(called.values()), positives),
        reached_in_time=None,
        fitting_called_in_time=share(sum(called[d] for d in fits), sum(bound.positives[d] for d in fits)),
        worst_fitting_day=min((called[day] / bound.positives[day] for day in fits), default=None),
        contacts=0,
        informed_in_time=bound.informed_share,
        messages=0,
        calls=0,
        minutes_used=None,
        switches=0,
        most_backlog=0,
    )


def write_csv(run: ReplayRun, folder: Path) -> None:
    """`policies.csv`, one row for each policy, and `days.csv`, one for each policy and day."""
    table = [asdict(row) for row in summaries(run)]
    _write(folder / "policies.csv", list(table[0]), table)
    days = [
        {"policy": figures.policy, "date": day.isoformat(), **asdict(of_day)}
        for figures in run.figures
        for day, of_day in sorted(figures.days.items())
    ]
    _write(folder / "days.csv", list(days[0]), days)


def _write(path: Path, headers: Sequence[str], rows: Iterable[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, headers)
        writer.writeheader()
        writer.writerows({name: _plain(value) for name, value in row.items()} for row in rows)


def _plain(value: object) -> object:
    return round(value, 5) if isinstance(value, float) else value
