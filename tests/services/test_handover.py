"""What goes to others comes back: queues beside the agents', the health agency, sick leave."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, update

from outreach.domain.call_list import Queue
from outreach.domain.outcomes import CallOutcome
from outreach.errors import Conflict
from outreach.ids import new_id
from outreach.services.wrap_up import Report
from outreach.storage import tables
from tests.call_world import CallWorld

MOBILE = "+33639980050"


def _ended_with(calls: CallWorld, report: Report) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    attempt = calls.until_status(calls.call(), "ANSWERED")
    calls.app.wrap_up.record(calls.agent_id, attempt.id, report)


def test_an_escalated_entry_waits_for_a_doctor_and_comes_back_to_the_agents(calls: CallWorld) -> None:
    record = calls.person(MOBILE)
    _ended_with(calls, Report(CallOutcome.ESCALATE_MEDICAL))
    (waiting,) = calls.app.handover.escalated(Queue.MEDICAL, ["40"])
    assert waiting.case_record_id == record
    calls.app.handover.move_to(waiting.entry_id, Queue.AGENTS, by=calls.agent_id, because="ADVISED")
    assert calls.app.handover.escalated(Queue.MEDICAL, ["40"]) == []
    assert calls.lease() == waiting.entry_id


def test_an_entry_in_someone_s_hands_is_not_moved_under_them(calls: CallWorld) -> None:
    calls.person(MOBILE)
    entry_id = calls.lease()
    with pytest.raises(Conflict, match="in someone's hands"):
        calls.app.handover.move_to(entry_id, Queue.MEDICAL, by=calls.agent_id, because="X")


def test_an_entry_without_a_number_goes_to_no_queue_that_calls(calls: CallWorld) -> None:
    record = calls.person("38663")
    with pytest.raises(Conflict, match="no number"):
        calls.app.handover.move_to(calls.entry_of(record).id, Queue.AGENTS, by=calls.agent_id, because="X")


def test_the_health_agency_gets_record_numbers_and_no_name(calls: CallWorld) -> None:
    calls.person(MOBILE)
    _ended_with(calls, Report(CallOutcome.ESCALATE_ARS))
    now, day = calls.clock.now(), timedelta(days=1)
    (handed,) = calls.app.handover.to_ars(["40"], since=now - day, until=now + day)
    assert (handed.source, handed.external_id, handed.kind) == ("test", "R1", "POSITIVE")
    assert "Martin" not in str(handed)
    assert calls.app.handover.to_ars(["40"], since=now + day, until=now + 2 * day) == []


def test_a_record_whose_number_a_later_one_took_over_stays_on_the_lists_and_names_nobody(
    calls: CallWorld,
) -> None:
    record = calls.person(MOBILE)
    _ended_with(calls, Report(CallOutcome.ESCALATE_ARS))
    with calls.app.database.begin() as connection:
        connection.execute(delete(tables.case_references))
    now, day = calls.clock.now(), timedelta(days=1)
    (handed,) = calls.app.handover.to_ars(["40"], since=now - day, until=now + day)
    assert (handed.case_record_id, handed.external_id) == (record, "")
    with pytest.raises(Conflict, match="took over"):
        calls.app.named_contacts.name(record, {"family_name": "Petit"}, by=calls.agent_id, platforms=["40"])


def test_who_asked_for_sick_leave_is_on_the_list(calls: CallWorld) -> None:
    calls.person(MOBILE)
    _ended_with(calls, Report(CallOutcome.COMPLETED, needs_sick_leave=True))
    assert [each.external_id for each in calls.app.handover.sick_leave(["40"])] == ["R1"]


def test_a_call_that_waits_for_its_moment_waits_in_the_other_queue_too(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="busy")
    record = calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "WRAP_UP")
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report())
    before = calls.entry_of(record)
    calls.app.handover.move_to(before.id, Queue.SENIORS, by=calls.agent_id, because="X")
    after = calls.entry_of(record)
    assert (after.queue, after.state, after.not_before) == ("SENIORS", "WAITING", before.not_before)


def test_an_entry_is_not_moved_to_where_it_stands(calls: CallWorld) -> None:
    record = calls.person(MOBILE)
    with pytest.raises(Conflict, match="in that queue already"):
        calls.app.handover.move_to(calls.entry_of(record).id, Queue.AGENTS, by=calls.agent_id, because="X")


def test_an_entry_that_is_called_after_all_no_longer_stands_for_its_sms(calls: CallWorld) -> None:
    record = calls.person(MOBILE, kind="contact")
    _set(calls, record, state="TEXTED", message_id=new_id())
    calls.app.handover.move_to(calls.entry_of(record).id, Queue.SENIORS, by=calls.agent_id, because="X")
    entry = calls.entry_of(record)
    assert (entry.state, entry.message_id) == ("READY", None)


def test_whoever_was_looked_up_is_called_at_their_first_good_number(calls: CallWorld) -> None:
    record = calls.person(MOBILE, others=("+33639980051",))
    number = calls.entry_of(record).number_index
    _set(calls, record, queue="SEARCH", number_index=None, phone_position=1)
    calls.app.handover.move_to(calls.entry_of(record).id, Queue.AGENTS, by=calls.agent_id, because="FOUND")
    entry = calls.entry_of(record)
    assert (entry.queue, entry.state) == ("AGENTS", "READY")
    assert (entry.number_index, entry.phone_position) == (number, 0)


def _set(calls: CallWorld, case_record_id: UUID, **values: object) -> None:
    entries = tables.call_list_entries
    with calls.app.database.begin() as connection:
        connection.execute(update(entries).where(entries.c.case_record_id == case_record_id).values(**values))
