"""A wrong import taken back: who it brought in and nobody touched since is closed and erased."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.import_undo import UNDONE, Keeping
from outreach.domain.messages import MessageStatus
from outreach.errors import Conflict, NotFound
from outreach.storage import import_store, import_undo_store, journal, message_store
from outreach.storage.database import Connection, Database
from outreach.storage.import_store import Import, ImportState
from outreach.storage.import_undo_store import KeptRecord
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.message_store import Move

PIECE = 500  # records to a transaction
ENDED = frozenset({ImportState.DONE, ImportState.INCOMPLETE})


@dataclass(frozen=True)
class UndoPreview:
    """What undoing would do now. `kept`: each record that would stay; `changed`: known records the file
    changed, which stay as they are."""

    stored: Import
    untouched: int
    kept: tuple[KeptRecord, ...]
    changed: tuple[UUID, ...]

    @property
    def reasons(self) -> dict[Keeping, int]:
        """How many stay, by reason."""
        return dict(Counter(record.why for record in self.kept))


@dataclass(frozen=True)
class ImportUndo:
    """Takes imports back in pieces; a worker goes on where one stopped."""

    database: Database
    clock: Clock
    piece: int = PIECE

    def preview(self, import_id: UUID, platforms: Sequence[str] | None) -> UndoPreview:
        """Counts nobody has to guess. `platforms` None: the command line. Raises NotFound."""
        with self.database.begin() as connection:
            stored = _of(connection, import_id, platforms)
            opened = import_undo_store.opened_by(connection, stored)
            untouched, kept = 0, list[KeptRecord]()
            for start in range(0, len(opened), self.piece):
                piece = import_undo_store.judged(connection, stored, opened[start : start + self.piece])
                untouched += len(piece[0])
                kept += piece[1]
            changed = import_undo_store.changed_by(connection, stored)
        return UndoPreview(stored, untouched, tuple(kept), tuple(changed))

    def request(self, import_id: UUID, platforms: Sequence[str] | None, *, by: UUID | None) -> None:
        """Have it taken back by a worker: `nudge` it. Again changes nothing. Raises NotFound, Conflict."""
        with self.database.begin() as connection:
            stored = _of(connection, import_id, platforms)
            if stored.state in (ImportState.UNDOING, ImportState.UNDONE):
                return
            if stored.state not in ENDED:
                raise Conflict("Only an import that ended can be undone.", code="import_not_ended")
            import_undo_store.need_nothing_later(connection, stored)
            import_undo_store.begin(connection, stored, by=by)

    def go_on(self) -> int:
        """Everything that is to be taken back; how many imports."""
        with self.database.begin() as connection:
            waiting = import_undo_store.under_way(connection)
        for import_id in waiting:
            self._undo(import_id)
        return len(waiting)

    def _undo(self, import_id: UUID) -> None:
        with self.database.begin() as connection:
            stored = import_store.read(connection, import_id)
            opened = import_undo_store.opened_by(connection, stored)
        for start in range(0, len(opened), self.piece):
            with self.database.begin() as connection:
                self._take_back(connection, stored, opened[start : start + self.piece])
        with self.database.begin() as connection:
            ended = import_store.read(connection, import_id)
            if ended.state is not ImportState.UNDOING:
                return
            import_undo_store.finish(connection, import_id, now=self.clock.now())
            facts = {"import_id": str(import_id), "taken_back": ended.taken_back}
            facts["kept"] = len(opened) - ended.taken_back
            line = JournalEntry(
                self.clock.now(), stored.platform, Event.IMPORT_UNDONE, _actor(stored), facts=facts
            )
            journal.write(connection, line)

    def _take_back(self, connection: Connection, stored: Import, record_ids: Sequence[UUID]) -> None:
        """Judged once they are locked: a click that committed meanwhile counts."""
        now, actor = self.clock.now(), _actor(stored)
        import_undo_store.lock(connection, record_ids)
        untouched, _ = import_undo_store.judged(connection, stored, record_ids)
        if not untouched:
            return
        waiting = import_undo_store.queued_messages(connection, untouched)
        moves = [Move(message_id, MessageStatus.CANCELLED) for message_id in waiting]
        message_store.move(connection, moves, actor=actor, now=now)
        facts = json.dumps({"because": UNDONE, "import_id": str(stored.id)})
        import_undo_store.take_back(connection, stored, untouched, actor=actor, facts=facts, now=now)


def _of(connection: Connection, import_id: UUID, platforms: Sequence[str] | None) -> Import:
    stored = import_store.read(connection, import_id)
    if platforms is not None and stored.platform not in platforms:
        raise NotFound("There is no such import.", code="unknown_import")
    return stored


def _actor(stored: Import) -> str:
    return journal.by_user(stored.undone_by) if stored.undone_by else journal.by_system("import")
