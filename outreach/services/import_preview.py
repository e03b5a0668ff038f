"""A file before it is imported: how its rows would be read, which columns say what, and a dry run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.case_rows import CaseRow, Finding, RowSetting, read_row
from outreach.domain.column_mappings import (
    SI_DEP,
    SI_DEP_HEADERS,
    Columns,
    Field,
    checked_mapping,
    fits,
    guessed,
    understand,
)
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.ids import ImportId
from outreach.services.access import Asker
from outreach.services.case_import import FILE_SEALED_FOR, NAME_SEALED_FOR, CaseImport
from outreach.services.table_reading import TableFile, open_table
from outreach.storage import access_store, import_store, platform_store
from outreach.storage.access_store import AccessLine, AccessReason
from outreach.storage.database import Connection, Database
from outreach.storage.import_store import EVERY_IMPORT, Import, ImportsAsked, ImportState, SameFile
from outreach.storage.vault import Vault

PREVIEWED = 20  # rows
NOT_CHOSEN = ""  # the name of the mapping of a file none was made for
DRAFTS_KEPT = timedelta(days=1)
MOST_BYTES = 128 * 1024 * 1024


@dataclass(frozen=True)
class PreviewRow:
    """One row as the file has it and as it would be read; `case` None: it would be refused."""

    number: int
    cells: tuple[str, ...]
    case: CaseRow | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Preview:
    """A draft. `fields`: what each column says; `mappings`: saved ones that fit its headers."""

    stored: Import
    file_name: str
    headers: tuple[str, ...]
    fields: tuple[Field | None, ...]
    rows: tuple[PreviewRow, ...]
    mappings: tuple[str, ...]
    sent_before: SameFile | None


@dataclass(frozen=True)
class ImportPreview:
    """Drafts of imports; what is personal in them is for importers of their platform."""

    database: Database
    vault: Vault
    clock: Clock
    case_import: CaseImport

    def keep(self, content: bytes, *, platform: str, asker: Asker, file_name: str = "") -> ImportId:
        """Keep a file to look at. Raises InvalidInput for one that cannot be read, NotFound."""
        asker.need_platform(platform)
        if len(content) > MOST_BYTES:
            raise InvalidInput(
                "The file is larger than 128 MiB.", field="file", mend="Send it in several parts."
            )
        table = open_table(content)
        with self.database.begin() as connection:
            platform_store.read(connection, platform)
            known = _fitting(connection, platform, table.headers)
            return self.case_import.keep_file(
                connection,
                table,
                platform,
                known[0] if known else NOT_CHOSEN,
                by=asker.user_id,
                file_name=file_name,
                state=ImportState.DRAFT,
            )

    def preview(self, import_id: UUID, asker: Asker) -> Preview:
        """The first rows as they would be read. Raises NotFound, Conflict when it was started."""
        with self.database.begin() as connection:
            stored, table = self._draft(connection, import_id, asker)
            names = _fitting(connection, stored.platform, table.headers)
            columns = _columns(connection, stored, table)
            setting = self.case_import.setting(
                connection, stored.platform, stored.mapping, asker.user_id, import_id=import_id
            )
            self._note(connection, stored.platform, asker)
            return Preview(
                stored=stored,
                file_name=self.file_name(stored),
                headers=table.headers,
                fields=columns.fields,
                rows=tuple(_read(table, columns, setting.rows)),
                mappings=tuple(names),
                sent_before=import_store.sent_before(connection, stored),
            )

    def choose(
        self, import_id: UUID, asker: Asker, *, name: str, columns: Mapping[str, str] | None = None
    ) -> None:
        """The mapping of a draft: a saved one, or `columns` (header -> field name), saved under the name.

        Raises InvalidInput, NotFound, Conflict.
        """
        name = name.strip()
        with self.database.begin() as connection:
            stored, table = self._draft(connection, import_id, asker)
            mapping = _mapping(connection, stored.platform, name, columns)
            understand(table.headers, mapping)
            if columns is not None:
                import_store.save_mapping(connection, stored.platform, name, dict(columns), self.clock.now())
            import_store.change_draft(connection, import_id, state=ImportState.DRAFT, mapping=name)

    def check(self, import_id: UUID, asker: Asker) -> None:
        """A dry run, to be made by a worker: `nudge` it. Raises NotFound, Conflict."""
        self._queue(import_id, asker, ImportState.CHECKING)

    def start(self, import_id: UUID, asker: Asker) -> None:
        """To be read by a worker: `nudge` it. Raises NotFound, Conflict."""
        self._queue(import_id, asker, ImportState.QUEUED)

    def drop(self, import_id: UUID, asker: Asker) -> None:
        """Forget a draft and its file. Raises NotFound, Conflict."""
        with self.database.begin() as connection:
            self._draft(connection, import_id, asker)
            import_store.drop_draft(connection, import_id)

    def drop_old(self) -> int:
        """Sweep: drafts that nobody started within a day; how many."""
        with self.database.begin() as connection:
            old = import_store.old_drafts(connection, self.clock.now() - DRAFTS_KEPT)
            for import_id in old:
                import_store.drop_draft(connection, import_id)
        return len(old)

    def history(
        self,
        platforms: Sequence[str],
        *,
        before: UUID | None,
        most: int,
        asked: ImportsAsked = EVERY_IMPORT,
    ) -> list[tuple[Import, str | None]]:
        """Imports with the login of who sent each, newest first."""
        with self.database.begin() as connection:
            return import_store.page(connection, platforms, before=before, most=most, asked=asked)

    def stored(self, import_id: UUID) -> Import:
        """An import as it stands, whoever asks. Raises NotFound."""
        with self.database.begin() as connection:
            return import_store.read(connection, import_id)

    def file_name(self, stored: Import) -> str:
        """What the file was called; it may name someone."""
        if stored.sealed_name is None:
            return ""
        return self.vault.open_system(NAME_SEALED_FOR, stored.sealed_name).decode()

    def _queue(self, import_id: UUID, asker: Asker, state: ImportState) -> None:
        with self.database.begin() as connection:
            stored, _ = self._draft(connection, import_id, asker)
            if stored.mapping == NOT_CHOSEN:
                raise Conflict("Say first what each column means.", code="no_mapping")
            import_store.change_draft(connection, import_id, state=state)

    def _draft(self, connection: Connection, import_id: UUID, asker: Asker) -> tuple[Import, TableFile]:
        if import_store.read(connection, import_id).platform not in asker.platforms:
            raise NotFound("There is no such import.", code="unknown_import")
        found = import_store.lock_draft(connection, import_id)
        if found is None:
            raise Conflict("This import was started, or is being checked.", code="not_a_draft")
        stored, sealed = found
        return stored, open_table(self.vault.open_system(FILE_SEALED_FOR, sealed))

    def _note(self, connection: Connection, platform: str, asker: Asker) -> None:
        line = AccessLine(self.clock.now(), platform, asker.user_id, None, AccessReason.IMPORT_ROWS)
        access_store.note(connection, line)


def _mapping(
    connection: Connection, platform: str, name: str, columns: Mapping[str, str] | None
) -> Mapping[str, Field]:
    if name == SI_DEP and columns is None:
        return SI_DEP_HEADERS
    if not name or name == SI_DEP:
        raise InvalidInput(
            "Give these columns a name: files from the same place find it again.",
            field="name",
            mend="Choose another name than si-dep, which is built in.",
        )
    if columns is not None:
        return checked_mapping(columns)
    saved = import_store.mapping_named(connection, platform, name)
    if saved is None:
        raise NotFound("There is no such column mapping.", code="unknown_mapping")
    return checked_mapping(saved)


def _fitting(connection: Connection, platform: str, headers: Sequence[str]) -> list[str]:
    """The mappings made for such files, si-dep first."""
    known = {SI_DEP: SI_DEP_HEADERS} | {
        name: checked_mapping(saved) for name, saved in import_store.mappings(connection, platform).items()
    }
    return [name for name, mapping in known.items() if fits(headers, mapping)]


def _columns(connection: Connection, stored: Import, table: TableFile) -> Columns:
    """As chosen, else as the headers say of themselves."""
    if stored.mapping != NOT_CHOSEN:
        return understand(table.headers, _mapping(connection, stored.platform, stored.mapping, None))
    known = guessed(table.headers)
    return Columns(table.headers, tuple(known.get(header) for header in table.headers))


def _read(table: TableFile, columns: Columns, setting: RowSetting) -> list[PreviewRow]:
    shown = []
    for number, cells in islice(table.rows(), PREVIEWED):
        known, aside = columns.split(cells)
        case, findings = read_row(number, known, aside, setting)
        shown.append(PreviewRow(number, tuple(cells), case, tuple(findings)))
    return shown
