"""A platform's name, number and senders are changed once it works; what waits goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from outreach.clock import SetClock
from outreach.domain.messages import MessagePurpose
from outreach.domain.sender_choice import SenderOption
from outreach.errors import InvalidInput, NotFound
from outreach.ids import new_id
from outreach.services.platform_settings import NewSettings, PlatformSettings
from outreach.storage import platform_store, tables
from outreach.storage.database import Database
from outreach.storage.platform_store import Platform
from outreach.storage.vault import Vault
from outreach.telephony.simulator import OUR_NUMBER
from tests.call_list_rows import add_platform
from tests.message_world import MessageWorld, message_world

BY = new_id()
NUMBER, FIRST, SECOND = "+33558000000", "+33974757677", "+33974757679"


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[MessageWorld]:
    with message_world(database, vault, clock) as world:
        yield world


@pytest.fixture
def settings(world: MessageWorld) -> PlatformSettings:
    return PlatformSettings(world.database, world.clock, world.messaging.senders)


def change(settings: PlatformSettings, new: NewSettings, reason: str = "a new line") -> None:
    settings.change("40", new, reason=reason, by=BY)


def read(settings: PlatformSettings) -> Platform:
    with settings.database.begin() as connection:
        return platform_store.read(connection, "40")


def changes_written(settings: PlatformSettings) -> list[list[str]]:
    journal = tables.journal.c
    with settings.database.begin() as connection:
        facts = connection.execute(
            select(journal.facts).where(journal.event == "PLATFORM_CHANGED").order_by(journal.id)
        ).scalars()
        return [each["what"] for each in facts]


def test_a_platform_takes_another_name_and_number_and_the_line_says_why(settings: PlatformSettings) -> None:
    change(settings, NewSettings(" Landes Sud ", "+33 5 58 00 00 00"))
    assert (read(settings).name, read(settings).caller_id) == ("Landes Sud", NUMBER)
    change(settings, NewSettings("Landes Sud", ""))
    assert read(settings).caller_id == ""
    change(settings, NewSettings("Landes Sud", ""))  # nothing new: no line
    assert changes_written(settings) == [["NAME", "NUMBER"], ["NUMBER"]]


@pytest.mark.parametrize(
    ("name", "number", "field"),
    [
        (" ", "", "name"),
        ("Landes", "05 58 00 00 00", "caller_id"),
        ("Landes", "+33 5 58", "caller_id"),
        ("Landes", "+33 5 58 00 00 00 00 00", "caller_id"),
        ("Landes", "+999123456789", "caller_id"),
        ("Landes", "CPAM", "caller_id"),
    ],
)
def test_a_name_or_a_number_that_cannot_be_changes_nothing(
    settings: PlatformSettings, name: str, number: str, field: str
) -> None:
    before = read(settings)
    with pytest.raises(InvalidInput) as refused:
        change(settings, NewSettings(name, number))
    assert refused.value.field == field
    assert (read(settings), changes_written(settings)) == (before, [])


def test_a_number_that_another_platform_presents_is_refused(settings: PlatformSettings) -> None:
    with settings.database.begin() as connection:
        add_platform(connection, "64", settings.clock.now())
    settings.change("64", NewSettings("64", NUMBER), reason="theirs", by=BY)
    with pytest.raises(InvalidInput, match="Platform 64 presents this number"):
        change(settings, NewSettings("Landes", NUMBER))


def test_what_waits_for_a_sender_that_left_goes_by_the_others(
    world: MessageWorld, settings: PlatformSettings
) -> None:
    change(settings, NewSettings("Landes", "", [SenderOption(FIRST)]))
    positive = world.positive("+33639980011")
    with world.database.begin() as connection:
        world.messaging.queueing.queue_missed_call(
            connection, entry_id=positive.entry_id, now=world.clock.now()
        )
    assert [each["sender"] for each in world.messages()] == [FIRST]
    only_told = frozenset({MessagePurpose.CAMPAIGN})
    change(settings, NewSettings("Landes", "", [SenderOption(SECOND), SenderOption(NUMBER, 1, only_told)]))
    assert [each["sender"] for each in world.messages()] == [SECOND]
    change(settings, NewSettings("Landes", "", []))
    assert [each["sender"] for each in world.messages()] == [OUR_NUMBER]
    assert settings.own_senders("40") == []
    assert changes_written(settings) == [["SENDERS"]] * 3
    assert "messages" in world.nudged


def test_senders_that_are_not_named_stay(settings: PlatformSettings) -> None:
    change(settings, NewSettings("Landes", "", [SenderOption(FIRST)]))
    change(settings, NewSettings("Landes Sud", "", None))
    assert settings.own_senders("40") == [SenderOption(FIRST)]


def test_a_list_that_cannot_be_changes_neither_name_nor_senders(settings: PlatformSettings) -> None:
    before = read(settings)
    for odd in ([SenderOption("CPAM Landes")], [SenderOption("no sender at all")], [SenderOption(FIRST)] * 2):
        with pytest.raises(InvalidInput) as refused:
            change(settings, NewSettings("Landes Sud", "", odd))
        assert refused.value.field == "senders"
    assert (read(settings), settings.own_senders("40")) == (before, [])


def test_a_reason_is_needed_and_the_platform_must_be_there(settings: PlatformSettings) -> None:
    with pytest.raises(InvalidInput, match="A reason is needed"):
        change(settings, NewSettings("Landes", ""), reason=" ")
    with pytest.raises(NotFound):
        settings.change("99", NewSettings("Landes", ""), reason="a test", by=BY)
