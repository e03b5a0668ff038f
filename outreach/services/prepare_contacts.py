"""While a platform calls positives only, each of them is asked at once, by SMS, to list whom they met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach.clock import Clock
from outreach.domain.load_shedding import Mode
from outreach.domain.messages import MessagePurpose
from outreach.services.message_queueing import MessageQueueing, MessageWish
from outreach.storage import mode_store, shed_store
from outreach.storage.database import Database

PIECE = 50
ONCE_IN = timedelta(hours=20)  # to a household


@dataclass(frozen=True)
class PrepareContacts:
    """A sweep; each positive gets the SMS once."""

    database: Database
    clock: Clock
    queueing: MessageQueueing
    nudge: Callable[[str], object]

    def run(self) -> int:
        """Ask the positives of each platform in that mode whom nobody called yet; how many were looked at."""
        now = self.clock.now()
        with self.database.begin() as connection:
            modes = mode_store.every_mode(connection)
        asked = sum(self._platform(row.platform, now) for row in modes if row.at(now) is Mode.POSITIVES_ONLY)
        if asked:
            self.nudge("messages")
        return asked

    def _platform(self, platform: str, now: datetime) -> int:
        asked = 0
        while True:
            with self.database.begin() as connection:
                (row,) = mode_store.of_platforms(connection, [platform])  # not switched meanwhile
                if row.at(now) is not Mode.POSITIVES_ONLY:
                    return asked
                piece = shed_store.unprepared_positives(connection, platform, most=PIECE)
                for positive in piece:
                    wish = MessageWish(
                        platform=platform,
                        person_id=positive.person_id,
                        purpose=MessagePurpose.PREPARE_CONTACTS,
                        case_record_id=positive.case_record_id,
                        entry_id=positive.entry_id,
                        once_in=ONCE_IN,
                    )
                    self.queueing.queue_message(connection, wish, now=now)
                shed_store.mark_prepared(connection, [each.entry_id for each in piece], now=now)
            asked += len(piece)
            if len(piece) < PIECE:
                return asked
