"""Files become case records: each rule on a real database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, text

from outreach.clock import SetClock
from outreach.domain.intake import Verdict
from outreach.errors import InvalidInput, NotFound
from outreach.services.case_import import CaseImport
from outreach.services.import_report import ImportReport
from outreach.storage import journal, person_store, tables
from outreach.storage.database import Database
from outreach.storage.import_store import ImportState
from outreach.storage.vault import Vault
from tests.services.case_files import contact, csv_file, positive


class Imports:
    """A platform's imports, and what they left in the database."""

    def __init__(self, database: Database, vault: Vault, clock: SetClock) -> None:
        self.database, self.vault, self.clock = database, vault, clock
        self.service = CaseImport(database, vault, clock)

    def read(self, *rows: dict[str, str], **options: Any) -> ImportReport:
        return self.service.import_file(csv_file(*rows), platform="40", **options)

    def rows(self, statement: str) -> Sequence[Any]:
        with self.database.begin() as connection:
            return connection.execute(text(statement)).all()

    def one(self, statement: str) -> Any:
        [row] = self.rows(statement)
        return row

    def everything(self) -> dict[str, Sequence[Any]]:
        """All rows that an import may touch, except its own report."""
        names = (
            "persons",
            "person_keys",
            "person_phones",
            "case_records",
            "case_references",
            "exposures",
            "call_list_entries",
        )
        return {name: self.rows(f"select * from {name} order by 1, 2") for name in names}

    def events(self) -> list[str]:
        return [event for (event,) in self.rows("select event from journal order by id")]


@pytest.fixture
def imports(database: Database, vault: Vault, clock: SetClock, platform: str) -> Imports:
    return Imports(database, vault, clock)


def numbers(report: ImportReport) -> tuple[int, ...]:
    """rows, created, updated, unchanged, merged, rejected."""
    assert report.counts.add_up
    return tuple(vars(report.counts).values())


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
    levels = imports.rows(
        "select f.external_id, e.shed_level from call_list_entries e"
        " join case_references f using (case_record_id) order by 1"
    )
    assert levels == [("C1", 0), ("C2", 0), ("C3", 2)]


def test_a_bad_row_never_stops_the_others_and_shows_no_personal_value(imports: Imports) -> None:
    report = imports.read(
        positive("P1", "Durand"),
        positive("P2", "Lopez", date_resultat="31/02/2021"),
        contact("C1", "Martin"),
    )
    assert numbers(report) == (3, 2, 0, 0, 0, 1)
    [error] = report.as_json()["errors"]
    assert (error["row"], error["field"], error["value"]) == (3, "date_resultat", "31/**/**21")
    assert error["reason"]
    assert error["mend"]


def test_an_identifier_that_stands_for_someone_else_is_refused(imports: Imports) -> None:
    imports.read(positive("P1", "Durand"))
    taken = positive("P1", "Lopez", "06 39 98 00 09", date_naissance="05/05/1990", prenoms="Inès")
    assert numbers(imports.read(taken)) == (1, 0, 0, 0, 0, 1)


def test_one_identifier_on_several_rows_counts_once_and_stays_so(imports: Imports) -> None:
    rows = [
        contact("C1", "Martin"),
        contact("C1", "Martin", foyer="oui"),
        contact("C1", "Autre", "0558561234"),
    ]
    rows[2] |= {"prenoms": "Zoé", "date_naissance": "05/05/1990"}
    assert numbers(imports.read(*rows)) == (3, 1, 0, 0, 0, 2)
    assert numbers(imports.read(*rows)) == (3, 0, 0, 1, 0, 2)
    kept = [contact("C2", "Petit"), contact("C2", "Petit", foyer="oui")]
    assert numbers(imports.read(*kept)) == (2, 1, 0, 1, 0, 0)
    assert numbers(imports.read(*kept)) == (2, 0, 0, 2, 0, 0)


def test_a_row_with_a_stray_separator_is_refused_not_shifted(imports: Imports) -> None:
    content = b"type;identifiant;nom;telephone_1\ncontact;C1;Martin;Dupuis;0639980002\n"
    report = imports.service.import_file(content, platform="40")
    assert [error.reason.split(":")[0] for error in report.errors] == ["more cells than columns"]


def test_two_rows_that_meet_in_one_known_record_are_both_taken_in(imports: Imports) -> None:
    imports.read(contact("C1", "Martin"))
    both = [
        contact("C1", "Martin", "06 39 98 00 02", date_naissance="", foyer="oui"),
        contact("C2", "Martin", "06 39 98 00 02", telephone_2="06 39 98 00 88"),
    ]
    assert numbers(imports.read(*both)) == (2, 0, 1, 0, 1, 0)
    assert len(imports.rows("select * from person_phones")) == 2


def test_an_erased_person_is_not_brought_back_by_an_old_file(imports: Imports) -> None:
    imports.read(contact("C1", "Martin"))
    imports.rows("delete from person_keys returning person_id")
    assert numbers(imports.read(contact("C1", "Martin", foyer="oui"))) == (1, 0, 0, 0, 0, 1)


def test_a_saved_mapping_reads_another_systems_headers(imports: Imports) -> None:
    headers = {"Statut": "kind", "N°": "external_id", "Patient": "family_name", "Tél": "phone_1"}
    imports.service.save_mapping("40", "labo", headers)
    content = "Statut,N°,Patient,Tél\ncontact,1,Martin,0639980002\n".encode("cp1252")
    report = imports.service.import_file(content, platform="40", mapping="labo")
    assert numbers(report) == (1, 1, 0, 0, 0, 0)
    assert imports.rows("select source, external_id from case_references") == [("labo", "1")]


def test_unknown_mappings_platforms_and_files_are_refused_at_once(imports: Imports) -> None:
    with pytest.raises(NotFound, match="si-dep"):
        imports.read(contact("C1", "Martin"), mapping="other")
    with pytest.raises(NotFound, match="99"):
        imports.service.start_import(csv_file(), platform="99")
    with pytest.raises(InvalidInput, match="type"):
        imports.service.start_import(b"nom;prenoms\nDurand;Zoe\n", platform="40")


def test_a_file_that_breaks_half_way_is_refused_before_anything_is_written(imports: Imports) -> None:
    broken = csv_file(contact("C1", "Martin")) + b'contact;C2;"' + b"x" * 200_000
    import_id = imports.service.start_import(broken, platform="40")
    with pytest.raises(InvalidInput, match="quotation mark"):
        imports.service.run_import(import_id)
    report = imports.service.report(import_id)
    assert report.state is ImportState.REFUSED
    assert imports.rows("select * from case_records") == []


def test_an_import_killed_half_way_is_run_again_and_doubles_nothing(
    imports: Imports,
) -> None:
    rows = [contact(f"C{n}", "Martin", prenoms=f"Alix {n}") for n in range(2_500)]
    import_id = imports.service.start_import(csv_file(*rows), platform="40")

    def kill(done: int, expected: int) -> None:
        if done >= 1_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imports.service.run_import(import_id, progress=kill)
    assert imports.service.report(import_id).state is ImportState.RUNNING
    assert imports.one("select count(*) from case_records") == (1_000,)
    assert numbers(imports.service.run_import(import_id)) == (2_500, 1_500, 0, 1_000, 0, 0)
    assert imports.one("select count(*) from call_list_entries") == (2_500,)


def test_a_finished_import_run_again_does_nothing_and_its_file_is_gone(imports: Imports) -> None:
    import_id = imports.service.start_import(csv_file(contact("C1", "Martin")), platform="40")
    first = imports.service.run_import(import_id)
    assert imports.service.run_import(import_id) == first
    assert imports.rows("select sealed_file from imports") == [(None,)]


def test_progress_is_told_and_kept(imports: Imports) -> None:
    told: list[tuple[int, int]] = []
    imports.read(
        *[contact(f"C{n}", "Martin", prenoms=f"Alix {n}") for n in range(1_200)],
        progress=lambda done, expected: told.append((done, expected)),
    )
    assert told == [(1_000, 1_200), (1_200, 1_200)]


def test_one_record_put_twice_changes_nothing_the_second_time(imports: Imports) -> None:
    fields = {
        "type": "positif",
        "nom": "Durand",
        "date_resultat": "15/03/2021 18:00",
        "phone_1": "0639980001",
    }
    first = imports.service.put_case_record("40", "doctor", "D/1", fields)
    second = imports.service.put_case_record("40", "doctor", "D/1", fields)
    assert (first.verdict, second.verdict) == (Verdict.CREATED, Verdict.UNCHANGED)
    assert first.case_record_id == second.case_record_id


def test_what_the_database_cannot_hold_never_stops_an_import(imports: Imports) -> None:
    rows = contact("C\0001", "Mar\0tin"), contact("C2", "Petit", "06 39 98 00 04", commune="x" * 100_000)
    padding = csv_file(*[{"type": "x" * 70_000}])
    content = padding + csv_file(*rows).split(b"\r\n", 1)[1]
    assert numbers(imports.service.import_file(content, platform="40")) == (3, 2, 0, 0, 0, 1)
    put = imports.service.put_case_record(
        "40", "doctor", "D\0001", contact("", "Gr\0and\ud800", "0639980005")
    )
    assert put.verdict is Verdict.CREATED


def test_one_record_put_without_what_makes_a_case_says_what_to_mend(imports: Imports) -> None:
    outcome = imports.service.put_case_record("40", "doctor", "D1", {"type": "positif", "nom": "Durand"})
    assert outcome.verdict is Verdict.REJECTED
    assert [finding.field for finding in outcome.findings] == ["result_at"]


def test_the_report_as_csv_runs_nothing_in_a_spreadsheet(imports: Imports) -> None:
    imports.read(contact("C1", "Martin"))
    report = imports.read({"type": "=cmd|' /C calc'!A0", "identifiant": "C9", "nom": "Petit"})
    lines = report.as_csv().splitlines()
    assert lines[0].removeprefix("\ufeff") == "severity;row;field;value;reason;mend"
    assert ";'=c" in lines[1]


def test_rules_are_shown_with_every_report(imports: Imports) -> None:
    rules = imports.read(positive("P1", "Durand", date_resultat="15/03/2021")).as_json()["rules"]
    assert any("last minute of that day" in rule for rule in rules)


def test_the_journal_and_the_report_hold_no_name_and_no_number(imports: Imports) -> None:
    imports.read(positive("P1", "Zigomar", "06 39 98 12 34"), contact("C1", "Zigomar", "0899701234"))
    kept = imports.rows(
        "select cast(j as text) from journal j union all select cast(f as text) from import_findings f"
    )
    assert not [line for (line,) in kept if "Zigomar" in line or "639981234" in line or "0899701234" in line]
    with imports.database.begin() as connection:
        [(record,)] = imports.rows("select id from case_records where kind = 'POSITIVE'")
        assert [line["event"] for line in journal.of_case_record(connection, record)] == [
            "CASE_CREATED",
            "ENTRY_ADDED",
        ]
