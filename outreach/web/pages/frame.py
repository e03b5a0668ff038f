"""The frame of pages: routers whose errors are drawn as pages, and the redirect after a form."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from outreach.errors import InvalidInput, OutreachError
from outreach.log import get_logger
from outreach.queues.session_store import SessionsAway
from outreach.services.access import Asker, NotKnown
from outreach.web.pages.access import signed_in
from outreach.web.pages.drawing import draw
from outreach.web.pages.words import N_
from outreach.web.problems import of_http, status_of

log = get_logger("web")
SIGN_IN = "/sign-in"
FOR_MACHINES = ("/api/", "/webhooks/", "/p/")
FIELDS_UNREAD = N_("Some fields cannot be read.")
INTO_PROBLEM = {"HX-Retarget": "#problem", "HX-Reswap": "innerHTML"}


def is_part(request: Request) -> bool:
    """Whether htmx asks, for a part of the page it shows."""
    return request.headers.get("hx-request") == "true"


def go(path: str) -> Response:
    """Where to look after a form: a reload posts nothing again."""
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


class PageRoute(APIRoute):
    """A route whose errors people read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except NotKnown:
                return _to_sign_in(request)
            except OutreachError as error:
                # Drawing asks who is signed in: never on the event loop, where every page would wait for it.
                return await run_in_threadpool(_problem, request, error)
            except RequestValidationError as error:
                fields = ", ".join(sorted({str(found["loc"][-1]) for found in error.errors()}))
                unread = InvalidInput(FIELDS_UNREAD, field=fields, mend="")
                return await run_in_threadpool(_problem, request, unread)

        return handled


def page_router(prefix: str) -> APIRouter:
    """The router of one area of pages."""
    return APIRouter(prefix=prefix, route_class=PageRoute, include_in_schema=False)


def _to_sign_in(request: Request) -> Response:
    """To the sign-in page, and from there back to what was asked (a form is not sent again by itself)."""
    back = request.url.path if request.method == "GET" and not is_part(request) else ""
    address = f"{SIGN_IN}?next={quote(back, safe='/')}" if back else SIGN_IN
    if is_part(request):
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": address})
    return go(address)


def _problem(request: Request, error: OutreachError) -> Response:
    status = status_of(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("web.failed", code=error.code, exc_info=error)
    template = "frame/_problem.html" if is_part(request) else "frame/problem.html"
    headers = INTO_PROBLEM if is_part(request) else {}
    shown = None if is_part(request) else _whoever(request)
    return draw(request, shown, template, status=status, headers=headers, error=error, code=int(status))


def install(web: FastAPI) -> None:
    """Browsers get a page for an address that nobody serves; machines their problem, as before."""
    web.add_exception_handler(HTTPException, _of_http)


def _of_http(request: Request, error: Exception) -> Response:
    wants_page = "text/html" in request.headers.get("accept", "")
    if not wants_page or request.url.path.startswith(FOR_MACHINES) or not isinstance(error, HTTPException):
        return of_http(request, error)
    told = OutreachError(N_("There is no such page."))
    status = error.status_code
    return draw(request, _whoever(request), "frame/problem.html", status=status, error=told, code=status)


def _whoever(request: Request) -> Asker | None:
    """For the frame of a page that says what went wrong: nobody, where sessions cannot be read."""
    with suppress(SessionsAway):
        return signed_in(request)
    return None
