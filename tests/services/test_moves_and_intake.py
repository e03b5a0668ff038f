"""People taken in while others change platform: nobody is doubled, and who has moved is called."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from outreach.clock import SetClock
from outreach.domain.intake import Verdict
from outreach.errors import Conflict
from outreach.ids import ImportId, UserId, new_id
from outreach.services.access import Asker
from outreach.services.call_list import CallList
from outreach.services.import_mending import ImportMending
from outreach.services.named_contacts import NamedContacts
from outreach.services.platform_moves import PlatformMoves
from outreach.storage import case_store, platform_move_store, tables
from outreach.storage.database import Connection, Database
from outreach.storage.import_store import ImportState
from outreach.storage.platform_move_store import MERGE, Move
from outreach.storage.vault import Vault
from tests.call_list_rows import add_agent, add_platform, add_positive
from tests.call_world import eventually, someone_waits_for_a_lock
from tests.conftest import MORNING
from tests.services.case_files import contact, csv_file, positive
from tests.services.import_world import Imports

REASON = "one team"


@pytest.fixture
def imports(database: Database, vault: Vault, clock: SetClock, platform: str) -> Imports:
    with database.begin() as connection:
        add_platform(connection, "33", MORNING)
    return Imports(database, vault, clock)


@pytest.fixture
def moves(imports: Imports) -> PlatformMoves:
    return PlatformMoves(imports.database, imports.clock, piece=1)


def begin(moves: PlatformMoves, source: str = "40", target: str = "33") -> Move:
    """A merge that has named people and moved nobody."""
    return moves.merge(source, target, reason=REASON, actor="system:test", most_seconds=0)


def end(moves: PlatformMoves) -> None:
    while moves.go_on(most_seconds=0):
        pass


def halfway(moves: PlatformMoves) -> None:
    """The first of the people has moved."""
    assert moves._piece(begin(moves).id)


def people(imports: Imports) -> list[str]:
    """The platform of each, in the order in which they came."""
    return [code for (code,) in imports.rows("select platform from persons order by id")]


@pytest.mark.parametrize("code", ["40", "33"])
def test_a_file_that_comes_while_people_move_waits_and_doubles_nobody(
    imports: Imports, moves: PlatformMoves, code: str
) -> None:
    imports.read(contact("C1", "Martin"), contact("C2", "Petit", "06 39 98 00 03"))
    halfway(moves)
    assert people(imports) == ["33", "40"]
    import_id = imports.service.start_import(csv_file(contact("C9", "Martin")), platform=code)
    assert imports.service.run_import(import_id).state is ImportState.QUEUED
    assert (imports.service.unfinished(), len(people(imports))) == ([import_id], 2)
    end(moves)
    report = imports.service.run_import(import_id)
    assert (imports.service.unfinished(), report.state) == ([], ImportState.DONE)
    if code == "33":
        assert (report.counts.merged, people(imports)) == (1, ["33", "33"])


def test_a_file_read_at_once_and_a_single_record_are_refused_while_people_move(
    imports: Imports, moves: PlatformMoves
) -> None:
    row = {name: cell for name, cell in contact("C1", "Martin").items() if name != "identifiant"}
    imports.read(contact("C1", "Martin"))
    begin(moves)
    for sent in (
        lambda: imports.service.put_case_record("40", "si-dep", "C1", row),
        lambda: imports.service.put_case_record("33", "si-dep", "C1", row),
        lambda: imports.read(contact("C1", "Martin")),
        lambda: imports.read(contact("C1", "Martin"), dry_run=True),
    ):
        with pytest.raises(Conflict, match="send it again when that is over"):
            sent()
    end(moves)
    assert imports.service.put_case_record("33", "si-dep", "C1", row).verdict is Verdict.UNCHANGED
    assert people(imports) == ["33"]


def test_a_refused_row_is_not_mended_while_people_move(imports: Imports, moves: PlatformMoves) -> None:
    mending = ImportMending(imports.database, imports.service.vault, imports.clock, imports.service)
    read = imports.read(contact("C1", "Martin"), contact("C2", ""))
    begin(moves)
    with pytest.raises(Conflict, match="send it again when that is over"):
        mending.mend(
            UUID(str(read.import_id)),
            3,
            {"nom": "Petit"},
            Asker(UserId(new_id()), frozenset(), ("40",), ("fr",), frozenset()),
        )
    assert people(imports) == ["40"]


def test_a_file_that_begins_while_a_move_begins_sees_it(imports: Imports, moves: PlatformMoves) -> None:
    import_id = imports.service.start_import(csv_file(contact("C1", "Martin")), platform="40")
    _set_state(imports, import_id, "DRAFT")
    with ThreadPoolExecutor(1) as second:
        with imports.database.begin() as first:
            moves._begin(first, "40", "33", MERGE, REASON, "system:test", None)
            _set_state(imports, import_id, "QUEUED")
            reading = second.submit(imports.service.run_import, import_id)
            eventually(lambda: someone_waits_for_a_lock(imports.database), "the file waiting for the move")
        assert reading.result().state is ImportState.QUEUED


def test_a_move_that_begins_while_a_file_begins_is_refused(imports: Imports, moves: PlatformMoves) -> None:
    import_id = imports.service.start_import(csv_file(contact("C1", "Martin")), platform="40")
    _set_state(imports, import_id, "DRAFT")
    with ThreadPoolExecutor(1) as second:
        with imports.database.begin() as first:
            case_store.lock_intake(first, "40")
            first.execute(text("update imports set state = 'RUNNING'"))
            moving = second.submit(begin, moves)
            eventually(lambda: someone_waits_for_a_lock(imports.database), "the move waiting for the file")
        with pytest.raises(Conflict, match="A file is being read"):
            moving.result()


def _set_state(imports: Imports, import_id: ImportId, state: str) -> None:
    with imports.database.begin() as connection:
        connection.execute(
            text("update imports set state = :state where id = :id"), {"state": state, "id": import_id}
        )


def _named(imports: Imports) -> Callable[[str], UUID | None]:
    """Names a contact, by family name, of the positive."""
    record = imports.one("select case_record_id from case_references where external_id = 'P1'")[0]
    naming = NamedContacts(imports.database, imports.clock, imports.service)
    number = {"Martin": "06 39 98 00 02"}
    given = {"given_names": "Alix", "birth_date": "02/01/1980", "last_contact_on": "14/03/2021"}

    def name(who: str) -> UUID | None:
        fields = given | {"family_name": who, "phone_1": number.get(who, "06 39 98 00 09")}
        return naming.name(record, fields, by=new_id(), platforms=["40", "33"]).case_record_id

    return name


@pytest.mark.parametrize(("moved", "at_first"), [(False, "40"), (True, "33")])
def test_a_contact_named_while_people_move_stands_where_the_positive_stands(
    imports: Imports, moves: PlatformMoves, moved: bool, at_first: str
) -> None:
    imports.read(positive("P1", "Durand"), contact("C1", "Roux", "06 39 98 00 04"))
    move = begin(moves)
    if moved:
        assert moves._piece(move.id)
    contact_id = _named(imports)("Blanc")
    stands = f"select platform from case_records where id = '{contact_id}'"
    assert imports.one(stands) == (at_first,)
    end(moves)
    assert imports.one(stands) == ("33",)
    exposed = imports.one(f"select positive_id from exposures where contact_id = '{contact_id}'")
    assert exposed == imports.one("select case_record_id from case_references where external_id = 'P1'")
    assert set(people(imports)) == {"33"}


def test_a_contact_who_is_known_at_the_other_end_of_a_move_is_not_entered_anew(
    imports: Imports, moves: PlatformMoves
) -> None:
    imports.read(contact("C1", "Martin"), positive("P1", "Durand"))
    halfway(moves)
    assert people(imports) == ["33", "40"]
    name = _named(imports)
    with pytest.raises(Conflict, match="again in some minutes"):
        name("Martin")
    end(moves)
    assert name("Martin")
    assert people(imports) == ["33", "33"]


def test_the_platform_of_a_record_whose_person_moves_just_now_is_the_one_that_is_held(
    imports: Imports,
) -> None:
    with imports.database.begin() as connection:
        record_id = add_positive(connection, MORNING).case_record_id

    def held() -> list[bool]:
        with imports.database.begin() as connection:
            case_store.lock_intake_of(connection, [record_id])
            return [_is_free(imports.database, code) for code in ("33", "40")]

    with ThreadPoolExecutor(1) as second:
        with imports.database.begin() as piece:
            case_store.lock_intake(piece, "33", "40")
            piece.execute(text("update case_records set platform = '33'"))
            holding = second.submit(held)
            eventually(lambda: someone_waits_for_a_lock(imports.database), "whoever changes the record")
        assert holding.result() == [False, True]


def _is_free(database: Database, platform: str) -> bool:
    with database.begin() as connection:
        connection.execute(text("set local lock_timeout = '50ms'"))
        try:
            case_store.lock_intake(connection, platform)
        except Exception:
            connection.rollback()
            return False
    return True


def _platforms(connection: Connection, agent: UUID) -> list[str]:
    users = tables.users.c
    return list(connection.execute(select(users.platforms).where(users.id == agent)).scalar_one())


def test_an_agent_of_the_source_is_given_a_positive_near_the_deadline_who_has_moved(
    imports: Imports, moves: PlatformMoves
) -> None:
    with imports.database.begin() as connection:
        agent = add_agent(connection, MORNING)
        urgent = add_positive(connection, MORNING, result_ago=timedelta(hours=23))
        add_positive(connection, MORNING)
    halfway(moves)
    assert people(imports) == ["33", "40"]
    with imports.database.begin() as connection:
        platforms = _platforms(connection, agent)
    leased = CallList(imports.database, imports.clock).next_entry(
        agent, platforms=platforms, languages=["fr"]
    )
    assert leased
    assert leased.entry_id == urgent.entry_id


def test_who_begins_to_work_at_the_source_during_a_merge_follows_as_well(
    imports: Imports, moves: PlatformMoves
) -> None:
    with imports.database.begin() as connection:
        add_positive(connection, MORNING)
    begin(moves)
    with imports.database.begin() as connection:
        agent = add_agent(connection, MORNING)
    end(moves)
    with imports.database.begin() as connection:
        assert _platforms(connection, agent) == ["40", "33"]


def test_a_move_that_fails_leaves_their_turn_to_the_others_and_the_sweep_is_noted_for_it(
    imports: Imports, moves: PlatformMoves
) -> None:
    with imports.database.begin() as connection:
        for code in ("17", "64"):
            add_platform(connection, code, MORNING)
        add_positive(connection, MORNING)
        add_positive(connection, MORNING, platform="17")
    first, second = begin(moves), begin(moves, "17", "64")
    with imports.database.begin() as connection:
        platform_move_store.add_counts(connection, first, {"persons": -1})
    with pytest.raises(Conflict, match=r"^1 of 2 moves did not go on"):
        moves.go_on()
    assert set(people(imports)) == {"33", "64"}
    done = imports.rows(f"select id from platform_moves where done_at is not null or id = '{first.id}'")
    assert {move_id for (move_id,) in done} == {first.id, second.id}
    assert [move.done_at is None for move in moves.of_platform("40")] == [True]


@dataclass(frozen=True)
class Noting(PlatformMoves):
    """Notes how long each move may take, and lets none go on."""

    given: list[float | None] = field(default_factory=list)

    def _run(self, move_id: UUID, most_seconds: float | None) -> Move:
        self.given.append(most_seconds)
        with self.database.begin() as connection:
            move = platform_move_store.read(connection, move_id)
        assert move
        return move


def test_moves_share_the_seconds_of_a_run(imports: Imports) -> None:
    with imports.database.begin() as connection:
        for code in ("17", "64"):
            add_platform(connection, code, MORNING)
    moves = Noting(imports.database, imports.clock)
    begin(moves)
    begin(moves, "17", "64")
    moves.given.clear()
    moves.go_on(most_seconds=2)
    assert moves.given == [1, 1]
