"""Platforms merged and split while agents call: places, leases and messages stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, update

from outreach.clock import SetClock
from outreach.domain.purposes import Purpose
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.ids import new_id
from outreach.services.call_list import CallList
from outreach.services.platform_hours import NewHours, PlatformHours
from outreach.services.platform_moves import PlatformMoves
from outreach.storage import platform_move_store, tables
from outreach.storage.database import Connection, Database
from tests.call_list_rows import Listed, add_agent, add_contact, add_platform, add_positive, entry_row
from tests.conftest import MORNING


@pytest.fixture
def moves(database: Database, clock: SetClock, platform: str) -> PlatformMoves:
    with database.begin() as connection:
        add_platform(connection, "33", MORNING)
    return PlatformMoves(database, clock)


def merge(moves: PlatformMoves) -> dict[str, int]:
    return moves.merge("40", "33", reason="one team", actor="system:test").counts


def refer(connection: Connection, listed: Listed, number: str, platform: str = "40") -> None:
    connection.execute(
        insert(tables.case_references).values(
            platform=platform,
            source="si-dep",
            external_id=number,
            case_record_id=listed.case_record_id,
            content_digest=b"x",
            created_at=MORNING,
        )
    )


def platform_of(database: Database, listed: Listed) -> set[str]:
    with database.begin() as connection:
        tied = ((tables.persons, listed.person_id), (tables.case_records, listed.case_record_id))
        found = {
            connection.execute(select(t.c.platform).where(t.c.id == key)).scalar_one() for t, key in tied
        }
        return found | {str(entry_row(connection, listed.entry_id)["platform"])}


def test_a_merged_platforms_list_goes_on_in_the_same_order_and_calls_in_hand_stay(
    moves: PlatformMoves, database: Database, clock: SetClock
) -> None:
    calls = CallList(database, clock)
    with database.begin() as connection:
        agent = add_agent(connection, MORNING)
        first = add_positive(connection, MORNING, result_ago=timedelta(hours=23))
        second = add_positive(connection, MORNING, result_ago=timedelta(hours=22))
        contact = add_contact(connection, MORNING)
    assert calls.next_entry(agent, platforms=["40"], languages=["fr"])
    counts = merge(moves)
    assert (counts["persons"], counts["case_records"], counts["call_list_entries"]) == (3, 3, 3)
    for listed in (first, second, contact):
        assert platform_of(database, listed) == {"33"}
    held = calls.current(agent)
    assert held
    assert held.entry_id == first.entry_id
    with database.begin() as connection:
        users = tables.users
        assert connection.execute(select(users.c.platforms).where(users.c.id == agent)).scalar_one() == [
            "40",
            "33",
        ]
        others = [add_agent(connection, MORNING) for _ in range(2)]
    order = [calls.next_entry(who, platforms=["33"], languages=["fr"]) for who in others]
    assert [leased and leased.entry_id for leased in order] == [second.entry_id, contact.entry_id]


def test_a_record_number_known_at_both_keeps_the_name_of_where_it_came_from(
    moves: PlatformMoves, database: Database
) -> None:
    with database.begin() as connection:
        refer(connection, add_positive(connection, MORNING), "P1")
        refer(connection, add_positive(connection, MORNING, platform="33"), "P1", "33")
    merge(moves)
    with database.begin() as connection:
        references = tables.case_references.c
        named = connection.execute(
            select(references.platform, references.source).order_by(references.source)
        ).all()
    assert [tuple(row) for row in named] == [("33", "si-dep"), ("33", "si-dep@40")]


def test_a_long_move_is_left_to_the_sweep_which_takes_it_up_again_and_again(
    moves: PlatformMoves, database: Database
) -> None:
    moves = replace(moves, piece=2)
    with database.begin() as connection:
        people = [add_positive(connection, MORNING) for _ in range(7)]
    begun = moves.merge("40", "33", reason="one team", actor="system:test", most_seconds=0)
    assert (begun.done_at, begun.counts, begun.expected["persons"]) == (None, {}, 7)
    runs = 0
    while moves.go_on(most_seconds=0):
        runs += 1
    assert runs == 5
    assert all(platform_of(database, listed) == {"33"} for listed in people)
    (move,) = moves.of_platform("33")
    assert (move.done_at is not None, move.counts["persons"]) == (True, 7)


def test_a_move_that_stopped_goes_on_and_takes_who_came_meanwhile(
    moves: PlatformMoves, database: Database
) -> None:
    moves = replace(moves, piece=2)
    with database.begin() as connection:
        people = [add_positive(connection, MORNING) for _ in range(5)]
        move_id = moves._begin(connection, "40", "33", "MERGE", "x", "system:test", None)
        platform_move_store.take_some(connection, move_id, "40", most=100)
        platform_move_store.keep_expected(connection, move_id)
    assert moves._piece(move_id)
    with database.begin() as connection:
        people.append(add_positive(connection, MORNING))
    assert moves.go_on() == 1
    assert moves.go_on() == 0
    assert all(platform_of(database, listed) == {"33"} for listed in people)
    with database.begin() as connection:
        waiting = select(func.count()).select_from(tables.platform_move_people)
        assert connection.execute(waiting).scalar_one() == 0


def test_of_many_unknown_records_five_are_named(moves: PlatformMoves) -> None:
    records = [("si-dep", f"P{n}") for n in range(8)]
    with pytest.raises(InvalidInput, match=r"^8 records are not of this platform: .*") as refused:
        moves.split("40", "33", records, reason="one list", actor="system:test")
    assert str(refused.value).count("si-dep") == 5


def test_a_split_takes_the_people_of_a_list_and_nobody_when_one_is_unknown(
    moves: PlatformMoves, database: Database
) -> None:
    with database.begin() as connection:
        goes, stays = add_positive(connection, MORNING), add_positive(connection, MORNING)
        refer(connection, goes, "P1")
        refer(connection, stays, "P2")
    wrong = [("si-dep", "P1"), ("si-dep", "P9")]
    with pytest.raises(InvalidInput, match="P9"):
        moves.split("40", "33", wrong, reason="x", actor="system:test")
    assert platform_of(database, goes) == {"40"}
    moves.split("40", "33", wrong[:1], reason="x", actor="system:test")
    assert (platform_of(database, goes), platform_of(database, stays)) == ({"33"}, {"40"})


def test_while_a_file_is_read_nobody_moves(moves: PlatformMoves, database: Database) -> None:
    with database.begin() as connection:
        connection.execute(
            insert(tables.imports).values(
                id=new_id(),
                platform="33",
                mapping="si-dep",
                file_digest=b"x",
                file_type="csv",
                state="RUNNING",
                created_at=MORNING,
            )
        )
    with pytest.raises(Conflict):
        merge(moves)
    with database.begin() as connection:
        connection.execute(update(tables.imports).values(state="DONE"))
    merge(moves)


@pytest.mark.parametrize(("source", "target"), [("40", "40"), ("40", "99"), ("99", "40")])
def test_a_move_names_two_platforms_that_exist(moves: PlatformMoves, source: str, target: str) -> None:
    with pytest.raises((InvalidInput, NotFound)):
        moves.merge(source, target, reason="x", actor="system:test")


def test_an_entry_that_was_lent_is_its_new_platforms_own(moves: PlatformMoves, database: Database) -> None:
    with database.begin() as connection:
        entry: UUID = add_positive(connection, MORNING).entry_id
        connection.execute(update(tables.call_list_entries).values(loan=5))
    merge(moves)
    with database.begin() as connection:
        assert entry_row(connection, entry)["loan"] == 0


def test_how_far_a_move_is_can_be_looked_at_while_it_goes_on(
    moves: PlatformMoves, database: Database, clock: SetClock
) -> None:
    with database.begin() as connection:
        for _ in range(3):
            add_positive(connection, clock.now())
    merge(moves)
    [done] = moves.of_platform("40")
    assert (done.moved, done.done_at) == (done.rows, clock.now())
    half = replace(done, counts={"persons": 1}, done_at=None)
    assert 0 < half.moved < half.rows
    assert [move.id for move in moves.of_platform("33")] == [done.id]
    assert moves.of_platform("64") == []


def call_only_between(
    database: Database, clock: SetClock, platform: str, span: str, *, piece: int = 500
) -> None:
    """A change of hours that one piece of the list follows."""
    hours = PlatformHours(database, clock, piece=piece)
    hours.change(platform, NewHours(Purpose.INTERVIEW, [[span]] * 7, None), reason="a test", by=new_id())
    hours.follow(most_seconds=0)


def moment_and_last(database: Database, listed: Listed) -> tuple[object, object]:
    with database.begin() as connection:
        row = entry_row(connection, listed.entry_id)
    return row["not_before"], row["effective_deadline"]


AT_TWO = datetime(2021, 3, 16, 13, tzinfo=UTC)  # in Paris
LAST_MINUTE = datetime(2021, 3, 16, 14, 59, tzinfo=UTC)


def test_whoever_is_merged_is_called_in_the_hours_of_their_new_platform(
    moves: PlatformMoves, database: Database, clock: SetClock
) -> None:
    with database.begin() as connection:
        listed = add_positive(connection, MORNING)
    call_only_between(database, clock, "33", "14:00-16:00")
    merge(moves)
    assert moment_and_last(database, listed) == (AT_TWO, LAST_MINUTE)


def test_a_change_of_hours_goes_on_for_whoever_is_split_off_while_entries_follow_it(
    moves: PlatformMoves, database: Database, clock: SetClock
) -> None:
    with database.begin() as connection:
        goes = add_positive(connection, MORNING)
        refer(connection, goes, "P1")
        others = [add_positive(connection, MORNING, platform="33") for _ in range(2)]
    call_only_between(database, clock, "33", "14:00-16:00", piece=1)  # the first of its own two followed
    moves.split("40", "33", [("si-dep", "P1")], reason="x", actor="system:test")
    PlatformHours(database, clock).follow()
    assert {moment_and_last(database, each) for each in (goes, *others)} == {(AT_TWO, LAST_MINUTE)}


def test_the_rest_of_a_change_of_hours_is_not_lost_with_the_platform_that_made_it(
    moves: PlatformMoves, database: Database, clock: SetClock
) -> None:
    with database.begin() as connection:
        people = [add_positive(connection, MORNING) for _ in range(2)]
    before = moment_and_last(database, people[0])
    call_only_between(database, clock, "40", "14:00-16:00", piece=1)
    assert moment_and_last(database, people[0]) != before
    merge(moves)
    hours = PlatformHours(database, clock)
    hours.follow()
    assert {moment_and_last(database, each)[1] for each in people} == {before[1]}
    with database.begin() as connection:
        assert {entry_row(connection, each.entry_id)["state"] for each in people} == {"READY"}
