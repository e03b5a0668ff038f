"""What is forgotten when it is no longer useful: answers kept for repeated requests, raw provider events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from outreach.clock import Clock
from outreach.storage import idempotency_store, provider_event_store
from outreach.storage.database import Database

# The phone company repeats an event for a day at most; a week leaves time to look into a fault.
PROVIDER_EVENTS_KEPT_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Retention:
    """Each may run at any time; what it forgets is sealed and no longer read by anyone."""

    database: Database
    clock: Clock

    def forget_request_keys(self) -> int:
        """Idempotency keys a day after their first use."""
        with self.database.begin() as connection:
            return idempotency_store.forget_old(connection, now=self.clock.now())

    def forget_provider_events(self) -> int:
        """Raw events a week after they came, a piece in each run."""
        before = self.clock.now() - PROVIDER_EVENTS_KEPT_FOR
        with self.database.begin() as connection:
            return provider_event_store.forget_before(connection, before)
