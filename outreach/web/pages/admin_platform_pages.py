"""Administration of platforms: add one, its hours, merging into another, territories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.calling_hours import CallingHours
from outreach.domain.purposes import Purpose
from outreach.domain.sender_choice import SenderOption
from outreach.errors import Conflict, InvalidInput, OutreachError
from outreach.services.access import Asker
from outreach.services.administration import NewPlatform
from outreach.services.platform_hours import NewHours, written
from outreach.services.platform_moves import SECONDS
from outreach.services.platform_settings import NewSettings
from outreach.storage import journal
from outreach.web.access import TheApp
from outreach.web.pages.access import PageUsersAdmin
from outreach.web.pages.admin_frame import draw_admin, given_reason
from outreach.web.pages.frame import go, page_router
from outreach.web.problems import status_of

router = page_router("/admin/platforms")
Word = Annotated[str, Form(max_length=500)]
SendersTyped = Annotated[list[str], Form(max_length=25)]
LONGEST_RANK = 2
DayTyped = Annotated[list[str], Form(max_length=100)]
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


@router.post("/{code}/hours/{purpose}")
def change_hours(
    request: Request,
    app: TheApp,
    asker: PageUsersAdmin,
    code: str,
    purpose: Purpose,
    day: DayTyped = [],  # noqa: B006 - FastAPI copies it
    holidays: Word = "",
    like_others: Word = "",
    reason: Word = "",
) -> Response:
    """Monday to Sunday as typed, "08:30-12:00, 13:00-19:00"; nothing where it is closed."""
    asker.need_platform(code)
    new = NewHours(purpose, [_spans(each) for each in day], None if like_others else _spans(holidays))
    try:
        app.platform_hours.change(code, new, reason=given_reason(reason), by=asker.user_id)
    except InvalidInput as error:
        typed = {"purpose": purpose, "day": day, "holidays": holidays, "like": like_others, "reason": reason}
        return _platform_page(request, app, asker, code, error=error, typed=typed)
    return go(f"/admin/platforms/{code}?done=hours")


def _spans(typed: str) -> list[str]:
    """As typed, with a dash of any length and "8h30" too."""
    plain = typed.replace("–", "-").replace("—", "-").replace("h", ":").replace(";", ",")
    return [_span(span) for span in plain.split(",") if span.strip()]


def _span(typed: str) -> str:
    return "-".join(
        f"{part}00" if part.endswith(":") else part if ":" in part else f"{part}:00"
        for part in ("".join(end.split()) for end in typed.split("-"))
    )


@router.post("/{code}/settings")
def change_settings(
    request: Request,
    app: TheApp,
    asker: PageUsersAdmin,
    code: str,
    name: Word = "",
    caller_id: Word = "",
    sender: SendersTyped = [],  # noqa: B006 - FastAPI copies it
    preference: SendersTyped = [],  # noqa: B006
    reason: Word = "",
) -> Response:
    """Its name, its number, its senders; a sender kept carries what it carried."""
    asker.need_platform(code)
    try:
        listed = _listed(app.platform_settings.own_senders(code), sender, preference)
        new = NewSettings(name, caller_id, listed)
        app.platform_settings.change(code, new, reason=given_reason(reason), by=asker.user_id)
    except InvalidInput as error:
        rows = [{"sender": one, "preference": rank} for one, rank in zip(sender, preference, strict=False)]
        typed = {"settings": True, "name": name, "caller_id": caller_id, "rows": rows, "reason": reason}
        return _platform_page(request, app, asker, code, error=error, typed=typed)
    return go(f"/admin/platforms/{code}?done=settings")


def _listed(
    before: Sequence[SenderOption], senders: Sequence[str], preferences: Sequence[str]
) -> list[SenderOption]:
    """Rows of the form; one without a sender is left out."""
    carried = {option.sender: option.purposes for option in before}
    rows = [
        (one.strip(), rank) for one, rank in zip_longest(senders, preferences, fillvalue="") if one.strip()
    ]
    return [SenderOption(one, _rank(rank), carried.get(one, frozenset())) for one, rank in rows]


def _rank(written: str) -> int:
    if not written.strip():
        return 0
    if not (written.strip().isascii() and written.strip().isdigit() and len(written.strip()) <= LONGEST_RANK):
        raise InvalidInput(
            "This is not a rank.", field="senders", mend="Write 0 to 99; the lowest sends first."
        )
    return int(written)


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
        app.steering.moves.merge(
            code,
            into,
            reason=given_reason(reason),
            actor=actor,
            by=asker.user_id,
            most_seconds=SECONDS,
        )
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
    request: Request,
    app: App,
    asker: Asker,
    code: str,
    *,
    error: OutreachError | None = None,
    typed: Mapping[str, object] | None = None,
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
        hours=_hours(app, code),
        written=written,
        moves=app.steering.moves.of_platform(code),
        typed=typed,
        own_senders=app.platform_settings.own_senders(code),
        sms_hours=(settings.sms_from_hour, settings.sms_until_hour),
        usual_caller_id=settings.twilio_caller_id,
        error=error,
    )


def _hours(app: App, code: str) -> list[tuple[Purpose, CallingHours]]:
    found = app.platform_hours.of(code)
    return [(purpose, found[purpose]) for purpose in HOURS_SHOWN]
