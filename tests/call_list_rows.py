"""Rows that tests of the call list need: a case record with its person, number and open entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, insert, select

from outreach.domain.call_list import CaseFacts, EntryState, Queue, planned_entry
from outreach.domain.calling_hours import hours_from
from outreach.domain.load_shedding import ShedFacts, shed_level
from outreach.domain.purposes import Purpose
from outreach.ids import new_id
from outreach.storage import journal, tables
from outreach.storage.journal import Event, JournalEntry


@dataclass(frozen=True)
class Listed:
    """Ids of what was added."""

    person_id: UUID
    case_record_id: UUID
    entry_id: UUID


def add_agent(connection: Connection, now: datetime) -> UUID:
    agent_id = new_id()
    connection.execute(
        insert(tables.users).values(
            id=agent_id, login=str(agent_id), roles=["AGENT"], platforms=["40"], created_at=now
        )
    )
    return agent_id


def add_platform(connection: Connection, code: str, now: datetime) -> None:
    connection.execute(
        insert(tables.platforms).values(
            code=code, name=code, time_zone="Europe/Paris", department=code, created_at=now
        )
    )


def add_positive(
    connection: Connection,
    now: datetime,
    *,
    result_ago: timedelta = timedelta(hours=2),
    platform: str = "40",
    language: str = "fr",
    number: str | None = None,
    zone: str = "Europe/Paris",
    vulnerable: bool = False,
    numbers: int = 1,
) -> Listed:
    """A positive whose result came a while ago."""
    facts = CaseFacts(
        Purpose.INTERVIEW,
        opened_at=now - result_ago,
        deadline=now - result_ago + timedelta(hours=24),
        zone=zone,
        vulnerable=vulnerable,
        has_number=numbers > 0,
    )
    return _add(connection, now, facts, platform, language, number, numbers)


def add_contact(
    connection: Connection,
    now: datetime,
    *,
    platform: str = "40",
    language: str = "fr",
    number: str | None = None,
    household: bool = False,
    can_sms: bool = True,
    numbers: int = 1,
    zone: str = "Europe/Paris",
) -> Listed:
    """A contact who was listed just now."""
    facts = CaseFacts(
        Purpose.INFORM,
        opened_at=now,
        deadline=now + timedelta(hours=24),
        zone=zone,
        household=household,
        has_number=numbers > 0,
    )
    return _add(connection, now, facts, platform, language, number, numbers, can_sms=can_sms)


def _add(
    connection: Connection,
    now: datetime,
    facts: CaseFacts,
    platform: str,
    language: str,
    number: str | None,
    numbers: int,
    *,
    can_sms: bool = True,
) -> Listed:
    listed = Listed(new_id(), new_id(), new_id())
    indexes = [(number if number and not n else f"{listed.person_id}/{n}").encode() for n in range(numbers)]
    connection.execute(
        insert(tables.persons).values(
            id=listed.person_id, platform=platform, time_zone=facts.zone, language=language, created_at=now
        )
    )
    for position, index in enumerate(indexes):
        connection.execute(
            insert(tables.person_phones).values(
                person_id=listed.person_id,
                position=position,
                number_index=index,
                line_type="MOBILE",
                can_sms=can_sms,
                time_zone=facts.zone,
            )
        )
    kind = "POSITIVE" if facts.purpose is Purpose.INTERVIEW else "CONTACT"
    result_at = facts.opened_at if kind == "POSITIVE" else None
    connection.execute(
        insert(tables.case_records).values(
            id=listed.case_record_id,
            platform=platform,
            person_id=listed.person_id,
            kind=kind,
            result_at=result_at,
            listed_at=now,
            deadline=facts.deadline,
            household=facts.household,
            vulnerable=facts.vulnerable,
        )
    )
    planned = planned_entry(facts, hours_from({}, facts.purpose), now)
    shed = shed_level(ShedFacts(facts.purpose, can_sms, household=facts.household))
    connection.execute(
        insert(tables.call_list_entries).values(
            id=listed.entry_id,
            platform=platform,
            case_record_id=listed.case_record_id,
            person_id=listed.person_id,
            language=language,
            shed_level=shed,
            number_index=indexes[0] if indexes else None,
            entered_at=now,
            **vars(planned),
        )
    )
    created = {
        "kind": kind,
        "listed_at": now.isoformat(),
        "deadline": facts.deadline.isoformat(),
        "result_at": result_at.isoformat() if result_at else None,
    }
    added = {
        "purpose": facts.purpose.value,
        "queue": planned.queue.value,
        "call_class": int(planned.call_class),
        "effective_deadline": planned.effective_deadline.isoformat(),
    }
    for event, entry_id, told in (
        (Event.CASE_CREATED, None, created),
        (Event.ENTRY_ADDED, listed.entry_id, added),
    ):
        journal.write(
            connection,
            JournalEntry(now, platform, event, "system:test", listed.case_record_id, entry_id, facts=told),
        )
    return listed


def entry_row(connection: Connection, entry_id: UUID) -> dict[str, object]:
    entries = tables.call_list_entries
    return dict(connection.execute(select(entries).where(entries.c.id == entry_id)).mappings().one())


def state_of(connection: Connection, entry_id: UUID) -> EntryState:
    return EntryState(str(entry_row(connection, entry_id)["state"]))


def queue_of(connection: Connection, entry_id: UUID) -> Queue:
    return Queue(str(entry_row(connection, entry_id)["queue"]))
