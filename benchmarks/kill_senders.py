"""Real processes killed and frozen while they send: nobody twice, nobody lost, the ledger says the truth.

    python -m benchmarks.kill_senders [--messages 600] [--seconds 30] [--seed 1] [--json]

Workers, schedule, web and the simulated phone company run as in production, on an embedded PostgreSQL and
Redis. Workers are killed (SIGKILL) and frozen (SIGSTOP), the database crashes, Redis is emptied, requests and
callbacks are lost, doubled, refused and left hanging. Beside it, on the same faults: "send, then save".
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import psutil
import psycopg
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from benchmarks.chaos import Chaos
from benchmarks.sending_world import ACCOUNT, KEY, SENDER, TOKEN, fill
from outreach.clock import SystemClock
from outreach.domain.case_records import Person
from outreach.queues.embedded_redis import EmbeddedRedis
from outreach.storage.database import Database
from outreach.storage.embedded_postgres import EmbeddedPostgres
from outreach.storage.vault import Vault
from workers.parent import Parent

GRACE = 10
FAULTS = {
    "slow_down": {"probability": 0.03},
    "error_before": {"probability": 0.02},
    "error_after": {"probability": 0.03},
    "hang_before": {"probability": 0.005},
    "hang_after": {"probability": 0.01},
    "reset_before": {"probability": 0.01},
    "reset_after": {"probability": 0.02},
    "webhook_lost": {"probability": 0.3},
    "webhook_late": {"probability": 0.1},
    "webhook_repeated": {"probability": 0.2},
    "webhook_reordered": {"probability": 0.1},
    "listing_lag_seconds": 2,
    "hang_seconds": 30,
}
TOOK = ("ACCEPTED", "SENT", "DELIVERED", "READ", "UNDELIVERED")
OPEN = ("QUEUED", "SENDING", "UNCERTAIN")
WORKERS = ["messages", "messages", "messages", "upkeep", "upkeep"]
NAIVE = ["one", "two", "three"]
LONGEST_END = 120.0


@dataclass(frozen=True)
class Verdict:
    """`called`: no SMS went, and a person is to be called. `untrue`: the ledger and the phone differ."""

    messages: int
    texted: int
    called: int
    doubled: int
    lost: int
    untrue: int
    misfortunes: dict[str, int]


@dataclass(frozen=True)
class Place:
    """Where everything is."""

    folder: Path
    postgres: EmbeddedPostgres
    database_url: str
    redis_url: str
    company_url: str
    web_port: int

    def environment(self, segments_per_second: int) -> dict[str, str]:
        return os.environ | {
            "OUTREACH_DATABASE_URL": self.database_url,
            "OUTREACH_REDIS_URL": self.redis_url,
            "OUTREACH_SECRET_KEY": KEY,
            "OUTREACH_PUBLIC_URL": f"http://127.0.0.1:{self.web_port}",
            "OUTREACH_TWILIO_ACCOUNT_SID": ACCOUNT,
            "OUTREACH_TWILIO_AUTH_TOKEN": TOKEN,
            "OUTREACH_TWILIO_API_URL": self.company_url,
            "OUTREACH_TWILIO_CALLER_ID": SENDER,
            "OUTREACH_SMS_SEGMENTS_PER_SECOND": str(segments_per_second),
            "OUTREACH_SMS_FROM_HOUR": "0",
            "OUTREACH_SMS_UNTIL_HOUR": "24",
            "OUTREACH_UNKNOWN_FATE_GRACE_SECONDS": str(GRACE),
            "OUTREACH_LOG_LEVEL": "CRITICAL",
        }

    def statuses(self) -> dict[str, str]:
        """Each number's message as the ledger has it."""
        vault = Vault(KEY.encode())
        with psycopg.connect(self.database_url) as connection:
            rows = connection.execute(
                "select m.person_id, k.wrapped_key, p.sealed, m.status from messages m"
                " join persons p on p.id = m.person_id join person_keys k on k.person_id = p.id"
            ).fetchall()
        return {
            Person.from_sealed(vault.person_key(person, wrapped).open(sealed)).number_at(0): status
            for person, wrapped, sealed, status in rows
        }

    def texts(self, number: str) -> int:
        """What the phone company took for a number: the witness of what was sent."""
        return len(_ask(f"{self.company_url}/simulator/phones/{number}")["messages"])

    def still_open(self) -> int:
        with suppress(psycopg.Error), psycopg.connect(self.database_url) as connection:
            found = connection.execute(
                "select count(*) from messages where status = any(%s)", (list(OPEN),)
            ).fetchone()
            return int(found[0]) if found else 0
        return 1


def ours(
    place: Place, messages: int, seconds: float, draw: random.Random, *, webhooks: bool = True
) -> Verdict:
    """The program as it runs in production; without `webhooks` only the phone company's list settles."""
    environment = place.environment(max(2, int(messages * 2 / seconds)))
    web = ["-m", "outreach.cli", "web", "--host", "127.0.0.1", "--port", str(place.web_port)]
    running = [_start(web, environment)] if webhooks else []
    try:
        if webhooks:
            _wait_for(f"http://127.0.0.1:{place.web_port}/healthz")
        commands = [["-m", "workers.schedule"], ["-m", "workers", *WORKERS]]
        running += [_start(command, environment) for command in commands]
        parent = _parent(running[-1], len(WORKERS))
        chaos = _chaos(place, draw, lambda: [child.pid for child in parent.children()])
        _misfortunes(place, chaos, seconds)
        _settle(place)
        return _verdict(place, chaos)
    finally:
        _stop(running)


def send_then_save(place: Place, draw: random.Random, seconds: float) -> Verdict:
    """Takes a message, posts it, saves the answer, commits; what fails is tried again."""
    environment = place.environment(1) | {"DATABASE": place.database_url, "COMPANY": place.company_url}
    running = [_start(["-m", "benchmarks.kill_senders", "--role", "naive"], environment)]
    try:
        parent = _parent(running[0], len(NAIVE))
        chaos = _chaos(place, draw, lambda: [child.pid for child in parent.children()])
        _misfortunes(place, chaos, seconds)
        _settle(place)
        return _verdict(place, chaos)
    finally:
        _stop(running)


def be_naive(_name: str) -> None:
    """One sender that sends, then saves; its code was loaded by its parent, as that of our workers."""
    http = TwilioHttpClient(timeout=GRACE / 2)
    client, vault = Client(ACCOUNT, TOKEN, http_client=http), Vault(KEY.encode())
    client.api.base_url = os.environ["COMPANY"]
    while True:
        try:
            with psycopg.connect(os.environ["DATABASE"]) as connection:
                while _send_one(connection, client, vault):
                    connection.commit()
                return
        except (psycopg.Error, TwilioException, OSError):
            time.sleep(0.1)


def _send_one(connection: psycopg.Connection[tuple[object, ...]], client: Client, vault: Vault) -> bool:
    row = connection.execute(
        "select m.id, m.person_id, k.wrapped_key, p.sealed, m.sealed_body from messages m"
        " join persons p on p.id = m.person_id join person_keys k on k.person_id = p.id"
        " where m.status = 'QUEUED' limit 1 for update of m skip locked"
    ).fetchone()
    if row is None:
        return False
    message_id, person, wrapped, sealed, body = row
    key = vault.person_key(person, wrapped)  # type: ignore[arg-type]
    number = Person.from_sealed(key.open(sealed)).number_at(0)  # type: ignore[arg-type]
    client.messages.create(to=number, from_=SENDER, body=key.open_text(body))  # type: ignore[arg-type]
    connection.execute("update messages set status = 'ACCEPTED' where id = %s", (message_id,))
    return True


def _parent(process: subprocess.Popen[bytes], children: int) -> psutil.Process:
    """The process whose children die, once they have been born."""
    parent, until = psutil.Process(process.pid), time.monotonic() + 60
    while len(parent.children()) < children and time.monotonic() < until:
        time.sleep(0.05)
    return parent


def _chaos(place: Place, draw: random.Random, victims: object) -> Chaos:
    assert callable(victims)
    return Chaos(victims, place.postgres, place.folder / "postgres", place.redis_url, draw)


def _misfortunes(place: Place, chaos: Chaos, seconds: float) -> None:
    """One after the other, until most is sent: so long at least, and twice as long at most."""
    _ask(f"{place.company_url}/simulator/faults", FAULTS | {"seed": chaos.draw.randrange(1000)})
    began, rest = time.monotonic(), place.still_open() // 5
    while place.still_open() > (0 if time.monotonic() < began + seconds else rest):
        if time.monotonic() > began + 2 * seconds:
            break
        time.sleep(chaos.draw.uniform(0.1, 0.8))
        chaos.strike()
    chaos.end()
    chaos.done.update(_ask(f"{place.company_url}/simulator/faults")["struck"])
    _ask(f"{place.company_url}/simulator/faults", {"listing_lag_seconds": 2})


def _settle(place: Place) -> None:
    """Until every message has its fate."""
    until = time.monotonic() + LONGEST_END
    while place.still_open() and time.monotonic() < until:
        time.sleep(0.5)


def _verdict(place: Place, chaos: Chaos) -> Verdict:
    """The phones are the witness."""
    statuses = place.statuses()
    texts = {number: place.texts(number) for number in statuses}
    count: Counter[str] = Counter()
    for number, status in statuses.items():
        sent, told = texts[number] > 0, status in TOOK
        count["texted"] += sent
        count["doubled"] += texts[number] > 1
        count["called"] += not sent and not told and status not in OPEN
        count["lost"] += status in OPEN or (told and not sent)
        count["untrue"] += sent != told
    return Verdict(
        len(statuses),
        count["texted"],
        count["called"],
        count["doubled"],
        count["lost"],
        count["untrue"],
        dict(chaos.done),
    )


@contextmanager
def place_in(folder: Path, messages: int) -> Iterator[Place]:
    """Servers of its own, people with a queued message each, a phone company."""
    folder.mkdir()
    postgres, redis = EmbeddedPostgres(folder / "postgres"), EmbeddedRedis(folder / "redis")
    plan = folder / "plan.json"
    told = {"account_sid": ACCOUNT, "auth_token": TOKEN, "speed": 5, "our_numbers": [SENDER]}
    plan.write_text(json.dumps(told), encoding="utf-8")
    port = _free_port()
    command = ["-m", "outreach.telephony.simulator", "--port", str(port), "--plan", str(plan)]
    company = _start(command, dict(os.environ))
    try:
        postgres.start()
        url = postgres.create_database("sending")
        place = Place(folder, postgres, url, redis.start(), f"http://127.0.0.1:{port}", _free_port())
        database = Database(url)
        fill(database, messages)
        database.close()
        _wait_for(f"{place.company_url}/simulator/stats")
        yield place
    finally:
        _stop([company])
        redis.stop()
        postgres.stop()


def _start(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *command], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _stop(running: list[subprocess.Popen[bytes]]) -> None:
    """Whatever they were in the middle of."""
    for process in running:
        with suppress(psutil.NoSuchProcess):
            family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
            for member in family:
                with suppress(psutil.NoSuchProcess):
                    member.send_signal(signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(url: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(URLError, OSError), urlopen(url):
            return
        time.sleep(0.2)
    raise TimeoutError(url)


def _ask(url: str, body: object = None) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data=data, method="GET" if body is None else "PUT")
    with urlopen(request) as answer:
        return dict(json.load(answer))


def run(messages: int, seconds: float, seed: int) -> dict[str, Verdict]:
    """Both ways, one after the other."""
    folder = Path(tempfile.mkdtemp(prefix="kill-senders-"))
    folder.chmod(0o755)
    try:
        with place_in(folder / "ours", messages) as place:
            own = ours(place, messages, seconds, random.Random(seed))
        with place_in(folder / "naive", messages) as place:
            naive = send_then_save(place, random.Random(seed), seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {"outreach": own, "send, then save": naive}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=600, help="10,000 at most: each has a phone")
    parser.add_argument("--seconds", type=float, default=30, help="of misfortunes, for each way")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--role", choices=["naive"], help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.role:
        Parent(NAIVE, be_naive, SystemClock()).run()
        return 0
    told = run(chosen.messages, chosen.seconds, chosen.seed)
    if chosen.json:
        print(json.dumps({way: asdict(verdict) for way, verdict in told.items()}))
    else:
        for way, verdict in told.items():
            print(f"{way:16} " + ", ".join(f"{name} {value}" for name, value in asdict(verdict).items()))
    own = told["outreach"]
    return 1 if own.doubled or own.lost or own.untrue else 0


if __name__ == "__main__":
    sys.exit(main())
