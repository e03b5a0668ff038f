"""Live pages: what has changed, as server-sent events. A page then asks anew for the parts it shows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Annotated

from fastapi import Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from outreach.clock import monotonic
from outreach.errors import NotFound
from outreach.queues.live_feed import LiveFeed
from outreach.services.access import Asker
from outreach.web.pages.access import PageAnybody, signed_in
from outreach.web.pages.frame import page_router

router = page_router("/live")
QUIET_SECONDS = 15.0  # then a sign of life, so that nothing on the way closes the line
LOOK_AGAIN = 60.0  # seconds after which the session is checked again
Topics = Annotated[list[str], Query(min_length=1, max_length=12)]


@router.get("")
async def listen(request: Request, asker: PageAnybody, topic: Topics) -> Response:
    """Events named after the family of what changed: agent, platform, orders."""
    feed: LiveFeed = request.app.state.live_feed
    stream = _events(request, feed, _topics(asker, topic))
    return StreamingResponse(stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _topics(asker: Asker, asked: Iterable[str]) -> list[str]:
    """Their own, and their platforms'. Raises NotFound."""
    return [_topic(asker, topic) for topic in asked]


def _topic(asker: Asker, asked: str) -> str:
    family, _, code = asked.partition(":")
    if family == "agent" and not code:
        return f"agent:{asker.user_id}"
    if family in ("platform", "orders"):
        asker.need_platform(code)
        return asked
    raise NotFound("There is no such topic.")


async def _events(request: Request, feed: LiveFeed, topics: list[str]) -> AsyncIterator[str]:
    looked = monotonic()
    with feed.watching(topics) as watcher:
        yield "retry: 1000\nevent: hello\ndata: 1\n\n"
        while True:
            changed = await watcher.wait(QUIET_SECONDS)
            if monotonic() - looked > LOOK_AGAIN:
                looked = monotonic()
                if await run_in_threadpool(signed_in, request) is None:
                    return
            if changed:
                yield "".join(f"event: {family}\ndata: 1\n\n" for family in sorted(_families(changed)))
            else:
                yield ": still here\n\n"


def _families(topics: Iterable[str]) -> set[str]:
    return {topic.partition(":")[0] for topic in topics}
