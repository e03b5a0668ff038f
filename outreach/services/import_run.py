"""Reads one file into the case records, a transaction for each piece, and keeps the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from uuid import UUID

from outreach.domain.case_rows import Finding, Severity
from outreach.domain.column_mappings import Columns, Field
from outreach.domain.intake import Counts, Verdict
from outreach.domain.phone_numbers import REASONS, Refusal
from outreach.domain.row_values import masked
from outreach.services.case_intake import CaseIntake, RowOutcome
from outreach.services.intake_setting import IntakeSetting
from outreach.services.row_indexing import IndexedRow
from outreach.services.row_preparation import PIECE, PreparedPiece
from outreach.services.row_reader import Pieces
from outreach.storage import import_store
from outreach.storage.database import Connection
from outreach.storage.import_store import NewFinding

Progress = Callable[[int], None]
Begin = Callable[[], AbstractContextManager[Connection]]
_REFERENCES_AT_ONCE = 5_000
MOST_TO_MEND = 1_000  # rows; a file with more is mended where it came from
MOST_LOOKED_AT_AGAIN = 10_000  # rows, in memory meanwhile; more stay refused until the file comes again
ASKED = REASONS[Refusal.AMBIGUOUS][0]


@dataclass
class ImportRun:
    """One pass over one file. `begin` opens the transaction of a piece.

    A trial takes back what each piece wrote, and keeps what was counted and found: no lock is held for longer
    than a piece. Two rows of different pieces about one new person count as two there, and nobody refused is
    looked at again.
    """

    begin: Begin
    intake: CaseIntake
    import_id: UUID
    columns: Columns
    setting: IntakeSetting
    trial: bool = False
    counts: Counts = field(default_factory=Counts)
    converted: int = 0
    asked: int = 0
    rejected: list[int] = field(default_factory=list)  # row numbers, the first ones; once read: to be mended
    found: int = 0
    naming: list[tuple[int, str]] = field(default_factory=list)  # contacts' rows, and whom they name
    told: set[str] = field(default_factory=set)  # identifiers that only a trial's own rows know
    refused: list[IndexedRow] = field(default_factory=list)  # their identifier is somebody else's, so far
    mostly_new: bool = True  # people of the last piece: files tell first what they told before

    def read(self, pieces: Pieces, progress: Progress) -> Counts:
        """All rows, whatever each is worth; then who was refused too early, and the contacts whose positive
        nobody knows."""
        with closing(pieces(lambda: self.mostly_new)) as prepared:
            for piece in prepared:
                with self.begin() as connection:
                    self._write(connection, piece)
                progress(self.counts.rows)
        self._look_again()
        self.rejected = self.rejected[:MOST_TO_MEND]
        with self.begin() as connection:
            self._warn_of_unknown_positives(connection)
        return self.counts

    def _write(self, connection: Connection, piece: PreparedPiece) -> None:
        outcomes = self._take_in(connection, piece)
        verdicts = [outcome.verdict for outcome in outcomes]
        self.mostly_new = 2 * verdicts.count(Verdict.CREATED) >= len(verdicts)
        self.counts = self.counts.plus(piece.rows_read, [*piece.verdicts, *verdicts])
        told = [*piece.findings, *(finding for outcome in outcomes for finding in outcome.findings)]
        self._keep(connection, told)
        self.converted += sum(outcome.converted for outcome in outcomes)
        self.asked += len({finding.row for finding in told if finding.reason.endswith(ASKED)})
        self._note_rejected(told)
        self._keep_refused(piece.rows, outcomes)
        self._keep_progress(connection)
        self.naming += _naming(piece.rows)
        if self.trial:
            self.told.update(row.external_id for row in piece.rows)

    def _keep_progress(self, connection: Connection) -> None:
        import_store.keep_progress(
            connection, self.import_id, self.counts, converted=self.converted, asked=self.asked
        )

    def _keep_refused(self, rows: Sequence[IndexedRow], outcomes: Sequence[RowOutcome]) -> None:
        numbers = {outcome.number for outcome in outcomes if outcome.verdict is Verdict.REJECTED}
        if numbers and not self.trial:
            room = MOST_LOOKED_AT_AGAIN - len(self.refused)
            self.refused += [row.alone() for row in rows if row.number in numbers][:room]

    def _look_again(self) -> None:
        """A later row may have given whom an identifier stands for the refused row's name. Each round that
        takes somebody may make room for another."""
        before = 0
        while self.refused and len(self.refused) != before:
            before, rows = len(self.refused), self.refused
            parts = [rows[start : start + PIECE] for start in range(0, before, PIECE)]
            self.refused = [row for part in parts for row in self._still_refused(part)]

    def _still_refused(self, rows: Sequence[IndexedRow]) -> list[IndexedRow]:
        """The others are taken in, and what was told of them is taken back."""
        with self.begin() as connection:
            outcomes = self.intake.take_in(connection, rows, self.setting)
            taken = {each.number: each for each in outcomes if each.verdict is not Verdict.REJECTED}
            if taken:
                self.counts = self.counts.instead_of_refused([each.verdict for each in taken.values()])
                self.converted += sum(each.converted for each in taken.values())
                self.rejected = [number for number in self.rejected if number not in taken]
                import_store.drop_errors(connection, self.import_id, list(taken))
                self._keep_progress(connection)
        return [row for row in rows if row.number not in taken]

    def _take_in(self, connection: Connection, piece: PreparedPiece) -> list[RowOutcome]:
        if not self.trial:
            return self.intake.take_in(connection, piece.rows, self.setting, piece.ready)
        taken_back = connection.begin_nested()
        try:
            return self.intake.take_in(connection, piece.rows, self.setting, piece.ready)
        finally:
            taken_back.rollback()

    def _note_rejected(self, findings: Iterable[Finding]) -> None:
        """So many that enough are left to be mended in the page, whoever is taken at the second look."""
        numbers = {finding.row for finding in findings if finding.severity is Severity.ERROR}
        self.rejected += sorted(numbers)[: MOST_TO_MEND + MOST_LOOKED_AT_AGAIN - len(self.rejected)]

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
            names = sorted({name for _, name in part} - self.told)
            unknown = import_store.unknown_references(
                connection, self.setting.platform, self.setting.source, names
            )
            self._keep(connection, [_unknown(row, name) for row, name in part if name in unknown])


def _naming(rows: Iterable[IndexedRow]) -> list[tuple[int, str]]:
    return [(row.number, name) for row in rows for name in row.exposed_to if name]


def _unknown(row: int, name: str) -> Finding:
    return Finding(
        Severity.WARNING,
        row,
        Field.POSITIVE_REFERENCE,
        masked(name),
        "exposure to a positive who is not known yet",
        "nothing if the positive's record follows: the link is made when it comes; else check the identifier",
    )
