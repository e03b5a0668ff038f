"""How soon a change is shown on 500 open pages of one web process: 450 desks and 50 boards.

    python -m benchmarks.live_pages [--desks 450] [--boards 50] [--per-second 20] [--seconds 30] [--json]

Changes are committed by another process, as agents' calls do: states of calls, three of four, and outcomes.
A change counts as shown when a page has a part whose drawing began after the commit. An embedded PostgreSQL
and Redis of its own in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import IO, Any
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import update

from benchmarks.lease_http import free_port, wait_for
from outreach.bootstrap import App, build_app
from outreach.config import Settings
from outreach.domain.call_attempts import CallStatus
from outreach.domain.roles import Role
from outreach.ids import new_id
from outreach.queues.embedded_redis import EmbeddedRedis
from outreach.services.access import NewUser
from outreach.storage import attempt_store, journal, schema, tables
from outreach.storage.attempt_store import Attempt
from outreach.storage.embedded_postgres import EmbeddedPostgres
from outreach.storage.journal import Event, JournalEntry

PLATFORM = "40"
STATES = (CallStatus.DIALLING, CallStatus.RINGING, CallStatus.ANSWERED)
DESK_PARTS = {"agent": "/desk/call", "orders": "/notices/unread"}
BOARD_PARTS = {"platform": f"/board/now?platform={PLATFORM}", "orders": f"/mode/now?platform={PLATFORM}"}
WARM_SECONDS = 25.0  # until every page is open
WANTED_SECONDS = 1.0


@dataclass(frozen=True)
class AtWork:
    """An agent with somebody in hand and on the line."""

    user_id: UUID
    attempt: Attempt


@dataclass(frozen=True)
class Changed:
    """A committed change: whose desk shows it; every board does."""

    user_id: UUID
    at: float


@contextmanager
def running(folder: Path) -> Iterator[tuple[App, dict[str, str]]]:
    """The program over servers of its own, and what another process needs to be the same."""
    postgres, redis = EmbeddedPostgres(folder / "postgres"), EmbeddedRedis(folder / "redis")
    postgres.start()
    environment = {
        "OUTREACH_DATABASE_URL": postgres.create_database("outreach"),
        "OUTREACH_REDIS_URL": redis.start(),
        "OUTREACH_SECRET_KEY": secrets.token_urlsafe(48),
    }
    app = build_app(
        Settings(
            database_url=environment["OUTREACH_DATABASE_URL"],
            redis_url=environment["OUTREACH_REDIS_URL"],
            secret_key=SecretStr(environment["OUTREACH_SECRET_KEY"]),
        )
    )
    try:
        schema.migrate(app.database)
        yield app, environment
    finally:
        app.close()
        redis.stop()
        postgres.stop()


def add_platform(app: App) -> None:
    now = datetime.now(UTC)
    with app.database.begin() as connection:
        connection.execute(
            tables.platforms.insert().values(
                code=PLATFORM, name="Landes", time_zone="Europe/Paris", department="40", created_at=now
            )
        )
        connection.execute(
            tables.platform_modes.insert().values(
                platform=PLATFORM, mode="NORMAL", level=1, version=1, reason="start", starts_at=now
            )
        )


def add_agents(app: App, count: int) -> list[AtWork]:
    """Each on shift, with a positive in hand and an open call."""
    found = []
    for number in range(count):
        user = app.access.add_user(NewUser(f"agent-{number}", [Role.AGENT], [PLATFORM]))
        app.call_list.start_shift(user, PLATFORM)
        found.append(AtWork(user, _in_hand(app, user, number)))
    return found


def _in_hand(app: App, user: UUID, number: int) -> Attempt:
    now, result = datetime.now(UTC), datetime.now(UTC) - timedelta(hours=2)
    fields = {
        "type": "positif",
        "nom": "Nom",
        "prenoms": "Prénom",
        "date_naissance": "01/03/1980",
        "telephone_1": f"+33639{number:06}",
        "date_resultat": result.isoformat(),
    }
    taken = app.case_import.put_case_record(PLATFORM, "benchmark", f"R{number}", fields, by=None)
    entries = tables.call_list_entries
    with app.database.begin() as connection:
        row = connection.execute(
            update(entries)
            .where(entries.c.case_record_id == taken.case_record_id)
            .values(state="LEASED", lease_id=new_id(), leased_by=user, leased_until=now + timedelta(hours=1))
            .returning(entries.c.id, entries.c.person_id, entries.c.number_index)
        ).one()
        assert taken.case_record_id is not None
        attempt = Attempt(
            id=new_id(),
            platform=PLATFORM,
            entry_id=row.id,
            case_record_id=taken.case_record_id,
            person_id=row.person_id,
            agent_id=user,
            status=CallStatus.RINGING,
            phone_position=0,
            inbound=False,
            conference=new_id(),
            started_at=now,
            mode_version=1,
            number_index=row.number_index,
        )
        stamped = app.interviews.texts.stamped(connection, attempt)
        attempt_store.start(connection, stamped)
    return stamped


def change(app: App, one: AtWork, number: int) -> Changed:
    """What a report of the phone company, or an agent who says the outcome, commits."""
    now, attempt = app.clock.now(), one.attempt
    event = Event.ATTEMPT_MOVED if number % 4 else Event.ATTEMPT_OUTCOME
    status = STATES[number % len(STATES)]
    with app.database.begin() as connection:
        attempt_store.change(connection, attempt.id, status=status.value)
        line = JournalEntry(
            now,
            PLATFORM,
            event,
            journal.by_user(one.user_id),
            attempt.case_record_id,
            attempt.entry_id,
            attempt.id,
            facts={"status": status.value, "outcome": "NO_ANSWER", "purpose": "INTERVIEW"},
        )
        journal.write(connection, line)
    return Changed(one.user_id, time.monotonic())


def changes_at_a_pace(app: App, agents: Sequence[AtWork], per_second: int, seconds: float) -> list[Changed]:
    began, done = time.monotonic(), []
    for number in range(int(per_second * seconds)):
        pause = began + number / per_second - time.monotonic()
        threading.Event().wait(max(0.0, pause))
        done.append(change(app, random.choice(agents), number))
    return done


def delays(changes: Sequence[Changed], pages: Sequence[dict[str, Any]]) -> tuple[list[float], int]:
    """Seconds from each commit to the part shown that was drawn after it, on each of its pages; and how
    often there was none."""
    found, never = [], 0
    for page in pages:
        asked = [began for began, _ in page["shown"]]
        for one in changes:
            if page["name"] not in ("board", str(one.user_id)):
                continue
            place = bisect_left(asked, one.at)
            if place == len(asked):
                never += 1
            else:
                found.append(page["shown"][place][1] - one.at)
    return found, never


def figures(took: Sequence[float], never: int) -> dict[str, float]:
    cuts = quantiles(took, n=100, method="inclusive")
    p50, p95, p99 = (round(cuts[place] * 1000) for place in (49, 94, 98))
    within = sum(seconds <= WANTED_SECONDS for seconds in took) / (len(took) + never)
    return {"p50_ms": p50, "p95_ms": p95, "p99_ms": p99, "within_1_s": round(within, 4), "never": never}


def processor_seconds(pid: int) -> float:
    """Used so far by a process: a busy one could not be asked."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """Resident now, of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0


def measure(folder: Path, *, desks: int, boards: int, per_second: int, seconds: int) -> dict[str, Any]:
    with running(folder) as (app, environment):
        add_platform(app)
        agents = add_agents(app, desks)
        port = free_port()
        server = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.served", str(port)], env=os.environ | environment
        )
        try:
            wait_for(f"http://127.0.0.1:{port}", seconds=120)
            return _measured(app, agents, boards, server.pid, port, per_second, seconds)
        finally:
            server.terminate()
            server.wait(timeout=20)


def _measured(
    app: App, agents: Sequence[AtWork], boards: int, pid: int, port: int, per_second: int, seconds: int
) -> dict[str, Any]:
    empty = memory_mb(pid)
    load = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.live_load", str(port), str(WARM_SECONDS + seconds + 8)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    _tell(load.stdin, app, agents, boards)
    threading.Event().wait(WARM_SECONDS)
    before, began = processor_seconds(pid), time.monotonic()
    changes = changes_at_a_pace(app, agents, per_second, seconds)
    used, span = processor_seconds(pid) - before, time.monotonic() - began
    resident = memory_mb(pid)
    assert load.stdout is not None
    pages = json.loads(load.stdout.read())
    load.wait()
    shown = sum(page["asked"] for page in pages)
    if failures := [failure for page in pages for failure in page["failures"]]:
        raise RuntimeError(f"{len(failures)} requests failed, the first with: {failures[0]}")
    return {
        "desks": figures(*delays(changes, [page for page in pages if page["name"] != "board"])),
        "boards": figures(*delays(changes, [page for page in pages if page["name"] == "board"])),
        "changes": len(changes),
        "parts_shown": shown,
        "mb_sent": round(sum(page["bytes"] for page in pages) / 1e6, 1),
        "processor_share": round(used / span, 3),
        "processor_ms_per_part": round(used / max(shown, 1) * 1000, 2),
        "memory_mb": {"before": empty, "with_pages": resident},
    }


def _tell(told: IO[str] | None, app: App, agents: Sequence[AtWork], boards: int) -> None:
    assert told is not None
    for one in agents:
        page = {"topics": ["agent", f"orders:{PLATFORM}"], "parts": DESK_PARTS, "name": str(one.user_id)}
        told.write(json.dumps({**page, "session": app.sessions.open(one.user_id)}) + "\n")
    supervisor = app.access.add_user(NewUser("supervisor", [Role.SUPERVISOR], [PLATFORM]))
    for _ in range(boards):
        topics = ["agent", f"platform:{PLATFORM}", f"orders:{PLATFORM}"]
        board = {"topics": topics, "parts": BOARD_PARTS, "name": "board"}
        told.write(json.dumps({**board, "session": app.sessions.open(supervisor)}) + "\n")
    told.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--desks", type=int, default=450)
    options.add_argument("--boards", type=int, default=50)
    options.add_argument("--per-second", type=int, default=20)
    options.add_argument("--seconds", type=int, default=30)
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="live-pages-"))
    try:
        found = measure(
            folder,
            desks=asked.desks,
            boards=asked.boards,
            per_second=asked.per_second,
            seconds=asked.seconds,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(found) if asked.json else json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
