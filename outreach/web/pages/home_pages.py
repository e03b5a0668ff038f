"""The way in, the choice of language, and what we promise about accessibility."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from outreach.web.pages.access import check_origin, signed_in
from outreach.web.pages.drawing import LANGUAGE_COOKIE, draw
from outreach.web.pages.frame import SIGN_IN, go, page_router
from outreach.web.pages.navigation import first_place
from outreach.web.pages.words import LANGUAGES

router = page_router("")
A_YEAR = 365 * 86_400  # seconds


@router.get("/")
def begin(request: Request) -> Response:
    """To the first page of whoever is signed in."""
    asker = signed_in(request)
    return go(SIGN_IN if asker is None else first_place(asker))


@router.post("/language")
def choose_language(
    request: Request, language: Annotated[str, Form()], back: Annotated[str, Form()] = "/"
) -> Response:
    """The person's choice, kept by the browser."""
    check_origin(request)
    answer = go(own_path(back))
    if language in LANGUAGES:
        secure = request.url.scheme == "https"
        answer.set_cookie(
            LANGUAGE_COOKIE, language, max_age=A_YEAR, secure=secure, httponly=True, samesite="lax"
        )
    return answer


@router.get("/accessibility")
def show_accessibility(request: Request) -> Response:
    """The statement on accessibility."""
    return draw(request, signed_in(request), "frame/accessibility.html")


def own_path(path: str) -> str:
    """A path of ours, never another site's; "/" for anything else."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if ours else "/"
