"""Members of campaigns: frozen, made, followed up; each person of a campaign once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from outreach.domain.campaigns import SentText
from outreach.domain.messages import MessageStatus
from outreach.storage.bulk import copy_rows
from outreach.storage.tables import campaign_members
from outreach.storage.undo_store import STANDS


class NewMember(NamedTuple):
    """Someone who joins: PENDING, or LEFT_OUT with the reason."""

    campaign_id: UUID
    person_id: UUID
    occasion: UUID
    case_record_id: UUID
    state: str
    left_out_because: str | None
    number_index: bytes | None
    joined_at: datetime


class Pending(NamedTuple):
    """A member to be written to or put on the list."""

    person_id: UUID
    occasion: UUID
    case_record_id: UUID


class Made(NamedTuple):
    """What was made for a member; `look_at`: when the follow-up looks first."""

    person_id: UUID
    occasion: UUID
    message_id: UUID | None
    entry_id: UUID | None
    look_at: datetime | None


class Followed(NamedTuple):
    """A member whose follow-up is due, with what became of their messages."""

    person_id: UUID
    occasion: UUID
    case_record_id: UUID
    first: SentText
    reminder: SentText | None
    replied: bool


class Joining(NamedTuple):
    """Someone for whom a trigger fired."""

    person_id: UUID
    case_record_id: UUID


def add(connection: Connection, members: Sequence[NewMember]) -> None:
    if members:
        copy_rows(connection, campaign_members, NewMember._fields, members)


def included(connection: Connection, campaign_id: UUID) -> int:
    """How many members are not left out."""
    found = connection.execute(
        text("select count(*) from campaign_members where campaign_id = :campaign and state <> 'LEFT_OUT'"),
        {"campaign": campaign_id},
    )
    return int(found.scalar_one())


def taken_numbers(connection: Connection, campaign_id: UUID, numbers: Sequence[bytes]) -> set[bytes]:
    """Those of these numbers at which another member is written to."""
    rows = connection.execute(
        text(
            """
            select number_index from campaign_members
            where campaign_id = :campaign and state <> 'LEFT_OUT' and number_index is not null
              and number_index = any(cast(:numbers as bytea[]))
            """
        ),
        {"campaign": campaign_id, "numbers": list(numbers)},
    )
    return {bytes(number) for number in rows.scalars()}


def take_pending(
    connection: Connection, campaign_id: UUID, *, zones: Sequence[str], most: int
) -> list[Pending]:
    """Members not made yet who live where it is time; the campaign's row is locked by the caller."""
    rows = connection.execute(
        text(
            """
            select m.person_id, m.occasion, m.case_record_id
            from campaign_members m join persons p on p.id = m.person_id
            where m.campaign_id = :campaign and m.state = 'PENDING'
              and p.time_zone = any(cast(:zones as text[]))
            order by m.person_id limit :most
            """
        ),
        {"campaign": campaign_id, "zones": list(zones), "most": most},
    )
    return [Pending(*row) for row in rows]


def has_pending(connection: Connection, campaign_id: UUID) -> bool:
    found = connection.execute(
        text(
            "select exists (select from campaign_members where campaign_id = :campaign and state = 'PENDING')"
        ),
        {"campaign": campaign_id},
    )
    return bool(found.scalar_one())


_MADE = text(
    """
    update campaign_members m
    set state = 'MADE', message_id = a.message_id, entry_id = a.entry_id, look_at = a.look_at, made_at = :now
    from unnest(cast(:people as uuid[]), cast(:occasions as uuid[]), cast(:messages as uuid[]),
      cast(:entries as uuid[]), cast(:looks as timestamptz[]))
      a(person_id, occasion, message_id, entry_id, look_at)
    where m.campaign_id = :campaign and m.person_id = a.person_id and m.occasion = a.occasion
      and m.state = 'PENDING'
    """
)


def save_made(connection: Connection, campaign_id: UUID, made: Sequence[Made], *, now: datetime) -> None:
    if made:
        connection.execute(
            _MADE,
            {
                "campaign": campaign_id,
                "people": [each.person_id for each in made],
                "occasions": [each.occasion for each in made],
                "messages": [each.message_id for each in made],
                "entries": [each.entry_id for each in made],
                "looks": [each.look_at for each in made],
                "now": now,
            },
        )


def leave_out(
    connection: Connection, campaign_id: UUID, reasons: Sequence[tuple[Pending, str]], *, now: datetime
) -> None:
    """Members who, since they joined, may not be written to or called any more."""
    if reasons:
        connection.execute(
            text(
                """
                update campaign_members m
                set state = 'LEFT_OUT', left_out_because = a.because, made_at = :now
                from unnest(cast(:people as uuid[]), cast(:occasions as uuid[]), cast(:becauses as text[]))
                  a(person_id, occasion, because)
                where m.campaign_id = :campaign and m.person_id = a.person_id and m.occasion = a.occasion
                  and m.state = 'PENDING'
                """
            ),
            {
                "campaign": campaign_id,
                "people": [member.person_id for member, _ in reasons],
                "occasions": [member.occasion for member, _ in reasons],
                "becauses": [because for _, because in reasons],
                "now": now,
            },
        )


_DUE = text(
    """
    select m.person_id, m.occasion, m.case_record_id, first.status, first.accepted_at,
      reminder.status as reminder_status, reminder.accepted_at as reminder_accepted_at,
      exists (select from inbound_messages i
        where (i.person_id = m.person_id or i.number_index = first.number_index)
          and i.received_at >= first.created_at) as replied
    from campaign_members m
    join messages first on first.id = m.message_id
    left join messages reminder on reminder.id = m.reminder_id
    where m.campaign_id = :campaign and m.look_at <= :now
    order by m.look_at limit :most
    """
)


def due_for_follow_up(
    connection: Connection, campaign_id: UUID, *, now: datetime, most: int
) -> list[Followed]:
    """Members at whom it is time to look; the campaign's row is locked by the caller."""
    rows = connection.execute(_DUE, {"campaign": campaign_id, "now": now, "most": most})
    return [
        Followed(
            row.person_id,
            row.occasion,
            row.case_record_id,
            SentText(MessageStatus(row.status), row.accepted_at),
            SentText(MessageStatus(row.reminder_status), row.reminder_accepted_at)
            if row.reminder_status
            else None,
            row.replied,
        )
        for row in rows
    ]


def look_soon_at_failed(connection: Connection, campaign_id: UUID, *, now: datetime) -> int:
    """Members whose SMS failed need no waiting."""
    return connection.execute(
        text(
            """
            update campaign_members m set look_at = :now
            from messages failed
            where m.campaign_id = :campaign and m.look_at > :now and m.person_id = failed.person_id
              and failed.id = coalesce(m.reminder_id, m.message_id)
              and failed.campaign_id = :campaign
              and failed.status in ('UNDELIVERED', 'FAILED', 'UNKNOWN', 'EXPIRED')
            """
        ),
        {"campaign": campaign_id, "now": now},
    ).rowcount


class Look(NamedTuple):
    """What a look of the follow-up changed for one member."""

    person_id: UUID
    occasion: UUID
    look_at: datetime | None
    reminder_id: UUID | None = None
    entry_id: UUID | None = None


def save_looks(connection: Connection, campaign_id: UUID, looks: Sequence[Look]) -> None:
    if looks:
        connection.execute(
            text(
                """
                update campaign_members m
                set look_at = a.look_at, reminder_id = coalesce(a.reminder_id, m.reminder_id),
                  entry_id = coalesce(a.entry_id, m.entry_id)
                from unnest(cast(:people as uuid[]), cast(:occasions as uuid[]),
                  cast(:looks as timestamptz[]), cast(:reminders as uuid[]), cast(:entries as uuid[]))
                  a(person_id, occasion, look_at, reminder_id, entry_id)
                where m.campaign_id = :campaign and m.person_id = a.person_id and m.occasion = a.occasion
                """
            ),
            {
                "campaign": campaign_id,
                "people": [each.person_id for each in looks],
                "occasions": [each.occasion for each in looks],
                "looks": [each.look_at for each in looks],
                "reminders": [each.reminder_id for each in looks],
                "entries": [each.entry_id for each in looks],
            },
        )


def has_follow_ups(connection: Connection, campaign_id: UUID) -> bool:
    found = connection.execute(
        text(
            "select exists (select from campaign_members"
            " where campaign_id = :campaign and look_at is not null)"
        ),
        {"campaign": campaign_id},
    )
    return bool(found.scalar_one())


def member_of_entry(connection: Connection, entry_id: UUID) -> tuple[UUID, str | None] | None:
    """The campaign for which an entry stands on the list, and the code said so far."""
    row = connection.execute(
        text("select campaign_id, outcome from campaign_members where entry_id = :entry"), {"entry": entry_id}
    ).first()
    return None if row is None else (row.campaign_id, row.outcome)


def save_outcome(connection: Connection, entry_id: UUID, code: str) -> None:
    connection.execute(
        text("update campaign_members set outcome = :code where entry_id = :entry"),
        {"code": code, "entry": entry_id},
    )


_JOINING = {
    "POSITIVE_LISTED": """
        select c.person_id, c.id from case_records c
        where c.kind = 'POSITIVE' and c.state = 'OPEN' and c.reached_at is null
          and c.platform = :platform and c.listed_at > :since and c.listed_at >= :recent""",
    "CONTACT_LISTED": """
        select c.person_id, c.id from case_records c
        where c.kind = 'CONTACT' and c.state = 'OPEN' and c.informed_at is null
          and c.platform = :platform and c.listed_at > :since and c.listed_at >= :recent""",
    "SECOND_MISS": """
        select c.person_id, c.id from case_records c join call_list_entries e on e.case_record_id = c.id
        where c.kind = 'POSITIVE' and c.state = 'OPEN' and c.reached_at is null
          and c.platform = :platform and c.listed_at >= :recent - interval '3 days'
          and e.purpose = 'INTERVIEW' and e.state in ('WAITING', 'READY') and e.tries >= 2
          and exists (select from call_attempts a where a.case_record_id = c.id
            and a.outcome_at > :since and a.outcome_at >= :recent)""",
    "UNREACHED": f"""
        select distinct c.person_id, c.id from journal j join case_records c on c.id = j.case_record_id
        where j.platform = :platform and j.event = 'ENTRY_CLOSED' and j.facts ->> 'because' = 'UNREACHED'
          and j.at > :since and j.at >= :recent
          and {STANDS}""",  # noqa: S608 - a constant
}


def joining(
    connection: Connection,
    campaign_id: UUID,
    trigger: str,
    *,
    platform: str,
    since: datetime,
    recent: datetime,
    most: int,
) -> list[Joining]:
    """People for whom the trigger fired since the rule began and lately, and who have not joined for it."""
    rows = connection.execute(
        text(
            f"""
            select fired.person_id, fired.id from ({_JOINING[trigger]}) fired
            where not exists (select from campaign_members m where m.campaign_id = :campaign
              and m.person_id = fired.person_id and m.occasion = fired.id)
            order by fired.id limit :most
            """  # noqa: S608 - constants above
        ),
        {"campaign": campaign_id, "platform": platform, "since": since, "recent": recent, "most": most},
    )
    return [Joining(*row) for row in rows]
