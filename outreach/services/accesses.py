"""Who read whose record: what an auditor is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from outreach.errors import InvalidInput
from outreach.storage import access_store
from outreach.storage.access_store import ReadLine
from outreach.storage.database import Database


@dataclass(frozen=True)
class Accesses:
    """Reads only; lines are written where something is opened."""

    database: Database

    def page(
        self,
        platforms: Sequence[str],
        *,
        case_record_id: UUID | None,
        user_id: UUID | None,
        before: int | None,
        most: int,
    ) -> list[ReadLine]:
        """Readings of one record, or by one user, newest first. Raises InvalidInput when neither is named."""
        if case_record_id is None and user_id is None:
            raise InvalidInput(
                "Say whose readings are asked for.",
                field="case_record_id",
                mend="name a case record, or a user",
            )
        with self.database.begin() as connection:
            return access_store.page(
                connection,
                platforms=platforms,
                case_record_id=case_record_id,
                user_id=user_id,
                before=before,
                most=most,
            )
