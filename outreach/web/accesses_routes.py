"""Who read whose record, who changed what, and records opened beyond one's reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from outreach.domain.reasons import RestrictionReason
from outreach.domain.roles import Scope
from outreach.services.access import Asker
from outreach.services.audit import Change, Reading, Search
from outreach.services.break_glass import OpenedGlass
from outreach.storage.access_store import AccessReason
from outreach.storage.journal import Event
from outreach.web.access import AccessReader, GlassBreaker, Supervisor, TheApp
from outreach.web.idempotency import ApiRoute
from outreach.web.paging import Cursor, Page, PageSize, id_after, line_after, line_key, page_of

router = APIRouter(prefix="/api/v1", tags=["audit"], route_class=ApiRoute)
Words = Annotated[str, Query(max_length=100)]


class ShownAccess(BaseModel):
    """`why`: what the reading was for; `record`: the case record's id, for auditors its pseudonym."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    platform: str
    user_id: UUID | None
    login: str | None
    record: str | None
    why: str


class ShownChange(BaseModel):
    """A line of the journal; `by`: a login, or the part of the program that did it."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    platform: str
    event: str
    by: str
    record: str | None
    facts: dict[str, Any]


class Reason(BaseModel):
    reason: Annotated[str, Field(max_length=500, description="The record's supervisors will read it.")]


class Restriction(BaseModel):
    """`kept_until`: the end of a claim of the person's (GDPR, article 18), a year ahead at most."""

    kept_until: AwareDatetime | None = None
    because: RestrictionReason | None = None


class ShownRestriction(BaseModel):
    """`because` null: nobody said why; `kept_until` null: nothing puts erasure off."""

    model_config = ConfigDict(from_attributes=True)

    case_record_id: UUID
    since: datetime
    login: str
    because: str | None
    kept_until: datetime | None


class Opened(BaseModel):
    """Until when the record may be read."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    until: datetime


class ShownGlass(BaseModel):
    """A record opened beyond its reader's reach; `reason` for whoever may read records."""

    at: datetime
    until: datetime
    login: str
    platform: str
    record: str | None
    reason: str | None


def _search(
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    record: Words = "",
    case_record_id: UUID | None = None,
    user_id: UUID | None = None,
    platform: Annotated[str, Query(max_length=20)] = "",
) -> Search:
    """`record`: an id or a pseudonym."""
    named = str(case_record_id) if case_record_id else record
    return Search(since=since, until=until, record=named, user_id=user_id, platform=platform)


Searched = Annotated[Search, Depends(_search)]


def _of_readings(
    search: Searched,
    why: Annotated[list[AccessReason], Query(description="Only readings for one of these.")] = [],  # noqa: B006
) -> Search:
    return replace(search, why=tuple(why))


def _of_changes(
    search: Searched,
    event: Annotated[list[Event], Query(description="Only these events.")] = [],  # noqa: B006
) -> Search:
    return replace(search, events=tuple(event))


ReadingsAsked = Annotated[Search, Depends(_of_readings)]
ChangesAsked = Annotated[Search, Depends(_of_changes)]


@router.get("/accesses")
def read_accesses(
    app: TheApp, asker: AccessReader, asked: ReadingsAsked, cursor: Cursor = "", limit: PageSize = 50
) -> Page[ShownAccess]:
    """Readings of a record, by somebody, or in a span of days, newest first."""
    rows = app.audit.readings(asker, asked, before=line_after(cursor), most=limit + 1)
    return page_of(rows, limit, shown=ShownAccess.model_validate, key=key_of)


@router.get("/accesses.csv", response_class=StreamingResponse)
def export_accesses(app: TheApp, asker: AccessReader, asked: ReadingsAsked) -> StreamingResponse:
    """The same for a spreadsheet, whole."""
    return csv_answer("accesses", app.audit.readings_csv(asker, asked))


@router.get("/journal")
def read_journal(
    app: TheApp, asker: AccessReader, asked: ChangesAsked, cursor: Cursor = "", limit: PageSize = 50
) -> Page[ShownChange]:
    """Who changed what, and when, newest first."""
    rows = app.audit.changes(asker, asked, before=line_after(cursor), most=limit + 1)
    return page_of(rows, limit, shown=ShownChange.model_validate, key=key_of)


@router.get("/journal.csv", response_class=StreamingResponse)
def export_journal(app: TheApp, asker: AccessReader, asked: ChangesAsked) -> StreamingResponse:
    """The same for a spreadsheet, whole."""
    return csv_answer("journal", app.audit.changes_csv(asker, asked))


@router.get("/broken-glass")
def read_broken_glass(
    app: TheApp, asker: AccessReader, cursor: Cursor = "", limit: PageSize = 50
) -> Page[ShownGlass]:
    """Records of your platforms that were opened beyond their readers' reach, newest first."""
    with_reasons = Scope.CASES_READ in asker.scopes
    rows = app.break_glass.page(
        asker.platforms, with_reasons=with_reasons, before=id_after(cursor), most=limit + 1
    )
    return page_of(
        rows, limit, shown=lambda row: shown_glass(app, asker, row), key=lambda row: str(row.line.id)
    )


@router.post("/case-records/{case_record_id}/break-glass", status_code=201)
def break_glass(app: TheApp, asker: GlassBreaker, case_record_id: UUID, body: Reason) -> Opened:
    """Read a record beyond your reach for an hour. Its platform's supervisors are told at once."""
    return Opened.model_validate(app.break_glass.open(case_record_id, body.reason, by=asker.user_id))


@router.put("/restricted-records/{case_record_id}", status_code=204)
def restrict_record(
    app: TheApp, asker: Supervisor, case_record_id: UUID, body: Restriction | None = None
) -> None:
    """From now on whoever reads the record must say why first; a claim puts erasure off until its end."""
    asked = body or Restriction()
    app.break_glass.restrict(
        case_record_id,
        by=asker.user_id,
        platforms=asker.platforms,
        kept_until=asked.kept_until,
        because=asked.because,
    )


@router.get("/restricted-records/{case_record_id}")
def read_restrictions(app: TheApp, asker: Supervisor, case_record_id: UUID) -> list[ShownRestriction]:
    """Of the record, then of its person's other ones; nobody is read."""
    found = app.break_glass.restrictions(case_record_id, asker.platforms)
    return [ShownRestriction.model_validate(each) for each in found]


@router.delete("/restricted-records/{case_record_id}", status_code=204)
def lift_restriction(
    app: TheApp, asker: Supervisor, case_record_id: UUID, body: Reason | None = None
) -> None:
    """A record like any other again. The reason is required; the platform's supervisors are told at once."""
    reason = body.reason if body else ""
    app.break_glass.lift(case_record_id, reason, by=asker.user_id, platforms=asker.platforms)


def key_of(line: Reading | Change) -> str:
    """What the mark of a page stands for."""
    return line_key(line.at, line.id)


def csv_answer(name: str, lines: Iterator[str]) -> StreamingResponse:
    """A file to keep, that no proxy keeps."""
    return StreamingResponse(
        lines,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"},
    )


def shown_glass(app: TheApp, asker: Asker, row: OpenedGlass) -> ShownGlass:
    """As the asker may see it."""
    line = row.line
    return ShownGlass(
        at=line.at,
        until=line.until,
        login=line.login,
        platform=line.platform,
        record=app.audit.shown_record(asker, line.case_record_id),
        reason=row.reason,
    )
