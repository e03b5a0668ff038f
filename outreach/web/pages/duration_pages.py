"""Pages of the dated durations that texts name: what counts today, what will, and what did."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Form, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.errors import InvalidInput
from outreach.services.access import Asker
from outreach.web.access import TheApp
from outreach.web.pages.access import PageScriptReader, PageScriptWriter, platform_of
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import go, page_router
from outreach.web.pages.script_pages import OnPlatform, editor_of
from outreach.web.pages.words import N_

router = page_router("/scripts/durations")
UNREAD = N_("This duration cannot be read.")
MEND = N_("Give a whole number and a day.")


@router.get("")
def show(request: Request, app: TheApp, asker: PageScriptReader, platform: OnPlatform = None) -> Response:
    """What counts today on a platform, and every value of its country."""
    return _page(request, app, asker, platform_of(asker, platform))


@router.post("")
def set_value(
    request: Request,
    app: TheApp,
    asker: PageScriptWriter,
    platform: Annotated[str, Form(max_length=20)],
    name: Annotated[str, Form(max_length=60)],
    value: Annotated[str, Form(max_length=10)] = "",
    since: Annotated[str, Form(max_length=20)] = "",
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Let a duration count from a day on."""
    place = platform_of(asker, platform)
    (there,) = app.steering.figures.places([place])
    try:
        app.script_editing.set_parameter(
            name,
            _number(value),
            country=there.country,
            effective_from=_day(since),
            reason=reason,
            editor=editor_of(asker),
        )
    except InvalidInput as problem:
        typed = {"name": name, "value": value, "since": since, "reason": reason}
        return _page(request, app, asker, place, problem=problem, typed=typed)
    return go(f"/scripts/durations?platform={place}")


@router.post("/{value_id}/withdraw")
def withdraw(
    app: TheApp, asker: PageScriptWriter, value_id: UUID, platform: Annotated[str, Form(max_length=20)]
) -> Response:
    """Take a value back."""
    app.script_editing.withdraw_parameter(value_id, editor_of(asker))
    return go(f"/scripts/durations?platform={platform_of(asker, platform)}")


def _page(
    request: Request,
    app: App,
    asker: Asker,
    platform: str,
    *,
    problem: InvalidInput | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    today, values = app.script_reading.parameters(platform)
    (place,) = app.steering.figures.places([platform])
    return draw(
        request,
        asker,
        "scripts/durations.html",
        status=200 if problem is None else 422,
        platform=place,
        today=today,
        day=app.clock.now().astimezone(ZoneInfo(place.time_zone)).date(),
        values=sorted(values, key=lambda each: each.effective_from, reverse=True),
        parameters=app.script_reading.scripts.catalog.parameters,
        problem=problem,
        typed=typed or {},
    )


def _number(written: str) -> int:
    try:
        return int(written)
    except ValueError:
        raise InvalidInput(UNREAD, field="value", mend=MEND) from None


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise InvalidInput(UNREAD, field="since", mend=MEND) from None
