"""Merging a platform into another, and splitting one by a list of records: nobody's place is lost.

People move in pieces with all that is theirs, each piece in one transaction; a sweep goes on where one
stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from outreach.clock import Clock, monotonic
from outreach.domain.reasons import check_plain
from outreach.errors import Conflict, InvalidInput
from outreach.log import get_logger
from outreach.services.platform_hours import put_under_hours
from outreach.storage import case_store, journal, platform_move_store, platform_store
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.platform_move_store import MERGE, SPLIT, Move

log = get_logger("moves")
PIECE = 500
NAMED_AT_ONCE = 10  # pieces
SECONDS = 2.0  # of a request, and of a run of the sweep
MOST_NAMED = 5  # records of a list, in what is said of it
MOST_LISTED = 10


@dataclass(frozen=True)
class PlatformMoves:
    """Entries, messages and calls in hand keep working: only the platform they stand under changes, and with
    it the hours in which those are called who wait."""

    database: Database
    clock: Clock
    piece: int = PIECE

    def merge(
        self,
        source: str,
        target: str,
        *,
        reason: str,
        actor: str,
        by: UUID | None = None,
        most_seconds: float | None = None,
    ) -> Move:
        """Everybody of one platform, and who works there; past `most_seconds` it is left to the sweep.

        Raises InvalidInput, NotFound, Conflict.
        """
        with self.database.begin() as connection:
            move_id = self._begin(connection, source, target, MERGE, reason, actor, by)
            platform_move_store.keep_expected(connection, move_id, everybody_of=source)
        return self._run(move_id, most_seconds)

    def split(
        self,
        source: str,
        target: str,
        records: Sequence[tuple[str, str]],
        *,
        reason: str,
        actor: str,
        by: UUID | None = None,
        noting: Callable[[Connection], None] | None = None,
        most_seconds: float | None = None,
    ) -> Move:
        """The people of these records (source and record number). Nothing moves when one is unknown.

        `noting`: what is kept in the transaction that decides on the move. `most_seconds`: as for `merge`.
        """
        if not records:
            raise InvalidInput(
                "The list names no record.", field="records", mend="name source and record number"
            )
        with self.database.begin() as connection:
            move_id = self._begin(connection, source, target, SPLIT, reason, actor, by)
            unknown = platform_move_store.take_records(connection, move_id, source, records)
            if unknown:
                named = ", ".join(" ".join(each) for each in unknown[:MOST_NAMED])
                raise InvalidInput(
                    f"{len(unknown)} records are not of this platform: {named}.",
                    field="records",
                    mend="take them off the list",
                )
            platform_move_store.keep_expected(connection, move_id)
            if noting is not None:
                noting(connection)
        return self._run(move_id, most_seconds)

    def of_platform(self, platform: str) -> list[Move]:
        """The last ones from it or to it, newest first, with how far each is."""
        with self.database.begin() as connection:
            return platform_move_store.of_platform(connection, platform, most=MOST_LISTED)

    def go_on(self, *, most_seconds: float = SECONDS) -> int:
        """Sweep: moves that are long, or that stopped; how many are under way.

        Other sweeps wait meanwhile: the moves share a few seconds of a run. One that fails keeps its place,
        and the others go on. Raises Conflict at the end when any failed, so that the sweep is noted for it.
        """
        with self.database.begin() as connection:
            unfinished = platform_move_store.unfinished(connection)
        failed = [each for each in unfinished if not self._goes_on(each, most_seconds / len(unfinished))]
        if failed:
            raise Conflict(f"{len(failed)} of {len(unfinished)} moves did not go on.", code="moves_failed")
        return len(unfinished)

    def _goes_on(self, move_id: UUID, most_seconds: float) -> bool:
        try:
            self._run(move_id, most_seconds)
        except Exception as error:  # whatever it is: the other moves must have their turn
            log.exception("move.failed", move_id=str(move_id), exc_info=error)
            return False
        return True

    def _begin(
        self,
        connection: Connection,
        source: str,
        target: str,
        kind: str,
        reason: str,
        actor: str,
        by: UUID | None,
    ) -> UUID:
        check_plain(reason)
        if source == target:
            raise InvalidInput(
                "A platform does not move to itself.", field="into", mend="name another platform"
            )
        for code in (source, target):
            platform_store.read(connection, code)
        case_store.lock_intake(connection, source, target)  # a file begins to be read under the same lock
        if platform_move_store.is_busy(connection, (source, target)):
            raise Conflict(
                "A file is being read, or people are being moved: try again when that is over.", code="busy"
            )
        now = self.clock.now()
        move_id = platform_move_store.begin(
            connection, source=source, target=target, kind=kind, reason=reason, by=by, now=now
        )
        if kind == MERGE:
            platform_move_store.let_agents_follow(connection, source, target)  # to whom moves first
        facts = {"move_id": str(move_id), "kind": kind, "source": source, "target": target, "reason": reason}
        journal.write_all(
            connection,
            [JournalEntry(now, code, Event.PLATFORM_MOVED, actor, facts=facts) for code in (source, target)],
        )
        return move_id

    def _run(self, move_id: UUID, most_seconds: float | None) -> Move:
        began = monotonic()
        while self._piece(move_id):
            if most_seconds is not None and monotonic() - began >= most_seconds:
                break
        with self.database.begin() as connection:
            move = platform_move_store.read(connection, move_id)
        assert move is not None
        return move

    def _piece(self, move_id: UUID) -> bool:
        """Some people in one transaction; False when nobody is left, or another process works at it."""
        now = self.clock.now()
        with self.database.begin() as connection:
            move = platform_move_store.lock(connection, move_id)
            if move is None:
                return False
            people = platform_move_store.next_people(connection, move_id, most=self.piece)
            if people:
                platform_store.hold(connection, move.target)  # its hours, until these people stand by them
                moved = platform_move_store.move_people(connection, move, people, now)
                entries = platform_move_store.open_entries(connection, people)
                put_under_hours(connection, move.target, entries, now)
                platform_move_store.add_counts(connection, move, moved)
                return True
            most = NAMED_AT_ONCE * self.piece
            if move.kind == MERGE and platform_move_store.take_some(
                connection, move_id, move.source, most=most
            ):
                return True
            self._finish(connection, move)
            return False

    def _finish(self, connection: Connection, move: Move) -> None:
        """Only when the counts match: as many rows as there were, and none left behind."""
        now = self.clock.now()
        short = [table for table, n in move.expected.items() if move.counts.get(table, 0) < n]
        if platform_move_store.left_behind(connection, move) or short:
            raise Conflict(
                f"The counts of the move {move.id} do not match: nothing is closed.", code="counts"
            )
        if move.kind == MERGE:
            platform_move_store.let_agents_follow(connection, move.source, move.target)  # who came since
        platform_move_store.finish(connection, move.id, now)
        facts = {"move_id": str(move.id), "counts": move.counts}
        lines = [
            JournalEntry(now, code, Event.PLATFORM_MOVE_DONE, journal.by_system("moves"), facts=facts)
            for code in (move.source, move.target)
        ]
        journal.write_all(connection, lines)
