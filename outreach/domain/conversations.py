"""Conversations by number: where each stands, what a reply does to it, and who may answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from outreach.domain.replies import Reading, ReplyMeaning

# Nobody answered an unclear reply by then: the person is called, as any promise of ours is kept.
ANSWER_WITHIN = timedelta(hours=2)
CALLED_FOR = frozenset({ReplyMeaning.CALL_ME, ReplyMeaning.QUESTION})


class ConversationState(StrEnum):
    """Where a conversation stands."""

    OPEN = "OPEN"  # an agent is to answer
    ANSWERED = "ANSWERED"  # by a text, or by a call on the list
    CLOSED = "CLOSED"  # nothing is asked


class AnsweredWith(StrEnum):
    """How a conversation was answered."""

    TEMPLATE = "TEMPLATE"
    CALLBACK = "CALLBACK"
    OPT_OUT = "OPT_OUT"  # an agent understood STOP
    WRONG_PERSON = "WRONG_PERSON"  # an agent understood that somebody else has the number
    NOTHING = "NOTHING"  # nothing was asked


class ReplyChannel(StrEnum):
    """Where a reply was written."""

    SMS = "SMS"
    PAGE = "PAGE"  # on the personal page


class PageAnswer(StrEnum):
    """A button of the personal page; each counts once."""

    READ = "READ"
    CALL = "CALL"
    QUESTION = "QUESTION"
    WRONG_PERSON = "WRONG_PERSON"


STATE_AFTER: Mapping[AnsweredWith, ConversationState] = {
    AnsweredWith.TEMPLATE: ConversationState.ANSWERED,
    AnsweredWith.CALLBACK: ConversationState.ANSWERED,
    AnsweredWith.OPT_OUT: ConversationState.CLOSED,
    AnsweredWith.WRONG_PERSON: ConversationState.CLOSED,
    AnsweredWith.NOTHING: ConversationState.CLOSED,
}


def for_agent(reading: Reading, channel: ReplyChannel) -> bool:
    """Whether an agent reads it first. The page offers a call beside the question: who asks can wait.

    Who may be in danger is called and read by an agent.
    """
    on_page = channel is ReplyChannel.PAGE and reading.meaning is ReplyMeaning.QUESTION
    return reading.for_inbox or on_page


def wants_call(reading: Reading, channel: ReplyChannel) -> bool:
    """Whether a call answers it."""
    return reading.in_distress or (reading.meaning in CALLED_FOR and not for_agent(reading, channel))


def answer_by_itself(reading: Reading, channel: ReplyChannel, *, called: bool) -> AnsweredWith | None:
    """How the program answers a reply alone; None: an agent does. `called`: a call is on the list."""
    if for_agent(reading, channel):
        return None
    if wants_call(reading, channel):
        return AnsweredWith.CALLBACK if called else None
    return AnsweredWith.NOTHING


def answer_due(now: datetime) -> datetime:
    """The latest moment for an agent's answer."""
    return now + ANSWER_WITHIN
