"""Where a form to sign in comes from: a keyed digest of its address, and the browser in two words."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from outreach.services.sign_in import Origin
from outreach.web.access import app_of
from outreach.web.limits import network_of
from outreach.web.pages.access import check_origin

ADDRESS_DIGITS = 12  # hexadecimal, of the digest: enough to see that two are the same
# The first that is found counts: Edge and Opera also call themselves Chrome, and Chrome calls itself Safari.
BROWSERS = {
    "Firefox/": "Firefox",
    "Edg": "Edge",
    "OPR/": "Opera",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def device_of(user_agent: str) -> str:
    """ "Firefox, Windows"; "" for what calls itself neither."""
    words = (
        next((name for mark, name in family.items() if mark in user_agent), "")
        for family in (BROWSERS, SYSTEMS)
    )
    return ", ".join(word for word in words if word)


def origin_of(request: Request) -> Origin:
    """For forms of those who are not signed in yet. Raises NotAllowed for a form of another site."""
    check_origin(request)
    host = network_of(request.client.host if request.client else "")
    address = app_of(request).vault.index("address", host).hex()[:ADDRESS_DIGITS]
    return Origin(address, device_of(request.headers.get("user-agent", "")))


Coming = Annotated[Origin, Depends(origin_of)]
