"""One platform under one policy, quarter hour by quarter hour: the engine's rules in virtual time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from random import Random

from outreach.domain.load_shedding import MODES, NEVER_SHED, SMS_BEFORE_DEADLINE, Mode
from outreach.domain.next_steps import NextStep, StepFacts, StepKind, next_step
from outreach.domain.outcomes import FLAGS, CallOutcome
from outreach.domain.purposes import Purpose
from outreach.replay.cohorts import (
    Cohort,
    Group,
    call_class,
    contact_groups,
    minute_of,
    moment,
    positive_groups,
)
from outreach.replay.draws import poisson, some_of, split
from outreach.replay.figures import Figures, ModeSpan
from outreach.replay.looking_ahead import LookingAhead
from outreach.replay.policies import Policy
from outreach.replay.setting import HOUR, Setting, Told
from outreach.replay.virtual_list import VirtualList

DAY = 24 * HOUR
CALLBACK_AFTER = 2 * HOUR
UNANSWERED = (
    CallOutcome.BUSY,
    CallOutcome.VOICEMAIL_NONE,
    CallOutcome.THIRD_PARTY,
    CallOutcome.NO_ANSWER,
)


class VirtualPlatform:
    """`run` plays the whole curve; the same seed gives every policy the same positives."""

    def __init__(self, setting: Setting, policy: Policy, seed: int) -> None:
        self.setting, self.policy, self.seed = setting, policy, seed
        self.rates, self.shares = setting.assumptions.rates, setting.assumptions.shares
        self.random = Random(seed + 1)
        self.list = VirtualList(policy)
        self.figures = Figures(policy.name)
        self.mode = policy.mode or Mode.NORMAL
        self.looking_ahead = LookingAhead(setting) if policy.mode is None else None
        self.named = 0
        self.owed = 0.0  # minutes that calls begun in the last quarter hour still take
        self._positives = positive_groups(setting.assumptions)
        self._contacts = contact_groups(setting.assumptions)

    def run(self) -> Figures:
        told = self.setting.told(self.seed)
        arrivals = sorted((each for day in told.values() for each in day), key=lambda each: each.told_at)
        place = 0
        for day in self.setting.days():
            steps = self.setting.steps_of(day)
            for now in steps:
                while place < len(arrivals) and arrivals[place].told_at <= now:
                    self._tell(arrivals[place], now)
                    place += 1
                self._step(now, day, self.setting.minutes_of_day() / len(steps))
            self._close_day(day)
        return self.figures

    def _step(self, now: int, day: date, minutes: float) -> None:
        self.list.wake(now)
        if self.looking_ahead is not None and self.looking_ahead.is_time(now):
            self._choose_mode(self.looking_ahead, now)
        level = MODES[self.mode].level
        for cohort in list(self.list.take_shed(level)):
            self._text(cohort, now)
        if self.policy.texts_after_misses and now % HOUR == 0:
            self._text_before_late(now)
        left = minutes - self.owed
        while left > 0 and (urgent := self.list.most_urgent(now, level)) is not None:
            left -= self._call(urgent, now, left)
        self.owed = max(0.0, -left)
        figures = self.figures.days[day]
        figures.minutes += minutes
        figures.minutes_used += minutes - max(0.0, left)
        self._list_contacts(now)

    def _text_before_late(self, now: int) -> None:
        """Contacts whom nobody called, and whose 24 hours are nearly over."""
        ends = now + SMS_BEFORE_DEADLINE // timedelta(minutes=1)

        def is_told(cohort: Cohort) -> bool:
            ending = now <= cohort.effective <= ends
            return ending and cohort.shed_level != NEVER_SHED and cohort.group.purpose is Purpose.INFORM

        for cohort in self.list.take(is_told):
            self._text(cohort, now)

    def _choose_mode(self, looking_ahead: LookingAhead, now: int) -> None:
        decision = looking_ahead.decide(self.list.everyone(), self.mode, now)
        if decision.mode is not self.mode:
            self.mode = decision.mode
            self.figures.modes.append(ModeSpan(now, decision.mode, decision.because))

    def _close_day(self, day: date) -> None:
        figures = self.figures.days[day]
        figures.backlog_positives, figures.backlog_contacts = self.list.backlog()
        self.figures.most_cohorts = max(self.figures.most_cohorts, self.list.cohorts())

    def _tell(self, told: Told, now: int) -> None:
        """Results become entries of the list."""
        self.figures.days[self.setting.local_day(told.result_at)].positives += told.size
        if self.looking_ahead is not None:
            self.looking_ahead.learn(self.setting.local_day(told.told_at), told.size)
        for group, size in self._split(told.size, self._positives):
            self.list.add(self._entry(group, size, told.result_at), now)

    def _list_contacts(self, now: int) -> None:
        """Contacts named in the calls of this step."""
        if self.named:
            self.figures.days[self.setting.local_day(now)].contacts += self.named
            for group, size in self._split(self.named, self._contacts):
                self.list.add(self._entry(group, size, now), now)
            self.named = 0

    def _split(self, size: int, groups: Sequence[Group]) -> list[tuple[Group, int]]:
        sizes = split(self.random, size, [group.share for group in groups])
        return [(group, part) for group, part in zip(groups, sizes, strict=True) if part]

    def _entry(self, group: Group, size: int, opened_at: int) -> Cohort:
        deadline, effective = self.setting.due(opened_at)
        return Cohort(
            group,
            opened_at,
            deadline,
            effective,
            size,
            group.shed_level,
            _class_of(group),
            0 if group.fragile and group.purpose is Purpose.INTERVIEW else 1,
        )

    def _call(self, cohort: Cohort, now: int, left: float) -> float:
        """Call as many of a cohort as there are minutes for; the minutes it took."""
        script, purpose = MODES[self.mode].script, cohort.group.purpose
        part = self.setting.hours[Purpose.INTERVIEW].day_part(moment(now))
        expected = self.rates.per_try(purpose, script, part)
        size = min(cohort.size, max(1, math.ceil(left / expected)))
        if size < cohort.size:
            self.list.add(cohort.part(cohort.size - size), now)
        answered = some_of(self.random, size, self.rates.answers[part])
        self._count_call(cohort, size, now)
        for outcome, people in self._outcomes(purpose, answered, size - answered):
            if people:
                self._follow(cohort.part(people), outcome, now)
        return answered * self.rates.minutes(purpose, script) + (size - answered) * self.rates.missed

    def _count_call(self, cohort: Cohort, size: int, now: int) -> None:
        self.figures.days[self.setting.local_day(now)].calls += size
        if cohort.group.purpose is Purpose.INTERVIEW and cohort.tries == 0 and now <= cohort.deadline:
            self.figures.days[self.setting.local_day(cohort.opened_at)].called_in_time += size

    def _outcomes(self, purpose: Purpose, answered: int, missed: int) -> list[tuple[CallOutcome, int]]:
        shares, said = self.shares, CallOutcome.COMPLETED
        if purpose is not Purpose.INTERVIEW:
            said = CallOutcome.INFO_GIVEN
        agreed = some_of(self.random, answered, shares.callbacks)
        partial = some_of(self.random, answered - agreed, shares.partial)
        rest = 1 - shares.busy - shares.voicemail - shares.third_party
        lines = split(self.random, missed, (shares.busy, shares.voicemail, shares.third_party, rest))
        return [
            (said, answered - agreed - partial),
            (CallOutcome.CALLBACK_AT, agreed),
            (CallOutcome.PARTIAL, partial),
            *zip(UNANSWERED, lines, strict=True),
        ]

    def _follow(self, people: Cohort, outcome: CallOutcome, now: int) -> None:
        """What the outcome gives, by the engine's own rule."""
        if FLAGS[outcome].meets_24h:
            self._count_met(people, now)
        step = self._next_step(people, outcome, now)
        people.tries = step.tries
        if step.kind is StepKind.TEXT:
            self._text(people, now)
        elif step.at is not None:
            self._again(people, step, now)
        elif people.group.purpose is Purpose.INTERVIEW and outcome is CallOutcome.COMPLETED:
            self.named += poisson(self.random, people.size * self.rates.contacts_per_positive)

    def _next_step(self, people: Cohort, outcome: CallOutcome, now: int) -> NextStep:
        hours = self.setting.hours[people.group.purpose]
        callback = outcome is CallOutcome.CALLBACK_AT
        return next_step(
            outcome,
            StepFacts(
                purpose=people.group.purpose,
                now=moment(now),
                hours=hours,
                deadline=moment(people.deadline),
                effective_deadline=moment(people.effective),
                tries=people.tries,
                most_tries=MODES[self.mode].contact_tries,
                misses_before_sms=MODES[self.mode].misses_before_sms,
                callback_at=hours.next_open(moment(now + CALLBACK_AFTER)) if callback else None,
                by_supervisor=callback,
                can_sms=self.policy.texts_after_misses and people.group.can_sms and not people.informed,
            ),
        )

    def _again(self, people: Cohort, step: NextStep, now: int) -> None:
        assert step.at is not None
        people.not_before = minute_of(step.at)
        if step.kind is StepKind.CALLBACK:
            people.shed_level, people.call_class = NEVER_SHED, _class_of(people.group, callback=True)
        self.list.add(people, now)

    def _count_met(self, people: Cohort, now: int) -> None:
        figures = self.figures.days[self.setting.local_day(people.opened_at)]
        in_time = people.size if now <= people.deadline else 0
        if people.group.purpose is Purpose.INTERVIEW and not people.reached:
            figures.reached_in_time += in_time
            people.reached = True
        elif people.group.purpose is Purpose.INFORM and not people.informed:
            figures.informed_in_time += in_time
            people.informed = True

    def _text(self, people: Cohort, now: int) -> None:
        """An SMS stands for the call: delivered and read, or the person is called after all."""
        sms = self.rates.sms
        self.figures.days[self.setting.local_day(now)].messages += people.size
        delivered = some_of(self.random, people.size, sms.delivered)
        self._return(people.part(people.size - delivered), now, now)
        told = people.part(delivered)
        self._count_met(told, now)
        asks = some_of(self.random, delivered, sms.asks)
        self._return(told.part(asks), now, now)
        unread = some_of(self.random, delivered - asks, 1 - sms.read / (1 - sms.asks))
        self._return(told.part(unread), now + DAY, now)

    def _return(self, people: Cohort, at: int, now: int) -> None:
        """Back to the calls with the deadline they had; never texted again."""
        if people.size == 0:
            return
        people.shed_level = NEVER_SHED
        people.call_class = _class_of(people.group, sms_returned=True)
        people.group = _without_sms(people.group)
        if at > now:
            self.list.expect_reading(people, at)
        else:
            self.list.add(people, now)


@lru_cache(maxsize=64)
def _without_sms(group: Group) -> Group:
    return replace(group, can_sms=False)


@lru_cache(maxsize=256)
def _class_of(group: Group, *, callback: bool = False, sms_returned: bool = False) -> int:
    return call_class(group, "Europe/Paris", callback=callback, sms_returned=sms_returned)
