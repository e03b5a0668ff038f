"""Imports step by step: a draft with its preview, its columns, a dry run; rows to mend; undo; history."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, UploadFile
from fastapi import Path as RowNumber
from pydantic import BaseModel, ConfigDict, Field

from outreach.domain.case_rows import CaseRow, Severity
from outreach.domain.import_undo import Keeping
from outreach.domain.intake import Verdict
from outreach.errors import InvalidInput
from outreach.queues.job_queue import QueueName
from outreach.services.import_mending import RowToMend
from outreach.services.import_preview import Preview, PreviewRow
from outreach.services.table_reading import FileType
from outreach.storage.import_store import Import, ImportsAsked, ImportState
from outreach.web.access import Importer, TheApp
from outreach.web.idempotency import ApiRoute
from outreach.web.paging import Cursor, Page, PageSize, id_after, number_after, page_of

router = APIRouter(prefix="/api/v1", tags=["imports"], route_class=ApiRoute)
ImportStatesWanted = Annotated[list[ImportState] | None, Query(alias="state", description="Any of these.")]
Header = Annotated[str, Field(max_length=200)]
Cell = Annotated[str, Field(max_length=2000)]


class Draft(BaseModel):
    """A file that was kept to be looked at."""

    import_id: UUID


class ShownImport(BaseModel):
    """One import of the history. `file_name` as it was sent; `by` a login."""

    import_id: UUID
    platform: str
    state: str
    mapping: str
    file_name: str
    by: str | None
    created_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None
    rows_total: int
    rows: int
    created: int
    updated: int
    converted: int
    unchanged: int
    merged: int
    rejected: int
    asked: int
    taken_back: int

    @classmethod
    def of(cls, stored: Import, file_name: str, login: str | None) -> ShownImport:
        named = {name: getattr(stored, name) for name in _SHOWN}
        return cls(import_id=stored.id, file_name=file_name, by=login, **named, **vars(stored.counts))


_SHOWN = (
    *("platform", "state", "mapping", "created_at", "finished_at", "undone_at", "rows_total"),
    *("converted", "asked", "taken_back"),
)


class FoundInRow(BaseModel):
    """Something to mend; `value` is masked."""

    model_config = ConfigDict(from_attributes=True)

    severity: str
    row: int
    field: str
    value: str
    reason: str
    mend: str


class ReadPhone(BaseModel):
    number: str
    line_type: str
    can_sms: bool


class ReadRow(BaseModel):
    """A row as it would be taken in; all null when it would be refused."""

    row: int
    cells: list[str]
    kind: str | None
    birth_date: str | None
    result_at: datetime | None
    last_exposure_on: str | None
    time_zone: str | None
    phones: list[ReadPhone]
    findings: list[FoundInRow]

    @classmethod
    def of(cls, row: PreviewRow) -> ReadRow:
        return cls(
            row=row.number,
            cells=list(row.cells),
            **_read(row.case),
            findings=[
                FoundInRow(
                    severity=found.severity.value,
                    row=found.row,
                    field=str(found.field or ""),
                    value=found.value,
                    reason=found.reason,
                    mend=found.mend,
                )
                for found in row.findings
            ],
        )


def _read(case: CaseRow | None) -> dict[str, Any]:
    if case is None:
        nothing = ("kind", "birth_date", "result_at", "last_exposure_on", "time_zone")
        return {**dict.fromkeys(nothing), "phones": []}
    born, exposed = case.person.birth_date, case.last_exposure_on
    return {
        "kind": case.kind.value,
        "birth_date": born.isoformat() if born else None,
        "result_at": case.result_at,
        "last_exposure_on": exposed.isoformat() if exposed else None,
        "time_zone": case.place.zone,
        "phones": [
            ReadPhone(number=phone.e164, line_type=phone.line_type.value, can_sms=phone.can_sms)
            for phone in case.person.phones
        ],
    }


class ShownPreview(BaseModel):
    """`fields`: what each column says; `mappings`: saved ones that fit; `sent_before`: the same file."""

    import_id: UUID
    mapping: str
    headers: list[str]
    fields: list[str | None]
    mappings: list[str]
    sent_before: UUID | None
    checked_at: datetime | None
    rows: list[ReadRow]

    @classmethod
    def of(cls, preview: Preview) -> ShownPreview:
        return cls(
            import_id=preview.stored.id,
            mapping=preview.stored.mapping,
            headers=list(preview.headers),
            fields=[field.value if field else None for field in preview.fields],
            mappings=list(preview.mappings),
            sent_before=preview.sent_before.import_id if preview.sent_before else None,
            checked_at=preview.stored.checked_at,
            rows=[ReadRow.of(row) for row in preview.rows],
        )


class ChosenColumns(BaseModel):
    """A saved mapping by name; with `columns` (header -> field name) it is saved first."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    columns: Annotated[dict[Header, Header], Field(max_length=200)] | None = None


class KeptRow(BaseModel):
    """A refused row as it was sent, by header."""

    row: int
    cells: dict[str, str]
    errors: list[FoundInRow]

    @classmethod
    def of(cls, row: RowToMend) -> KeptRow:
        errors = [FoundInRow.model_validate(found, from_attributes=True) for found in row.errors]
        return cls(row=row.row, cells=dict(row.cells), errors=errors)


class MendedRow(BaseModel):
    """Cells by header; what is left out stays."""

    cells: Annotated[dict[Header, Cell], Field(max_length=200)]


class Mended(BaseModel):
    verdict: Verdict
    case_record_id: UUID | None


class UndoShown(BaseModel):
    """What undoing would do, or did. `kept`: how many stay, by reason; `records`: the first of them."""

    import_id: UUID
    state: str
    untouched: int
    taken_back: int
    kept: dict[Keeping, int]
    changed: int
    records: list[UUID]


MOST_RECORDS = 200


@router.post("/import-drafts", status_code=201)
def keep_draft(
    app: TheApp,
    asker: Importer,
    file: Annotated[UploadFile, File(description="CSV, XLSX, XLS or ODS, 128 MiB at most.")],
    platform: Annotated[str, Form(min_length=1, max_length=20)],
) -> Draft:
    """Send a file to look at before it is imported; it is kept for a day."""
    kept = app.records.preview.keep(
        file.file.read(), platform=platform, asker=asker, file_name=(file.filename or "")[:200]
    )
    return Draft(import_id=kept)


@router.get("/imports")
def read_history(
    app: TheApp,
    asker: Importer,
    state: ImportStatesWanted = None,
    file_type: FileType | None = None,
    cursor: Cursor = "",
    limit: PageSize = 50,
) -> Page[ShownImport]:
    """Imports and drafts of the asker's platforms, newest first."""
    preview = app.records.preview
    asked = ImportsAsked(state or (), file_type or "")
    rows = preview.history(asker.platforms, before=id_after(cursor), most=limit + 1, asked=asked)
    return page_of(
        rows,
        limit,
        shown=lambda row: ShownImport.of(row[0], preview.file_name(row[0]), row[1]),
        key=lambda row: str(row[0].id),
    )


@router.get("/imports/{import_id}/preview")
def read_preview(app: TheApp, asker: Importer, import_id: UUID) -> ShownPreview:
    """The first rows of a draft as they would be read."""
    return ShownPreview.of(app.records.preview.preview(import_id, asker))


@router.put("/imports/{import_id}/columns", status_code=204)
def choose_columns(app: TheApp, asker: Importer, import_id: UUID, body: ChosenColumns) -> None:
    """Say what the columns of a draft mean."""
    app.records.preview.choose(import_id, asker, name=body.name, columns=body.columns)


@router.post("/imports/{import_id}/check", status_code=202)
def check_draft(app: TheApp, asker: Importer, import_id: UUID) -> Draft:
    """A dry run in the background: its counts and findings stand on the import once `checked_at` is set."""
    app.records.preview.check(import_id, asker)
    app.jobs.nudge(QueueName.IMPORTS)
    return Draft(import_id=import_id)


@router.post("/imports/{import_id}/start", status_code=202)
def start_draft(app: TheApp, asker: Importer, import_id: UUID) -> Draft:
    """Import a draft, in the background."""
    app.records.preview.start(import_id, asker)
    app.jobs.nudge(QueueName.IMPORTS)
    return Draft(import_id=import_id)


@router.delete("/imports/{import_id}", status_code=204)
def drop_draft(app: TheApp, asker: Importer, import_id: UUID) -> None:
    """Forget a draft and its file."""
    app.records.preview.drop(import_id, asker)


@router.get("/imports/{import_id}/findings")
def read_findings_page(
    app: TheApp,
    asker: Importer,
    import_id: UUID,
    severity: Severity | None = None,
    cursor: Cursor = "",
    limit: PageSize = 50,
) -> Page[FoundInRow]:
    """What was found, in pages."""
    found = app.records.mending.findings(
        import_id, asker, severity=severity, after=_row_after(cursor, -1), most=limit + 1
    )
    return page_of(found, limit, shown=FoundInRow.model_validate, key=lambda line: str(line.number))


@router.get("/imports/{import_id}/rows")
def read_rows_to_mend(
    app: TheApp, asker: Importer, import_id: UUID, cursor: Cursor = "", limit: PageSize = 50
) -> Page[KeptRow]:
    """Refused rows that wait to be mended, for a week."""
    rows = app.records.mending.rows(import_id, asker, after=_row_after(cursor, 0), most=limit + 1)
    return page_of(rows, limit, shown=KeptRow.of, key=lambda row: str(row.row))


@router.put("/imports/{import_id}/rows/{row}")
def mend_row(
    app: TheApp,
    asker: Importer,
    import_id: UUID,
    row: Annotated[int, RowNumber(ge=0, le=2**31 - 1)],
    body: MendedRow,
) -> Mended:
    """Send one row again with other cells; 422 says what is still wrong."""
    outcome = app.records.mending.mend(import_id, row, body.cells, asker)
    if outcome.verdict is Verdict.REJECTED:
        first = next(found for found in outcome.findings if found.severity is Severity.ERROR)
        raise InvalidInput(first.reason, field=str(first.field or ""), mend=first.mend, code="rejected")
    return Mended(verdict=outcome.verdict, case_record_id=outcome.case_record_id)


@router.get("/imports/{import_id}/undo")
def read_undo(app: TheApp, asker: Importer, import_id: UUID) -> UndoShown:
    """Whom undoing would take back, and who would stay, and why."""
    preview = app.records.undo.preview(import_id, asker.platforms)
    return UndoShown(
        import_id=import_id,
        state=preview.stored.state.value,
        untouched=preview.untouched,
        taken_back=preview.stored.taken_back,
        kept=preview.reasons,
        changed=len(preview.changed),
        records=[record.case_record_id for record in preview.kept[:MOST_RECORDS]],
    )


@router.post("/imports/{import_id}/undo", status_code=202)
def undo_import(app: TheApp, asker: Importer, import_id: UUID) -> Draft:
    """Close and erase, in the background, who came in by this import and was not touched since."""
    app.records.undo.request(import_id, asker.platforms, by=asker.user_id)
    app.jobs.nudge(QueueName.IMPORTS)
    return Draft(import_id=import_id)


def _row_after(cursor: str, first: int) -> int:
    """Where a page of lines or rows of a file begins. Raises InvalidInput."""
    found = number_after(cursor, below=2**31)
    return first if found is None else found
