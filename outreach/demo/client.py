"""The public API as the demo's robots use it: the same requests that real agents' browsers make."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import urllib3

from outreach.clock import Clock
from outreach.errors import OutreachError
from outreach.ids import new_id

TIMEOUT = urllib3.Timeout(connect=5.0, read=30.0)
TRIES_WHILE_AWAY = 60  # the web process may be started again under our feet
PAUSE_SECONDS = 0.5


class Refused(OutreachError):
    """The API answered with a problem; `status` is HTTP's."""

    def __init__(self, status: int, sentence: str, code: str) -> None:
        super().__init__(sentence, code=code)
        self.status = status


@dataclass(frozen=True)
class Client:
    """One person's token."""

    url: str
    token: str = field(repr=False)
    clock: Clock
    pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(maxsize=4, timeout=TIMEOUT))

    def get(self, path: str) -> Any:
        return self._ask("GET", path, None)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Sent again when the connection breaks: the key makes it one request."""
        return self._ask("POST", path, {} if body is None else body, {"Idempotency-Key": str(new_id())})

    def put(self, path: str, body: dict[str, Any]) -> Any:
        return self._ask("PUT", path, body)

    def delete(self, path: str) -> Any:
        return self._ask("DELETE", path, None)

    def send_file(self, path: str, name: str, content: bytes, fields: dict[str, str]) -> Any:
        """One file with form fields."""
        parts: dict[str, str | tuple[str, bytes]] = {**fields, "file": (name, content)}
        answer = self.pool.request("POST", self.url + path, fields=parts, headers=self._headers())
        return _read(answer)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _ask(
        self, method: str, path: str, body: dict[str, Any] | None, more: dict[str, str] | None = None
    ) -> Any:
        headers = self._headers() | (more or {})
        for _ in range(TRIES_WHILE_AWAY):
            try:
                answer = self.pool.request(method, self.url + path, json=body, headers=headers, retries=False)
            except urllib3.exceptions.HTTPError:
                self.clock.wait(PAUSE_SECONDS)
                continue
            return _read(answer)
        raise Refused(503, "The web process does not answer.", "web_away")


def _read(answer: urllib3.BaseHTTPResponse) -> Any:
    if answer.status == 204:
        return None
    told = json.loads(answer.data) if answer.data else {}
    if answer.status >= 400:
        raise Refused(answer.status, str(told.get("detail") or told.get("title")), str(told.get("code")))
    return told
