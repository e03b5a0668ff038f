"""Files of case records: sent, read in the background, reported row by row."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, File, Form, Path, UploadFile
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from outreach.domain.column_mappings import SI_DEP
from outreach.errors import NotFound
from outreach.ids import ImportId
from outreach.queues.job_queue import QueueName
from outreach.services.access import Asker
from outreach.services.import_report import ImportReport
from outreach.web.access import Importer, TheApp
from outreach.web.idempotency import ApiRoute

router = APIRouter(prefix="/api/v1", tags=["imports"], route_class=ApiRoute)
Name = Annotated[str, Path(min_length=1, max_length=100)]
Header = Annotated[str, Field(max_length=200)]


class Started(BaseModel):
    """Ask /imports/{id} how far it is."""

    import_id: UUID


class Mapping(BaseModel):
    """Header of the file -> field name."""

    columns: Annotated[dict[Header, Header], Field(min_length=1, max_length=200)]


@router.post("/imports", status_code=202)
def start_import(
    app: TheApp,
    asker: Importer,
    file: Annotated[UploadFile, File(description="CSV, XLSX, XLS or ODS.")],
    platform: Annotated[str, Form(min_length=1, max_length=20)],
    mapping: Annotated[str, Form(min_length=1, max_length=100)] = SI_DEP,
) -> Started:
    """Send a file; it is read in the background. The same file again changes nothing."""
    asker.need_platform(platform)
    import_id = app.case_import.start_import(
        file.file.read(),
        platform=platform,
        mapping=mapping,
        by=asker.user_id,
        file_name=(file.filename or "")[:200],
    )
    app.jobs.nudge(QueueName.IMPORTS)
    return Started(import_id=import_id)


@router.get("/imports/{import_id}")
def read_import(app: TheApp, asker: Importer, import_id: UUID) -> dict[str, Any]:
    """How far it is, its six numbers, and each row to mend (values masked)."""
    return _report(app, asker, import_id).as_json()


@router.get("/imports/{import_id}/findings.csv", response_class=PlainTextResponse)
def read_findings(app: TheApp, asker: Importer, import_id: UUID) -> PlainTextResponse:
    """The rows to mend, for a spreadsheet."""
    return PlainTextResponse(
        _report(app, asker, import_id).as_csv(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="import-{import_id}.csv"'},
    )


@router.put("/platforms/{platform}/column-mappings/{name}", status_code=204)
def save_mapping(app: TheApp, asker: Importer, platform: Name, name: Name, body: Mapping) -> None:
    """Keep a mapping for files of another shape."""
    asker.need_platform(platform)
    app.case_import.save_mapping(platform, name, body.columns)


def _report(app: TheApp, asker: Asker, import_id: UUID) -> ImportReport:
    report = app.case_import.report(ImportId(import_id))
    if report.platform not in asker.platforms:
        raise NotFound("There is no such import.", code="unknown_import")
    return report
