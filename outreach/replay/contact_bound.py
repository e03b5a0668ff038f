"""The most contacts that anybody can inform who keeps to positives first (docs/replay.md derives it).

An SMS informs at once and costs no minute. Who can get none, or does not get it, is told by phone, with the
chance that the rules of tries leave at best. While more positives are still to be reached than can be waiting
for their next try, no contact is called: who needs a call is lost when their 24 hours pass meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from outreach.domain.calling_hours import DayPart
from outreach.domain.load_shedding import ScriptLength
from outreach.domain.purposes import Purpose
from outreach.replay.cohorts import moment
from outreach.replay.reach import WINDOW, best_reach
from outreach.replay.setting import Setting, Told


def most_informed(setting: Setting, arrivals: Sequence[Told]) -> float:
    """The share of all contacts, for positives in the order in which they are told."""
    rates = setting.assumptions.rates
    by_sms = rates.sms.can_receive * rates.sms.delivered
    by_phone = (1 - by_sms) * best_reach(setting)
    listed = rates.contacts_per_positive * sum(told.size for told in arrivals)
    if not listed:
        return by_sms + by_phone
    return by_sms + by_phone * (1 - _listed_in_vain(setting, arrivals) / listed)


@dataclass(frozen=True)
class _Step:
    """A quarter hour of agents' minutes; `unreached`: fewer positives cannot be left at its end."""

    now: int
    minutes: float
    part: DayPart
    unreached: float


def _listed_in_vain(setting: Setting, arrivals: Sequence[Told]) -> float:
    """Contacts at least who are listed while nobody calls contacts, and for 24 hours after."""
    lost, block = 0.0, list[_Step]()
    for step, waiting in _with_waiting(setting, list(_steps(setting, arrivals))):
        if step.unreached > waiting:
            block.append(step)
            continue
        lost += sum(_named(setting, each) for each in block if each.now + WINDOW < step.now)
        block = []
    return lost + sum(_named(setting, each) for each in block)


def _steps(setting: Setting, arrivals: Sequence[Told]) -> Iterator[_Step]:
    """As if every positive could be tried at every moment, with the lightest interview."""
    hours, unreached, place = setting.hours[Purpose.INTERVIEW], 0.0, 0
    for now, minutes in setting.minutes():
        while place < len(arrivals) and arrivals[place].told_at <= now:
            unreached += arrivals[place].size
            place += 1
        part = hours.day_part(moment(now))
        tries = minutes / _minutes_of_try(setting, ScriptLength.LIGHT, part)
        unreached = max(0.0, unreached - tries * _reached(setting, part))
        yield _Step(now, minutes, part, unreached)


def _with_waiting(setting: Setting, steps: Sequence[_Step]) -> Iterator[tuple[_Step, float]]:
    """Each step, and how many positives at most wait for another try after it.

    A try waits for the next part of the day, or for the one after it where that one was tried before.
    """
    before = present = 0.0
    for place, step in enumerate(steps):
        if place and step.part is not steps[place - 1].part:
            before, present = present, 0.0
        tries = step.minutes / _minutes_of_try(setting, ScriptLength.LIGHT, step.part)
        present += tries * (1 - _reached(setting, step.part))
        yield step, before + present


def _minutes_of_try(setting: Setting, script: ScriptLength, part: DayPart) -> float:
    return setting.assumptions.rates.per_try(Purpose.INTERVIEW, script, part)


def _reached(setting: Setting, part: DayPart) -> float:
    """Share of tries after which a positive is called no more."""
    shares = setting.assumptions.shares
    return setting.assumptions.rates.answers[part] * (1 - shares.callbacks) * (1 - shares.partial)


def _named(setting: Setting, step: _Step) -> float:
    """Contacts at least whom positives name in a step that is theirs alone."""
    tries = step.minutes / _minutes_of_try(setting, ScriptLength.FULL, step.part)
    return tries * _reached(setting, step.part) * setting.assumptions.rates.contacts_per_positive
