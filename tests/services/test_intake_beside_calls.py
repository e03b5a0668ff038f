"""A file that comes in while agents call: nobody waits in a circle, and no call loses its entry."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import update

from outreach.domain.call_attempts import CallStatus
from outreach.domain.call_list import Queue
from outreach.domain.outcomes import CallOutcome
from outreach.ids import new_id
from outreach.services.calling import start_attempt
from outreach.services.wrap_up import Report
from outreach.storage import call_list_store, case_store, intake_entry_store, number_store, tables
from outreach.storage.attempt_store import Attempt
from outreach.storage.call_list_store import Entry
from tests.call_world import PLATFORM, CallWorld, eventually, someone_waits_for_a_lock

MOBILE = "+33639980070"


def _attempt(calls: CallWorld, entry: Entry) -> Attempt:
    attempt_id = new_id()
    return Attempt(
        id=attempt_id,
        platform=entry.platform,
        entry_id=entry.id,
        case_record_id=entry.case_record_id,
        person_id=entry.person_id,
        agent_id=calls.agent_id,
        status=CallStatus.RINGING_AGENT,
        phone_position=entry.phone_position,
        inbound=False,
        conference=attempt_id,
        started_at=calls.clock.now(),
        mode_version=1,
    )


def _comes_in_again(calls: CallWorld, **fields: str) -> None:
    """The first person's row, changed."""
    row = {"nom": "Martin1", "prenoms": "Camille", "date_naissance": "01/03/1980", **fields}
    calls.app.case_import.put_case_record(PLATFORM, "test", "R1", row, by=None)


def _turns_positive_at_the_click(calls: CallWorld, entry_id: UUID) -> None:
    """The row is being read while the agent's click commits."""
    with ThreadPoolExecutor(1) as pool:
        with calls.app.database.begin() as connection:
            entry = call_list_store.held_entry(connection, entry_id, calls.agent_id)
            coming = pool.submit(
                _comes_in_again,
                calls,
                type="positif",
                telephone_1=MOBILE,
                date_resultat=calls.clock.now().isoformat(),
            )
            eventually(lambda: someone_waits_for_a_lock(calls.app.database), "the import waits")
            start_attempt(connection, _attempt(calls, entry))
        coming.result()


def test_a_click_at_the_moment_the_record_changes_keeps_its_entry(calls: CallWorld) -> None:
    record = calls.person(MOBILE, kind="contact")
    entry_id = calls.lease()
    _turns_positive_at_the_click(calls, entry_id)
    assert calls.case(record).kind == "POSITIVE"
    with calls.app.database.begin() as connection:
        assert call_list_store.read(connection, entry_id).state == "LEASED"


@pytest.mark.parametrize("wish", ["no SMS to the number", "SMS again", "no SMS to the person"])
def test_a_wish_about_sms_that_comes_in_beside_a_file_waits_its_turn(calls: CallWorld, wish: str) -> None:
    entry = calls.entry_of(calls.person(MOBILE, kind="contact"))
    number, now = entry.number_index, calls.clock.now()
    with calls.app.database.begin() as connection:
        if wish == "SMS again":
            number_store.opt_out(connection, [number], because="REPLY", now=now)

    def tell() -> None:
        with calls.app.database.begin() as connection:
            match wish:
                case "no SMS to the number":
                    number_store.opt_out(connection, [number], because="REPLY", now=now)
                case "no SMS to the person":
                    number_store.opt_out_person(connection, entry.person_id, because="REPLY", now=now)
                case _:
                    number_store.opt_in(connection, number, now=now)
                    number_store.contacts_of_number(connection, number)

    with ThreadPoolExecutor(1) as pool:
        with calls.app.database.begin() as connection:  # as an import does
            intake_entry_store.open_entries(connection, [entry.case_record_id])
            telling = pool.submit(tell)
            eventually(lambda: someone_waits_for_a_lock(calls.app.database), "the wish waits")
            case_store.known_cases(connection, [entry.case_record_id])
        telling.result()
    (person,) = calls.rows(tables.persons)
    assert person.opted_out is (wish != "SMS again")


def test_a_household_told_beside_a_file_waits_its_turn(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    earlier = calls.entry_of(calls.person(MOBILE, kind="contact"))
    called = calls.entry_of(calls.person(MOBILE, kind="contact"))
    with calls.app.database.begin() as connection:
        entries = tables.call_list_entries
        connection.execute(update(entries).where(entries.c.id == called.id).values(front=0))
    attempt = calls.until_status(calls.call(), "ANSWERED")
    assert attempt.entry_id == called.id
    told = Report(CallOutcome.INFO_GIVEN, household=(earlier.id,))
    with ThreadPoolExecutor(1) as pool:
        with calls.app.database.begin() as connection:  # as an import does, from one wave to the next
            intake_entry_store.open_entries(connection, [earlier.case_record_id])
            telling = pool.submit(calls.app.wrap_up.record, calls.agent_id, attempt.id, told)
            eventually(lambda: someone_waits_for_a_lock(calls.app.database), "the outcome waits")
            intake_entry_store.open_entries(connection, [called.case_record_id])
        assert telling.result() is not None
    assert {entry.state for entry in calls.rows(tables.call_list_entries)} == {"CLOSED"}


def test_whoever_looks_for_a_number_is_done_when_it_comes(calls: CallWorld) -> None:
    record = calls.person("38663", kind="contact")
    searching = calls.app.call_list.next_entry(
        calls.agent_id, platforms=[PLATFORM], languages=["fr"], queues=[Queue.SEARCH]
    )
    assert searching is not None
    _comes_in_again(calls, type="contact", telephone_1=MOBILE)
    entry = calls.entry_of(record)
    assert (entry.id, entry.queue, entry.state) == (searching.entry_id, "AGENTS", "READY")
    assert calls.app.call_list.current(calls.agent_id) is None
    assert calls.lease() == entry.id
