"""What a pause holds back and a cancel takes away: a campaign's queued messages and waiting entries."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, text

from outreach.domain.campaigns import HELD_UNTIL, Window
from outreach.storage import journal
from outreach.storage.journal import Event
from outreach.storage.shed_store import zones_of_callees

NEVER_USELESS = HELD_UNTIL + timedelta(days=1)  # while held, no sweep calls a message useless


def queued(connection: Connection, campaign_id: UUID) -> int:
    """How many messages of a campaign wait to be posted."""
    found = connection.execute(
        text("select count(*) from messages where campaign_id = :campaign and status = 'QUEUED'"),
        {"campaign": campaign_id},
    )
    return int(found.scalar_one())


def on_the_way(connection: Connection, campaign_id: UUID) -> bool:
    """Whether a message of a campaign is queued, or its fate is not known yet."""
    found = connection.execute(
        text(
            "select exists (select from messages where campaign_id = :campaign"
            " and status in ('QUEUED', 'SENDING', 'UNCERTAIN'))"
        ),
        {"campaign": campaign_id},
    )
    return bool(found.scalar_one())


def is_in_hand(connection: Connection, campaign_id: UUID) -> bool:
    """Whether a sender has a message of a campaign in hand, or an agent an entry."""
    found = connection.execute(
        text(
            """
            select exists (select from messages where campaign_id = :campaign and status = 'SENDING')
              or exists (select from call_list_entries where campaign_id = :campaign and state = 'LEASED')
            """
        ),
        {"campaign": campaign_id},
    )
    return bool(found.scalar_one())


def hold_messages(connection: Connection, campaign_id: UUID) -> int:
    """Queued messages wait without end; one that a sender takes at this moment is left to it."""
    return connection.execute(
        text(
            """
            update messages m set not_before = :held, useful_until = :useful
            where m.id in (select id from messages
              where campaign_id = :campaign and status = 'QUEUED' and not_before < :held
              order by id for update skip locked)
            """
        ),
        {"campaign": campaign_id, "held": HELD_UNTIL, "useful": NEVER_USELESS},
    ).rowcount


def let_messages_go(
    connection: Connection,
    campaign_id: UUID,
    *,
    useful_for: timedelta,
    useful_from: datetime | None,
    ends_at: datetime | None,
    now: datetime,
) -> int:
    """Held messages may be posted from now on; `useful_from` None: from when each was made."""
    return connection.execute(
        text(
            """
            update messages set not_before = :now,
              useful_until = least(coalesce(:since, created_at) + :useful, cast(:ends as timestamptz))
            where campaign_id = :campaign and status = 'QUEUED' and not_before >= :held
            """
        ),
        {
            "campaign": campaign_id,
            "now": now,
            "useful": useful_for,
            "since": useful_from,
            "ends": ends_at,
            "held": HELD_UNTIL,
        },
    ).rowcount


def keep_to_window(connection: Connection, campaign_id: UUID, window: Window, *, now: datetime) -> None:
    """Queued messages to zones where the campaign's window is closed wait until it opens."""
    zones = zones_of_callees(connection)
    opens = {zone: window.next_open(zone, now) for zone in zones if not window.is_open(zone, now)}
    if opens:
        connection.execute(
            text(
                """
                update messages m set not_before = closed.opens
                from persons p,
                  unnest(cast(:zones as text[]), cast(:opens as timestamptz[])) closed(zone, opens)
                where m.campaign_id = :campaign and m.status = 'QUEUED' and m.not_before <= :now
                  and p.id = m.person_id and p.time_zone = closed.zone
                """
            ),
            {"campaign": campaign_id, "zones": list(opens), "opens": list(opens.values()), "now": now},
        )


def queued_ids(connection: Connection, campaign_id: UUID, *, most: int) -> list[UUID]:
    """Queued messages of a campaign, locked."""
    rows = connection.execute(
        text(
            "select id from messages where campaign_id = :campaign and status = 'QUEUED'"
            " order by id limit :most for update skip locked"
        ),
        {"campaign": campaign_id, "most": most},
    )
    return list(rows.scalars())


def hold_entries(connection: Connection, campaign_id: UUID, *, most: int) -> int:
    """Entries that wait or are ready are called no more for now, but for promised callbacks."""
    return connection.execute(
        text(
            """
            update call_list_entries e
            set state = 'WAITING', not_before = :held, ready_until = null, version = e.version + 1
            where e.id in (select id from call_list_entries
              where campaign_id = :campaign and state in ('READY', 'WAITING') and callback_at is null
                and (not_before is null or not_before < :held)
              order by id limit :most for update skip locked)
            """
        ),
        {"campaign": campaign_id, "held": HELD_UNTIL, "most": most},
    ).rowcount


def let_entries_go(connection: Connection, campaign_id: UUID, *, now: datetime) -> int:
    """Held entries wait for their calling hours only; the readiness sweep knows them."""
    return connection.execute(
        text(
            "update call_list_entries set not_before = :now, version = version + 1"
            " where campaign_id = :campaign and state = 'WAITING' and not_before >= :held"
        ),
        {"campaign": campaign_id, "now": now, "held": HELD_UNTIL},
    ).rowcount


_CLOSE = text(
    """
    with closed as (
      update call_list_entries e
      set state = 'CLOSED', closed_at = :now, closed_because = :because, version = e.version + 1
      where e.id in (select id from call_list_entries
        where campaign_id = :campaign and state in ('READY', 'WAITING') and callback_at is null
        order by id limit :most for update skip locked)
      returning e.id, e.platform, e.case_record_id
    )
    insert into journal (at, platform, event, actor, case_record_id, entry_id, facts)
    select :now, platform, :event, :actor, case_record_id, id,
      jsonb_build_object('because', cast(:because as text))
    from closed
    """
)


def close_entries(
    connection: Connection, campaign_id: UUID, *, because: str, now: datetime, most: int
) -> int:
    """Entries in nobody's hands leave the list; promised callbacks are kept."""
    return connection.execute(
        _CLOSE,
        {
            "campaign": campaign_id,
            "because": because,
            "now": now,
            "most": most,
            "event": Event.ENTRY_CLOSED.value,
            "actor": journal.by_system("campaigns"),
        },
    ).rowcount


def has_open_entries(connection: Connection, campaign_id: UUID) -> bool:
    found = connection.execute(
        text(
            "select exists (select from call_list_entries"
            " where campaign_id = :campaign and state <> 'CLOSED')"
        ),
        {"campaign": campaign_id},
    )
    return bool(found.scalar_one())
