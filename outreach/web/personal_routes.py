"""Personal pages over HTTP: the link in an SMS, its buttons, and the image that tells when it is seen."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from outreach.bootstrap import App
from outreach.domain.page_visits import shows_the_page
from outreach.errors import InvalidInput, NotFound
from outreach.web import personal_drawing
from outreach.web.access import TheApp
from outreach.web.personal_words import WORDS, words_in

router = APIRouter(prefix="/p/{token}", include_in_schema=False)
Language = Annotated[str, Query(alias="lang")]
Words = Annotated[str, Form()]

_IMAGE = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@router.get("")
def show_page(app: TheApp, token: str, lang: Language = "") -> Response:
    """The page of a link, in a language."""
    return _answer(app, token, lang, lambda: None, redirect=False)


@router.get("/seen.gif")
def see_page(app: TheApp, request: Request, token: str) -> Response:
    """A browser draws the page: it is read. The answer is the same for every token."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    if shows_the_page(headers):
        with suppress(NotFound):
            app.personal_page.read(token)
    return Response(_IMAGE, media_type="image/gif", headers=personal_drawing.HEADERS)


@router.post("/read")
def confirm_reading(app: TheApp, token: str, lang: Language = "") -> Response:
    """ "I have read this"."""
    return _answer(app, token, lang, lambda: app.personal_page.read(token))


@router.post("/call")
def ask_for_call(app: TheApp, token: str, lang: Language = "", at: Words = "") -> Response:
    """ "Call me", as soon as possible or at a moment that was offered."""
    return _answer(app, token, lang, lambda: app.personal_page.ask_for_call(token, _moment(at)))


@router.post("/question")
def ask_question(app: TheApp, token: str, lang: Language = "", words: Words = "") -> Response:
    """ "I have questions"."""
    return _answer(app, token, lang, lambda: app.personal_page.ask_question(token, words))


@router.post("/wrong")
def refuse_number(app: TheApp, token: str, lang: Language = "") -> Response:
    """ "This is not me"."""
    return _answer(app, token, lang, lambda: app.personal_page.refuse_number(token))


def _moment(given: str) -> datetime | None:
    """Raises InvalidInput for what is no moment with a zone."""
    if not given:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        moment = datetime.min  # noqa: DTZ901 - refused below, as any other moment without a zone
    if moment.tzinfo is None:
        raise InvalidInput("This moment is not offered.", field="at", code="moment_gone")
    return moment


def _answer(
    app: App, token: str, language: str, act: Callable[[], None], *, redirect: bool = True
) -> Response:
    """Do it, then show the page: after a button by a redirect, so that a reload presses nothing again."""
    chosen, problem = language if language in WORDS else "", ""
    try:
        try:
            act()
        except InvalidInput:
            problem, redirect = words_in(chosen)[1].moment_gone, False
        here = f"/p/{token}"
        if redirect:
            return RedirectResponse(f"{here}?lang={chosen}", 303, headers=personal_drawing.HEADERS)
        view = app.personal_page.show(token, language=chosen)
    except NotFound:
        return personal_drawing.gone(chosen, number=app.settings.twilio_caller_id)
    return personal_drawing.page(
        view,
        here=here,
        sender=app.settings.text_identity,
        problem=problem,
        status=422 if problem else 200,
    )
