"""Charts as data: a page names numbers once, and they are drawn as a chart and written as its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from outreach.web.pages.filters import USUAL_ZONE, moment, number, percent


class Tone(StrEnum):
    """Colours of the frame; each series also has its own dash, so that colour is never the only sign."""

    INK = "ink"
    LATE = "late"
    RISK = "risk"
    GOOD = "good"
    QUIET = "quiet"


class ChartKind(StrEnum):
    LINE = "line"
    BARS = "bars"


@dataclass(frozen=True)
class Series:
    """One row of numbers, as long as the chart's `x`; None leaves a gap.

    `low` and `high` draw a band around it. `name` is in the language of the page.
    """

    name: str
    values: Sequence[float | None]
    tone: Tone = Tone.INK
    dashed: bool = False
    low: Sequence[float | None] | None = None
    high: Sequence[float | None] | None = None


@dataclass(frozen=True)
class Mark:
    """A moment worth a line across the chart, with its word."""

    at: datetime
    name: str


@dataclass(frozen=True)
class Chart:
    """`x`: moments, or words. `title` and `x_name` are in the language of the page; `id` is unique on it.

    `shares`: values between 0 and 1, written in percent. `summary`: what it shows, in one sentence.
    """

    id: str
    title: str
    x_name: str
    x: Sequence[datetime | str]
    series: Sequence[Series]
    kind: ChartKind = ChartKind.LINE
    marks: Sequence[Mark] = ()
    shares: bool = False
    summary: str = ""
    zone: str = USUAL_ZONE
    height: int = 240  # pixels

    @property
    def in_time(self) -> bool:
        return bool(self.x) and isinstance(self.x[0], datetime)

    @property
    def data(self) -> dict[str, Any]:
        """What static/charts.js reads."""
        return {
            "kind": self.kind.value,
            "time": self.in_time,
            "zone": self.zone,
            "shares": self.shares,
            "height": self.height,
            "x_name": self.x_name,
            "x": [_place(each) for each in self.x],
            "series": [
                {
                    "name": each.name,
                    "values": list(each.values),
                    "tone": each.tone.value,
                    "dashed": each.dashed,
                    "low": None if each.low is None else list(each.low),
                    "high": None if each.high is None else list(each.high),
                }
                for each in self.series
            ],
            "marks": [{"at": mark.at.timestamp(), "name": mark.name} for mark in self.marks],
        }

    def rows(self) -> list[tuple[str, list[str]]]:
        """The table: what stands at each place, in words."""
        return [
            (self._word(place), [self._cell(each.values[n]) for each in self.series])
            for n, place in enumerate(self.x)
        ]

    def _word(self, place: datetime | str) -> str:
        return moment(place, self.zone) if isinstance(place, datetime) else place

    def _cell(self, value: float | None) -> str:
        if value is None:
            return "–"
        return percent(value) if self.shares else number(round(value, 1))


def _place(place: datetime | str) -> float | str:
    return place.timestamp() if isinstance(place, datetime) else place
