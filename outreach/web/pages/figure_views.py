"""Figures as pages show them: in groups, each cell written as what it is; and the charts above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from outreach.domain.load_shedding import Mode
from outreach.domain.platform_figures import Value
from outreach.services.platform_figures import Row
from outreach.web.pages.charts import Chart, Mark, Series, Tone
from outreach.web.pages.filters import day as day_in_words
from outreach.web.pages.filters import duration, number, percent
from outreach.web.pages.labels import label
from outreach.web.pages.words import N_, translated

# Each group is a table of its own: thirty columns in one could not be read.
GROUPS: Mapping[str, Sequence[str]] = {
    N_("Positives"): (
        "positives",
        "called_share_of_all",
        "called_share_of_in_time_at_arrival",
        "reached_share_of_all",
        "reached_share_of_in_time_at_arrival",
        "median_result_to_call_seconds",
    ),
    N_("Contacts"): (
        "contacts",
        "informed_share",
        "contacts_per_positive_asked",
        "contacts_per_positive_of_all",
        "named_nobody_share_of_asked",
    ),
    N_("Calls and backlog"): (
        "calls",
        "agent_hours",
        "calls_per_agent_hour",
        "attempts_per_person_reached",
        "bad_number_share_of_calls",
        "unreached_share_of_closed",
        "backlog",
        "backlog_hours",
    ),
    N_("SMS and forecasts"): (
        "sms_sent",
        "sms_delivered_share",
        "sms_read_share",
        "sms_called_after_all_share",
        "forecasts",
        "forecast_error_mean",
    ),
}
MIDDAY = time(12)


@dataclass(frozen=True)
class Asked:
    """Which figures a page shows. `area`: "platform:40", "region:75" or "country:FR"; both days included."""

    area: str
    since: date
    until: date
    by: str
    zone: str

    @property
    def starts(self) -> datetime:
        return _midnight(self.since, self.zone)

    @property
    def ends(self) -> datetime:
        return _midnight(self.until + timedelta(days=1), self.zone)

    @property
    def file_name(self) -> str:
        """outreach-platform-40-2021-03-01-2021-03-14-by-day"""
        by = f"-by-{self.by}" if self.by else ""
        return f"outreach-{self.area.replace(':', '-')}-{self.since}-{self.until}{by}"

    def query(self, **changed: str) -> dict[str, str]:
        """What the address of the page holds."""
        told = {"area": self.area, "since": str(self.since), "until": str(self.until), "by": self.by}
        return told | changed


MOST_DECIMALS = 2  # on a page; files hold all of them


def cell(name: str, value: Value) -> str:
    """A figure in words: shares in percent, the median in hours and minutes."""
    if value is None:
        return "–"
    if name == "median_result_to_call_seconds" and not isinstance(value, str):
        return duration(timedelta(seconds=value))
    if "share" in name or name == "forecast_error_mean":
        return percent(float(value), 1)
    return value if isinstance(value, str) else number(round(value, MOST_DECIMALS))


def row_name(row: Row, by: str) -> str:
    """The day, the mode, or "all"."""
    told = str(row["row"])
    match by:
        case "day":
            return day_in_words(date.fromisoformat(told))
        case "mode":
            return label("mode", told)
        case _:
            return translated("All")


def modes_of(row: Row) -> str:
    return ", ".join(label("mode", mode) for mode in str(row["modes"]).split())


def charts_of(rows: Sequence[Row], asked: Asked) -> list[Chart]:
    """By day only: the shares in time, and contacts per positive."""
    if asked.by != "day" or len(rows) < 2:
        return []
    days = [_midday(row, asked.zone) for row in rows]
    in_time = Chart(
        id="in-time",
        title=translated("Called, reached and informed within 24 hours"),
        x_name=translated("Day"),
        x=days,
        series=[
            _series(rows, "called_share_of_all", translated("Positives called"), Tone.INK),
            _series(rows, "reached_share_of_all", translated("Positives reached"), Tone.GOOD, dashed=True),
            _series(rows, "informed_share", translated("Contacts informed"), Tone.RISK, dashed=True),
        ],
        marks=_marks(rows, days),
        shares=True,
        zone=asked.zone,
    )
    named = Chart(
        id="named",
        title=translated("Contacts per positive asked"),
        x_name=translated("Day"),
        x=days,
        series=[
            _series(rows, "contacts_per_positive_asked", translated("Contacts per positive asked"), Tone.INK)
        ],
        marks=_marks(rows, days),
        zone=asked.zone,
        height=160,
    )
    return [in_time, named]


def _series(rows: Sequence[Row], name: str, title: str, tone: Tone, *, dashed: bool = False) -> Series:
    values = [value if isinstance(value := row[name], int | float) else None for row in rows]
    return Series(title, values, tone, dashed)


def _marks(rows: Sequence[Row], days: Sequence[datetime]) -> list[Mark]:
    """The days on which another mode than the day before was in force."""
    found, before = list[Mark](), str(rows[0]["modes"])
    for row, at in zip(rows[1:], days[1:], strict=True):
        modes = str(row["modes"])
        if modes != before and modes:
            found.append(Mark(at, label("mode", _heaviest(modes))))
        before = modes
    return found


def _heaviest(modes: str) -> str:
    order = [mode.value for mode in Mode]
    return max(modes.split(), key=order.index)


def _midday(row: Row, zone: str) -> datetime:
    return datetime.combine(date.fromisoformat(str(row["row"])), MIDDAY, ZoneInfo(zone))


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
