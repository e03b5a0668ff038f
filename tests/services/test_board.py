"""The board: the list by time left, late positives by cause, agents by what they do."""

from __future__ import annotations

from datetime import timedelta

from outreach.domain.board import AgentState, TimeLeft
from outreach.domain.outcomes import CallOutcome
from outreach.domain.rota import PauseReason
from outreach.domain.service_level import LateCause
from outreach.services.board import AgentLive, Board
from outreach.services.paced import Paced
from outreach.services.wrap_up import Report
from tests.call_world import PLATFORM, CallWorld

MOBILE, OTHER_MOBILE = "+33639980050", "+33639980051"


def fresh(calls: CallWorld) -> Board:
    """A board that keeps nothing."""
    return Board(calls.app.database, calls.clock, calls.app.service_level)


def agent(calls: CallWorld) -> AgentLive:
    (found,) = fresh(calls).view(PLATFORM).agents
    return found


def test_the_backlog_is_counted_by_class_and_time_left(calls: CallWorld) -> None:
    calls.person(MOBILE)
    calls.person(OTHER_MOBILE, kind="contact", foyer="oui", date_dernier_contact="2021-03-15")
    backlog = fresh(calls).view(PLATFORM).backlog
    assert backlog.of_class(1) == 1
    assert backlog.contacts == 1
    assert backlog.cell(1, TimeLeft.DAY) == 1
    calls.clock.advance(timedelta(hours=25))
    assert fresh(calls).view(PLATFORM).backlog.cell(1, TimeLeft.LATE) == 1


def test_a_late_positive_is_counted_under_its_cause_and_a_called_one_is_not(calls: CallWorld) -> None:
    late = calls.person(MOBILE)
    calls.company.set_phone(OTHER_MOBILE, voice="answers", talk_seconds=0)
    calls.person(OTHER_MOBILE)
    calls.clock.advance(timedelta(hours=25))
    calls.app.call_list.keep_ready()
    day = fresh(calls).view(PLATFORM).day
    assert [(each.cause, each.count) for each in day.late] == [(LateCause.NO_CAPACITY, 2)]
    assert late in day.late[0].records
    attempt = calls.call()
    calls.until(attempt, lambda a: a.status in ("ANSWERED", "WRAP_UP"), "the end of ringing")
    said = Report(CallOutcome.COMPLETED)
    calls.app.wrap_up.record(calls.agent_id, attempt.id, said)
    assert fresh(calls).view(PLATFORM).day.late_count == 1


def test_who_has_been_late_for_days_is_still_counted(calls: CallWorld) -> None:
    old = calls.person(MOBILE, date_resultat="2021-03-12T09:00:00+01:00")
    (late,) = fresh(calls).view(PLATFORM).day.late
    assert (late.cause, list(late.records)) == (LateCause.LATE_AT_ARRIVAL, [old])


def test_at_risk_are_uncalled_positives_in_their_last_four_hours(calls: CallWorld) -> None:
    calls.person(MOBILE)
    assert fresh(calls).view(PLATFORM).day.at_risk == 0
    calls.clock.advance(timedelta(hours=22))
    assert fresh(calls).view(PLATFORM).day.at_risk == 1


def test_an_agent_is_idle_reading_ringing_on_a_call_wrapping_up_and_idle_again(calls: CallWorld) -> None:
    assert agent(calls).doing.state is AgentState.IDLE
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    record = calls.person(MOBILE)
    entry_id = calls.lease()
    assert agent(calls).doing.state is AgentState.READING
    assert agent(calls).row.case_record_id == record
    attempt = calls.call(entry_id)
    assert agent(calls).doing.state in (AgentState.RINGING, AgentState.ON_CALL)
    calls.until_status(attempt, "ANSWERED")
    assert agent(calls).doing.state is AgentState.ON_CALL
    calls.company.hang_up(MOBILE)
    calls.until_status(attempt, "WRAP_UP")
    assert not agent(calls).doing.stuck
    calls.clock.advance(timedelta(minutes=6))
    calls.app.call_list.heartbeat(calls.agent_id)
    wrapping = agent(calls)
    assert (wrapping.doing.state, wrapping.doing.stuck) == (AgentState.WRAP_UP, True)
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.COMPLETED))
    assert (agent(calls).doing.state, agent(calls).row.calls_today) == (AgentState.IDLE, 1)


def test_an_agent_is_paused_away_and_off(calls: CallWorld) -> None:
    calls.app.steering.rota.pause(calls.agent_id, PLATFORM, PauseReason.MEAL)
    assert (agent(calls).doing.state, agent(calls).row.pause) == (AgentState.PAUSED, "MEAL")
    calls.clock.advance(timedelta(minutes=5))
    assert agent(calls).doing.state is AgentState.AWAY
    calls.app.call_list.end_shift(calls.agent_id, PLATFORM)
    assert agent(calls).doing.state is AgentState.OFF


def test_what_took_long_is_made_once_for_all_who_ask() -> None:
    made: list[int] = []

    def compute() -> int:
        made.append(1)
        return len(made)

    kept = Paced[int](share=0.0000001)
    assert [kept.get("40", compute) for _ in range(5)] == [1] * 5
    assert kept.newer_than("40", compute, lambda _began, _took: True) == 2
    assert kept.get("64", compute) == 3
