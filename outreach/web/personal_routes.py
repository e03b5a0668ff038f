"""Personal pages over HTTP: the link in an SMS, its buttons, and the image that tells when it is seen."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from outreach.bootstrap import App
from outreach.domain.page_visits import shows_the_page
from outreach.errors import InvalidInput, NotFound
from outreach.web import personal_drawing
from outreach.web.access import app_of
from outreach.web.limits import network_of
from outreach.web.personal_words import WORDS, words_in

router = APIRouter(prefix="/p/{token}", include_in_schema=False)
Language = Annotated[str, Query(alias="lang")]
Words = Annotated[str, Form()]

_IMAGE = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@dataclass(frozen=True)
class Visit:
    """One request for a page. `must_wait`: seconds, when its address asked for too many."""

    app: App
    language: str
    must_wait: int


def _visit(request: Request, lang: Language = "") -> Visit:
    app = app_of(request)
    limit, now = app.rate_limits.page, app.clock.now()
    who = app.vault.index("address", network_of(request.client.host if request.client else "")).hex()
    if limit.count(who, now):
        limit.share(who, now)
    return Visit(app, lang if lang in WORDS else "", limit.seconds_to_wait(who, now))


Visiting = Annotated[Visit, Depends(_visit)]


@router.get("")
@router.get("/")
def show_page(visit: Visiting, token: str) -> Response:
    """The page of a link, in a language."""
    return _answer(visit, token)


@router.get("/seen.gif")
def see_page(visit: Visiting, request: Request, token: str) -> Response:
    """A browser draws the page: it is read. The answer is the same for every token."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    if shows_the_page(headers) and not visit.must_wait:
        with suppress(NotFound):
            visit.app.personal_page.read(token)
    return Response(_IMAGE, media_type="image/gif", headers=personal_drawing.HEADERS)


@router.get("/read")
@router.get("/call")
@router.get("/question")
@router.get("/wrong")
def show_page_again(visit: Visiting, token: str) -> Response:
    """The address of a button, opened again from the history: nothing is pressed."""
    return RedirectResponse(f"/p/{token}?lang={visit.language}", 303, headers=personal_drawing.HEADERS)


@router.post("/read")
def confirm_reading(visit: Visiting, token: str) -> Response:
    """ "I have read this"."""
    return _answer(visit, token, lambda: visit.app.personal_page.read(token))


@router.post("/call")
def ask_for_call(visit: Visiting, token: str, at: Words = "") -> Response:
    """ "Call me", as soon as possible or at a moment that was offered."""
    return _answer(visit, token, lambda: visit.app.personal_page.ask_for_call(token, _moment(at)))


@router.post("/question")
def ask_question(visit: Visiting, token: str, words: Words = "") -> Response:
    """ "I have questions"."""
    return _answer(visit, token, lambda: visit.app.personal_page.ask_question(token, words))


@router.post("/wrong")
def refuse_number(visit: Visiting, token: str) -> Response:
    """ "This is not me"."""
    return _answer(visit, token, lambda: visit.app.personal_page.refuse_number(token))


def _moment(given: str) -> datetime | None:
    """Raises InvalidInput for what is no moment with a zone."""
    if not given:
        return None
    with suppress(ValueError):
        moment = datetime.fromisoformat(given)
        if moment.tzinfo is not None:
            return moment
    raise InvalidInput("This moment is not offered.", field="at", code="moment_gone")


def _answer(visit: Visit, token: str, press: Callable[[], None] | None = None) -> Response:
    """Press the button, then show the page: by a redirect, so that a reload presses nothing again."""
    app, language, problem = visit.app, visit.language, ""
    if visit.must_wait:
        return personal_drawing.wait(language, seconds=visit.must_wait)
    here = f"/p/{token}"
    try:
        if press is not None:
            try:
                press()
            except InvalidInput:
                problem = words_in(language)[1].moment_gone
            else:
                return RedirectResponse(f"{here}?lang={language}", 303, headers=personal_drawing.HEADERS)
        view = app.personal_page.show(token, language=language)
    except NotFound:
        return personal_drawing.gone(language, number=app.settings.twilio_caller_id)
    sender = app.settings.text_identity
    return personal_drawing.page(
        view, here=here, sender=sender, problem=problem, status=422 if problem else 200
    )
