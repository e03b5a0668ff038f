"""Parts of pages that many people watch: drawn once for all who ask in the same language."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from outreach.clock import monotonic
from outreach.queues.live_feed import LiveFeed
from outreach.web.pages.drawing import headers_with, language_of
from outreach.web.pages.packing import Packed, may_be_packed

LONGEST_KEPT = 5.0  # seconds: durations are written in words


@dataclass(frozen=True)
class _Drawing:
    """One drawing, finished or being made."""

    began: float
    made: asyncio.Future[Packed]

    @property
    def failed(self) -> bool:
        return self.made.done() and (self.made.cancelled() or self.made.exception() is not None)


@dataclass(frozen=True)
class SharedDrawings:
    """Belongs to the event loop it is used on. Whoever asks while a drawing is made waits, in no thread.

    A drawing is used again until its topic's pages have been told of a change since it began.
    """

    _latest: dict[tuple[str, ...], _Drawing] = field(default_factory=dict)

    async def shared(self, request: Request, topic: str, part: str, draw: Callable[[], str]) -> Response:
        """The part as it stands; `topic`: the one whose events make pages ask for it anew.

        `Server-Timing` tells the milliseconds since its drawing began.
        """
        key = (part, topic, language_of(request))
        drawing = self._latest.get(key)
        if drawing is None or _is_due(request, topic, drawing):
            drawing = self._latest[key] = _Drawing(
                monotonic(), asyncio.ensure_future(run_in_threadpool(_packed, draw))
            )
        packed = await asyncio.shield(drawing.made)
        age = f"drawn;dur={(monotonic() - drawing.began) * 1000:.1f}"
        return packed.answer(may_be_packed(request), {**headers_with(), "Server-Timing": age})


def _is_due(request: Request, topic: str, drawing: _Drawing) -> bool:
    feed: LiveFeed = request.app.state.live_feed
    told = feed.told_at(topic)
    return drawing.failed or drawing.began <= told or monotonic() - drawing.began > LONGEST_KEPT


def _packed(draw: Callable[[], str]) -> Packed:
    return Packed(draw().encode())
