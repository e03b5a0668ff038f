"""A switch through the API, SMS through the phone company, receipts and replies through signed webhooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from outreach.clock import monotonic
from outreach.storage import tables
from tests.call_list_rows import Listed, add_contact, entry_row
from tests.message_world import give_numbers
from tests.web.conftest import Day

NUMBERS = [f"+3363998{n:04}" for n in range(1, 6)]
SECONDS_TO_WAIT = 20.0


def contacts(day: Day) -> list[Listed]:
    with day.app.database.begin() as connection:
        people = [add_contact(connection, day.app.clock.now()) for _ in NUMBERS]
        for person, number in zip(people, NUMBERS, strict=True):
            give_numbers(connection, day.app.vault, person, (number,))
    return people


def wait_until(true: Callable[[], bool]) -> None:
    """Receipts travel over real HTTP; each look asks the database."""
    deadline = monotonic() + SECONDS_TO_WAIT
    while not true():
        assert monotonic() < deadline


def statuses(day: Day) -> list[str]:
    with day.app.database.begin() as connection:
        return list(connection.execute(select(tables.messages.c.status)).scalars())


def entry(day: Day, person: Listed) -> dict[str, Any]:
    with day.app.database.begin() as connection:
        return entry_row(connection, person.entry_id)


def test_contacts_are_texted_told_of_and_heard(day: Day) -> None:
    people = contacts(day)
    supervisor = day.hire("supervisor")
    seen = supervisor.get("/platforms/40/mode").json()
    answer = supervisor.put(
        "/platforms/40/mode", {"mode": "SMS_CONTACTS", "reason": "wave", "version": seen["version"]}
    )
    assert answer.status_code == 200, answer.text
    day.app.messaging.sending.send_due(most_seconds=10)
    wait_until(lambda: statuses(day) == ["DELIVERED"] * len(NUMBERS))
    assert [len(day.company.texts(number)) for number in NUMBERS] == [1] * len(NUMBERS)

    day.company.set_inbound(sms_url=f"{day.app.settings.public_url}/webhooks/twilio/inbound-message")
    day.company.text_us(NUMBERS[0], "STOP SVP")
    day.company.text_us(NUMBERS[1], "Rappelez-moi")
    day.company.text_us(NUMBERS[2], "ok merci")
    wait_until(lambda: [entry(day, p)["state"] for p in people[:3]] == ["WAITING", "WAITING", "CLOSED"])
    assert [entry(day, person)["call_class"] for person in people[:2]] == [6, 2]
    assert [entry(day, person)["state"] for person in people[3:]] == ["TEXTED", "TEXTED"]

    late = supervisor.put(
        "/platforms/40/mode", {"mode": "NORMAL", "reason": "over", "version": seen["version"]}
    )
    assert late.status_code == 409
    assert "supervisor put SMS_CONTACTS in force" in late.json()["detail"]
