"""A case record corrected: person, dates and numbers, and two records of one person made one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.case_records import CaseKind
from outreach.domain.column_mappings import Field
from outreach.domain.record_edits import PERSON_FIELDS
from outreach.errors import InvalidInput
from outreach.services.access import Asker
from outreach.services.held_record import ChangedMeanwhile
from outreach.services.record_editing import NumberAsked
from outreach.web.access import TheApp
from outreach.web.pages.access import PageCaseWriter
from outreach.web.pages.drawing import draw
from outreach.web.pages.finding_words import FIELD_NAMES
from outreach.web.pages.frame import go, page_router
from outreach.web.pages.labels import LABELS

router = page_router("/records")
Word = Annotated[str, Form(max_length=500)]
DAYS = {Field.BIRTH_DATE: "date", Field.LAST_CONTACT_ON: "date"}
MOMENTS = {Field.RESULT_AT: "datetime-local", Field.SAMPLED_AT: "datetime-local"}
INPUTS = {**DAYS, **MOMENTS, Field.EMAIL: "email"}
FLAGS = (Field.VULNERABLE, Field.HOUSEHOLD, Field.COLLECTIVE_SETTING)
DATES = {
    CaseKind.POSITIVE: (Field.RESULT_AT, Field.SAMPLED_AT),
    CaseKind.CONTACT: (Field.LAST_CONTACT_ON,),
}


@router.get("/{case_record_id}/edit")
def show_edit(request: Request, app: TheApp, asker: PageCaseWriter, case_record_id: UUID) -> Response:
    """The record's fields and numbers, to be corrected."""
    return _draw_edit(request, app, asker, case_record_id)


@router.post("/{case_record_id}/edit")
async def edit(request: Request, app: TheApp, asker: PageCaseWriter, case_record_id: UUID) -> Response:
    """What was changed in the form, and only that."""
    form = await request.form()
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_edit, request, app, asker, case_record_id, given)


def _edit(
    request: Request, app: App, asker: Asker, case_record_id: UUID, given: Mapping[str, str]
) -> Response:
    seen = {field: given[f"was-{field.value}"] for field in Field if f"was-{field.value}" in given}
    asked = {
        field: given[field.value]
        for field, was in seen.items()
        if field.value in given and given[field.value].strip() != was
    }
    try:
        edited = app.records.editing.edit(case_record_id, asked, asker, seen=seen)
    except ChangedMeanwhile as late:
        more = {"given": given, "late": late, "differing": late.conflicts}
        return _draw_edit(request, app, asker, case_record_id, status=409, **more)
    except InvalidInput as error:
        return _draw_edit(request, app, asker, case_record_id, status=422, given=given, error=error)
    return go(f"/records/{case_record_id}?done={'deadline' if edited.deadline_before else 'edited'}")


@router.post("/{case_record_id}/numbers")
def add_number(
    request: Request,
    app: TheApp,
    asker: PageCaseWriter,
    case_record_id: UUID,
    number: Word = "",
    chosen: Word = "",
) -> Response:
    """One more number; of one that two countries have, which is meant is asked."""
    try:
        app.records.editing.add_number(case_record_id, number, asker, chosen=chosen)
    except NumberAsked as asked:
        more = {"number": number, "candidates": asked.candidates, "error": asked}
        return _draw_edit(request, app, asker, case_record_id, status=422, **more)
    except InvalidInput as error:
        return _draw_edit(request, app, asker, case_record_id, status=422, number=number, error=error)
    return go(f"/records/{case_record_id}/edit#numbers")


@router.post("/{case_record_id}/numbers/{position}")
def mark_number(
    app: TheApp, asker: PageCaseWriter, case_record_id: UUID, position: int, bad: Word = "yes"
) -> Response:
    """A number does not lead to the person, or does again."""
    app.records.editing.mark_number(case_record_id, position, asker, bad=bad == "yes")
    return go(f"/records/{case_record_id}/edit#numbers")


def _draw_edit(
    request: Request, app: App, asker: Asker, case_record_id: UUID, *, status: int = 200, **more: Any
) -> Response:
    sheet = app.case_reading.sheet(case_record_id, reader=asker.user_id, platforms=asker.platforms)
    nothing: dict[str, Any] = {"given": {}, "error": None, "late": None, "differing": (), "number": ""}
    return draw(
        request,
        asker,
        "records/edit.html",
        status=status,
        facts=sheet.card.facts,
        person=sheet.card.person,
        now_there=app.records.editing.current(case_record_id, asker),
        person_fields=PERSON_FIELDS,
        date_fields=DATES[CaseKind(sheet.card.facts.kind)],
        flag_fields=FLAGS,
        names=FIELD_NAMES,
        inputs=INPUTS,
        spoken_here=list(LABELS["language"]),
        **{**nothing, "candidates": (), **more},
    )


@router.get("/{case_record_id}/merge")
def show_merge(
    request: Request, app: TheApp, asker: PageCaseWriter, case_record_id: UUID, other: UUID | None = None
) -> Response:
    """Two records side by side: what they tell differently is chosen."""
    return _draw_merge(request, app, asker, case_record_id, str(other or ""))


@router.post("/{case_record_id}/merge/find")
def find_other(
    request: Request, app: TheApp, asker: PageCaseWriter, case_record_id: UUID, other: Word = ""
) -> Response:
    """The other record, by its id or by what it is called elsewhere; its id alone goes into the address."""
    try:
        found = _record_named(app, asker, other)
    except InvalidInput as error:
        return _draw_merge(request, app, asker, case_record_id, other, error=error, status=422)
    return go(f"/records/{case_record_id}/merge?other={found}")


@router.post("/{case_record_id}/merge")
async def merge(request: Request, app: TheApp, asker: PageCaseWriter, case_record_id: UUID) -> Response:
    """This record stands for both from now on."""
    form = await request.form()
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_merge, request, app, asker, case_record_id, given)


def _merge(
    request: Request, app: App, asker: Asker, case_record_id: UUID, given: Mapping[str, str]
) -> Response:
    other = _record_named(app, asker, given.get("other", ""))
    taken = frozenset(field for field in PERSON_FIELDS if given.get(f"take-{field.value}") == "other")
    version = given.get("version") or None
    try:
        app.records.merging.merge(case_record_id, other, asker, from_other=taken, version=version)
    except InvalidInput as error:
        return _draw_merge(request, app, asker, case_record_id, str(other), error=error, status=422)
    return go(f"/records/{case_record_id}?done=merged")


def _draw_merge(
    request: Request,
    app: App,
    asker: Asker,
    case_record_id: UUID,
    other: str,
    *,
    error: InvalidInput | None = None,
    status: int = 200,
) -> Response:
    preview, other_sheet = None, None
    sheet = app.case_reading.sheet(case_record_id, reader=asker.user_id, platforms=asker.platforms)
    if other.strip() and error is None:
        try:
            other_id = _record_named(app, asker, other)
            preview = app.records.merging.preview(case_record_id, other_id, asker)
            other_sheet = app.case_reading.sheet(other_id, reader=asker.user_id, platforms=asker.platforms)
        except InvalidInput as refused:
            error, status = refused, 422
    return draw(
        request,
        asker,
        "records/merge.html",
        status=status,
        facts=sheet.card.facts,
        person=sheet.card.person,
        other=other_sheet.card if other_sheet else None,
        written=other,
        preview=preview,
        names=FIELD_NAMES,
        error=error,
    )


def _record_named(app: App, asker: Asker, written: str) -> UUID:
    """By id, or by what an outside system calls it. Raises InvalidInput."""
    try:
        return UUID(written.strip())
    except ValueError:
        found = app.records.search.by_reference(written, asker)
    if len(found) != 1:
        raise InvalidInput(
            "No single record has this number.", field="other", mend="Look for it, and copy its number."
        )
    return found[0].id
