"""Administration of retention: what is kept how long, and whose time has passed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.case_records import CaseKind
from outreach.domain.retention import FEWEST_DAYS, MOST_DAYS, RetentionRule
from outreach.errors import InvalidInput
from outreach.services.access import Asker
from outreach.web.access import TheApp
from outreach.web.pages.access import PageUsersAdmin
from outreach.web.pages.admin_frame import draw_admin, given_reason
from outreach.web.pages.frame import go, page_router

router = page_router("/admin/retention")
Word = Annotated[str, Form(max_length=300)]


@router.get("")
def show_retention(request: Request, app: TheApp, asker: PageUsersAdmin) -> Response:
    """What is kept how long, and when it was last cleared away."""
    return _page(request, app, asker)


@router.post("")
def change_retention(
    request: Request,
    app: TheApp,
    asker: PageUsersAdmin,
    platform: Word,
    kind: Annotated[CaseKind, Form()],
    days: Word = "",
    reason: Word = "",
) -> Response:
    """How long records of a kind are kept on a platform."""
    asker.need_platform(platform)
    try:
        rule = RetentionRule(platform, kind, _days(days))
        app.old_records.change(rule, reason=given_reason(reason), by=asker.user_id)
    except InvalidInput as error:
        typed = {"platform": platform, "kind": kind.value, "days": days, "reason": reason}
        return _page(request, app, asker, error=error, typed=typed)
    return go("/admin/retention?done=saved")


def _days(given: str) -> int:
    words = given.strip()
    return int(words) if words.isascii() and words.isdigit() and len(words) < 5 else 0


def _page(
    request: Request,
    app: App,
    asker: Asker,
    *,
    error: InvalidInput | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    past = app.old_records.past_time(asker.platforms)
    holds = [each for each in past if each.hold is not None]
    return draw_admin(
        request,
        asker,
        "admin/retention.html",
        status=422 if error else 200,
        kept=app.administration.retained(),
        erased=app.administration.erased(asker),
        rules=app.old_records.rules(sorted(asker.platforms)),
        going=sum(each.people for each in past if each.hold is None),
        holds=holds,
        days_between=(FEWEST_DAYS, MOST_DAYS),
        link_days=app.settings.link_days,
        error=error,
        typed=typed,
    )
