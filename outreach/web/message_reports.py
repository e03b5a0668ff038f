"""Receipts of messages, the flood among the webhooks: checked on the loop, saved in groups, answered 204.

Stands before the web framework. A receipt that is odd in any way, or whose group could not be saved, goes the
ordinary way (webhooks.py), where it is refused, or saved alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outreach.bootstrap import App
from outreach.errors import OutreachError
from outreach.log import get_logger
from outreach.services.callback_urls import Webhook
from outreach.services.report_batches import ToldReport
from outreach.storage.database import SQLAlchemyError
from outreach.telephony.webhook_parameters import Endpoint
from outreach.telephony.webhooks import LARGEST_BODY, SignatureCheck, read_form, unknown_names
from outreach.web.group_commit import GroupCommit

log = get_logger("webhooks")

PREFIX = f"/webhooks/twilio/{Webhook.MESSAGE_STATUS.value}/"
MOST_TOGETHER = 500


class MessageReports:
    """Around the whole web application: takes the receipts, passes everything else on."""

    def __init__(self, app: ASGIApp, *, outreach: App) -> None:
        self._app = app
        self._batches = outreach.report_batches
        self._urls = outreach.callback_urls
        self._public_url = outreach.settings.public_url
        self._check = SignatureCheck(tuple(outreach.settings.auth_tokens()))
        self._extra_names = outreach.settings.extra_names()
        self._group = GroupCommit(self._commit, most=MOST_TOGETHER)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX) or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        first = await receive()
        told = self._told(scope, first)
        if told is not None and await self._group.saved(told):
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, _again(first, receive), send)

    def _told(self, scope: Scope, first: Message) -> ToldReport | None:
        """The receipt, when all about it is as it should be."""
        body = first.get("body", b"")
        if first.get("more_body", False) or len(body) > LARGEST_BODY:
            return None
        path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        headers = dict(scope["headers"])
        signature = headers.get(b"x-twilio-signature", b"").decode("latin-1")
        event_token = headers.get(b"i-twilio-idempotency-token", b"").decode("latin-1")
        try:
            send_id, form = UUID(path.removeprefix(PREFIX)), read_form(body)
            good = (
                self._check.holds(f"{self._public_url}{path}?{query}", form, signature)
                and self._urls.accepts(Webhook.MESSAGE_STATUS, send_id, query.removeprefix("t="))
                and not unknown_names(Endpoint.MESSAGE_STATUS, form, also=self._extra_names)
            )
            return self._batches.told(send_id, form, event_token or None) if good else None
        except (ValueError, OutreachError):
            return None

    def _commit(self, group: Sequence[ToldReport]) -> bool:
        try:
            self._batches.receive(group)
        except (SQLAlchemyError, OutreachError) as error:
            log.warning("webhook.group_not_saved", size=len(group), error=type(error).__name__)
            return False
        return True


def _again(first: Message, receive: Receive) -> Receive:
    """The rest of a request whose beginning was read."""
    waiting = [first]

    async def following() -> Message:
        return waiting.pop() if waiting else await receive()

    return following
