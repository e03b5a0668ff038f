"""How often one may ask: so many requests a minute for a token, and so many unknown tokens for an address.

An address that showed too many unknown tokens is refused before the look-up. Tokens that were good here
lately still pass, so that a colleague's broken script behind the same proxy locks nobody out.
"""

from __future__ import annotations

import hashlib
import ipaddress

from starlette.requests import Request

from outreach.bootstrap import App
from outreach.errors import TooManyRequests

MOST_REMEMBERED = 20_000
NETWORK_OF_ONE = 64  # bits of an IPv6 address


class ApiLimits:
    """Those of one web application."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._limits = app.rate_limits
        self._good: dict[str, None] = {}

    def count(self, token: str) -> bool:
        """One more request with this token; whether `share` is due."""
        return self._limits.token.count(_digest(token), self._app.clock.now())

    def share(self, token: str) -> None:
        self._limits.token.share(_digest(token), self._app.clock.now())

    def admit(self, request: Request, token: str) -> None:
        """Count and check one more request; may ask Redis. Raises TooManyRequests."""
        if self.count(token):
            self.share(token)
        self.check(request, token)

    def check(self, request: Request, token: str) -> None:
        """Raises TooManyRequests: for a token used too often, or never seen from an address that guesses."""
        now, who = self._app.clock.now(), _digest(token)
        _refuse(self._limits.token.seconds_to_wait(who, now))
        if who not in self._good:
            _refuse(self._limits.failure.seconds_to_wait(self._address(request), now))

    def remember(self, token: str) -> None:
        """This token is good."""
        if len(self._good) >= MOST_REMEMBERED:
            self._good.clear()
        self._good[_digest(token)] = None

    def count_failure(self, request: Request) -> int:
        """An unknown token from this address; seconds to wait when there were too many."""
        now, who = self._app.clock.now(), self._address(request)
        if self._limits.failure.count(who, now):
            self._limits.failure.share(who, now)
        return self._limits.failure.seconds_to_wait(who, now)

    def _address(self, request: Request) -> str:
        """A keyed digest: where someone sits is nobody's business."""
        host = network_of(request.client.host if request.client else "")
        return self._app.vault.index("address", host).hex()


def network_of(host: str) -> str:
    """An IPv4 address itself, of an IPv6 address the network that one household or office has to itself."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    return str(ipaddress.ip_network((address, NETWORK_OF_ONE), strict=False))


def limits_of(request: Request) -> ApiLimits:
    limits: ApiLimits = request.app.state.limits
    return limits


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def _refuse(seconds: int) -> None:
    if seconds:
        raise TooManyRequests(seconds)
