"""Reading one person's sealed values, and what may be known of them unsealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, update

from outreach.domain.case_records import Person
from outreach.errors import NotFound
from outreach.storage.tables import person_keys, person_phones, persons
from outreach.storage.vault import PersonKey, Vault


@dataclass(frozen=True)
class PhoneLine:
    """One of a person's numbers as far as it may be known unsealed."""

    position: int
    number_index: bytes
    line_type: str
    can_sms: bool
    time_zone: str
    bad: bool


@dataclass(frozen=True)
class OpenedPerson:
    """A person with their values in the clear; it must not outlive the request that opened it."""

    id: UUID
    platform: str
    person: Person
    language: str
    time_zone: str
    phone_region: str
    opted_out: bool
    lines: tuple[PhoneLine, ...]

    def good_lines(self) -> list[PhoneLine]:
        return [line for line in self.lines if not line.bad]


def person_key(connection: Connection, vault: Vault, person_id: UUID) -> PersonKey:
    """The person's key; NotFound once they were erased."""
    wrapped = connection.execute(
        select(person_keys.c.wrapped_key).where(person_keys.c.person_id == person_id)
    ).scalar_one_or_none()
    if wrapped is None:
        raise NotFound("This person's data was erased.", code="erased")
    return vault.person_key(person_id, wrapped)


def open_person(connection: Connection, vault: Vault, person_id: UUID) -> OpenedPerson:
    """Everything known of a person. Raises NotFound when they do not exist or were erased."""
    row = connection.execute(
        select(persons, person_keys.c.wrapped_key)
        .join(person_keys, person_keys.c.person_id == persons.c.id)
        .where(persons.c.id == person_id)
    ).one_or_none()
    if row is None or row.sealed is None:
        raise NotFound("This person's data was erased.", code="erased")
    opened = vault.person_key(person_id, row.wrapped_key).open(row.sealed)
    return _opened(row, Person.from_sealed(opened), phone_lines(connection, person_id))


def _opened(row: Row[Any], person: Person, lines: tuple[PhoneLine, ...]) -> OpenedPerson:
    return OpenedPerson(
        id=row.id,
        platform=row.platform,
        person=person,
        language=row.language,
        time_zone=row.time_zone,
        phone_region=row.phone_region,
        opted_out=row.opted_out,
        lines=lines,
    )


def phone_lines(connection: Connection, person_id: UUID) -> tuple[PhoneLine, ...]:
    """The person's numbers in the order they are tried."""
    c = person_phones.c
    rows = connection.execute(
        select(c.position, c.number_index, c.line_type, c.can_sms, c.time_zone, c.bad)
        .where(c.person_id == person_id)
        .order_by(c.position)
    )
    return tuple(PhoneLine(*row) for row in rows)


def language_of(connection: Connection, person_id: UUID) -> str:
    """The language a person is spoken to in."""
    found: str = connection.execute(select(persons.c.language).where(persons.c.id == person_id)).scalar_one()
    return found


def mark_number_bad(connection: Connection, person_id: UUID, position: int) -> None:
    """No call to this number reaches the person any more."""
    connection.execute(
        update(person_phones)
        .where(person_phones.c.person_id == person_id, person_phones.c.position == position)
        .values(bad=True)
    )


def mark_number_good(connection: Connection, person_id: UUID, position: int) -> None:
    """The number leads to the person after all."""
    connection.execute(
        update(person_phones)
        .where(person_phones.c.person_id == person_id, person_phones.c.position == position)
        .values(bad=False)
    )


def persons_of_number(connection: Connection, number_index: bytes) -> list[UUID]:
    """Everyone who can be reached at a number: one person, or a household."""
    found = connection.execute(
        select(person_phones.c.person_id).where(person_phones.c.number_index == number_index).distinct()
    )
    return list(found.scalars())
