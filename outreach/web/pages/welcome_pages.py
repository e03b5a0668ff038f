"""One-time links: the first administrator's account, and passwords of those who are invited."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Path, Request
from starlette.responses import Response

from outreach.errors import InvalidInput, TooManyRequests
from outreach.services.sign_in_links import PATH, LinkGone
from outreach.web.access import TheApp
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import page_router
from outreach.web.pages.origins import Coming
from outreach.web.pages.sign_in_pages import after

router = page_router("")
Token = Annotated[str, Path(max_length=100)]
Typed = Annotated[str, Form(max_length=500)]


@router.get(PATH + "{token}")
def show_welcome(request: Request, app: TheApp, token: Token) -> Response:
    """What the link is for; nothing is used up by looking."""
    try:
        view = app.signing_in.links.look(token)
    except LinkGone as error:
        return draw(request, None, "sign_in/link_gone.html", status=404, error=error)
    return draw(request, None, "sign_in/welcome.html", view=view, login="", error=None)


@router.post(PATH + "{token}")
def set_up(
    request: Request,
    app: TheApp,
    coming: Coming,
    token: Token,
    login: Typed = "",
    password: Typed = "",
    again: Typed = "",
) -> Response:
    """The password, typed twice; then the second factor where the roles need one."""
    try:
        check_again(password, again)
        entered = app.signing_in.links.use(token, login=login, password=password, origin=coming)
    except LinkGone as error:
        return draw(request, None, "sign_in/link_gone.html", status=404, error=error)
    except (InvalidInput, TooManyRequests) as error:
        view = app.signing_in.links.look(token)
        return draw(request, None, "sign_in/welcome.html", status=422, view=view, login=login, error=error)
    return after(entered, "/")


def check_again(password: str, again: str) -> None:
    """Raises InvalidInput when the second one differs."""
    if password != again:
        raise InvalidInput("The two passwords differ.", field="again", mend="Type the same one twice.")
