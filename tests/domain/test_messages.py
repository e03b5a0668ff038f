"""The moves of a message, over every pair of statuses."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.messages import (
    ENDED,
    MOVES,
    NOT_TOLD,
    STATUS_OF_WORD,
    TOLD,
    URGENCY_OF,
    USEFUL_FOR,
    MessagePurpose,
    MessageStatus,
    may_move,
)

S = MessageStatus
FORWARD = [S.QUEUED, S.SENDING, S.UNCERTAIN, S.ACCEPTED, S.SENT, S.DELIVERED, S.READ]


def test_every_status_has_its_moves() -> None:
    assert set(MOVES) == set(MessageStatus)


def test_no_move_goes_back_but_the_one_of_a_message_never_processed() -> None:
    back = {
        (start, to)
        for start, to in product(FORWARD, FORWARD)
        if may_move(start, to) and FORWARD.index(to) < FORWARD.index(start)
    }
    assert back == {(S.SENDING, S.QUEUED)}


def test_nothing_leaves_an_ended_message_and_nothing_stays_in_place() -> None:
    for start, to in product(MessageStatus, MessageStatus):
        if start in ENDED or start is to:
            assert not may_move(start, to)


@given(st.permutations(["queued", "sending", "sent", "sent", "delivered", "delivered", "read"]))
def test_in_whatever_order_reports_come_the_message_ends_at_the_same_place(words: list[str]) -> None:
    status = S.UNCERTAIN
    for word in words:
        to = STATUS_OF_WORD[word]
        status = to if may_move(status, to) else status
    assert status is S.READ


@given(st.lists(st.sampled_from(sorted(STATUS_OF_WORD)), max_size=12), st.sampled_from(FORWARD[1:]))
def test_any_reports_in_any_order_end_once_and_said_again_change_nothing(
    words: list[str], start: MessageStatus
) -> None:
    status, ended = start, False
    for word in words * 2:
        to = STATUS_OF_WORD[word]
        moves = may_move(status, to)
        assert not (ended and moves)
        status, ended = (to, to in ENDED) if moves else (status, ended)
    again = status
    for word in words:
        again = STATUS_OF_WORD[word] if may_move(again, STATUS_OF_WORD[word]) else again
    assert again is status
    assert words or status is start  # no report ever: the sweeps ask, and give the person a call


def test_a_posted_message_is_never_queued_again_once_its_fate_is_in_doubt() -> None:
    assert not may_move(S.UNCERTAIN, S.QUEUED)
    assert not may_move(S.UNCERTAIN, S.SENDING)
    assert not may_move(S.UNKNOWN, S.QUEUED)


def test_a_report_settles_a_message_in_doubt() -> None:
    for to in (S.ACCEPTED, S.SENT, S.DELIVERED, S.READ, S.UNDELIVERED, S.FAILED):
        assert may_move(S.UNCERTAIN, to)
        assert may_move(S.UNKNOWN, to)


def test_only_queued_messages_can_be_cancelled_or_expire() -> None:
    for start in MessageStatus:
        assert may_move(start, S.CANCELLED) == (start is S.QUEUED)
        assert may_move(start, S.EXPIRED) == (start is S.QUEUED)


def test_told_and_not_told_exclude_each_other() -> None:
    assert not TOLD & NOT_TOLD


@pytest.mark.parametrize("purpose", MessagePurpose)
def test_every_purpose_has_an_urgency_and_a_usefulness(purpose: MessagePurpose) -> None:
    assert purpose in URGENCY_OF
    assert USEFUL_FOR[purpose].total_seconds() > 0


def test_the_providers_words_never_lead_to_a_status_of_our_own_queue() -> None:
    ours = {S.QUEUED, S.SENDING, S.UNCERTAIN, S.UNKNOWN, S.CANCELLED, S.EXPIRED}
    assert not ours & set(STATUS_OF_WORD.values())
