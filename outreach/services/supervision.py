"""A supervisor's acts on agents' work: each has a reason, is journaled, and is told to the agent at once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.call_list import EntryState, Queue
from outreach.domain.next_steps import NextStep
from outreach.domain.outcomes import CallOutcome
from outreach.domain.roles import Role, Scope, scopes_of
from outreach.domain.supervision import ActKind, ActReason
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.ids import new_id
from outreach.services.access import Asker
from outreach.services.call_list import LEASE_FOR
from outreach.services.handover import Handover
from outreach.services.listening import Listening, need_call_near
from outreach.services.wrap_up import WrapUp
from outreach.storage import (
    call_list_store,
    journal,
    presence_store,
    supervised_entry_store,
    told_agent_store,
    user_store,
)
from outreach.storage.agent_store import STILL_THERE
from outreach.storage.attempt_store import Attempt
from outreach.storage.call_list_store import Entry
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.told_agent_store import Act, Told
from outreach.storage.user_store import User


@dataclass(frozen=True)
class Given:
    """Where an entry went. `in_hand`: at once, else it is their next one."""

    agent_id: UUID
    in_hand: bool


@dataclass(frozen=True)
class Supervision:
    """Everything beside the call itself; `listening` is the call's side."""

    database: Database
    clock: Clock
    wrap_up: WrapUp
    listening: Listening
    handover: Handover

    def end_wrap_up(self, asker: Asker, attempt_id: UUID, reason: ActReason) -> NextStep:
        """What the line said is recorded, else that the conversation goes on; the entry is back on the list.

        Raises NotFound, Conflict when the call is not in wrap-up.
        """

        def allow(connection: Connection, attempt: Attempt, outcome: CallOutcome) -> None:
            need_call_near(connection, asker, attempt)
            journal.write(connection, self._wrap_up_line(asker, attempt, outcome, reason))
            act = Act(
                platform=attempt.platform,
                agent_id=attempt.agent_id,
                by=asker.user_id,
                kind=ActKind.WRAP_UP_ENDED,
                reason=reason,
                entry_id=attempt.entry_id,
                at=self.clock.now(),
            )
            told_agent_store.tell(connection, act)

        return self.wrap_up.end_for_agent(attempt_id, actor=journal.by_user(asker.user_id), allow=allow)

    def take_back(self, asker: Asker, entry_id: UUID, reason: ActReason) -> None:
        """Release what an agent holds. Raises NotFound; Conflict when nobody holds it, or a call is open."""
        with self.database.begin() as connection:
            entry = self._uncalled(connection, asker, entry_id)
            if entry.state is not EntryState.LEASED:
                raise Conflict("This entry is in nobody's hands.", code="not_leased")
            self._take(connection, asker, entry, reason)

    def reassign(self, asker: Asker, entry_id: UUID, login: str, reason: ActReason) -> Given:
        """Give an entry to another agent: at once when they are free and it is callable, else as their next.

        Raises NotFound, InvalidInput for somebody who does not call for its platform, Conflict when a call is
        open or the entry is closed.
        """
        with self.database.begin() as connection:
            named = user_store.by_login(connection, login)
            if named is not None:
                # Before the entry, as their own next lease does.
                presence_store.hold(connection, named.id, self.clock.now())
            entry = self._uncalled(connection, asker, entry_id)
            agent = _caller_for(entry, named)
            if entry.leased_by == agent.id:
                raise Conflict("This agent has the entry already.", code="theirs_already")
            callable_now = entry.state is EntryState.READY
            if entry.state is EntryState.LEASED:
                callable_now = self._take(connection, asker, entry, reason) is EntryState.READY
            return self._give(connection, asker, entry, agent.id, reason, callable_now=callable_now)

    def move(self, asker: Asker, entry_id: UUID, queue: Queue, reason: ActReason) -> None:
        """To another queue, out of whosever hands. Raises NotFound, Conflict."""
        with self.database.begin() as connection:
            entry = self._uncalled(connection, asker, entry_id)
            if entry.state is EntryState.LEASED:
                self._take(connection, asker, entry, reason)
        self.handover.move_to(entry_id, queue, by=asker.user_id, because=reason.value)

    def told(self, agent_id: UUID) -> list[Told]:
        """What supervisors did with the agent's work and they have not seen yet, newest first."""
        with self.database.begin() as connection:
            return told_agent_store.unseen(connection, agent_id)

    def note_seen(self, agent_id: UUID) -> int:
        """They read it."""
        with self.database.begin() as connection:
            return told_agent_store.note_seen(connection, agent_id, self.clock.now())

    def _uncalled(self, connection: Connection, asker: Asker, entry_id: UUID) -> Entry:
        """An open entry of the asker's platforms with no call open; locked."""
        entry = call_list_store.lock(connection, entry_id)
        if entry.platform not in asker.platforms:
            raise NotFound("There is no such entry on the call list.")
        if entry.state in (EntryState.CLOSED, EntryState.TEXTED):
            word = "closed" if entry.state is EntryState.CLOSED else "told by SMS"
            raise Conflict(f"This entry is {word}.", code="entry_not_movable")
        if supervised_entry_store.has_open_call(connection, entry_id):
            raise Conflict("A call is open: end its wrap-up first.", code="call_open")
        return entry

    def _take(self, connection: Connection, asker: Asker, entry: Entry, reason: ActReason) -> EntryState:
        now = self.clock.now()
        state = supervised_entry_store.take_back(
            connection, entry, by=asker.user_id, reason=reason.value, now=now
        )
        if entry.leased_by is not None:
            self._tell(connection, asker, entry, entry.leased_by, ActKind.ENTRY_TAKEN, reason)
        return state

    def _give(
        self,
        connection: Connection,
        asker: Asker,
        entry: Entry,
        agent_id: UUID,
        reason: ActReason,
        *,
        callable_now: bool,
    ) -> Given:
        now = self.clock.now()
        free = supervised_entry_store.is_free_to_take(connection, agent_id, there_since=now - STILL_THERE)
        if free and callable_now:
            supervised_entry_store.give(
                connection,
                entry,
                agent_id,
                lease_id=new_id(),
                lease_for=LEASE_FOR,
                by=asker.user_id,
                reason=reason.value,
                now=now,
            )
            self._tell(connection, asker, entry, agent_id, ActKind.ENTRY_GIVEN, reason)
            return Given(agent_id, in_hand=True)
        supervised_entry_store.keep_for(
            connection, entry, agent_id, by=asker.user_id, reason=reason.value, now=now
        )
        self._tell(connection, asker, entry, agent_id, ActKind.ENTRY_KEPT, reason)
        return Given(agent_id, in_hand=False)

    def _tell(
        self,
        connection: Connection,
        asker: Asker,
        entry: Entry,
        agent_id: UUID,
        kind: ActKind,
        reason: ActReason,
    ) -> None:
        act = Act(entry.platform, agent_id, asker.user_id, kind, reason, entry.id, self.clock.now())
        told_agent_store.tell(connection, act)

    def _wrap_up_line(
        self, asker: Asker, attempt: Attempt, outcome: CallOutcome, reason: ActReason
    ) -> JournalEntry:
        return JournalEntry(
            self.clock.now(),
            attempt.platform,
            Event.WRAP_UP_ENDED,
            journal.by_user(asker.user_id),
            case_record_id=attempt.case_record_id,
            entry_id=attempt.entry_id,
            attempt_id=attempt.id,
            facts={
                "agent_id": str(attempt.agent_id),
                "outcome": outcome.value,
                "reason": reason.value,
            },
        )


def _caller_for(entry: Entry, user: User | None) -> User:
    """Someone who calls for the entry's platform. Raises InvalidInput for anybody else."""
    works_here = user is not None and user.ended_at is None and entry.platform in user.platforms
    if user is None or not works_here or Scope.CALLS_WORK not in scopes_of(Role(r) for r in user.roles):
        raise InvalidInput(
            "Nobody with this login calls for this platform.",
            field="login",
            mend="choose an agent of the list",
        )
    return user
