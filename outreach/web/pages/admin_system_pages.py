"""Administration of the installation: senders and budgets, sign-ins, health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, Query, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.roles import Scope
from outreach.domain.spend_limits import Breaker
from outreach.errors import InvalidInput, NotFound, OutreachError
from outreach.services.access import Asker
from outreach.storage import journal
from outreach.storage.sign_in_line_store import FAILURES, ReadLine
from outreach.web.access import TheApp
from outreach.web.pages.access import PageFigureReader, PageModeSwitcher, PageUsersAdmin, platform_of
from outreach.web.pages.admin_frame import draw_admin, given_reason
from outreach.web.pages.frame import go, page_router
from outreach.web.paging import Cursor, number_after, page_of

router = page_router("/admin")
ROWS = 50
FASTEST = 10_000  # segments a second
Word = Annotated[str, Form(max_length=300)]
Asked = Annotated[str, Query(max_length=500)]


@router.get("/senders")
def show_senders(request: Request, app: TheApp, asker: PageFigureReader, platform: Asked = "") -> Response:
    """A platform's senders, what SMS cost, and what holds them back."""
    return _senders_page(request, app, asker, platform_of(asker, platform))


@router.post("/senders/ceiling")
def set_ceiling(
    request: Request,
    app: TheApp,
    asker: PageModeSwitcher,
    platform: Word,
    sender: Word,
    segments: Word = "",
) -> Response:
    """The most segments a second; empty: as the settings say."""
    _need_sender(app, asker, platform, sender)
    try:
        app.messaging.senders.set_ceiling(sender, _segments(segments))
    except InvalidInput as error:
        return _senders_page(request, app, asker, platform, error=error)
    return _back(platform, "ceiling")


@router.post("/senders/stop")
def stop_sender(
    request: Request, app: TheApp, asker: PageModeSwitcher, platform: Word, sender: Word, reason: Word = ""
) -> Response:
    """Nothing more goes by it."""
    _need_sender(app, asker, platform, sender)
    try:
        app.messaging.senders.stop(sender, reason=given_reason(reason))
    except InvalidInput as error:
        return _senders_page(request, app, asker, platform, error=error)
    return _back(platform, "stopped")


@router.post("/senders/resume")
def resume_sender(app: TheApp, asker: PageModeSwitcher, platform: Word, sender: Word) -> Response:
    """Its cause is mended."""
    _need_sender(app, asker, platform, sender)
    app.messaging.senders.resume(sender)
    return _back(platform, "resumed")


@router.post("/senders/limits")
def set_limits(
    request: Request,
    app: TheApp,
    asker: PageModeSwitcher,
    platform: Word,
    daily: Word = "",
    monthly: Word = "",
    reason: Word = "",
) -> Response:
    """Budgets in euros; empty: none."""
    asker.need_platform(platform)
    try:
        limits = replace(
            app.messaging.spending.show(platform).limits,
            daily_euros=_euros(daily, "daily"),
            monthly_euros=_euros(monthly, "monthly"),
        )
        actor = journal.by_user(asker.user_id)
        app.messaging.spending.limit(platform, limits, reason=given_reason(reason), actor=actor)
    except InvalidInput as error:
        typed = {"daily": daily, "monthly": monthly, "reason": reason}
        return _senders_page(request, app, asker, platform, error=error, typed=typed)
    return _back(platform, "limits")


@router.post("/senders/reset")
def reset_breaker(
    app: TheApp, asker: PageModeSwitcher, platform: Word, breaker: Word, prefix: Word = "", reason: Word = ""
) -> Response:
    """Someone looked: it counts from zero again."""
    asker.need_platform(platform)
    if breaker not in list(Breaker):
        raise NotFound("There is no such breaker.")
    app.messaging.spending.reset(
        platform,
        Breaker(breaker),
        prefix=prefix,
        reason=reason.strip() or "looked at",
        actor=journal.by_user(asker.user_id),
    )
    return _back(platform, "reset")


@router.get("/sign-ins")
def list_sign_ins(
    request: Request, app: TheApp, asker: PageUsersAdmin, only: Asked = "", cursor: Cursor = ""
) -> Response:
    """What happened around signing in, newest first."""
    events = sorted(FAILURES) if only == "refused" else ()
    found = app.signing_in.links.lines(asker=asker, events=events, before=number_after(cursor), most=ROWS + 1)
    page = page_of(found, ROWS, shown=_as_it_is, key=_key)
    return draw_admin(
        request,
        asker,
        "admin/sign_ins.html",
        lines=page.items,
        only=only,
        next=page.next,
        is_first=not cursor,
    )


@router.get("/health")
def show_health(request: Request, app: TheApp, asker: PageUsersAdmin) -> Response:
    """What answers, and whether the sweeps run."""
    return draw_admin(request, asker, "admin/health.html", health=app.administration.health())


def _senders_page(
    request: Request,
    app: App,
    asker: Asker,
    platform: str,
    *,
    error: OutreachError | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    return draw_admin(
        request,
        asker,
        "admin/senders.html",
        status=422 if error else 200,
        platform=platform,
        platforms=asker.platforms,
        senders=app.messaging.senders.of_platform(platform),
        spending=app.messaging.spending.show(platform),
        may_change=Scope.MODES_WRITE in asker.scopes,
        error=error,
        typed=typed,
    )


def _need_sender(app: App, asker: Asker, platform: str, sender: str) -> None:
    asker.need_platform(platform)
    if platform not in app.messaging.senders.platforms_of(sender):
        raise NotFound("There is no such sender of this platform.", code="unknown_sender")


def _segments(given: str) -> int | None:
    words = given.strip()
    if not words:
        return None
    if not (words.isascii() and words.isdigit() and 1 <= int(words) <= FASTEST):
        raise InvalidInput(
            "This ceiling cannot be used.", field="segments", mend=f"Give a number from 1 to {FASTEST}."
        )
    return int(words)


def _euros(given: str, field: str) -> Decimal | None:
    words = given.strip().replace(" ", "").replace("\u202f", "").replace(",", ".")
    if not words:
        return None
    try:
        euros = Decimal(words)
    except InvalidOperation:
        euros = Decimal(-1)
    if not euros.is_finite() or not 0 <= euros <= 10_000_000:
        raise InvalidInput("This budget cannot be used.", field=field, mend="Give euros, for example 250.")
    return euros


def _back(platform: str, done: str) -> Response:
    return go(f"/admin/senders?{urlencode({'platform': platform, 'done': done})}")


def _as_it_is(line: ReadLine) -> ReadLine:
    return line


def _key(line: ReadLine) -> str:
    return str(line.id)
