"""Who is texted in place of a call, under which mode."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations, product
from typing import Any

import pytest

from outreach.domain.load_shedding import (
    MODES,
    ContactGroup,
    Mode,
    ModeInForce,
    ShedFacts,
    check_rules,
    is_shed,
    is_texted,
    rules_from,
    shed_level,
    stored_rule,
)
from outreach.domain.purposes import Purpose
from outreach.errors import InvalidInput

NAMED = sorted(set(ContactGroup) - {ContactGroup.OTHERS})
GROUPS = [
    frozenset({ContactGroup.OTHERS}),
    *(frozenset(some) for count in range(1, 5) for some in combinations(NAMED, count)),
]

NOW = datetime(2021, 3, 16, 9, tzinfo=UTC)


def channel(facts: ShedFacts, mode: Mode) -> str:
    level, shed = MODES[mode].level, shed_level(facts)
    if is_texted(facts.purpose, shed, level):
        return "SMS"
    return "wait" if is_shed(shed, level) else "call"


LOW_RISK = ShedFacts(Purpose.INFORM, can_sms=True)
HOUSEHOLD = ShedFacts(Purpose.INFORM, can_sms=True, household=True)
LANDLINE = ShedFacts(Purpose.INFORM, can_sms=False)
POSITIVE = ShedFacts(Purpose.INTERVIEW, can_sms=True)
CAMPAIGN = ShedFacts(Purpose.CAMPAIGN, can_sms=True)


@pytest.mark.parametrize(
    ("mode", "low_risk", "household", "campaign"),
    [
        (Mode.NORMAL, "call", "call", "call"),
        (Mode.LIGHT, "call", "call", "call"),
        (Mode.SMS_LOW_RISK, "SMS", "call", "call"),
        (Mode.SMS_CONTACTS, "SMS", "SMS", "call"),
        (Mode.POSITIVES_ONLY, "SMS", "SMS", "wait"),
    ],
)
def test_each_mode_chooses_the_channel_of_mission_section_5(
    mode: Mode, low_risk: str, household: str, campaign: str
) -> None:
    assert channel(LOW_RISK, mode) == low_risk
    assert channel(HOUSEHOLD, mode) == household
    assert channel(CAMPAIGN, mode) == campaign
    assert channel(POSITIVE, mode) == "call"
    assert channel(LANDLINE, mode) == "call"


@pytest.mark.parametrize(
    "facts",
    [
        ShedFacts(Purpose.INFORM, True, vulnerable=True),
        ShedFacts(Purpose.INFORM, True, household=True),
        ShedFacts(Purpose.INFORM, True, collective_setting=True),
        ShedFacts(Purpose.INFORM, True, adult=False),
    ],
)
def test_fragile_contacts_are_called_under_the_low_risk_mode(facts: ShedFacts) -> None:
    assert channel(facts, Mode.SMS_LOW_RISK) == "call"
    assert channel(facts, Mode.SMS_CONTACTS) == "SMS"


def test_over_every_combination_a_positive_or_a_promise_is_always_called() -> None:
    for purpose, flags in product(Purpose, product([False, True], repeat=7)):
        facts = ShedFacts(purpose, *flags)
        can, out, promised = facts.can_sms, facts.opted_out, facts.promised_call
        if purpose is Purpose.INTERVIEW or promised:
            assert shed_level(facts) == 0
        if purpose is Purpose.INFORM and (out or not can):
            assert shed_level(facts) == 0


def test_the_ladder_only_adds_to_those_texted() -> None:
    levels = [rule.level for rule in MODES.values()]
    assert levels == sorted(levels)
    assert [MODES[mode].level for mode in Mode] == [1, 1, 2, 3, 4]  # 1: texted under every mode


def test_after_its_end_a_mode_is_normal_under_the_same_version() -> None:
    mode = ModeInForce("40", Mode.SMS_CONTACTS, 7, "wave", NOW, NOW + timedelta(hours=4))
    assert (mode.at(NOW), mode.level(NOW)) == (Mode.SMS_CONTACTS, 3)
    assert (mode.at(NOW + timedelta(hours=4)), mode.level(NOW + timedelta(hours=4))) == (Mode.NORMAL, 1)


def test_a_platforms_own_rules_are_kept_as_they_were_given() -> None:
    own = replace(
        MODES[Mode.SMS_LOW_RISK],
        texts=frozenset({ContactGroup.OTHERS, ContactGroup.HOUSEHOLD}),
        contact_tries=5,
    )
    rules = rules_from({Mode.SMS_LOW_RISK.value: stored_rule(own)})
    assert rules == {**MODES, Mode.SMS_LOW_RISK: own}
    check_rules(rules)


@pytest.mark.parametrize("groups", GROUPS, ids=lambda groups: "+".join(sorted(groups)))
def test_a_contact_is_texted_by_the_lightest_mode_that_texts_all_their_groups(
    groups: frozenset[ContactGroup],
) -> None:
    low = frozenset({ContactGroup.OTHERS, ContactGroup.HOUSEHOLD})
    most = frozenset(ContactGroup) - {ContactGroup.MINOR}
    rules = {
        **MODES,
        Mode.SMS_LOW_RISK: replace(MODES[Mode.SMS_LOW_RISK], texts=low),
        Mode.SMS_CONTACTS: replace(MODES[Mode.SMS_CONTACTS], texts=most),
        Mode.POSITIVES_ONLY: replace(MODES[Mode.POSITIVES_ONLY], texts=most),
    }
    check_rules(rules)
    facts = ShedFacts(
        Purpose.INFORM,
        can_sms=True,
        adult=ContactGroup.MINOR not in groups,
        vulnerable=ContactGroup.VULNERABLE in groups,
        household=ContactGroup.HOUSEHOLD in groups,
        collective_setting=ContactGroup.COLLECTIVE_SETTING in groups,
    )
    expected = 2 if groups <= low else 3 if groups <= most else 0
    assert shed_level(facts, rules) == expected


@pytest.mark.parametrize(
    ("mode", "change", "field"),
    [
        (Mode.SMS_CONTACTS, {"texts": frozenset({ContactGroup.HOUSEHOLD})}, "texts"),
        (Mode.NORMAL, {"texts": frozenset({ContactGroup.OTHERS})}, "texts"),
        (Mode.LIGHT, {"contact_tries": 0}, "contact_tries"),
        (Mode.LIGHT, {"misses_before_sms": 11}, "misses_before_sms"),
    ],
)
def test_rules_that_break_the_ladder_or_call_nobody_are_refused(
    mode: Mode, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_rules({**MODES, mode: replace(MODES[mode], **change)})
    assert refused.value.field == field
