"""The rota page: a week by day and shift, absences, who is there now; a file, or an edit in place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import File, Form, Query, Request, UploadFile
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.roles import Scope
from outreach.domain.rota import AbsenceReason
from outreach.errors import InvalidInput, NotFound, OutreachError
from outreach.services.access import Asker
from outreach.services.rota import RotaReport
from outreach.services.rota_editing import ShiftCells
from outreach.storage import journal
from outreach.web.access import TheApp
from outreach.web.pages.access import PageFigureReader, PageSupervisor, platform_of
from outreach.web.pages.drawing import draw, language_of
from outreach.web.pages.frame import go, page_router
from outreach.web.pages.mode_forms import moment_of
from outreach.web.pages.words import N_
from outreach.web.problems import status_of

router = page_router("/rota")
Code = Annotated[str, Query(max_length=20)]
Text = Annotated[str, Form(max_length=100)]
Day = Annotated[date | None, Query()]
HOURS_AHEAD = 24
FIELDS_OF_COLUMNS = {"date": "day", "from": "starts", "until": "ends"}


@router.get("")
def show(
    request: Request, app: TheApp, asker: PageFigureReader, platform: Code = "", day: Day = None
) -> Response:
    """The week that holds a day, today's week when none is named."""
    return _page(request, app, asker, platform_of(asker, platform), day)


@router.post("/import")
def import_file(
    request: Request,
    app: TheApp,
    asker: PageSupervisor,
    file: Annotated[UploadFile, File()],
    platform: Text = "",
    dry_run: Annotated[bool, Form()] = False,
) -> Response:
    """A file is the whole rota of the days it names; with a row to mend nothing is written."""
    code, actor = platform_of(asker, platform), journal.by_user(asker.user_id)
    try:
        report = app.steering.rota.import_file(file.file.read(), platform=code, actor=actor, dry_run=dry_run)
    except InvalidInput as error:
        return _page(request, app, asker, code, error=error)
    return _page(request, app, asker, code, report=report, dry_run=dry_run)


@router.post("/shifts")
def add_shift(
    request: Request,
    app: TheApp,
    asker: PageSupervisor,
    platform: Text = "",
    day: Text = "",
    starts: Text = "",
    ends: Text = "",
    positions: Text = "",
    agent: Text = "",
) -> Response:
    """One shift more."""
    code, cells = platform_of(asker, platform), ShiftCells(day, starts, ends, positions, agent)
    try:
        app.steering.rota_editing.add(code, cells, actor=journal.by_user(asker.user_id))
    except InvalidInput as error:
        return _page(request, app, asker, code, error=_of_form(error), typed=vars(cells))
    return _to_week(code, day)


@router.post("/shifts/{shift_id}")
def change_shift(
    request: Request,
    app: TheApp,
    asker: PageSupervisor,
    shift_id: UUID,
    what: Annotated[str, Form(pattern="^(change|remove)$")],
    platform: Text = "",
    day: Text = "",
    starts: Text = "",
    ends: Text = "",
    positions: Text = "",
    agent: Text = "",
) -> Response:
    """Other hours or positions, or none."""
    code, actor = platform_of(asker, platform), journal.by_user(asker.user_id)
    editing = app.steering.rota_editing
    try:
        if what == "remove":
            editing.remove(shift_id, platforms=asker.platforms, actor=actor)
        else:
            cells = ShiftCells(day, starts, ends, positions, agent)
            editing.change(shift_id, cells, platforms=asker.platforms, actor=actor)
    except InvalidInput as error:
        return _page(request, app, asker, code, _day(day), error=_of_form(error))
    return _to_week(code, day)


@router.post("/absences")
def add_absence(
    request: Request,
    app: TheApp,
    asker: PageSupervisor,
    reason: Annotated[AbsenceReason, Form()],
    platform: Text = "",
    starts_at: Text = "",
    ends_at: Text = "",
    agent: Text = "",
    positions: Text = "",
) -> Response:
    """Someone planned will not come."""
    code = platform_of(asker, platform)
    typed = {"starts_at": starts_at, "ends_at": ends_at, "absent": agent, "absent_positions": positions}
    zone = app.modes.territories.platform(code).time_zone
    try:
        app.steering.rota.add_absence(
            code,
            starts_at=moment_of(starts_at, zone, "starts_at"),
            ends_at=moment_of(ends_at, zone, "ends_at"),
            reason=reason,
            login=agent.strip(),
            positions=_positions(positions),
            actor=journal.by_user(asker.user_id),
        )
    except (InvalidInput, NotFound) as error:
        return _page(request, app, asker, code, _day(starts_at[:10]), error=error, typed=typed)
    return _to_week(code, starts_at[:10])


@router.post("/absences/{absence_id}/remove")
def remove_absence(
    app: TheApp, asker: PageSupervisor, absence_id: UUID, platform: Text = "", day: Text = ""
) -> Response:
    """They come after all."""
    actor = journal.by_user(asker.user_id)
    app.steering.rota.remove_absence(absence_id, platforms=asker.platforms, actor=actor)
    return _to_week(platform_of(asker, platform), day)


def _page(
    request: Request,
    app: App,
    asker: Asker,
    platform: str,
    day: date | None = None,
    *,
    error: OutreachError | None = None,
    report: RotaReport | None = None,
    dry_run: bool = False,
    typed: Mapping[str, str] | None = None,
) -> Response:
    week = app.steering.rota_weeks.week(platform, day, language=language_of(request))
    today = app.clock.now().astimezone(ZoneInfo(week.platform.time_zone)).date()
    wrong = status_of(error) if error else HTTPStatus.UNPROCESSABLE_ENTITY
    values: dict[str, Any] = {
        "week": week,
        "capacity": app.steering.rota.capacity(platform, HOURS_AHEAD),
        "staff": app.steering.rota.at_work(platform),
        "before": week.first - timedelta(days=7),
        "after": week.first + timedelta(days=7),
        "platforms": asker.platforms,
        "reasons": list(AbsenceReason),
        "may_change": Scope.CALLS_SUPERVISE in asker.scopes,
        "error": error,
        "report": report,
        "dry_run": dry_run,
        "typed": typed or {},
        "new_day": today if week.first <= today < week.first + timedelta(days=7) else week.first,
    }
    status = wrong if error or (report and report.errors) else HTTPStatus.OK
    return draw(request, asker, "rota/rota.html", status=status, **values)


def _of_form(error: InvalidInput) -> InvalidInput:
    """What a row of a file calls its columns has other names in the form."""
    error.field = FIELDS_OF_COLUMNS.get(error.field, error.field)
    return error


def _to_week(platform: str, day: str) -> Response:
    found = _day(day)
    return go(f"/rota?platform={platform}" + (f"&day={found.isoformat()}" if found else ""))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _positions(text: str) -> int | None:
    if not text.strip():
        return None
    if not (text.strip().isascii() and text.strip().isdigit() and 0 < int(text) <= 1_000):
        raise InvalidInput(
            N_("This is not a number of positions."), field="positions", mend=N_("write 1 to 1000")
        )
    return int(text)
