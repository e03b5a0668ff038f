"""Replies: who wrote, what they wrote (sealed), and the messages it answers."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from outreach.storage import journal
from outreach.storage.journal import Event
from outreach.storage.tables import inbound_messages


class Reply(NamedTuple):
    """What someone wrote; `sealed_body` under the writer's key, or the system's for a stranger."""

    id: UUID
    sid: str
    platform: str | None
    person_id: UUID | None
    meaning: str
    sealed_body: bytes
    received_at: datetime
    number_index: bytes
    channel: str


class Writer(NamedTuple):
    """Who most likely wrote: of a household, the one we texted last, else anyone of it."""

    person_id: UUID
    platform: str


NUMBERS_LOCK = 7_001  # the space of these advisory locks; senders' are of another kind


def hold_number(connection: Connection, number: bytes) -> None:
    """Replies, buttons, answers and calls of one number come one by one, until the transaction ends.

    Its messages are held too, before any entry: as whoever applies a receipt does.
    """
    connection.execute(
        text("select pg_advisory_xact_lock(:space, hashtext(encode(:number, 'hex')))"),
        {"space": NUMBERS_LOCK, "number": number},
    )
    connection.execute(
        text("select id from messages where number_index = :number order by id for update"),
        {"number": number},
    )


def writer_of(connection: Connection, number: bytes) -> Writer | None:
    row = connection.execute(
        text(
            """
            select p.id, p.platform
            from person_phones ph join persons p on p.id = ph.person_id
            join person_keys k on k.person_id = p.id
            left join lateral (select max(m.created_at) as texted_at from messages m
              where m.person_id = p.id and m.number_index = ph.number_index) last on true
            where ph.number_index = :number
            order by last.texted_at desc nulls last, p.id limit 1
            """
        ),
        {"number": number},
    ).first()
    return None if row is None else Writer(*row)


def keep(connection: Connection, reply: Reply) -> bool:
    """Keep a reply once; whether it is new."""
    kept = connection.execute(
        insert(inbound_messages)
        .values(**reply._asdict())
        .on_conflict_do_nothing(index_elements=["sid"])
        .returning(inbound_messages.c.id)
    )
    return kept.first() is not None


def journal_reply(
    connection: Connection, number: bytes, *, meaning: str, channel: str, now: datetime
) -> None:
    """One line on each open case record behind the number."""
    connection.execute(
        text(
            """
            insert into journal (at, platform, event, actor, case_record_id, facts)
            select :now, c.platform, :event, :actor, c.id,
              jsonb_build_object('meaning', cast(:meaning as text), 'channel', cast(:channel as text))
            from case_records c
            where c.person_id in (select person_id from person_phones where number_index = :number)
              and c.state = 'OPEN'
            """
        ),
        {
            "number": number,
            "meaning": meaning,
            "channel": channel,
            "now": now,
            "event": Event.REPLY_RECEIVED.value,
            "actor": journal.by_system("replies"),
        },
    )


def messages_to(connection: Connection, number: bytes) -> list[UUID]:
    """Messages to a number that a reply may answer: those the carrier took.

    One of unknown fate is proved by a reply only when no other message there could have been answered.
    """
    rows = connection.execute(
        text(
            """
            select m.id from messages m
            where m.number_index = :number and m.ended_at is null
              and (m.status in ('ACCEPTED', 'SENT', 'DELIVERED')
                or m.status in ('SENDING', 'UNCERTAIN', 'UNKNOWN') and not exists (
                  select from messages other where other.number_index = :number and other.id <> m.id
                    and (other.accepted_at is not null
                      or other.status in ('SENDING', 'UNCERTAIN', 'UNKNOWN'))))
            order by m.id for update
            """
        ),
        {"number": number},
    )
    return list(rows.scalars())
