"""An alarm for a process that claimed messages and stands still: not dead, so nobody else may send them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from outreach.clock import Clock
from outreach.services.sender_failover import short_name
from outreach.storage import alarm_store, sender_store
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.database import Database

FROZEN_AFTER = timedelta(minutes=5)  # many times the one deadline of a batch's posts
ADVICE = "End that worker process: its messages are then looked for at the phone company, and settled."


@dataclass(frozen=True)
class FrozenSenders:
    """One alarm for each sender; it goes by itself once its messages are settled."""

    database: Database
    clock: Clock

    def look(self) -> int:
        """How many senders stand still."""
        now, kind = self.clock.now(), AlarmKind.SENDER_FROZEN
        with self.database.begin() as connection:
            frozen = sender_store.frozen(connection, claimed_before=now - FROZEN_AFTER)
            for one in frozen:
                facts = {"messages": one.messages, "since": one.since.isoformat(), "advice": ADVICE}
                subject = short_name(one.sender)
                alarm_store.raise_alarm(connection, kind, subject, platform=None, now=now, facts=facts)
            still = {short_name(one.sender) for one in frozen}
            for subject in set(alarm_store.open_subjects(connection, kind)) - still:
                alarm_store.settle(connection, kind, subject, now=now)
        return len(frozen)
