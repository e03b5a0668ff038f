"""What the next hours bring under each mode: who is called and informed in time, and when it goes wrong.

The list is poured, hour by hour, through the minutes that agents have: first calls of positives, other tries
of positives, contacts by class, people whom an SMS did not reach, follow-ups. Amounts are expectations, so
fractions of people are meant. The real list obeys the same order (domain/call_list.py).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from outreach.domain.calling_hours import DayPart
from outreach.domain.forecast_lanes import SOME, Lane, Share
from outreach.domain.load_shedding import (
    MODES,
    NEVER_SHED,
    SMS_BEFORE_DEADLINE,
    Mode,
    ModeRule,
    ModeRules,
    is_shed,
)
from outreach.domain.purposes import Purpose
from outreach.domain.work_rates import WorkRates

AGAIN_AFTER = 2  # hours, before a missed person is tried again
INFORM_WITHIN = 24  # hours, from the listing
TEXT_BEFORE_LATE = SMS_BEFORE_DEADLINE // timedelta(hours=1)
DAY = 24  # hours


@dataclass(frozen=True)
class HourAhead:
    """One hour of the horizon. `minutes`: of agents; `due_in`: hours until a result told now is due."""

    at: datetime
    minutes: float
    positives: float
    part: DayPart
    due_in: int


@dataclass(frozen=True)
class WaitingGroup:
    """People on the list who wait alike. `due_in`: whole hours left, negative when late.

    `helped`: the share of them whom another platform's agents will call, should this mode call them.
    """

    purpose: Purpose
    size: float
    due_in: int
    tries: int = 0
    shed_level: int = 0
    from_sms: bool = False  # an SMS did not reach them: called last of the contacts
    ready_in: int = 0  # hours until they wait for a call at all
    helped: float = 0.0

    def ours(self) -> WaitingGroup:
        """Those of them whom the platform's own agents will call."""
        return replace(self, size=self.size * (1 - self.helped)) if self.helped else self


@dataclass(frozen=True)
class Outlook:
    """What is known: the list now, the hours ahead, the rates. `sms_price`: euros for a segment."""

    waiting: Sequence[WaitingGroup]
    hours: Sequence[HourAhead]
    rates: WorkRates
    follow_ups: float = 0.0  # waiting, of classes 7 and 8
    rules: ModeRules = field(default_factory=lambda: MODES)  # of the platform


@dataclass(frozen=True)
class HourEnd:
    """Who waits for a call at the end of an hour. `called`: in time, of positives due in the day before."""

    positives: float
    contacts: float
    from_sms: float
    follow_ups: float
    called: float | None


@dataclass(frozen=True)
class ModeForecast:
    """What a mode leads to. Shares between 0 and 1, of those due within the horizon; None when nobody is.

    `informed_at_last`: the part of `informed_in_time` that only an SMS in the last hours brings.
    """

    mode: Mode
    called_in_time: float | None
    reached_in_time: float | None
    informed_in_time: float | None
    late_from: datetime | None  # the hour at which positives start to be late
    backlog: tuple[float, ...]  # people waiting for a call at the end of each hour
    messages: float
    segments: float
    agent_hours: float
    called_range: tuple[float, float] | None = None
    informed_range: tuple[float, float] | None = None
    curve: tuple[HourEnd, ...] = ()
    informed_at_last: float = 0.0


def forecast(outlook: Outlook, mode: Mode) -> ModeForecast:
    """One mode from now to the end of the horizon."""
    return _Pouring(outlook, outlook.rules[mode]).run()


@dataclass(frozen=True)
class Doubt:
    """How far off a forecast may be: factors on arrivals and on answers, for the worse and the better."""

    worse: tuple[float, float] = (1.25, 0.92)
    better: tuple[float, float] = (0.8, 1.06)


def forecast_with_range(outlook: Outlook, mode: Mode, doubt: Doubt) -> ModeForecast:
    """The forecast, with the shares under the worse and the better case as its range."""
    middle = forecast(outlook, mode)
    low = forecast(_shifted(outlook, *doubt.worse), mode)
    high = forecast(_shifted(outlook, *doubt.better), mode)
    return replace(
        middle,
        called_range=_range(low.called_in_time, middle.called_in_time, high.called_in_time),
        informed_range=_range(low.informed_in_time, middle.informed_in_time, high.informed_in_time),
    )


def with_agents(outlook: Outlook, more: float) -> Outlook:
    """The same, with so many more agents (or fewer) whenever anyone is there."""
    hours = [
        replace(hour, minutes=max(0.0, hour.minutes + 60 * more)) if hour.minutes > 0 else hour
        for hour in outlook.hours
    ]
    return replace(outlook, hours=hours)


def minutes_to_inform(rates: WorkRates, rule: ModeRule) -> float:
    """What telling one contact by phone takes, all tries of the plan counted."""
    spent, left = 0.0, 1.0
    parts = tuple(DayPart)
    for tried in range(rule.contact_tries):
        part = parts[tried % len(parts)]
        spent += left * rates.per_try(Purpose.INFORM, rule.script, part)
        left *= 1 - rates.answers[part]
    return spent


def _shifted(outlook: Outlook, arrivals: float, answers: float) -> Outlook:
    hours = [replace(hour, positives=hour.positives * arrivals) for hour in outlook.hours]
    return replace(outlook, hours=hours, rates=outlook.rates.with_answers(answers))


def _range(*shares: float | None) -> tuple[float, float] | None:
    known = [share for share in shares if share is not None]
    return (min(known), max(known)) if known else None


class _Pouring:
    """One run; `first`: positives not called yet and still in time; `again`: the other tries of positives."""

    def __init__(self, outlook: Outlook, rule: ModeRule) -> None:
        self.outlook, self.rates, self.rule = outlook, outlook.rates, rule
        self.first, self.again, self.from_sms = Lane(), Lane(), Lane()
        self.contacts = Lane()
        self.called, self.reached, self.informed = Share(), Share(), Share()
        self.at_last = 0.0
        self.messages = self.used = 0.0
        self.follow_ups = outlook.follow_ups
        self.late_from: datetime | None = None
        self.horizon = len(outlook.hours)
        self.due_by_hour, self.late_by_hour = [0.0] * self.horizon, [0.0] * self.horizon
        self._take_waiting()

    def run(self) -> ModeForecast:
        curve = []
        for index, hour in enumerate(self.outlook.hours):
            self._arrive(index, hour)
            self._text_before_late(index)
            left = hour.minutes
            if left > 0:
                left = self._call_positives(index, hour, left)
                left = self._call_contacts(index, hour, left)
                left = self._call_from_sms(index, hour, left)
                left = self._follow_up(hour, left)
            self.used += hour.minutes - left
            self._count_late(index, hour)
            curve.append(self._hour_end(index))
        return ModeForecast(
            mode=self.rule.mode,
            called_in_time=self.called.share(),
            reached_in_time=self.reached.share(),
            informed_in_time=self.informed.share(),
            late_from=self.late_from,
            backlog=tuple(end.positives + end.contacts + end.from_sms + end.follow_ups for end in curve),
            messages=self.messages,
            segments=self.messages * self.rates.sms.segments,
            agent_hours=self.used / 60,
            curve=tuple(curve),
            informed_at_last=self.at_last / self.informed.due if self.informed.due > SOME else 0.0,
        )

    def _hour_end(self, index: int) -> HourEnd:
        day = slice(max(0, index - DAY + 1), index + 1)
        due, late = sum(self.due_by_hour[day]), sum(self.late_by_hour[day])
        return HourEnd(
            positives=self.first.size() + self.again.size(),
            contacts=self.contacts.size(),
            from_sms=self.from_sms.size(),
            follow_ups=self.follow_ups,
            called=max(0.0, 1 - late / due) if due > SOME else None,
        )

    def _due_to_call(self, due: int, size: float) -> None:
        if due < self.horizon:
            self.called.due += size
            self.due_by_hour[due] += size

    def _take_waiting(self) -> None:
        for group in sorted(self.outlook.waiting, key=lambda group: group.due_in):
            if group.purpose is Purpose.INTERVIEW:
                self._take_positives(group.ours())
            elif group.from_sms:
                size = group.ours().size
                self.from_sms.add(group.due_in, size, ready=group.ready_in, tries=int(group.ready_in > 0))
            elif group.purpose is Purpose.INFORM:
                self._take_contacts(group)

    def _take_positives(self, group: WaitingGroup) -> None:
        in_time = group.due_in >= 0
        if in_time and group.tries == 0:
            self.first.add(group.due_in, group.size)
            self._due_to_call(group.due_in, group.size)
        else:
            self.again.add(group.due_in, group.size, tries=max(1, group.tries))
        if in_time and group.due_in < self.horizon:
            self.reached.due += group.size

    def _take_contacts(self, group: WaitingGroup) -> None:
        texted = is_shed(group.shed_level, self.rule.level)
        mine = group if texted else group.ours()
        if 0 <= mine.due_in < self.horizon:
            self.informed.due += mine.size
        if texted:
            self._text(mine.size, 0, mine.due_in)
        else:
            textable = float(mine.shed_level != NEVER_SHED)
            self.contacts.add(mine.due_in, mine.size, tries=mine.tries, textable=textable)

    def _arrive(self, index: int, hour: HourAhead) -> None:
        due = index + hour.due_in
        self.first.add(due, hour.positives)
        self._due_to_call(due, hour.positives)
        if due < self.horizon:
            self.reached.due += hour.positives

    def _call_positives(self, index: int, hour: HourAhead, left: float) -> float:
        cost = self.rates.per_try(Purpose.INTERVIEW, self.rule.script, hour.part)
        left = self._call_lane(self.first, index, hour, left, cost)
        return self._call_lane(self.again, index, hour, left, cost)

    def _call_lane(self, lane: Lane, index: int, hour: HourAhead, left: float, cost: float) -> float:
        """First tries and later ones of positives; who answers names contacts."""
        answers, skipped = self.rates.answers[hour.part], []
        while lane.groups and left > SOME:
            due, size, ready, tries, _ = group = lane.groups.popleft()
            if ready > index:
                skipped.append(group)
                continue
            served = min(size, left / cost)
            left -= served * cost
            if size - served > SOME:
                lane.groups.appendleft([due, size - served, ready, tries, 0])
            in_time = served if index <= due < self.horizon else 0.0
            self.called.met += in_time if tries == 0 else 0.0
            self.reached.met += in_time * answers
            self._list_contacts(index, served * answers * self.rates.contacts_per_positive)
            self.again.add(due, served * (1 - answers), ready=index + AGAIN_AFTER, tries=int(tries) + 1)
        lane.groups.extendleft(reversed(skipped))
        return left

    def _list_contacts(self, index: int, named: float) -> None:
        """New contacts follow the mode at once."""
        due = index + INFORM_WITHIN
        if due < self.horizon:
            self.informed.due += named
        receive = named * self.rates.sms.can_receive
        low = receive * self.rates.low_risk
        texted = self._texted(receive, low)
        self._text(texted, index, due)
        called = named - texted
        self.contacts.add(due, called, textable=(receive - texted) / called if called > SOME else 0)

    def _texted(self, receive: float, low: float) -> float:
        if is_shed(MODES[Mode.SMS_CONTACTS].level, self.rule.level):
            return receive * self.rates.all_contacts
        return low if is_shed(MODES[Mode.SMS_LOW_RISK].level, self.rule.level) else 0.0

    def _text(self, people: float, index: int, due: float) -> None:
        """An SMS informs who gets it; the unread and the undelivered are called."""
        sms = self.rates.sms
        self.messages += people
        if index <= due < self.horizon:
            self.informed.met += people * sms.delivered
        self.from_sms.add(due, people * (1 - sms.delivered), ready=index)
        self.from_sms.add(due, people * sms.delivered * sms.asks, ready=index, tries=1)
        unread = people * sms.delivered * max(0.0, 1 - sms.read - sms.asks)
        self.from_sms.add(due, unread, ready=index + INFORM_WITHIN, tries=1)

    def _call_contacts(self, index: int, hour: HourAhead, left: float) -> float:
        cost = self.rates.per_try(Purpose.INFORM, self.rule.script, hour.part)
        answers, waiting = self.rates.answers[hour.part], deque[list[float]]()
        while self.contacts.groups and left > SOME:
            due, size, ready, tries, textable = group = self.contacts.groups.popleft()
            if ready > index:
                waiting.append(group)
                continue
            served = min(size, left / cost)
            left -= served * cost
            if size - served > SOME:
                waiting.append([due, size - served, ready, tries, textable])
            if index <= due < self.horizon:
                self.informed.met += served * answers
            self._after_miss(index, due, served * (1 - answers), int(tries) + 1, textable)
        self.contacts.groups.extendleft(reversed(waiting))
        return left

    def _after_miss(self, index: int, due: float, missed: float, tries: int, textable: float) -> None:
        """Whoever can get an SMS does after the mode's number of misses; the others are tried again."""
        if tries >= self.rule.misses_before_sms:
            self._text(missed * textable, index, due)
            missed, textable = missed * (1 - textable), 0
        if tries < self.rule.contact_tries:
            self.contacts.add(due, missed, ready=index + AGAIN_AFTER, tries=tries, textable=textable)

    def _text_before_late(self, index: int) -> None:
        """Whoever can get an SMS does when the 24 hours are nearly over, under every mode."""
        for group in self.contacts.groups:
            due, size, _, _, textable = group
            if textable and index <= due <= index + TEXT_BEFORE_LATE:
                before = self.informed.met
                self._text(size * textable, index, due)
                self.at_last += self.informed.met - before
                group[1], group[4] = size * (1 - textable), 0

    def _call_from_sms(self, index: int, hour: HourAhead, left: float) -> float:
        cost = self.rates.per_try(Purpose.INFORM, self.rule.script, hour.part)
        answers, later = self.rates.answers[hour.part], deque[list[float]]()
        while self.from_sms.groups and left > SOME:
            due, size, ready, tries, _ = group = self.from_sms.groups.popleft()
            if ready > index:
                later.append(group)
                continue
            served = min(size, left / cost)
            left -= served * cost
            if size - served > SOME:
                later.append([due, size - served, ready, tries, 0])
            if tries == 0 and index <= due < self.horizon:  # tries 1: informed by the SMS already
                self.informed.met += served * answers
        self.from_sms.groups.extendleft(reversed(later))
        return left

    def _follow_up(self, hour: HourAhead, left: float) -> float:
        if self.rule.mode is Mode.POSITIVES_ONLY:
            return left
        cost = self.rates.per_try(Purpose.FOLLOW_UP, self.rule.script, hour.part)
        served = min(self.follow_ups, left / cost)
        self.follow_ups -= served
        return left - served * cost

    def _count_late(self, index: int, hour: HourAhead) -> None:
        """Who was due this hour and is not called yet falls behind those who can still be called in time."""
        while self.first.groups and self.first.groups[0][0] <= index:
            due, size, *_ = self.first.groups.popleft()
            self.again.add(due, size, tries=0)
            self.late_by_hour[index] += size
            if size > 0.5 and self.late_from is None:
                self.late_from = hour.at + timedelta(hours=1)
