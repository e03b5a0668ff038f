"""Brings people in: a file from a laboratory or a doctor, one record from another system, a saved mapping."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import zip_longest
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.case_rows import read_row
from outreach.domain.column_mappings import (
    SI_DEP,
    SI_DEP_HEADERS,
    Field,
    checked_mapping,
    field_named,
    understand,
)
from outreach.domain.intake import Counts, Verdict
from outreach.errors import InvalidInput, NotFound
from outreach.ids import ImportId, new_id
from outreach.services.case_intake import CaseIntake, RowOutcome
from outreach.services.import_report import ImportReport, read_report
from outreach.services.import_run import Begin, ImportRun
from outreach.services.intake_setting import IntakeSetting, setting_of
from outreach.services.moving_people import is_settled, need_known_here, need_settled
from outreach.services.row_indexing import content_digest, indexed
from outreach.services.row_preparation import PIECE, RowPreparation, repeated_identifiers
from outreach.services.row_reader import reading
from outreach.services.table_reading import TableFile, open_table
from outreach.storage import alarm_store, import_rows_store, import_store, journal, mode_store, platform_store
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.database import Connection, Database
from outreach.storage.import_store import Import, ImportState
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.vault import Vault

Progress = Callable[[int, int], None]  # rows done, rows expected
FILE_SEALED_FOR, NAME_SEALED_FOR, ROW_SEALED_FOR = "import-file", "import-name", "import-row"
ROWS_KEPT = timedelta(days=7)  # refused rows, for whoever mends them
_LARGE_FILE = 20_000  # rows; from there on a process of their own is worth its start (about a second)
_MOST_FAILURES = 3  # runs ended by an unexpected error before an import is given up


def _quiet(done: int, expected: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class CaseImport:
    """Imports, single records and mappings of any platform.

    `large_file`: the rows from which a file is read by a process of its own; `piece`: rows to a transaction.
    """

    database: Database
    vault: Vault
    clock: Clock
    large_file: int = _LARGE_FILE
    piece: int = PIECE

    def start_import(
        self,
        content: bytes,
        *,
        platform: str,
        mapping: str = SI_DEP,
        by: UUID | None = None,
        file_name: str = "",
    ) -> ImportId:
        """Keep the file, sealed, for `run_import`. Raises InvalidInput for a file that cannot be read."""
        with self.database.begin() as connection:
            table = self._checked(connection, content, platform, mapping)
            return self.keep_file(connection, table, platform, mapping, by=by, file_name=file_name)

    def run_import(self, import_id: ImportId, *, progress: Progress = _quiet) -> ImportReport:
        """Read a kept file. May run twice, and after a kill: nothing is doubled.

        While people move from or to the platform it stays as it is, among the `unfinished`.
        """
        with self.database.session() as session:
            if import_store.is_free(session, import_id):
                self._run(import_id, self.database.begin, progress)
        return self.report(import_id)

    def note_failure(self, import_id: ImportId, *, error: str) -> None:
        """A run ended by an unexpected error, told by its kind. The third ends the import, with an alarm."""
        now = self.clock.now()
        with self.database.begin() as connection:
            stored = import_store.read(connection, import_id)
            if stored.finished_at is not None:
                return
            told = {"import_id": str(import_id), "error": error}
            journal.write(
                connection,
                JournalEntry(
                    now, stored.platform, Event.IMPORT_FAILED, journal.by_system("import"), facts=told
                ),
            )
            if import_store.failures(connection, stored) >= _MOST_FAILURES:
                self._give_up(connection, stored, now)

    def import_file(
        self,
        content: bytes,
        *,
        platform: str,
        mapping: str = SI_DEP,
        by: UUID | None = None,
        file_name: str = "",
        dry_run: bool = False,
        progress: Progress = _quiet,
    ) -> ImportReport:
        """Start and run at once. A dry run does the same in one transaction and takes it back.

        Raises Conflict while people move from or to the platform.
        """
        with self.database.begin() as connection:
            need_settled(connection, platform)
        if not dry_run:
            import_id = self.start_import(
                content, platform=platform, mapping=mapping, by=by, file_name=file_name
            )
            return self.run_import(import_id, progress=progress)
        with self.database.engine.connect() as connection:
            table = self._checked(connection, content, platform, mapping)
            import_id = self.keep_file(connection, table, platform, mapping, by=by, file_name=file_name)
            self._run(import_id, lambda: _within(connection), progress)
            report = read_report(connection, import_id)
            connection.rollback()
        return report

    def unfinished(self) -> list[ImportId]:
        """Files that wait to be read, or whose reader died, oldest first."""
        with self.database.begin() as connection:
            return import_store.unfinished(connection)

    def report(self, import_id: ImportId) -> ImportReport:
        """How far it got and what it found. Raises NotFound."""
        with self.database.begin() as connection:
            return read_report(connection, import_id)

    def put_case_record(
        self,
        platform: str,
        source: str,
        external_id: str,
        fields: Mapping[str, str],
        *,
        by: UUID | None = None,
    ) -> RowOutcome:
        """One record, by field name or si-dep header; the same content again changes nothing.

        A REJECTED outcome carries what to mend. Raises Conflict while people move from or to the platform.
        """
        with self.database.begin() as connection:
            need_settled(connection, platform)
            setting = self.setting(connection, platform, source, by)
            return self.take_in_record(connection, setting, external_id, fields)

    def take_in_record(
        self, connection: Connection, setting: IntakeSetting, external_id: str, fields: Mapping[str, str]
    ) -> RowOutcome:
        """As `put_case_record`, in the caller's transaction.

        While people move, only who is known at the other end of the move is refused, by Conflict.
        """
        cells, aside = _by_field(fields)
        cells[Field.EXTERNAL_ID] = _storable(external_id)
        case, findings = read_row(1, cells, aside, setting.rows)
        if case is None:
            return RowOutcome(1, Verdict.REJECTED, None, tuple(findings))
        row = indexed(self.vault, case, content_digest(self.vault, cells, aside))
        need_known_here(connection, setting.platform, row)
        [outcome] = CaseIntake(self.vault).take_in(connection, [row], setting)
        return RowOutcome(1, outcome.verdict, outcome.case_record_id, (*findings, *outcome.findings))

    def save_mapping(self, platform: str, name: str, mapping: Mapping[str, str]) -> None:
        """Keep a mapping (header -> field name) under a name. Raises InvalidInput."""
        if name == SI_DEP:
            raise InvalidInput("si-dep is built in; choose another name.", field="name")
        checked_mapping(mapping)
        with self.database.begin() as connection:
            platform_store.read(connection, platform)
            import_store.save_mapping(connection, platform, name, mapping, self.clock.now())

    def _checked(self, connection: Connection, content: bytes, platform: str, mapping: str) -> TableFile:
        platform_store.read(connection, platform)
        table = open_table(content)
        understand(table.headers, mapping_named(connection, platform, mapping))
        return table

    def keep_file(
        self,
        connection: Connection,
        table: TableFile,
        platform: str,
        mapping: str,
        *,
        by: UUID | None,
        file_name: str = "",
        state: ImportState = ImportState.QUEUED,
    ) -> ImportId:
        """A file that was opened, sealed, in the caller's transaction."""
        import_id = ImportId(new_id())
        import_store.create(
            connection,
            import_id=import_id,
            platform=platform,
            mapping=mapping,
            file_type=table.file_type.value,
            file_digest=self.vault.index("file", sha256(table.content).hexdigest()),
            sealed_file=self.vault.seal_system(FILE_SEALED_FOR, table.content),
            rows_total=table.rows_expected,
            started_by=by,
            now=self.clock.now(),
            state=state,
            sealed_name=self.vault.seal_system(NAME_SEALED_FOR, file_name.encode()) if file_name else None,
        )
        return import_id

    def _run(self, import_id: ImportId, begin: Begin, progress: Progress) -> None:
        with begin() as connection:
            if not is_settled(connection, import_store.read(connection, import_id).platform):
                return  # it waits among the `unfinished`
            sealed = import_store.begin_run(connection, import_id)
            if sealed is None:
                return
            stored = import_store.read(connection, import_id)
            setting = self.setting(
                connection, stored.platform, stored.mapping, stored.started_by, import_id=import_id
            )
            mapping = mapping_named(connection, stored.platform, stored.mapping)
        content = self.vault.open_system(FILE_SEALED_FOR, sealed)
        del sealed  # files are large, and imports long
        trial = stored.state is ImportState.CHECKING
        try:
            table = open_table(content)
            del content
            columns = understand(table.headers, mapping)
            run = ImportRun(begin, CaseIntake(self.vault), import_id, columns, setting, trial=trial)
            repeated = repeated_identifiers(table, columns)
            preparation = RowPreparation(self.vault, table, columns, setting, repeated, self.piece)
            with reading(preparation, in_own_process=stored.rows_total >= self.large_file) as pieces:
                counts = run.read(pieces, lambda done: progress(done, stored.rows_total))
        except InvalidInput as refusal:
            self._refuse(import_id, begin, refusal)
            raise
        if trial:
            with begin() as connection:
                import_store.end_check(connection, import_id, now=self.clock.now())
        else:
            self._finish(import_id, begin, setting, counts, self._to_mend(table, run.rejected))

    def _to_mend(self, table: TableFile, numbers: Sequence[int]) -> list[tuple[int, bytes]]:
        """Refused rows, sealed: a page shows them to whoever mends them."""
        wanted = set(numbers)
        if not wanted:
            return []
        return [
            (number, self.seal_row(table.headers, cells))
            for number, cells in table.rows()
            if number in wanted
        ]

    def seal_row(self, headers: Sequence[str], cells: Sequence[str]) -> bytes:
        """A row as it was sent, for `open_row`."""
        pairs = list(zip_longest(headers, cells[: len(headers)], fillvalue=""))
        return self.vault.seal_system(ROW_SEALED_FOR, json.dumps(pairs).encode())

    def open_row(self, sealed: bytes) -> list[tuple[str, str]]:
        """Headers and cells, in the order of the file."""
        return [(header, cell) for header, cell in json.loads(self.vault.open_system(ROW_SEALED_FOR, sealed))]

    def setting(
        self,
        connection: Connection,
        platform: str,
        source: str,
        by: UUID | None,
        *,
        import_id: UUID | None = None,
    ) -> IntakeSetting:
        """What rows of this source are read against, now."""
        actor = journal.by_user(by) if by else journal.by_system("import")
        return setting_of(
            platform_store.read(connection, platform),
            source=source,
            actor=actor,
            now=self.clock.now(),
            rules=mode_store.rules_of(connection, platform),
            import_id=import_id,
        )

    def _refuse(self, import_id: ImportId, begin: Begin, refusal: InvalidInput) -> None:
        with begin() as connection:
            import_store.finish(
                connection,
                import_id,
                ImportState.REFUSED,
                now=self.clock.now(),
                refused_because=str(refusal),
            )

    def _give_up(self, connection: Connection, stored: Import, now: datetime) -> None:
        """What was written stays; who sent the file sends it again."""
        import_store.finish(
            connection,
            ImportId(stored.id),
            ImportState.INCOMPLETE,
            now=now,
            refused_because=f"reading it failed {_MOST_FAILURES} times by an error of the program",
        )
        self._alarm(connection, ImportId(stored.id), stored.platform, now)

    def _alarm(self, connection: Connection, import_id: ImportId, platform: str, now: datetime) -> None:
        alarm_store.raise_alarm(
            connection, AlarmKind.IMPORT_INCOMPLETE, str(import_id), platform=platform, now=now
        )

    def _finish(
        self,
        import_id: ImportId,
        begin: Begin,
        setting: IntakeSetting,
        counts: Counts,
        to_mend: Sequence[tuple[int, bytes]],
    ) -> None:
        now = self.clock.now()
        with begin() as connection:
            import_rows_store.keep(connection, import_id, to_mend, until=now + ROWS_KEPT)
            state = ImportState.DONE if counts.add_up else ImportState.INCOMPLETE
            import_store.finish(connection, import_id, state, now=now)
            told = {"import_id": str(import_id), **vars(counts)}
            journal.write(
                connection,
                JournalEntry(now, setting.platform, Event.IMPORT_FINISHED, setting.actor, facts=told),
            )
            if state is ImportState.INCOMPLETE:
                self._alarm(connection, import_id, setting.platform, now)


@contextmanager
def _within(connection: Connection) -> Iterator[Connection]:
    yield connection


def mapping_named(connection: Connection, platform: str, name: str) -> Mapping[str, Field]:
    """Raises NotFound."""
    if name == SI_DEP:
        return SI_DEP_HEADERS
    saved = import_store.mapping_named(connection, platform, name)
    if saved is None:
        known = ", ".join([SI_DEP, *import_store.mapping_names(connection, platform)])
        raise NotFound(f"There is no column mapping {name!r}; known: {known}.", code="unknown_mapping")
    return checked_mapping(saved)


def _by_field(fields: Mapping[str, str]) -> tuple[dict[Field, str], dict[str, str]]:
    """What another system sent, by field; names nobody asked for are kept aside."""
    cells: dict[Field, str] = {}
    aside: dict[str, str] = {}
    for name, value in fields.items():
        text, field = _storable(value), field_named(name)
        if text and field:
            cells[field] = text
        elif text:
            aside[_storable(name)] = text
    return cells, aside


def _storable(text: str) -> str:
    """Without what the database cannot hold: NUL, and halves of characters."""
    return text.replace("\0", "").encode(errors="replace").decode().strip()
