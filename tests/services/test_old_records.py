"""Retention: who is past their time goes, whole; nobody else does, and nobody whom something holds."""

from __future__ import annotations

import random
import threading
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from redis import Redis
from sqlalchemy import insert, select, text, update

from outreach.bootstrap import App
from outreach.domain.case_records import CaseKind
from outreach.domain.outcomes import CallOutcome
from outreach.domain.retention import FEWEST_DAYS, MOST_DAYS, USUAL_DAYS, Hold, RetentionRule
from outreach.errors import InvalidInput, NotFound
from outreach.ids import new_id
from outreach.services.wrap_up import Report
from outreach.storage import alarm_store, journal, person_store, restriction_store, tables
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.database import Connection, SQLAlchemyError
from outreach.storage.journal import Event, JournalEntry
from tests.call_list_rows import Listed, add_agent, add_contact, add_platform, add_positive
from tests.call_world import CallWorld

MOBILE = "+33639980040"
DAY = timedelta(days=1)


def _age(calls: CallWorld, days: float) -> datetime:
    return calls.clock.now() - timedelta(days=days)


def _listed(
    connection: Connection, at: datetime, kind: CaseKind = CaseKind.CONTACT, platform: str = "40"
) -> Listed:
    add = add_positive if kind is CaseKind.POSITIVE else add_contact
    return add(connection, at, platform=platform)


def _close(connection: Connection, who: Listed, at: datetime, platform: str = "40") -> None:
    _close_entry(connection, who, at)
    connection.execute(
        update(tables.case_records)
        .where(tables.case_records.c.id == who.case_record_id)
        .values(state="CLOSED")
    )
    journal.write(
        connection, JournalEntry(at, platform, Event.CASE_CLOSED, "system:test", who.case_record_id)
    )


def _close_entry(connection: Connection, who: Listed, at: datetime) -> None:
    connection.execute(
        update(tables.call_list_entries)
        .where(tables.call_list_entries.c.id == who.entry_id)
        .values(state="CLOSED", closed_at=at)
    )


def _closed(calls: CallWorld, days: float, kind: CaseKind = CaseKind.CONTACT) -> Listed:
    """Came in five days before they were closed."""
    with calls.app.database.begin() as connection:
        who = _listed(connection, _age(calls, days + 5), kind)
        _close(connection, who, _age(calls, days))
    return who


def _gone(app: App) -> set[UUID]:
    with app.database.begin() as connection:
        people = select(tables.persons.c.id).where(tables.persons.c.erased_at.is_not(None))
        return set(connection.execute(people).scalars())


@pytest.mark.parametrize("kind", CaseKind)
@pytest.mark.parametrize(
    ("days", "goes"), [(0, False), (89, False), (89.999, False), (90, True), (91, True), (4_000, True)]
)
def test_a_closed_record_goes_ninety_days_after_it_closed(
    calls: CallWorld, kind: CaseKind, days: float, goes: bool
) -> None:
    who = _closed(calls, days, kind)
    assert calls.app.old_records.forget() == int(goes)
    assert _gone(calls.app) == ({who.person_id} if goes else set())
    assert calls.app.old_records.forget() == 0


@pytest.mark.parametrize(
    ("listed", "last", "goes"), [(91, None, True), (89, None, False), (200, 89, False), (200, 90, True)]
)
def test_a_record_that_nobody_closed_goes_after_its_last_event_and_its_deadline(
    calls: CallWorld, listed: float, last: float | None, goes: bool
) -> None:
    with calls.app.database.begin() as connection:
        who = _listed(connection, _age(calls, listed))
        _close_entry(connection, who, _age(calls, listed))
        if last is not None:
            line = JournalEntry(
                _age(calls, last), "40", Event.CASE_UPDATED, "system:test", who.case_record_id
            )
            journal.write(connection, line)
    assert calls.app.old_records.forget() == int(goes)
    if goes:
        assert calls.case(who.case_record_id).state == "CLOSED"
        assert calls.events(who.case_record_id)[-2:] == ["CASE_CLOSED", "PERSON_ERASED"]


def test_a_deadline_that_is_not_long_past_keeps_a_record_open(calls: CallWorld) -> None:
    with calls.app.database.begin() as connection:
        who = _listed(connection, _age(calls, 200))
        _close_entry(connection, who, _age(calls, 200))
        connection.execute(update(tables.case_records).values(deadline=_age(calls, 89)))
    assert calls.app.old_records.forget() == 0


def test_a_person_goes_with_the_last_of_their_records_only(calls: CallWorld) -> None:
    who, other = _closed(calls, 200), _closed(calls, 10)
    with calls.app.database.begin() as connection:
        connection.execute(
            update(tables.case_records)
            .where(tables.case_records.c.id == other.case_record_id)
            .values(person_id=who.person_id)
        )
    assert calls.app.old_records.forget() == 0
    calls.clock.advance(80 * DAY)
    assert calls.app.old_records.forget() == 1
    assert _gone(calls.app) == {who.person_id}


def test_a_merged_record_is_as_old_as_the_one_that_stands_for_it(calls: CallWorld) -> None:
    kept, merged = _closed(calls, 10), _closed(calls, 200)
    with calls.app.database.begin() as connection:
        connection.execute(
            update(tables.case_records)
            .where(tables.case_records.c.id == merged.case_record_id)
            .values(merged_into=kept.case_record_id)
        )
    assert calls.app.old_records.forget() == 0
    calls.clock.advance(80 * DAY)
    assert calls.app.old_records.forget() == 2
    assert _gone(calls.app) == {kept.person_id, merged.person_id}


def _hold(connection: Connection, who: Listed, hold: Hold, calls: CallWorld) -> None:
    now = calls.clock.now()
    match hold:
        case Hold.OPEN_ENTRY:
            statement = update(tables.call_list_entries).values(state="WAITING")
            connection.execute(statement.where(tables.call_list_entries.c.id == who.entry_id))
        case Hold.LIVE_CALL:
            connection.execute(
                insert(tables.call_attempts).values(
                    id=new_id(), platform="40", entry_id=who.entry_id, case_record_id=who.case_record_id,
                    person_id=who.person_id, agent_id=calls.agent_id, status="ANSWERED", phone_position=0,
                    conference=new_id(), started_at=now,
                )
            )  # fmt: skip
        case Hold.MESSAGE_ON_ITS_WAY:
            _message(connection, who, "SENT", now)
        case Hold.OPEN_QUESTION:
            connection.execute(
                insert(tables.conversations).values(
                    id=new_id(), platform="40", number_index=b"n", person_id=who.person_id, state="OPEN",
                    last_at=now,
                )
            )  # fmt: skip
        case Hold.RESTRICTED:
            connection.execute(
                insert(tables.restricted_records).values(
                    case_record_id=who.case_record_id,
                    platform="40",
                    by_user=calls.agent_id,
                    since=now,
                    kept_until=now + DAY,
                )
            )


def _message(connection: Connection, who: Listed, status: str, at: datetime) -> UUID:
    message_id = new_id()
    connection.execute(
        insert(tables.messages).values(
            id=message_id, platform="40", person_id=who.person_id, case_record_id=who.case_record_id,
            purpose="CAMPAIGN", status=status, urgency=2, number_index=b"n", phone_position=0, sender="s",
            template="t", template_version=1, mode_version=1, language="fr", sealed_body=b"b", segments=1,
            send_id=new_id(), not_before=at, useful_until=at + DAY, created_at=at,
        )
    )  # fmt: skip
    return message_id


@pytest.mark.parametrize("hold", Hold)
def test_whom_something_holds_stays_and_is_counted(calls: CallWorld, hold: Hold) -> None:
    held, other = _closed(calls, 120), _closed(calls, 100)
    with calls.app.database.begin() as connection:
        _hold(connection, held, hold, calls)
    told = {(past.hold, past.people) for past in calls.app.old_records.past_time(["40"])}
    assert told == {(hold, 1), (None, 1)}
    assert calls.app.old_records.past_time(["64"]) == []
    assert calls.app.old_records.forget() == 1
    assert _gone(calls.app) == {other.person_id}


def test_what_waits_to_be_sent_is_cancelled_with_them(calls: CallWorld) -> None:
    who = _closed(calls, 100)
    with calls.app.database.begin() as connection:
        message_id = _message(connection, who, "QUEUED", calls.clock.now())
    assert calls.app.old_records.forget() == 1
    [message] = [row for row in calls.rows(tables.messages) if row.id == message_id]
    assert (message.status, message.sealed_body, message.number_index) == ("CANCELLED", None, b"")


def test_a_platform_chooses_its_days_with_a_reason_within_bounds(calls: CallWorld) -> None:
    who, old = calls.agent_id, calls.app.old_records
    young, contact = _closed(calls, 31, CaseKind.POSITIVE), _closed(calls, 31)
    for days in (FEWEST_DAYS - 1, MOST_DAYS + 1, 0, -1):
        with pytest.raises(InvalidInput):
            old.change(RetentionRule("40", CaseKind.POSITIVE, days), reason="so", by=who)
    with pytest.raises(InvalidInput):
        old.change(RetentionRule("40", CaseKind.POSITIVE, 30), reason="  ", by=who)
    with pytest.raises(NotFound):
        old.change(RetentionRule("99", CaseKind.POSITIVE, 30), reason="so", by=who)
    old.change(RetentionRule("40", CaseKind.POSITIVE, 30), reason="so", by=who)
    assert {rule.kind: rule.days for rule in old.rules(["40"])} == {"POSITIVE": 30, "CONTACT": USUAL_DAYS}
    assert old.forget() == 1
    assert _gone(calls.app) == {young.person_id}
    old.change(RetentionRule("40", CaseKind.CONTACT, 120), reason="a law says so", by=who)
    calls.clock.advance(60 * DAY)
    assert old.forget() == 0, "longer than usual holds too"
    calls.clock.advance(30 * DAY)
    assert old.forget() == 1
    assert _gone(calls.app) == {young.person_id, contact.person_id}


def test_nothing_younger_goes_and_everything_older_goes(calls: CallWorld) -> None:
    """400 people with up to three records, closed or not, of two platforms with days of their own."""
    draw, now, due = random.Random(2020_551), calls.clock.now(), set()
    days = {("40", k): USUAL_DAYS for k in CaseKind} | {("64", k): USUAL_DAYS for k in CaseKind}
    with calls.app.database.begin() as connection:
        add_platform(connection, "64", now)
        agent = add_agent(connection, now)
    for rule in (RetentionRule("40", CaseKind.CONTACT, 20), RetentionRule("64", CaseKind.POSITIVE, 200)):
        days[rule.platform, rule.kind] = rule.days
        calls.app.old_records.change(rule, reason="so", by=agent)
    for _ in range(400):
        with calls.app.database.begin() as connection:
            if person_id := _somebody(connection, draw, now, days):
                due.add(person_id)
    assert 50 < len(due) < 350
    while calls.app.old_records.forget_piece(most=37):
        pass
    assert _gone(calls.app) == due


def _somebody(
    connection: Connection, draw: random.Random, now: datetime, days: dict[tuple[str, CaseKind], int]
) -> UUID | None:
    """The person's id if the sweep is to erase them."""
    first, is_due = None, True
    for _ in range(draw.choice((1, 1, 2, 3))):
        platform, kind = draw.choice(("40", "64")), draw.choice(tuple(CaseKind))
        listed = now - timedelta(hours=draw.randrange(1, 24 * 300))
        ended = min(now, listed + timedelta(hours=draw.randrange(0, 24 * 20)))
        who = _listed(connection, listed, kind, platform)
        runs_from = ended
        if draw.random() < 0.7:
            _close(connection, who, ended, platform)
        else:
            _close_entry(connection, who, ended)
            deadline = connection.execute(
                select(tables.case_records.c.deadline).where(tables.case_records.c.id == who.case_record_id)
            ).scalar_one()
            runs_from = max(listed, deadline)
        first = first or who
        connection.execute(
            update(tables.case_records)
            .where(tables.case_records.c.id == who.case_record_id)
            .values(person_id=first.person_id)
        )
        is_due = is_due and now - runs_from >= timedelta(days=days[platform, kind])
    _drop_people_without_records(connection)
    earliest = text(
        "update persons set created_at = (select min(listed_at) from case_records where person_id = :id)"
        " where id = :id"
    )
    assert first is not None
    connection.execute(earliest, {"id": first.person_id})
    return first.person_id if is_due else None


def _drop_people_without_records(connection: Connection) -> None:
    alone = "not in (select person_id from case_records)"
    connection.execute(text(f"delete from person_phones where person_id {alone}"))
    connection.execute(text(f"delete from persons where id {alone}"))


def test_two_sweeps_at_once_erase_each_person_once(calls: CallWorld) -> None:
    people = [_closed(calls, 100) for _ in range(60)]
    counts: list[int] = []

    def sweep() -> None:
        found = 1
        while found:
            found = calls.app.old_records.forget_piece(most=7)
            counts.append(found)

    threads = [threading.Thread(target=sweep) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while found := calls.app.old_records.forget_piece():
        counts.append(found)
    assert sum(counts) == len(people)
    assert {calls.events(who.case_record_id).count("PERSON_ERASED") for who in people} == {1}


def test_a_piece_that_fails_erases_nobody_by_half_and_is_taken_up_again(calls: CallWorld) -> None:
    people = {_closed(calls, 100).person_id for _ in range(9)}
    assert calls.app.old_records.forget_piece(most=4) == 4
    with calls.app.database.begin() as connection:
        refusing = "alter table journal add constraint nobody check (event <> 'PERSON_ERASED') not valid"
        connection.execute(text(refusing))
    try:
        with pytest.raises(SQLAlchemyError):
            calls.app.old_records.forget_piece(most=4)
    finally:
        with calls.app.database.begin() as connection:
            connection.execute(text("alter table journal drop constraint nobody"))
    assert len(_gone(calls.app)) == 4
    assert calls.app.old_records.forget() == 5
    assert _gone(calls.app) == people


def test_nothing_of_them_can_be_read_or_found_after_the_sweep(calls: CallWorld, redis_url: str) -> None:
    record_id = calls.person(MOBILE)
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    attempt = calls.until_status(calls.call(), "ANSWERED")
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.COMPLETED, note="Martin1 tousse"))
    person_id = calls.case(record_id).person_id
    index = calls.app.vault.number_index(MOBILE)
    with calls.app.database.begin() as connection:
        copy = connection.execute(select(tables.persons.c.sealed)).scalar_one()
        assert person_store.person_key(connection, calls.app.vault, person_id).open(copy)
    calls.clock.advance(91 * DAY)
    assert "old_case_records" in calls.app.upkeep.run()
    with calls.app.database.begin() as connection:
        with pytest.raises(NotFound):
            person_store.person_key(connection, calls.app.vault, person_id)
        assert person_store.persons_of_number(connection, index) == []
        for table in tables.metadata.sorted_tables:
            seen = str(connection.execute(select(table)).all())
            for secret in ("Martin1", "Camille", "639980040", str(index), str(copy)):
                assert secret not in seen, f"{table.name} still tells"
    with Redis.from_url(redis_url) as client:
        kept = [client.dump(key) for key in client.scan_iter()]
    assert not [value for value in kept if value and (b"Martin1" in value or b"639980040" in value)]
    assert {"ATTEMPT_OUTCOME", "PERSON_ERASED"} <= set(calls.events(record_id))


def _restrict(calls: CallWorld, who: Listed, days: float | None) -> None:
    until = None if days is None else calls.clock.now() + timedelta(days=days)
    calls.app.break_glass.restrict(who.case_record_id, by=calls.agent_id, platforms=["40"], kept_until=until)


def _reminders(calls: CallWorld) -> list[str]:
    with calls.app.database.begin() as connection:
        return [
            subject.rpartition("/")[2]
            for subject in alarm_store.open_subjects(connection, AlarmKind.CLAIM_ENDING)
        ]


def test_a_restriction_without_a_claim_puts_nothing_off(calls: CallWorld) -> None:
    who = _closed(calls, 91)
    _restrict(calls, who, None)
    assert calls.app.old_records.forget() == 1
    assert _gone(calls.app) == {who.person_id}


def test_a_claim_puts_erasure_off_until_its_end_and_no_longer(calls: CallWorld) -> None:
    who = _closed(calls, 91)
    _restrict(calls, who, 30)
    calls.clock.advance(29 * DAY)
    assert calls.app.old_records.forget() == 0
    _restrict(calls, who, None)  # restricted once more: the claim stays
    _restrict(calls, who, 30)  # named anew
    calls.clock.advance(29 * DAY)
    assert calls.app.old_records.forget() == 0
    calls.clock.advance(DAY)
    assert calls.app.old_records.forget() == 1
    with calls.app.database.begin() as connection:
        assert connection.execute(select(tables.restricted_records)).first() is None


@pytest.mark.parametrize("days", [-1, 0, 366, 4_000])
def test_a_claim_has_an_end_within_a_year(calls: CallWorld, days: float) -> None:
    with pytest.raises(InvalidInput):
        _restrict(calls, _closed(calls, 1), days)


def test_supervisors_are_reminded_twice_of_a_claim_that_ends(calls: CallWorld) -> None:
    who = _closed(calls, 91)
    _restrict(calls, who, 20)
    remind = calls.app.old_records.remind
    assert (remind(), _reminders(calls)) == (0, [])
    calls.clock.advance(6 * DAY)
    assert (remind(), remind(), _reminders(calls)) == (1, 0, ["1"])
    calls.clock.advance(12 * DAY)
    assert (remind(), _reminders(calls)) == (1, ["2"])
    with calls.app.database.begin() as connection:
        [alarm] = alarm_store.open_alarms(connection, ["40"], most=9)
        alarm_store.clear(connection, alarm["id"], by=calls.agent_id, now=calls.clock.now())
    assert (remind(), _reminders(calls)) == (0, [])
    _restrict(calls, who, 10)
    assert (remind(), _reminders(calls)) == (1, ["1"])
    with calls.app.database.begin() as connection:
        restriction_store.lift(connection, who.case_record_id)
    assert (remind(), _reminders(calls)) == (0, [])
