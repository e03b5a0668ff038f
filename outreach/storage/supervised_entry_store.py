"""Entries as a supervisor moves them: out of one agent's hands, into another's, or kept for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import IntegrityError

from outreach.domain.call_list import EntryState
from outreach.domain.load_shedding import NEVER_SHED
from outreach.errors import Conflict
from outreach.storage import journal
from outreach.storage.call_list_store import Entry
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.tables import agent_presence, call_attempts, call_list_entries

entries = call_list_entries
_BACK = text(
    """
    update call_list_entries
    set state = case when ready_until is null or ready_until > :now then 'READY' else 'WAITING' end,
        not_before = coalesce(not_before, :now), lease_id = null, leased_by = null, leased_until = null,
        version = version + 1
    where id = :entry_id and state = 'LEASED'
    returning state
    """
)


def has_open_call(connection: Connection, entry_id: UUID) -> bool:
    a = call_attempts.c
    found = connection.execute(select(a.id).where(a.entry_id == entry_id, a.outcome.is_(None)))
    return found.first() is not None


def is_free_to_take(connection: Connection, agent_id: UUID, *, there_since: datetime) -> bool:
    """On shift at their page, with nobody in hand and no call open; held until the transaction ends.

    Their own next person is leased behind the same row, so nobody is given two at once.
    """
    p, a = agent_presence.c, call_attempts.c
    there = connection.execute(
        select(p.user_id)
        .where(p.user_id == agent_id, p.state == "ON_SHIFT", p.heartbeat_at > there_since)
        .with_for_update()
    ).first()
    holds = connection.execute(
        select(entries.c.id).where(entries.c.leased_by == agent_id, entries.c.state == "LEASED")
    ).first()
    calls = connection.execute(select(a.id).where(a.agent_id == agent_id, a.outcome.is_(None))).first()
    return there is not None and holds is None and calls is None


def take_back(connection: Connection, entry: Entry, *, by: UUID, reason: str, now: datetime) -> EntryState:
    """Out of the agent's hands, in its old place; where it stands now."""
    state = connection.execute(_BACK, {"entry_id": entry.id, "now": now}).scalar_one()
    facts: dict[str, object] = {"agent_id": str(entry.leased_by), "reason": reason}
    journal.write(connection, _line(entry, Event.ENTRY_TAKEN, by, now, facts))
    return EntryState(state)


def give(
    connection: Connection,
    entry: Entry,
    agent_id: UUID,
    *,
    lease_id: UUID,
    lease_for: timedelta,
    by: UUID,
    reason: str,
    now: datetime,
) -> None:
    """Into an agent's hands. Raises Conflict when someone else behind the same number is in hand."""
    lease = {"lease_id": lease_id, "leased_by": agent_id, "leased_until": now + lease_for}
    try:
        with connection.begin_nested():
            connection.execute(
                update(entries)
                .where(entries.c.id == entry.id)
                .values(state="LEASED", **lease, version=entries.c.version + 1)
            )
    except IntegrityError:
        raise Conflict(
            "Another agent is talking to someone at this number.", code="number_in_other_hands"
        ) from None
    facts = {"agent_id": str(agent_id), "reason": reason, "now": True}
    journal.write(connection, _line(entry, Event.ENTRY_GIVEN, by, now, facts))


def keep_for(
    connection: Connection, entry: Entry, agent_id: UUID, *, by: UUID, reason: str, now: datetime
) -> None:
    """The agent's next entry of its class; after a while anybody's. A call is owed: it is not texted."""
    connection.execute(
        update(entries)
        .where(entries.c.id == entry.id)
        .values(
            callback_agent_id=agent_id,
            callback_for_me_only=True,
            not_before=entry.not_before if entry.not_before and entry.not_before > now else now,
            shed_level=NEVER_SHED,
            version=entries.c.version + 1,
        )
    )
    facts = {"agent_id": str(agent_id), "reason": reason, "now": False}
    journal.write(connection, _line(entry, Event.ENTRY_GIVEN, by, now, facts))


def _line(entry: Entry, event: Event, by: UUID, now: datetime, facts: dict[str, object]) -> JournalEntry:
    return JournalEntry(
        now,
        entry.platform,
        event,
        journal.by_user(by),
        case_record_id=entry.case_record_id,
        entry_id=entry.id,
        facts=facts,
    )
