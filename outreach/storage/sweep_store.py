"""What each sweep did, for the metrics: when it last ran well, when it last failed, how much it repaired."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.dialects.postgresql import insert

from outreach.storage.tables import sweep_runs


def save_run(connection: Connection, sweep: str, *, found: int, now: datetime) -> None:
    """One more run, which repaired `found` things."""
    connection.execute(
        insert(sweep_runs)
        .values(sweep=sweep, ran_at=now, found=found, runs=1)
        .on_conflict_do_update(
            index_elements=[sweep_runs.c.sweep],
            set_={"ran_at": now, "found": sweep_runs.c.found + found, "runs": sweep_runs.c.runs + 1},
        )
    )


def save_failure(connection: Connection, sweep: str, *, now: datetime) -> None:
    """The sweep raised; the log says why."""
    connection.execute(
        insert(sweep_runs)
        .values(sweep=sweep, failed_at=now)
        .on_conflict_do_update(index_elements=[sweep_runs.c.sweep], set_={"failed_at": now})
    )


def all_runs(connection: Connection) -> Sequence[RowMapping]:
    return connection.execute(select(sweep_runs).order_by(sweep_runs.c.sweep)).mappings().all()
