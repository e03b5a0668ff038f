"""What became of a campaign: counts, failures and rows for a file; record numbers, never a name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text


class MessageCount(NamedTuple):
    """Messages of one purpose in one status, with their billed parts."""

    purpose: str
    status: str
    messages: int
    segments: int


class ProgressCount(NamedTuple):
    """How far one campaign is. `members` without who was left out; `made`: SMS queued or entries listed."""

    campaign_id: UUID
    members: int
    made: int
    arrived: int
    not_arrived: int
    called: int


class FailureCount(NamedTuple):
    """Messages of one template that one code of the carrier ended."""

    template: str
    status: str
    code: str
    messages: int


class EntryCount(NamedTuple):
    """Entries of a campaign of calls in one state, closed for one reason."""

    state: str
    because: str
    entries: int


class MemberRow(NamedTuple):
    """One member for a file."""

    person_id: UUID
    occasion: UUID
    source: str | None
    record_number: str | None
    state: str
    left_out_because: str | None
    message_status: str | None
    error_code: str | None
    segments: int | None
    made_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    reminder_status: str | None
    entry_state: str | None
    closed_because: str | None
    outcome: str | None


def members(connection: Connection, campaign_id: UUID) -> dict[tuple[str, str], int]:
    """How many members by state and, of those left out, by reason."""
    rows = connection.execute(
        text(
            "select state, coalesce(left_out_because, ''), count(*) from campaign_members"
            " where campaign_id = :campaign group by 1, 2"
        ),
        {"campaign": campaign_id},
    )
    return {(state, because): count for state, because, count in rows}


_PROGRESS = text(
    """
    select c.id, m.members, m.made, sent.arrived, sent.not_arrived, called.n
    from unnest(cast(:ids as uuid[])) c(id)
    cross join lateral (
      select count(*) filter (where state <> 'LEFT_OUT') as members,
        count(*) filter (where state = 'MADE') as made
      from campaign_members where campaign_id = c.id) m
    cross join lateral (
      select count(*) filter (where status in ('DELIVERED', 'READ')) as arrived,
        count(*) filter (where status in ('UNDELIVERED', 'FAILED', 'UNKNOWN', 'EXPIRED')) as not_arrived
      from messages where campaign_id = c.id and purpose <> 'REMINDER') sent
    cross join lateral (
      select count(*) as n from call_list_entries where campaign_id = c.id and state = 'CLOSED') called
    """
)


def progress(connection: Connection, campaign_ids: Sequence[UUID]) -> dict[UUID, ProgressCount]:
    """How far each of these campaigns is."""
    rows = connection.execute(_PROGRESS, {"ids": list(campaign_ids)})
    return {row.id: ProgressCount(*row) for row in rows}


def messages(connection: Connection, campaign_id: UUID) -> list[MessageCount]:
    rows = connection.execute(
        text(
            "select purpose, status, count(*), sum(segments) from messages"
            " where campaign_id = :campaign group by 1, 2 order by 1, 2"
        ),
        {"campaign": campaign_id},
    )
    return [MessageCount(*row) for row in rows]


def messages_of_purpose(
    connection: Connection, platform: str, purpose: str, *, first_id: UUID, since: datetime
) -> list[MessageCount]:
    """Of a platform, from a moment on; `first_id`: no message since has a lower one."""
    rows = connection.execute(
        text(
            "select purpose, status, count(*), sum(segments) from messages"
            " where id >= :first and created_at >= :since and platform = :platform and purpose = :purpose"
            " and campaign_id is null group by 1, 2 order by 1, 2"
        ),
        {"platform": platform, "purpose": purpose, "first": first_id, "since": since},
    )
    return [MessageCount(*row) for row in rows]


_REPLIES = text(
    """
    select i.meaning, count(distinct (m.person_id, i.id))
    from campaign_members m join messages sent on sent.id = m.message_id
    join inbound_messages i on (i.person_id = m.person_id or i.number_index = sent.number_index)
      and i.received_at >= sent.created_at
    where m.campaign_id = :campaign group by 1 order by 1
    """
)


def replies(connection: Connection, campaign_id: UUID) -> dict[str, int]:
    """What members wrote since their SMS, by what it means to us."""
    return dict(connection.execute(_REPLIES, {"campaign": campaign_id}).all())


def failures(connection: Connection, campaign_id: UUID) -> list[FailureCount]:
    """Per template and code of the carrier, the most frequent first."""
    rows = connection.execute(
        text(
            """
            select template, status, coalesce(error_code, ''), count(*) from messages
            where campaign_id = :campaign and status in ('UNDELIVERED', 'FAILED', 'UNKNOWN', 'EXPIRED')
            group by 1, 2, 3 order by 4 desc, 1, 2, 3
            """
        ),
        {"campaign": campaign_id},
    )
    return [FailureCount(*row) for row in rows]


def entries(connection: Connection, campaign_id: UUID) -> list[EntryCount]:
    rows = connection.execute(
        text(
            "select state, coalesce(closed_because, ''), count(*) from call_list_entries"
            " where campaign_id = :campaign group by 1, 2 order by 1, 2"
        ),
        {"campaign": campaign_id},
    )
    return [EntryCount(*row) for row in rows]


def outcomes(connection: Connection, campaign_id: UUID) -> dict[str, int]:
    """How many members for each of the campaign's own codes."""
    rows = connection.execute(
        text(
            "select outcome, count(*) from campaign_members"
            " where campaign_id = :campaign and outcome is not null group by 1 order by 1"
        ),
        {"campaign": campaign_id},
    )
    return dict(rows.all())


_ROWS = text(
    """
    select m.person_id, m.occasion, number.source, number.external_id, m.state, m.left_out_because,
      sent.status, coalesce(reminder.error_code, sent.error_code), sent.segments, m.made_at,
      sent.delivered_at, sent.read_at, reminder.status, e.state, e.closed_because, m.outcome
    from campaign_members m
    left join messages sent on sent.id = m.message_id
    left join messages reminder on reminder.id = m.reminder_id
    left join call_list_entries e on e.id = m.entry_id
    left join lateral (select r.source, r.external_id from case_references r
      where r.case_record_id = m.case_record_id order by r.created_at, r.external_id limit 1) number on true
    where m.campaign_id = :campaign and (m.person_id, m.occasion) > (:person, :occasion)
    order by m.person_id, m.occasion limit :most
    """
)


def rows(
    connection: Connection, campaign_id: UUID, *, after: tuple[UUID, UUID], most: int
) -> Sequence[MemberRow]:
    """The next members, in the order of their ids."""
    found = connection.execute(
        _ROWS, {"campaign": campaign_id, "person": after[0], "occasion": after[1], "most": most}
    )
    return [MemberRow(*row) for row in found]
