"""Around every request: an id, safe headers, a cap on the body, and one answer for the unexpected."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outreach.clock import monotonic
from outreach.ids import new_id
from outreach.log import get_logger
from outreach.web.file_senders import refusal_of
from outreach.web.problems import headers_of, status_of, unexpected

log = get_logger("web")

KIB = 1024
MIB = 1024 * KIB
FILES = re.compile(r"(/api/v1)?/(imports|import-drafts|campaigns/[^/]+/(audience-)?file)$")
BODY_CAPS: Sequence[tuple[re.Pattern[str], int]] = (
    # Where files are sent: to the API, and by the forms of the pages.
    (FILES, 128 * MIB),
    (re.compile(r"/webhooks/"), 64 * KIB),
    (re.compile(r"/p/"), 8 * KIB),
    (re.compile(r"/"), MIB),
)
SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
QUIET = ("/webhooks/", "/healthz", "/readyz", "/metrics")  # many, and told elsewhere


class TooLarge(HTTPException):
    """The body goes over the cap."""

    def __init__(self) -> None:
        super().__init__(413)


class UnknownSender(HTTPException):
    """A file from somebody who is not signed in (401), may send none (403), or asks too often (429)."""


class Requests:
    """Outermost of ours. `secure`: the public address is https, so browsers are told to stay there.

    `failed` draws the page of a fault of ours.
    """

    def __init__(self, app: ASGIApp, *, secure: bool, failed: Callable[[str], ASGIApp]) -> None:
        self._app = app
        self._failed_page = failed
        self._headers = dict(SAFE_HEADERS)
        if secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, began = str(new_id()), monotonic()
        answer = _Answer(send, {**self._headers, "X-Request-Id": request_id})
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, _known_sender(scope, _capped(scope, receive)), answer.send)
            except ClientDisconnect:
                return  # whoever asked has gone, often to ask for something else
            except Exception as error:
                log.exception("web.unexpected", exc_info=error, route=_route(scope))
                await answer.instead(scope, receive, self._failed(scope, request_id))
            _tell(scope, answer.status, began)

    def _failed(self, scope: Scope, request_id: str) -> ASGIApp:
        for_people = "text/html" in Headers(scope=scope).get("accept", "")
        if for_people and not scope["path"].startswith("/api/"):
            return self._failed_page(request_id)
        return unexpected(request_id)


class _Answer:
    """Passes an answer on with our headers, and knows whether it has begun."""

    def __init__(self, send: Send, headers: dict[str, str]) -> None:
        self._send = send
        self._headers = headers
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
        await self._send(message)

    async def instead(self, scope: Scope, receive: Receive, answer: ASGIApp) -> None:
        """Send this, unless another answer has begun."""
        if self.status == 0:
            await answer(scope, receive, self.send)


def _capped(scope: Scope, receive: Receive) -> Receive:
    """Refuse at once what announces too much, and in passing what turns out to be too much."""
    cap = next(cap for pattern, cap in BODY_CAPS if pattern.match(scope["path"]))
    announced = Headers(scope=scope).get("content-length", "0")
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        if not announced.isdigit() or int(announced) > cap:
            raise TooLarge
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > cap:
            raise TooLarge
        return message

    return counted


def _known_sender(scope: Scope, receive: Receive) -> Receive:
    """More than any form is read from those alone who may send files: the framework reads a body first, and
    asks who sent it afterwards."""
    if not FILES.match(scope["path"]):
        return receive
    seen, known = 0, False

    async def counted() -> Message:
        nonlocal seen, known
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MIB and not known:
            if refusal := await refusal_of(Request(scope)):
                raise UnknownSender(int(status_of(refusal)), headers=headers_of(refusal))
            known = True
        return message

    return counted


def _route(scope: Scope) -> str:
    """The route's template: paths may carry an outside system's record numbers."""
    return str(getattr(scope.get("route"), "path", "unknown"))


def _tell(scope: Scope, status: int, began: float) -> None:
    if scope["path"].startswith(QUIET) and status < 500:
        return
    milliseconds = round((monotonic() - began) * 1000, 1)
    log.info(
        "web.request",
        method=scope["method"],
        route=_route(scope),
        status=status,
        milliseconds=milliseconds,
    )
