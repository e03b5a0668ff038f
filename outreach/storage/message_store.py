"""Messages: queued, claimed by a sender, moved by answers and reports; set-based, each move journalled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, text

from outreach.domain.messages import ENDED, MOVES, MessagePurpose, MessageStatus
from outreach.domain.send_ledger import Allowance
from outreach.domain.send_ledger import MessageState as MessageState
from outreach.domain.send_ledger import Move as Move
from outreach.domain.send_ledger import Moved as Moved
from outreach.errors import NotFound
from outreach.storage import journal
from outreach.storage.bulk import copy_rows
from outreach.storage.journal import Event
from outreach.storage.tables import messages


class NewMessage(NamedTuple):
    """A message as it enters: QUEUED, or SENDING when it is made by the claim itself."""

    id: UUID
    platform: str
    person_id: UUID
    case_record_id: UUID | None
    entry_id: UUID | None
    purpose: str
    status: str
    urgency: int
    number_index: bytes
    phone_position: int
    sender: str
    template: str
    template_version: int
    mode_version: int
    language: str
    sealed_body: bytes
    segments: int
    send_id: UUID
    tries: int
    not_before: datetime
    useful_until: datetime
    claimed_by: int | None
    claimed_at: datetime | None
    created_at: datetime
    parameters: str = ""
    link_digest: bytes | None = None
    campaign_id: UUID | None = None


@dataclass(frozen=True)
class Claimed:
    """A message to be posted once, with what opens its text and its number."""

    message_id: UUID
    send_id: UUID
    person_id: UUID
    phone_position: int
    segments: int
    sealed_body: bytes
    sealed_person: bytes
    wrapped_key: bytes
    time_zone: str
    useful_until: datetime
    platform: str
    urgency: int


_PAIRS = [(start.value, to.value) for start, moves in MOVES.items() for to in moves]
_FROM, _TO = [pair[0] for pair in _PAIRS], [pair[1] for pair in _PAIRS]
_ENDED = [status.value for status in ENDED]


def add(connection: Connection, added: Sequence[NewMessage], *, actor: str) -> None:
    """Enter many messages, with a journal line for each."""
    if not added:
        return
    copy_rows(connection, messages, NewMessage._fields, added)
    connection.execute(
        _NOTE_ADDED, {"ids": [m.id for m in added], "event": Event.MESSAGE_QUEUED.value, "actor": actor}
    )


_NOTE_ADDED = text(
    """
    insert into journal (at, platform, event, actor, case_record_id, entry_id, message_id, facts)
    select created_at, platform, :event, :actor, case_record_id, entry_id, id, jsonb_build_object(
      'purpose', purpose, 'template', template, 'template_version', template_version,
      'mode_version', mode_version, 'status', status)
    from messages where id = any(cast(:ids as uuid[]))
    """
)


# A message that stands for a call is posted only while its entry is still TEXTED and the mode still sheds it.
_CLAIM = text(
    """
    with candidates as (
      select m.id, m.urgency, m.not_before, m.segments, p.sealed, p.time_zone, k.wrapped_key
      from messages m
      join persons p on p.id = m.person_id and p.sealed is not null
      join person_keys k on k.person_id = p.id
      where m.status = 'QUEUED' and m.sender = :sender and m.not_before <= :now and m.useful_until > :useful
        and (m.urgency = 0 or cast(:bulk as integer) > 0)
        and p.time_zone = any(cast(:zones as text[]))
        and not p.opted_out  -- STOP came while it was in a sender's hands, before it was queued again
        and (m.campaign_id is null or exists (
          select from campaigns c where c.id = m.campaign_id and c.state = 'RUNNING'))
        and (m.purpose <> 'CONTACT_INFORMED' or exists (
          select from call_list_entries e join platform_modes pm on pm.platform = e.platform
          where e.message_id = m.id and e.state = 'TEXTED' and e.shed_level > 0
            and e.shed_level <= case when pm.ends_at <= :now then 1 else pm.level end))
      order by m.urgency, m.not_before, m.id
      limit :most
      for update of m skip locked
    ), fitting as (
      select *, sum(segments) over (order by urgency, not_before, id) - segments as before from candidates
    ), taken as (
      update messages m
      set status = 'SENDING', send_id = gen_random_uuid(), claimed_by = :claimed_by, claimed_at = :now,
          tries = m.tries + 1
      from fitting f
      where f.id = m.id and f.before < case when m.urgency = 0 then cast(:allowance as integer) else :bulk end
      returning m.id as message_id, m.send_id, m.person_id, m.phone_position, m.segments, m.sealed_body,
        f.sealed as sealed_person, f.wrapped_key, f.time_zone, m.useful_until, m.platform, m.urgency,
        m.case_record_id, m.entry_id
    ), noted as (
      insert into journal (at, platform, event, actor, case_record_id, entry_id, message_id, facts)
      select :now, platform, :event, :actor, case_record_id, entry_id, message_id,
        jsonb_build_object('status', 'SENDING')
      from taken
    )
    select message_id, send_id, person_id, phone_position, segments, sealed_body, sealed_person, wrapped_key,
      time_zone, useful_until, platform, urgency
    from taken
    """
)


def claim_queued(
    connection: Connection,
    sender: str,
    *,
    claimed_by: int,
    zones: Sequence[str],
    allowance: Allowance,
    most: int,
    now: datetime,
    useful_for: timedelta,
) -> list[Claimed]:
    """Take the most urgent messages of a sender: the segments its pace allows; the last may overdraw.

    `zones`: where an SMS may arrive at this hour.
    """
    rows = connection.execute(
        _CLAIM,
        {
            "sender": sender,
            "claimed_by": claimed_by,
            "zones": list(zones),
            "allowance": allowance.segments,
            "bulk": allowance.bulk,
            "most": most,
            "now": now,
            "useful": now + useful_for,
            "event": Event.MESSAGE_MOVED.value,
            "actor": journal.by_system("sender"),
        },
    )
    return [Claimed(*row) for row in rows]


def has_work(connection: Connection, sender: str, shedding: Sequence[str], *, now: datetime) -> bool:
    """Whether something is due for a sender: a queued message, or entries of platforms that shed."""
    found = connection.execute(
        text(
            """
            select exists (select from messages
                where status = 'QUEUED' and sender = :sender and not_before <= :now)
              or exists (select from call_list_entries where platform = any(cast(:platforms as text[]))
                and state in ('READY', 'WAITING') and shed_level > 0 and purpose = 'INFORM')
            """
        ),
        {"sender": sender, "platforms": list(shedding), "now": now},
    )
    return bool(found.scalar_one())


_MOVE = text(
    """
    with asked as (
      select * from unnest(cast(:ids as uuid[]), cast(:tos as text[]), cast(:sids as text[]),
        cast(:codes as text[]), cast(:segments as integer[])) a(id, to_status, sid, code, segments)
    ), held as materialized (
      select id from messages where id = any(cast(:ids as uuid[])) order by id for update
    ), moved as (
      update messages m
      set status = a.to_status,
          provider_sid = coalesce(nullif(a.sid, ''), m.provider_sid),
          error_code = coalesce(nullif(a.code, ''), m.error_code),
          segments = case when a.segments > 0 then a.segments else m.segments end,
          claimed_by = null,
          uncertain_since = case when a.to_status = 'UNCERTAIN' then :now else m.uncertain_since end,
          accepted_at = case when a.to_status in ('ACCEPTED', 'SENT', 'DELIVERED', 'READ')
            then coalesce(m.accepted_at, :now) else m.accepted_at end,
          sent_at = case when a.to_status in ('SENT', 'DELIVERED', 'READ')
            then coalesce(m.sent_at, :now) else m.sent_at end,
          delivered_at = case when a.to_status in ('DELIVERED', 'READ')
            then coalesce(m.delivered_at, :now) else m.delivered_at end,
          read_at = case when a.to_status = 'READ' then :now else m.read_at end,
          ended_at = case when a.to_status = any(cast(:ended as text[])) then :now else m.ended_at end
      from asked a join held on held.id = a.id
      where m.id = a.id and (m.status, a.to_status) in (
        select * from unnest(cast(:allowed_from as text[]), cast(:allowed_to as text[])))
      returning m.id, m.platform, m.person_id, m.case_record_id, m.entry_id, m.purpose, m.status,
        m.number_index, m.sender, a.code
    ), noted as (
      insert into journal (at, platform, event, actor, case_record_id, entry_id, message_id, facts)
      select :now, moved.platform, :event, :actor, coalesce(e.case_record_id, moved.case_record_id),
        coalesce(e.id, moved.entry_id), moved.id,
        jsonb_strip_nulls(jsonb_build_object('status', moved.status, 'code', nullif(moved.code, '')))
      from moved left join call_list_entries e on e.message_id = moved.id and e.state = 'TEXTED'
    )
    select id, platform, person_id, purpose, status, number_index, sender, code from moved
    """
)


def move(connection: Connection, moves: Sequence[Move], *, actor: str, now: datetime) -> list[Moved]:
    """Make those moves that the table allows; late and repeated ones change nothing. What did move.

    Rows are locked in the order of their ids, whatever the plan: receipts, senders and switches meet on them.
    """
    if not moves:
        return []
    ordered = sorted(moves, key=lambda m: m.message_id)
    rows = connection.execute(
        _MOVE,
        {
            "ids": [m.message_id for m in ordered],
            "tos": [m.to.value for m in ordered],
            "sids": [m.sid for m in ordered],
            "codes": [m.code for m in ordered],
            "segments": [m.segments for m in ordered],
            "ended": _ENDED,
            "allowed_from": _FROM,
            "allowed_to": _TO,
            "event": Event.MESSAGE_MOVED.value,
            "actor": actor,
            "now": now,
        },
    )
    return [_moved(row) for row in rows]


def _moved(row: Row[Any]) -> Moved:
    return Moved(
        row.id,
        row.platform,
        row.person_id,
        MessagePurpose(row.purpose),
        MessageStatus(row.status),
        row.number_index,
        row.sender,
        row.code,
    )


def delivered_among(connection: Connection, message_ids: Sequence[UUID]) -> list[UUID]:
    """Those of these messages that have arrived."""
    if not message_ids:
        return []
    rows = connection.execute(
        text("select id from messages where id = any(cast(:ids as uuid[])) and status = 'DELIVERED'"),
        {"ids": list(message_ids)},
    )
    return list(rows.scalars())


def lock_by_send_id(connection: Connection, send_id: UUID) -> MessageState | None:
    """The message that this try at sending belongs to, held until the transaction ends."""
    return _state(connection, "send_id = :value", send_id)


def lock_by_sid(connection: Connection, sid: str) -> MessageState | None:
    return _state(connection, "provider_sid = :value", sid)


def lock(connection: Connection, message_id: UUID) -> MessageState:
    """Raises NotFound."""
    found = _state(connection, "id = :value", message_id)
    if found is None:
        raise NotFound("There is no such message.")
    return found


def _state(connection: Connection, condition: str, value: object) -> MessageState | None:
    row = connection.execute(
        text(f"select id, status, provider_sid from messages where {condition} for update"),  # noqa: S608
        {"value": value},
    ).first()
    return None if row is None else MessageState(row.id, MessageStatus(row.status), row.provider_sid)


def known_sids(connection: Connection, sids: Iterable[str]) -> set[str]:
    """Which of these sids already belong to a message of ours."""
    rows = connection.execute(
        text("select provider_sid from messages where provider_sid = any(cast(:sids as text[]))"),
        {"sids": list(sids)},
    )
    return set(rows.scalars())
