"""An outcome said by mistake is taken back within a minute, as if it had not been said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from outreach.domain.outcomes import CallOutcome
from outreach.errors import Conflict, NotAllowed
from outreach.services.service_level import ServiceLevelFigures
from outreach.services.wrap_up import Report
from outreach.storage import tables
from outreach.storage.attempt_store import Attempt
from tests.call_world import PLATFORM, CallWorld

MOBILE, OTHER = "+33639980050", "+33639980051"
DAY = timedelta(days=1)


def talked(calls: CallWorld, number: str = MOBILE, *, kind: str = "positif") -> Attempt:
    """A conversation that is over, its outcome to be said."""
    calls.company.set_phone(number, voice="answers", answer_after=1, talk_seconds=5)
    calls.person(number, kind=kind)
    return calls.until_status(calls.call(), "WRAP_UP")


def say(calls: CallWorld, attempt: Attempt, outcome: CallOutcome, **more: Any) -> None:
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(outcome, **more))


def undo(calls: CallWorld, attempt: Attempt) -> None:
    undone = calls.app.desk_work.undo.undo(calls.agent_id, attempt.id)
    assert undone.attempt_id == attempt.id


def standing(calls: CallWorld, attempt: Attempt) -> dict[str, Any]:
    """Everything an outcome changes; not the lease, which is a new one."""
    entry = calls.entry_of(attempt.case_record_id)._asdict()
    for name in ("version", "lease_id", "leased_until"):
        entry.pop(name)
    record = calls.case(attempt.case_record_id)._asdict()
    record.pop("version")
    phones = [row for row in calls.rows(tables.person_phones) if row.person_id == attempt.person_id]
    people = [row.opted_out for row in calls.rows(tables.persons) if row.id == attempt.person_id]
    return {"entry": entry, "record": record, "phones": phones, "opted_out": people}


@pytest.mark.parametrize(
    "outcome",
    [
        CallOutcome.COMPLETED,
        CallOutcome.PARTIAL,
        CallOutcome.CALLBACK_AT,
        CallOutcome.REFUSED,
        CallOutcome.DO_NOT_CALL,
        CallOutcome.LANGUAGE,
        CallOutcome.ESCALATE_ARS,
        CallOutcome.DECEASED,
        CallOutcome.WRONG_NUMBER,
        CallOutcome.VOICEMAIL_NONE,
    ],
)
def test_whatever_an_outcome_changed_is_put_back(calls: CallWorld, outcome: CallOutcome) -> None:
    attempt = talked(calls)
    before = standing(calls, attempt)
    at = calls.clock.now() + timedelta(hours=2) if outcome is CallOutcome.CALLBACK_AT else None
    say(calls, attempt, outcome, callback_at=at, needs_sick_leave=True)
    assert standing(calls, attempt) != before
    undo(calls, attempt)
    assert standing(calls, attempt) == before
    again = calls.attempt(attempt)
    assert (again.outcome, again.status) == (None, "WRAP_UP")
    say(calls, attempt, CallOutcome.COMPLETED)
    assert calls.case(attempt.case_record_id).last_outcome == "COMPLETED"


def test_what_was_undone_counts_in_no_figure(calls: CallWorld) -> None:
    attempt = talked(calls)
    say(calls, attempt, CallOutcome.COMPLETED)
    undo(calls, attempt)
    now = calls.clock.now()
    figures = ServiceLevelFigures(calls.app.database, calls.clock)
    assert figures.figures(PLATFORM, now - DAY, now + DAY).reached_in_time == 0
    assert calls.events(attempt.case_record_id).count("ATTEMPT_OUTCOME") == 1
    say(calls, attempt, CallOutcome.COMPLETED)
    assert figures.figures(PLATFORM, now - DAY, now + DAY).reached_in_time == 1


def test_the_case_system_is_told_that_the_outcome_does_not_count(calls: CallWorld) -> None:
    attempt = talked(calls)
    say(calls, attempt, CallOutcome.ALREADY_DONE)
    undo(calls, attempt)
    told = [(row.kind, row.payload["outcome"]) for row in calls.rows(tables.outbox) if row.kind != "merge"]
    assert told == [("call-outcome", "ALREADY_DONE"), ("outcome-undone", "ALREADY_DONE")]


def test_a_text_that_has_not_left_is_cancelled(calls: CallWorld) -> None:
    attempt = talked(calls)
    say(calls, attempt, CallOutcome.CALLBACK_AT, callback_at=calls.clock.now() + timedelta(hours=2))
    assert [row.status for row in calls.rows(tables.messages)] == ["QUEUED"]
    undo(calls, attempt)
    assert [row.status for row in calls.rows(tables.messages)] == ["CANCELLED"]


def test_once_a_text_has_left_the_outcome_stands(calls: CallWorld) -> None:
    attempt = talked(calls)
    say(calls, attempt, CallOutcome.CALLBACK_AT, callback_at=calls.clock.now() + timedelta(hours=2))
    with calls.app.database.begin() as connection:
        connection.execute(tables.messages.update().values(status="SENDING"))
    with pytest.raises(Conflict, match="has left already"):
        undo(calls, attempt)


def test_an_emergency_undone_clears_its_alarm(calls: CallWorld) -> None:
    attempt = talked(calls)
    say(calls, attempt, CallOutcome.EMERGENCY)
    assert [alarm["kind"] for alarm in calls.app.alarms.open([PLATFORM])] == ["EMERGENCY"]
    undo(calls, attempt)
    assert calls.app.alarms.open([PLATFORM]) == []


def test_after_a_minute_the_outcome_stands(calls: CallWorld) -> None:
    attempt = talked(calls)
    say(calls, attempt, CallOutcome.COMPLETED)
    calls.clock.advance(timedelta(seconds=61))
    with pytest.raises(Conflict, match="for one minute"):
        undo(calls, attempt)


def test_an_outcome_is_undone_by_who_said_it_alone(calls: CallWorld) -> None:
    attempt = talked(calls)
    say(calls, attempt, CallOutcome.COMPLETED)
    other = calls.colleague("other", "agent", "+33199000009")
    with pytest.raises(NotAllowed):
        calls.app.desk_work.undo.undo(other, attempt.id)


def test_an_outcome_stands_once_somebody_else_has_the_person(calls: CallWorld) -> None:
    attempt = talked(calls)
    say(calls, attempt, CallOutcome.NETWORK_FAILED)
    other = calls.colleague("other", "agent", "+33199000009")
    with calls.app.database.begin() as connection:
        entry = tables.call_list_entries
        connection.execute(
            entry.update()
            .where(entry.c.id == attempt.entry_id)
            .values(
                state="LEASED", leased_by=other, lease_id=attempt.id, leased_until=calls.clock.now() + DAY
            )
        )
    with pytest.raises(Conflict, match="in hand by now"):
        undo(calls, attempt)


def test_only_the_last_outcome_can_be_undone_and_once(calls: CallWorld) -> None:
    first = talked(calls)
    say(calls, first, CallOutcome.COMPLETED)
    second = talked(calls, OTHER)
    say(calls, second, CallOutcome.COMPLETED)
    with pytest.raises(Conflict, match="Only your last"):
        undo(calls, first)
    undo(calls, second)
    with pytest.raises(Conflict, match="No outcome was said"):
        undo(calls, second)


def test_whom_the_agent_took_meanwhile_goes_back_to_the_list(calls: CallWorld) -> None:
    attempt = talked(calls)
    say(calls, attempt, CallOutcome.COMPLETED)
    waiting = calls.person(OTHER)
    calls.lease()
    undo(calls, attempt)
    assert calls.entry_of(waiting).state == "READY"
    assert calls.entry_of(attempt.case_record_id).leased_by == calls.agent_id


def test_a_household_told_together_is_untold_together(calls: CallWorld) -> None:
    attempt = talked(calls, kind="contact")
    other = calls.person(MOBILE, kind="contact")
    others = calls.app.call_list.household(attempt.entry_id)
    say(calls, attempt, CallOutcome.INFO_GIVEN, household=(others[0].entry_id,))
    assert calls.entry_of(other).state == "CLOSED"
    undo(calls, attempt)
    assert (calls.entry_of(other).state, calls.case(other).informed_at) == ("READY", None)


def test_a_death_undone_lets_texts_be_sent_again(calls: CallWorld) -> None:
    attempt = talked(calls, kind="contact")
    say(calls, attempt, CallOutcome.DECEASED)
    undo(calls, attempt)
    assert not _opted_out(calls, attempt.person_id)


def _opted_out(calls: CallWorld, person_id: UUID) -> bool:
    people = tables.persons
    with calls.app.database.begin() as connection:
        return bool(connection.execute(select(people.c.opted_out).where(people.c.id == person_id)).scalar())
