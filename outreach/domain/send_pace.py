"""How fast one sender posts: a bucket of segments that fills with time; its pace is learned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

SLOWER, FASTER = 2, 10  # halved at a refusal; a tenth more after a clean batch
FIRST_PAUSE = timedelta(seconds=1)
BURST_SECONDS = 1
KEPT_FOR_URGENT = 5  # a fifth of a burst


@dataclass(frozen=True)
class SenderPace:
    """`pace` and `most` in segments per second; `tokens`: segments that may go now, a burst at most.

    A message may overdraw the bucket, or a pace of one would never send two segments.
    """

    pace: int
    most: int
    tokens: int
    refilled_at: datetime
    paused_until: datetime | None = None
    stopped_because: str | None = None

    def refilled(self, now: datetime) -> SenderPace:
        """The bucket as of now. A part of a segment stays in the clock, so that a slow pace loses nothing."""
        elapsed = (now - self.refilled_at).total_seconds()
        earned = int(elapsed * self.pace)
        if earned <= 0:
            return self
        tokens = min(self.pace * BURST_SECONDS, self.tokens + earned)
        return replace(
            self, tokens=tokens, refilled_at=self.refilled_at + timedelta(seconds=earned / self.pace)
        )

    def allowance(self, now: datetime) -> int:
        """Segments that may be claimed now; none while paused or stopped."""
        paused = self.paused_until is not None and now < self.paused_until
        return 0 if paused or self.stopped_because else max(0, self.tokens)

    def bulk_allowance(self, now: datetime) -> int:
        """What may be claimed for those who can wait: a missed call always finds tokens left."""
        return max(0, self.allowance(now) - self.pace * BURST_SECONDS // KEPT_FOR_URGENT)

    def spent(self, segments: int) -> SenderPace:
        return replace(self, tokens=self.tokens - segments)

    def after_batch(self, *, slowed_down: bool, now: datetime) -> SenderPace:
        """Down by half and a pause when the carrier asked for it, else a little back up."""
        if slowed_down:
            return replace(
                self,
                pace=max(1, self.pace // SLOWER),
                tokens=0,
                paused_until=now + FIRST_PAUSE,
                refilled_at=now,
            )
        return replace(self, pace=min(self.most, self.pace + max(1, self.pace // FASTER)))
