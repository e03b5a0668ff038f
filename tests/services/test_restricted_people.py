"""Restricted people: nothing names them to whoever did not say why, wherever somebody looks."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from outreach.domain.reasons import RestrictionReason
from outreach.errors import NotAllowed, NotFound, TooManyRequests
from outreach.services.audit import Search
from outreach.services.known_people import KnownPeople
from outreach.storage import case_sheet_store, journal, person_store, written_reason_store
from outreach.storage.journal import Event, JournalEntry
from tests.services.case_files import contact, positive
from tests.services.record_desk import Desk
from tests.services.record_desk import desk as desk

WHY = "their doctor calls about them"


@pytest.fixture
def record(desk: Desk) -> UUID:
    """A positive whose record is restricted."""
    desk.read(
        positive("P1", "Durand"),
        positive("P2", "Ferré", "06 39 98 00 03"),
        contact("C1", "Martin", fiche_positif="P1"),
    )
    record = desk.record("P1")
    desk.app.break_glass.restrict(record, by=desk.asker.user_id, platforms=["40"])
    return record


def _known(desk: Desk) -> KnownPeople:
    return desk.app.desk_work.known_people


def test_a_search_shows_of_a_restricted_record_that_it_is_and_nothing_else(desk: Desk, record: UUID) -> None:
    for found in (
        desk.app.records.search.by_number("0639980001", desk.asker),
        desk.app.records.search.by_reference("P1", desk.asker),
    ):
        [shown] = [each for each in found if each.id == record]
        assert shown.restricted
        told = (shown.family_name, shown.given_names, shown.birth_date, shown.kind, shown.state)
        assert told == ("", "", None, None, None)
    desk.app.break_glass.open(record, WHY, by=desk.asker.user_id)
    [shown] = desk.app.records.search.by_reference("P1", desk.asker)
    assert (shown.restricted, shown.family_name) == (False, "Durand")


def test_a_restricted_person_is_not_among_contacts_known_already_nor_linked(desk: Desk, record: UUID) -> None:
    positive_id, asker = desk.record("P2"), desk.asker
    typed = {"phone_1": "0639980001"}
    looked = _known(desk).matching(positive_id, typed, by=asker.user_id, platforms=["40"])
    assert record not in [each.case_record_id for each in looked]
    with pytest.raises(NotAllowed):
        _known(desk).link(positive_id, record, {}, by=asker.user_id, platforms=["40"])


def test_a_restricted_person_is_not_named_beside_the_record_of_somebody_else(
    desk: Desk, record: UUID
) -> None:
    beside = desk.record("C1")
    around = desk.app.records.files.read(beside, desk.asker).around
    assert [each.name for each in around if each.case_record_id == record] == [""]
    desk.app.break_glass.open(record, WHY, by=desk.asker.user_id)
    around = desk.app.records.files.read(beside, desk.asker).around
    assert [bool(each.name) for each in around if each.case_record_id == record] == [True]


def test_who_restricted_a_record_why_and_until_when_is_told_without_reading_anybody(
    desk: Desk, record: UUID, other: UUID
) -> None:
    glass, by, now = desk.app.break_glass, desk.asker.user_id, desk.clock.now()
    [told] = glass.restrictions(other, ["40"])
    assert (told.case_record_id, told.because, told.kept_until) == (record, None, None)
    until = now + timedelta(days=30)
    claimed = RestrictionReason.CLAIM
    glass.restrict(record, by=by, platforms=["40"], because=claimed, kept_until=until)
    glass.restrict(record, by=by, platforms=["40"], because=claimed)
    [told] = glass.restrictions(record, ["40"])
    assert (told.because, told.kept_until) == (RestrictionReason.CLAIM, until)
    lines = desk.rows("select facts from journal where event = 'RECORD_RESTRICTED' order by id")
    assert [facts for (facts,) in lines] == [{}, {"kept_until": until.isoformat(), "because": "CLAIM"}]
    with pytest.raises(NotFound):
        glass.restrictions(record, ["33"])
    assert desk.rows("select 1 from access_lines where why = 'SHEET'") == []


def test_the_list_of_entries_marks_restricted_people(desk: Desk, record: UUID) -> None:
    desk.clock.advance(timedelta(days=2))
    rows = desk.app.list_view.at_risk(["40"], after=None, most=10)
    late = desk.app.list_view.late(["40"], after=None, most=10)
    assert {row.case_record_id for row in [*rows, *late] if row.restricted} == {record}


def test_looking_for_known_contacts_counts_as_searching_and_leaves_a_line_found_or_not(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"), positive("P2", "Ferré", "06 39 98 00 03"))
    positive_id, user_id = desk.record("P2"), desk.asker.user_id

    def look(**typed: str) -> int:
        desk.clock.advance(timedelta(seconds=1))
        return len(_known(desk).matching(positive_id, typed, by=user_id, platforms=["40"]))

    assert (look(phone_1="0639980001"), look(phone_1="0639980099"), look(given_names="Alix")) == (1, 0, 0)
    lines = desk.rows("select why, case_record_id is null from access_lines order by id")
    assert lines == [("SEARCH_NUMBER", False), ("SEARCH_NUMBER", True)]
    for _ in range(58):
        look(phone_1="0639980099")
    with pytest.raises(TooManyRequests):
        look(phone_1="0639980001")
    with pytest.raises(TooManyRequests):
        desk.app.records.search.by_reference("P1", desk.asker)


@pytest.fixture
def other(desk: Desk, record: UUID) -> UUID:
    """Another, later record of the same person, which nobody restricted."""
    desk.clock.advance(timedelta(days=1))
    desk.read(contact("C2", "Durand", "06 39 98 00 01", fiche_positif="P2"))
    other = desk.record("C2")
    with desk.app.database.begin() as connection:
        connection.execute(
            text(
                "update case_records set person_id = (select person_id from case_records where id = :record)"
                " where id = :other"
            ),
            {"record": record, "other": other},
        )
    return other


def test_a_restricted_person_is_not_named_through_another_record_of_theirs(
    desk: Desk, record: UUID, other: UUID
) -> None:
    positive_id, asker = desk.record("P2"), desk.asker

    def named() -> list[bool]:
        [found] = desk.app.records.search.by_reference("C2", asker)
        around = desk.app.records.files.read(positive_id, asker).around
        known = _known(desk).matching(
            positive_id, {"phone_1": "0639980001"}, by=asker.user_id, platforms=["40"]
        )
        return [
            bool(found.family_name),
            any(each.name for each in around if each.case_record_id == other),
            bool({record, other} & {each.case_record_id for each in known}),
        ]

    assert named() == [False, False, False]
    with pytest.raises(NotAllowed):
        _known(desk).link(positive_id, other, {}, by=asker.user_id, platforms=["40"])
    with pytest.raises(NotAllowed):
        desk.person(other)
    desk.app.break_glass.open(record, WHY, by=asker.user_id)
    assert named() == [True, True, True]
    assert desk.person(other).family_name == "Durand"


def test_the_words_of_a_reason_about_a_restricted_person_are_shown_to_whoever_said_why(
    desk: Desk, record: UUID
) -> None:
    asker, now = desk.asker, desk.clock.now()
    beside = desk.record("P2")
    with desk.app.database.begin() as connection:
        for each in (record, beside):
            person_id = case_sheet_store.facts(connection, each).person_id
            sealed = person_store.person_key(connection, desk.app.vault, person_id).seal_text("moved in")
            reason_id = written_reason_store.keep(connection, each, sealed=sealed, now=now)
            facts = {"reason_id": str(reason_id)}
            actor = journal.by_user(asker.user_id)
            line = JournalEntry(now, "40", Event.RECORD_HANDED_OVER, actor, each, facts=facts)
            journal.write(connection, line)

    def read() -> dict[str | None, bool]:
        search = Search(
            since=now - timedelta(hours=1), until=now + timedelta(hours=1), events=(Event.RECORD_HANDED_OVER,)
        )
        lines = desk.app.audit.changes(asker, search, before=None, most=10)
        return {line.record: "reason" in line.facts for line in lines}

    assert read() == {str(record): False, str(beside): True}
    readings = "select case_record_id from access_lines where why = 'REASONS' order by id"
    assert [row.case_record_id for row in desk.rows(readings)] == [beside]
    desk.app.break_glass.open(record, WHY, by=asker.user_id)
    assert read() == {str(record): True, str(beside): True}
    assert record in {row.case_record_id for row in desk.rows(readings)}
