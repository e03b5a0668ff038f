"""Someone asks to be called: a callback at once, or when the agent who has them in hand is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.call_list import deadline_of
from outreach.domain.outcomes import FLAGS
from outreach.ids import new_id
from outreach.storage import asked_call_store, reply_store
from outreach.storage.asked_call_store import AskedCall
from outreach.storage.database import Connection, Database

PIECE = 200  # in one run
SPOKEN_TO = [outcome.value for outcome, flags in FLAGS.items() if flags.right_person]


def ask_for_call(connection: Connection, asked: AskedCall, *, now: datetime) -> bool:
    """Put the call on the list; whether it is there, or under way. False: there is nothing to call about.

    Who speaks with an agent is being served. Who is in an agent's hands otherwise (rung now, or in their
    wrap-up) is noted: the outcome about to be said knows nothing of the wish.
    """
    entries = asked_call_store.hold_entries(connection, asked.number)
    if not entries:
        return asked_call_store.reopen(
            connection, asked, entry_id=new_id(), deadline=deadline_of(now), now=now
        )
    asked_call_store.promise(connection, asked, now=now)
    if any(entry.leased and not entry.talking for entry in entries):
        asked_call_store.note(connection, asked, asked_id=new_id())
    return True


@dataclass(frozen=True)
class AskedCalls:
    """The sweep that keeps what was noted."""

    database: Database
    clock: Clock

    def keep(self) -> int:
        """Callbacks for those who asked while they were in hand, unless they were spoken to since."""
        now = self.clock.now()
        with self.database.begin() as connection:
            waiting = asked_call_store.out_of_hand(connection, most=PIECE)
        return sum(self._keep(asked_id, asked, now) for asked_id, asked in waiting)

    def _keep(self, asked_id: UUID, asked: AskedCall, now: datetime) -> bool:
        with self.database.begin() as connection:
            reply_store.hold_number(connection, asked.number)
            spoken_to = asked_call_store.was_spoken_to(connection, asked, outcomes=SPOKEN_TO)
            settled_with = "SPOKEN" if spoken_to else "CALLBACK"
            settled = asked_call_store.settle(connection, asked_id, settled_with=settled_with, now=now)
            if settled and not spoken_to:
                ask_for_call(connection, asked, now=now)
            return settled
