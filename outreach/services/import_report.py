"""What an import tells those who sent the file: six numbers, and each row to mend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from outreach.domain.case_rows import RULES, Severity
from outreach.domain.intake import Counts
from outreach.services.csv_cells import csv_line
from outreach.storage import import_store
from outreach.storage.database import Connection
from outreach.storage.import_store import ImportState, NewFinding

# A spreadsheet runs a cell that begins so.
_COLUMNS = ("severity", "row", "field", "value", "reason", "mend")


@dataclass(frozen=True)
class ImportReport:
    """`rows` is the sum of the other five numbers, or the state is INCOMPLETE."""

    import_id: UUID
    platform: str
    mapping: str
    state: ImportState
    refused_because: str | None
    counts: Counts
    rows_total: int
    errors: tuple[NewFinding, ...]
    warnings: tuple[NewFinding, ...]
    rules: tuple[str, ...] = RULES

    def as_json(self) -> dict[str, Any]:
        """Plain values, as the API and `--json` give them."""
        return {
            "import_id": str(self.import_id),
            "platform": self.platform,
            "mapping": self.mapping,
            "state": self.state.value,
            "refused_because": self.refused_because,
            **vars(self.counts),
            "rows_total": self.rows_total,
            "errors": [_as_json(finding) for finding in self.errors],
            "warnings": [_as_json(finding) for finding in self.warnings],
            "rules": list(self.rules),
        }

    def as_csv(self) -> str:
        """Errors, then warnings; opens in a spreadsheet without running anything."""
        lines = (csv_line(cells) for cells in _csv_cells((*self.errors, *self.warnings)))
        return "".join(("\ufeff", csv_line(_COLUMNS), *lines))


def _as_json(finding: NewFinding) -> dict[str, Any]:
    return {name: getattr(finding, name) for name in _COLUMNS if name != "severity"}


def _csv_cells(findings: Iterable[NewFinding]) -> Iterable[list[str]]:
    for finding in findings:
        yield [str(getattr(finding, name)) for name in _COLUMNS]


def read_report(connection: Connection, import_id: UUID) -> ImportReport:
    """Raises NotFound."""
    stored = import_store.read(connection, import_id)
    found = import_store.findings(connection, import_id)
    return ImportReport(
        import_id=stored.id,
        platform=stored.platform,
        mapping=stored.mapping,
        state=stored.state,
        refused_because=stored.refused_because,
        counts=stored.counts,
        rows_total=stored.rows_total,
        errors=tuple(f for f in found if f.severity == Severity.ERROR),
        warnings=tuple(f for f in found if f.severity == Severity.WARNING),
    )
