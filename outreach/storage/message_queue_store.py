"""Messages in our own queue: whose they are, and how long they wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

from outreach.domain.messages import ABOUT_A_CALL, MessagePurpose


def was_queued_since(
    connection: Connection, number_index: bytes, purpose: MessagePurpose, since: datetime
) -> bool:
    """Whether this phone already has, or had, a message of this purpose."""
    found = connection.execute(
        text(
            "select exists (select from messages where number_index = :number and purpose = :purpose"
            " and created_at >= :since and status not in ('CANCELLED', 'EXPIRED', 'FAILED'))"
        ),
        {"number": number_index, "purpose": purpose.value, "since": since},
    )
    return bool(found.scalar_one())


def was_told_of(
    connection: Connection, number_index: bytes, purpose: MessagePurpose, moment: datetime
) -> bool:
    """Whether this phone has, or had, a message of this purpose that speaks of the same minute."""
    found = connection.execute(
        text(
            "select exists (select from messages where number_index = :number and purpose = :purpose"
            " and date_trunc('minute', useful_until) = date_trunc('minute', cast(:moment as timestamptz))"
            " and status not in ('CANCELLED', 'EXPIRED', 'FAILED'))"
        ),
        {"number": number_index, "purpose": purpose.value, "moment": moment},
    )
    return bool(found.scalar_one())


def hold_queued(connection: Connection, entry_ids: Sequence[UUID]) -> None:
    """What is not posted yet to the people of these entries: held before the entries, as replies do."""
    connection.execute(
        text(
            "select m.id from messages m where m.status = 'QUEUED' and m.person_id in ("
            " select e.person_id from call_list_entries e where e.id = any(cast(:entry_ids as uuid[])))"
            " order by m.id for update"
        ),
        {"entry_ids": list(entry_ids)},
    )


def hold_queued_about(connection: Connection, case_record_ids: Sequence[UUID]) -> None:
    """The same by the people of case records."""
    connection.execute(
        text(
            "select m.id from messages m where m.status = 'QUEUED' and m.person_id in ("
            " select c.person_id from case_records c where c.id = any(cast(:ids as uuid[])))"
            " order by m.id for update"
        ),
        {"ids": list(case_record_ids)},
    )


def queued_for_person(connection: Connection, person_id: UUID) -> list[UUID]:
    """What is not posted yet for a person, locked."""
    rows = connection.execute(
        text("select id from messages where person_id = :person and status = 'QUEUED' for update"),
        {"person": person_id},
    )
    return list(rows.scalars())


def queued_about_calls(connection: Connection, entry_id: UUID) -> list[UUID]:
    """What is not posted yet and speaks of a call to come for this entry, locked."""
    rows = connection.execute(
        text(
            "select id from messages where entry_id = :entry and status = 'QUEUED'"
            " and purpose = any(cast(:purposes as text[])) for update"
        ),
        {"entry": entry_id, "purposes": sorted(ABOUT_A_CALL)},
    )
    return list(rows.scalars())


def queued_for_numbers(connection: Connection, numbers: Sequence[bytes]) -> list[UUID]:
    """What is not posted yet to these numbers, locked."""
    rows = connection.execute(
        text(
            "select id from messages where number_index = any(cast(:numbers as bytea[]))"
            " and status = 'QUEUED' for update"
        ),
        {"numbers": list(numbers)},
    )
    return list(rows.scalars())


def postpone(connection: Connection, message_ids: Sequence[UUID], not_before: datetime) -> None:
    """Let queued messages wait."""
    if message_ids:
        connection.execute(
            text(
                "update messages set not_before = :at"
                " where id = any(cast(:ids as uuid[])) and status = 'QUEUED'"
            ),
            {"ids": list(message_ids), "at": not_before},
        )


def claimed_at(connection: Connection, message_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When each of these was claimed last."""
    rows = connection.execute(
        text("select id, claimed_at from messages where id = any(cast(:ids as uuid[]))"),
        {"ids": list(message_ids)},
    )
    return dict(tuple(row) for row in rows)


def await_opening(
    connection: Connection, sender: str, opens: Mapping[str, datetime], *, now: datetime
) -> None:
    """What is due in these zones waits until SMS may arrive there again."""
    if opens:
        connection.execute(
            text(
                """
                update messages m set not_before = closed.opens
                from persons p,
                  unnest(cast(:zones as text[]), cast(:opens as timestamptz[])) closed(zone, opens)
                where p.id = m.person_id and p.time_zone = closed.zone
                  and m.status = 'QUEUED' and m.sender = :sender and m.not_before <= :now
                """
            ),
            {"sender": sender, "zones": list(opens), "opens": list(opens.values()), "now": now},
        )
