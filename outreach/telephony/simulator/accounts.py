"""Who may use the simulated API, and how fast."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass

from outreach.clock import monotonic
from outreach.telephony.simulator.asgi import ApiError
from outreach.telephony.simulator.plan import Plan


@dataclass
class Gate:
    """Checks the account of each request, and answers 429 above the plan's pace."""

    plan: Plan
    _allowance: float = 1.0
    _last: float = 0.0

    def __post_init__(self) -> None:
        pair = f"{self.plan.account_sid}:{self.plan.auth_token}".encode()
        self._expected = "Basic " + base64.b64encode(pair).decode()

    def check(self, authorization: str, account_sid: str) -> None:
        """Raises ApiError when the credentials are wrong or belong to another account."""
        known = hmac.compare_digest(authorization.encode(), self._expected.encode())
        if not known or account_sid != self.plan.account_sid:
            raise ApiError(401, 20003, "Authenticate")

    def pace(self) -> None:
        """Raises ApiError 20429 above the plan's pace; bursts of a tenth of a second pass."""
        rate = self.plan.requests_per_second
        if not rate:
            return
        now = monotonic()
        burst = max(1.0, rate / 10)
        self._allowance = min(burst, self._allowance + (now - self._last) * rate)
        self._last = now
        if self._allowance < 1:
            raise ApiError(429, 20429, "Too Many Requests")
        self._allowance -= 1

    def account_as_json(self) -> dict[str, object]:
        """The account as the API shows it."""
        sid = self.plan.account_sid
        return {
            "sid": sid,
            "friendly_name": "Simulated phone company",
            "status": "active",
            "type": "Full",
            "owner_account_sid": sid,
            "auth_token": None,
            "date_created": "Thu, 01 Oct 2020 08:00:00 +0000",
            "date_updated": "Thu, 01 Oct 2020 08:00:00 +0000",
            "subresource_uris": {},
            "uri": f"/2010-04-01/Accounts/{sid}.json",
        }
