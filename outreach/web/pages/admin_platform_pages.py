"""Administration of platforms: add one, its hours, merging into another, territories."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.calling_hours import CallingHours, hours_from
from outreach.domain.purposes import Purpose
from outreach.errors import Conflict, InvalidInput, OutreachError
from outreach.services.access import Asker
from outreach.services.administration import NewPlatform, PlatformView
from outreach.storage import journal
from outreach.web.access import TheApp
from outreach.web.pages.access import PageUsersAdmin
from outreach.web.pages.admin_frame import draw_admin, given_reason
from outreach.web.pages.frame import go, page_router
from outreach.web.problems import status_of

router = page_router("/admin/platforms")
Word = Annotated[str, Form(max_length=500)]
HOURS_SHOWN = (Purpose.INTERVIEW, Purpose.INFORM, Purpose.FOLLOW_UP, Purpose.CAMPAIGN)


@router.get("")
def list_platforms(request: Request, app: TheApp, asker: PageUsersAdmin) -> Response:
    """The administrator's platforms, and the territories they lie in."""
    return _list_page(request, app, asker, NewPlatform("", ""))


@router.post("")
def add_platform(
    request: Request,
    app: TheApp,
    asker: PageUsersAdmin,
    code: Word = "",
    name: Word = "",
    department: Word = "",
    caller_id: Word = "",
    sender: Word = "",
) -> Response:
    """Add one."""
    new = NewPlatform(code, name, department, caller_id, sender)
    try:
        added = app.administration.add_platform(new, asker=asker)
    except (InvalidInput, Conflict) as error:
        return _list_page(request, app, asker, new, error=error)
    return go(f"/admin/platforms/{added.code}?done=platform")


@router.get("/{code}")
def show_platform(request: Request, app: TheApp, asker: PageUsersAdmin, code: str) -> Response:
    """Its hours for calls and SMS, and merging."""
    return _platform_page(request, app, asker, code)


@router.post("/{code}/merge")
def merge_platform(
    request: Request,
    app: TheApp,
    asker: PageUsersAdmin,
    code: str,
    into: Word = "",
    reason: Word = "",
    sure: Word = "",
) -> Response:
    """Everybody of it, and who works there, into another; its code is typed once more."""
    for named in (code, into):
        asker.need_platform(named)
    try:
        _need_sure(code, sure)
        actor = journal.by_user(asker.user_id)
        app.steering.moves.merge(code, into, reason=given_reason(reason), actor=actor, by=asker.user_id)
    except (InvalidInput, Conflict) as error:
        return _platform_page(request, app, asker, code, error=error)
    return go(f"/admin/platforms/{code}?done=moved")


def _need_sure(code: str, sure: str) -> None:
    if sure.strip() != code:
        raise InvalidInput("This is not the platform's code.", field="sure", mend="Type it as it stands.")


def _list_page(
    request: Request, app: App, asker: Asker, form: NewPlatform, *, error: OutreachError | None = None
) -> Response:
    covered = [view for view in app.modes.territories.covered() if set(view.platforms) & set(asker.platforms)]
    return draw_admin(
        request,
        asker,
        "admin/platforms.html",
        status=int(status_of(error)) if error else 200,
        platforms=app.administration.platforms(asker),
        territories=covered,
        form=form,
        error=error,
    )


def _platform_page(
    request: Request, app: App, asker: Asker, code: str, *, error: OutreachError | None = None
) -> Response:
    asker.need_platform(code)
    views = app.administration.platforms(asker)
    view = next(view for view in views if view.platform.code == code)
    settings = app.settings
    return draw_admin(
        request,
        asker,
        "admin/platform.html",
        status=int(status_of(error)) if error else 200,
        view=view,
        others=[other.platform for other in views if other.platform.code != code],
        hours=_hours(view),
        sms_hours=(settings.sms_from_hour, settings.sms_until_hour),
        usual_caller_id=settings.twilio_caller_id,
        error=error,
    )


def _hours(view: PlatformView) -> list[tuple[Purpose, CallingHours]]:
    stored = view.platform.calling_hours
    return [(purpose, hours_from(stored, purpose)) for purpose in HOURS_SHOWN]
