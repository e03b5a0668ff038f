"""An outside case system: one signed JSON post for each entry of the outbox."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from http import HTTPStatus

import stamina
import urllib3

from outreach.services.case_system_words import (
    ANSWER_SECONDS,
    CONNECT_SECONDS,
    QUICK_PAUSE,
    QUICK_SECONDS,
    NotDelivered,
)
from outreach.storage.outbox import OutboxEntry

TIMEOUT = urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
QUICK_TRIES = 3
WORTH_A_QUICK_TRY = frozenset(
    {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE}
)


def _is_quick(error: Exception) -> bool:
    return isinstance(error, NotDelivered) and error.quick


def signature(secret: bytes, timestamp: int, body: bytes) -> str:
    """`t=<seconds>,v1=<hex HMAC-SHA256 of "<seconds>." + body>`: an old post cannot be passed off as new."""
    digest = hmac.digest(secret, f"{timestamp}.".encode() + body, "sha256")
    return f"t={timestamp},v1={digest.hex()}"


@dataclass(frozen=True)
class CaseSystem:
    """The system at `address`; `secret` signs what we tell it."""

    address: str
    secret: bytes = field(repr=False)

    @cached_property
    def _http(self) -> urllib3.PoolManager:
        return urllib3.PoolManager(timeout=TIMEOUT, retries=False, maxsize=4)

    def tell(self, entry: OutboxEntry, *, now: datetime) -> None:
        """Post it, with quick tries when that may help. Raises NotDelivered."""
        for attempt in stamina.retry_context(
            on=_is_quick, attempts=QUICK_TRIES, timeout=QUICK_SECONDS, wait_initial=0.2, wait_max=QUICK_PAUSE
        ):
            with attempt:
                self._post(entry, now)

    def _post(self, entry: OutboxEntry, now: datetime) -> None:
        body = _body(entry)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": str(entry.id),
            "Outreach-Signature": signature(self.secret, int(now.timestamp()), body),
        }
        try:
            answer = self._http.request("POST", self.address, body=body, headers=headers, redirect=False)
        except urllib3.exceptions.TimeoutError:
            raise NotDelivered("no answer in time", quick=False) from None
        except urllib3.exceptions.HTTPError:
            raise NotDelivered("no connection", quick=True) from None
        if not HTTPStatus(200) <= answer.status < HTTPStatus(300):
            raise NotDelivered(f"HTTP {answer.status}", quick=answer.status in WORTH_A_QUICK_TRY)


def _body(entry: OutboxEntry) -> bytes:
    told = {
        "id": str(entry.id),
        "platform": entry.platform,
        "kind": entry.kind,
        "created_at": entry.created_at.isoformat(),
        "payload": entry.payload,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
