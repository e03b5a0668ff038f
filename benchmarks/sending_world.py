"""What the benchmarks of sending need: servers, a carrier, and people with a queued message each."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from sqlalchemy import insert, text

import outreach.storage.ddl  # noqa: F401 - the journal's guard is made with its table
from outreach.config import Settings
from outreach.domain.case_records import Person
from outreach.domain.messages import URGENCY_OF, MessagePurpose, MessageStatus
from outreach.domain.phone_numbers import LineType, PhoneNumber
from outreach.ids import new_id
from outreach.queues.embedded_redis import EmbeddedRedis
from outreach.storage import tables
from outreach.storage.bulk import copy_rows
from outreach.storage.database import Database
from outreach.storage.embedded_postgres import EmbeddedPostgres
from outreach.storage.vault import Vault

KEY = "a master key for the benchmark only!"
ACCOUNT, TOKEN, SENDER = "AC" + "0" * 32, "token", "+33939980001"
TEXT = (
    "CPAM Landes : vous, et les personnes joignables à ce numéro, êtes concernés par des consignes à suivre "
    "dès maintenant : ameli.fr. Répondez OK après lecture, RAPPEL pour être appelé, STOP pour ne plus "
    "recevoir de SMS."
)
SEGMENTS = 2
NOW = datetime.now(UTC)
PIECE = 5_000


@dataclass(frozen=True)
class Servers:
    """Where everything is."""

    database_url: str
    redis_url: str
    carrier_url: str

    def taken(self) -> int:
        with urlopen(self.carrier_url + "/taken") as answer:
            return int(json.load(answer)["taken"])


def settings(servers: Servers) -> Settings:
    return Settings(
        database_url=servers.database_url,
        redis_url=servers.redis_url,
        secret_key=KEY,
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        twilio_api_url=servers.carrier_url,
        twilio_caller_id=SENDER,
        sms_segments_per_second=10_000,
        sms_from_hour=0,
        sms_until_hour=24,
        log_level="ERROR",
    )


def fill(database: Database, messages: int) -> None:
    """People with one mobile each, and a queued campaign message for each of them."""
    tables.metadata.create_all(database.engine)
    vault = Vault(KEY.encode())
    with database.begin() as connection:
        connection.execute(
            insert(tables.platforms).values(
                code="40", name="Landes", time_zone="Europe/Paris", department="40", created_at=NOW
            )
        )
        connection.execute(
            insert(tables.platform_modes).values(
                platform="40", mode="NORMAL", level=0, version=1, reason="start", starts_at=NOW
            )
        )
    for first in range(0, messages, PIECE):
        _fill_piece(database, vault, range(first, min(messages, first + PIECE)))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))


def _fill_piece(database: Database, vault: Vault, numbers: range) -> None:
    people: list[tuple[Any, ...]] = []
    keys: list[tuple[Any, ...]] = []
    lines: list[tuple[Any, ...]] = []
    texts: list[tuple[Any, ...]] = []
    for number in numbers:
        person_id, e164 = new_id(), f"+3363998{number % 10_000:04}"
        key, wrapped = vault.new_person_key(person_id)
        phone = PhoneNumber(e164, e164, "FR", LineType.MOBILE, "Europe/Paris")
        sealed = key.seal(Person("Dupont", "Camille", phones=(phone,)).to_sealed())
        people.append((person_id, "40", sealed, "Europe/Paris", NOW))
        keys.append((person_id, wrapped))
        index = vault.number_index(f"{e164}/{number}")  # a household of one each
        lines.append((person_id, 0, index, "MOBILE", True, "Europe/Paris"))
        texts.append(_message(person_id, index, key.seal_text(TEXT)))
    with database.begin() as connection:
        copy_rows(connection, tables.persons, ("id", "platform", "sealed", "time_zone", "created_at"), people)
        copy_rows(connection, tables.person_keys, ("person_id", "wrapped_key"), keys)
        copy_rows(connection, tables.person_phones, _LINE_COLUMNS, lines)
        copy_rows(connection, tables.messages, tuple(_MESSAGE), texts)


_LINE_COLUMNS = ("person_id", "position", "number_index", "line_type", "can_sms", "time_zone")
_MESSAGE: dict[str, Any] = {
    "id": None,
    "platform": "40",
    "person_id": None,
    "purpose": MessagePurpose.CAMPAIGN.value,
    "status": MessageStatus.QUEUED.value,
    "urgency": int(URGENCY_OF[MessagePurpose.CAMPAIGN]),
    "number_index": None,
    "phone_position": 0,
    "sender": SENDER,
    "template": "campaign",
    "template_version": 1,
    "mode_version": 1,
    "language": "fr",
    "sealed_body": None,
    "segments": SEGMENTS,
    "send_id": None,
    "tries": 0,
    "not_before": NOW,
    "useful_until": NOW + timedelta(days=2),
    "created_at": NOW,
}


def _message(person_id: object, index: bytes, body: bytes) -> tuple[Any, ...]:
    own = {"person_id": person_id, "number_index": index, "sealed_body": body}
    return tuple((_MESSAGE | {"id": new_id(), "send_id": new_id()} | own).values())


@contextmanager
def servers_in(folder: Path, latency: float) -> Iterator[Servers]:
    postgres, redis = EmbeddedPostgres(folder / "postgres"), EmbeddedRedis(folder / "redis")
    command = [sys.executable, "-m", "benchmarks.carrier", "--latency", str(latency)]
    carrier = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert carrier.stdout is not None
        postgres.start()
        yield Servers(
            postgres.create_database("sending"),
            redis.start(),
            f"http://127.0.0.1:{carrier.stdout.readline().strip()}",
        )
    finally:
        carrier.kill()
        redis.stop()
        postgres.stop()
