"""What is kept of each exchange with the provider: enough to explain a day, nothing personal, no secret."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from outreach.log import get_logger

_log = get_logger("telephony")
_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_NUMBER = re.compile(r"(?:\+|%2B)?\d{8,15}")


@dataclass(frozen=True)
class Exchange:
    """One request made to the provider.

    `path` has account and numbers blanked and no query; `status` 0: no answer came.
    """

    method: str
    path: str
    status: int
    code: str
    milliseconds: float


Recorder = Callable[[Exchange], None]


def blanked_path(url: str) -> str:
    """The path of a URL without its query, its account and whatever looks like a telephone number."""
    path = "/" + url.split("://", 1)[-1].split("?", 1)[0].split("#", 1)[0].partition("/")[2]
    return "/".join(_blanked_part(part) for part in path.split("/"))


def _blanked_part(part: str) -> str:
    if _ACCOUNT.fullmatch(part):
        return "AC…"
    # Sids (letters, then hexadecimal digits) are ids of ours to keep; a bare run of digits is a number.
    return "…" if _NUMBER.fullmatch(part.removesuffix(".json")) else part


def log_exchange(exchange: Exchange) -> None:
    """The usual recorder: one structured event."""
    _log.info(
        "provider.exchange",
        method=exchange.method,
        path=exchange.path,
        status=exchange.status,
        code=exchange.code,
        milliseconds=round(exchange.milliseconds, 1),
    )
