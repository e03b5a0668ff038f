"""Leases through HTTP, paced: the time of POST /api/v1/calls/next, the person's data included."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import threading
import time
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

SERVE = """
import sys, uvicorn
from outreach.bootstrap import build_app
from outreach.config import read_settings
from outreach.log import configure_logging
from outreach.web.app import create_web_app
configure_logging("INFO")
web = create_web_app(build_app(read_settings()))
uvicorn.run(web, port=int(sys.argv[1]), log_level="error", access_log=False)
"""


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
) -> list[float]:
    """Milliseconds of each request, measured from the moment it was to leave (a late start counts)."""
    key = secrets.token_urlsafe(48)
    vault = Vault(key.encode())
    seal_heads(database, vault, heads=2_000)
    tokens = tokens_of(Access(database, vault, SystemClock()), agents)
    redis, port = EmbeddedRedis(folder / "redis"), free_port()
    environment = os.environ | {
        "OUTREACH_DATABASE_URL": database.url,
        "OUTREACH_REDIS_URL": redis.start(),
        "OUTREACH_SECRET_KEY": key,
        "OUTREACH_LOG_LEVEL": "ERROR",
    }
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        base = f"http://127.0.0.1:{port}"
        wait_for(base)
        paced(base, tokens, per_second=per_second, seconds=3)  # warm
        return paced(base, tokens, per_second=per_second, seconds=seconds)
    finally:
        server.terminate()
        server.wait(timeout=20)
        redis.stop()


def wait_for(base: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            if httpx.get(f"{base}/healthz", timeout=1).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the web application did not start")


def paced(base: str, tokens: list[str], *, per_second: int, seconds: int) -> list[float]:
    """Agents take turns; each gives back what they took before they ask again."""
    took: list[float] = []
    began = time.perf_counter() + 0.2
    workers = 10
    failures: list[str] = []

    def work(number: int) -> None:
        with httpx.Client(base_url=base, timeout=10) as client:
            for turn in range(number, per_second * seconds, workers):
                headers = {"Authorization": f"Bearer {tokens[turn % len(tokens)]}"}
                planned = began + turn / per_second
                time.sleep(max(0.0, planned - time.perf_counter()))
                answer = client.post("/api/v1/calls/next", json={}, headers=headers)
                took.append((time.perf_counter() - planned) * 1000)
                if answer.status_code != 200 or answer.json() is None:
                    failures.append(answer.text)
                client.post("/api/v1/entries/release", json={"because": "BENCHMARK"}, headers=headers)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(f"{len(failures)} requests failed, the first with: {failures[0][:300]}")
    return took
