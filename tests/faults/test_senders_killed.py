"""Senders killed at any step, or frozen, or racing: nobody is texted twice, and nobody is lost."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from outreach.clock import SetClock, monotonic
from outreach.domain.load_shedding import Mode
from outreach.services.callback_urls import CallbackUrls
from outreach.services.messaging import Messaging, build_messaging
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.call_list_rows import Listed
from tests.message_world import MessageWorld, message_world, scripts_of, settings_for

PEOPLE = 12
NUMBERS = [f"+3363998{n:04}" for n in range(1, PEOPLE + 1)]


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[MessageWorld]:
    with message_world(database, vault, clock) as world:
        yield world


@pytest.fixture
def people(world: MessageWorld) -> dict[str, Listed]:
    """A dozen contacts whom the mode sheds."""
    people = {number: world.contact(number) for number in NUMBERS}
    world.put_mode(Mode.SMS_CONTACTS)
    return people


def start_sender(
    world: MessageWorld, die_at: str, *, after: int = 1, batch: int = 5
) -> subprocess.Popen[bytes]:
    """A sender process that kills itself when it passes a step for the nth time."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.sender_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    told = {
        "database_url": world.database.url,
        "company_url": world.company.url,
        "listener_url": world.listener.url,
        "master_key": world.vault.master_key.decode(),
        "now": world.clock.now().isoformat(),
        "die_at": die_at,
        "batch": batch,
    }
    assert process.stdin is not None
    process.stdin.write(json.dumps(told).encode())
    process.stdin.close()
    return process


def ended(process: subprocess.Popen[bytes]) -> int:
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    code = process.wait(60)
    assert code in (0, -signal.SIGKILL), said.decode()
    return code


SECONDS_UNTIL_A_DEATH_SHOWS = 10.0


def repair(world: MessageWorld) -> None:
    """What the sweeps do in the minutes that follow, with a sender at work again."""
    sweeps = world.messaging.sweeps
    until = monotonic() + SECONDS_UNTIL_A_DEATH_SHOWS
    while any(row["status"] == "SENDING" for row in world.messages()) and monotonic() < until:
        sweeps.doubt_the_dead()  # PostgreSQL frees a dead sender's lock once it sees the closed socket
    world.send()
    world.clock.advance(timedelta(seconds=121))
    sweeps.settle_uncertain()
    world.send()


def check_nobody_twice_nobody_lost(world: MessageWorld, people: dict[str, Listed]) -> dict[str, str]:
    """The phones are the witness; where each person stands in the end."""
    standing = {}
    for number, listed in people.items():
        texts, entry = len(world.texts(number)), world.entry(listed)
        assert texts <= 1, "texted twice"
        if entry["state"] == "TEXTED":
            assert texts == 1, "waits for an SMS that never went"
        else:
            assert (entry["state"], entry["call_class"]) == ("WAITING", 6), "lost"
        standing[number] = str(entry["state"])
    statuses = {message["status"] for message in world.messages()}
    assert not statuses & {"QUEUED", "SENDING", "UNCERTAIN"}
    return standing


@pytest.mark.parametrize(
    ("step", "texted"),
    [
        ("claimed", PEOPLE - 5),  # five were never posted: they are called
        ("posted", PEOPLE),  # the answers of five died with it: the list settles them
        ("saved", PEOPLE),
    ],
)
def test_a_sender_killed_at_any_step_texts_nobody_twice_and_loses_nobody(
    world: MessageWorld, people: dict[str, Listed], step: str, texted: int
) -> None:
    world.company.set_faults(webhook_lost={"probability": 1})
    assert ended(start_sender(world, step)) == -signal.SIGKILL
    repair(world)
    standing = check_nobody_twice_nobody_lost(world, people)
    assert list(standing.values()).count("TEXTED") == texted


def test_callbacks_settle_what_a_dead_sender_had_posted(
    world: MessageWorld, people: dict[str, Listed]
) -> None:
    assert ended(start_sender(world, "posted")) == -signal.SIGKILL
    for _ in range(5):
        world.apply_next("delivered")
    assert world.messaging.sweeps.doubt_the_dead() == 0
    assert [message["status"] for message in world.messages()] == ["DELIVERED"] * 5
    repair(world)
    assert set(check_nobody_twice_nobody_lost(world, people).values()) == {"TEXTED"}


def test_a_sender_killed_while_the_provider_hangs_loses_nobody(
    world: MessageWorld, people: dict[str, Listed]
) -> None:
    world.company.set_faults(hang_after={"next": 5}, webhook_lost={"probability": 1})
    sender = start_sender(world, "never")
    while sum(len(world.texts(number)) for number in NUMBERS) < 5:
        assert sender.poll() is None
    sender.kill()
    ended(sender)
    repair(world)
    assert set(check_nobody_twice_nobody_lost(world, people).values()) == {"TEXTED"}


def test_many_random_deaths_and_faults_text_nobody_twice_and_lose_nobody(
    world: MessageWorld, people: dict[str, Listed]
) -> None:
    draw = random.Random(7)
    for _ in range(3):
        world.company.set_faults(
            seed=draw.randrange(1000),
            error_before={"probability": 0.1},
            error_after={"probability": 0.1},
            reset_after={"probability": 0.1},
            slow_down={"probability": 0.1},
            webhook_lost={"probability": 1},
        )
        step = draw.choice(["claimed", "posted", "saved"])
        ended(start_sender(world, step, batch=2))
        world.messaging.sweeps.doubt_the_dead()
        world.clock.advance(timedelta(seconds=2))
    world.company.set_faults(webhook_lost={"probability": 1})
    repair(world)
    check_nobody_twice_nobody_lost(world, people)


def test_two_senders_at_once_text_everybody_once(world: MessageWorld, people: dict[str, Listed]) -> None:
    senders = [start_sender(world, "never", batch=2) for _ in range(2)]
    assert [ended(sender) for sender in senders] == [0, 0]
    assert set(check_nobody_twice_nobody_lost(world, people).values()) == {"TEXTED"}
    assert [len(world.texts(number)) for number in NUMBERS] == [1] * PEOPLE


def test_two_senders_in_one_process_text_each_household_once(
    world: MessageWorld, people: dict[str, Listed]
) -> None:
    relatives = [world.contact(number, household=True) for number in NUMBERS for _ in range(2)]
    threads = [threading.Thread(target=world.messaging.sending.send_due) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(world.texts(number)) for number in NUMBERS] == [1] * PEOPLE
    assert {world.entry(relative)["state"] for relative in relatives} == {"TEXTED"}


def test_the_lanes_of_one_sender_text_everybody_once(
    database: Database, vault: Vault, clock: SetClock, platform: str
) -> None:
    with message_world(database, vault, clock, lanes=3, batch=2) as world:
        people = {number: world.contact(number) for number in NUMBERS}
        world.put_mode(Mode.SMS_CONTACTS)
        world.send()
        assert set(check_nobody_twice_nobody_lost(world, people).values()) == {"TEXTED"}


def _sending_with(world: MessageWorld, at_step: str, act: Callable[[], None]) -> Messaging:
    def checkpoint(step: str) -> None:
        if step == at_step:
            act()

    return build_messaging(
        database=world.database,
        vault=world.vault,
        clock=world.clock,
        provider=world.provider,
        urls=CallbackUrls(world.listener.url, world.vault.signing_key),
        scripts=scripts_of(world.database),
        settings=settings_for(),
        nudge=lambda _queue: None,
        checkpoint=checkpoint,
    )


def _break_the_locks(world: MessageWorld) -> None:
    """As a crash of the database does: the sessions of every sender end, their locks with them."""
    with world.database.begin() as connection:
        connection.execute(
            text(
                "select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory'"
                " and granted and database = (select oid from pg_database where datname = current_database())"
            )
        )


def test_a_sender_that_lost_its_lock_before_posting_posts_nothing(
    world: MessageWorld, people: dict[str, Listed]
) -> None:
    broken = _sending_with(world, "claimed", lambda: _break_the_locks(world))
    with pytest.raises(DBAPIError):
        broken.sending.send_due()
    assert [world.texts(number) for number in NUMBERS] == [[]] * PEOPLE
    repair(world)
    check_nobody_twice_nobody_lost(world, people)


def test_a_frozen_sender_that_wakes_after_it_was_doubted_still_saves_the_truth(
    world: MessageWorld, people: dict[str, Listed]
) -> None:
    world.company.set_faults(webhook_lost={"probability": 1})

    def frozen_meanwhile() -> None:
        _break_the_locks(world)
        assert world.messaging.sweeps.doubt_the_dead() == PEOPLE

    slow = _sending_with(world, "posted", frozen_meanwhile)
    slow.sending.send_due()
    assert {message["status"] for message in world.messages()} == {"ACCEPTED"}
    assert set(check_nobody_twice_nobody_lost(world, people).values()) == {"TEXTED"}


def test_while_reports_come_twice_late_and_out_of_order_each_message_ends_where_it_should(
    world: MessageWorld, people: dict[str, Listed]
) -> None:
    world.company.set_faults(
        webhook_repeated={"probability": 0.5}, webhook_reordered={"probability": 0.5}, error_after={"next": 4}
    )
    world.send()
    while {message["status"] for message in world.messages()} != {"DELIVERED"}:
        world.apply(world.listener.next(lambda posted: "MessageStatus" in posted.fields))
    assert len(world.journal("ATTEMPT_OUTCOME")) == PEOPLE
    check_nobody_twice_nobody_lost(world, people)
