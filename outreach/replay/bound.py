"""What no policy can beat: a clairvoyant who wastes no minute (docs/replay.md derives it).

Every minute of every agent goes to first calls of positives that are still in time, each at the cost of the
lightest interview, in order of their deadlines; whoever can no longer be in time is let go. All deadlines lie
24 hours after the results, so who came later is never due earlier, and an exchange of two calls shows that no
other order has more first calls in time. Retries, contacts and switches cost nothing here.
"""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import date

from outreach.domain.load_shedding import ScriptLength
from outreach.domain.purposes import Purpose
from outreach.replay.cohorts import moment
from outreach.replay.contact_bound import most_informed
from outreach.replay.figures import Bound
from outreach.replay.setting import Setting, Told


def bound_of(setting: Setting, seed: int) -> Bound:
    """The bound for the positives that a seed draws."""
    arrivals = deque(sorted((t for day in setting.told(seed).values() for t in day), key=lambda t: t.told_at))
    rates, hours = setting.assumptions.rates, setting.hours[Purpose.INTERVIEW]
    called, positives = defaultdict[date, float](float), defaultdict[date, float](float)
    informed = most_informed(setting, arrivals)
    waiting: deque[tuple[int, float, date]] = deque()
    for told in arrivals:
        positives[setting.local_day(told.result_at)] += told.size
    for now, minutes in setting.minutes():
        _arrive(setting, arrivals, waiting, now)
        cost = rates.per_try(Purpose.INTERVIEW, ScriptLength.LIGHT, hours.day_part(moment(now)))
        _serve(waiting, called, now, minutes / cost)
    return Bound(called_in_time=dict(called), positives=dict(positives), informed_share=informed)


def _arrive(
    setting: Setting, arrivals: deque[Told], waiting: deque[tuple[int, float, date]], now: int
) -> None:
    while arrivals and arrivals[0].told_at <= now:
        told = arrivals.popleft()
        deadline, _ = setting.due(told.result_at)
        waiting.append((deadline, told.size, setting.local_day(told.result_at)))


def _serve(
    waiting: deque[tuple[int, float, date]], called: dict[date, float], now: int, calls: float
) -> None:
    """First calls of one quarter hour, by deadline."""
    while waiting and waiting[0][0] < now:
        waiting.popleft()
    while waiting and calls > 0:
        deadline, size, day = waiting.popleft()
        served = min(size, calls)
        calls -= served
        called[day] += served
        if served < size:
            waiting.appendleft((deadline, size - served, day))
