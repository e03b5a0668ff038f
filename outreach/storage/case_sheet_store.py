"""Everything about one case record that is not the person: its facts, entries, tries and messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, func, select, text

from outreach.domain.case_records import Person
from outreach.errors import NotFound
from outreach.storage.hot_sql import HotRow, HotStatement
from outreach.storage.person_store import OpenedPerson, PhoneLine
from outreach.storage.tables import (
    call_attempts,
    call_list_entries,
    case_references,
    exposures,
    inbound_messages,
    messages,
)
from outreach.storage.vault import Vault


@dataclass(frozen=True)
class CaseFacts:
    """The record as stored, in plain values. `restricted`: this one, or another of the same person."""

    id: UUID
    platform: str
    person_id: UUID
    kind: str
    state: str
    closed_because: str | None
    sampled_at: datetime | None
    result_at: datetime | None
    listed_at: datetime
    deadline: datetime
    last_exposure_on: date | None
    household: bool
    collective_setting: bool
    vulnerable: bool
    needs_sick_leave: bool
    first_called_at: datetime | None
    reached_at: datetime | None
    informed_at: datetime | None
    last_outcome: str | None
    restricted: bool


_ENTRY = [
    "id",
    "purpose",
    "state",
    "queue",
    "call_class",
    "deadline",
    "effective_deadline",
    "not_before",
    "callback_at",
    "tries",
    "closed_because",
]
_ATTEMPT = [
    "id",
    "agent_id",
    "status",
    "started_at",
    "answered_at",
    "ended_at",
    "outcome",
    "outcome_at",
    "script",
    "script_version",
    "sealed_note",
]
_MESSAGE = [
    "id",
    "purpose",
    "status",
    "segments",
    "created_at",
    "sent_at",
    "delivered_at",
    "read_at",
    "error_code",
]


_STORED = list(CaseFacts.__dataclass_fields__)[:-1]
_FACTS = ", ".join(f"c.{name}" for name in _STORED)
_RESTRICTED = """exists (select from case_records theirs
  join restricted_records x on x.case_record_id = theirs.id where theirs.person_id = c.person_id)"""
_READ = text(f"select {_FACTS}, {_RESTRICTED} from case_records c where c.id = :id")  # noqa: S608 - fields


def facts(connection: Connection, case_record_id: UUID) -> CaseFacts:
    """Raises NotFound."""
    row = connection.execute(_READ, {"id": case_record_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such case record.")
    return CaseFacts(*row)


@dataclass(frozen=True)
class CaseCard:
    """Whom an agent is about to speak to, why, and for which platform. `person` is None once erased."""

    facts: CaseFacts
    person: OpenedPerson | None
    platform_name: str
    platform_language: str


_CARD = HotStatement(
    f"""
    select {_FACTS}, {_RESTRICTED}, pl.name, pl.language,
      p.id, p.platform, p.language, p.time_zone, p.phone_region, p.opted_out, p.sealed, k.wrapped_key
    from case_records c
    join platforms pl on pl.code = c.platform
    join persons p on p.id = c.person_id
    left join person_keys k on k.person_id = p.id
    where c.id = :case_record_id
    """  # noqa: S608 - names of fields
)
_LINES = HotStatement(
    """
    select ph.position, ph.number_index, ph.line_type, ph.can_sms, ph.time_zone, ph.bad
    from person_phones ph where ph.person_id = :person_id order by ph.position
    """
)
_FACTS_END = len(CaseFacts.__dataclass_fields__)


def card(connection: Connection, vault: Vault, case_record_id: UUID, *, platforms: Sequence[str]) -> CaseCard:
    """Raises NotFound, for a record of another platform too."""
    row = _CARD.one(connection, {"case_record_id": case_record_id})
    facts = CaseFacts(*row[:_FACTS_END]) if row else None
    if row is None or facts is None or facts.platform not in platforms:
        raise NotFound("There is no such case record.")
    name, language, *stored = row[_FACTS_END:]
    lines = _LINES.rows(connection, {"person_id": facts.person_id})
    return CaseCard(facts, _person(vault, stored, lines), name, language)


def _person(vault: Vault, stored: list[Any], lines: list[HotRow]) -> OpenedPerson | None:
    person_id, platform, language, time_zone, phone_region, opted_out, sealed, wrapped_key = stored
    if sealed is None or wrapped_key is None:
        return None
    return OpenedPerson(
        id=person_id,
        platform=platform,
        person=Person.from_sealed(vault.person_key(person_id, wrapped_key).open(sealed)),
        language=language,
        time_zone=time_zone,
        phone_region=phone_region,
        opted_out=opted_out,
        lines=tuple(PhoneLine(*line) for line in lines),
    )


def named(connection: Connection, platform: str, source: str, external_id: str) -> UUID:
    """The record that an outside system calls so. Raises NotFound."""
    c = case_references.c
    found: UUID | None = connection.execute(
        select(c.case_record_id).where(
            c.platform == platform, c.source == source, c.external_id == external_id
        )
    ).scalar()
    if found is None:
        raise NotFound("There is no such case record.")
    return found


def contacts_of(connection: Connection, positive_id: UUID) -> int:
    """How many contacts a positive has."""
    return connection.execute(
        select(func.count()).select_from(exposures).where(exposures.c.positive_id == positive_id)
    ).scalar_one()


def entries_of(connection: Connection, case_record_id: UUID) -> list[dict[str, Any]]:
    return _rows(connection, call_list_entries, _ENTRY, case_record_id)


def attempts_of(connection: Connection, case_record_id: UUID) -> list[dict[str, Any]]:
    """With the sealed notes, for whoever has the person's key."""
    return _rows(connection, call_attempts, _ATTEMPT, case_record_id)


def messages_of(connection: Connection, case_record_id: UUID) -> list[dict[str, Any]]:
    """Without their bodies."""
    return _rows(connection, messages, _MESSAGE, case_record_id)


def replies_of(connection: Connection, person_id: UUID) -> list[dict[str, Any]]:
    """What the person texted us, oldest first, with the sealed bodies."""
    c = inbound_messages.c
    rows = connection.execute(
        select(c.id, c.meaning, c.received_at, c.sealed_body)
        .where(c.person_id == person_id)
        .order_by(c.received_at)
    )
    return [dict(row) for row in rows.mappings()]


def _rows(
    connection: Connection, table: Table, names: list[str], case_record_id: UUID
) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(*(table.c[name] for name in names))
        .where(table.c.case_record_id == case_record_id)
        .order_by(table.c.id)
    )
    return [dict(row) for row in rows.mappings()]
