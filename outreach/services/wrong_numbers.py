"""Somebody else has the number: the news is taken back, and whom it was for is called at another number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from outreach.domain.conversations import PageAnswer
from outreach.domain.messages import MessageStatus
from outreach.domain.outcomes import CallOutcome
from outreach.services.announcements import announce_outcome
from outreach.storage import asked_call_store, message_store, number_store, page_store, shed_store
from outreach.storage.database import Connection
from outreach.storage.message_store import Move

WRONG = CallOutcome.WRONG_NUMBER
BECAUSE = PageAnswer.WRONG_PERSON.value


def refuse_number(
    connection: Connection,
    number: bytes,
    person_id: UUID,
    messages: Sequence[UUID],
    *,
    actor: str,
    now: datetime,
) -> None:
    """The number is not this person's, nor that of those for whom an SMS to it stands; others keep it.

    `messages` are read. The caller holds the number.
    """
    page_store.stand_again(connection, number, because=BECAUSE, now=now, actor=actor)
    asked_call_store.hold_entries(connection, number)
    standing = page_store.standing_messages(connection, number)
    people = {person_id, *page_store.people_told(connection, standing)}
    steps = [Move(message_id, MessageStatus.READ) for message_id in messages]
    message_store.move(connection, steps, actor=actor, now=now)
    for entry in page_store.untell(connection, standing, outcome=WRONG.value, now=now, actor=actor):
        announce_outcome(
            connection, entry.platform, entry.case_record_id, WRONG, now, message_id=entry.message_id
        )
    number_store.mark_bad(connection, [number], people=sorted(people))
    shed_store.return_entries(connection, standing, because=BECAUSE, owed=True, now=now)
