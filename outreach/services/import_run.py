"""Reads one file into the case records, a transaction for each piece, and keeps the report."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from outreach.domain.case_rows import Finding, Severity
from outreach.domain.column_mappings import Columns, Field
from outreach.domain.intake import Counts
from outreach.domain.row_values import masked
from outreach.services.case_intake import CaseIntake
from outreach.services.intake_setting import IndexedRow, IntakeSetting
from outreach.services.row_preparation import PreparedPiece, RowPreparation
from outreach.storage import import_store
from outreach.storage.database import Connection
from outreach.storage.import_store import NewFinding

Progress = Callable[[int], None]
Begin = Callable[[], AbstractContextManager[Connection]]
_REFERENCES_AT_ONCE = 5_000
_ALLOCATIONS_BETWEEN_COLLECTIONS = 200_000
_SWITCH_SECONDS = 0.0005


@dataclass
class ImportRun:
    """One pass over one file. `begin` opens the transaction of a piece."""

    begin: Begin
    intake: CaseIntake
    import_id: UUID
    columns: Columns
    setting: IntakeSetting
    counts: Counts = field(default_factory=Counts)
    found: int = 0
    naming: list[tuple[int, str]] = field(default_factory=list)  # contacts' rows, and whom they name

    def read(self, preparation: RowPreparation, progress: Progress) -> Counts:
        """All rows, whatever each is worth; then the contacts whose positive nobody knows."""
        with _at_full_speed():
            for piece in _one_ahead(preparation.pieces()):
                with self.begin() as connection:
                    self._write(connection, piece)
                progress(self.counts.rows)
        with self.begin() as connection:
            self._warn_of_unknown_positives(connection)
        return self.counts

    def _write(self, connection: Connection, piece: PreparedPiece) -> None:
        outcomes = self.intake.take_in(connection, piece.rows, self.setting)
        self.counts = self.counts.plus(
            piece.rows_read, [*piece.verdicts, *(outcome.verdict for outcome in outcomes)]
        )
        told = (*piece.findings, *(finding for outcome in outcomes for finding in outcome.findings))
        self._keep(connection, told)
        import_store.keep_progress(connection, self.import_id, self.counts)
        self.naming += _naming(piece.rows)

    def _keep(self, connection: Connection, findings: Iterable[Finding]) -> None:
        lines = [
            NewFinding(
                self.import_id,
                number,
                finding.severity.value,
                finding.row,
                self.columns.header_of(finding.field) if finding.field else "",
                finding.value,
                finding.reason,
                finding.mend,
            )
            for number, finding in enumerate(findings, start=self.found)
        ]
        self.found += len(lines)
        import_store.add_findings(connection, lines)

    def _warn_of_unknown_positives(self, connection: Connection) -> None:
        for start in range(0, len(self.naming), _REFERENCES_AT_ONCE):
            part = self.naming[start : start + _REFERENCES_AT_ONCE]
            unknown = import_store.unknown_references(
                connection, self.setting.platform, self.setting.source, sorted({name for _, name in part})
            )
            self._keep(connection, [_unknown(row, name) for row, name in part if name in unknown])


def _naming(rows: Iterable[IndexedRow]) -> list[tuple[int, str]]:
    return [
        (row.case.number, exposure.positive_reference)
        for row in rows
        for exposure in row.case.exposures
        if exposure.positive_reference
    ]


def _unknown(row: int, name: str) -> Finding:
    return Finding(
        Severity.WARNING,
        row,
        Field.POSITIVE_REFERENCE,
        masked(name),
        "exposure to a positive who is not known yet",
        "nothing if the positive's record follows: the link is made when it comes; else check the identifier",
    )


@contextmanager
def _at_full_speed() -> Iterator[None]:
    """A file makes millions of short-lived values and no cycles: looking for cycles took a third of the time.

    And who waits for the database's answer must get the interpreter back at once from who prepares rows.
    """
    usual, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS, *usual[1:])
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*usual)
        gc.unfreeze()


def _one_ahead(pieces: Iterator[PreparedPiece]) -> Iterator[PreparedPiece]:
    """Prepares the next piece while the database writes this one."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="import-rows") as reader:
        coming = reader.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = reader.submit(next, pieces, None)
            yield piece
