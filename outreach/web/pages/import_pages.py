"""Imports: a file dropped, its columns named, looked at and checked; then progress, errors in place, undo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import File, Form, Query, Request, UploadFile
from fastapi.responses import PlainTextResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.case_rows import Severity
from outreach.domain.column_mappings import NEEDED, SI_DEP, Field
from outreach.domain.intake import Verdict
from outreach.errors import InvalidInput, NotFound
from outreach.ids import ImportId
from outreach.queues.job_queue import QueueName
from outreach.services.access import Asker
from outreach.services.import_preview import NOT_CHOSEN
from outreach.services.table_reading import FileType
from outreach.storage.import_store import EVERY_IMPORT, Import, ImportsAsked, ImportState
from outreach.web.access import TheApp
from outreach.web.pages.access import PageImporter, platform_of
from outreach.web.pages.drawing import draw
from outreach.web.pages.finding_words import FIELD_NAMES, IMPORT_STATES, KEEPING
from outreach.web.pages.frame import go, is_part, page_router
from outreach.web.pages.words import N_
from outreach.web.paging import Cursor, id_after, next_mark, number_after

router = page_router("/imports")
SHOWN = 20
TO_MEND = 10
KEPT_SHOWN = 50
BUSY = frozenset({ImportState.CHECKING, ImportState.QUEUED, ImportState.RUNNING, ImportState.UNDOING})
STATES: Mapping[str, tuple[ImportState, ...]] = {
    "draft": (ImportState.DRAFT, ImportState.CHECKING),
    "running": (ImportState.QUEUED, ImportState.RUNNING, ImportState.UNDOING),
    "done": (ImportState.DONE,),
    "mend": (ImportState.INCOMPLETE, ImportState.REFUSED),
    "undone": (ImportState.UNDONE,),
}
ENDED = frozenset({ImportState.DONE, ImportState.INCOMPLETE})
Word = Annotated[str, Form(max_length=200)]
Asked = Annotated[str, Query(max_length=500)]


@router.get("")
def show(
    request: Request,
    app: TheApp,
    asker: PageImporter,
    cursor: Cursor = "",
    platform: Asked = "",
    state: Asked = "",
    file_type: Asked = "",
) -> Response:
    """Where a file is dropped, and what was imported before."""
    only = {"state": state, "file_type": file_type}
    return _draw_list(request, app, asker, cursor=cursor, platform=platform, only=only)


def imports_asked(state: str, file_type: str) -> ImportsAsked:
    """What the form says; words that it does not have filter nothing."""
    return ImportsAsked(STATES.get(state, ()), file_type if file_type in set(FileType) else "")


@router.post("")
def keep(
    request: Request,
    app: TheApp,
    asker: PageImporter,
    platform: Word = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Keep a file as a draft, and show it."""
    try:
        import_id = _keep(app, asker, platform, file)
    except InvalidInput as error:
        return _draw_list(request, app, asker, platform=platform, error=error, status=422)
    return go(f"/imports/{import_id}")


def _keep(app: App, asker: Asker, platform: str, file: UploadFile | None) -> ImportId:
    if file is None or not file.filename:
        raise InvalidInput(N_("Choose a file first."), field="file")
    return app.records.preview.keep(
        file.file.read(), platform=platform_of(asker, platform), asker=asker, file_name=file.filename[:200]
    )


@router.get("/{import_id}")
def show_one(
    request: Request,
    app: TheApp,
    asker: PageImporter,
    import_id: UUID,
    reason: Asked = "",
    cursor: Cursor = "",
) -> Response:
    """A draft with its preview, an import under way, or what it came to."""
    row = number_after(cursor, below=2**31) or 0
    return _draw_one(request, app, asker, import_id, reason=reason, after_row=row)


@router.get("/{import_id}/progress")
def show_progress(request: Request, app: TheApp, asker: PageImporter, import_id: UUID) -> Response:
    """How far it is; the whole page again once it is over."""
    stored = _of(app, asker, import_id)
    if stored.state not in BUSY:
        if is_part(request):
            return Response(status_code=204, headers={"HX-Redirect": f"/imports/{import_id}"})
        return go(f"/imports/{import_id}")
    return draw(request, asker, "imports/_progress.html", stored=stored, states=IMPORT_STATES)


@router.get("/{import_id}/findings.csv", response_class=PlainTextResponse)
def take_findings(app: TheApp, asker: PageImporter, import_id: UUID) -> PlainTextResponse:
    """What was found, for a spreadsheet."""
    _of(app, asker, import_id)
    return PlainTextResponse(
        app.case_import.report(ImportId(import_id)).as_csv(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="import-{import_id}.csv"'},
    )


@router.post("/{import_id}/columns")
async def choose_columns(request: Request, app: TheApp, asker: PageImporter, import_id: UUID) -> Response:
    """What each column says, as chosen; kept under a name."""
    given = await request.form()
    return await run_in_threadpool(_choose, request, app, asker, import_id, _texts(given))


def _choose(request: Request, app: App, asker: Asker, import_id: UUID, given: Mapping[str, str]) -> Response:
    name = given.get("saved", "") or given.get("name", "")
    columns = None if given.get("saved") else _columns(app, asker, import_id, given)
    try:
        app.records.preview.choose(import_id, asker, name=name, columns=columns)
    except InvalidInput as error:
        return _draw_one(request, app, asker, import_id, error=error, given=given, status=422)
    return go(f"/imports/{import_id}")


def _columns(app: App, asker: Asker, import_id: UUID, given: Mapping[str, str]) -> dict[str, str]:
    """Header -> field name; fields of the form are numbered like the columns."""
    headers = app.records.preview.preview(import_id, asker).headers
    chosen = {header: given.get(f"column-{place}", "") for place, header in enumerate(headers)}
    return {header: field for header, field in chosen.items() if field}


@router.post("/{import_id}/check")
def check(app: TheApp, asker: PageImporter, import_id: UUID) -> Response:
    """A dry run, in the background."""
    app.records.preview.check(import_id, asker)
    app.jobs.nudge(QueueName.IMPORTS)
    return go(f"/imports/{import_id}")


@router.post("/{import_id}/start")
def start(app: TheApp, asker: PageImporter, import_id: UUID) -> Response:
    """The import itself, in the background."""
    app.records.preview.start(import_id, asker)
    app.jobs.nudge(QueueName.IMPORTS)
    return go(f"/imports/{import_id}")


@router.post("/{import_id}/drop")
def drop(app: TheApp, asker: PageImporter, import_id: UUID) -> Response:
    """Forget a draft."""
    app.records.preview.drop(import_id, asker)
    return go("/imports")


@router.post("/{import_id}/rows/{row}")
async def mend(request: Request, app: TheApp, asker: PageImporter, import_id: UUID, row: int) -> Response:
    """One refused row, sent again."""
    given = await request.form()
    return await run_in_threadpool(_mend, request, app, asker, import_id, row, _texts(given))


def _mend(
    request: Request, app: App, asker: Asker, import_id: UUID, row: int, given: Mapping[str, str]
) -> Response:
    rows = app.records.mending.rows(import_id, asker, after=row - 1, most=1)
    headers = [header for header, _ in rows[0].cells] if rows and rows[0].row == row else []
    cells = {
        header: given[f"cell-{place}"] for place, header in enumerate(headers) if f"cell-{place}" in given
    }
    outcome = app.records.mending.mend(import_id, row, cells, asker)
    mended = None if outcome.verdict is Verdict.REJECTED else outcome
    if is_part(request):
        [again] = app.records.mending.rows(import_id, asker, after=row - 1, most=1) if not mended else [None]
        return draw(
            request,
            asker,
            "imports/_row.html",
            import_id=import_id,
            row=again,
            number=row,
            mended=mended,
            fields=FIELD_NAMES,
        )
    if mended is None:
        return _draw_one(request, app, asker, import_id, after_row=row - 1, status=422)
    return go(f"/imports/{import_id}#mend")


@router.get("/{import_id}/undo")
def show_undo(request: Request, app: TheApp, asker: PageImporter, import_id: UUID) -> Response:
    """Whom undoing takes back, who stays and why."""
    preview = app.records.undo.preview(import_id, asker.platforms)
    shown, changed = preview.kept[:KEPT_SHOWN], preview.changed[:KEPT_SHOWN]
    return draw(
        request,
        asker,
        "imports/undo.html",
        preview=preview,
        file_name=app.records.preview.file_name(preview.stored),
        shown=shown,
        changed=changed,
        numbers=app.board.record_numbers([*(each.case_record_id for each in shown), *changed]),
        why=KEEPING,
    )


@router.post("/{import_id}/undo")
def undo(app: TheApp, asker: PageImporter, import_id: UUID) -> Response:
    """Take it back, in the background."""
    app.records.undo.request(import_id, asker.platforms, by=asker.user_id)
    app.jobs.nudge(QueueName.IMPORTS)
    return go(f"/imports/{import_id}")


def _texts(given: FormData) -> dict[str, str]:
    return {name: value for name, value in given.items() if isinstance(value, str)}


def _of(app: App, asker: Asker, import_id: UUID) -> Import:
    stored = app.records.preview.stored(import_id)
    if stored.platform not in asker.platforms:
        raise NotFound("There is no such import.", code="unknown_import")
    return stored


def _draw_list(
    request: Request,
    app: App,
    asker: Asker,
    *,
    cursor: str = "",
    platform: str = "",
    only: Mapping[str, str] | None = None,
    error: InvalidInput | None = None,
    status: int = 200,
) -> Response:
    preview, place = app.records.preview, id_after(cursor)
    asked = imports_asked(**only) if only else EVERY_IMPORT
    found = preview.history(asker.platforms, before=place, most=SHOWN + 1, asked=asked)
    rows = [(stored, login, preview.file_name(stored)) for stored, login in found[:SHOWN]]
    return draw(
        request,
        asker,
        "imports/imports.html",
        status=status,
        rows=rows,
        following=next_mark(found, SHOWN, lambda row: str(row[0].id)),
        first=not cursor,
        platforms=asker.platforms,
        platform=platform_of(asker, platform or None),
        only=only or {},
        groups=list(STATES),
        file_types=list(FileType),
        states=IMPORT_STATES,
        error=error,
    )


def _draw_one(
    request: Request, app: App, asker: Asker, import_id: UUID, *, status: int = 200, **asked: Any
) -> Response:
    stored = _of(app, asker, import_id)
    if stored.state in BUSY:
        return draw(
            request,
            asker,
            "imports/under_way.html",
            stored=stored,
            states=IMPORT_STATES,
            file_name=app.records.preview.file_name(stored),
        )
    if stored.state is ImportState.DRAFT:
        return _draw_draft(request, app, asker, import_id, status=status, **asked)
    return _draw_result(request, app, asker, stored, status=status, **asked)


def _draw_draft(
    request: Request,
    app: App,
    asker: Asker,
    import_id: UUID,
    *,
    status: int,
    error: InvalidInput | None = None,
    given: Mapping[str, str] | None = None,
    **_: Any,
) -> Response:
    preview = app.records.preview.preview(import_id, asker)
    return draw(
        request,
        asker,
        "imports/draft.html",
        status=status,
        preview=preview,
        stored=preview.stored,
        chosen=preview.stored.mapping != NOT_CHOSEN,
        si_dep=SI_DEP,
        needed=NEEDED,
        fields=FIELD_NAMES,
        all_fields=list(Field),
        reasons=app.records.mending.reasons(import_id, asker) if preview.stored.checked_at else [],
        error=error,
        given=given or {},
    )


def _draw_result(
    request: Request,
    app: App,
    asker: Asker,
    stored: Import,
    *,
    status: int,
    reason: str = "",
    after_row: int = 0,
    **_: Any,
) -> Response:
    mending = app.records.mending
    rows = mending.rows(stored.id, asker, after=after_row, most=TO_MEND + 1)
    warnings = mending.findings(
        stored.id, asker, severity=Severity.WARNING, reason=reason or None, most=KEPT_SHOWN
    )
    return draw(
        request,
        asker,
        "imports/result.html",
        status=status,
        stored=stored,
        file_name=app.records.preview.file_name(stored),
        states=IMPORT_STATES,
        rows=rows[:TO_MEND],
        following=next_mark(rows, TO_MEND, lambda row: str(row.row)),
        reasons=mending.reasons(stored.id, asker),
        reason=reason,
        warnings=warnings,
        can_undo=stored.state in ENDED,
        fields=FIELD_NAMES,
    )
