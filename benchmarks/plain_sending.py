"""The plain way to send SMS, to compare with: one RQ job each, the official client, one commit an answer."""

from __future__ import annotations

import json
import os

import psycopg
from redis import Redis
from rq import Queue, Worker
from twilio.rest import Client

from benchmarks.sending_world import ACCOUNT, KEY, SENDER, TOKEN, Servers
from outreach.domain.case_records import Person
from outreach.storage.vault import Vault
from outreach.telephony.sdk_http import TWILIO_API_URL

SERVERS = "BENCHMARK_SERVERS"
QUEUE = "plain"
_CLAIM = """
    update messages m set status = 'SENDING' from persons p, person_keys k
    where m.id = %s and p.id = m.person_id and k.person_id = p.id
    returning m.person_id, k.wrapped_key, p.sealed, m.sealed_body
"""


def enqueue(servers: Servers, most: int) -> None:
    """A job for each of the first queued messages."""
    queue = Queue(QUEUE, connection=Redis.from_url(servers.redis_url))
    with psycopg.connect(servers.database_url) as connection:
        rows = connection.execute("select id from messages where status = 'QUEUED' limit %s", (most,))
        queue.enqueue_many(
            [Queue.prepare_data("benchmarks.plain_sending.send_one", (str(row[0]),)) for row in rows]
        )


def send_one(message_id: str) -> None:
    """Claim, post, save."""
    servers = Servers(**json.loads(os.environ[SERVERS]))
    with psycopg.connect(servers.database_url) as connection:
        row = connection.execute(_CLAIM, (message_id,)).fetchone()
        assert row is not None
        connection.commit()
        key = Vault(KEY.encode()).person_key(row[0], row[1])
        sent = _client(servers).messages.create(
            to=Person.from_sealed(key.open(row[2])).number_at(0), from_=SENDER, body=key.open_text(row[3])
        )
        connection.execute(
            "update messages set status = 'ACCEPTED', provider_sid = %s where id = %s", (sent.sid, message_id)
        )


def _client(servers: Servers) -> Client:
    client = Client(ACCOUNT, TOKEN)
    client.api.base_url = servers.carrier_url
    return client


def work() -> None:
    """One of RQ's own workers, as its documentation starts it, until it is ended."""
    servers = Servers(**json.loads(os.environ[SERVERS]))
    Client(ACCOUNT, TOKEN).messages  # noqa: B018 - its code is loaded here, once, and not in every job
    assert TWILIO_API_URL.startswith("https")
    Worker([QUEUE], connection=Redis.from_url(servers.redis_url)).work(logging_level="ERROR")
