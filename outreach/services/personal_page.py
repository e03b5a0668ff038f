"""The page behind a personal link: what it shows, that it was read, and what people answer there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.callback_times import callback_times
from outreach.domain.conversations import PageAnswer, ReplyChannel
from outreach.domain.messages import MessagePurpose, MessageStatus
from outreach.domain.outcomes import CallOutcome
from outreach.domain.replies import Reading, ReplyMeaning
from outreach.errors import InvalidInput, NotFound
from outreach.services.personal_links import PersonalLinks
from outreach.services.replies import Replies, Written, close_told
from outreach.services.scripts import Scripts
from outreach.services.settling import hours_for
from outreach.services.wrong_numbers import refuse_number
from outreach.storage import (
    call_list_store,
    message_store,
    page_store,
    platform_store,
    reply_store,
)
from outreach.storage.database import Connection, Database
from outreach.storage.message_store import Move
from outreach.storage.page_store import BY_PAGE, LinkedMessage

LONGEST_QUESTION = 500  # characters
GENERAL = "general_page"
FOR_CONTACTS = frozenset({MessagePurpose.CONTACT_INFORMED, MessagePurpose.REMINDER})
PAGE_OF_KIND = {"CONTACT": "contact_page", "POSITIVE": "positive_page"}


@dataclass(frozen=True)
class PageView:
    """What the page shows; it names nobody. `times`: when a call may be chosen, in the callee's zone."""

    language: str
    platform_name: str
    outreach_number: str
    advice: str
    times: Sequence[datetime]
    time_zone: str
    answers: Mapping[PageAnswer, datetime | None]


@dataclass(frozen=True)
class PersonalPage:
    """Every method raises NotFound, with one sentence, for a link that is unknown, expired or erased."""

    database: Database
    clock: Clock
    links: PersonalLinks
    scripts: Scripts
    replies: Replies
    outreach_number: str
    valid_for: timedelta

    def show(self, token: str, *, language: str = "") -> PageView:
        """The page in a language, else in that of the message. Showing it is not yet reading it."""
        now = self.clock.now()
        with self.database.begin() as connection:
            message = self._message(connection, token, now)
            page_store.note_opened(connection, message.message_id, now=now)
            platform = platform_store.read(connection, message.platform)
            answers = page_store.answers(connection, message.message_id)
            wrong = PageAnswer.WRONG_PERSON in answers
            spoken = language or message.language
            return PageView(
                language=spoken,
                platform_name=platform.name,
                outreach_number=platform.caller_id or self.outreach_number,
                advice="" if wrong else self._advice(connection, message, spoken, now),
                times=[] if wrong else _times(connection, message, now),
                time_zone=message.time_zone,
                answers=answers,
            )

    def read(self, token: str) -> None:
        """Someone has the page before them: the message is read, and its people are told."""
        now = self.clock.now()
        with self.database.begin() as connection:
            message = self._held(connection, token, now)
            page_store.answer_once(connection, message.message_id, PageAnswer.READ, now=now)
            _mark_read(connection, message, now)

    def ask_for_call(self, token: str, at: datetime | None = None) -> None:
        """A call as soon as possible, or at one of the moments offered. Raises InvalidInput for another."""
        now = self.clock.now()
        with self.database.begin() as connection:
            message = self._held(connection, token, now)
            if at is not None and at not in _times(connection, message, now):
                raise InvalidInput("This moment is not offered any more.", field="at", code="moment_gone")
            if _is_first(connection, message, PageAnswer.CALL, now, callback_at=at):
                self._hear(connection, message, ReplyMeaning.CALL_ME, "", now, due_at=at)

    def ask_question(self, token: str, question: str) -> None:
        """A question for an agent; in words, or none."""
        now = self.clock.now()
        with self.database.begin() as connection:
            message = self._held(connection, token, now)
            if _is_first(connection, message, PageAnswer.QUESTION, now):
                words = question.strip()[:LONGEST_QUESTION]
                self._hear(connection, message, ReplyMeaning.QUESTION, words, now)

    def refuse_number(self, token: str) -> None:
        """Whoever has this number is not whom we look for: another number is called, or looked up.

        Not once a call was asked for here: someone of the household wants it, and the agent will hear.
        """
        now = self.clock.now()
        with self.database.begin() as connection:
            message = self._held(connection, token, now)
            if _is_first(connection, message, PageAnswer.WRONG_PERSON, now):
                number, told = message.number_index, [message.message_id]
                refuse_number(connection, number, message.person_id, told, actor=BY_PAGE, now=now)

    def _message(self, connection: Connection, token: str, now: datetime) -> LinkedMessage:
        digest = self.links.digest_of_token(token)
        found = page_store.by_link(connection, digest, since=now - self.valid_for) if digest else None
        if found is None:
            raise NotFound("This link is not valid, or not any more.", code="link_not_valid")
        return found

    def _held(self, connection: Connection, token: str, now: datetime) -> LinkedMessage:
        """The message, and that nobody else answers for its number meanwhile."""
        message = self._message(connection, token, now)
        reply_store.hold_number(connection, message.number_index)
        return message

    def _advice(self, connection: Connection, message: LinkedMessage, language: str, now: datetime) -> str:
        """The page that goes with the text sent, else the one for everybody."""
        own = f"{message.template}_page"
        shared = GENERAL if _says_nothing(message) else PAGE_OF_KIND.get(message.kind)
        chosen = own if own in self.scripts.catalog.entries else shared or GENERAL
        text = self.scripts.render(connection, chosen, language=language, platform=message.platform, now=now)
        return text.text

    def _hear(
        self,
        connection: Connection,
        message: LinkedMessage,
        meaning: ReplyMeaning,
        words: str,
        now: datetime,
        *,
        due_at: datetime | None = None,
    ) -> None:
        """As a reply by SMS would be; what reading the page closed stands again."""
        page_store.stand_again(connection, message.number_index, because=meaning.value, now=now)
        sid = f"page:{meaning.value}:{message.message_id}"
        written = Written(sid, message.number_index, words, ReplyChannel.PAGE)
        self.replies.hear(connection, written, Reading(meaning), now, due_at=due_at)


def _says_nothing(message: LinkedMessage) -> bool:
    """Whoever holds the phone: an SMS sent to a contact never tells that they turned positive since."""
    turned = message.purpose in FOR_CONTACTS and message.kind == "POSITIVE"
    return turned or message.purpose is MessagePurpose.CAMPAIGN


def _times(connection: Connection, message: LinkedMessage, now: datetime) -> list[datetime]:
    """In the calling hours of whoever the message is about."""
    if message.entry_id is None:
        return []
    entry = call_list_store.read(connection, message.entry_id)
    return callback_times(hours_for(entry, call_list_store.context_of(connection, entry.id)), now)


def _is_first(
    connection: Connection,
    message: LinkedMessage,
    kind: PageAnswer,
    now: datetime,
    *,
    callback_at: datetime | None = None,
) -> bool:
    """Each button counts once; none after "wrong person", nor that one after a call was asked for."""
    answered = page_store.answers(connection, message.message_id).keys()
    if PageAnswer.WRONG_PERSON in answered or {kind, *answered} >= {PageAnswer.WRONG_PERSON, PageAnswer.CALL}:
        return False
    return page_store.answer_once(connection, message.message_id, kind, now=now, callback_at=callback_at)


def _mark_read(connection: Connection, message: LinkedMessage, now: datetime) -> list[UUID]:
    step = Move(message.message_id, MessageStatus.READ)
    moved = [one.message_id for one in message_store.move(connection, [step], actor=BY_PAGE, now=now)]
    close_told(connection, moved, CallOutcome.SMS_READ, now, actor=BY_PAGE)
    return moved
