"""Files become case records: each rule on a real database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, text

from outreach.clock import SetClock
from outreach.storage import person_store, tables
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.services.case_files import contact, csv_file, positive
from tests.services.import_world import Imports, numbers


@pytest.fixture
def imports(database: Database, vault: Vault, clock: SetClock, platform: str) -> Imports:
    return Imports(database, vault, clock)


def test_a_positive_stands_on_the_list_with_24_hours_from_the_result(imports: Imports) -> None:
    assert numbers(imports.read(positive("P1", "Durand"))) == (1, 1, 0, 0, 0, 0)
    record = imports.one("select kind, result_at, deadline, listed_at from case_records")
    entry = imports.one(
        "select purpose, state, queue, call_class, deadline, shed_level from call_list_entries"
    )
    result = datetime(2021, 3, 15, 17, 0, tzinfo=UTC)
    assert record == ("POSITIVE", result, result + timedelta(hours=24), imports.clock.now())
    assert entry == ("INTERVIEW", "READY", "AGENTS", 1, result + timedelta(hours=24), 0)
    assert imports.events() == ["CASE_CREATED", "ENTRY_ADDED", "IMPORT_FINISHED"]


def test_a_contact_has_24_hours_from_the_listing(imports: Imports) -> None:
    imports.read(contact("C1", "Martin"))
    record = imports.one("select kind, deadline, last_exposure_on from case_records")
    assert record[:2] == ("CONTACT", imports.clock.now() + timedelta(hours=24))
    assert imports.one("select purpose, call_class, shed_level from call_list_entries") == ("INFORM", 5, 2)


def test_personal_values_lie_sealed_and_come_back_whole(imports: Imports) -> None:
    imports.read(contact("C1", "Martin", commune="Dax"))
    [(person_id,)] = imports.rows("select id from persons")
    with imports.database.begin() as connection:
        opened = person_store.open_person(connection, imports.vault, person_id)
    assert (opened.person.family_name, opened.person.town) == ("Martin", "Dax")
    assert opened.person.number_at(0) == "+33639980002"
    assert opened.lines[0].number_index == imports.vault.number_index("+33639980002")


def test_the_same_file_twice_changes_nothing(imports: Imports) -> None:
    rows = [
        contact("C1", "Martin", fiche_positif="P1"),
        positive("P1", "Durand"),
        positive("P2", "Durand", "06 39 98 00 01"),
        {"type": "?"},
    ]
    assert numbers(imports.read(*rows)) == (4, 2, 0, 0, 1, 1)
    before = imports.everything()
    imports.clock.advance(timedelta(hours=2))
    assert numbers(imports.read(*rows)) == (4, 0, 0, 3, 0, 1)
    assert imports.everything() == before


def test_a_dry_run_says_the_same_numbers_and_writes_nothing(imports: Imports) -> None:
    rows = [contact("C1", "Martin", fiche_positif="P9"), positive("P1", "Durand"), {"type": "?"}]
    before = imports.everything()
    tried = imports.read(*rows, dry_run=True)
    assert imports.everything() == before
    assert imports.rows("select * from imports") == imports.rows("select * from journal") == []
    done = imports.read(*rows)
    assert numbers(tried) == numbers(done) == (3, 2, 0, 0, 0, 1)
    assert [w.reason for w in tried.warnings] == [w.reason for w in done.warnings]


def test_a_changed_row_updates_the_record_and_keeps_the_known_numbers(imports: Imports) -> None:
    imports.read(contact("C1", "Martin"))
    changed = contact("C1", "Martin", "06 39 98 00 77", foyer="oui", langue="anglais")
    assert numbers(imports.read(changed)) == (1, 0, 1, 0, 0, 0)
    assert imports.rows("select household from case_records") == [(True,)]
    assert imports.one("select call_class, language, phone_position, shed_level from call_list_entries") == (
        3,
        "en",
        0,
        3,
    )
    known = [(imports.vault.number_index(n),) for n in ("+33639980002", "+33639980077")]
    assert imports.rows("select number_index from person_phones order by position") == known
    assert imports.events()[-3:] == ["CASE_UPDATED", "ENTRY_RECLASSED", "IMPORT_FINISHED"]


def test_the_same_person_under_another_identifier_is_merged(imports: Imports) -> None:
    imports.read(positive("P1", "Léger", prenoms="Jean-Pierre"))
    again = positive("P2", "LEGER", prenoms="Pierre Jean", courriel="jp@example.org")
    assert numbers(imports.read(again)) == (1, 0, 0, 0, 1, 0)
    assert imports.rows("select external_id from case_references order by 1") == [("P1",), ("P2",)]
    assert len(imports.rows("select id from case_records")) == 1
    assert "CASE_MERGED" in imports.events()


@pytest.mark.parametrize(
    "other",
    [
        contact("C2", "Martin", date_naissance="03/01/1980"),
        contact("C2", "Martin", prenoms="Paul"),
        contact("C2", "Martin", "06 39 98 00 99"),
        contact("C2", "Martin", date_naissance=""),
    ],
)
def test_only_number_name_and_birth_date_together_make_one_person(
    imports: Imports, other: dict[str, str]
) -> None:
    assert numbers(imports.read(contact("C1", "Martin"), other)) == (2, 2, 0, 0, 0, 0)


def test_several_people_behind_one_number_stay_several_and_share_its_index(imports: Imports) -> None:
    family = [contact(f"C{n}", "Martin", prenoms=name) for n, name in enumerate(("Ana", "Bob", "Chloé"))]
    assert numbers(imports.read(*family)) == (3, 3, 0, 0, 0, 0)
    assert imports.rows("select count(*) from call_list_entries group by number_index") == [(3,)]


def test_a_contact_who_turns_positive_is_converted_and_jumps_class(imports: Imports) -> None:
    imports.read(contact("C1", "Martin", fiche_positif="P1"), positive("P1", "Durand"))
    imports.clock.advance(timedelta(days=1))
    turned = positive("P7", "Martin", "06 39 98 00 02", date_resultat="17/03/2021 08:00")
    assert numbers(imports.read(turned)) == (1, 0, 1, 0, 0, 0)
    record = imports.one(
        "select r.kind, r.converted_at, r.deadline from case_records r join case_references f"
        " on f.case_record_id = r.id where f.external_id = 'C1'"
    )
    assert record == ("POSITIVE", imports.clock.now(), datetime(2021, 3, 18, 7, 0, tzinfo=UTC))
    entries = imports.rows(
        "select e.purpose, e.state, e.closed_because, e.call_class"
        " from call_list_entries e join case_references f using (case_record_id)"
        " where f.external_id = 'C1' order by e.id"
    )
    assert entries == [("INFORM", "CLOSED", "CONVERTED", 5), ("INTERVIEW", "READY", None, 1)]
    assert len(imports.rows("select id from exposures")) == 1


def test_a_contact_in_a_call_keeps_that_call_while_they_turn_positive(imports: Imports) -> None:
    imports.read(contact("C1", "Martin"))
    _start_call(imports)
    imports.read(positive("C1", "Martin", "06 39 98 00 02"))
    assert imports.rows("select purpose, state from call_list_entries order by id") == [
        ("INFORM", "LEASED"),
        ("INTERVIEW", "READY"),
    ]


def _start_call(imports: Imports) -> None:
    """An agent holds the only entry and speaks."""
    now, agent = imports.clock.now(), uuid4()
    with imports.database.begin() as connection:
        connection.execute(
            insert(tables.users).values(
                id=agent, login="agent", roles=["agent"], platforms=["40"], created_at=now
            )
        )
        connection.execute(
            text(
                "update call_list_entries set state = 'LEASED', lease_id = :lease, leased_by = :agent,"
                " leased_until = :now"
            ),
            {"lease": uuid4(), "agent": agent, "now": now},
        )
        entry = connection.execute(select(tables.call_list_entries)).mappings().one()
        connection.execute(
            insert(tables.call_attempts).values(
                id=uuid4(),
                platform="40",
                entry_id=entry["id"],
                case_record_id=entry["case_record_id"],
                person_id=entry["person_id"],
                agent_id=agent,
                status="IN_CALL",
                phone_position=0,
                conference=uuid4(),
                started_at=now,
            )
        )


def test_a_positive_is_never_made_a_contact_again(imports: Imports) -> None:
    imports.read(positive("P1", "Durand"))
    assert numbers(imports.read(contact("C1", "Durand", "06 39 98 00 01"))) == (1, 0, 0, 0, 1, 0)
    assert imports.rows("select kind from case_records") == [("POSITIVE",)]


def test_a_positive_with_an_older_result_keeps_the_earlier_deadline(imports: Imports) -> None:
    imports.read(positive("P1", "Durand"))
    for result in ("14/03/2021 18:00", "16/03/2021 08:00"):
        imports.read(positive("P1", "Durand", date_resultat=result))
    deadline = datetime(2021, 3, 15, 17, 0, tzinfo=UTC)
    assert imports.rows("select deadline from case_records") == [(deadline,)]
    assert imports.rows("select deadline from call_list_entries") == [(deadline,)]


def test_a_contact_may_name_a_positive_of_any_row_or_of_a_later_file(imports: Imports) -> None:
    report = imports.read(
        contact("C1", "Martin", fiche_positif="P1"),
        positive("P1", "Durand"),
        contact("C2", "Petit", "06 39 98 00 03", fiche_positif="P2"),
    )
    assert [(w.row, w.field, w.reason) for w in report.warnings] == [
        (4, "fiche_positif", "exposure to a positive who is not known yet")
    ]
    waiting = "select count(*) from exposures where positive_id is null"
    assert imports.rows(waiting) == [(1,)]
    imports.read(positive("P2", "Grand", "06 39 98 00 04"))
    assert imports.rows(waiting) == [(0,)]


def test_another_platforms_positive_of_the_same_identifier_is_not_ours(imports: Imports) -> None:
    imports.read(contact("C1", "Martin", fiche_positif="P1"))
    with imports.database.begin() as connection:
        connection.execute(
            insert(tables.platforms).values(
                code="33",
                name="Gironde",
                time_zone="Europe/Paris",
                department="33",
                created_at=imports.clock.now(),
            )
        )
    imports.service.import_file(csv_file(positive("P1", "Durand")), platform="33")
    assert imports.rows("select positive_id from exposures") == [(None,)]


def test_someone_without_a_number_waits_in_the_search_queue_until_one_comes(imports: Imports) -> None:
    report = imports.read(contact("C1", "Martin", "38663"))
    assert numbers(report) == (1, 1, 0, 0, 0, 0)
    assert {warning.field for warning in report.warnings} == {"telephone_1"}
    assert imports.one("select queue, number_index from call_list_entries") == ("SEARCH", None)
    imports.read(contact("C1", "Martin", "06 39 98 00 02"))
    found = imports.vault.number_index("+33639980002")
    assert imports.one("select queue, number_index from call_list_entries") == ("AGENTS", found)


def test_a_landline_or_an_opted_out_number_is_never_shed(imports: Imports) -> None:
    with imports.database.begin() as connection:
        connection.execute(
            insert(tables.opt_outs).values(
                number_index=imports.vault.number_index("+33639980005"),
                since=imports.clock.now(),
                because="REPLY",
            )
        )
    imports.read(
        contact("C1", "Martin", "05 36 49 00 01"),
        contact("C2", "Petit", "06 39 98 00 05"),
        contact("C3", "Grand", "06 39 98 00 06"),
    )
    assert _shed_levels(imports) == [("C1", 0), ("C2", 0), ("C3", 2)]


def test_a_mobile_behind_a_landline_may_be_shed_unless_stop_came_from_one_of_them(imports: Imports) -> None:
    with imports.database.begin() as connection:
        connection.execute(
            insert(tables.opt_outs).values(
                number_index=imports.vault.number_index("+33639980005"),
                since=imports.clock.now(),
                because="REPLY",
            )
        )
    imports.read(
        contact("C1", "Martin", "05 36 49 00 01", telephone_2="06 39 98 00 06"),
        contact("C2", "Petit", "05 36 49 00 02", telephone_2="06 39 98 00 05"),
        contact("C3", "Grand", "05 36 49 00 03"),
    )
    assert _shed_levels(imports) == [("C1", 2), ("C2", 0), ("C3", 0)]
    imports.read(contact("C3", "Grand", "05 36 49 00 03", telephone_2="06 39 98 00 07"))
    assert _shed_levels(imports) == [("C1", 2), ("C2", 0), ("C3", 2)]


def _shed_levels(imports: Imports) -> Sequence[tuple[str, int]]:
    return imports.rows(
        "select f.external_id, e.shed_level from call_list_entries e"
        " join case_references f using (case_record_id) order by 1"
    )


def test_how_they_met_is_kept_in_clear_as_one_word_and_as_written_under_seal(imports: Imports) -> None:
    told = "covoiturage avec Zoé Durand"
    imports.read(contact("C1", "Martin", fiche_positif="P1", nature_contact=told))
    assert imports.one("select nature from exposures") == ("TRANSPORT",)
    [(person_id,)] = imports.rows("select id from persons")
    with imports.database.begin() as connection:
        opened = person_store.open_person(connection, imports.vault, person_id)
    assert opened.person.kept_aside["exposure_nature"] == told


def test_an_identifier_positive_on_any_line_is_a_positive_with_the_earliest_result(imports: Imports) -> None:
    rows = [
        contact("A1", "Martin", fiche_positif="P9"),
        positive("A1", "Martin", "06 39 98 00 02", date_resultat="14/03/2021 18:00"),
        positive("A1", "Martin", "06 39 98 00 02", date_resultat="15/03/2021 18:00"),
        contact("A1", "Martin", fiche_positif="P8"),
    ]
    assert numbers(imports.read(*rows)) == (4, 1, 0, 3, 0, 0)
    deadline = datetime(2021, 3, 15, 17, 0, tzinfo=UTC)
    assert imports.one("select kind, deadline from case_records") == ("POSITIVE", deadline)
    assert imports.rows("select positive_reference from exposures order by 1") == [
        ("si-dep/P8",),
        ("si-dep/P9",),
    ]
    assert numbers(imports.read(*rows)) == (4, 0, 0, 4, 0, 0)


def test_a_positive_whose_identifier_is_also_someone_elses_is_not_lost(imports: Imports) -> None:
    other = contact("A1", "Lopez", "06 39 98 00 09", date_naissance="05/05/1990", prenoms="Inès")
    assert numbers(imports.read(positive("A1", "Durand"), other)) == (2, 1, 0, 0, 0, 1)
    assert imports.one("select kind from case_records") == ("POSITIVE",)


def test_a_contact_named_on_two_lines_keeps_both_exposures(imports: Imports) -> None:
    rows = [
        contact("C1", "Martin", fiche_positif="P1", date_dernier_contact="14/03/2021", foyer="oui"),
        contact("C1", "Martin", fiche_positif="P2", date_dernier_contact="12/03/2021"),
    ]
    exposures = "select positive_reference, last_contact_on::text from exposures order by 1"
    both = [("si-dep/P1", "2021-03-14"), ("si-dep/P2", "2021-03-12")]
    assert numbers(imports.read(*rows)) == (2, 1, 0, 1, 0, 0)
    assert imports.rows(exposures) == both
    assert imports.one("select last_exposure_on::text, household from case_records") == ("2021-03-14", True)
    named_again = contact("C1", "Martin", fiche_positif="P3", date_dernier_contact="15/03/2021")
    assert numbers(imports.read(named_again, *rows)) == (3, 0, 1, 2, 0, 0)
    assert imports.rows(exposures) == [*both, ("si-dep/P3", "2021-03-15")]


def _close_all(imports: Imports) -> None:
    """Everyone was called."""
    with imports.database.begin() as connection:
        connection.execute(
            text(
                "update call_list_entries set state = 'CLOSED', closed_because = 'DONE', number_index = null"
            )
        )
        connection.execute(text("update case_records set state = 'CLOSED', closed_because = 'INFORMED'"))


def _open_entries(imports: Imports) -> Sequence[tuple[str, str]]:
    """Who waits for a call, by identifier, and what for."""
    return imports.rows(
        "select f.external_id, e.purpose from call_list_entries e"
        " join case_references f using (case_record_id) where e.state <> 'CLOSED' order by 1"
    )


@pytest.mark.parametrize(
    ("first", "days", "then"),
    [
        (contact("A1", "Martin"), 3, contact("A1", "Martin", date_dernier_contact="18/03/2021")),
        (
            contact("A1", "Martin", date_dernier_contact=""),
            20,
            contact("A1", "Martin", date_dernier_contact="", fiche_positif="P5"),
        ),
        (contact("A1", "Martin"), 30, positive("A1", "Martin", date_resultat="14/04/2021 10:00")),
        (positive("A1", "Martin"), 70, positive("A1", "Martin", date_resultat="24/05/2021 10:00")),
        (positive("A1", "Martin"), 70, contact("A1", "Martin", date_dernier_contact="23/05/2021")),
    ],
)
def test_something_new_under_the_identifier_of_a_closed_record_is_called_again(
    imports: Imports, first: dict[str, str], days: int, then: dict[str, str]
) -> None:
    imports.read(first)
    _close_all(imports)
    imports.clock.advance(timedelta(days=days))
    again = then | {"telephone_2": "06 39 98 00 55"}
    assert numbers(imports.read(again)) == (1, 1, 0, 0, 0, 0)
    purpose = "INTERVIEW" if then["type"] == "positif" else "INFORM"
    assert _open_entries(imports) == [("A1", purpose)]
    assert imports.rows("select state from case_records order by listed_at") == [("CLOSED",), ("OPEN",)]
    assert len(imports.rows("select id from persons")) == 1
    latest = imports.rows("select listed_at, deadline, result_at from case_records order by listed_at")[-1]
    assert latest[0] == imports.clock.now()
    assert latest[1] == (latest[2] or latest[0]) + timedelta(hours=24)
    assert numbers(imports.read(again)) == (1, 0, 0, 1, 0, 0)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (contact("A1", "Martin"), contact("A1", "Martin", commune="Dax")),
        (
            contact("A1", "Martin", date_dernier_contact="", fiche_positif="P5"),
            contact("A1", "Martin", date_dernier_contact="", fiche_positif="P5", commune="Dax"),
        ),
        (positive("A1", "Martin"), positive("A1", "Martin", commune="Dax")),
        (positive("A1", "Martin"), contact("A1", "Martin", fiche_positif="P5")),
    ],
)
def test_a_correction_of_a_closed_record_calls_nobody_again(
    imports: Imports, first: dict[str, str], then: dict[str, str]
) -> None:
    imports.read(first)
    _close_all(imports)
    imports.clock.advance(timedelta(days=90))
    assert numbers(imports.read(then)) == (1, 0, 1, 0, 0, 0)
    assert _open_entries(imports) == []


def test_a_closed_contact_listed_long_ago_is_called_again_under_another_identifier(imports: Imports) -> None:
    imports.read(contact("C1", "Martin", date_dernier_contact=""))
    _close_all(imports)
    imports.clock.advance(timedelta(days=13))
    assert numbers(imports.read(contact("C2", "Martin", date_dernier_contact=""))) == (1, 0, 0, 0, 1, 0)
    imports.clock.advance(timedelta(days=1))
    assert numbers(imports.read(contact("C3", "Martin", date_dernier_contact=""))) == (1, 1, 0, 0, 0, 0)
    assert _open_entries(imports) == [("C3", "INFORM")]
    again = contact("C1", "Martin", date_dernier_contact="", fiche_positif="P7")
    assert numbers(imports.read(again)) == (1, 0, 0, 0, 1, 0)
    assert _open_entries(imports) == [("C1", "INFORM"), ("C3", "INFORM")]
    assert len(imports.rows("select id from call_list_entries where state <> 'CLOSED'")) == 1
