"""How long a platform's forecast takes: every mode with its range, and with an agent more and fewer.

    python -m benchmarks.forecast_speed [--entries 100000] [--calls 20000]

Prints wall clock and processor time of the whole preview, and of the outlook alone (SQL included).
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import text

import outreach.storage.ddl  # noqa: F401 - the journal's guard is made with its table
from outreach.clock import SystemClock
from outreach.services.forecasting import HORIZON, Forecasting
from outreach.services.outlooks import Outlooks
from outreach.storage import platform_store, tables
from outreach.storage.database import Database
from outreach.storage.embedded_postgres import EmbeddedPostgres
from outreach.storage.platform_store import Platform

FILL = """
insert into persons (id, platform, time_zone, created_at)
  select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '40', 'Europe/Paris', now()
  from generate_series(1, :entries) n;
insert into person_phones (person_id, position, number_index, line_type, can_sms, time_zone)
  select id, 0, uuid_send(id), 'MOBILE', true, 'Europe/Paris' from persons;
insert into case_records (id, platform, person_id, kind, result_at, listed_at, deadline, household)
  select id, '40', id, case when n % 3 = 0 then 'POSITIVE' else 'CONTACT' end, at, at,
    at + interval '24 hours', n % 5 = 0
  from (select id, row_number() over () as n, now() - interval '28 days' * random() as at from persons) p;
insert into call_list_entries (id, platform, case_record_id, person_id, purpose, state, call_class,
    shed_level, tries, effective_deadline, deadline, number_index, entered_at)
  select id, '40', id, id, case kind when 'POSITIVE' then 'INTERVIEW' else 'INFORM' end, 'READY',
    case kind when 'POSITIVE' then 1 else 5 end,
    case when kind = 'POSITIVE' then 0 when household then 3 else 2 end,
    (random() * 2)::integer, now() + interval '24 hours' * random(), now() + interval '24 hours' * random(),
    uuid_send(id), listed_at
  from case_records;
insert into call_attempts (id, platform, entry_id, case_record_id, person_id, agent_id, status,
    phone_position, conference, started_at, outcome, outcome_at, ended_at)
  select (lpad(to_hex((extract(epoch from now() - interval '10 days' * random()) * 1000)::bigint), 12, '0')
      || substr(md5(random()::text), 1, 20))::uuid, '40', e.id, e.id, e.id,
    (select id from users limit 1), 'DONE', 0, e.id, now() - interval '5 minutes',
    case when random() < 0.5 then 'COMPLETED' else 'NO_ANSWER' end, now(), now()
  from call_list_entries e limit :calls;
"""


def fill(database: Database, entries: int, calls: int) -> None:
    tables.metadata.create_all(database.engine)
    with database.begin() as connection:
        landes = Platform(
            "40", "Landes", "Europe/Paris", "40", "FR-NAQ", "FR", "fr", {}, sender="", caller_id=""
        )
        platform_store.create(connection, landes, datetime.now(UTC))
        connection.execute(
            text(
                "insert into users (id, login, roles, platforms, created_at)"
                " values (gen_random_uuid(), 'agent', '{agent}', '{40}', now())"
            )
        )
        for statement in FILL.strip().split(";\n"):
            known = {"entries": entries, "calls": calls}
            bound = {name: value for name, value in known.items() if f":{name}" in statement}
            connection.execute(text(statement.rstrip(";")), bound)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--agents", type=int, default=60)
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="forecast-speed-"))
    postgres = EmbeddedPostgres(folder / "postgres")
    try:
        postgres.start()
        database = Database(postgres.create_database("forecasts"))
        fill(database, chosen.entries, chosen.calls)
        outlooks = Outlooks(
            database, SystemClock(), lambda _platform, _start, hours: [60.0 * chosen.agents] * hours
        )
        forecasting = Forecasting(database, SystemClock(), outlooks, Decimal("0.0798"))
        forecasting.look_ahead("40")
        for name, run in (
            ("outlook alone", lambda: outlooks.outlook("40", HORIZON)),
            ("every mode, ranges, agents", lambda: forecasting.look_ahead("40")),
        ):
            began, processor = time.perf_counter(), time.process_time()
            run()
            wall, used = time.perf_counter() - began, time.process_time() - processor
            print(f"{name:>28}: {wall * 1000:.0f} ms, of which our processor {used * 1000:.0f} ms")
        database.close()
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
