"""Turns the lines of a file into checked, indexed rows, piece by piece, without the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from outreach.domain.case_records import CaseKind, could_be_same_person
from outreach.domain.case_rows import Finding, Severity, read_row
from outreach.domain.column_mappings import Columns, Field
from outreach.domain.intake import Verdict, united
from outreach.domain.row_values import masked
from outreach.services.intake_setting import IndexedRow, IntakeSetting
from outreach.services.row_indexing import indexed
from outreach.services.table_reading import TableFile
from outreach.storage.vault import Vault

PIECE = 1_000  # rows to a transaction
_GROUPS = 300  # repeated identifiers to a transaction


@dataclass(frozen=True)
class PreparedPiece:
    """`rows_read` lines: the good ones, the verdicts already clear, and what is to be told of any."""

    rows_read: int
    rows: tuple[IndexedRow, ...]
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class RowPreparation:
    """Reads one file for one platform."""

    vault: Vault
    table: TableFile
    columns: Columns
    setting: IntakeSetting

    def pieces(self) -> Iterator[PreparedPiece]:
        """All rows once; those whose identifier comes more than once are last, to be compared."""
        repeated = self._repeated_identifiers()
        aside: dict[str, list[tuple[int, list[str]]]] = {}
        lines: list[tuple[int, list[str]]] = []
        for number, cells in self.table.rows():
            identifier = self._identifier(cells)
            if identifier in repeated:
                aside.setdefault(identifier, []).append((number, cells))
                continue
            lines.append((number, cells))
            if len(lines) == PIECE:
                yield self._piece(lines)
                lines = []
        if lines:
            yield self._piece(lines)
        for start in range(0, len(aside), _GROUPS):
            groups = list(aside.values())[start : start + _GROUPS]
            yield _joined([self._piece_of_repeated(group) for group in groups])

    def _identifier(self, cells: Sequence[str]) -> str:
        place = self.columns.fields.index(Field.EXTERNAL_ID)
        return cells[place] if place < len(cells) else ""

    def _repeated_identifiers(self) -> set[str]:
        counted = Counter(self.table.column(self.columns.fields.index(Field.EXTERNAL_ID)))
        return {identifier for identifier, times in counted.items() if times > 1 and identifier}

    def _read(self, number: int, cells: Sequence[str]) -> tuple[IndexedRow | None, list[Finding]]:
        if any(cells[len(self.columns.headers) :]):
            return None, [_too_many_cells(number)]
        known, aside = self.columns.split(cells)
        case, findings = read_row(number, known, aside, self.setting.rows)
        return (indexed(self.vault, case, known, aside) if case else None), findings

    def _piece(self, lines: Sequence[tuple[int, list[str]]]) -> PreparedPiece:
        read = [self._read(number, cells) for number, cells in lines]
        rows = tuple(row for row, _ in read if row)
        return PreparedPiece(
            rows_read=len(lines),
            rows=rows,
            verdicts=(Verdict.REJECTED,) * (len(lines) - len(rows)),
            findings=tuple(finding for _, findings in read for finding in findings),
        )

    def _piece_of_repeated(self, lines: Sequence[tuple[int, list[str]]]) -> PreparedPiece:
        """One identifier on several lines: the last positive line counts, else the last line.

        The others of the same person give it what must not be lost; those of someone else are rejected.
        """
        piece = self._piece(lines)
        if not piece.rows:
            return piece
        positives = [row for row in piece.rows if row.case.kind is CaseKind.POSITIVE]
        chosen = (positives or piece.rows)[-1]
        findings, verdicts, same = list(piece.findings), list(piece.verdicts), [chosen]
        for row in piece.rows:
            if row is chosen:
                continue
            verdict, finding = _superseded(row, chosen)
            verdicts.append(verdict)
            findings += [finding] if finding else []
            same += [row] if verdict is Verdict.UNCHANGED else []
        row = self._united(chosen, same)
        return PreparedPiece(piece.rows_read, (row,), tuple(verdicts), tuple(findings))

    def _united(self, chosen: IndexedRow, same: Sequence[IndexedRow]) -> IndexedRow:
        """The chosen line with what the others add; its digest speaks for all of them."""
        digests = sorted({row.content_digest.hex() for row in same})
        if len(digests) == 1:
            return chosen
        digest = self.vault.index("rows", " ".join(digests))
        return replace(chosen, case=united(chosen.case, [row.case for row in same]), content_digest=digest)


def _joined(pieces: Sequence[PreparedPiece]) -> PreparedPiece:
    return PreparedPiece(
        rows_read=sum(piece.rows_read for piece in pieces),
        rows=tuple(row for piece in pieces for row in piece.rows),
        verdicts=tuple(verdict for piece in pieces for verdict in piece.verdicts),
        findings=tuple(finding for piece in pieces for finding in piece.findings),
    )


def _superseded(row: IndexedRow, chosen: IndexedRow) -> tuple[Verdict, Finding | None]:
    number, identifier = row.case.number, masked(row.case.external_id)
    if not could_be_same_person(row.case.person, chosen.case.person):
        reason = f"row {chosen.case.number} gives this identifier to someone else"
        mend = "give each person an identifier of their own"
        return Verdict.REJECTED, Finding(Severity.ERROR, number, Field.EXTERNAL_ID, identifier, reason, mend)
    if row.content_digest == chosen.content_digest:
        return Verdict.UNCHANGED, None
    reason = f"row {chosen.case.number} has the same identifier and counts instead"
    kept = "; the exposure told here is kept" if row.case.exposures else ""
    mend = "keep one row for each identifier, or one for each exposure of a contact"
    return Verdict.UNCHANGED, Finding(
        Severity.WARNING, number, Field.EXTERNAL_ID, identifier, reason + kept, mend
    )


def _too_many_cells(number: int) -> Finding:
    reason = "more cells than columns: what follows a stray separator is out of place"
    return Finding(Severity.ERROR, number, None, "", reason, "put quotation marks around the cell")
