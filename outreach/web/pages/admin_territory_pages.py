"""Administration of territories: what lies in which, drawn once what changes for accounts was shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Form, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.territory_tree import BUILT_IN, Territory, TerritoryKind
from outreach.errors import Conflict, InvalidInput, NotFound, OutreachError
from outreach.services.access import Asker
from outreach.services.territories import TerritoryView
from outreach.services.territory_drawing import ReachChange
from outreach.web.access import TheApp
from outreach.web.pages.access import PageUsersAdmin
from outreach.web.pages.admin_frame import draw_admin, given_reason
from outreach.web.pages.frame import go, page_router
from outreach.web.problems import status_of

router = page_router("/admin/territories")
Word = Annotated[str, Form(max_length=300)]
WIDE = (TerritoryKind.COUNTRY, TerritoryKind.REGION)


@router.get("")
def list_territories(request: Request, app: TheApp, asker: PageUsersAdmin) -> Response:
    """Those that hold a platform of the administrator's, and those that the installation drew itself."""
    return _list_page(request, app, asker, Territory("", "", TerritoryKind.REGION, "FR"))


@router.post("")
def add_territory(
    request: Request,
    app: TheApp,
    asker: PageUsersAdmin,
    kind: Annotated[TerritoryKind, Form()],
    code: Word = "",
    name: Word = "",
    parent: Word = "",
    reason: Word = "",
    sure: Word = "",
) -> Response:
    """Add one; whoever would gain or lose platforms is shown first."""
    drawn = Territory(code.strip(), name.strip(), kind, parent or None)
    try:
        _need_new(app, drawn.code)
        changes = _drawn(app, asker, drawn, reason=reason, sure=sure)
    except (InvalidInput, Conflict, NotFound) as error:
        return _list_page(request, app, asker, drawn, error=error, reason=reason)
    if changes:
        return _list_page(request, app, asker, drawn, changes=changes, reason=reason)
    return go(f"/admin/territories/{drawn.code}?done=territory")


@router.get("/{code}")
def show_territory(request: Request, app: TheApp, asker: PageUsersAdmin, code: str) -> Response:
    """Its name, what it lies in, its platforms."""
    return _territory_page(request, app, asker, _view(app, asker, code))


@router.post("/{code}")
def redraw_territory(
    request: Request,
    app: TheApp,
    asker: PageUsersAdmin,
    code: str,
    name: Word = "",
    parent: Word = "",
    platform: Word = "",
    alone: Word = "",
    reason: Word = "",
    sure: Word = "",
) -> Response:
    """Another name or place; or `platform` comes into it, `alone` or with the department it stands in."""
    view = _view(app, asker, code)
    typed = {"name": name, "parent": parent, "platform": platform, "alone": alone, "reason": reason}
    try:
        if platform:
            asker.need_platform(platform)
            drawn = app.modes.drawing.bringing(platform, code, alone=bool(alone))
        else:
            drawn = replace(view.territory, name=name.strip(), parent=parent or None)
        changes = _drawn(app, asker, drawn, reason=reason, sure=sure)
    except (InvalidInput, Conflict) as error:
        return _territory_page(request, app, asker, view, typed=typed, error=error)
    if changes:
        return _territory_page(request, app, asker, view, typed=typed, changes=changes)
    return go(f"/admin/territories/{code}?done=territory-drawn")


def _drawn(app: App, asker: Asker, drawn: Territory, *, reason: str, sure: str) -> list[ReachChange]:
    """Drawn, and nothing is left to show; or not yet, and whose rights would change."""
    why, drawing = given_reason(reason), app.modes.drawing
    changes = drawing.preview(drawn, within=asker.platforms)
    if changes and sure != str(len(changes)):
        return changes
    drawing.draw(drawn, within=asker.platforms, by=asker.user_id, reason=why, seen=len(changes))
    return []


def _need_new(app: App, code: str) -> None:
    if any(view.territory.code == code for view in app.modes.territories.every()):
        raise Conflict(f"There is a territory {code} already.")


def is_shown(view: TerritoryView, asker: Asker) -> bool:
    """Whether the administrator sees it: it holds a platform of theirs, or was drawn here and is empty."""
    if view.platforms:
        return bool(set(view.platforms) & set(asker.platforms))
    return view.territory != BUILT_IN.get(view.territory.code)


def _view(app: App, asker: Asker, code: str) -> TerritoryView:
    for view in app.modes.territories.every():
        if view.territory.code == code and is_shown(view, asker):
            return view
    raise NotFound("There is no such territory.", code="unknown_territory")


def _list_page(
    request: Request,
    app: App,
    asker: Asker,
    form: Territory,
    *,
    error: OutreachError | None = None,
    changes: list[ReachChange] | None = None,
    reason: str = "",
) -> Response:
    every = app.modes.territories.every()
    return _draw(
        request,
        asker,
        "admin/territories.html",
        every,
        error=error,
        changes=changes,
        territories=[view for view in every if is_shown(view, asker)],
        kinds=[kind for kind in TerritoryKind if kind is not TerritoryKind.PLATFORM],
        form=form,
        reason=reason,
    )


def _territory_page(
    request: Request,
    app: App,
    asker: Asker,
    view: TerritoryView,
    *,
    typed: dict[str, str] | None = None,
    error: OutreachError | None = None,
    changes: list[ReachChange] | None = None,
) -> Response:
    every = app.modes.territories.every()
    inside = [each for each in every if each.territory.parent == view.territory.code]
    return _draw(
        request,
        asker,
        "admin/territory.html",
        every,
        error=error,
        changes=changes,
        view=view,
        own=_own_departments(app, view),
        inside=[each.territory for each in inside if is_shown(each, asker)],
        may_draw=set(view.platforms) <= set(asker.platforms),
        outside=[code for code in asker.platforms if code not in view.platforms],
        typed=typed or {},
    )


def _own_departments(app: App, view: TerritoryView) -> list[str]:
    """Where a platform that stands apart may go back to."""
    if view.territory.kind is not TerritoryKind.PLATFORM:
        return []
    return [app.modes.territories.platform(code).department for code in view.platforms]


def _draw(
    request: Request,
    asker: Asker,
    template: str,
    every: list[TerritoryView],
    *,
    error: OutreachError | None,
    own: Collection[str] = (),
    **values: Any,
) -> Response:
    """`parents`: whatever may hold another, from the widest; a department only if it is among `own`."""
    wide = [view.territory for view in every if view.territory.kind in WIDE or view.territory.code in own]
    parents = sorted(wide, key=lambda each: (each.kind, each.name))
    status = int(status_of(error)) if error else 200
    return draw_admin(request, asker, template, status=status, error=error, parents=parents, **values)
