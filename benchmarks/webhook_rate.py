"""How many receipts of messages one web process takes, and whether any is lost when it is killed.

    python -m benchmarks.webhook_rate [--messages 10000] [--connections 64] [--json]

Each message stands for a contact's call; the phone company says "sent", then "delivered" of it: signed forms,
each with its idempotency token. First all of them at full speed; then half as many while the web process is
killed and started again: what was answered 204 before must be in the database, and in the end every message
is delivered once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode
from uuid import UUID, uuid4

import psutil
import uvloop
from sqlalchemy import text
from twilio.request_validator import RequestValidator

import outreach.storage.ddl  # noqa: F401 - the journal's guard is made with its table
from benchmarks.http_load import Line, open_line, post
from benchmarks.lease_http import free_port, processor_seconds, wait_for
from outreach.queues.embedded_redis import EmbeddedRedis
from outreach.services.callback_urls import CallbackUrls, Webhook
from outreach.storage import tables
from outreach.storage.database import Database
from outreach.storage.embedded_postgres import EmbeddedPostgres
from outreach.storage.vault import Vault

KEY = "a master key for the benchmark only!"
PUBLIC_URL, ACCOUNT, TOKEN, SENDER = "https://outreach.example", "AC" + "0" * 32, "token", "+33939980001"
APART = 200  # "delivered" comes so many events after "sent"
FILL = """
create temporary table numbered on commit drop as
  select n, gen_random_uuid() as id, gen_random_uuid() as message_id, now() as at,
    now() + interval '1 day' as tomorrow
  from generate_series(1, :messages) n;
insert into persons (id, platform, time_zone, created_at) select id, '40', 'Europe/Paris', at from numbered;
insert into case_records (id, platform, person_id, kind, listed_at, deadline)
  select id, '40', id, 'CONTACT', at, tomorrow from numbered;
insert into case_references (platform, source, external_id, case_record_id, content_digest, created_at)
  select '40', 'LAB', :name || n, id, '', at from numbered;
insert into messages (id, platform, person_id, case_record_id, entry_id, purpose, status, urgency,
    number_index, phone_position, sender, template, template_version, mode_version, language, segments,
    send_id, not_before, useful_until, created_at, accepted_at, provider_sid)
  select message_id, '40', id, id, id, 'CONTACT_INFORMED', 'ACCEPTED', 1, int8send(n), 0, '+33939980001', 'x',
    1, 1, 'fr', 2, gen_random_uuid(), at, tomorrow, at, at, 'SM' || replace(cast(id as text), '-', '')
  from numbered;
insert into call_list_entries (id, platform, case_record_id, person_id, purpose, state, call_class,
    effective_deadline, deadline, shed_level, number_index, entered_at, message_id)
  select id, '40', id, id, 'INFORM', 'TEXTED', 5, tomorrow, tomorrow, 3, int8send(n), at, message_id
  from numbered
"""
ACCEPTED = "select send_id, provider_sid from messages where status = 'ACCEPTED' order by id"


@dataclass(frozen=True)
class Receipt:
    """One webhook: its request, and the end of the key under which it is stored."""

    request: bytes
    token: str


@dataclass
class Taken:
    """What was answered 204, and how long each took (milliseconds, of the answer that counted)."""

    answered: set[str] = field(default_factory=set)
    took: list[float] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)


def prepare(database: Database) -> None:
    tables.metadata.create_all(database.engine)
    with database.begin() as connection:
        connection.execute(
            text(
                "insert into platforms (code, name, time_zone, department, created_at)"
                " values ('40', 'Landes', 'Europe/Paris', '40', now())"
            )
        )


def fill(database: Database, messages: int, name: str) -> list[tuple[UUID, str]]:
    """So many messages accepted by the phone company; send id and sid of each."""
    with database.begin() as connection:
        for statement in FILL.split(";"):
            connection.execute(text(statement), {"messages": messages, "name": name})
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))
        return [(row.send_id, row.provider_sid) for row in connection.execute(text(ACCEPTED))]


def receipts(messages: list[tuple[UUID, str]]) -> list[Receipt]:
    """In the order of their arrival, signed before the time runs."""
    urls = CallbackUrls(PUBLIC_URL, Vault(KEY.encode()).signing_key)
    sent = [_receipt(urls, send_id, sid, "sent") for send_id, sid in messages]
    delivered = [_receipt(urls, send_id, sid, "delivered") for send_id, sid in messages]
    mixed: list[Receipt] = sent[:APART]
    for later, earlier in zip(sent[APART:], delivered, strict=False):
        mixed += [later, earlier]
    return mixed + delivered[max(0, len(sent) - APART) :]


def _receipt(urls: CallbackUrls, send_id: UUID, sid: str, word: str) -> Receipt:
    form = {
        "SmsSid": sid,
        "SmsStatus": word,
        "MessageStatus": word,
        "To": "+33639980012",
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": SENDER,
        "ApiVersion": "2010-04-01",
        "MessagingServiceSid": "MG" + "0" * 32,
        "RawDlrDoneDate": "2611220128",
    }
    path, token = urls.path(Webhook.MESSAGE_STATUS, send_id), str(uuid4())
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        "User-Agent": "TwilioProxy/1.1",
        "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(PUBLIC_URL + path, form),
        "I-Twilio-Idempotency-Token": token,
    }
    return Receipt(post(path, urlencode(form).encode(), headers), token)


async def post_all(port: int, waiting: list[Receipt], connections: int, taken: Taken) -> None:
    """Each connection takes the next receipt when its last one is answered; an unanswered one comes again."""
    waiting = waiting[::-1]

    async def work() -> None:
        line: Line | None = None
        while waiting:
            receipt = waiting.pop()
            began = time.perf_counter()
            try:
                line = line or await open_line(port)
                answer = await line.ask(receipt.request)
            except (OSError, asyncio.IncompleteReadError):
                line = None
                waiting.append(receipt)
                await asyncio.sleep(0.05)
                continue
            if answer.status != 204:
                taken.refused.append(answer.status)
                waiting.insert(0, receipt)
                continue
            taken.took.append((time.perf_counter() - began) * 1000)
            taken.answered.add(receipt.token)
        if line is not None:
            line.writer.close()

    await asyncio.gather(*(work() for _ in range(connections)))


@dataclass
class Web:
    """The web process, to be killed and started again."""

    database_url: str
    redis_url: str
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        named = {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": KEY,
            "PUBLIC_URL": PUBLIC_URL,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_CALLER_ID": SENDER,
        }
        environment = os.environ | {f"OUTREACH_{name}": value for name, value in named.items()}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.served", str(self.port)], env=environment
        )
        wait_for(f"http://127.0.0.1:{self.port}")

    def kill(self) -> None:
        """SIGKILL: no last word."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def postgres_seconds(database: Database) -> float:
    """Processor time of the whole server, those of its processes that ended included."""
    with database.begin() as connection:
        backend = int(connection.execute(text("select pg_backend_pid()")).scalar_one())
    postmaster = psutil.Process(backend).parent()
    assert postmaster is not None
    own = postmaster.cpu_times()
    living = [process.cpu_times() for process in postmaster.children()]
    ended = own.children_user + own.children_system
    return float(own.user + own.system + ended + sum(times.user + times.system for times in living))


def tokens_kept(database: Database) -> list[str]:
    with database.begin() as connection:
        keys = connection.execute(text("select key from provider_events")).scalars()
        return [key.rsplit(":", 1)[1] for key in keys]


def measure_rate(database: Database, web: Web, messages: int, connections: int) -> dict[str, float]:
    waiting, taken = receipts(fill(database, messages, "rate-")), Taken()
    processor, postgres, own = processor_seconds(web.port), postgres_seconds(database), time.process_time()
    began = time.perf_counter()
    uvloop.run(post_all(web.port, waiting, connections, taken))
    seconds = time.perf_counter() - began
    events = len(waiting)
    cuts = quantiles(taken.took, n=100, method="inclusive")
    return {
        "events": events,
        "per_s": round(events / seconds),
        "p50_ms": round(cuts[49], 1),
        "p99_ms": round(cuts[98], 1),
        "web_processor_us": round((processor_seconds(web.port) - processor) / events * 1e6),
        "postgres_processor_us": round((postgres_seconds(database) - postgres) / events * 1e6),
        "generator_processor_us": round((time.process_time() - own) / events * 1e6),
        "refused": len(taken.refused),
    }


async def _with_kill(
    database: Database, web: Web, waiting: list[Receipt], connections: int
) -> dict[str, int]:
    taken = Taken()
    posting = asyncio.create_task(post_all(web.port, waiting, connections, taken))
    while len(taken.answered) < len(waiting) // 3:
        await asyncio.sleep(0.002)
    web.kill()
    await asyncio.sleep(0.1)  # answers still on their way to us
    answered = set(taken.answered)
    lost = len(answered.difference(tokens_kept(database)))
    await asyncio.to_thread(web.start)
    await posting
    return {"answered_before_the_kill": len(answered), "lost_after_204": lost}


def measure_kill(database: Database, web: Web, messages: int, connections: int) -> dict[str, int]:
    waiting = receipts(fill(database, messages, "kill-"))
    found = uvloop.run(_with_kill(database, web, waiting, connections))
    kept = tokens_kept(database)
    with database.begin() as connection:
        standing = connection.execute(text("select count(*) from messages where status <> 'DELIVERED'"))
        not_delivered = standing.scalar_one()
    return {**found, "kept_twice": len(kept) - len(set(kept)), "not_delivered_in_the_end": not_delivered}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=10_000)
    options.add_argument("--connections", type=int, default=64)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="outreach-webhook-rate-"))
    folder.chmod(0o755)
    postgres, redis = EmbeddedPostgres(folder / "postgres"), EmbeddedRedis(folder / "redis")
    postgres.start()
    database = Database(postgres.create_database("webhooks"))
    web = Web(database.url, redis.start())
    try:
        prepare(database)
        web.start()
        rate = measure_rate(database, web, chosen.messages, chosen.connections)
        killed = measure_kill(database, web, chosen.messages // 2, chosen.connections)
    finally:
        web.kill()
        database.close()
        redis.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps({"rate": rate, "killed": killed}, indent=None if chosen.json else 2))
    return int(bool(killed["lost_after_204"] or killed["kept_twice"] or killed["not_delivered_in_the_end"]))


if __name__ == "__main__":
    sys.exit(main())
