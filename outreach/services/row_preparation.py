"""Turns the lines of a file into checked, indexed rows, piece by piece, without the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from outreach.domain.case_records import CaseKind, could_be_same_person
from outreach.domain.case_rows import CaseRow, Finding, Severity, read_row
from outreach.domain.column_mappings import Columns, Field
from outreach.domain.intake import Verdict, united
from outreach.domain.row_values import masked
from outreach.services.intake_setting import IntakeSetting
from outreach.services.new_cases import NewCase, new_case
from outreach.services.row_indexing import CaseRows, IndexedRow, content_digest, indexed
from outreach.services.table_reading import TableFile
from outreach.storage.vault import Vault

PIECE = 1_000  # rows to a transaction
_GROUPS = 300  # repeated identifiers to a transaction
Line = tuple[int, list[str]]  # its number, its cells


class PreparedPiece(NamedTuple):
    """`rows_read` lines: the good ones, the verdicts already clear, and what is to be told of any.

    `ready`: what rows bring should their person be new, by row number.
    """

    rows_read: int
    rows: Sequence[IndexedRow]
    ready: Mapping[int, NewCase]
    verdicts: Sequence[Verdict]
    findings: Sequence[Finding]


class _Read(NamedTuple):
    """Lines once read."""

    rows_read: int
    rows: list[tuple[CaseRow, bytes]]  # with their content digests
    verdicts: list[Verdict]
    findings: list[Finding]


class _Lines(NamedTuple):
    """What makes one piece: lines that stand alone, or the groups of those that share an identifier."""

    single: Sequence[Line] = ()
    repeated: Sequence[Sequence[Line]] = ()


def repeated_identifiers(table: TableFile, columns: Columns) -> Set[str]:
    """The identifiers that come on several lines. Raises InvalidInput when the file cannot be read."""
    counted = Counter(table.column(columns.fields.index(Field.EXTERNAL_ID)))
    return {identifier for identifier, times in counted.items() if times > 1 and identifier}


@dataclass(frozen=True)
class RowPreparation:
    """Reads one file for one platform. `repeated` from `repeated_identifiers`."""

    vault: Vault
    table: TableFile
    columns: Columns
    setting: IntakeSetting
    repeated: Set[str]
    piece: int = PIECE

    def pieces(
        self, expect_new: Callable[[], bool], *, start: int = 0, stop: int | None = None
    ) -> Iterator[PreparedPiece]:
        """All rows once, or the pieces from `start` to before `stop`.

        While new people are expected, everything they bring is sealed and planned beforehand.
        """
        for lines in islice(self._lines(), start, stop):
            yield self._piece(lines, ahead=expect_new())

    def _lines(self) -> Iterator[_Lines]:
        """Those whose identifier comes more than once are last, to be compared."""
        aside: dict[str, list[Line]] = {}
        single: list[Line] = []
        for number, cells in self.table.rows():
            identifier = self._identifier(cells)
            if identifier in self.repeated:
                aside.setdefault(identifier, []).append((number, cells))
                continue
            single.append((number, cells))
            if len(single) == self.piece:
                yield _Lines(single=single)
                single = []
        if single:
            yield _Lines(single=single)
        groups = list(aside.values())
        for start in range(0, len(groups), _GROUPS):
            yield _Lines(repeated=groups[start : start + _GROUPS])

    def _identifier(self, cells: Sequence[str]) -> str:
        place = self.columns.fields.index(Field.EXTERNAL_ID)
        return cells[place] if place < len(cells) else ""

    def _read(self, lines: Sequence[Line]) -> _Read:
        rows: list[tuple[CaseRow, bytes]] = []
        findings: list[Finding] = []
        for number, cells in lines:
            if any(cells[len(self.columns.headers) :]):
                findings.append(_too_many_cells(number))
                continue
            known, aside = self.columns.split(cells)
            case, found = read_row(number, known, aside, self.setting.rows)
            findings += found
            if case:
                rows.append((case, content_digest(self.vault, known, aside)))
        return _Read(len(lines), rows, [Verdict.REJECTED] * (len(lines) - len(rows)), findings)

    def _read_repeated(self, lines: Sequence[Line]) -> _Read:
        """One identifier on several lines: the last positive line counts, else the last line.

        The others of the same person give it what must not be lost; those of someone else are rejected.
        """
        read = self._read(lines)
        if not read.rows:
            return read
        positives = [row for row in read.rows if row[0].kind is CaseKind.POSITIVE]
        chosen = (positives or read.rows)[-1]
        same = [chosen]
        for row in read.rows:
            if row is chosen:
                continue
            verdict, finding = _superseded(row, chosen)
            read.verdicts.append(verdict)
            read.findings.extend([finding] if finding else [])
            same += [row] if verdict is Verdict.UNCHANGED else []
        return read._replace(rows=[self._united(chosen, same)])

    def _united(
        self, chosen: tuple[CaseRow, bytes], same: Sequence[tuple[CaseRow, bytes]]
    ) -> tuple[CaseRow, bytes]:
        """The chosen line with what the others add; its digest speaks for all of them."""
        digests = sorted({digest.hex() for _, digest in same})
        if len(digests) == 1:
            return chosen
        digest = self.vault.index("rows", " ".join(digests))
        return united(chosen[0], [case for case, _ in same]), digest

    def _piece(self, lines: _Lines, *, ahead: bool) -> PreparedPiece:
        parts = [self._read(lines.single), *map(self._read_repeated, lines.repeated)]
        read = [row for part in parts for row in part.rows]
        cases = CaseRows({case.number: case for case, _ in read})
        rows = [indexed(self.vault, case, digest, cases) for case, digest in read]
        return PreparedPiece(
            rows_read=sum(part.rows_read for part in parts),
            rows=rows,
            ready={row.number: new_case(self.vault, row, self.setting) for row in rows} if ahead else {},
            verdicts=[verdict for part in parts for verdict in part.verdicts],
            findings=[finding for part in parts for finding in part.findings],
        )


def _superseded(row: tuple[CaseRow, bytes], chosen: tuple[CaseRow, bytes]) -> tuple[Verdict, Finding | None]:
    (case, digest), (counts, counting_digest) = row, chosen
    number, identifier = case.number, masked(case.external_id)
    if not could_be_same_person(case.person, counts.person):
        reason = f"row {counts.number} gives this identifier to someone else"
        mend = "give each person an identifier of their own"
        return Verdict.REJECTED, Finding(Severity.ERROR, number, Field.EXTERNAL_ID, identifier, reason, mend)
    if digest == counting_digest:
        return Verdict.UNCHANGED, None
    reason = f"row {counts.number} has the same identifier and counts instead"
    kept = "; the exposure told here is kept" if case.exposures else ""
    mend = "keep one row for each identifier, or one for each exposure of a contact"
    return Verdict.UNCHANGED, Finding(
        Severity.WARNING, number, Field.EXTERNAL_ID, identifier, reason + kept, mend
    )


def _too_many_cells(number: int) -> Finding:
    reason = "more cells than columns: what follows a stray separator is out of place"
    return Finding(Severity.ERROR, number, None, "", reason, "put quotation marks around the cell")
