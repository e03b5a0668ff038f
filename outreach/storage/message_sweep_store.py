"""What the sweeps look for: messages of unknown fate, without a receipt, unread, or of no use any more."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text


class Unsettled(NamedTuple):
    """A message to ask the provider about; sealed values are None once its person was erased."""

    message_id: UUID
    person_id: UUID
    phone_position: int
    provider_sid: str | None
    claimed_at: datetime | None
    uncertain_since: datetime
    sealed_body: bytes | None
    sealed_person: bytes | None
    wrapped_key: bytes | None


_COLUMNS = """
    m.id, m.person_id, m.phone_position, m.provider_sid, m.claimed_at,
    coalesce(m.uncertain_since, m.created_at), m.sealed_body, p.sealed, k.wrapped_key
"""
_PERSON = "join persons p on p.id = m.person_id left join person_keys k on k.person_id = m.person_id"


def uncertain(connection: Connection, *, until: datetime, most: int) -> list[Unsettled]:
    """UNCERTAIN since before `until`, oldest first."""
    rows = connection.execute(
        text(
            f"""
            select {_COLUMNS} from messages m {_PERSON}
            where m.status = 'UNCERTAIN' and m.uncertain_since <= :until
            order by m.uncertain_since limit :most
            """  # noqa: S608 - constants above
        ),
        {"until": until, "most": most},
    )
    return [Unsettled(*row) for row in rows]


def silent(
    connection: Connection,
    *,
    accepted_before: datetime,
    asked_before: datetime,
    now: datetime,
    most: int,
) -> list[Unsettled]:
    """Accepted, no receipt, and not asked about lately; noted as asked about now."""
    rows = connection.execute(
        text(
            f"""
            with asked as (
              update messages set receipt_asked_at = :now
              where id in (
                select id from messages
                where status in ('ACCEPTED', 'SENT') and ended_at is null
                  and accepted_at <= :accepted_before
                  and (receipt_asked_at is null or receipt_asked_at <= :asked_before)
                -- Who was never asked about comes first: those that stay silent must not take every turn.
                order by receipt_asked_at nulls first, accepted_at limit :most
                for update skip locked)
              returning *
            )
            select {_COLUMNS} from asked m {_PERSON}
            """  # noqa: S608 - constants above
        ),
        {"now": now, "accepted_before": accepted_before, "asked_before": asked_before, "most": most},
    )
    return [Unsettled(*row) for row in rows]


def give_up_waiting(
    connection: Connection, *, accepted_before: datetime, now: datetime, most: int
) -> list[UUID]:
    """End the wait for a receipt or a reading of messages accepted before that moment; which they are."""
    rows = connection.execute(
        text(
            """
            update messages set ended_at = :now
            where id in (
              select id from messages
              where status in ('ACCEPTED', 'SENT', 'DELIVERED') and ended_at is null
                and accepted_at <= :accepted_before
              order by accepted_at limit :most
              for update skip locked)
            returning id
            """
        ),
        {"now": now, "accepted_before": accepted_before, "most": most},
    )
    return list(rows.scalars())


def unwanted(connection: Connection, *, most: int) -> list[UUID]:
    """Queued messages of people who want none any more, locked."""
    rows = connection.execute(
        text(
            "select m.id from messages m join persons p on p.id = m.person_id and p.opted_out"
            " where m.status = 'QUEUED' order by m.id limit :most for update of m skip locked"
        ),
        {"most": most},
    )
    return list(rows.scalars())


def useless(connection: Connection, *, until: datetime, most: int) -> list[UUID]:
    """Queued messages whose use ends before they could arrive, locked."""
    rows = connection.execute(
        text(
            "select id from messages where status = 'QUEUED' and useful_until <= :until"
            " order by id limit :most for update skip locked"
        ),
        {"until": until, "most": most},
    )
    return list(rows.scalars())
