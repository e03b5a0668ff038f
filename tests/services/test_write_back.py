"""Outcomes reach the outside case system at least once, signed, and are never forgotten."""

import hmac
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest
import stamina
from sqlalchemy import select

from outreach.clock import SetClock
from outreach.services.case_system import CaseSystem
from outreach.services.case_system_words import LONGEST_TELL_SECONDS
from outreach.services.write_back import BATCH, MOST_TRIES, WriteBack, pause_after
from outreach.storage import alarm_store, outbox, tables
from outreach.storage.database import Database

SECRET = b"shared with the case system"


@dataclass
class OutsideSystem:
    """A real HTTP server that keeps what it was told; `answers` are given first, then 204."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    before_answer: Callable[[], None] = lambda: None
    told: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def ids(self) -> list[str]:
        return [headers["Idempotency-Key"] for headers, _ in self.told]


@pytest.fixture
def outside() -> Iterator[OutsideSystem]:
    system = OutsideSystem()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            system.told.append((dict(self.headers), body))
            system.before_answer()
            self.send_response(system.answers.pop(0) if system.answers else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    system.url = f"http://127.0.0.1:{server.server_port}/outcomes"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    with stamina.set_testing(True, attempts=1):
        yield system
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def write_back(database: Database, clock: SetClock, outside: OutsideSystem) -> WriteBack:
    return WriteBack(database, clock, CaseSystem(outside.url, SECRET))


def _promise(database: Database, clock: SetClock, count: int = 1) -> list[UUID]:
    with database.begin() as connection:
        return [
            outbox.add(connection, "40", "OUTCOME", {"outcome": "COMPLETED", "n": n}, clock.now())
            for n in range(count)
        ]


def _rows(database: Database) -> list[Any]:
    with database.begin() as connection:
        return list(connection.execute(select(tables.outbox).order_by(tables.outbox.c.id)))


def test_each_entry_is_told_once_in_order(
    write_back: WriteBack, outside: OutsideSystem, database: Database, clock: SetClock, platform: str
) -> None:
    ids = _promise(database, clock, 120)
    assert write_back.publish().delivered == 120
    assert outside.ids() == [str(each) for each in ids]
    assert write_back.publish().delivered == 0


def test_the_signature_covers_the_moment_and_the_body(
    write_back: WriteBack, outside: OutsideSystem, database: Database, clock: SetClock, platform: str
) -> None:
    _promise(database, clock)
    write_back.publish()
    ((headers, body),) = outside.told
    moment, given = (part.split("=")[1] for part in headers["Outreach-Signature"].split(","))
    assert given == hmac.digest(SECRET, f"{moment}.".encode() + body, "sha256").hex()
    assert int(moment) == int(clock.now().timestamp())
    assert json.loads(body)["payload"] == {"outcome": "COMPLETED", "n": 0}


@pytest.mark.parametrize("status", [500, 503, 404, 400, 302])
def test_a_refused_entry_is_tried_again_later_with_the_same_key(
    status: int,
    write_back: WriteBack,
    outside: OutsideSystem,
    database: Database,
    clock: SetClock,
    platform: str,
) -> None:
    (entry_id,) = _promise(database, clock)
    outside.answers = [status]
    assert write_back.publish().failed == 1
    assert _rows(database)[0].last_error == f"HTTP {status}"
    assert write_back.publish() == write_back.publish()
    clock.advance(pause_after(1))
    assert write_back.publish().delivered == 1
    assert outside.ids() == [str(entry_id)] * 2


def test_a_short_refusal_is_tried_again_at_once(
    write_back: WriteBack, outside: OutsideSystem, database: Database, clock: SetClock, platform: str
) -> None:
    _promise(database, clock)
    outside.answers = [503, 429]
    with stamina.set_testing(True, attempts=3):
        assert write_back.publish().delivered == 1


def test_when_nobody_answers_the_others_wait_untried(
    database: Database, clock: SetClock, platform: str
) -> None:
    _promise(database, clock, 10)
    silent = WriteBack(database, clock, CaseSystem("http://127.0.0.1:9/outcomes", SECRET))
    with stamina.set_testing(True, attempts=1):
        assert silent.publish().failed == 3
    assert sorted(row.tries for row in _rows(database)) == [0] * 7 + [1] * 3


def test_after_the_last_try_it_is_a_dead_letter_with_an_alarm_and_can_be_replayed(
    write_back: WriteBack, outside: OutsideSystem, database: Database, clock: SetClock, platform: str
) -> None:
    (entry_id,) = _promise(database, clock)
    outside.answers = [500] * MOST_TRIES
    for tries in range(1, MOST_TRIES + 1):
        run = write_back.publish()
        clock.advance(pause_after(tries))
    assert run.dead == 1
    assert write_back.publish().delivered == 0
    assert [letter["id"] for letter in write_back.dead_letters(["40"])] == [entry_id]
    with database.begin() as connection:
        assert [a["kind"] for a in alarm_store.open_alarms(connection, ["40"], most=5)] == ["WRITE_BACK_DEAD"]
    assert write_back.replay_dead(platform="33") == 0
    assert write_back.replay_dead(platform="40") == 1
    assert write_back.publish().delivered == 1
    assert write_back.figures(platform="40").delivered == 1


def test_a_publisher_that_dies_leaves_its_entries_due(
    write_back: WriteBack, outside: OutsideSystem, database: Database, clock: SetClock, platform: str
) -> None:
    (entry_id,) = _promise(database, clock)
    with database.begin() as connection:
        outbox.claim_due(connection, now=clock.now(), most=5, claim_seconds=60)
    assert write_back.publish().delivered == 0
    clock.advance(timedelta(seconds=60))
    assert write_back.publish().delivered == 1
    assert outside.ids() == [str(entry_id)]


def test_two_publishers_never_hold_the_same_entry(database: Database, clock: SetClock, platform: str) -> None:
    _promise(database, clock, 4)
    with database.begin() as one, database.begin() as other:
        first = outbox.claim_due(one, now=clock.now(), most=3, claim_seconds=60)
        second = outbox.claim_due(other, now=clock.now(), most=3, claim_seconds=60)
    assert (len(first), len(second)) == (3, 1)
    assert not {entry.id for entry in first} & {entry.id for entry in second}


def test_while_a_slow_system_is_told_a_batch_nobody_else_tells_the_same(
    write_back: WriteBack, outside: OutsideSystem, database: Database, clock: SetClock, platform: str
) -> None:
    _promise(database, clock, BATCH)
    claimed_meanwhile: list[int] = []

    def answer_late() -> None:
        clock.advance(timedelta(seconds=LONGEST_TELL_SECONDS))
        with database.begin() as connection:
            again = outbox.claim_due(connection, now=clock.now(), most=BATCH, claim_seconds=60)
        claimed_meanwhile.append(len(again))

    outside.before_answer = answer_late
    assert write_back.publish().delivered == BATCH
    assert claimed_meanwhile == [0] * BATCH


def test_an_entry_of_a_rolled_back_outcome_is_never_told(
    write_back: WriteBack, outside: OutsideSystem, database: Database, clock: SetClock, platform: str
) -> None:
    with database.engine.connect() as connection:
        outbox.add(connection, "40", "OUTCOME", {}, clock.now())
        connection.rollback()
    assert write_back.publish().delivered == 0


def test_without_an_address_entries_wait(database: Database, clock: SetClock, platform: str) -> None:
    _promise(database, clock)
    waiting = WriteBack(database, clock, None)
    assert waiting.publish().delivered == 0
    assert waiting.figures().waiting == 1
