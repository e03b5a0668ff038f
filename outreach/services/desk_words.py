"""What an agent types at their desk is kept as they type, sealed; and the keys they chose."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.desk_keys import Command, checked_keys, keys_in_force
from outreach.errors import InvalidInput
from outreach.storage import call_list_store, desk_store, person_store
from outreach.storage.call_list_store import Entry
from outreach.storage.database import Connection, Database
from outreach.storage.vault import PersonKey, Vault

MOST_FIELDS = 120
LONGEST_DRAFT = 20_000  # characters, names of fields included
DRAFTS_KEPT = timedelta(days=1)
OUTCOMES_KEPT = timedelta(minutes=10)


@dataclass(frozen=True)
class DraftAnswer:
    """What became of a change. `theirs`: the draft as it stands, where another screen had typed since.

    Nothing was kept then: who asks puts the two together.
    """

    version: str
    theirs: dict[str, str] | None = None


def version_of(fields: Mapping[str, str]) -> str:
    """Names a draft by what it holds: two screens that show the same have seen the same."""
    return sha256(json.dumps(dict(fields), sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class DeskWords:
    """Drafts belong to an agent and an entry: another computer shows the same text."""

    database: Database
    vault: Vault
    clock: Clock

    def save_draft(self, agent_id: UUID, entry_id: UUID, fields: Mapping[str, str]) -> None:
        """Keep what stands in the fields of the desk, whole; empty ones are left out.

        Raises NotFound, InvalidInput for too much, Conflict when the entry is not in the agent's hands.
        """
        kept = _checked(fields)
        with self.database.begin() as connection:
            entry = call_list_store.held_entry(connection, entry_id, agent_id)
            key = person_store.person_key(connection, self.vault, entry.person_id)
            self._save(connection, agent_id, entry, key, kept)

    def change_draft(
        self, agent_id: UUID, entry_id: UUID, changes: Mapping[str, str], *, seen: str
    ) -> DraftAnswer:
        """Change some fields of the draft, as of the version that was `seen`; an empty text empties a field.

        Of two screens the later one never wipes out what the other typed. Raises as `save_draft`.
        """
        with self.database.begin() as connection:
            entry = call_list_store.held_entry(connection, entry_id, agent_id)
            key = person_store.person_key(connection, self.vault, entry.person_id)
            before = self.draft_of(connection, agent_id, entry_id, key)
            if version_of(before) != seen:
                return DraftAnswer(version_of(before), before)
            kept = _checked({**before, **changes})
            if kept != before:
                self._save(connection, agent_id, entry, key, kept)
        return DraftAnswer(version_of(kept))

    def _save(
        self, connection: Connection, agent_id: UUID, entry: Entry, key: PersonKey, kept: dict[str, str]
    ) -> None:
        desk_store.save_draft(
            connection,
            user_id=agent_id,
            entry_id=entry.id,
            person_id=entry.person_id,
            sealed=key.seal(dict(kept)),
            now=self.clock.now(),
        )

    def draft(self, agent_id: UUID, entry_id: UUID) -> dict[str, str]:
        """What the agent typed about the person they hold; empty when nothing. Raises NotFound, Conflict."""
        with self.database.begin() as connection:
            entry = call_list_store.held_entry(connection, entry_id, agent_id)
            key = person_store.person_key(connection, self.vault, entry.person_id)
            return self.draft_of(connection, agent_id, entry_id, key)

    def draft_of(
        self, connection: Connection, agent_id: UUID, entry_id: UUID, key: PersonKey
    ) -> dict[str, str]:
        """The same, in the transaction of whoever has the person's key."""
        sealed = desk_store.sealed_draft(connection, user_id=agent_id, entry_id=entry_id)
        return {} if sealed is None else key.open(sealed)

    def keys(self, agent_id: UUID) -> dict[Command, str]:
        """The agent's shortcuts."""
        with self.database.begin() as connection:
            return keys_in_force(desk_store.keys_of(connection, agent_id))

    def change_keys(self, agent_id: UUID, wanted: Mapping[str, str]) -> dict[Command, str]:
        """Choose other keys for some commands; those left out are as made. Raises InvalidInput."""
        chosen = checked_keys(wanted)
        with self.database.begin() as connection:
            desk_store.save_keys(connection, agent_id, chosen)
        return keys_in_force(chosen)

    def forget(self) -> int:
        """Drop what nobody comes back to; how much."""
        now = self.clock.now()
        with self.database.begin() as connection:
            return desk_store.forget(
                connection, drafts_before=now - DRAFTS_KEPT, outcomes_before=now - OUTCOMES_KEPT
            )


def _checked(fields: Mapping[str, str]) -> dict[str, str]:
    """Without the empty ones. Raises InvalidInput for too much."""
    kept = {name: text for name, text in fields.items() if text}
    if len(kept) > MOST_FIELDS or sum(map(len, (*kept, *kept.values()))) > LONGEST_DRAFT:
        raise InvalidInput("This is more than a draft may hold.", field="fields", mend="write less")
    return kept
