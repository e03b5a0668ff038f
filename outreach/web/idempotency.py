"""Idempotency-Key on POST: the same request again gets the first answer again, and changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.errors import Conflict, InvalidInput
from outreach.storage import idempotency_store
from outreach.storage.idempotency_store import Remembered, RequestKey
from outreach.web.access import app_of, bearer_token
from outreach.web.limits import limits_of

HEADER = "Idempotency-Key"
LONGEST_KEY = 200
SEALED_FOR = "idempotent-answer"
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ApiRoute(APIRoute):
    """A JSON route that honours the header; refused requests leave the key free."""

    def get_route_handler(self) -> Handler:
        handler: Handler = super().get_route_handler()
        if "POST" not in (self.methods or ()):
            return handler

        async def once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if key is None:
                return await handler(request)
            return await _once(handler, request, key, self.path)

        return once


async def _once(handler: Handler, request: Request, key: str, route: str) -> Response:
    app = app_of(request)
    digest, token = await _digest(request), bearer_token(request)
    limits_of(request).check(request, token)  # before the look-up
    request_key, remembered = await run_in_threadpool(_begin, app, token, route, key, digest)
    if remembered is not None:
        await run_in_threadpool(limits_of(request).admit, request, token)
        return _again(app, remembered, digest)
    try:
        answer = await handler(request)
    except Exception:
        await run_in_threadpool(_forget, app, request_key)
        raise
    await run_in_threadpool(_keep, app, request_key, answer)
    return answer


async def _digest(request: Request) -> bytes:
    """The same file sent again has another boundary between its parts: it does not count."""
    body = await request.body()
    boundary = request.headers.get("Content-Type", "").partition("boundary=")[2].strip('"')
    if boundary:
        body = body.replace(boundary.encode(), b"")
    return hashlib.sha256(request.url.path.encode() + b"\n" + body).digest()


def _begin(app: App, token: str, route: str, key: str, digest: bytes) -> tuple[RequestKey, Remembered | None]:
    if not 0 < len(key) <= LONGEST_KEY:
        raise InvalidInput("The key is too long.", field=HEADER, mend=f"At most {LONGEST_KEY} characters.")
    request_key = RequestKey(app.access.asker(token).user_id, route, key)
    with app.database.begin() as connection:
        return request_key, idempotency_store.begin(
            connection, request_key, digest=digest, now=app.clock.now()
        )


def _again(app: App, remembered: Remembered, digest: bytes) -> Response:
    if remembered.request_digest != digest:
        raise Conflict("This Idempotency-Key was used for another request.", code="key_reused")
    if remembered.status is None or remembered.sealed_answer is None:
        raise Conflict(
            "The first request with this key has no answer yet; look at the state before another.",
            code="still_running",
        )
    body = app.vault.open_system(SEALED_FOR, remembered.sealed_answer)
    return Response(
        body, remembered.status, media_type="application/json", headers={"Idempotent-Replay": "true"}
    )


def _keep(app: App, key: RequestKey, answer: Response) -> None:
    with app.database.begin() as connection:
        if answer.status_code >= 300:
            idempotency_store.forget(connection, key)
        else:
            sealed = app.vault.seal_system(SEALED_FOR, bytes(answer.body))
            idempotency_store.save_answer(connection, key, status=answer.status_code, sealed_answer=sealed)


def _forget(app: App, key: RequestKey) -> None:
    with app.database.begin() as connection:
        idempotency_store.forget(connection, key)
