"""What an import tells, refuses, and does when it is interrupted."""

from __future__ import annotations

import pytest

from outreach.clock import SetClock
from outreach.domain.intake import Verdict
from outreach.errors import InvalidInput, NotFound
from outreach.services import import_run
from outreach.storage import journal
from outreach.storage.database import Database
from outreach.storage.import_store import ImportState
from outreach.storage.vault import Vault
from tests.services.case_files import contact, csv_file, positive
from tests.services.import_world import Imports, numbers


@pytest.fixture
def imports(database: Database, vault: Vault, clock: SetClock, platform: str) -> Imports:
    return Imports(database, vault, clock)


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


def test_who_was_refused_before_a_later_row_told_that_it_is_them_is_taken_in_by_the_same_file(
    imports: Imports,
) -> None:
    imports.read(positive("P1", "Durand"))
    another_name = positive("P1", "Lopez", "06 39 98 00 09", date_naissance="05/05/1990", prenoms="Inès")
    their_number = positive("P2", "Durand", telephone_2="06 39 98 00 09")
    report = imports.read(another_name, their_number)
    assert numbers(report) == (2, 0, 1, 0, 1, 0)
    assert report.errors == ()
    assert numbers(imports.read(another_name, their_number)) == (2, 0, 0, 2, 0, 0)


def test_rows_taken_at_the_second_look_leave_their_room_to_others_that_are_to_be_mended(
    imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "MOST_TO_MEND", 2)
    imports.read(positive("P1", "Durand"))
    another_name = positive("P1", "Lopez", "06 39 98 00 09", date_naissance="05/05/1990", prenoms="Inès")
    their_number = positive("P2", "Durand", telephone_2="06 39 98 00 09")
    nameless = [positive(f"P{number}", "") for number in range(3, 6)]
    report = imports.read(another_name, their_number, *nameless)
    assert (report.counts.merged, report.counts.rejected) == (1, 3)
    assert imports.rows("select row from import_rows order by row") == [(4,), (5,)]


def test_a_dry_run_tells_of_those_rows_as_the_import_would(imports: Imports) -> None:
    imports.read(positive("P1", "Durand"))
    another_name = positive("P1", "Lopez", "06 39 98 00 09", date_naissance="05/05/1990", prenoms="Inès")
    their_number = positive("P2", "Durand", telephone_2="06 39 98 00 09")
    before = imports.everything()
    assert numbers(imports.read(another_name, their_number, dry_run=True)) == (2, 0, 1, 0, 1, 0)
    assert imports.everything() == before


def test_two_records_of_one_person_may_both_be_changed_by_one_file(imports: Imports) -> None:
    long_ago = positive("P2", "Durand", date_resultat="01/01/2021 10:00")
    imports.read(long_ago | {"identifiant": "P1"}, long_ago)
    imports.rows("update case_records set state = 'CLOSED' returning 1")
    imports.rows("update call_list_entries set state = 'CLOSED' returning 1")
    imports.read(positive("P1", "Durand"))  # ill once more: another record, which the identifier names now
    both = [
        positive("P1", "Durand", telephone_2="06 39 98 00 07"),
        long_ago | {"telephone_2": "06 39 98 00 08", "date_naissance": ""},
    ]
    assert numbers(imports.read(*both)) == (2, 0, 2, 0, 0, 0)
    assert len(imports.rows("select * from person_phones")) == 3


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
