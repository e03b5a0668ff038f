"""Leases through HTTP, paced: the time of POST /api/v1/calls/next, the person's data included."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
from sqlalchemy import text, update

from outreach.clock import SystemClock
from outreach.domain.case_records import Person
from outreach.domain.roles import Role
from outreach.queues.embedded_redis import EmbeddedRedis
from outreach.services.access import Access, NewUser
from outreach.storage import tables
from outreach.storage.database import Database
from outreach.storage.vault import Vault


@dataclass(frozen=True)
class HttpFigures:
    """Milliseconds of each request as the asker saw it and as the server did; an empty route beside it."""

    lease: list[float]
    lease_served: list[float]
    empty: list[float]
    empty_served: list[float]
    processor_ms: float  # of the web process, for a lease and its release


def seal_heads(database: Database, vault: Vault, *, heads: int) -> None:
    """Give the persons who will be leased something to open."""
    with database.begin() as connection:
        ids = connection.execute(
            text(
                "select person_id from call_list_entries where state = 'READY' and queue = 'AGENTS' "
                "order by call_class, front, effective_deadline, tie_break, id limit :heads"
            ),
            {"heads": heads},
        ).scalars()
        for person_id in list(ids):
            key, wrapped = vault.new_person_key(person_id)
            sealed = key.seal(Person("Nom", "Prénom", address="1 rue de la Paix", town="Dax").to_sealed())
            connection.execute(tables.person_keys.insert().values(person_id=person_id, wrapped_key=wrapped))
            connection.execute(
                update(tables.persons).where(tables.persons.c.id == person_id).values(sealed=sealed)
            )


def tokens_of(access: Access, agents: int) -> list[str]:
    found = []
    for _ in range(agents):
        user = access.add_user(NewUser(secrets.token_hex(8), [Role.AGENT], ["40"]))
        found.append(access.new_token(user)[1])
    return found


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def http_leases(
    database: Database, folder: Path, *, agents: int, per_second: int, seconds: int
) -> HttpFigures:
    """Agents who take turns at a pace, through one web process; the load comes from a process of its own."""
    key = secrets.token_urlsafe(48)
    vault = Vault(key.encode())
    seal_heads(database, vault, heads=2_000)
    tokens = tokens_of(Access(database, vault, SystemClock()), agents)
    redis, port = EmbeddedRedis(folder / "redis"), free_port()
    environment = os.environ | {
        "OUTREACH_DATABASE_URL": database.url,
        "OUTREACH_REDIS_URL": redis.start(),
        "OUTREACH_SECRET_KEY": key,
    }
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.served", str(port)], env=environment)
    try:
        wait_for(f"http://127.0.0.1:{port}")
        return _measured(port, tokens, per_second=per_second, seconds=seconds)
    finally:
        server.terminate()
        server.wait(timeout=20)
        redis.stop()


def _measured(port: int, tokens: list[str], *, per_second: int, seconds: int) -> HttpFigures:
    before = processor_seconds(port)
    generator = subprocess.run(
        [sys.executable, "-m", "benchmarks.http_load", str(port), str(seconds), str(per_second)],
        input="\n".join(tokens),
        capture_output=True,
        text=True,
        check=True,
    )
    used = processor_seconds(port) - before
    found = json.loads(generator.stdout)
    if failures := [*found["lease"]["failures"], *found["empty"]["failures"]]:
        raise RuntimeError(f"{len(failures)} requests failed, the first with: {failures[0]}")
    turns = len(found["lease"]["took"]) + 3 * per_second  # with the warm-up
    return HttpFigures(
        lease=found["lease"]["took"],
        lease_served=found["lease"]["served"],
        empty=found["empty"]["took"],
        empty_served=found["empty"]["served"],
        processor_ms=used / turns * 1000,
    )


def processor_seconds(port: int) -> float:
    return float(httpx.get(f"http://127.0.0.1:{port}/processor-seconds").text)


def wait_for(base: str, *, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if httpx.get(f"{base}/healthz", timeout=1).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the web application did not start")
