"""Takes back the outcome an agent said a moment ago: the call is in wrap-up again, as if nothing was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.call_attempts import CallStatus
from outreach.domain.messages import MessageStatus
from outreach.domain.outcome_undo import UNDO_WITHIN, SinceThen, check_undo
from outreach.domain.outcomes import CallOutcome
from outreach.errors import Conflict
from outreach.ids import new_id
from outreach.services.announcements import announce_undone
from outreach.services.call_bar import own
from outreach.services.call_list import LEASE_FOR
from outreach.storage import (
    alarm_store,
    attempt_store,
    call_list_store,
    journal,
    lease_store,
    message_store,
    presence_store,
    undo_store,
)
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.attempt_store import Attempt
from outreach.storage.database import Connection, Database
from outreach.storage.message_store import Move
from outreach.storage.undo_store import Undoable


@dataclass(frozen=True)
class Undone:
    """The outcome that does not count any more."""

    attempt_id: UUID
    entry_id: UUID
    outcome: CallOutcome


@dataclass(frozen=True)
class OutcomeUndo:
    """For one minute, by who said it, while nobody acted on it.

    Texts that the outcome cancelled stay cancelled: what is said next brings its own.
    """

    database: Database
    clock: Clock

    def undo(self, agent_id: UUID, attempt_id: UUID) -> Undone:
        """The entry is in the agent's hands again; whom they took meanwhile goes back to the list uncalled.

        Raises NotAllowed for another's call, Conflict (with why) when the outcome stands.
        """
        now = self.clock.now()
        with self.database.begin() as connection:
            attempt = own(attempt_store.lock(connection, attempt_id), agent_id)
            if attempt.outcome is None:
                raise Conflict("No outcome was said for this call yet.", code="nothing_said")
            undoable, waiting = self._checked(connection, attempt, now)
            lease_store.release(connection, agent_id=agent_id, now=now, because="OUTCOME_UNDONE")
            self._put_back(connection, attempt, undoable, waiting, now)
            _tell(connection, attempt, attempt.outcome, undoable, now)
        return Undone(attempt.id, attempt.entry_id, attempt.outcome)

    def undoable(self, connection: Connection, agent_id: UUID, now: datetime) -> Undoable | None:
        """What the agent may still take back, as far as time goes."""
        return undo_store.said_lately(connection, agent_id, since=now - UNDO_WITHIN)

    def _checked(
        self, connection: Connection, attempt: Attempt, now: datetime
    ) -> tuple[Undoable, Sequence[UUID]]:
        """What stood before, and the messages that have not left. Raises Conflict.

        Held from here on, in everybody's order: the messages (none leaves in between), the agent's presence
        (nobody gives them a person in between), the entries of the outcome and those in their hands.
        """
        undoable = undo_store.last_of(connection, attempt.agent_id)
        if undoable is None or undoable.attempt_id != attempt.id:
            raise Conflict("Only your last outcome can be undone.", code="not_last")
        waiting = undo_store.queued_since(connection, undoable)
        presence_store.hold(connection, attempt.agent_id, now)
        in_hand = lease_store.held_by(connection, attempt.agent_id)
        call_list_store.lock_all(connection, {*undoable.entry_ids, *in_hand})
        called_again, moved, texted = undo_store.since_then(connection, undoable)
        since = SinceThen(
            undoable.said_at,
            called_again=called_again,
            in_call=attempt_store.open_of_agent(connection, attempt.agent_id) is not None,
            moved=moved,
            texted=texted,
        )
        check_undo(since, now)
        return undoable, waiting

    def _put_back(
        self,
        connection: Connection,
        attempt: Attempt,
        undoable: Undoable,
        waiting: Sequence[UUID],
        now: datetime,
    ) -> None:
        moves = [Move(message_id, MessageStatus.CANCELLED) for message_id in waiting]
        message_store.move(connection, moves, actor=journal.by_user(attempt.agent_id), now=now)
        undo_store.put_back(
            connection,
            undoable,
            agent_id=attempt.agent_id,
            person_id=attempt.person_id,
            lease_id=new_id(),
            until=now + LEASE_FOR,
        )
        attempt_store.change(
            connection,
            attempt.id,
            outcome=None,
            outcome_at=None,
            status=CallStatus.WRAP_UP,
            ended_at=attempt.ended_at or undoable.said_at,
        )
        undo_store.forget(connection, attempt.agent_id)


def _tell(
    connection: Connection, attempt: Attempt, outcome: CallOutcome, undoable: Undoable, now: datetime
) -> None:
    """The journal, for each entry that had the outcome; the case system; and whoever was alarmed."""
    alarm_store.settle(connection, AlarmKind.EMERGENCY, str(attempt.id), now=now)
    for entry in undoable.before["entries"]:
        facts = {"outcome": outcome.value, "said_at": undoable.said_at.isoformat()}
        record_id = UUID(entry["case_record_id"])
        own_entry = UUID(entry["id"]) == attempt.entry_id
        line = journal.JournalEntry(
            now,
            entry["platform"],
            journal.Event.OUTCOME_UNDONE,
            journal.by_user(attempt.agent_id),
            case_record_id=record_id,
            entry_id=UUID(entry["id"]),
            attempt_id=attempt.id if own_entry else None,
            facts=facts,
        )
        journal.write(connection, line)
        announce_undone(connection, line, outcome)
