"""An agent in a call asks for help: an alarm that supervisors see, until one of them joins."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from outreach.clock import Clock
from outreach.errors import Conflict
from outreach.services.call_bar import own
from outreach.storage import alarm_store, attempt_store
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.database import Connection, Database


@dataclass(frozen=True)
class RaisedHands:
    """One open alarm for each call. The end of the call lowers the hand too."""

    database: Database
    clock: Clock

    def raise_hand(self, agent_id: UUID, attempt_id: UUID) -> None:
        """Asking again changes nothing. Raises NotAllowed for another's call, Conflict once it is over."""
        with self.database.begin() as connection:
            attempt = own(attempt_store.lock(connection, attempt_id), agent_id)
            if not attempt.open:
                raise Conflict("This call is over: nobody can help in it any more.", code="outcome_said")
            alarm_store.raise_alarm(
                connection,
                AlarmKind.HELP_WANTED,
                str(attempt_id),
                platform=attempt.platform,
                now=self.clock.now(),
                facts={"agent_id": str(agent_id), "case_record_id": str(attempt.case_record_id)},
            )

    def lower_hand(self, agent_id: UUID, attempt_id: UUID) -> None:
        """The agent needs no help any more. Raises NotAllowed."""
        with self.database.begin() as connection:
            own(attempt_store.lock(connection, attempt_id), agent_id)
            self.help_came(connection, attempt_id)

    def help_came(self, connection: Connection, attempt_id: UUID) -> None:
        """Somebody joined the call, in the transaction that says so."""
        alarm_store.settle(connection, AlarmKind.HELP_WANTED, str(attempt_id), now=self.clock.now())
