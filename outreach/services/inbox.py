"""The inbox: conversations that agents answer by a text, by a call, or by seeing that nothing was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.answer_texts import APOLOGY, filled_in
from outreach.domain.conversations import STATE_AFTER, AnsweredWith, ConversationState
from outreach.domain.messages import MessagePurpose
from outreach.domain.outcomes import CallOutcome
from outreach.domain.scripts import CatalogEntry, Value
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.log import get_logger
from outreach.services.asked_calls import ask_for_call
from outreach.services.break_glass import hidden_from
from outreach.services.message_failures import stop_numbers
from outreach.services.message_queueing import MessageQueueing, MessageWish
from outreach.services.replies import SEALED_FOR, close_told
from outreach.services.wrong_numbers import refuse_number
from outreach.storage import (
    access_store,
    alarm_store,
    asked_call_store,
    inbox_store,
    journal,
    page_store,
    reply_store,
    restriction_store,
    shed_store,
    user_store,
)
from outreach.storage.access_store import AccessLine, AccessReason
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.asked_call_store import AskedCall
from outreach.storage.database import Connection, Database
from outreach.storage.inbox_store import Conversation, Count, Filter, Line
from outreach.storage.reply_store import Writer
from outreach.storage.vault import CannotOpen, Vault

log = get_logger("inbox")

PIECE = 100
FIRST = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))  # the newest conversation comes after it


@dataclass(frozen=True)
class ReadLine:
    """A line in the clear; `text` None once its person was erased, or for a reader who said not why."""

    line: Line
    text: str | None


@dataclass(frozen=True)
class ReadConversation:
    """A conversation with its lines, and the open case records of everybody behind the number.

    `restricted`: records for whose reading a reason is asked first; until then no line has its words.
    """

    conversation: Conversation
    lines: Sequence[ReadLine]
    case_record_ids: Sequence[UUID]
    restricted: Sequence[UUID] = ()


@dataclass(frozen=True)
class Answerer:
    """Who answers, for which platforms. `version`: of the conversation they saw. `supervises`: anybody's."""

    user_id: UUID
    platforms: Sequence[str]
    version: int
    supervises: bool = False

    def own_platform(self, platform: str) -> str:
        """The platform, if it is theirs. Raises NotFound."""
        if platform not in self.platforms:
            raise NotFound("There is no such case record.")
        return platform


@dataclass(frozen=True)
class Inbox:
    """Agents' use cases. Each that changes something raises Conflict when another was quicker.

    A conversation of another platform is not there: NotFound.
    """

    database: Database
    vault: Vault
    clock: Clock
    queueing: MessageQueueing
    nudge: Callable[[str], object]

    def page(
        self,
        platforms: Sequence[str],
        which: Filter,
        *,
        before: tuple[datetime, UUID] = FIRST,
        most: int,
    ) -> list[Conversation]:
        """Newest first."""
        with self.database.reading_as(platforms, now=self.clock.now()) as connection:
            return inbox_store.page(connection, platforms, which, before=before, most=most)

    def counts(self, platforms: Sequence[str], *, user_id: UUID) -> list[Count]:
        """What is open for each platform."""
        now = self.clock.now()
        with self.database.reading_as(platforms, now=now) as connection:
            return inbox_store.counts(connection, platforms, user_id=user_id, now=now)

    def templates(self) -> list[CatalogEntry]:
        """The texts that answer; what an agent fills in is in their variables."""
        entries = self.queueing.scripts.catalog.entries.values()
        return [entry for entry in entries if entry.purpose == MessagePurpose.ANSWER.value]

    def read(self, conversation_id: UUID, *, reader: UUID, platforms: Sequence[str]) -> ReadConversation:
        """The whole conversation; reading it is logged, and its replies count as seen.

        Of a restricted person's there are no words, and nothing counts as seen, until the reader said why.
        """
        with self.database.reading_as(platforms, reader=reader, now=self.clock.now()) as connection:
            conversation = of_platforms(inbox_store.read(connection, conversation_id), platforms)
            lines = inbox_store.lines(connection, conversation.number_index)
            records = inbox_store.open_case_records(connection, conversation.number_index)
            behind = restriction_store.behind_number(connection, conversation.number_index)
            hidden = hidden_from(connection, reader, behind, self.clock.now())
            if hidden:
                without = [ReadLine(one, None) for one in lines]
                return ReadConversation(conversation, without, records, sorted(hidden))
            self._note_reading(connection, conversation, reader, records)
        with self.database.begin() as connection:
            inbox_store.mark_seen(connection, conversation_id)
        log.info("conversation.read", conversation_id=str(conversation_id), user_id=str(reader))
        return ReadConversation(conversation, [ReadLine(one, self._opened(one)) for one in lines], records)

    def _note_reading(
        self, connection: Connection, conversation: Conversation, reader: UUID, records: Sequence[UUID]
    ) -> None:
        now = self.clock.now()
        lines = [
            AccessLine(now, conversation.platform, reader, record, AccessReason.CONVERSATION)
            for record in records
        ]
        access_store.note_all(connection, lines)

    def take(self, conversation_id: UUID, by: Answerer) -> Conversation:
        """It is theirs to answer."""
        with self.database.begin() as connection:
            conversation = held(connection, conversation_id, by)
            inbox_store.assign(connection, conversation, by.user_id)
            return inbox_store.read(connection, conversation_id)

    def give_back(self, conversation_id: UUID, by: Answerer) -> Conversation:
        """Anybody's to answer again."""
        with self.database.begin() as connection:
            conversation = held(connection, conversation_id, by)
            inbox_store.assign(connection, conversation, None)
            return inbox_store.read(connection, conversation_id)

    def answer(
        self, conversation_id: UUID, by: Answerer, *, template: str, given: Mapping[str, str]
    ) -> Conversation:
        """Send one of the texts that answer, and do what it promises: a call, or to leave the number alone.

        Raises InvalidInput for another text, or a value that is odd.
        """
        entry, now = self.template(template), self.clock.now()
        variables = filled_in(entry, given)
        with self.database.begin() as connection:
            conversation = held(connection, conversation_id, by)
            self._send(connection, conversation, template, variables, now)
            if entry.call_owed and not _call(connection, conversation, "INBOX", now, due_at=now):
                raise Conflict("There is nobody on our records to call.", code="nobody_to_call")
            if entry.name == APOLOGY:
                _refuse_number(connection, conversation, by, now)
            after = _settle(connection, conversation, AnsweredWith.TEMPLATE, by.user_id, now)
        self.nudge("messages")
        return after

    def call_back(self, conversation_id: UUID, by: Answerer, *, at: datetime | None = None) -> Conversation:
        """Put their call on the list: as soon as possible, or at a moment."""
        now = self.clock.now()
        if at is not None and at < now:
            raise InvalidInput("A call lies ahead.", field="at", mend="leave it out for as soon as possible")
        with self.database.begin() as connection:
            conversation = held(connection, conversation_id, by)
            if not _call(connection, conversation, "INBOX", now, due_at=at or now):
                raise Conflict("There is nobody on our records to call.", code="nobody_to_call")
            return _settle(connection, conversation, AnsweredWith.CALLBACK, by.user_id, now)

    def opt_out(self, conversation_id: UUID, by: Answerer) -> Conversation:
        """They meant STOP: no more SMS, and a call instead where one stood for it."""
        now = self.clock.now()
        with self.database.begin() as connection:
            conversation = held(connection, conversation_id, by)
            number = conversation.number_index
            stop_numbers(connection, [number], because="AGENT", now=now)
            _return_entries(connection, number, now)
            return _settle(connection, conversation, AnsweredWith.OPT_OUT, by.user_id, now)

    def wrong_person(self, conversation_id: UUID, by: Answerer) -> Conversation:
        """Somebody else has this number: whom we look for is called at another one, or looked up."""
        now = self.clock.now()
        with self.database.begin() as connection:
            conversation = held(connection, conversation_id, by)
            _refuse_number(connection, conversation, by, now)
            return _settle(connection, conversation, AnsweredWith.WRONG_PERSON, by.user_id, now)

    def close(self, conversation_id: UUID, by: Answerer) -> Conversation:
        """Nothing was asked."""
        now = self.clock.now()
        with self.database.begin() as connection:
            conversation = held(connection, conversation_id, by)
            return _settle(connection, conversation, AnsweredWith.NOTHING, by.user_id, now)

    def call_unanswered(self) -> int:
        """Whom nobody answered in time is called: the sweep that keeps replies from being forgotten."""
        now = self.clock.now()
        with self.database.begin() as connection:
            late = inbox_store.overdue(connection, now=now, most=PIECE)
        return sum(self._call_late(conversation_id, now) for conversation_id in late)

    def _call_late(self, conversation_id: UUID, now: datetime) -> bool:
        with self.database.begin() as connection:
            conversation = _locked(connection, conversation_id)
            still_late = conversation.due_at is not None and conversation.due_at <= now
            if conversation.state is not ConversationState.OPEN or not still_late:
                return False
            if not _call(connection, conversation, "UNANSWERED", now, due_at=now):
                inbox_store.give_up_calling(connection, conversation)
                return False
            _settle(connection, conversation, AnsweredWith.CALLBACK, None, now)
            return True

    def template(self, name: str) -> CatalogEntry:
        """One of the texts that answer. Raises InvalidInput for another."""
        found = next((entry for entry in self.templates() if entry.name == name), None)
        if found is None:
            names = ", ".join(sorted(entry.name for entry in self.templates()))
            raise InvalidInput("This text does not answer replies.", field="template", mend=f"one of {names}")
        return found

    def _send(
        self,
        connection: Connection,
        conversation: Conversation,
        template: str,
        variables: Mapping[str, Value],
        now: datetime,
    ) -> None:
        if conversation.person_id is None:
            raise Conflict("Nobody on our records has this number.", code="nobody_to_write_to")
        records = inbox_store.open_case_records(connection, conversation.number_index)
        wish = MessageWish(
            platform=conversation.platform,
            person_id=conversation.person_id,
            purpose=MessagePurpose.ANSWER,
            template=template,
            variables=variables,
            case_record_id=records[0] if records else None,
            number_index=conversation.number_index,
        )
        if self.queueing.queue_message(connection, wish, now=now) is None:
            raise Conflict(
                "No SMS can go to this number: none is wanted, or the line takes none. Call back instead.",
                code="no_sms_possible",
            )

    def _opened(self, line: Line) -> str | None:
        if not line.sealed:
            return None
        try:
            if line.person_id is None:
                return self.vault.open_system(SEALED_FOR, line.sealed).decode()
            if line.wrapped_key is None:
                return None
            return self.vault.person_key(line.person_id, line.wrapped_key).open_text(line.sealed)
        except CannotOpen:
            return None


def of_platforms(conversation: Conversation, platforms: Sequence[str]) -> Conversation:
    if conversation.platform not in platforms:
        raise NotFound("There is no such conversation.")
    return conversation


def _locked(connection: Connection, conversation_id: UUID) -> Conversation:
    """In everybody's order: the number, its messages, entries, the conversation."""
    number = inbox_store.read(connection, conversation_id).number_index
    reply_store.hold_number(connection, number)
    asked_call_store.hold_entries(connection, number)
    return inbox_store.lock(connection, conversation_id)


def held(connection: Connection, conversation_id: UUID, by: Answerer) -> Conversation:
    """The conversation as its agent saw it. Raises Conflict, saying who did what since."""
    conversation = of_platforms(_locked(connection, conversation_id), by.platforms)
    if conversation.version != by.version:
        raise Conflict(_told_since(connection, conversation), code="conversation_changed")
    others = conversation.assigned_to not in (None, by.user_id)
    if others and not by.supervises:
        raise Conflict(_told_since(connection, conversation), code="assigned_to_another")
    return conversation


def _told_since(connection: Connection, conversation: Conversation) -> str:
    if conversation.answered_with is not None and conversation.answered_at is not None:
        who = _login(connection, conversation.answered_by)
        when = conversation.answered_at.strftime("%H:%M UTC")
        return f"{who} answered at {when} with {conversation.answered_with.value}."
    if conversation.assigned_to is not None:
        return f"{_login(connection, conversation.assigned_to)} has this conversation."
    return "Something was said since you looked; read it again."


def _login(connection: Connection, user_id: UUID | None) -> str:
    user = user_store.by_id(connection, user_id) if user_id else None
    return user.login if user else "The program"


def _settle(
    connection: Connection,
    conversation: Conversation,
    answered_with: AnsweredWith,
    by: UUID | None,
    now: datetime,
) -> Conversation:
    """It is answered; entries whose message was read and that no call is owed are done with it."""
    actor = journal.by_system("inbox") if by is None else journal.by_user(by)
    if by is not None:
        alarm_store.settle(connection, AlarmKind.DISTRESS, str(conversation.id), now=now)
    inbox_store.answer(
        connection,
        conversation,
        state=STATE_AFTER[answered_with],
        answered_with=answered_with,
        by=by,
        now=now,
    )
    read = inbox_store.messages_read(connection, conversation.number_index)
    close_told(connection, read, CallOutcome.SMS_REPLIED, now, actor=actor)
    return inbox_store.read(connection, conversation.id)


def _call(
    connection: Connection, conversation: Conversation, because: str, now: datetime, *, due_at: datetime
) -> bool:
    if conversation.person_id is None:
        return False
    writer = Writer(conversation.person_id, conversation.platform)
    asked = AskedCall(conversation.number_index, writer, because, asked_at=now, due_at=due_at)
    return ask_for_call(connection, asked, now=now)


def _refuse_number(connection: Connection, conversation: Conversation, by: Answerer, now: datetime) -> None:
    if conversation.person_id is None:
        raise Conflict("Nobody on our records has this number.", code="nobody_to_look_for")
    number, actor = conversation.number_index, journal.by_user(by.user_id)
    refuse_number(connection, number, conversation.person_id, [], actor=actor, now=now)


def _return_entries(connection: Connection, number: bytes, now: datetime) -> None:
    standing = page_store.standing_messages(connection, number)
    because = CallOutcome.SMS_STOPPED.value
    shed_store.return_entries(connection, standing, because=because, owed=True, now=now)
