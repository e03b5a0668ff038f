"""The choices that all message services share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from outreach.domain.sending import SendRules
from outreach.domain.sms_hours import SmsHours


@dataclass(frozen=True)
class MessageSettings:
    """`sender`: number or service of platforms without their own; `outreach_number`: the one people call.

    `grace`: how long a message of unknown fate may still be reported or listed. A crash leaves `batch`
    messages of unknown fate in each of its `lanes` at most.
    """

    sender: str
    outreach_number: str
    information_address: str = "ameli.fr"
    hours: SmsHours = field(default_factory=SmsHours)
    segments_per_second: int = 10
    segment_price: Decimal = Decimal(0)  # euros
    batch: int = 200
    lanes: int = 4  # one of several takes urgent messages only
    post_seconds: float = 20.0
    grace: timedelta = timedelta(seconds=120)
    receipt_after: timedelta = timedelta(minutes=15)
    unread_after: timedelta = timedelta(hours=24)

    @property
    def deadline_seconds(self) -> float:
        """The hard deadline of one batch: over well before anyone may judge its messages."""
        return min(self.post_seconds, self.grace.total_seconds() / 2)

    def rules(self, segments_of_shed: int) -> SendRules:
        """What of these the machine of sending obeys."""
        return SendRules(
            default_sender=self.sender,
            hours=self.hours,
            batch=self.batch,
            segments_of_shed=segments_of_shed,
            segment_price=self.segment_price,
            deadline_seconds=self.deadline_seconds,
            grace=self.grace,
            receipt_after=self.receipt_after,
            unread_after=self.unread_after,
        )
