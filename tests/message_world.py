"""People who can be texted, a phone company to text them through, and all services of messages between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from outreach.clock import SetClock
from outreach.domain.case_records import Person
from outreach.domain.load_shedding import Mode
from outreach.domain.phone_numbers import LineType, PhoneNumber
from outreach.rendering.catalog import shipped_catalog
from outreach.services.call_reports import Effect
from outreach.services.callback_urls import CallbackUrls
from outreach.services.load_shedding_switch import LoadSheddingSwitch
from outreach.services.message_settings import MessageSettings
from outreach.services.messaging import Messaging, build_messaging
from outreach.services.scripts import Scripts
from outreach.services.text_settings import TextSettings
from outreach.storage import tables
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from outreach.telephony.provider import TelephonyProvider
from outreach.telephony.simulator import OUR_NUMBER
from outreach.telephony.webhooks import InboundMessage, MessageReport, MessageWord
from tests.call_list_rows import Listed, add_contact, add_positive, entry_row
from tests.phone_company import Listener, PhoneCompany, Posted, listening, running_phone_company

PUBLIC_PATH = "/webhooks/twilio/message-status/"


@dataclass
class MessageWorld:
    """Everything a test of messages needs, on real servers; the clock stands where the test puts it."""

    database: Database
    vault: Vault
    clock: SetClock
    company: PhoneCompany
    listener: Listener
    provider: TelephonyProvider
    messaging: Messaging
    switch: LoadSheddingSwitch
    nudged: list[str] = field(default_factory=list)

    def contact(self, number: str, *more: str, **facts: Any) -> Listed:
        """A contact reached at a number, then at others."""
        return self._listed(add_contact, (number, *more), facts)

    def positive(self, number: str, *more: str, **facts: Any) -> Listed:
        return self._listed(add_positive, (number, *more), facts)

    def _listed(self, add: Callable[..., Listed], numbers: tuple[str, ...], facts: dict[str, Any]) -> Listed:
        with self.database.begin() as connection:
            listed = add(connection, self.clock.now(), numbers=len(numbers), **facts)
            give_numbers(connection, self.vault, listed, numbers)
        return listed

    def put_mode(self, mode: Mode, *, ends_at: datetime | None = None) -> None:
        """As a supervisor does."""
        version = self.switch.show("40").version
        self.switch.switch(
            "40", mode, reason="a test", author_id=None, expected_version=version, ends_at=ends_at
        )

    def send(self) -> None:
        self.messaging.sending.send_due(most_seconds=20)

    def entry(self, listed: Listed) -> dict[str, Any]:
        with self.database.begin() as connection:
            return entry_row(connection, listed.entry_id)

    def messages(self) -> list[dict[str, Any]]:
        with self.database.begin() as connection:
            rows = connection.execute(select(tables.messages).order_by(tables.messages.c.id))
            return [dict(row) for row in rows.mappings()]

    def message(self) -> dict[str, Any]:
        (only,) = self.messages()
        return only

    def journal(self, event: str) -> list[dict[str, Any]]:
        with self.database.begin() as connection:
            rows = connection.execute(
                select(tables.journal).where(tables.journal.c.event == event).order_by(tables.journal.c.id)
            )
            return [dict(row) for row in rows.mappings()]

    def texts(self, number: str) -> list[str]:
        """What the phone company took for a number: the witness of what was sent."""
        return [message["body"] for message in self.company.phone(number)["messages"]]

    def report(self, word: str, *, code: str = "", send_id: UUID | None = None) -> Effect:
        """The phone company says something of the only message, or of another try at sending."""
        if send_id is None:
            return self.report_of(self.message(), word, code=code)
        return self._apply(MessageReport("SM" + "0" * 32, MessageWord(word), code), send_id)

    def report_of(self, message: dict[str, Any], word: str, *, code: str = "") -> Effect:
        """The phone company says something of one of several messages."""
        told = MessageReport(message["provider_sid"] or "", MessageWord(word), code)
        return self._apply(told, message["send_id"])

    def _apply(self, told: MessageReport, send_id: UUID) -> Effect:
        with self.database.begin() as connection:
            return self.messaging.events.apply_report(connection, told, send_id, self.clock.now())

    def apply_next(self, word: str) -> Effect:
        """Wait for a real webhook with this word, and apply it."""
        return self.apply(self.listener.next(lambda posted: posted.fields.get("MessageStatus") == word))

    def apply(self, posted: Posted) -> Effect:
        send_id = UUID(posted.path.removeprefix(PUBLIC_PATH))
        fields = posted.fields
        told = MessageReport(
            fields["MessageSid"], MessageWord(fields["MessageStatus"]), fields.get("ErrorCode", "")
        )
        return self._apply(told, send_id)

    def reply(self, number: str, body: str, *, sid: str = "SM1") -> Effect:
        told = InboundMessage(sid, number, OUR_NUMBER, body)
        with self.database.begin() as connection:
            return self.messaging.events.apply_inbound(connection, told, self.clock.now())


def give_numbers(connection: Connection, vault: Vault, listed: Listed, numbers: tuple[str, ...]) -> None:
    """Seal a person who has these numbers, and index them."""
    key, wrapped = vault.new_person_key(listed.person_id)
    phones = tuple(PhoneNumber(n, n, "FR", LineType.MOBILE, "Europe/Paris") for n in numbers)
    sealed = key.seal(Person("Dupont", "Camille", phones=phones).to_sealed())
    people, lines, entries = tables.persons, tables.person_phones, tables.call_list_entries
    connection.execute(insert(tables.person_keys).values(person_id=listed.person_id, wrapped_key=wrapped))
    connection.execute(update(people).where(people.c.id == listed.person_id).values(sealed=sealed))
    for position, number in enumerate(numbers):
        connection.execute(
            update(lines)
            .where(lines.c.person_id == listed.person_id, lines.c.position == position)
            .values(number_index=vault.number_index(number))
        )
    connection.execute(
        update(entries)
        .where(entries.c.id == listed.entry_id)
        .values(number_index=vault.number_index(numbers[0]))
    )


def settings_for(**changes: Any) -> MessageSettings:
    usual: dict[str, Any] = {
        "sender": OUR_NUMBER,
        "outreach_number": OUR_NUMBER,
        "segments_per_second": 1000,
        "lanes": 1,
        "post_seconds": 3.0,
    }
    return MessageSettings(**(usual | changes))


def scripts_of(database: Database) -> Scripts:
    """The shipped texts, and whatever people wrote in this database."""
    return Scripts(database, shipped_catalog(), TextSettings(outreach_number=OUR_NUMBER))


@contextmanager
def message_world(
    database: Database, vault: Vault, clock: SetClock, **settings: Any
) -> Iterator[MessageWorld]:
    """A world with a phone company a hundred times faster than life, and a listener for its webhooks."""
    with running_phone_company() as company, listening() as listener:
        provider = company.provider(timeout_seconds=1.0)
        nudged: list[str] = []
        messaging = build_messaging(
            database=database,
            vault=vault,
            clock=clock,
            provider=provider,
            urls=CallbackUrls(listener.url, vault.signing_key),
            scripts=scripts_of(database),
            settings=settings_for(**settings),
            nudge=nudged.append,
        )
        switch = LoadSheddingSwitch(database, clock, nudged.append)
        yield MessageWorld(database, vault, clock, company, listener, provider, messaging, switch, nudged)
        provider.close()
