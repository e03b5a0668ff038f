"""What follows a message that failed: marks on numbers, stopped senders, and people back on the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from outreach.domain.messages import MessageStatus
from outreach.domain.send_answers import FailureClass
from outreach.domain.send_ledger import Because
from outreach.domain.send_ledger import FailedMessage as FailedMessage
from outreach.services.sender_failover import short_name, stand_down
from outreach.storage import (
    alarm_store,
    journal,
    message_queue_store,
    message_store,
    number_store,
    shed_store,
)
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.database import Connection
from outreach.storage.message_store import Move, Moved

# The carrier cannot reach this one destination from this sender; it says nothing of the others.
ONE_DESTINATION = frozenset({"21612"})
BY_FAILURES = journal.by_system("messages")


def follow_failures(
    connection: Connection, failed: Sequence[FailedMessage], *, default_sender: str, now: datetime
) -> None:
    """Carry out what each failure class asks, then let everyone wait for a call with their own deadline."""
    if not failed:
        return
    for failure in FailureClass:
        same = [one.message for one in failed if one.failure is failure]
        if same:
            _follow_class(connection, failure, same, default_sender, now)
    ids = [one.message.message_id for one in failed]
    shed_store.return_entries(connection, ids, because=Because.FAILED, owed=True, now=now)


def _follow_class(
    connection: Connection,
    failure: FailureClass,
    messages: Sequence[Moved],
    default_sender: str,
    now: datetime,
) -> None:
    numbers = sorted({message.number_index for message in messages})
    match failure:
        case FailureClass.NO_SMS_ON_LINE:
            number_store.mark_no_sms(connection, numbers)
        case FailureClass.WRONG_NUMBER:
            number_store.mark_bad(connection, numbers)
        case FailureClass.OPTED_OUT:
            stop_numbers(connection, numbers, because="PROVIDER", now=now)
        case FailureClass.OUR_FAULT | FailureClass.FILTERED | FailureClass.NOT_ALLOWED:
            _alarm(connection, failure, messages, default_sender, now)
        case (
            FailureClass.LATER | FailureClass.SLOW_DOWN | FailureClass.QUEUE_FULL | FailureClass.UNKNOWN_FATE
        ):
            return  # nothing is wrong with the number: the call comes instead
        case _:
            assert_never(failure)


def stop_numbers(connection: Connection, numbers: Sequence[bytes], *, because: str, now: datetime) -> None:
    """No more SMS to these numbers: what waits is cancelled, and its people are called."""
    number_store.opt_out(connection, numbers, because=because, now=now)
    waiting = message_queue_store.queued_for_numbers(connection, numbers)
    moves = [Move(message_id, MessageStatus.CANCELLED) for message_id in waiting]
    message_store.move(connection, moves, actor=BY_FAILURES, now=now)
    shed_store.return_entries(connection, waiting, because="SMS_STOPPED", owed=True, now=now)


def _alarm(
    connection: Connection,
    failure: FailureClass,
    messages: Sequence[Moved],
    default_sender: str,
    now: datetime,
) -> None:
    """Someone must look. Settings and content that fail for all stop the sender; one destination does not."""
    for sender in sorted({message.sender for message in messages}):
        mine = [message for message in messages if message.sender == sender]
        codes = sorted({message.code for message in mine})
        for_all = failure is not FailureClass.NOT_ALLOWED and not ONE_DESTINATION.issuperset(codes)
        alarm_store.raise_alarm(
            connection,
            AlarmKind.SENDER_STOPPED if for_all else AlarmKind.SENDER_REFUSED,
            short_name(sender),
            platform=None,
            now=now,
            facts={"failure": failure.value, "codes": codes},
        )
        if for_all:
            stand_down(connection, sender, f"{failure.value}:{codes[0]}", default=default_sender, now=now)
