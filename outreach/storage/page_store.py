"""Personal pages: the message a link belongs to, the answers given there, and taking a reading back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

from outreach.domain.call_list import EntryState
from outreach.domain.conversations import PageAnswer
from outreach.domain.messages import MessagePurpose, MessageStatus
from outreach.storage import journal
from outreach.storage.journal import Event
from outreach.storage.shed_store import InformedEntry

BY_PAGE = journal.by_system("page")


@dataclass(frozen=True)
class LinkedMessage:
    """What a page needs of its message. `kind`: of the case record it is about; '' when it is about none."""

    message_id: UUID
    person_id: UUID
    platform: str
    number_index: bytes
    purpose: MessagePurpose
    template: str
    status: MessageStatus
    language: str
    entry_id: UUID | None
    kind: str
    time_zone: str


_BY_LINK = text(
    """
    select m.id, m.person_id, m.platform, m.number_index, m.purpose, m.template, m.status, m.language,
      coalesce(m.entry_id, (select e.id from call_list_entries e
        where e.case_record_id = m.case_record_id order by e.id desc limit 1)) as entry_id,
      coalesce(c.kind, '') as kind, p.time_zone
    from messages m join person_keys k on k.person_id = m.person_id
    join persons p on p.id = m.person_id
    left join case_records c on c.id = m.case_record_id
    where m.link_digest = :digest and m.created_at > :since
    """
)


def by_link(connection: Connection, digest: bytes, *, since: datetime) -> LinkedMessage | None:
    """The message, unless it is older than `since` or its person was erased."""
    row = connection.execute(_BY_LINK, {"digest": digest, "since": since}).first()
    if row is None:
        return None
    values = dict(row._mapping)
    values["message_id"] = values.pop("id")
    values["purpose"] = MessagePurpose(values["purpose"])
    values["status"] = MessageStatus(values["status"])
    return LinkedMessage(**values)


def note_opened(connection: Connection, message_id: UUID, *, now: datetime) -> None:
    """The page was asked for, by whomever; the first time stays."""
    connection.execute(
        text("update messages set opened_at = :now where id = :id and opened_at is null"),
        {"id": message_id, "now": now},
    )


def answers(connection: Connection, message_id: UUID) -> dict[PageAnswer, datetime | None]:
    """The buttons that were used, with the moment chosen for a call."""
    rows = connection.execute(
        text("select kind, callback_at from page_answers where message_id = :id"), {"id": message_id}
    )
    return {PageAnswer(row.kind): row.callback_at for row in rows}


def answer_once(
    connection: Connection,
    message_id: UUID,
    kind: PageAnswer,
    *,
    now: datetime,
    callback_at: datetime | None = None,
) -> bool:
    """Note that a button was used; whether it is the first time."""
    added = connection.execute(
        text(
            "insert into page_answers (message_id, kind, answered_at, callback_at)"
            " values (:id, :kind, :now, :callback_at) on conflict do nothing returning kind"
        ),
        {"id": message_id, "kind": kind.value, "now": now, "callback_at": callback_at},
    )
    return added.first() is not None


_STAND_AGAIN = text(
    """
    with again as (
      update call_list_entries e
      set state = 'TEXTED', closed_at = null, closed_because = null, version = e.version + 1
      where e.id in (
        select r.id from call_list_entries r
        where r.case_record_id in (select c.id from person_phones ph join case_records c
            on c.person_id = ph.person_id where ph.number_index = :number)
          and r.message_id in (select id from messages where number_index = :number)
          and r.state = 'CLOSED' and r.closed_because in ('SMS_READ', 'SMS_REPLIED')
          and not exists (select from call_list_entries o where o.case_record_id = r.case_record_id
            and (o.state <> 'CLOSED' or o.id > r.id))
        order by r.id for update)
      returning e.id, e.platform, e.case_record_id
    ), reopened as (
      update case_records c set state = 'OPEN', closed_because = null, version = c.version + 1
      from again where c.id = again.case_record_id and c.state = 'CLOSED'
    )
    insert into journal (at, platform, event, actor, case_record_id, entry_id, facts)
    select :now, platform, :event, :actor, case_record_id, id,
      jsonb_build_object('because', cast(:because as text))
    from again
    """
)


def stand_again(
    connection: Connection, number: bytes, *, because: str, now: datetime, actor: str = BY_PAGE
) -> None:
    """Entries that were closed because a message to this number was read stand behind it again.

    Not those whose record has another entry since: who turned positive meanwhile is called about that.
    """
    connection.execute(
        _STAND_AGAIN,
        {
            "number": number,
            "because": because,
            "now": now,
            "event": Event.ENTRY_RETURNED.value,
            "actor": actor,
        },
    )


def standing_messages(connection: Connection, number: bytes) -> list[UUID]:
    """Messages to a number for which entries stand."""
    rows = connection.execute(
        text(
            """
            select distinct e.message_id from person_phones ph
            join case_records c on c.person_id = ph.person_id
            join call_list_entries e on e.case_record_id = c.id
            join messages m on m.id = e.message_id and m.number_index = ph.number_index
            where ph.number_index = :number and e.state = :texted
            """
        ),
        {"number": number, "texted": EntryState.TEXTED.value},
    )
    return list(rows.scalars())


_UNTELL = text(
    """
    with untold as (
      select e.id, e.platform, e.purpose, e.case_record_id, e.message_id
      from call_list_entries e
      where e.message_id = any(cast(:messages as uuid[])) and e.state = 'TEXTED'
    ), marked as (
      update case_records c set informed_at = null, last_outcome = :outcome
      from untold where c.id = untold.case_record_id
    ), noted as (
      insert into journal (at, platform, event, actor, case_record_id, entry_id, message_id, facts)
      select :now, platform, :event, :actor, case_record_id, id, message_id,
        jsonb_build_object('outcome', cast(:outcome as text), 'purpose', purpose, 'untold', true)
      from untold
    )
    select id as entry_id, platform, case_record_id, message_id from untold order by id
    """
)


def people_told(connection: Connection, message_ids: Sequence[UUID]) -> list[UUID]:
    """Everybody for whose call these messages stand."""
    rows = connection.execute(
        text(
            "select distinct person_id from call_list_entries"
            " where message_id = any(cast(:messages as uuid[])) and state = 'TEXTED'"
        ),
        {"messages": list(message_ids)},
    )
    return list(rows.scalars())


def untell(
    connection: Connection, message_ids: Sequence[UUID], *, outcome: str, now: datetime, actor: str
) -> list[InformedEntry]:
    """Somebody else got these messages: whom they were for is not informed by them. Whose entries stand."""
    rows = connection.execute(
        _UNTELL,
        {
            "messages": list(message_ids),
            "outcome": outcome,
            "now": now,
            "event": Event.ATTEMPT_OUTCOME.value,
            "actor": actor,
        },
    )
    return [InformedEntry(*row) for row in rows]
