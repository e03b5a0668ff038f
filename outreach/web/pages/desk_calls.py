"""What an agent does to the call from their desk: each a form of one button."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.call_attempts import Leg
from outreach.domain.roles import Role
from outreach.services.access import Asker
from outreach.web.access import TheApp
from outreach.web.pages.access import PageCaller
from outreach.web.pages.desk_pages import DESK
from outreach.web.pages.desk_view import draw_call_bar
from outreach.web.pages.frame import go, is_part, page_router

router = page_router("/desk")
Position = Annotated[int | None, Form(ge=0, le=100)]


@router.post("/entries/{entry_id}/call")
def call(app: TheApp, asker: PageCaller, entry_id: UUID, position: Position = None) -> Response:
    """The agent's phone rings, then the person's."""
    app.calling.click_to_call(asker.user_id, entry_id, position=position)
    return go(DESK)


@router.post("/attempts/{attempt_id}/next-number")
def call_again(app: TheApp, asker: PageCaller, attempt_id: UUID, position: Position = None) -> Response:
    """Another try for the same person, the agent staying on the line."""
    app.calling.call_again(asker.user_id, attempt_id, position=position)
    return go(DESK)


@router.post("/attempts/{attempt_id}/hang-up")
def hang_up(
    request: Request,
    app: TheApp,
    asker: PageCaller,
    attempt_id: UUID,
    leg: Annotated[Leg, Form()] = Leg.PERSON,
) -> Response:
    app.call_bar.hang_up(asker.user_id, attempt_id, leg=leg)
    return _bar(request, app, asker)


@router.post("/attempts/{attempt_id}/hold")
def hold(
    request: Request, app: TheApp, asker: PageCaller, attempt_id: UUID, on: Annotated[bool, Form()]
) -> Response:
    """Let the person wait, or come back to them."""
    app.call_bar.hold(asker.user_id, attempt_id, on=on)
    return _bar(request, app, asker)


@router.post("/attempts/{attempt_id}/voicemail")
def leave_voicemail(request: Request, app: TheApp, asker: PageCaller, attempt_id: UUID) -> Response:
    """The neutral message, on the machine that answered."""
    app.call_bar.leave_voicemail(asker.user_id, attempt_id)
    return _bar(request, app, asker)


@router.post("/attempts/{attempt_id}/transfer")
def transfer(
    request: Request, app: TheApp, asker: PageCaller, attempt_id: UUID, role: Annotated[Role, Form()]
) -> Response:
    """Bring a free colleague into the call."""
    app.call_bar.transfer(asker.user_id, attempt_id, role=role.value)
    return _bar(request, app, asker)


@router.post("/attempts/{attempt_id}/rejoin")
def rejoin(request: Request, app: TheApp, asker: PageCaller, attempt_id: UUID) -> Response:
    """Ring the agent again, whose line dropped while the person waits."""
    app.call_bar.rejoin(asker.user_id, attempt_id)
    return _bar(request, app, asker)


@router.post("/attempts/{attempt_id}/help")
def ask_for_help(
    request: Request, app: TheApp, asker: PageCaller, attempt_id: UUID, on: Annotated[bool, Form()]
) -> Response:
    """Raise or lower the hand."""
    hands = app.desk_work.hands
    (hands.raise_hand if on else hands.lower_hand)(asker.user_id, attempt_id)
    return _bar(request, app, asker)


def _bar(request: Request, app: App, asker: Asker) -> Response:
    return draw_call_bar(request, app, asker) if is_part(request) else go(DESK)
