"""A mode that ends by itself is shown to have ended: nobody switches it, so nothing else tells its pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from outreach.storage import mode_store
from outreach.storage.database import Database


@dataclass(frozen=True)
class EndedModes:
    """Leases and messages obey the end already; what is shown of the mode is asked for anew."""

    database: Database

    def tell(self, since: datetime, now: datetime) -> int:
        """On how many platforms a mode ended after `since`, until now. Told twice does no harm."""
        with self.database.begin() as connection:
            return len(mode_store.touch_ended(connection, since, now))
