"""A supervisor moves an agent's work: with a reason, journaled, and told to the agent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import text

from outreach.domain.outcomes import CallOutcome
from outreach.domain.roles import Role, scopes_of
from outreach.domain.supervision import ActKind, ActReason
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.ids import UserId, new_id
from outreach.services.access import Asker
from outreach.storage import call_list_store, supervised_entry_store, tables
from outreach.storage.agent_store import STILL_THERE
from outreach.storage.database import Database
from tests.call_world import PLATFORM, CallWorld, eventually

MOBILE, OTHER_MOBILE = "+33639980050", "+33639980051"
BACK = ActReason.AGENT_AWAY


def supervisor(calls: CallWorld, *, platforms: tuple[str, ...] = (PLATFORM,)) -> Asker:
    user_id = calls.colleague("super", "supervisor", "+33199000010")
    roles = frozenset({Role.SUPERVISOR})
    return Asker(UserId(user_id), roles, platforms, ("fr",), scopes_of(roles))


def told(calls: CallWorld, agent_id: UUID) -> list[tuple[ActKind, ActReason, str]]:
    return [(each.kind, each.reason, each.by) for each in calls.app.supervision.told(agent_id)]


def by_whom(calls: CallWorld, event: str) -> list[str]:
    return [line.actor for line in calls.rows(tables.journal) if line.event == event]


def test_a_stuck_wrap_up_ends_with_what_the_line_said(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="busy")
    record, asker = calls.person(MOBILE), supervisor(calls)
    attempt = calls.until_status(calls.call(), "WRAP_UP")
    calls.app.supervision.end_wrap_up(asker, attempt.id, BACK)
    assert calls.attempt(attempt).outcome is CallOutcome.BUSY
    assert calls.entry_of(record).state in ("READY", "WAITING")
    assert told(calls, calls.agent_id) == [(ActKind.WRAP_UP_ENDED, BACK, "super")]
    assert by_whom(calls, "WRAP_UP_ENDED") == [f"user:{asker.user_id}"]
    assert by_whom(calls, "ATTEMPT_OUTCOME") == [f"user:{asker.user_id}"]


def test_a_stuck_wrap_up_of_a_conversation_is_partial_and_stays_the_agent_s(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=5)
    record, asker = calls.person(MOBILE), supervisor(calls)
    attempt = calls.until_status(calls.call(), "WRAP_UP")
    calls.app.supervision.end_wrap_up(asker, attempt.id, BACK)
    assert calls.attempt(attempt).outcome is CallOutcome.PARTIAL
    entry = calls.entry_of(record)
    assert (entry.state, entry.callback_agent_id) == ("WAITING", calls.agent_id)


def test_only_a_wrap_up_is_ended_and_only_once_and_only_near_the_platform(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    calls.person(MOBILE)
    asker, attempt = supervisor(calls), calls.until_status(calls.call(), "ANSWERED")
    with pytest.raises(Conflict, match="not in wrap-up"):
        calls.app.supervision.end_wrap_up(asker, attempt.id, BACK)
    calls.company.hang_up(MOBILE)
    calls.until_status(attempt, "WRAP_UP")
    stranger = Asker(asker.user_id, asker.roles, ("64",), ("fr",), asker.scopes)
    with pytest.raises(NotFound):
        calls.app.supervision.end_wrap_up(stranger, attempt.id, BACK)
    calls.app.supervision.end_wrap_up(asker, attempt.id, BACK)
    with pytest.raises(Conflict):
        calls.app.supervision.end_wrap_up(asker, attempt.id, BACK)


def test_an_entry_is_released_from_an_agent_who_is_away(calls: CallWorld) -> None:
    record, asker = calls.person(MOBILE), supervisor(calls)
    entry_id = calls.lease()
    calls.app.supervision.take_back(asker, entry_id, BACK)
    assert (calls.entry_of(record).state, calls.entry_of(record).leased_by) == ("READY", None)
    assert told(calls, calls.agent_id) == [(ActKind.ENTRY_TAKEN, BACK, "super")]
    with pytest.raises(Conflict, match="nobody's hands"):
        calls.app.supervision.take_back(asker, entry_id, BACK)


def test_an_entry_with_a_call_open_is_left_where_it_is(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    calls.person(MOBILE)
    asker, attempt = supervisor(calls), calls.until_status(calls.call(), "ANSWERED")
    with pytest.raises(Conflict, match="A call is open"):
        calls.app.supervision.take_back(asker, attempt.entry_id, BACK)
    with pytest.raises(Conflict, match="A call is open"):
        calls.app.supervision.reassign(asker, attempt.entry_id, "super", BACK)


def test_a_free_agent_gets_the_entry_at_once(calls: CallWorld) -> None:
    record, asker = calls.person(MOBILE), supervisor(calls)
    other = calls.colleague("other", "agent", "+33199000012")
    entry_id = calls.lease()
    given = calls.app.supervision.reassign(asker, entry_id, "other", ActReason.LANGUAGE)
    assert given.in_hand
    assert calls.entry_of(record).leased_by == other
    assert told(calls, calls.agent_id)[0][0] is ActKind.ENTRY_TAKEN
    assert told(calls, other) == [(ActKind.ENTRY_GIVEN, ActReason.LANGUAGE, "super")]


def test_two_supervisors_at_once_put_one_entry_in_the_hands_of_one_agent(calls: CallWorld) -> None:
    entries = [calls.entry_of(calls.person(number)).id for number in (MOBILE, OTHER_MOBILE)]
    asker, other = supervisor(calls), calls.colleague("other", "agent", "+33199000012")
    database, now = calls.app.database, calls.app.clock.now()
    reassign = partial(calls.app.supervision.reassign, asker, entries[1], "other", ActReason.EXPERIENCE)
    with ThreadPoolExecutor(1) as second:
        with database.begin() as connection:
            assert supervised_entry_store.is_free_to_take(connection, other, there_since=now - STILL_THERE)
            given = second.submit(reassign)
            eventually(lambda: _somebody_waits(database), "the second supervisor waiting")
            supervised_entry_store.give(
                connection,
                call_list_store.lock(connection, entries[0]),
                other,
                lease_id=new_id(),
                lease_for=timedelta(minutes=5),
                by=asker.user_id,
                reason=ActReason.EXPERIENCE.value,
                now=now,
            )
        assert not given.result().in_hand


def _somebody_waits(database: Database) -> bool:
    with database.reading() as connection:
        return bool(connection.execute(text("select count(*) from pg_locks where not granted")).scalar())


def test_a_busy_agent_gets_it_next_and_nobody_else_before_a_while(calls: CallWorld) -> None:
    calls.person(MOBILE)
    kept, asker = calls.person(OTHER_MOBILE), supervisor(calls)
    calls.lease()
    entry = calls.entry_of(kept)
    given = calls.app.supervision.reassign(asker, entry.id, "agent", ActReason.EXPERIENCE)
    assert not given.in_hand
    other = calls.colleague("other", "agent", "+33199000012")
    next_for = partial(calls.app.call_list.next_entry, platforms=[PLATFORM], languages=["fr"])
    assert next_for(other) is None
    calls.app.call_list.release(calls.agent_id, because="RELEASED")
    taken = next_for(calls.agent_id)
    assert taken is not None
    assert taken.entry_id == entry.id


def test_an_entry_kept_for_an_agent_who_does_not_come_is_anybody_s(calls: CallWorld) -> None:
    kept, asker = calls.person(MOBILE), supervisor(calls)
    calls.app.call_list.end_shift(calls.agent_id, PLATFORM)
    calls.app.supervision.reassign(asker, calls.entry_of(kept).id, "agent", ActReason.EXPERIENCE)
    other = calls.colleague("other", "agent", "+33199000012")
    calls.clock.advance(timedelta(minutes=16))
    taken = calls.app.call_list.next_entry(other, platforms=[PLATFORM], languages=["fr"])
    assert taken is not None


def test_only_who_calls_for_the_platform_is_given_its_entries(calls: CallWorld) -> None:
    entry, asker = calls.entry_of(calls.person(MOBILE)), supervisor(calls)
    calls.colleague("auditor", "auditor", "+33199000013")
    for login in ("nobody", "auditor"):
        with pytest.raises(InvalidInput):
            calls.app.supervision.reassign(asker, entry.id, login, BACK)


def test_what_an_agent_was_told_is_told_until_they_have_seen_it(calls: CallWorld) -> None:
    calls.person(MOBILE)
    asker, entry_id = supervisor(calls), calls.lease()
    calls.app.supervision.take_back(asker, entry_id, BACK)
    assert calls.app.supervision.note_seen(calls.agent_id) == 1
    assert told(calls, calls.agent_id) == []
