"""Erasing a person destroys their key: nothing sealed opens any more, nobody finds them, figures stay."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from outreach.domain.outcomes import CallOutcome
from outreach.domain.reasons import ErasureReason
from outreach.errors import Conflict, NotFound
from outreach.services.wrap_up import Report
from outreach.storage import journal, person_store, tables
from tests.call_world import CallWorld

MOBILE = "+33639980040"
ACTOR = journal.by_system("test")


def _called_once(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "ANSWERED")
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.PARTIAL, note="a secret note"))


def test_nothing_of_an_erased_person_can_be_read_or_found(calls: CallWorld) -> None:
    _called_once(calls)
    person_id = calls.app.erasure.erase_named("40", "test", "R1", actor=ACTOR, because=ErasureReason.ASKED)
    with calls.app.database.begin() as connection:
        with pytest.raises(NotFound, match="erased"):
            person_store.open_person(connection, calls.app.vault, person_id)
        assert person_store.persons_of_number(connection, calls.app.vault.number_index(MOBILE)) == []
        assert connection.execute(select(tables.persons.c.name_birth_index)).scalars().all() == [None]
        assert connection.execute(select(tables.call_attempts.c.sealed_note)).scalars().all() == [None]


def test_an_old_copy_of_the_sealed_values_is_worthless_without_the_key(calls: CallWorld) -> None:
    calls.person(MOBILE)
    with calls.app.database.begin() as connection:
        connection.execute(text("create temporary table backup on commit drop as select * from persons"))
        person_id = connection.execute(text("select id from backup")).scalar_one()
        assert connection.execute(text("select sealed from backup")).scalar_one() is not None
        connection.execute(tables.person_keys.delete())
        with pytest.raises(NotFound):
            person_store.person_key(connection, calls.app.vault, person_id)


def test_what_was_done_stays_in_the_journal_and_the_figures(calls: CallWorld) -> None:
    _called_once(calls)
    (record,) = calls.rows(tables.case_records)
    calls.app.erasure.erase_named("40", "test", "R1", actor=ACTOR, because=ErasureReason.ASKED)
    assert {"ATTEMPT_OUTCOME", "PERSON_ERASED", "ENTRY_CLOSED"} <= set(calls.events(record.id))
    assert calls.case(record.id).first_called_at is not None
    assert calls.entry_of(record.id).closed_because == "ERASED"


def test_a_person_in_an_agent_s_hands_is_not_erased(calls: CallWorld) -> None:
    calls.person(MOBILE)
    calls.lease()
    with pytest.raises(Conflict, match="in hand"):
        calls.app.erasure.erase_named("40", "test", "R1", actor=ACTOR, because=ErasureReason.ASKED)


def test_erasing_an_unknown_record_is_said(calls: CallWorld) -> None:
    with pytest.raises(NotFound):
        calls.app.erasure.erase_named("40", "test", "nobody", actor=ACTOR, because=ErasureReason.ASKED)
