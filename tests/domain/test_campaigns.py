"""The rules of campaigns: moves, windows, pace, follow-ups, exclusions, words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.audiences import (
    EXCLUSION_WORDS,
    AudienceFilter,
    CandidateFacts,
    Exclusion,
    ExclusionRules,
    exclusion_of,
)
from outreach.domain.campaign_words import CampaignFigures, sentence
from outreach.domain.campaigns import (
    MOVES,
    CampaignChannel,
    CampaignOutcome,
    CampaignPlan,
    CampaignState,
    FollowUp,
    FollowUpKind,
    Pace,
    SentText,
    Window,
    check_confirmed,
    check_move,
    check_plan,
    follow_up_step,
    mark_after,
    release,
)
from outreach.domain.messages import NOT_TOLD, MessageStatus
from outreach.domain.outcomes import CallOutcome
from outreach.domain.purposes import Purpose
from outreach.errors import Conflict, InvalidInput

NOW = datetime(2021, 3, 16, 9, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Paris
REACHABLE = CandidateFacts(number_index=b"n")
SMS, CALLS = ExclusionRules(by_sms=True), ExclusionRules(by_sms=False)
BOTH = FollowUp(reminder_after_hours=24, call_after_hours=12)


@pytest.mark.parametrize(("current", "to"), list(product(CampaignState, CampaignState)))
def test_a_campaign_moves_as_its_table_says(current: CampaignState, to: CampaignState) -> None:
    if to in MOVES[current]:
        check_move("a campaign", current, to)
        return
    with pytest.raises(Conflict, match=f"is {current.value}"):
        check_move("a campaign", current, to)


def test_every_campaign_can_be_cancelled_until_it_has_ended() -> None:
    ended = {CampaignState.DONE, CampaignState.CANCELLED}
    assert {s for s in CampaignState if CampaignState.CANCELLED in MOVES[s]} == set(CampaignState) - ended
    assert all(not MOVES[state] for state in ended)


@pytest.mark.parametrize("confirmed", [0, 99, 101])
def test_only_the_very_count_confirms(confirmed: int) -> None:
    check_confirmed(counted=100, confirmed=100)
    with pytest.raises(Conflict):
        check_confirmed(counted=100, confirmed=confirmed)


EXCLUDED: list[tuple[ExclusionRules, CandidateFacts, Exclusion | None]] = [
    (SMS, REACHABLE, None),
    (SMS, replace(REACHABLE, erased=True, deceased=True), Exclusion.ERASED),
    (SMS, replace(REACHABLE, deceased=True), Exclusion.DECEASED),
    (SMS, replace(REACHABLE, adult=False), None),
    (replace(SMS, adults_only=True), replace(REACHABLE, adult=False), Exclusion.MINOR),
    (SMS, replace(REACHABLE, opted_out=True), Exclusion.OPTED_OUT),
    (SMS, replace(REACHABLE, number_index=None), Exclusion.NO_SMS_LINE),
    (SMS, replace(REACHABLE, told=True), Exclusion.ALREADY_TOLD),
    (SMS, replace(REACHABLE, in_a_call=True), Exclusion.IN_A_CALL),
    (SMS, replace(REACHABLE, do_not_call=True), None),
    (SMS, replace(REACHABLE, number_index=b"taken"), Exclusion.HOUSEHOLD_DUPLICATE),
    (CALLS, REACHABLE, None),
    (CALLS, replace(REACHABLE, opted_out=True), None),  # STOP is about SMS: a call stays possible
    (CALLS, replace(REACHABLE, do_not_call=True), Exclusion.DO_NOT_CALL),
    (CALLS, replace(REACHABLE, has_number=False), Exclusion.NO_NUMBER),
    (CALLS, replace(REACHABLE, on_the_list=True), Exclusion.ON_THE_LIST),
    (CALLS, replace(REACHABLE, in_a_call=True), Exclusion.IN_A_CALL),
    (CALLS, replace(REACHABLE, number_index=b"taken"), None),
]


@pytest.mark.parametrize(("rules", "facts", "because"), EXCLUDED)
def test_who_is_left_out_and_why(
    rules: ExclusionRules, facts: CandidateFacts, because: Exclusion | None
) -> None:
    assert exclusion_of(facts, rules, {b"taken"}) is because


def test_every_reason_for_leaving_out_is_said_in_words() -> None:
    assert set(EXCLUSION_WORDS) == set(Exclusion)


@given(
    weekdays=st.sets(st.integers(0, 6), min_size=1),
    hours=st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda h: h[0] < h[1]),
    zone=st.sampled_from(["Europe/Paris", "America/Cayenne", "Indian/Reunion", "Pacific/Noumea"]),
    minutes=st.integers(0, 400 * 24 * 60),
)
def test_a_window_opens_at_a_moment_when_it_is_open_within_a_week(
    weekdays: set[int], hours: tuple[int, int], zone: str, minutes: int
) -> None:
    window, at = Window(tuple(sorted(weekdays)), *hours), NOW + timedelta(minutes=minutes)
    opens = window.next_open(zone, at)
    assert window.is_open(zone, opens)
    assert at <= opens <= at + timedelta(days=8)


@given(
    rate=st.floats(0.5, 5_000),
    looks=st.lists(st.floats(0.05, 30), min_size=1, max_size=50),
    cut=st.floats(0, 1),
)
def test_a_pace_is_never_exceeded_over_a_run(rate: float, looks: list[float], cut: float) -> None:
    mark, now, spent = NOW, NOW, 0
    for seconds in looks:
        now += timedelta(seconds=seconds)
        pace = release(rate, released_at=mark, queued=0, now=now)
        used = int(pace.segments * cut)
        mark, spent = mark_after(pace, rate, used), spent + used
    assert spent <= rate * (now - NOW).total_seconds() + 1


def test_a_campaign_does_not_catch_up_an_hours_pause_in_one_go() -> None:
    pace = release(10.0, released_at=NOW - timedelta(hours=1), queued=0, now=NOW)
    assert pace.segments == 100


def test_no_more_is_made_while_enough_waits_in_the_queue() -> None:
    assert release(10.0, released_at=NOW - timedelta(seconds=5), queued=500, now=NOW).segments == 0


@pytest.mark.parametrize(
    ("pace", "rate"),
    [(Pace(), 100), (Pace(share=0.25), 25), (Pace(40), 40), (Pace(400), 100), (Pace(40, 0.1), 10)],
)
def test_a_campaign_goes_at_its_own_pace_and_never_above_the_senders(pace: Pace, rate: float) -> None:
    assert pace.rate(100) == rate


HOURS_AGO = {hours: NOW - timedelta(hours=hours) for hours in (1, 12, 24, 36)}
DELIVERED = MessageStatus.DELIVERED
STEPS: list[tuple[FollowUp, SentText, SentText | None, FollowUpKind]] = [
    (BOTH, SentText(MessageStatus.READ, HOURS_AGO[36]), None, FollowUpKind.SETTLED),
    (BOTH, SentText(MessageStatus.CANCELLED, None), None, FollowUpKind.SETTLED),  # STOP came first
    (BOTH, SentText(MessageStatus.QUEUED, None), None, FollowUpKind.WAIT),
    (BOTH, SentText(DELIVERED, HOURS_AGO[1]), None, FollowUpKind.WAIT),
    (BOTH, SentText(DELIVERED, HOURS_AGO[24]), None, FollowUpKind.REMIND),
    (BOTH, SentText(MessageStatus.UNDELIVERED, HOURS_AGO[1]), None, FollowUpKind.CALL),
    (BOTH, SentText(DELIVERED, HOURS_AGO[36]), SentText(DELIVERED, HOURS_AGO[1]), FollowUpKind.WAIT),
    (BOTH, SentText(DELIVERED, HOURS_AGO[36]), SentText(DELIVERED, HOURS_AGO[12]), FollowUpKind.CALL),
    (
        BOTH,
        SentText(DELIVERED, HOURS_AGO[36]),
        SentText(MessageStatus.READ, HOURS_AGO[12]),
        FollowUpKind.SETTLED,
    ),
    (FollowUp(call_after_hours=6), SentText(DELIVERED, HOURS_AGO[12]), None, FollowUpKind.CALL),
    (FollowUp(reminder_after_hours=6), SentText(DELIVERED, HOURS_AGO[12]), None, FollowUpKind.REMIND),
    (
        FollowUp(reminder_after_hours=6),
        SentText(DELIVERED, HOURS_AGO[12]),
        SentText(DELIVERED, HOURS_AGO[1]),
        FollowUpKind.SETTLED,
    ),
    (
        FollowUp(reminder_after_hours=6),
        SentText(MessageStatus.FAILED, HOURS_AGO[1]),
        None,
        FollowUpKind.SETTLED,
    ),
]


@pytest.mark.parametrize(("wanted", "first", "reminder", "kind"), STEPS)
def test_what_follows_an_sms(
    wanted: FollowUp, first: SentText, reminder: SentText | None, kind: FollowUpKind
) -> None:
    assert follow_up_step(wanted, first, reminder, NOW).kind is kind


def test_a_reply_of_any_kind_ends_the_follow_up() -> None:
    first = SentText(DELIVERED, HOURS_AGO[36])
    assert follow_up_step(BOTH, first, None, NOW, replied=True).kind is FollowUpKind.SETTLED


@pytest.mark.parametrize("status", list(MessageStatus))
def test_whom_an_sms_did_not_tell_is_called_at_once_whatever_failed(status: MessageStatus) -> None:
    step = follow_up_step(BOTH, SentText(status, HOURS_AGO[1]), None, NOW)
    assert (step.kind is FollowUpKind.CALL) is (status in NOT_TOLD)


REFUSED: list[tuple[CampaignChannel, CampaignPlan, str]] = [
    (CampaignChannel.SMS, CampaignPlan("t", AudienceFilter(age_from=9, age_until=8)), "audience.age_until"),
    (CampaignChannel.SMS, CampaignPlan("t", window=Window(weekdays=())), "window"),
    (CampaignChannel.SMS, CampaignPlan("t", window=Window(weekdays=(7,))), "window"),
    (CampaignChannel.SMS, CampaignPlan("t", window=Window(from_hour=20, until_hour=8)), "window"),
    (CampaignChannel.SMS, CampaignPlan("t", pace=Pace(share=0.0)), "pace"),
    (CampaignChannel.SMS, CampaignPlan("t", pace=Pace(0)), "pace"),
    (CampaignChannel.SMS, CampaignPlan("t", days=91), "days"),
    (CampaignChannel.SMS, CampaignPlan("t", days=1, follow_up=BOTH), "days"),
    (CampaignChannel.SMS, CampaignPlan("t", follow_up=FollowUp(reminder_after_hours=0)), "follow_up"),
    (
        CampaignChannel.SMS,
        CampaignPlan("t", outcomes=(CampaignOutcome("A", "a", CallOutcome.COMPLETED),)),
        "outcomes",
    ),
    (CampaignChannel.CALLS, CampaignPlan("t", call_purpose=Purpose.INTERVIEW), "call_purpose"),
    (CampaignChannel.CALLS, CampaignPlan("t", follow_up=BOTH), "follow_up"),
    (CampaignChannel.CALLS, CampaignPlan("t", pace=Pace(share=0.5)), "window"),
    (
        CampaignChannel.CALLS,
        CampaignPlan("t", outcomes=(CampaignOutcome("A", "a", CallOutcome.COMPLETED),) * 2),
        "outcomes",
    ),
]


@pytest.mark.parametrize(("channel", "plan", "field"), REFUSED)
def test_a_plan_that_cannot_work_names_the_field_and_how_to_mend_it(
    channel: CampaignChannel, plan: CampaignPlan, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check_plan(plan, channel)
    assert (refusal.value.field, bool(refusal.value.mend)) == (field, True)


def test_progress_is_said_in_plain_words() -> None:
    figures = CampaignFigures(
        members=100_000,
        pending=88_000,
        left_out={Exclusion.OPTED_OUT: 310},
        statuses={MessageStatus.DELIVERED: 11_700, MessageStatus.READ: 100, MessageStatus.FAILED: 200},
        replies={"STOP": 9},
    )
    assert sentence(CampaignState.RUNNING, figures, "fr") == (
        "En cours : 12 000 SMS préparés sur 100 000 ; 11 800 remis ; 100 lus ; 200 non remis ; 9 STOP ; "
        "310 personnes écartées."
    )
    assert sentence(CampaignState.PAUSED, figures, "en").startswith("Paused: 12,000 SMS made of 100,000;")
    assert sentence(CampaignState.DRAFT, CampaignFigures(), "fr") == "Brouillon."
