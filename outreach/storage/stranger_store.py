"""Replies of nobody we know, given to the person whose number it turns out to be."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from outreach.storage.person_store import PhoneLine
from outreach.storage.tables import inbound_messages, person_phones, persons


def lock_person(connection: Connection, person_id: UUID) -> None:
    """Nobody else changes their numbers until the transaction ends."""
    connection.execute(select(persons.c.id).where(persons.c.id == person_id).with_for_update())


def add_number(connection: Connection, person_id: UUID, sealed: bytes, line: PhoneLine) -> None:
    """One number more, tried after the others; `sealed` holds it in the clear."""
    connection.execute(
        update(persons).where(persons.c.id == person_id).values(sealed=sealed, version=persons.c.version + 1)
    )
    connection.execute(insert(person_phones).values(person_id=person_id, **vars(line)))


def replies_of_nobody(connection: Connection, number: bytes) -> list[tuple[UUID, bytes]]:
    """What a stranger wrote from a number: ids and words sealed by the system."""
    c = inbound_messages.c
    rows = connection.execute(
        select(c.id, c.sealed_body).where(c.number_index == number, c.person_id.is_(None))
    )
    return [(row.id, row.sealed_body) for row in rows]


def give_reply(connection: Connection, reply_id: UUID, person_id: UUID, platform: str, sealed: bytes) -> None:
    """It is this person's from now on."""
    connection.execute(
        update(inbound_messages)
        .where(inbound_messages.c.id == reply_id)
        .values(person_id=person_id, platform=platform, sealed_body=sealed)
    )
