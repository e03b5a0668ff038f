"""Repairs of calls: what a lost webhook or a dead process left standing is moved on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from outreach.clock import Clock, monotonic
from outreach.domain.call_attempts import CallStatus, Leg, LineStatus, line_as_reported, line_status
from outreach.domain.outcomes import CallOutcome
from outreach.errors import OutreachError, TelephonyError
from outreach.log import get_logger
from outreach.services.call_legs import CallLegs, write_move
from outreach.services.call_list import LEASE_FOR
from outreach.services.call_reports import Effect, LegReport, apply_leg_report
from outreach.services.wrap_up import WrapUp
from outreach.storage import agent_store, attempt_store, lease_store
from outreach.storage.attempt_store import Attempt
from outreach.storage.database import Database
from outreach.telephony.failure_codes import names_nothing

log = get_logger("call_repairs")

# How long a call may stand in a status before we ask the phone company how it is.
PATIENCE = {
    CallStatus.RINGING_AGENT: timedelta(seconds=45),
    CallStatus.AGENT_ON_LINE: timedelta(seconds=3),
    CallStatus.DIALLING: timedelta(seconds=60),
    CallStatus.RINGING: timedelta(seconds=75),
    CallStatus.ANSWERED: timedelta(seconds=30),  # since the agent's line dropped
    CallStatus.WRAP_UP: timedelta(seconds=60),
}

# An agent at their page has so long to say how it went; then what the line said stands.
LONGEST_WRAP_UP = timedelta(minutes=10)

# A colleague who goes on with a person is asked about after this long.
COLLEAGUE_TALKS = timedelta(minutes=2)

# After so many seconds a round leaves the rest to the next one: other sweeps wait behind it.
LONGEST_ROUND = 10.0

Repair = Callable[[UUID], bool]


@dataclass(frozen=True)
class CallRepairs:
    """Each repair may run at any time, any number of times."""

    database: Database
    clock: Clock
    legs: CallLegs
    wrap_up: WrapUp
    longest_round: float = LONGEST_ROUND

    def run(self) -> int:
        """Look at every call that stands still; how many were moved.

        A call that cannot be mended stops no other; a phone company that does not answer ends the round.
        """
        until, moved = monotonic() + self.longest_round, 0
        for attempt_id, repair in self._standing_still():
            if monotonic() > until:
                break
            try:
                moved += repair(attempt_id)
            except OutreachError as error:
                log.warning("call.not_repaired", attempt_id=str(attempt_id), code=error.code)
                if isinstance(error, TelephonyError) and (error.retryable or error.unknown_fate):
                    break
        return moved

    def _standing_still(self) -> Iterator[tuple[UUID, Repair]]:
        """Calls and their repairs; first those that are mended without the phone company's help."""
        repairs: dict[CallStatus, Repair] = {
            CallStatus.WRAP_UP: self._confirm_line,
            CallStatus.RINGING_AGENT: self._ask_about_agent,
            CallStatus.AGENT_ON_LINE: self._dial,
            CallStatus.DIALLING: self._ask_about_person,
            CallStatus.RINGING: self._ask_about_person,
            CallStatus.ANSWERED: self._end_without_agent,
        }
        now = self.clock.now()
        for status, repair in repairs.items():
            with self.database.begin() as connection:
                stuck = attempt_store.stuck_in(connection, status, since=now - PATIENCE[status])
            yield from ((attempt_id, repair) for attempt_id in stuck)
        with self.database.begin() as connection:
            unwatched = attempt_store.unwatched_conversations(connection, now=now)
            left = attempt_store.left_to_colleague(connection, since=now - COLLEAGUE_TALKS)
        yield from ((attempt_id, self._ask_about_both) for attempt_id in unwatched)
        yield from ((attempt_id, self._ask_about_colleague) for attempt_id in left)

    def _read(self, attempt_id: UUID) -> Attempt:
        with self.database.begin() as connection:
            return attempt_store.read(connection, attempt_id)

    def _dial(self, attempt_id: UUID) -> bool:
        """The agent waits, and whoever should have dialled the person died."""
        self.legs.dial_person(attempt_id)
        return True

    def _ask_about_agent(self, attempt_id: UUID) -> bool:
        attempt = self._read(attempt_id)
        return self._ask(attempt, Leg.AGENT, attempt.agent_sid)

    def _ask_about_person(self, attempt_id: UUID) -> bool:
        attempt = self._read(attempt_id)
        return self._ask(attempt, Leg.PERSON, attempt.person_sid)

    def _ask(self, attempt: Attempt, leg: Leg, sid: str | None) -> bool:
        """Apply the leg's state as if it had been reported; a leg nobody knows of did not come to be."""
        if sid is None:
            self.legs.end_unconnected(attempt.id, CallOutcome.NETWORK_FAILED)
            return True
        line = self._fetch(sid)
        if line is None:
            return False
        with self.database.begin() as connection:
            report = LegReport(attempt.id, leg, sid, line_as_reported(leg, line))
            return apply_leg_report(connection, report, self.clock.now()) is Effect.MOVED

    def _fetch(self, sid: str) -> LineStatus | None:
        """How a leg is; one the phone company knows nothing of is over. None for a word we do not know."""
        try:
            return line_status(self.legs.provider.fetch_call(sid).status)
        except TelephonyError as error:
            if not names_nothing(error.code):
                raise
            return LineStatus.FAILED

    def _ask_about_both(self, attempt_id: UUID) -> bool:
        """Nobody watches this conversation: while it goes on, we ask once in the time of a lease."""
        attempt, moved = self._read(attempt_id), False
        for leg, sid in ((Leg.AGENT, attempt.agent_sid), (Leg.PERSON, attempt.person_sid)):
            moved |= sid is not None and self._ask(attempt, leg, sid)
        if not moved:
            with self.database.begin() as connection:
                lease_store.prolong(connection, attempt.entry_id, until=self.clock.now() + LEASE_FOR)
        return moved

    def _ask_about_colleague(self, attempt_id: UUID) -> bool:
        """A colleague goes on with the person: busy while their line is up, and nobody is left alone."""
        attempt = self._read(attempt_id)
        if not self._ask(attempt, Leg.TRANSFER, attempt.transfer_sid):
            return False
        if attempt.person_sid is not None:
            self.legs.end_stray(attempt.id, attempt.person_sid)
        return True

    def _end_without_agent(self, attempt_id: UUID) -> bool:
        """The agent's line dropped and did not come back: nobody is left waiting in silence."""
        with self.database.begin() as connection:
            attempt = attempt_store.lock(connection, attempt_id)
            if not _is_abandoned(attempt):
                return False
            attempt_store.change(
                connection,
                attempt.id,
                status=CallStatus.WRAP_UP,
                ended_at=self.clock.now(),
                suggested_outcome=CallOutcome.AGENT_LOST,
            )
            write_move(connection, attempt, CallStatus.WRAP_UP, self.clock)
        self.legs.end_all(attempt)
        return True

    def _confirm_line(self, attempt_id: UUID) -> bool:
        """An agent who is still there may be writing; one who has gone is not waited for."""
        with self.database.begin() as connection:
            attempt, now = attempt_store.read(connection, attempt_id), self.clock.now()
            writing = agent_store.is_there(connection, attempt.agent_id, now)
        if writing and attempt.ended_at is not None and now - attempt.ended_at < LONGEST_WRAP_UP:
            return False
        return self.wrap_up.confirm_line(attempt_id)


def _is_abandoned(attempt: Attempt) -> bool:
    """A conversation without an agent, which nobody took over and which the agent did not come back to."""
    talking = attempt.open and attempt.status is CallStatus.ANSWERED
    return talking and attempt.agent_left_at is not None and attempt.transfer_sid is None
