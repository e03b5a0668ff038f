"""The moments at which someone may choose to be called, all inside their calling hours."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from outreach.domain.calling_hours import OpenHours

OFFERED_HOURS = (9, 11, 13, 15, 17, 19)  # on the callee's clock
OFFERED_DAYS = 3
MOST_OFFERED = 9
SOONEST = timedelta(hours=1)  # sooner is "as soon as possible"


def callback_times(hours: OpenHours, now: datetime) -> list[datetime]:
    """Soonest first; empty while nobody calls in the next days."""
    zone = ZoneInfo(hours.zone)
    today = now.astimezone(zone).date()
    offered = (
        datetime.combine(today + timedelta(days=day), time(hour), zone)
        for day in range(OFFERED_DAYS)
        for hour in OFFERED_HOURS
    )
    return [moment for moment in offered if moment >= now + SOONEST and hours.is_open(moment)][:MOST_OFFERED]
