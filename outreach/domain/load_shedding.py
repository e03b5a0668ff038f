"""Modes: under load a platform's calls to contacts become SMS, and the interviews of positives stay calls.

Modes form a ladder. Each entry of the call list carries its `shed_level`, the level of the lightest mode that
would text it: one number on each side decides between a call and an SMS, and a switch moves one row only.
Level 1 is texted under every mode: who was missed, or whose 24 hours are nearly over (docs/adr/0009).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, TypeAlias, assert_never
from uuid import UUID

from outreach.domain.purposes import Purpose
from outreach.errors import InvalidInput

NEVER_SHED, TEXTED_ANYWAY = 0, 1  # shed levels beside the modes' own
# So long before the last callable minute an SMS informs whom nobody reached yet (docs/adr/0009).
SMS_BEFORE_DEADLINE = timedelta(hours=2)


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


class ContactGroup(StrEnum):
    """What a mode may spare: a contact is texted only when it texts every group they are in."""

    OTHERS = "OTHERS"  # in none of the groups below
    MINOR = "MINOR"
    VULNERABLE = "VULNERABLE"
    HOUSEHOLD = "HOUSEHOLD"
    COLLECTIVE_SETTING = "COLLECTIVE_SETTING"


@dataclass(frozen=True)
class ModeRule:
    """`level`: entries with 0 < shed_level <= level are texted, and not leased.

    `contact_tries`: of a contact who can get no SMS, before UNREACHED; `misses_before_sms`: a contact who can
    get one is informed by it after so many misses; `texts`: the groups who get the SMS at once.
    """

    mode: Mode
    level: int
    script: ScriptLength
    contact_tries: int
    misses_before_sms: int
    texts: frozenset[ContactGroup] = frozenset()


ModeRules: TypeAlias = Mapping[Mode, ModeRule]

_LOW_RISK, _EVERYBODY = frozenset({ContactGroup.OTHERS}), frozenset(ContactGroup)
MODES: ModeRules = {
    rule.mode: rule
    for rule in (
        ModeRule(Mode.NORMAL, TEXTED_ANYWAY, ScriptLength.FULL, contact_tries=3, misses_before_sms=2),
        ModeRule(Mode.LIGHT, TEXTED_ANYWAY, ScriptLength.LIGHT, contact_tries=3, misses_before_sms=1),
        ModeRule(Mode.SMS_LOW_RISK, 2, ScriptLength.LIGHT, 3, 1, _LOW_RISK),
        ModeRule(Mode.SMS_CONTACTS, 3, ScriptLength.LIGHT, 3, 1, _EVERYBODY),
        ModeRule(Mode.POSITIVES_ONLY, 4, ScriptLength.LIGHT, 3, 1, _EVERYBODY),
    )
}

RANK = {mode: rank for rank, mode in enumerate(Mode)}  # from the lightest
MOST_TRIES_OF_A_RULE = 10


def rules_from(stored: Mapping[str, Any] | None) -> ModeRules:
    """A platform's rules: its own copies of modes, as `stored_rule` gives them, else the built-in ones."""
    if not stored:
        return MODES
    return {mode: _own_rule(rule, stored.get(mode.value)) for mode, rule in MODES.items()}


def stored_rule(rule: ModeRule) -> dict[str, Any]:
    """What a platform may change of a mode, as JSON."""
    return {
        "script": rule.script.value,
        "contact_tries": rule.contact_tries,
        "misses_before_sms": rule.misses_before_sms,
        "texts": sorted(group.value for group in rule.texts),
    }


def _own_rule(rule: ModeRule, own: Mapping[str, Any] | None) -> ModeRule:
    if own is None:
        return rule
    return replace(
        rule,
        script=ScriptLength(own["script"]),
        contact_tries=own["contact_tries"],
        misses_before_sms=own["misses_before_sms"],
        texts=frozenset(ContactGroup(group) for group in own["texts"]),
    )


def check_rules(rules: ModeRules) -> None:
    """A heavier mode texts whom a lighter one texts, so that one number for each entry serves all modes.

    Raises InvalidInput naming the field to mend.
    """
    for rule in rules.values():
        _check_tries(rule)
        if rule.level == TEXTED_ANYWAY and rule.texts:
            raise InvalidInput(
                f"{rule.mode} calls everybody.", field="texts", mend="name no group, or edit an SMS mode"
            )
    ladder = sorted(rules.values(), key=lambda rule: RANK[rule.mode])
    for lighter, heavier in pairwise(ladder):
        if missing := lighter.texts - heavier.texts:
            raise InvalidInput(
                f"{lighter.mode} would text {_listed(missing)}, and the heavier {heavier.mode} call them.",
                field="texts",
                mend=f"change {heavier.mode} first, or {lighter.mode}",
            )


def _check_tries(rule: ModeRule) -> None:
    for field in ("contact_tries", "misses_before_sms"):
        if not 1 <= getattr(rule, field) <= MOST_TRIES_OF_A_RULE:
            raise InvalidInput(
                f"{rule.mode}: tries are counted from 1 to {MOST_TRIES_OF_A_RULE}.", field=field
            )


def _listed(groups: frozenset[ContactGroup]) -> str:
    return ", ".join(sorted(groups))


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
    previous: Mode | None = None  # what an undo goes back to
    previous_ends_at: datetime | None = None

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


def shed_level(facts: ShedFacts, rules: ModeRules = MODES) -> int:
    """The lightest mode's level under which this person is not called; 0: called under every mode."""
    if facts.promised_call:
        return NEVER_SHED
    match facts.purpose:
        case Purpose.INTERVIEW:
            return NEVER_SHED
        case Purpose.INFORM:
            return _level_of_contact(facts, rules)
        case Purpose.FOLLOW_UP | Purpose.CAMPAIGN:
            return MODES[Mode.POSITIVES_ONLY].level
        case _:
            assert_never(facts.purpose)


def _level_of_contact(facts: ShedFacts, rules: ModeRules) -> int:
    if not facts.can_sms or facts.opted_out:
        return NEVER_SHED
    groups = groups_of(facts)
    return min((rule.level for rule in rules.values() if groups <= rule.texts), default=NEVER_SHED)


def groups_of(facts: ShedFacts) -> frozenset[ContactGroup]:
    """Every group a contact is in."""
    named = {
        ContactGroup.MINOR: not facts.adult,
        ContactGroup.VULNERABLE: facts.vulnerable,
        ContactGroup.HOUSEHOLD: facts.household,
        ContactGroup.COLLECTIVE_SETTING: facts.collective_setting,
    }
    return frozenset(group for group, holds in named.items() if holds) or _LOW_RISK


def is_shed(shed_level: int, level: int) -> bool:
    """Whether an entry is kept from the agents while this level is in force."""
    return NEVER_SHED < shed_level <= level


def is_texted(purpose: Purpose, shed_level: int, level: int) -> bool:
    """Whether an entry becomes an SMS: contacts do; shed follow-ups and campaigns only wait."""
    return purpose is Purpose.INFORM and is_shed(shed_level, level)
