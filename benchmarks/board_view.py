"""What one look at the supervisor's board costs, drawn and not drawn, at a number of entries.

    python -m benchmarks.board_view [--entries 1000000] [--agents 120] [--looks 50] [--json]

Runs on an embedded PostgreSQL of its own. Processor time is this process's alone; the wall clock has both.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import text

from benchmarks.lease_depth import NOW, fill, fresh_database
from outreach.clock import SetClock
from outreach.services.board import Board
from outreach.services.service_level import ServiceLevelFigures
from outreach.storage.database import Database
from outreach.storage.embedded_postgres import EmbeddedPostgres
from outreach.web.pages.board_parts import board_values
from outreach.web.pages.drawing import ENVIRONMENT
from outreach.web.pages.words import speaking

AGENTS = """
insert into users (id, login, roles, platforms, created_at)
  select gen_random_uuid(), 'agent' || n, '{agent}', '{40}', :now from generate_series(1, :agents) n;
insert into agent_presence (user_id, state, heartbeat_at, since) select id, 'ON_SHIFT', :now, :now from users;
update call_list_entries e
  set state = 'LEASED', lease_id = gen_random_uuid(), leased_by = u.id, leased_until = :until
  from (select id, row_number() over () as n from users) u
  where e.id = cast(lpad(to_hex(u.n * 2 + 1), 32, '0') as uuid)
"""


def timed(looks: int, look: Callable[[], object]) -> dict[str, float]:
    """Milliseconds of one look, of the wall clock and of this process's processor."""
    walls, processors = [], []
    for _ in range(looks):
        wall, processor = time.perf_counter(), time.process_time()
        look()
        walls.append((time.perf_counter() - wall) * 1000)
        processors.append((time.process_time() - processor) * 1000)
    return {"wall_ms": round(median(walls), 1), "processor_ms": round(median(processors), 1)}


def measure(database: Database, *, entries: int, agents: int, looks: int) -> dict[str, dict[str, float]]:
    fill(database, entries)
    with database.begin() as connection:
        for statement in AGENTS.split(";"):
            values = {"now": NOW, "agents": agents, "until": NOW + timedelta(hours=1)}
            connection.execute(text(statement), values)
    clock = SetClock(NOW)
    figures = ServiceLevelFigures(database, clock)
    board = Board(database, clock, figures)
    template = ENVIRONMENT.get_template("pages/board/_now.html")

    def draw() -> str:
        with speaking("fr"):
            return template.render(**board_values(board.view("40")))

    first = timed(1, lambda: Board(database, clock, figures).view("40"))
    return {"first look": first, "look": timed(looks, lambda: board.view("40")), "drawn": timed(looks, draw)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--agents", type=int, default=120)
    parser.add_argument("--looks", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        server.start()
        try:
            with fresh_database(server, "board") as database:
                found = measure(database, entries=asked.entries, agents=asked.agents, looks=asked.looks)
        finally:
            server.stop()
    for name, figures in found.items():
        print(json.dumps({name: figures}) if asked.json else f"{name}: {figures}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
