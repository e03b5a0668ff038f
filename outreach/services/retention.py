"""What is forgotten when it is no longer useful: answers for repeated requests, raw events, old alarms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from outreach.clock import Clock
from outreach.storage import alarm_store, idempotency_store, provider_event_store
from outreach.storage.database import Database

# The phone company repeats an event for a day at most; a week leaves time to look into a fault.
PROVIDER_EVENTS_KEPT_FOR = timedelta(days=7)
ALARMS_KEPT_FOR = timedelta(days=365)  # once cleared, unless the settings say otherwise
ALARMS_AT_ONCE = 5_000


@dataclass(frozen=True)
class Retention:
    """Each may run at any time; what it forgets is no longer read by anyone."""

    database: Database
    clock: Clock
    alarms_kept_for: timedelta = ALARMS_KEPT_FOR

    def forget_request_keys(self) -> int:
        """Idempotency keys a day after their first use."""
        with self.database.begin() as connection:
            return idempotency_store.forget_old(connection, now=self.clock.now())

    def forget_alarms(self) -> int:
        """Alarms that were cleared long ago, a piece in each run; what is open stays."""
        before = self.clock.now() - self.alarms_kept_for
        with self.database.begin() as connection:
            return alarm_store.forget(connection, cleared_before=before, most=ALARMS_AT_ONCE)

    def forget_provider_events(self) -> int:
        """Raw events a week after they came, a piece in each run."""
        before = self.clock.now() - PROVIDER_EVENTS_KEPT_FOR
        with self.database.begin() as connection:
            return provider_event_store.forget_before(connection, before)
