"""Modes: under load a platform's calls to contacts become SMS, and the interviews of positives stay calls.

Modes form a ladder. Each entry of the call list carries its `shed_level`, the level of the lightest mode that
would text it: one number on each side decides between a call and an SMS, and a switch moves one row only.
Level 1 is texted under every mode: a contact who was missed (docs/adr/0009).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from outreach.domain.purposes import Purpose

NEVER_SHED, TEXTED_ANYWAY = 0, 1  # shed levels beside the modes' own


class Mode(StrEnum):
    """What a platform does with its contacts, from the lightest step to the heaviest (docs/rules.md)."""

    NORMAL = "NORMAL"
    LIGHT = "LIGHT"  # everybody called, with fewer tries and the light script
    SMS_LOW_RISK = "SMS_LOW_RISK"  # adults, not fragile, household or in a collective setting: SMS
    SMS_CONTACTS = "SMS_CONTACTS"  # every contact who can get an SMS
    POSITIVES_ONLY = "POSITIVES_ONLY"  # as above, and follow-ups and campaigns wait


class ScriptLength(StrEnum):
    """Which version of a script agents read."""

    FULL = "FULL"
    LIGHT = "LIGHT"


@dataclass(frozen=True)
class ModeRule:
    """`level`: entries with 0 < shed_level <= level are texted, and not leased.

    `contact_tries`: of a contact who can get no SMS, before UNREACHED; `misses_before_sms`: a contact who can
    get one is informed by it after so many misses.
    """

    mode: Mode
    level: int
    script: ScriptLength
    contact_tries: int
    misses_before_sms: int


MODES = {
    rule.mode: rule
    for rule in (
        ModeRule(Mode.NORMAL, TEXTED_ANYWAY, ScriptLength.FULL, contact_tries=3, misses_before_sms=2),
        ModeRule(Mode.LIGHT, TEXTED_ANYWAY, ScriptLength.LIGHT, contact_tries=3, misses_before_sms=1),
        ModeRule(Mode.SMS_LOW_RISK, 2, ScriptLength.LIGHT, contact_tries=3, misses_before_sms=1),
        ModeRule(Mode.SMS_CONTACTS, 3, ScriptLength.LIGHT, contact_tries=3, misses_before_sms=1),
        ModeRule(Mode.POSITIVES_ONLY, 4, ScriptLength.LIGHT, contact_tries=3, misses_before_sms=1),
    )
}

RANK = {mode: rank for rank, mode in enumerate(Mode)}  # from the lightest

# What a supervisor may switch to in this version; the others come with the forecast (docs/rules.md).
SWITCHABLE = frozenset({Mode.NORMAL, Mode.SMS_CONTACTS})


@dataclass(frozen=True)
class ModeInForce:
    """A platform's mode as of a moment: after its end a mode is NORMAL again, under the same version."""

    platform: str
    mode: Mode
    version: int
    reason: str
    starts_at: datetime
    ends_at: datetime | None
    author_id: UUID | None = None

    def at(self, now: datetime) -> Mode:
        return Mode.NORMAL if self.ends_at is not None and now >= self.ends_at else self.mode

    def level(self, now: datetime) -> int:
        return MODES[self.at(now)].level


@dataclass(frozen=True)
class ShedFacts:
    """What decides whether a person may get an SMS in place of the call.

    `can_sms`: one of the person's good numbers can receive one. `opted_out`: the person wants no SMS.
    `promised_call`: a callback was agreed, or an earlier SMS failed or was answered; a call is owed.
    """

    purpose: Purpose
    can_sms: bool
    adult: bool = True
    vulnerable: bool = False
    household: bool = False
    collective_setting: bool = False
    opted_out: bool = False
    promised_call: bool = False


def shed_level(facts: ShedFacts) -> int:
    """The lightest mode's level under which this person is not called; 0: called under every mode."""
    if facts.promised_call:
        return NEVER_SHED
    match facts.purpose:
        case Purpose.INTERVIEW:
            return NEVER_SHED
        case Purpose.INFORM:
            return _level_of_contact(facts)
        case Purpose.FOLLOW_UP | Purpose.CAMPAIGN:
            return MODES[Mode.POSITIVES_ONLY].level
        case _:
            assert_never(facts.purpose)


def _level_of_contact(facts: ShedFacts) -> int:
    if not facts.can_sms or facts.opted_out:
        return NEVER_SHED
    fragile = facts.vulnerable or facts.household or facts.collective_setting or not facts.adult
    return MODES[Mode.SMS_CONTACTS if fragile else Mode.SMS_LOW_RISK].level


def is_shed(shed_level: int, level: int) -> bool:
    """Whether an entry is kept from the agents while this level is in force."""
    return NEVER_SHED < shed_level <= level


def is_texted(purpose: Purpose, shed_level: int, level: int) -> bool:
    """Whether an entry becomes an SMS: contacts do; shed follow-ups and campaigns only wait."""
    return purpose is Purpose.INFORM and is_shed(shed_level, level)
