"""Tags on case records: a word that several share, to choose an audience by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from outreach.clock import Clock
from outreach.errors import InvalidInput, NotFound
from outreach.storage import case_sheet_store, tag_store
from outreach.storage.database import Connection, Database

TAG = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Tags:
    """A record of a platform not the asker's is not there for them. A tag says nothing of a person."""

    database: Database
    clock: Clock

    def put(self, case_record_id: UUID, tag: str, *, platforms: Sequence[str]) -> list[str]:
        """The record's tags from now on. Raises InvalidInput for a word that is no tag, NotFound."""
        if not TAG.fullmatch(tag):
            raise InvalidInput(
                "This is no tag.", field="tag", mend="use small letters, digits and hyphens, 40 at most"
            )
        with self.database.begin() as connection:
            _check(connection, case_record_id, platforms)
            tag_store.put(connection, case_record_id, tag, now=self.clock.now())
            return tag_store.of_record(connection, case_record_id)

    def take_off(self, case_record_id: UUID, tag: str, *, platforms: Sequence[str]) -> list[str]:
        """The record's tags from now on. Raises NotFound."""
        with self.database.begin() as connection:
            _check(connection, case_record_id, platforms)
            tag_store.take_off(connection, case_record_id, tag)
            return tag_store.of_record(connection, case_record_id)

    def counts(self, platforms: Sequence[str]) -> dict[str, int]:
        """How many records have each tag."""
        with self.database.begin() as connection:
            return tag_store.counts(connection, platforms)


def _check(connection: Connection, case_record_id: UUID, platforms: Sequence[str]) -> None:
    if case_sheet_store.facts(connection, case_record_id).platform not in platforms:
        raise NotFound("There is no such case record.")
