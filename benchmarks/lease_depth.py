"""How long a lease takes at 1,000 and at 1,000,000 entries, and what 50 agents at once are given.

    python -m benchmarks.lease_depth [--entries 1000000] [--leases 2000] [--agents 50] [--seconds 30] [--json]

Runs on an embedded PostgreSQL of its own in a temporary folder, with the settings of the demo.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from uuid import UUID

from sqlalchemy import text

import outreach.storage.ddl  # noqa: F401 - the journal's guard is made with its table
from benchmarks.lease_http import http_leases
from outreach.clock import SetClock
from outreach.domain.call_list import CallClass, Queue
from outreach.domain.outcomes import CallOutcome
from outreach.ids import new_id
from outreach.services.call_list import CallList
from outreach.services.settling import Settlement, settle
from outreach.storage import lease_store, tables
from outreach.storage.database import Database
from outreach.storage.embedded_postgres import EmbeddedPostgres

NOW = datetime.now(UTC)

# One positive in five; deadlines spread over a day; every tenth person shares a number with the one before.
FILL = """
create temporary table numbered on commit drop as
  select n, cast(lpad(to_hex(n), 32, '0') as uuid) as id, n % 5 = 0 as positive,
    cast(:now as timestamptz) as at
  from generate_series(cast(:first as bigint), cast(:last as bigint)) n;
insert into persons (id, platform, time_zone, created_at)
  select id, '40', 'Europe/Paris', at from numbered;
insert into case_records (id, platform, person_id, kind, result_at, listed_at, deadline)
  select id, '40', id, case when positive then 'POSITIVE' else 'CONTACT' end, at, at, at + interval '1 day'
  from numbered;
insert into call_list_entries (id, platform, case_record_id, person_id, purpose, state, call_class,
    effective_deadline, deadline, tie_break, shed_level, not_before, ready_until, number_index, entered_at)
  select id, '40', id, id, case when positive then 'INTERVIEW' else 'INFORM' end, 'READY',
    case when positive then 1 else 3 + n % 3 end, at + interval '1 second' * (hashint8(n) & 65535),
    at + interval '1 day', n % 1000, case when positive or n % 7 = 0 then 0 else 3 end,
    at, at + interval '10 hours', int8send(case when n % 10 = 0 then n - 1 else n end), at
  from numbered
"""


@dataclass(frozen=True)
class Handed:
    """One lease as its agent saw it, on the machine's clock."""

    began: float
    ended: float
    entry_id: UUID
    call_class: CallClass


@contextmanager
def fresh_database(server: EmbeddedPostgres, name: str) -> Iterator[Database]:
    database = Database(server.create_database(name), pool_size=60)
    tables.metadata.create_all(database.engine)
    with database.begin() as connection:
        connection.execute(
            text(
                "insert into platforms (code, name, time_zone, department, created_at) "
                "values ('40', 'Landes', 'Europe/Paris', '40', :now)"
            ),
            {"now": NOW},
        )
        connection.execute(
            text(
                "insert into platform_modes (platform, mode, level, version, reason, starts_at) "
                "values ('40', 'NORMAL', 0, 1, 'start', :now)"
            ),
            {"now": NOW},
        )
    yield database
    database.close()


def fill(database: Database, entries: int) -> None:
    piece = 50_000
    for first in range(1, entries + 1, piece):
        with database.begin() as connection:
            connection.execute(text("set local session_replication_role = replica"))  # foreign keys hold
            wanted = {"now": NOW, "first": first, "last": min(entries, first + piece - 1)}
            for statement in FILL.split(";"):
                connection.execute(text(statement), wanted)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))


def store_leases(database: Database, leases: int) -> list[float]:
    """Milliseconds of each lease, its commit included; entries stay in hand."""
    took = []
    for _ in range(leases):
        agent_id = new_id()
        began = time.perf_counter()
        with database.begin() as connection:
            leased = lease_store.lease_next(
                connection,
                agent_id=agent_id,
                platforms=["40"],
                languages=["fr"],
                queues=[Queue.AGENTS],
                now=NOW,
                lease_id=new_id(),
                lease_for=timedelta(hours=1),
            )
        took.append((time.perf_counter() - began) * 1000)
        assert leased is not None
    return took


def agents_at_once(database: Database, agents: int, leases_each: int) -> list[Handed]:
    """Each agent leases, says an outcome, and asks again, as fast as they can."""
    call_list = CallList(database, SetClock(NOW))
    handed: list[list[Handed]] = [[] for _ in range(agents)]
    users = [new_id() for _ in range(agents)]
    with database.begin() as connection:
        connection.execute(
            tables.users.insert(),
            [{"id": u, "login": str(u), "roles": [], "platforms": ["40"], "created_at": NOW} for u in users],
        )

    def work(number: int) -> None:
        chance = random.Random(number)
        for _ in range(leases_each):
            began = time.perf_counter()
            leased = call_list.next_entry(users[number], platforms=["40"], languages=["fr"])
            ended = time.perf_counter()
            if leased is None:
                return
            handed[number].append(Handed(began, ended, leased.entry_id, leased.call_class))
            outcome = chance.choice((CallOutcome.COMPLETED, CallOutcome.COMPLETED, CallOutcome.NO_ANSWER))
            with database.begin() as connection:
                settle(connection, Settlement(leased.entry_id, outcome, f"user:{users[number]}", NOW))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(agents)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted((one for own in handed for one in own), key=lambda one: one.began)


def given_twice(handed: list[Handed]) -> int:
    """No entry comes back while the clock stands still, so each may be handed once."""
    return len(handed) - len({one.entry_id for one in handed})


def contacts_before_positives(handed: list[Handed]) -> int:
    """Contacts handed although a positive was callable from before the request to after the answer."""
    last_positive = max((one.began for one in handed if one.call_class is CallClass.POSITIVE), default=0.0)
    return sum(one.call_class is not CallClass.POSITIVE and one.ended < last_positive for one in handed)


def percentiles(took: list[float]) -> dict[str, float]:
    cuts = quantiles(took, n=100, method="inclusive")
    return {"p50_ms": round(cuts[49], 3), "p99_ms": round(cuts[98], 3)}


def measure(
    server: EmbeddedPostgres, folder: Path, entries: int, leases: int, *, seconds: int
) -> dict[str, dict[str, float]]:
    """HTTP first: the store's leases stay in hand."""
    with fresh_database(server, f"depth_{entries}") as database:
        fill(database, entries)
        through_http = http_leases(database, folder, agents=50, per_second=50, seconds=seconds)
        store_leases(database, min(100, entries // 10))  # warm
        return {
            "http_paced_50_per_s": percentiles(through_http.lease),
            "http_as_served": percentiles(through_http.lease_served),
            "empty_route": percentiles(through_http.empty),
            "empty_route_as_served": percentiles(through_http.empty_served),
            "processor_of_lease_and_release": {"ms": round(through_http.processor_ms, 2)},
            "store": percentiles(store_leases(database, min(leases, entries // 2))),
        }


def measure_agents(server: EmbeddedPostgres, agents: int) -> dict[str, float]:
    with fresh_database(server, "agents") as database:
        fill(database, 10_000)  # 2,000 positives: the agents go beyond them, into the contacts
        began = time.perf_counter()
        handed = agents_at_once(database, agents, 80)
        seconds = time.perf_counter() - began
    return {
        "leases": len(handed),
        "leases_and_outcomes_per_s": round(len(handed) / seconds),
        "given_twice": given_twice(handed),
        "contacts_before_positives": contacts_before_positives(handed),
        **percentiles([(one.ended - one.began) * 1000 for one in handed]),
    }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--entries", type=int, default=1_000_000)
    options.add_argument("--leases", type=int, default=2_000)
    options.add_argument("--agents", type=int, default=50)
    options.add_argument("--seconds", type=int, default=30, help="of leases through HTTP")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="outreach-lease-depth-"))
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder / "postgres")
    server.start()
    try:
        shallow = measure(server, folder, 1_000, chosen.leases, seconds=chosen.seconds)
        deep = measure(server, folder, chosen.entries, chosen.leases, seconds=chosen.seconds)
        together = measure_agents(server, chosen.agents)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    figures = {
        "at_1000": shallow,
        f"at_{chosen.entries}": deep,
        "ratio_p50": {
            name: round(deep[name]["p50_ms"] / shallow[name]["p50_ms"], 2)
            for name in ("http_paced_50_per_s", "store")
        },
        f"{chosen.agents}_agents": together,
    }
    print(json.dumps(figures, indent=None if chosen.json else 2))
    return int(bool(together["given_twice"] or together["contacts_before_positives"]))


if __name__ == "__main__":
    sys.exit(main())
