"""What no policy can beat: a clairvoyant who wastes no minute (docs/replay.md derives it).

Positives: every minute of every agent goes to first calls that are still in time, each at the cost of the
lightest interview, in order of their deadlines; whoever can no longer be in time is let go. All deadlines lie
24 hours after the results, so who came later is never due earlier, and an exchange of two calls shows that no
other order has more first calls in time. Retries, contacts and switches cost nothing here.

Contacts: all who can receive an SMS get one at once; the others share the minutes that the first calls left.
"""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import date

from outreach.domain.load_shedding import ScriptLength
from outreach.domain.purposes import Purpose
from outreach.replay.cohorts import moment
from outreach.replay.figures import Bound
from outreach.replay.setting import Setting, Told


def bound_of(setting: Setting, seed: int) -> Bound:
    """The bound for the positives that a seed draws."""
    arrivals = deque(sorted((t for day in setting.told(seed).values() for t in day), key=lambda t: t.told_at))
    rates, hours = setting.assumptions.rates, setting.hours[Purpose.INTERVIEW]
    called, positives = defaultdict[date, float](float), defaultdict[date, float](float)
    informed: dict[date, float] = {}
    waiting: deque[tuple[int, float, date]] = deque()
    for told in arrivals:
        positives[setting.local_day(told.result_at)] += told.size
    for day in setting.days():
        steps, spare = setting.steps_of(day), 0.0
        for now in steps:
            _arrive(setting, arrivals, waiting, now)
            cost = rates.per_try(Purpose.INTERVIEW, ScriptLength.LIGHT, hours.day_part(moment(now)))
            spare += _serve(waiting, called, now, setting.minutes_of_day() / len(steps), cost)
        informed[day] = _informed(setting, positives.get(day, 0.0), spare)
    return Bound(called_in_time=dict(called), positives=dict(positives), informed_share=informed)


def _arrive(
    setting: Setting, arrivals: deque[Told], waiting: deque[tuple[int, float, date]], now: int
) -> None:
    while arrivals and arrivals[0].told_at <= now:
        told = arrivals.popleft()
        deadline, _ = setting.due(told.result_at)
        waiting.append((deadline, told.size, setting.local_day(told.result_at)))


def _serve(
    waiting: deque[tuple[int, float, date]], called: dict[date, float], now: int, minutes: float, cost: float
) -> float:
    """First calls of one quarter hour, by deadline; the minutes left over."""
    while waiting and waiting[0][0] < now:
        waiting.popleft()
    while waiting and minutes > 0:
        deadline, size, day = waiting.popleft()
        served = min(size, minutes / cost)
        minutes -= served * cost
        called[day] += served
        if served < size:
            waiting.appendleft((deadline, size - served, day))
            return 0.0
    return minutes


def _informed(setting: Setting, positives: float, spare: float) -> float:
    """Share of a day's contacts that can be informed in time."""
    rates = setting.assumptions.rates
    by_sms = rates.sms.can_receive * rates.sms.delivered
    contacts = positives * rates.contacts_per_positive
    calls = spare / rates.minutes(Purpose.INFORM, ScriptLength.LIGHT)
    return min(1.0, by_sms + calls / contacts) if contacts else 1.0
