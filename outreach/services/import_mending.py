"""Refused rows mended in place: shown as they were sent, changed, and sent again one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.case_rows import Finding, Severity, read_row
from outreach.domain.column_mappings import Columns, Field, understand
from outreach.domain.intake import Verdict
from outreach.errors import Conflict, NotFound
from outreach.services.access import Asker
from outreach.services.case_import import CaseImport, mapping_named
from outreach.services.case_intake import CaseIntake, RowOutcome
from outreach.services.intake_setting import IntakeSetting
from outreach.services.moving_people import need_settled
from outreach.services.row_indexing import content_digest, indexed
from outreach.storage import access_store, import_rows_store, import_store, journal
from outreach.storage.access_store import AccessLine, AccessReason
from outreach.storage.database import Connection, Database
from outreach.storage.import_rows_store import FindingCount
from outreach.storage.import_store import Import, NewFinding
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.vault import Vault


@dataclass(frozen=True)
class RowToMend:
    """A refused row: its cells by header, in the order of the file, and what is wrong with it."""

    row: int
    cells: tuple[tuple[str, str], ...]
    errors: tuple[NewFinding, ...]


@dataclass(frozen=True)
class ImportMending:
    """What an import found, and rows to mend. An import of a platform not the asker's is not there."""

    database: Database
    vault: Vault
    clock: Clock
    case_import: CaseImport

    def rows(self, import_id: UUID, asker: Asker, *, after: int = 0, most: int = 50) -> list[RowToMend]:
        """Rows still to be mended, in the order of the file. Raises NotFound."""
        with self.database.begin() as connection:
            stored = _of(connection, import_id, asker)
            kept = import_rows_store.page(connection, import_id, after=after, most=most)
            errors = import_rows_store.errors_of(connection, import_id, [each.row for each in kept])
            if kept:
                self._note(connection, stored, asker)
            return [
                RowToMend(each.row, tuple(self.case_import.open_row(each.sealed)), tuple(errors[each.row]))
                for each in kept
            ]

    def findings(
        self,
        import_id: UUID,
        asker: Asker,
        *,
        severity: Severity | None = None,
        reason: str | None = None,
        after: int = -1,
        most: int = 50,
    ) -> list[NewFinding]:
        """What was found, values masked. Raises NotFound."""
        with self.database.begin() as connection:
            _of(connection, import_id, asker)
            wanted = severity.value if severity else None
            return import_rows_store.findings_page(
                connection, import_id, severity=wanted, reason=reason, after=after, most=most
            )

    def reasons(self, import_id: UUID, asker: Asker) -> list[FindingCount]:
        """How many rows each reason was found in. Raises NotFound."""
        with self.database.begin() as connection:
            _of(connection, import_id, asker)
            return import_rows_store.reasons(connection, import_id)

    def mend(self, import_id: UUID, row: int, cells: Mapping[str, str], asker: Asker) -> RowOutcome:
        """Send one row again, with these cells by header in place of the old ones.

        A REJECTED outcome says what is still wrong; what was typed is kept. Raises NotFound, Conflict when
        the row was mended already, and while people move from or to the platform.
        """
        with self.database.begin() as connection:
            stored = _of(connection, import_id, asker)
            need_settled(connection, stored.platform)
            kept = import_rows_store.lock(connection, import_id, row)
            if kept is None:
                raise Conflict("This row was mended already, or its week is over.", code="row_gone")
            old = self.case_import.open_row(kept.sealed)
            headers = [header for header, _ in old]
            new = [cells.get(header, cell).strip() for header, cell in old]
            columns = understand(headers, mapping_named(connection, stored.platform, stored.mapping))
            setting = self.case_import.setting(
                connection, stored.platform, stored.mapping, asker.user_id, import_id=import_id
            )
            outcome = self._take_in(connection, row, columns, new, setting)
            if outcome.verdict is Verdict.REJECTED:
                sealed = self.case_import.seal_row(headers, new)
                import_rows_store.replace(connection, import_id, row, sealed)
            else:
                self._mended(connection, stored, row, outcome, asker)
            import_rows_store.replace_findings(
                connection, import_id, row, _lines(import_id, columns, outcome.findings)
            )
        return outcome

    def forget_expired(self) -> int:
        """Sweep: rows that nobody mended in a week; how many."""
        with self.database.begin() as connection:
            return import_rows_store.forget_expired(connection, self.clock.now())

    def _take_in(
        self,
        connection: Connection,
        row: int,
        columns: Columns,
        cells: Sequence[str],
        setting: IntakeSetting,
    ) -> RowOutcome:
        known, aside = columns.split(cells)
        case, findings = read_row(row, known, aside, setting.rows)
        if case is None:
            return RowOutcome(row, Verdict.REJECTED, None, tuple(findings))
        digest = content_digest(self.vault, known, aside)
        [outcome] = CaseIntake(self.vault).take_in(connection, [indexed(self.vault, case, digest)], setting)
        return outcome._replace(findings=(*findings, *outcome.findings))

    def _mended(
        self, connection: Connection, stored: Import, row: int, outcome: RowOutcome, asker: Asker
    ) -> None:
        import_rows_store.mended(connection, stored.id, row, outcome.verdict)
        facts = {"import_id": str(stored.id), "row": row, "verdict": outcome.verdict.value}
        line = JournalEntry(
            self.clock.now(),
            stored.platform,
            Event.IMPORT_ROW_MENDED,
            journal.by_user(asker.user_id),
            facts=facts,
        )
        journal.write(connection, line)

    def _note(self, connection: Connection, stored: Import, asker: Asker) -> None:
        line = AccessLine(self.clock.now(), stored.platform, asker.user_id, None, AccessReason.IMPORT_ROWS)
        access_store.note(connection, line)


def _of(connection: Connection, import_id: UUID, asker: Asker) -> Import:
    stored = import_store.read(connection, import_id)
    if stored.platform not in asker.platforms:
        raise NotFound("There is no such import.", code="unknown_import")
    return stored


def _lines(import_id: UUID, columns: Columns, findings: Sequence[Finding]) -> list[NewFinding]:
    return [
        NewFinding(
            import_id,
            number,
            finding.severity.value,
            finding.row,
            _header(columns, finding.field),
            finding.value,
            finding.reason,
            finding.mend,
        )
        for number, finding in enumerate(findings)
    ]


def _header(columns: Columns, field: Field | None) -> str:
    return columns.header_of(field) if field else ""
