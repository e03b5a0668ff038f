"""/metrics for Prometheus: kept counts, and what an index tells; labels name platforms and states only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from outreach.bootstrap import App
from outreach.services.kept_figures import COUNTS
from outreach.storage import figures_store, sweep_store
from outreach.storage.database import Connection
from outreach.storage.figures_store import Rows


@dataclass(frozen=True, eq=False)  # registries keep collectors by identity
class SqlFigures(Collector):
    """One scrape is a few short queries in one transaction; what walks over tables was counted before."""

    app: App

    def collect(self) -> Iterator[Metric]:
        now = self.app.clock.now()
        with self.app.database.begin() as connection:
            kept = figures_store.kept(connection)
            rows = {name: kept[name].rows if name in kept else () for name in COUNTS}
            yield from _call_list(rows["entries"])
            yield from _traffic(rows["messages"], rows["provider_events"])
            yield from _outbox(rows["outbox"])
            yield from _state(connection, now)
            yield from _sweeps(connection)
        yield _gauge(
            "outreach_counted_at_seconds",
            "When the counts over whole tables were made.",
            ["figure"],
            [(name, figure.counted_at.timestamp()) for name, figure in kept.items()],
        )


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


def _call_list(rows: Rows) -> Iterator[Metric]:
    labels = ["platform", "queue", "call_class", "state"]
    yield _gauge("outreach_entries", "Open call list entries.", labels, [row[:5] for row in rows])
    late: Counter[tuple[str, int]] = Counter()
    at_risk: Counter[tuple[str, int]] = Counter()
    for platform, _, call_class, _, _, row_late, row_at_risk in rows:
        late[platform, call_class] += row_late
        at_risk[platform, call_class] += row_at_risk
    labels = ["platform", "call_class"]
    yield _gauge("outreach_late", "Deadline passed, in nobody's hands.", labels, _flat(late))
    yield _gauge("outreach_at_risk", "Less than four callable hours left.", labels, _flat(at_risk))


def _flat(counts: Counter[tuple[str, int]]) -> list[tuple[str, int, int]]:
    return [(platform, call_class, count) for (platform, call_class), count in counts.items()]


def _traffic(messages: Rows, events: Rows) -> Iterator[Metric]:
    yield _gauge("outreach_messages", "Messages by status.", ["platform", "status"], messages)
    yield _gauge("outreach_provider_events", "Raw events kept, by what they did.", ["effect"], events)


def _outbox(rows: Rows) -> Iterator[Metric]:
    for waiting, dead, delivered, lag in rows:
        states = [("waiting", waiting), ("dead", dead), ("delivered", delivered)]
        yield _gauge("outreach_outbox", "Write-backs by state.", ["state"], states)
        yield _gauge("outreach_outbox_lag_seconds", "Age of the oldest waiting write-back.", [], [(lag,)])


def _state(connection: Connection, now: datetime) -> Iterator[Metric]:
    yield _gauge(
        "outreach_mode_level",
        "Level of the mode in force (1: NORMAL).",
        ["platform"],
        [(row[0], row[2]) for row in figures_store.mode_levels(connection, now)],
    )
    yield _gauge(
        "outreach_campaigns",
        "Campaigns by state.",
        ["platform", "channel", "state"],
        figures_store.campaigns_by_state(connection),
    )
    yield _gauge("outreach_alarms", "Open alarms.", ["kind"], figures_store.open_alarms(connection))
    yield _gauge("outreach_agents", "Agents by state.", ["state"], figures_store.agents_by_state(connection))
    oldest = figures_store.oldest_snapshot_seconds(connection)
    yield _gauge("outreach_oldest_snapshot_seconds", "Age of the oldest transaction.", [], [(oldest,)])


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
