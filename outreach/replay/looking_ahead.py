"""AUTO in a replay: what a platform knows at that hour, put to the forecast that production uses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

from outreach.domain.arrivals import ArrivalHistory, expected_arrivals
from outreach.domain.auto_mode import CAUTION, LOOKS_AHEAD, AutoDecision, AutoRule, choose
from outreach.domain.call_list import CallClass
from outreach.domain.forecast import HourAhead, Outlook, WaitingGroup, forecast
from outreach.domain.load_shedding import Mode
from outreach.domain.purposes import Purpose
from outreach.replay.cohorts import Cohort, moment
from outreach.replay.setting import HOUR, STEP, Setting

DECIDES_AT = (9, 12, 15, 18)  # local hours


class LookingAhead:
    """Learns arrivals day by day; knows nothing of the curve ahead."""

    def __init__(self, setting: Setting) -> None:
        self.setting, self.rule = setting, AutoRule()
        self.by_day: dict[date, int] = defaultdict(int)
        self.since = moment(0)
        self._minutes: dict[int, float] = {}
        self._step_minutes: dict[date, tuple[frozenset[int], float]] = {}

    def learn(self, day: date, size: int) -> None:
        self.by_day[day] += size

    def is_time(self, now: int) -> bool:
        local = moment(now).astimezone(ZoneInfo(self.setting.zone))
        return local.minute == 0 and local.hour in DECIDES_AT

    def decide(self, waiting: Iterable[Cohort], mode: Mode, now: int) -> AutoDecision:
        at = moment(now)
        outlook = Outlook(
            waiting=_groups(waiting, now), hours=self._hours(now), rates=self.setting.assumptions.rates
        )
        decision = choose(partial(forecast, outlook), mode, since=self.since, now=at, rule=self.rule)
        if decision.mode is not mode:
            self.since = at
        return decision

    def _hours(self, now: int) -> list[HourAhead]:
        told = self.setting.assumptions.result_hours
        lag = round(self.setting.assumptions.told_after / HOUR)
        history = ArrivalHistory(self.by_day, [*told[-lag:], *told[:-lag]], self.setting.zone)
        expected = expected_arrivals(history, moment(now), LOOKS_AHEAD)
        hours = self.setting.hours[Purpose.INTERVIEW]
        return [
            HourAhead(
                at=moment(start),
                minutes=self._minutes_in(start),
                positives=positives * CAUTION,
                part=hours.day_part(moment(start)),
                due_in=max(0, (self.setting.due(start - lag * HOUR)[1] - start) // HOUR),
            )
            for start, positives in ((now + n * HOUR, each) for n, each in enumerate(expected))
        ]

    def _minutes_in(self, start: int) -> float:
        """Agents' minutes in the hour from `start`."""
        if start not in self._minutes:
            day = self.setting.local_day(start)
            if day not in self._step_minutes:
                steps = self.setting.steps_of(day)
                self._step_minutes[day] = frozenset(steps), self.setting.minutes_of_day() / max(1, len(steps))
            steps_open, minutes = self._step_minutes[day]
            self._minutes[start] = minutes * sum(m in steps_open for m in range(start, start + HOUR, STEP))
        return self._minutes[start]


def _groups(waiting: Iterable[Cohort], now: int) -> list[WaitingGroup]:
    """Cohorts that a forecast need not tell apart, together."""
    sizes: dict[tuple[Purpose, int, int, int, bool], int] = defaultdict(int)
    for cohort in waiting:
        due_in = max(-1, (cohort.effective - now) // HOUR)
        from_sms = cohort.call_class == CallClass.SMS_RETURNED
        sizes[cohort.group.purpose, due_in, min(cohort.tries, 2), cohort.shed_level, from_sms] += cohort.size
    return [
        WaitingGroup(purpose, size, due_in, tries, shed_level, from_sms)
        for (purpose, due_in, tries, shed_level, from_sms), size in sizes.items()
    ]
