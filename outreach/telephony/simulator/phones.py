"""The telephones of the simulated country: how each behaves, and what each has received."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from enum import StrEnum

from outreach.telephony.simulator.asgi import ApiError


class VoiceHabit(StrEnum):
    """What happens when a phone is rung."""

    ANSWERS = "answers"
    BUSY = "busy"
    RINGS_OUT = "rings_out"
    VOICEMAIL = "voicemail"
    HANGS_UP = "hangs_up"  # answers, then hangs up after talk_seconds without a word
    UNKNOWN_NUMBER = "unknown_number"
    NETWORK_FAILURE = "network_failure"
    AGENT = "agent"  # answers at once and stays until told otherwise
    CLIENT = "client"  # a browser: rings until somebody there takes the call


class SmsHabit(StrEnum):
    """What becomes of a text message sent to a phone."""

    DELIVERED = "delivered"
    LANDLINE = "landline"  # refused at once: 21614
    CARRIER_LANDLINE = "carrier_landline"  # accepted, then undelivered: 30006
    UNREACHABLE = "unreachable"  # 30003
    UNKNOWN_NUMBER = "unknown_number"  # 30005
    FILTERED = "filtered"  # 30007
    NO_RECEIPT = "no_receipt"  # received, but no receipt ever comes


@dataclass(frozen=True)
class PhoneBehaviour:
    """How one phone behaves; every duration in simulated seconds. `talk_seconds` 0: never hangs up first."""

    voice: VoiceHabit = VoiceHabit.ANSWERS
    answer_after: float = 8.0
    talk_seconds: float = 90.0
    greeting_seconds: float = 10.0
    sms: SmsHabit = SmsHabit.DELIVERED
    sms_queue_seconds: float = 0.5
    sms_delivery_seconds: float = 3.0
    texts_back: str = ""
    texts_back_after: float = 20.0

    def as_json(self) -> dict[str, object]:
        """The behaviour as plan files write it."""
        return dict(asdict(self))


CLIENT_SCHEME = "client:"
CLIENT = PhoneBehaviour(voice=VoiceHabit.CLIENT, talk_seconds=0.0)
AGENT_PHONE = PhoneBehaviour(voice=VoiceHabit.AGENT, answer_after=1.0, talk_seconds=0.0)

_NUMERIC = (
    *("answer_after", "talk_seconds", "greeting_seconds"),
    *("sms_queue_seconds", "sms_delivery_seconds", "texts_back_after"),
)


def behaviour_from_json(told: dict[str, object]) -> PhoneBehaviour:
    """A behaviour as plan files and the API write it; raises ApiError naming what is wrong.

    `{"voice": "agent"}` alone is a whole agent's phone.
    """
    unknown = set(told) - {place.name for place in fields(PhoneBehaviour)}
    if unknown:
        raise ApiError(400, 20001, f"A phone has no such setting: {', '.join(sorted(unknown))}.")
    given: dict[str, object] = dict(told)
    try:
        if "voice" in given:
            given["voice"] = VoiceHabit(str(given["voice"]))
        if "sms" in given:
            given["sms"] = SmsHabit(str(given["sms"]))
        for name in _NUMERIC:
            if name in given:
                given[name] = float(str(given[name]))
    except ValueError as error:
        raise ApiError(400, 20001, f"A phone cannot behave so: {error}.") from None
    start = AGENT_PHONE if given.get("voice") is VoiceHabit.AGENT else PhoneBehaviour()
    return PhoneBehaviour(**{**asdict(start), **given})


@dataclass(frozen=True, slots=True)
class ReceivedText:
    """One text message that reached a phone: the witness in every check that nobody was texted twice."""

    sid: str
    sender: str
    body: str
    at: datetime


@dataclass(slots=True)
class Phone:
    """One telephone line."""

    number: str
    behaviour: PhoneBehaviour
    received: list[ReceivedText] = field(default_factory=list)
    message_sids: list[str] = field(default_factory=list)
    call_sids: list[str] = field(default_factory=list)
    opted_out_of: set[str] = field(default_factory=set)
    texted_back: bool = False


@dataclass(frozen=True)
class Share:
    """One kind of phone and how common it is among numbers the plan does not name."""

    weight: float
    behaviour: PhoneBehaviour


@dataclass
class PhoneBook:
    """Every phone anyone has named.

    A number's behaviour is the plan's, else drawn from the shares by the seed.

    The draw depends on the seed and the number alone, so two runs of one plan meet the same people.
    """

    seed: int
    shares: tuple[Share, ...]
    named: dict[str, PhoneBehaviour]
    phones: dict[str, Phone] = field(default_factory=dict)

    def phone(self, number: str) -> Phone:
        """The phone of a number, made on first use."""
        known = self.phones.get(number)
        if known is None:
            behaviour = self.named.get(number) or self._drawn(number)
            known = self.phones[number] = Phone(number, behaviour)
        return known

    def _drawn(self, number: str) -> PhoneBehaviour:
        if number.startswith(CLIENT_SCHEME):
            return CLIENT
        if not self.shares:
            return PhoneBehaviour()
        draw = random.Random(f"{self.seed}:{number}")  # noqa: S311 - a repeatable draw, not a secret
        weights = [share.weight for share in self.shares]
        return draw.choices(self.shares, weights)[0].behaviour
