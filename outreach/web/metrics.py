"""/metrics for Prometheus: gathered from SQL when asked; labels name platforms and states, never people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from outreach.bootstrap import App
from outreach.storage import figures_store, outbox, sweep_store
from outreach.storage.database import Connection


@dataclass(frozen=True, eq=False)  # registries keep collectors by identity
class SqlFigures(Collector):
    """One scrape is a few short queries in one transaction."""

    app: App

    def collect(self) -> Iterator[Metric]:
        now = self.app.clock.now()
        with self.app.database.begin() as connection:
            yield from _call_list(connection, now)
            yield from _traffic(connection, now)
            yield from _outbox(connection, now)
            yield from _sweeps(connection)


def exposition(app: App) -> bytes:
    """This process's own figures, then those of the whole installation."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SqlFigures(app))
    return generate_latest(REGISTRY) + generate_latest(registry)


def _gauge(name: str, told: str, labels: list[str], rows: Iterable[Iterable[object]]) -> Metric:
    """Each row: its labels, then the figure."""
    metric = GaugeMetricFamily(name, told, labels=labels)
    for row in rows:
        *words, figure = row
        metric.add_metric([str(word) for word in words], float(str(figure)))
    return metric


def _call_list(connection: Connection, now: datetime) -> Iterator[Metric]:
    labels = ["platform", "queue", "call_class", "state"]
    yield _gauge(
        "outreach_entries", "Open call list entries.", labels, figures_store.entries_by_class(connection)
    )
    rows = figures_store.late_and_at_risk(connection, now)
    labels = ["platform", "call_class"]
    yield _gauge(
        "outreach_late", "Deadline passed, in nobody's hands.", labels, [(r[0], r[1], r[2]) for r in rows]
    )
    yield _gauge(
        "outreach_at_risk", "Less than four callable hours left.", labels, [(r[0], r[1], r[3]) for r in rows]
    )
    yield _gauge(
        "outreach_mode_level",
        "Level of the mode in force (0: everyone is called).",
        ["platform"],
        [(r[0], r[2]) for r in figures_store.mode_levels(connection, now)],
    )


def _traffic(connection: Connection, now: datetime) -> Iterator[Metric]:
    yield _gauge(
        "outreach_messages",
        "Messages by status.",
        ["platform", "status"],
        figures_store.messages_by_status(connection),
    )
    yield _gauge("outreach_alarms", "Open alarms.", ["kind"], figures_store.open_alarms(connection))
    yield _gauge("outreach_agents", "Agents by state.", ["state"], figures_store.agents_by_state(connection))
    events = figures_store.events_by_effect(connection)
    yield _gauge("outreach_provider_events", "Raw events kept, by what they did.", ["effect"], events)
    oldest = figures_store.oldest_snapshot_seconds(connection)
    yield _gauge("outreach_oldest_snapshot_seconds", "Age of the oldest transaction.", [], [(oldest,)])


def _outbox(connection: Connection, now: datetime) -> Iterator[Metric]:
    figures = outbox.figures(connection)
    lag = (now - figures.oldest_waiting_at).total_seconds() if figures.oldest_waiting_at else 0.0
    yield _gauge(
        "outreach_outbox",
        "Write-backs by state.",
        ["state"],
        [("waiting", figures.waiting), ("dead", figures.dead), ("delivered", figures.delivered)],
    )
    yield _gauge("outreach_outbox_lag_seconds", "Age of the oldest waiting write-back.", [], [(lag,)])


def _sweeps(connection: Connection) -> Iterator[Metric]:
    runs = sweep_store.all_runs(connection)
    found = CounterMetricFamily("outreach_sweep_repairs", "What each sweep repaired.", labels=["sweep"])
    for run in runs:
        found.add_metric([run["sweep"]], run["found"])
    yield found
    yield _gauge(
        "outreach_sweep_ran_at_seconds",
        "When each sweep last ran well.",
        ["sweep"],
        [(run["sweep"], run["ran_at"].timestamp()) for run in runs if run["ran_at"]],
    )
    yield _gauge(
        "outreach_sweep_failed_at_seconds",
        "When each sweep last failed.",
        ["sweep"],
        [(run["sweep"], run["failed_at"].timestamp()) for run in runs if run["failed_at"]],
    )
