"""What a platform's calls and messages say of its rates, drawn to what is assumed when they say little."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from outreach.domain.calling_hours import DayPart
from outreach.domain.load_shedding import ContactGroup, Mode, ModeRules, ScriptLength
from outreach.domain.outcomes import FLAGS, CallOutcome
from outreach.domain.purposes import Purpose
from outreach.domain.work_rates import Counted, SmsRates, WorkRates, learned

# As the replays assume (outreach/replay/assumptions.toml, which names the sources); a test holds them equal.
_BOTH = {ScriptLength.FULL: 36.0, ScriptLength.LIGHT: 24.0}
_SHORT = dict.fromkeys(ScriptLength, 12.0)
ASSUMED = WorkRates(
    answers={DayPart.MORNING: 0.46, DayPart.MIDDAY: 0.44, DayPart.EVENING: 0.58},
    conversation={
        Purpose.INTERVIEW: _BOTH,
        Purpose.INFORM: _BOTH,
        Purpose.FOLLOW_UP: _SHORT,
        Purpose.CAMPAIGN: _SHORT,
    },
    missed=3.0,
    contacts_per_positive=1.7,
    low_risk=0.375,
    sms=SmsRates(can_receive=0.95, delivered=0.98, read=0.70, asks=0.04, segments=2.0),
)
# Of an hour on shift, the share in calls and their notes: 7 hours of a day of 8.
IN_CALLS = 0.875
# How many of our own observations weigh as much as the assumption.
CALLS, TALKS, PEOPLE, TEXTS = 100, 30, 50, 100


@dataclass(frozen=True)
class SeenCalls:
    """Calls that are alike. `minutes`: of all of them, from the click to the outcome."""

    part: DayPart
    purpose: Purpose
    length: ScriptLength
    outcome: CallOutcome
    calls: int
    minutes: float


@dataclass(frozen=True)
class SeenTexts:
    """SMS that stood for calls. `ended`: whose fate is known; `asked`: read, and called back."""

    ended: int = 0
    delivered: int = 0
    read: int = 0
    asked: int = 0
    messages: int = 0
    segments: int = 0


@dataclass(frozen=True)
class SeenContacts:
    """Contacts of the same groups; `can_sms`: of them, who can get an SMS."""

    groups: frozenset[ContactGroup]
    people: int
    can_sms: int


@dataclass(frozen=True)
class Seen:
    """Of the last weeks. `reached`: positives spoken to; `named`: contacts listed."""

    calls: Sequence[SeenCalls] = ()
    texts: SeenTexts = SeenTexts()
    contacts: Sequence[SeenContacts] = ()
    reached: int = 0
    named: int = 0


def learn_rates(seen: Seen, rules: ModeRules, assumed: WorkRates = ASSUMED) -> WorkRates:
    """The rates a forecast of this platform counts with."""
    tried = [each for each in seen.calls if FLAGS[each.outcome].counts_as_attempt]
    missed = [each for each in tried if not FLAGS[each.outcome].human]
    receive = sum(each.can_sms for each in seen.contacts)
    return WorkRates(
        answers={part: _answers(tried, part, rate) for part, rate in assumed.answers.items()},
        conversation={
            purpose: {length: _minutes(tried, purpose, length, usual) for length, usual in both.items()}
            for purpose, both in assumed.conversation.items()
        },
        missed=learned(assumed.missed, _spent(missed), weight=CALLS),
        contacts_per_positive=learned(
            assumed.contacts_per_positive, Counted(seen.named, seen.reached), weight=PEOPLE
        ),
        low_risk=_texted(seen.contacts, rules, Mode.SMS_LOW_RISK, receive, assumed.low_risk),
        all_contacts=_texted(seen.contacts, rules, Mode.SMS_CONTACTS, receive, assumed.all_contacts),
        sms=_sms(seen.texts, Counted(receive, sum(each.people for each in seen.contacts)), assumed.sms),
    )


def _answers(tried: Iterable[SeenCalls], part: DayPart, assumed: float) -> float:
    own = [each for each in tried if each.part is part]
    answered = sum(each.calls for each in own if FLAGS[each.outcome].right_person)
    return learned(assumed, Counted(answered, sum(each.calls for each in own)), weight=CALLS)


def _minutes(tried: Iterable[SeenCalls], purpose: Purpose, length: ScriptLength, assumed: float) -> float:
    talks = [
        each
        for each in tried
        if each.purpose is purpose and each.length is length and FLAGS[each.outcome].right_person
    ]
    return learned(assumed, _spent(talks), weight=TALKS)


def _spent(calls: Sequence[SeenCalls]) -> Counted:
    return Counted(sum(each.minutes for each in calls), sum(each.calls for each in calls))


def _texted(
    contacts: Iterable[SeenContacts], rules: ModeRules, mode: Mode, receive: int, assumed: float
) -> float:
    texts = rules[mode].texts
    seen = Counted(sum(each.can_sms for each in contacts if each.groups <= texts), receive)
    return learned(assumed, seen, weight=PEOPLE)


def _sms(seen: SeenTexts, receive: Counted, assumed: SmsRates) -> SmsRates:
    return SmsRates(
        can_receive=learned(assumed.can_receive, receive, weight=PEOPLE),
        delivered=learned(assumed.delivered, Counted(seen.delivered, seen.ended), weight=TEXTS),
        read=learned(assumed.read, Counted(seen.read, seen.delivered), weight=TEXTS),
        asks=learned(assumed.asks, Counted(seen.asked, seen.delivered), weight=TEXTS),
        segments=learned(assumed.segments, Counted(seen.segments, seen.messages), weight=TEXTS),
    )
