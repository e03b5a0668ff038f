"""What people ask of us: conversations by number, calls asked for, and answers given on the personal page."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from outreach.storage.tables.base import Moment, id_column, metadata, needed, platform_column, reference

conversations = Table(  # one for each number; its lines are the messages and replies of that number
    "conversations",
    metadata,
    id_column(),
    platform_column(),
    Column("number_index", LargeBinary, nullable=False, unique=True),
    reference("persons", "person_id", null=True, index=True),  # who most likely wrote; null: a stranger
    needed("state", Text),  # domain/conversations.py ConversationState
    needed("unread", Integer, "0"),
    needed("suggestion", Text, "''"),  # domain/replies.py Suggestion
    Column("sealed_number", LargeBinary),  # of a stranger only, until someone says whose it is
    Column("assigned_to", Uuid),
    needed("last_at", Moment),
    Column("due_at", Moment),  # while OPEN: nobody answered by then, so a call is made
    Column("answered_at", Moment),
    Column("answered_by", Uuid),  # null: the program
    Column("answered_with", Text),  # TEMPLATE | CALLBACK | OPT_OUT | WRONG_PERSON | NOTHING
    needed("version", Integer, "1"),
    Index("conversations_list_idx", "platform", "state", "last_at", "id"),
    Index("conversations_due_idx", "due_at", postgresql_where=text("state = 'OPEN'")),
)

asked_calls = Table(  # asked for while an agent had the entry in hand: settled when it is out of their hands
    "asked_calls",
    metadata,
    id_column(),
    platform_column(),
    reference("persons", "person_id", index=True),
    needed("number_index", LargeBinary),
    needed("because", Text),
    needed("asked_at", Moment),
    needed("due_at", Moment),
    Column("settled_at", Moment),
    Column("settled_with", Text),  # CALLBACK | SPOKEN
    Index("asked_calls_open_idx", "asked_at", postgresql_where=text("settled_at is null")),
)

page_answers = Table(  # each button of a personal page counts once
    "page_answers",
    metadata,
    reference("messages", "message_id"),
    needed("kind", Text),  # domain/conversations.py PageAnswer
    needed("answered_at", Moment),
    Column("callback_at", Moment),
    PrimaryKeyConstraint("message_id", "kind"),
)
