"""Conversations of the inbox: one row for each number, its lines read from messages and replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, text

from outreach.domain.conversations import AnsweredWith, ConversationState
from outreach.domain.replies import Suggestion
from outreach.errors import NotFound
from outreach.storage import journal
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.touched import touch_platform

MOST_LINES = 200


@dataclass(frozen=True)
class Conversation:
    """What was said with whoever is behind a number. `person_id` None: a stranger."""

    id: UUID
    platform: str
    number_index: bytes
    person_id: UUID | None
    state: ConversationState
    unread: int
    suggestion: str
    assigned_to: UUID | None
    last_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    answered_by: UUID | None
    answered_with: AnsweredWith | None
    version: int


class Heard(NamedTuple):
    """A reply as the conversation sees it. `answered_with` None: an agent is to answer by `due_at`."""

    platform: str
    number: bytes
    person_id: UUID | None
    answered_with: AnsweredWith | None
    suggestion: str
    due_at: datetime
    sealed_number: bytes | None = None  # of a stranger


class Filter(NamedTuple):
    """Which conversations of a list; what is None or False does not count. `due_by`: late at that moment."""

    states: Sequence[ConversationState]
    assigned_to: UUID | None = None
    unassigned: bool = False
    unread: bool = False
    due_by: datetime | None = None
    suggestion: Suggestion | None = None


class Line(NamedTuple):
    """One SMS or reply. `sealed` None once its person was erased; `sealed_by` None: by the system."""

    id: UUID
    at: datetime
    ours: bool
    kind: str  # purpose of a message of ours, meaning of a reply
    status: str  # of a message of ours; channel of a reply
    sealed: bytes | None
    person_id: UUID | None
    wrapped_key: bytes | None


_COLUMNS = ", ".join(f"c.{name}" for name in Conversation.__dataclass_fields__)


def _conversation(row: Row[Any]) -> Conversation:
    values = dict(row._mapping)
    values["state"] = ConversationState(values["state"])
    values["answered_with"] = AnsweredWith(values["answered_with"]) if values["answered_with"] else None
    return Conversation(**values)


# A question stays open until it is answered, and due as when it was first asked; a call answers it, but not
# for who may be in danger: an agent looks.
_STAYS_OPEN = "c.state = 'OPEN' and (not :settles or c.suggestion = 'DISTRESS')"
_HEAR = text(
    f"""
    insert into conversations as c (id, platform, number_index, person_id, state, unread, suggestion, last_at,
      due_at, answered_at, answered_with, sealed_number)
    values (:id, :platform, :number, :person_id, :state, :unread, :suggestion, :now, :due_at, :answered_at,
      :answered_with, :sealed_number)
    on conflict (number_index) do update
    set platform = excluded.platform, person_id = coalesce(excluded.person_id, c.person_id),
        last_at = excluded.last_at, version = c.version + 1,
        unread = case when {_STAYS_OPEN} then c.unread + 1 else excluded.unread end,
        suggestion = case when c.state = 'OPEN' and (excluded.suggestion = '' or c.suggestion = 'DISTRESS')
          then c.suggestion else excluded.suggestion end,
        sealed_number = case when excluded.person_id is null then excluded.sealed_number end,
        state = case when {_STAYS_OPEN} then 'OPEN' else excluded.state end,
        due_at = case when {_STAYS_OPEN} then c.due_at else excluded.due_at end,
        answered_at = case when {_STAYS_OPEN} then null else excluded.answered_at end,
        answered_with = case when {_STAYS_OPEN} then null else excluded.answered_with end,
        assigned_to = case when {_STAYS_OPEN} then c.assigned_to end,
        answered_by = null
    """  # noqa: S608 - constants
)


def hear(
    connection: Connection, heard: Heard, *, conversation_id: UUID, state: ConversationState, now: datetime
) -> None:
    """A reply came: the conversation of its number begins, goes on, or opens again."""
    open_now = heard.answered_with is None
    connection.execute(
        _HEAR,
        {
            "id": conversation_id,
            "platform": heard.platform,
            "number": heard.number,
            "person_id": heard.person_id,
            "state": state.value,
            "unread": int(open_now),
            "suggestion": heard.suggestion,
            "due_at": heard.due_at if open_now else None,
            "answered_at": None if open_now else now,
            "answered_with": heard.answered_with.value if heard.answered_with else None,
            "settles": heard.answered_with is AnsweredWith.CALLBACK,
            "sealed_number": heard.sealed_number,
            "now": now,
        },
    )
    touch_platform(connection, heard.platform)


def read(connection: Connection, conversation_id: UUID) -> Conversation:
    """Raises NotFound."""
    return _one(connection, conversation_id, "")


def lock(connection: Connection, conversation_id: UUID) -> Conversation:
    """Held until the transaction ends. Raises NotFound."""
    return _one(connection, conversation_id, "for update")


def _one(connection: Connection, conversation_id: UUID, how: str) -> Conversation:
    row = connection.execute(
        text(f"select {_COLUMNS} from conversations c where c.id = :id {how}"),  # noqa: S608 - constants
        {"id": conversation_id},
    ).first()
    if row is None:
        raise NotFound("There is no such conversation.")
    return _conversation(row)


def of_number(connection: Connection, number: bytes) -> Conversation | None:
    """The conversation with a number."""
    row = connection.execute(
        text(f"select {_COLUMNS} from conversations c where c.number_index = :number"),  # noqa: S608
        {"number": number},
    ).first()
    return None if row is None else _conversation(row)


def stranger_number(connection: Connection, conversation_id: UUID) -> bytes | None:
    """The sealed number of a stranger; None once they are somebody."""
    sealed: bytes | None = connection.execute(
        text("select sealed_number from conversations where id = :id and person_id is null"),
        {"id": conversation_id},
    ).scalar()
    return sealed


def name_stranger(connection: Connection, conversation: Conversation, person_id: UUID, platform: str) -> None:
    """Someone found whose number it is."""
    _change(
        connection,
        conversation,
        "person_id = :person_id, platform = :platform, sealed_number = null",
        {"person_id": person_id, "platform": platform},
    )


_PAGE = text(
    f"""
    select {_COLUMNS} from conversations c
    where c.platform = any(cast(:platforms as text[])) and c.state = any(cast(:states as text[]))
      and (cast(:assigned_to as uuid) is null or c.assigned_to = :assigned_to)
      and (not :unassigned or c.assigned_to is null) and (not :unread or c.unread > 0)
      and (cast(:due_by as timestamptz) is null or c.due_at <= :due_by)
      and (cast(:suggestion as text) is null or c.suggestion = :suggestion)
      and (c.last_at, c.id) < (cast(:last_at as timestamptz), cast(:last_id as uuid))
    order by c.last_at desc, c.id desc limit :most
    """  # noqa: S608 - constants
)


def page(
    connection: Connection,
    platforms: Sequence[str],
    which: Filter,
    *,
    before: tuple[datetime, UUID],
    most: int,
) -> list[Conversation]:
    """Newest first, those that came before a place in that order."""
    rows = connection.execute(
        _PAGE,
        {
            "platforms": list(platforms),
            **which._asdict(),
            "states": [state.value for state in which.states],
            "last_at": before[0],
            "last_id": before[1],
            "most": most,
        },
    )
    return [_conversation(row) for row in rows]


class Count(NamedTuple):
    """What waits for a platform's agents."""

    platform: str
    open: int
    unread: int  # replies that nobody opened
    unassigned: int
    mine: int
    overdue: int


def counts(connection: Connection, platforms: Sequence[str], *, user_id: UUID, now: datetime) -> list[Count]:
    rows = connection.execute(
        text(
            """
            select platform, count(*), sum(unread), count(*) filter (where assigned_to is null),
              count(*) filter (where assigned_to = :user_id), count(*) filter (where due_at < :now)
            from conversations
            where platform = any(cast(:platforms as text[])) and state = 'OPEN'
            group by platform order by platform
            """
        ),
        {"platforms": list(platforms), "user_id": user_id, "now": now},
    )
    return [Count(*row) for row in rows]


_LINES = text(
    """
    select * from (
      select m.id, m.created_at as at, true as ours, m.purpose as kind, m.status, m.sealed_body as sealed,
        m.person_id, k.wrapped_key
      from messages m left join person_keys k on k.person_id = m.person_id where m.number_index = :number
      union all
      select r.id, r.received_at, false, r.meaning, r.channel, r.sealed_body, r.person_id, k.wrapped_key
      from inbound_messages r left join person_keys k on k.person_id = r.person_id
      where r.number_index = :number
    ) lines order by at desc, id desc limit :most
    """
)


def lines(connection: Connection, number: bytes) -> list[Line]:
    """The last lines, oldest first."""
    rows = connection.execute(_LINES, {"number": number, "most": MOST_LINES})
    return [Line(*row) for row in rows][::-1]


def open_case_records(connection: Connection, number: bytes) -> list[UUID]:
    """The open case records of everybody behind the number."""
    rows = connection.execute(
        text(
            """
            select c.id from case_records c
            where c.person_id in (select person_id from person_phones where number_index = :number)
              and c.state = 'OPEN'
            order by c.id limit 50
            """
        ),
        {"number": number},
    )
    return list(rows.scalars())


def assign(connection: Connection, conversation: Conversation, user_id: UUID | None) -> None:
    _change(connection, conversation, "assigned_to = :user_id", {"user_id": user_id})


def mark_seen(connection: Connection, conversation_id: UUID) -> None:
    """An agent has the whole conversation before them."""
    connection.execute(
        text("update conversations set unread = 0 where id = :id and unread > 0"), {"id": conversation_id}
    )


def answer(
    connection: Connection,
    conversation: Conversation,
    *,
    state: ConversationState,
    answered_with: AnsweredWith,
    by: UUID | None,
    now: datetime,
) -> None:
    """It is answered, with a line in the journal of each open case record behind the number."""
    _change(
        connection,
        conversation,
        "state = :state, answered_with = :answered_with, answered_at = :now, answered_by = :by,"
        " due_at = null, unread = 0, suggestion = ''",
        {"state": state.value, "answered_with": answered_with.value, "by": by, "now": now},
    )
    actor = journal.by_system("inbox") if by is None else journal.by_user(by)
    facts = {"conversation_id": str(conversation.id), "with": answered_with.value}
    records = open_case_records(connection, conversation.number_index)
    about: list[UUID | None] = [*records] or [None]
    lines = [
        JournalEntry(now, conversation.platform, Event.REPLY_ANSWERED, actor, record, facts=facts)
        for record in about
    ]
    journal.write(connection, *lines)


def _change(
    connection: Connection, conversation: Conversation, assignments: str, values: dict[str, Any]
) -> None:
    connection.execute(
        text(f"update conversations set {assignments}, version = version + 1 where id = :id"),  # noqa: S608
        {"id": conversation.id, **values},
    )
    touch_platform(connection, conversation.platform)


def overdue(connection: Connection, *, now: datetime, most: int) -> list[UUID]:
    """Open conversations with someone we know whose answer is late."""
    rows = connection.execute(
        text(
            "select id from conversations where state = 'OPEN' and due_at <= :now and person_id is not null"
            " order by due_at limit :most"
        ),
        {"now": now, "most": most},
    )
    return list(rows.scalars())


def give_up_calling(connection: Connection, conversation: Conversation) -> None:
    """Nobody can be called about it: it stays open for the agents, and is due no more."""
    _change(connection, conversation, "due_at = null", {})


def messages_read(connection: Connection, number: bytes) -> list[UUID]:
    """Messages to a number that were read and for which entries still stand."""
    rows = connection.execute(
        text(
            """
            select m.id from messages m where m.number_index = :number and m.status = 'READ'
              and exists (select from call_list_entries e where e.message_id = m.id and e.state = 'TEXTED')
            order by m.id
            """
        ),
        {"number": number},
    )
    return list(rows.scalars())
