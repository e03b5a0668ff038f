"""Repairs of calls: what a lost webhook or a dead process left standing is moved on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.call_attempts import CallStatus, Leg, LineStatus
from outreach.domain.outcomes import CallOutcome
from outreach.errors import TelephonyError
from outreach.log import get_logger
from outreach.services.call_legs import CallLegs, write_move
from outreach.services.call_reports import LegReport, apply_leg_report
from outreach.services.wrap_up import WrapUp
from outreach.storage import agent_store, attempt_store
from outreach.storage.attempt_store import Attempt
from outreach.storage.database import Database

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


@dataclass(frozen=True)
class CallRepairs:
    """Each repair may run at any time, any number of times."""

    database: Database
    clock: Clock
    legs: CallLegs
    wrap_up: WrapUp

    def run(self) -> int:
        """Look at every call that stands still; how many were moved."""
        repairs: dict[CallStatus, Callable[[UUID], bool]] = {
            CallStatus.RINGING_AGENT: self._ask_about_agent,
            CallStatus.AGENT_ON_LINE: self._dial,
            CallStatus.DIALLING: self._ask_about_person,
            CallStatus.RINGING: self._ask_about_person,
            CallStatus.ANSWERED: self._end_without_agent,
            CallStatus.WRAP_UP: self._confirm_line,
        }
        return sum(self._run_one(status, repair) for status, repair in repairs.items())

    def _run_one(self, status: CallStatus, repair: Callable[[UUID], bool]) -> int:
        with self.database.begin() as connection:
            stuck = attempt_store.stuck_in(connection, status, since=self.clock.now() - PATIENCE[status])
        moved = 0
        for attempt_id in stuck:
            try:
                moved += repair(attempt_id)
            except TelephonyError as error:
                log.warning("call.not_repaired", attempt_id=str(attempt_id), code=error.code)
        return moved

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
        line = LineStatus(self.legs.provider.fetch_call(sid).status)
        with self.database.begin() as connection:
            apply_leg_report(connection, LegReport(attempt.id, leg, sid, line), self.clock.now())
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
