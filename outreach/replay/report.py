"""The report of a replay: one HTML file that needs nothing else, beside its tables and charts."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from outreach.replay.charts import draw_charts
from outreach.replay.cohorts import moment
from outreach.replay.run import ReplayRun
from outreach.replay.summary import PolicySummary, calls_a_day, fitting_days, summaries, write_csv

PUBLISHED_CALLED, PUBLISHED_INFORMED = 0.91, 0.78
SWITCHES_SHOWN = 60


def write_report(run: ReplayRun, folder: Path) -> Path:
    """Tables, charts and `report.html` in `folder`; the address of the report."""
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(run, folder)
    charts = {title: _inside(path) for title, path in draw_charts(run, folder).items()}
    environment = Environment(
        loader=PackageLoader("outreach.replay"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"percent": percent, "number": lambda value: f"{value:,}".replace(",", " ")}
    html = environment.get_template("report.html.j2").render(
        run=run,
        curve=run.setting.curve,
        rows=summaries(run),
        charts=charts,
        switches=_switches(run),
        calls_a_day=round(calls_a_day(run)),
        fitting=len(fitting_days(run)),
        assumptions=run.setting.assumptions.sources,
        published=(PUBLISHED_CALLED, PUBLISHED_INFORMED),
    )
    report = folder / "report.html"
    report.write_text(html, encoding="utf-8")
    return report


def as_json(run: ReplayRun) -> str:
    """The table for machines."""
    return json.dumps([row.__dict__ for row in summaries(run)], indent=2)


def table_rows(rows: list[PolicySummary]) -> list[list[object]]:
    """The table for people; `fits`: on days whose positives fit the agents, `worst`: the worst of those."""
    return [
        [
            row.policy,
            _short(row.called_in_time),
            _short(row.fitting_called_in_time),
            _short(row.worst_fitting_day),
            _short(row.reached_in_time),
            _short(row.informed_in_time),
            row.messages or None,
            row.calls or None,
            row.switches or None,
        ]
        for row in rows
    ]


TABLE_HEADERS = (
    "policy",
    "called",
    "fits",
    "worst",
    "reached",
    "informed",
    "SMS",
    "calls",
    "sw.",
)


def _short(value: float | None) -> str | None:
    return None if value is None else f"{100 * value:.1f}"


def percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _switches(run: ReplayRun) -> list[tuple[str, str, str]]:
    """AUTO's decisions, oldest first."""
    auto = next((figures for figures in run.figures if figures.policy == "auto"), None)
    zone = ZoneInfo(run.setting.zone)
    spans = auto.modes if auto is not None else []
    return [
        (f"{moment(span.since).astimezone(zone):%Y-%m-%d %H:%M}", span.mode.value, span.because)
        for span in spans[:SWITCHES_SHOWN]
    ]


def _inside(path: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"
