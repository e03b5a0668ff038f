"""What a platform knows of the hours ahead: its list, arrivals, agents and rates, ready to forecast."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from outreach.clock import Clock
from outreach.domain.arrivals import LOOKS_BACK, RESULT_HOURS, ArrivalHistory, expected_arrivals
from outreach.domain.call_list import CallClass
from outreach.domain.calling_hours import OpenHours, hours_from, part_of_hour
from outreach.domain.forecast import HourAhead, Outlook, WaitingGroup
from outreach.domain.learned_rates import (
    IN_CALLS,
    Seen,
    SeenCalls,
    SeenContacts,
    SeenTexts,
    learn_rates,
)
from outreach.domain.load_shedding import ScriptLength, ShedFacts, groups_of
from outreach.domain.outcomes import CallOutcome
from outreach.domain.purposes import Purpose
from outreach.domain.work_rates import Counted, WorkRates, learned
from outreach.services.lent_work import LentWork, LoanAhead, helped_share, lent_to, without_helped
from outreach.storage import forecast_store, listed_people_store, mode_store, platform_store
from outreach.storage.database import Connection, Database
from outreach.storage.forecast_store import Calls, Contacts, ToldOf
from outreach.storage.listed_people_store import ListedPeople, WaitingPeople
from outreach.storage.mode_store import Waiting
from outreach.storage.platform_store import Platform

LEARNS_FROM = timedelta(days=14)
HOUR = timedelta(hours=1)
RESULTS = 100  # of our own weigh as much as the assumed hours of the day
PARTS_OF_AN_HOUR = 4
LONGEST_LAG = 20.0  # hours
FOLLOWING = (Purpose.FOLLOW_UP, Purpose.CAMPAIGN)


@dataclass(frozen=True)
class Outlooks:
    """`minutes_ahead(platform, start, hours)`: of agents there, from the rota or from who is on shift."""

    database: Database
    clock: Clock
    minutes_ahead: Callable[[str, datetime, int], list[float]]

    def outlook(self, platform: str, hours: int, *, caution: float = 1.0) -> Outlook:
        """The next hours as they look now; `caution`: a factor on arrivals. Raises NotFound."""
        return self.with_backlog(platform, hours, caution=caution)[0]

    def with_backlog(
        self, platform: str, hours: int, *, caution: float = 1.0
    ) -> tuple[Outlook, list[Waiting]]:
        """The same, and those on the list by what a mode looks at, of one count. Raises NotFound."""
        now = self.clock.now()
        minutes = self.minutes_ahead(platform, now, hours)
        loans = LentWork(self.database, self.minutes_ahead).ahead(platform, now)
        with self.database.snapshot() as connection:
            listed = listed_people_store.listed(connection, platform, now=now, hours=hours)
            ours = _of_platform(connection, platform, now, listed, minutes, loans, caution)
        helped = lent_to(self.database, platform, loans, now=now, hours=hours)
        theirs = self._arriving_elsewhere(platform, loans, now, hours)
        ahead = replace(
            ours,
            waiting=[*ours.waiting, *_groups(helped, platform, loans)],
            hours=[
                replace(hour, positives=hour.positives + caution * more)
                for hour, more in zip(ours.hours, theirs, strict=True)
            ],
        )
        return ahead, as_backlog(listed)

    def _arriving_elsewhere(
        self, platform: str, loans: Sequence[LoanAhead], now: datetime, hours: int
    ) -> list[float]:
        """New positives of owners whom this platform's agents will call, hour by hour."""
        total = [0.0] * hours
        for loan in loans:
            if loan.helper != platform or not loan.of_new:
                continue
            with self.database.begin() as connection:
                zone = platform_store.read(connection, loan.owner).time_zone
                told, _ = forecast_store.told(connection, loan.owner, zone=zone, since=_since(now))
            expected = expected_arrivals(_history(told, zone), now, hours)
            for hour in range(min(hours, loan.hours)):
                total[hour] += expected[hour] * loan.of_new
        return total


def _of_platform(
    connection: Connection,
    platform: str,
    now: datetime,
    listed: Sequence[ListedPeople],
    minutes: Sequence[float],
    loans: Sequence[LoanAhead],
    caution: float,
) -> Outlook:
    hours = len(minutes)
    place = platform_store.read(connection, platform)
    rules = mode_store.rules_of(connection, platform)
    rates = learn_rates(_seen(connection, place, now), rules)
    told, lag = forecast_store.told(connection, platform, zone=place.time_zone, since=_since(now))
    in_hand = listed_people_store.in_hand(connection, platform, now=now, hours=hours)
    texted = listed_people_store.texted(connection, platform, now=now)
    waiting = as_waiting(listed) + in_hand
    history = _history(told, place.time_zone)
    expected = without_helped(expected_arrivals(history, now, hours), platform, loans)
    return Outlook(
        waiting=_groups(waiting, platform, loans) + _returning(texted, rates),
        hours=_hours(place, now, minutes, [caution * each for each in expected], lag),
        rates=rates,
        follow_ups=sum(each.people for each in waiting if each.purpose in FOLLOWING),
        rules=rules,
    )


def as_waiting(listed: Sequence[ListedPeople]) -> list[WaitingPeople]:
    """By what a forecast looks at."""
    alike: Counter[WaitingPeople] = Counter()
    for each in listed:
        if not each.searched:
            from_sms = each.call_class == CallClass.SMS_RETURNED
            alike[
                WaitingPeople(
                    each.purpose, each.tries, each.shed_level, from_sms, each.due_in, 0, each.loan, 0
                )
            ] += each.people
    return [group._replace(people=people) for group, people in alike.items()]


def as_backlog(listed: Sequence[ListedPeople]) -> list[Waiting]:
    """By what a mode looks at."""
    alike: Counter[Waiting] = Counter()
    for each in listed:
        alike[Waiting(each.purpose, each.shed_level, each.call_class, 0)] += each.people
    return [group._replace(people=people) for group, people in alike.items()]


def _since(now: datetime) -> datetime:
    return now - timedelta(days=LOOKS_BACK + 1)


def _groups(
    waiting: Sequence[WaitingPeople], platform: str, loans: Sequence[LoanAhead]
) -> list[WaitingGroup]:
    return [
        WaitingGroup(
            Purpose(w.purpose),
            w.people,
            w.due_in,
            w.tries,
            w.shed_level,
            w.from_sms,
            w.ready_in,
            helped_share(w, platform, loans),
        )
        for w in waiting
        if w.purpose not in FOLLOWING
    ]


def _returning(texted: Sequence[WaitingPeople], rates: WorkRates) -> list[WaitingGroup]:
    """Of those an SMS stands for, whoever will not have read it is called."""
    unread = max(0.0, 1 - rates.sms.read - rates.sms.asks)
    return [
        WaitingGroup(Purpose.INFORM, w.people * unread, w.due_in, w.tries, 0, True, w.ready_in)
        for w in texted
    ]


def _history(told: Sequence[ToldOf], zone: str) -> ArrivalHistory:
    by_day: defaultdict[date, int] = defaultdict(int)
    by_hour = [0] * 24
    for each in told:
        by_day[each.day] += each.positives
        by_hour[each.hour] += each.positives
    hours = [
        learned(usual, Counted(seen, sum(by_hour)), weight=RESULTS)
        for usual, seen in zip(RESULT_HOURS, by_hour, strict=True)
    ]
    return ArrivalHistory(by_day, hours, zone)


def _hours(
    place: Platform, now: datetime, minutes: Sequence[float], expected: Sequence[float], lag: float
) -> list[HourAhead]:
    """Agents work while the platform calls; a result told in an hour is due a day after it was known."""
    hours = hours_from(place.calling_hours, Purpose.INTERVIEW).in_zone(
        place.time_zone, region=place.department
    )
    told_after = timedelta(hours=min(lag, LONGEST_LAG))
    return [
        HourAhead(
            at=at,
            minutes=there * IN_CALLS * _open_share(hours, at),
            positives=positives,
            part=hours.day_part(at),
            due_in=max(0, int((hours.last_open_before(at - told_after + 24 * HOUR) - at) / HOUR)),
        )
        for at, there, positives in ((now + n * HOUR, minutes[n], each) for n, each in enumerate(expected))
    ]


def _open_share(hours: OpenHours, at: datetime) -> float:
    looks = (at + n * HOUR / PARTS_OF_AN_HOUR for n in range(PARTS_OF_AN_HOUR))
    return sum(hours.is_open(look) for look in looks) / PARTS_OF_AN_HOUR


def _seen(connection: Connection, place: Platform, now: datetime) -> Seen:
    since, zone = now - LEARNS_FROM, place.time_zone
    reached, named = forecast_store.named(connection, place.code, since=since)
    texts = forecast_store.texts(connection, place.code, since=since)
    return Seen(
        calls=[_calls(each) for each in forecast_store.calls(connection, place.code, zone=zone, since=since)],
        texts=SeenTexts(*texts),
        contacts=[_contacts(each) for each in forecast_store.contacts(connection, place.code, since=since)],
        reached=reached,
        named=named,
    )


def _calls(calls: Calls) -> SeenCalls:
    length = ScriptLength.LIGHT if calls.light else ScriptLength.FULL
    outcome = CallOutcome(calls.outcome)
    return SeenCalls(
        part_of_hour(calls.hour), Purpose(calls.purpose), length, outcome, calls.calls, calls.minutes
    )


def _contacts(contacts: Contacts) -> SeenContacts:
    facts = ShedFacts(
        Purpose.INFORM,
        can_sms=True,
        adult=contacts.adult,
        vulnerable=contacts.vulnerable,
        household=contacts.household,
        collective_setting=contacts.collective_setting,
    )
    return SeenContacts(groups_of(facts), contacts.people, contacts.can_sms)
