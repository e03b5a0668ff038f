"""Who looks at a personal page: only a browser that shows it to someone counts as reading (ADR 13)."""

from __future__ import annotations

import re
from collections.abc import Mapping

# Programs that look at an address before, or without, showing it: previews, scanners, prefetching.
_PREVIEWS = (
    "(?<!cu)bot",  # Cubot makes phones
    "crawl",
    "spider",
    "preview",
    "facebookexternalhit",
    "whatsapp",
    "telegram",
    "slack",
    "skype",
    "headless",
    "curl",
    "wget",
    "python",
    "okhttp",
    "java",
    "go-http",
)
_PREVIEW = re.compile("|".join(_PREVIEWS))
_AHEAD_OF_TIME = ("sec-purpose", "purpose", "x-purpose", "x-moz")


def shows_the_page(headers: Mapping[str, str]) -> bool:
    """Whether the request for the page's own image comes from a browser that draws the page for someone.

    `headers` with small names. Previews fetch a page but not its pictures; a browser says that it fetches an
    image for this very page (Sec-Fetch-*). One that is too old to say so is believed at the button only.
    """
    if any(
        "prefetch" in headers.get(name, "") or "preview" in headers.get(name, "") for name in _AHEAD_OF_TIME
    ):
        return False
    agent = headers.get("user-agent", "").lower()
    if not agent or _PREVIEW.search(agent):
        return False
    return headers.get("sec-fetch-dest") == "image" and headers.get("sec-fetch-site") == "same-origin"
