"""Case records: one record in, one record read, and the contacts a positive names."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from outreach.domain.intake import Verdict
from outreach.errors import InvalidInput
from outreach.services.case_intake import RowOutcome
from outreach.web.access import CaseReader, CaseWriter, TheApp
from outreach.web.case_models import Sheet
from outreach.web.idempotency import ApiRoute

router = APIRouter(prefix="/api/v1", tags=["case records"], route_class=ApiRoute)
Name = Annotated[str, Path(min_length=1, max_length=200)]
Platform = Annotated[str, Query(min_length=1, max_length=20)]
Cell = Annotated[str, Field(max_length=2000)]
Fields = Annotated[dict[str, Cell], Field(max_length=100)]


class Finding(BaseModel):
    """`value` is masked; `mend` says what to do."""

    severity: str
    field: str
    value: str
    reason: str
    mend: str


class Taken(BaseModel):
    """What became of a record."""

    verdict: Verdict
    case_record_id: UUID | None
    findings: list[Finding]


@router.put("/case-records/{source}/{external_id}", responses={201: {"model": Taken}})
def put_case_record(
    app: TheApp,
    asker: CaseWriter,
    source: Name,
    external_id: Name,
    platform: Platform,
    fields: Fields,
    response: Response,
) -> Taken:
    """Bring one record in, by field name or si-dep header. The same again changes nothing."""
    asker.need_platform(platform)
    outcome = app.case_import.put_case_record(platform, source, external_id, fields, by=asker.user_id)
    return taken(outcome, response)


@router.get("/case-records/{source}/{external_id}")
def read_named_case_record(
    app: TheApp, asker: CaseReader, source: Name, external_id: Name, platform: Platform
) -> Sheet:
    """The record an outside system calls so."""
    asker.need_platform(platform)
    case_record_id = app.case_reading.named(platform, source, external_id)
    return _sheet(app, asker, case_record_id)


@router.get("/case-records/{case_record_id}")
def read_case_record(app: TheApp, asker: CaseReader, case_record_id: UUID) -> Sheet:
    """The person, the facts, and all that was done."""
    return _sheet(app, asker, case_record_id)


@router.post("/case-records/{case_record_id}/contacts", status_code=201)
def name_contact(
    app: TheApp, asker: CaseWriter, case_record_id: UUID, fields: Fields, response: Response
) -> Taken:
    """A contact the positive names: on the call list at once. Someone known already answers 200."""
    platforms = app.steering.mutual_aid.readable(asker.user_id, asker.platforms, case_record_id)
    outcome = app.named_contacts.name(case_record_id, fields, by=asker.user_id, platforms=platforms)
    return taken(outcome, response)


def _sheet(app: TheApp, asker: CaseReader, case_record_id: UUID) -> Sheet:
    sheet = app.case_reading.sheet(case_record_id, reader=asker.user_id, platforms=asker.platforms)
    return Sheet.of_sheet(sheet)


def taken(outcome: RowOutcome, response: Response) -> Taken:
    """201 for a new record; a rejected one is the asker's to mend."""
    findings = [
        Finding(
            severity=found.severity.value,
            field=str(found.field or ""),
            value=found.value,
            reason=found.reason,
            mend=found.mend,
        )
        for found in outcome.findings
    ]
    if outcome.verdict is Verdict.REJECTED:
        first = outcome.findings[0]
        raise InvalidInput(first.reason, field=str(first.field or ""), mend=first.mend, code="rejected")
    response.status_code = 201 if outcome.verdict is Verdict.CREATED else 200
    return Taken(verdict=outcome.verdict, case_record_id=outcome.case_record_id, findings=findings)
