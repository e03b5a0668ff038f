"""Records closed and merged while others do the same, while agents have the person, while people reply."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

import pytest

from outreach.domain.outcomes import CallOutcome
from outreach.errors import Conflict, OutreachError
from outreach.ids import new_id
from outreach.services.access import Asker
from outreach.services.replies import Replies
from outreach.services.wrap_up import Report
from outreach.storage import call_list_store, tables
from outreach.storage.attempt_store import Attempt
from outreach.telephony.simulator import OUR_NUMBER
from outreach.telephony.webhooks import InboundMessage
from tests.call_world import PLATFORM, CallWorld, at_once, eventually, someone_waits_for_a_lock, supervisor

MOBILE, OTHER = "+33639980050", "+33639980051"
ROUNDS = 6


@pytest.fixture
def askers(calls: CallWorld) -> tuple[Asker, Asker]:
    return supervisor(calls, "first"), supervisor(calls, "second")


def refused(results: list[object]) -> int:
    """How many were told why not; anything else that was raised fails the test."""
    unexpected = [each for each in results if isinstance(each, BaseException)]
    assert all(isinstance(each, OutreachError) for each in unexpected), results
    return len(unexpected)


def durand(calls: CallWorld, number: str, turn: int = 0, *, kind: str = "positif") -> UUID:
    """Always the same person, known anew under each number."""
    name, born = f"Durand{turn}", "04/05/1970"
    return calls.person(number, kind=kind, nom=name, prenoms="Alix", date_naissance=born)


def two_records(calls: CallWorld, turn: int, *, kind: str = "positif") -> tuple[UUID, UUID]:
    """Of one person, known twice under two numbers; another one each turn."""
    first, second = (durand(calls, f"+336399801{2 * turn + n:02}", turn, kind=kind) for n in (0, 1))
    return first, second


def merging(calls: CallWorld, kept: UUID, other: UUID, asker: Asker) -> Callable[[], object]:
    return partial(calls.app.records.merging.merge, kept, other, asker)


def closing(calls: CallWorld, record: UUID, asker: Asker) -> Callable[[], object]:
    return partial(calls.app.records.closing.close, record, CallOutcome.HOSPITALISED, asker)


def no_call_to_a_record_that_is_closed(calls: CallWorld) -> None:
    """Whatever happened: a closed record has no open entry, and one that points elsewhere is closed."""
    closed = {row.id for row in calls.rows(tables.case_records) if row.state == "CLOSED"}
    entries = calls.rows(tables.call_list_entries)
    assert not [row.id for row in entries if row.state != "CLOSED" and row.case_record_id in closed]
    assert all(row.id in closed for row in calls.rows(tables.case_records) if row.merged_into)


def test_of_two_who_close_a_record_at_once_one_is_told(calls: CallWorld, askers: tuple[Asker, Asker]) -> None:
    for turn in range(ROUNDS):
        record = calls.person(f"+336399802{turn:02}")
        results = at_once(*(closing(calls, record, asker) for asker in askers))
        assert refused(results) == 1
        assert calls.events(record).count("ATTEMPT_OUTCOME") == 1
        no_call_to_a_record_that_is_closed(calls)


def test_of_two_who_merge_two_records_into_each_other_one_is_told(
    calls: CallWorld, askers: tuple[Asker, Asker]
) -> None:
    for turn in range(ROUNDS):
        one, two = two_records(calls, turn)
        results = at_once(merging(calls, one, two, askers[0]), merging(calls, two, one, askers[1]))
        assert refused(results) == 1
        stand_for_both = [each for each in (one, two) if calls.case(each).merged_into is None]
        assert len(stand_for_both) == 1
        no_call_to_a_record_that_is_closed(calls)
        calls.app.records.closing.close(stand_for_both[0], CallOutcome.HOSPITALISED, askers[0])


def test_closing_merging_and_leasing_at_once_leave_nobody_in_hand_whose_record_is_closed(
    calls: CallWorld, askers: tuple[Asker, Asker]
) -> None:
    lease = partial(calls.app.call_list.next_entry, calls.agent_id, platforms=[PLATFORM], languages=["fr"])
    for turn in range(ROUNDS):
        one, two = two_records(calls, turn)
        act = merging(calls, one, two, askers[0]) if turn % 2 else closing(calls, two, askers[0])
        refused(at_once(lease, act, closing(calls, one, askers[1])))
        no_call_to_a_record_that_is_closed(calls)
        calls.app.call_list.release(calls.agent_id, because="TEST")
        for record in (one, two):
            if calls.case(record).state != "CLOSED":
                calls.app.records.closing.close(record, CallOutcome.HOSPITALISED, askers[0])


@pytest.mark.parametrize("act", ["close", "merge"])
def test_whom_an_agent_takes_at_that_instant_stays_theirs(
    calls: CallWorld, askers: tuple[Asker, Asker], act: str
) -> None:
    one, two = two_records(calls, 0)
    held, database = calls.entry_of(two), calls.app.database
    acts = {"close": closing(calls, two, askers[0]), "merge": merging(calls, one, two, askers[0])}
    with ThreadPoolExecutor(1) as pool:
        with database.begin() as connection:  # as a lease does
            entry = call_list_store.lock(connection, held.id)
            acting = pool.submit(acts[act])
            eventually(lambda: someone_waits_for_a_lock(database), "the supervisor waiting")
            connection.execute(
                tables.call_list_entries.update()
                .where(tables.call_list_entries.c.id == entry.id)
                .values(
                    state="LEASED",
                    lease_id=new_id(),
                    leased_by=calls.agent_id,
                    leased_until=calls.clock.now(),
                )
            )
        with pytest.raises(Conflict, match="in hand"):
            acting.result()
    assert calls.case(two).state == "OPEN"


def talked(calls: CallWorld, record: UUID) -> Attempt:
    """A conversation that is over, its outcome to be said."""
    calls.company.set_phone(MOBILE, voice="answers", answer_after=1, talk_seconds=5)
    attempt = calls.until_status(calls.call(), "WRAP_UP")
    assert attempt.case_record_id == record
    return attempt


def test_an_outcome_said_while_the_record_is_merged_is_kept(
    calls: CallWorld, askers: tuple[Asker, Asker]
) -> None:
    record = durand(calls, MOBILE)
    attempt = talked(calls, record)
    other = durand(calls, OTHER)
    say = partial(calls.app.wrap_up.record, calls.agent_id, attempt.id, Report(CallOutcome.COMPLETED))
    results = at_once(say, merging(calls, other, record, askers[0]))
    assert not isinstance(results[0], BaseException), results[0]
    assert refused(results) <= 1
    if calls.case(record).merged_into is None:
        calls.app.records.merging.merge(other, record, askers[0])
    assert calls.entry_of(other).closed_because == "ALREADY_DONE"
    no_call_to_a_record_that_is_closed(calls)


def test_an_outcome_stands_once_its_record_was_merged(calls: CallWorld, askers: tuple[Asker, Asker]) -> None:
    record = durand(calls, MOBILE)
    attempt = talked(calls, record)
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.COMPLETED))
    calls.app.records.merging.merge(durand(calls, OTHER), record, askers[0])
    with pytest.raises(Conflict, match="the outcome stands"):
        calls.app.desk_work.undo.undo(calls.agent_id, attempt.id)


def test_an_outcome_stands_once_its_person_was_erased(calls: CallWorld, askers: tuple[Asker, Asker]) -> None:
    record = calls.person(MOBILE)
    attempt = talked(calls, record)
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.COMPLETED))
    calls.app.records.closing.erase(record, "ASKED", askers[0])
    with pytest.raises(Conflict, match="Only your last"):
        calls.app.desk_work.undo.undo(calls.agent_id, attempt.id)


def test_an_undo_and_a_merge_at_once_leave_one_of_the_two(
    calls: CallWorld, askers: tuple[Asker, Asker]
) -> None:
    record = durand(calls, MOBILE)
    attempt = talked(calls, record)
    other = durand(calls, OTHER)
    work = calls.app
    for _ in range(ROUNDS):
        work.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.COMPLETED))
        undo = partial(work.desk_work.undo.undo, calls.agent_id, attempt.id)
        assert refused(at_once(undo, merging(calls, other, record, askers[0]))) == 1
        no_call_to_a_record_that_is_closed(calls)
        if calls.case(record).merged_into is not None:
            return


def replying(calls: CallWorld, number: str, words: str) -> Callable[[], object]:
    reply = InboundMessage(f"SM{new_id().hex}", number, OUR_NUMBER, words)

    def hear() -> object:
        with calls.app.database.begin() as connection:
            return Replies(calls.app.vault).hear_sms(connection, reply, calls.clock.now())

    return hear


@pytest.mark.parametrize("words", ["STOP", "Rappelez moi"])
def test_a_reply_while_the_record_is_closed_or_merged_waits_its_turn(
    calls: CallWorld, askers: tuple[Asker, Asker], words: str
) -> None:
    for turn in range(ROUNDS):
        one, two = two_records(calls, turn, kind="contact")
        for each in (one, two):
            with calls.app.database.begin() as connection:
                calls.app.messaging.queueing.queue_missed_call(
                    connection, entry_id=calls.entry_of(each).id, now=calls.clock.now()
                )
        act = merging(calls, one, two, askers[0]) if turn % 2 else closing(calls, two, askers[0])
        numbers = [f"+336399801{2 * turn + n:02}" for n in (0, 1)]
        refused(at_once(replying(calls, numbers[1], words), act, replying(calls, numbers[0], words)))
        no_call_to_a_record_that_is_closed(calls)
        for record in (one, two):
            if calls.case(record).state != "CLOSED":
                calls.app.records.closing.close(record, CallOutcome.HOSPITALISED, askers[0])
