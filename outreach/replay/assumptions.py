"""Reads the assumptions of a replay: one file of figures with their sources."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from outreach.domain.calling_hours import DayPart
from outreach.domain.load_shedding import ScriptLength
from outreach.domain.purposes import Purpose
from outreach.domain.work_rates import SmsRates, WorkRates
from outreach.errors import InvalidInput

SHIPPED = "assumptions.toml"


@dataclass(frozen=True)
class AnswerShares:
    """Of answered calls: agreed callbacks and broken-off ones; of the others: what the line did."""

    callbacks: float
    partial: float
    busy: float
    voicemail: float
    third_party: float


@dataclass(frozen=True)
class ContactShares:
    household: float
    collective_setting: float
    fragile: float
    can_receive_sms: float


@dataclass(frozen=True)
class Assumptions:
    """`delay_days[n]`: share of results n days after sampling; `result_hours`: 24 shares; minutes."""

    delay_days: tuple[float, ...]
    result_hours: tuple[float, ...]
    told_after: int
    minutes_per_position: float
    rates: WorkRates
    shares: AnswerShares
    contacts: ContactShares
    fragile_positives: float
    follow_ups: float
    follow_up_after_days: int
    sms_price: float
    sources: Mapping[str, str]


def read_assumptions(path: Path | None = None) -> Assumptions:
    """The shipped assumptions, or a file's of the same shape. Raises InvalidInput naming what is missing."""
    text = (
        files("outreach.replay").joinpath(SHIPPED).read_text(encoding="utf-8")
        if path is None
        else path.read_text(encoding="utf-8")
    )
    try:
        return _assumptions(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"The assumptions are no TOML: {error}.") from None
    except KeyError as error:
        raise InvalidInput(
            f"The assumptions lack {error}.", mend="copy the shipped file and change it"
        ) from None


def _assumptions(read: dict[str, Any]) -> Assumptions:
    delay, answers, contacts, positives = (
        read[name] for name in ("result_delay", "answers", "contacts", "positives")
    )
    return Assumptions(
        delay_days=_shares(delay["days"], "result_delay.days"),
        result_hours=_shares([delay["hours"].get(str(h), 0.0) for h in range(24)], "result_delay.hours"),
        told_after=int(delay["told_after_minutes"]),
        minutes_per_position=float(read["work"]["minutes_per_position"]),
        rates=_rates(read),
        shares=AnswerShares(
            *(answers[name] for name in ("callbacks", "partial", "busy", "voicemail", "third_party"))
        ),
        contacts=ContactShares(
            *(contacts[name] for name in ("household", "collective_setting", "fragile", "can_receive_sms"))
        ),
        fragile_positives=positives["fragile"],
        follow_ups=positives["follow_ups"],
        follow_up_after_days=positives["follow_up_after_days"],
        sms_price=read["sms"]["price"],
        sources={name: str(section["source"]) for name, section in read.items()},
    )


def _rates(read: dict[str, Any]) -> WorkRates:
    work, answers, contacts, sms = read["work"], read["answers"], read["contacts"], read["sms"]
    both = {ScriptLength.FULL: work["conversation_full"], ScriptLength.LIGHT: work["conversation_light"]}
    short = dict.fromkeys(ScriptLength, work["follow_up"])
    others = 1 - contacts["household"] - contacts["collective_setting"]
    return WorkRates(
        answers={part: answers[part.value.lower()] for part in DayPart},
        conversation={
            Purpose.INTERVIEW: both,
            Purpose.INFORM: both,
            Purpose.FOLLOW_UP: short,
            Purpose.CAMPAIGN: short,
        },
        missed=work["missed"],
        contacts_per_positive=contacts["per_positive"],
        low_risk=others * (1 - contacts["fragile"]),
        sms=SmsRates(
            contacts["can_receive_sms"], sms["delivered"], sms["read"], sms["asks"], sms["segments"]
        ),
    )


def _shares(values: list[float], name: str) -> tuple[float, ...]:
    if abs(sum(values) - 1) > 0.005:
        raise InvalidInput(f"The shares of {name} sum to {sum(values):.3f}.", mend="make them sum to 1")
    return tuple(value / sum(values) for value in values)
