"""The mode page: in force, every mode side by side, the switch confirmed by its name, undo, history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Form, Query, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.load_shedding import Mode
from outreach.domain.roles import Scope
from outreach.errors import Conflict, InvalidInput, OutreachError
from outreach.services.access import Asker
from outreach.storage.mode_store import SwitchedBy, SwitchesAsked
from outreach.web.access import TheApp
from outreach.web.pages.access import PageModeReader, PageModeSwitcher, platform_of
from outreach.web.pages.drawing import draw, drawn, language_of
from outreach.web.pages.frame import go, page_router
from outreach.web.pages.mode_card import card_of
from outreach.web.pages.mode_charts import curves, late_sentence, past_chart
from outreach.web.pages.mode_forms import SwitchForm, switch_form
from outreach.web.pages.mode_view import view_of
from outreach.web.pages.shared_drawings import SharedDrawings
from outreach.web.pages.words import N_, speaking
from outreach.web.paging import Cursor, line_after, line_key, next_mark
from outreach.web.problems import status_of

router = page_router("/mode")
Code = Annotated[str, Query(max_length=20)]
TypedCode = Annotated[str, Form(max_length=20)]
Typed = Annotated[SwitchForm, Depends(switch_form)]
HISTORY = 20


@router.get("")
def show(
    request: Request, app: TheApp, asker: PageModeReader, platform: Code = "", mode: str = ""
) -> Response:
    """The mode in force, and where each would lead; `mode`: the one whose curve is shown too."""
    return mode_page(request, app, asker, platform_of(asker, platform), SwitchForm(mode=mode))


@router.get("/now")
async def show_card(request: Request, app: TheApp, asker: PageModeReader, platform: Code = "") -> Response:
    """The card alone, for whoever watches it: one drawing for all of them until something changes."""
    code, may_switch = platform_of(asker, platform), Scope.MODES_WRITE in asker.scopes
    drawings: SharedDrawings = request.app.state.drawings

    def made() -> str:
        card = card_of(app, code)
        return drawn(request, asker, "mode/_mode_card.html", card=card, may_switch=may_switch)

    return await drawings.shared(request, f"orders:{code}", f"mode card {may_switch}", made)


@router.get("/progress")
async def show_progress(
    request: Request, app: TheApp, asker: PageModeReader, platform: Code = ""
) -> Response:
    """How far the change of the mode is, a line of the card."""
    code = platform_of(asker, platform)
    drawings: SharedDrawings = request.app.state.drawings

    def made() -> str:
        zone = app.modes.territories.platform(code).time_zone
        progress = app.modes.progress.glance(code)
        return drawn(request, None, "mode/_progress.html", progress=progress, zone=zone)

    return await drawings.shared(request, f"platform:{code}", "mode progress", made)


@router.get("/curve")
def show_curve(
    request: Request, app: TheApp, asker: PageModeReader, mode: Mode, platform: Code = ""
) -> Response:
    """The curves of the mode in force and of another."""
    ahead = app.modes.forecasting.look_ahead(platform_of(asker, platform))
    zone = app.modes.territories.platform(ahead.platform).time_zone
    with speaking(language_of(request)):
        charts = curves(ahead, mode, zone)
    return draw(request, asker, "mode/_curves.html", charts=charts)


@router.post("/switch")
def switch(
    request: Request, app: TheApp, asker: PageModeSwitcher, typed: Typed, platform: TypedCode = ""
) -> Response:
    """Put a mode in force, now or at a moment to come, here or in a territory."""
    code = platform_of(asker, platform)
    try:
        _switch(app, asker, code, typed)
    except (InvalidInput, Conflict) as error:
        return mode_page(request, app, asker, code, typed, error)
    return go(f"/mode?platform={code}&done=1")


@router.post("/undo")
def undo(
    request: Request,
    app: TheApp,
    asker: PageModeSwitcher,
    version: Annotated[int, Form()],
    platform: TypedCode = "",
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Back to the mode before."""
    code = platform_of(asker, platform)
    try:
        app.switch.undo(code, author_id=asker.user_id, expected_version=version, reason=reason)
    except Conflict as error:
        return mode_page(request, app, asker, code, SwitchForm(), error)
    return go(f"/mode?platform={code}")


@router.post("/planned/{planned_id}/cancel")
def cancel_planned(
    app: TheApp, asker: PageModeSwitcher, planned_id: UUID, platform: TypedCode = ""
) -> Response:
    """It will not come."""
    code = platform_of(asker, platform)
    app.modes.planned.cancel(code, planned_id, by=asker.user_id)
    return go(f"/mode?platform={code}#planned")


@router.get("/history")
def show_history(
    request: Request,
    app: TheApp,
    asker: PageModeReader,
    platform: Code = "",
    mode: Code = "",
    by: Code = "",
    cursor: Cursor = "",
) -> Response:
    """Who switched what, why, for how long, and what it sent."""
    code, asked = platform_of(asker, platform), switches_asked(mode, by)
    place = asked._replace(before=line_after(cursor))
    past = app.modes.history.page(code, place, most=HISTORY + 1)
    return draw(
        request,
        asker,
        "mode/history.html",
        past=past[:HISTORY],
        next=next_mark(past, HISTORY, lambda row: line_key(row.at, row.id)),
        is_first=not cursor,
        only={"mode": asked.modes[0] if asked.modes else "", "by": asked.by.value if asked.by else ""},
        modes=list(Mode),
        authors=list(SwitchedBy),
        platform=app.modes.territories.platform(code),
    )


def switches_asked(mode: str, by: str) -> SwitchesAsked:
    """What the form says; words that it does not have filter nothing."""
    modes = (mode,) if mode in set(Mode) else ()
    return SwitchesAsked(modes, SwitchedBy(by) if by in set(SwitchedBy) else None)


def _switch(app: App, asker: Asker, platform: str, typed: SwitchForm) -> None:
    zone = app.modes.territories.platform(platform).time_zone
    mode, starts_at, ends_at = typed.wanted(), typed.start(zone), typed.end(zone)
    typed.check_typed()
    if typed.territory and starts_at is not None:
        raise InvalidInput(
            N_("A territory is switched at once."), field="starts", mend=N_("choose now, or one platform")
        )
    if typed.territory:
        _switch_territory(app, asker, mode, ends_at, typed)
    elif starts_at is not None:
        app.modes.planned.plan(
            platform,
            mode,
            reason=typed.reason,
            author_id=asker.user_id,
            starts_at=starts_at,
            ends_at=ends_at,
        )
    else:
        app.switch.switch(
            platform,
            mode,
            reason=typed.reason,
            author_id=asker.user_id,
            expected_version=typed.versions().get(platform, 0),
            ends_at=ends_at,
        )


def _switch_territory(
    app: App, asker: Asker, mode: Mode, ends_at: datetime | None, typed: SwitchForm
) -> None:
    seen, inside = typed.versions(), app.modes.territories.platforms_in(typed.territory)
    for each in inside:
        asker.need_platform(each)
    app.switch.switch_territory(
        typed.territory,
        mode,
        reason=typed.reason,
        author_id=asker.user_id,
        versions={each: seen.get(each, 0) for each in inside},
        ends_at=ends_at,
    )


def mode_page(
    request: Request,
    app: App,
    asker: Asker,
    platform: str,
    typed: SwitchForm,
    error: OutreachError | None = None,
    *,
    auto: Mapping[str, str] | None = None,
) -> Response:
    """What was typed stays typed, in the switch or for AUTO; whoever was faster is named beside it."""
    view = view_of(app, asker, platform)
    chosen = Mode(typed.mode) if typed.mode in Mode.__members__ else None
    faster = error is not None and error.code == "mode_switched_meanwhile"
    with speaking(language_of(request)):
        charts = curves(view.ahead, chosen, view.zone)
        past = past_chart(app.modes.past_forecasts.days(platform))
        in_force = next(column.one for column in view.columns if column.in_force)
        sentence = late_sentence(in_force, view.zone, in_force=True)
    return draw(
        request,
        asker,
        "mode/mode.html",
        status=HTTPStatus.OK if error is None else status_of(error),
        view=view,
        card=view.card,
        typed=typed,
        typed_auto=auto,
        chosen=chosen,
        charts=charts,
        past_chart=past,
        sentence=sentence,
        error=None if faster and not typed.territory else error,
        faster=view.card.last if faster else None,
        platforms=asker.platforms,
        done=error is None and "done" in request.query_params,
        history=app.modes.history.page(platform, most=5, sent=False),
        decisions=app.modes.auto.decisions(platform, most=4),
        may_switch=Scope.MODES_WRITE in asker.scopes,
    )
