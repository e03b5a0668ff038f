"""What the phone company posts: signature, our token, store and apply, 204 (or TwiML), then what follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from uuid import UUID

import anyio
from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from outreach.bootstrap import App
from outreach.errors import InvalidInput, NotAllowed, NotFound, OutreachError
from outreach.log import get_logger
from outreach.services.callback_urls import Webhook
from outreach.services.provider_events import Told
from outreach.storage.database import SQLAlchemyError
from outreach.telephony.webhook_parameters import Endpoint
from outreach.telephony.webhooks import (
    LARGEST_BODY,
    SignatureCheck,
    read_form,
    says_one_thing,
    unknown_names,
)

log = get_logger("webhooks")
Result = TypeVar("Result")
FollowUp = Callable[[], None]

THREADS = 8  # of their own: a flood of receipts never keeps an agent waiting
ENDPOINT_OF = {
    Webhook.MESSAGE_STATUS: Endpoint.MESSAGE_STATUS,
    Webhook.AGENT_ANSWER: Endpoint.AGENT_ANSWER,
    Webhook.AGENT_KEY: Endpoint.AGENT_KEY,
    Webhook.AGENT_STATUS: Endpoint.CALL_STATUS,
    Webhook.PERSON_STATUS: Endpoint.CALL_STATUS,
    Webhook.TRANSFER_STATUS: Endpoint.CALL_STATUS,
    Webhook.MACHINE_DETECTION: Endpoint.AMD,
    Webhook.CONFERENCE: Endpoint.CONFERENCE,
    Webhook.VOICEMAIL: Endpoint.AGENT_ANSWER,
    Webhook.NOBODY_FREE: Endpoint.AGENT_ANSWER,
    Webhook.TEST_CALL: Endpoint.AGENT_ANSWER,
    Webhook.LISTENER_ANSWER: Endpoint.AGENT_ANSWER,
    Webhook.LISTENER_KEY: Endpoint.AGENT_KEY,
    Webhook.LISTENER_STATUS: Endpoint.CALL_STATUS,
}
INBOUND = {"inbound-call": Endpoint.INBOUND_CALL, "inbound-message": Endpoint.INBOUND_SMS}
STATUS_OF: tuple[tuple[type[Exception], int], ...] = (
    (NotAllowed, 403),
    (NotFound, 404),
    (InvalidInput, 400),
    (OutreachError, 500),
)


@dataclass(frozen=True)
class Post:
    """One request as it arrived; `url` as the phone company signed it."""

    path: str
    url: str
    token: str
    signature: str | None
    event_token: str | None
    body: bytes


class Webhooks:
    """An ASGI application of its own: nothing of a web framework stands between the socket and the rule."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._check = SignatureCheck(tuple(app.settings.auth_tokens()))
        self._extra_names = app.settings.extra_names()
        self._limiter: anyio.CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await PlainTextResponse("", 405)(scope, receive, send)
            return
        body = await _body(receive)
        if body is None:
            await PlainTextResponse("", 413)(scope, receive, send)
            return
        answer, then = await self._in_thread(partial(self._receive, self._post(scope, body)))
        await answer(scope, receive, send)
        if then is not None:
            await self._in_thread(partial(_follow_up, then))

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(THREADS)
        return await run_sync(work, limiter=self._limiter)

    def _post(self, scope: Scope, body: bytes) -> Post:
        headers = Headers(scope=scope)
        raw_path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        return Post(
            path=raw_path,
            url=self._app.settings.public_url + raw_path + (f"?{query}" if query else ""),
            token=query.removeprefix("t="),
            signature=headers.get("x-twilio-signature"),
            event_token=headers.get("i-twilio-idempotency-token"),
            body=body,
        )

    def _receive(self, post: Post) -> tuple[Response, FollowUp | None]:
        try:
            told = self._told(post)
        except OutreachError as error:
            status = next(status for kind, status in STATUS_OF if isinstance(error, kind))
            log.warning("webhook.refused", code=error.code, status=status)
            return PlainTextResponse("", status), None
        except SQLAlchemyError as error:
            # The phone company keeps the event and brings it again (#rc=5).
            log.warning("webhook.not_stored", error=type(error).__name__)
            return PlainTextResponse("", 503), None
        if told.markup is None:
            return Response(status_code=204), told.then
        return Response(told.markup, media_type="text/xml"), told.then

    def _told(self, post: Post) -> Told:
        *_, kind, subject = post.path.strip("/").rsplit("/", 2)
        if subject in INBOUND and kind == "twilio":
            form = self._signed_form(post, INBOUND[subject])
            events = self._app.provider_events
            if subject == "inbound-call":
                return events.receive_inbound_call(form, post.event_token)
            return events.receive_inbound_message(form, post.event_token)
        webhook, subject_id = _named(kind, subject)
        form = self._signed_form(post, ENDPOINT_OF[webhook])
        if not self._app.callback_urls.accepts(webhook, subject_id, post.token):
            raise NotAllowed("This address is not one we gave out.", code="wrong_token")
        return self._app.provider_events.receive(
            webhook, subject_id, ENDPOINT_OF[webhook], form, post.event_token
        )

    def _signed_form(self, post: Post, endpoint: Endpoint) -> dict[str, str]:
        form = read_form(post.body)
        if not self._check.holds(post.url, form, post.signature):
            raise NotAllowed("The phone company did not sign this.", code="wrong_signature")
        if unknown := unknown_names(endpoint, form, also=self._extra_names):
            taken = says_one_thing(endpoint, form, unknown)
            self._app.alarms.webhook_changed(endpoint.value, unknown, taken=taken)
            if not taken:
                raise InvalidInput("The webhook has a name we do not know.", code="webhook_unknown_name")
        return form


def _named(kind: str, subject: str) -> tuple[Webhook, UUID]:
    try:
        return Webhook(kind), UUID(subject)
    except ValueError:
        raise NotFound("There is no such webhook.") from None


def _follow_up(then: FollowUp) -> None:
    """What fails here is found again by the repairs."""
    try:
        then()
    except OutreachError as error:
        log.warning("webhook.follow_up_failed", code=error.code)


async def _body(receive: Receive) -> bytes | None:
    """The whole body, or None when it is larger than any webhook."""
    pieces: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > LARGEST_BODY:
            return None
        more = message.get("more_body", False)
    return b"".join(pieces)
