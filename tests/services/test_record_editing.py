"""Case records changed by hand: each rule on a real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from outreach.domain.case_records import CaseKind
from outreach.domain.column_mappings import Field
from outreach.domain.outcomes import CallOutcome
from outreach.domain.retention import RetentionRule
from outreach.domain.roles import Role
from outreach.errors import Conflict, InvalidInput, NotAllowed, NotFound
from outreach.ids import new_id
from outreach.services.access import Asker, NewUser
from outreach.services.audit import Search
from outreach.services.held_record import ChangedMeanwhile
from outreach.services.load_shedding_switch import check_wish
from outreach.services.record_editing import NumberAsked
from outreach.storage.journal import Event
from tests.call_list_rows import add_platform
from tests.services.case_files import contact, csv_file, positive
from tests.services.record_desk import Desk, someone
from tests.services.record_desk import desk as desk


def test_a_person_is_corrected_and_the_journal_names_fields_without_values(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"))
    record = desk.record("P1")
    desk.edit(record, family_name="Dupond", birth_date="03/02/1981", town="Dax", language="anglais")
    person = desk.person(record)
    assert (person.family_name, person.birth_date.isoformat(), person.language) == (
        "Dupond",
        "1981-02-03",
        "en",
    )
    assert person.phones[0].e164 == "+33639980001"
    told = desk.one("select facts from journal where event = 'CASE_UPDATED'")[0]
    assert told == {"fields": ["family_name", "birth_date", "town", "language"]}
    assert desk.one("select language from call_list_entries") == ("en",)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("birth_date", "31/02/1980", "not a date"),
        ("birth_date", "01/01/2030", "not a date"),
        ("language", "klingonais", "unknown language"),
        ("country", "Atlantide", "unknown country"),
        ("family_name", " ", "no family name"),
        ("result_at", "17/03/2021 10:00", "future"),
        ("vulnerable", "peut-être", "neither oui nor non"),
        ("address", "x" * 501, "too long"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_field(
    desk: Desk, field: str, value: str, reason: str
) -> None:
    desk.read(positive("P1", "Durand"))
    with pytest.raises(InvalidInput, match=reason) as refused:
        desk.edit(desk.record("P1"), **{field: value})
    assert refused.value.field == field


def test_another_result_date_moves_the_deadline_and_says_so(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"))
    record = desk.record("P1")
    edited = desk.edit(record, result_at="2021-03-16T08:00")
    assert edited.deadline == datetime(2021, 3, 17, 7, 0, tzinfo=UTC)
    assert edited.deadline_before == datetime(2021, 3, 16, 17, 0, tzinfo=UTC)
    assert desk.entries(record)[0].deadline == edited.deadline
    assert desk.edit(record, town="Dax").deadline_before is None


def test_of_two_who_edit_at_once_the_second_is_told_which_fields_differ(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"))
    record = desk.record("P1")
    seen = desk.version(record)
    desk.edit(record, version=seen, town="Dax", address="1 rue Haute")
    with pytest.raises(ChangedMeanwhile, match="sup changed this record") as refused:
        desk.edit(record, version=seen, town="Pau")
    assert refused.value.conflicts == ["town"]
    assert desk.person(record).town == "Dax"
    desk.edit(record, version=seen, town="Dax")
    desk.edit(record, version=desk.version(record), town="Pau")
    assert desk.person(record).town == "Pau"


def test_a_number_two_countries_have_is_asked_and_then_called(desk: Desk) -> None:
    desk.read(positive("P1", "Durand", "", pays="CH"))
    record = desk.record("P1")
    assert desk.entries(record)[0].queue == "SEARCH"
    with pytest.raises(NumberAsked) as asked:
        desk.app.records.editing.add_number(record, "079 123 45 67", desk.asker)
    assert asked.value.candidates == ("+41791234567", "+33791234567")
    desk.app.records.editing.add_number(record, "079 123 45 67", desk.asker, chosen="+41791234567")
    [entry] = desk.entries(record)
    assert (entry.queue, entry.phone_position) == ("AGENTS", 0)
    with pytest.raises(InvalidInput, match="premium-rate"):
        desk.app.records.editing.add_number(record, "08 99 70 12 34", desk.asker)
    with pytest.raises(Conflict, match="already"):
        desk.app.records.editing.add_number(record, "+41 79 123 45 67", desk.asker)


def test_a_number_marked_bad_gives_way_to_the_next_and_may_be_good_again(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"))
    record = desk.record("P1")
    desk.app.records.editing.mark_number(record, 0, desk.asker, bad=True)
    assert desk.entries(record)[0].queue == "SEARCH"
    desk.app.records.editing.mark_number(record, 0, desk.asker, bad=False)
    assert desk.entries(record)[0].queue == "AGENTS"
    with pytest.raises(InvalidInput):
        desk.app.records.editing.mark_number(record, 7, desk.asker, bad=True)


def test_a_contact_who_tests_positive_has_24_hours_of_their_own(desk: Desk) -> None:
    desk.read(contact("C1", "Martin"))
    record = desk.record("C1")
    desk.app.records.editing.convert(record, "16/03/2021 09:00", desk.asker, version=None)
    inform, interview = desk.entries(record)
    assert (inform.state, inform.closed_because) == ("CLOSED", "CONVERTED")
    assert (interview.purpose, interview.call_class) == ("INTERVIEW", 1)
    assert interview.deadline == datetime(2021, 3, 17, 8, 0, tzinfo=UTC)
    assert "CASE_CONVERTED" in desk.events(record)
    with pytest.raises(Conflict, match="already"):
        desk.app.records.editing.convert(record, "16/03/2021 09:00", desk.asker, version=None)


def test_a_record_closed_by_hand_can_be_put_back_with_a_callback(desk: Desk) -> None:
    desk.read(contact("C1", "Martin"))
    record, closing = desk.record("C1"), desk.app.records.closing
    with pytest.raises(InvalidInput, match="outcome"):
        closing.close(record, CallOutcome.NO_ANSWER, desk.asker)
    closing.close(record, CallOutcome.INFO_GIVEN, desk.asker)
    assert desk.one("select state, informed_at is null from case_records") == ("CLOSED", False)
    with pytest.raises(Conflict, match="closed already"):
        closing.close(record, CallOutcome.INFO_GIVEN, desk.asker)
    at = desk.clock.now() + timedelta(hours=3)
    closing.put_back(record, desk.asker, at=at)
    [_, again] = desk.entries(record)
    assert (again.purpose, again.state, again.call_class, again.callback_at) == ("INFORM", "WAITING", 2, at)
    closing.put_back(record, desk.asker)
    assert desk.entries(record)[1].state == "READY"
    with pytest.raises(Conflict, match="already"):
        closing.put_back(record, desk.asker)
    with pytest.raises(InvalidInput, match="moment"):
        closing.put_back(record, desk.asker, at=desk.clock.now() - timedelta(minutes=1))
    assert "CASE_REOPENED" in desk.events(record)


def test_a_record_handed_to_the_health_agency_is_on_its_list(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"))
    record = desk.record("P1")
    desk.app.records.closing.close(record, CallOutcome.ESCALATE_ARS, desk.asker)
    now = desk.clock.now()
    listed = desk.app.handover.to_ars(["40"], since=now, until=now + timedelta(hours=1))
    assert [each.external_id for each in listed] == ["P1"]


def test_nobody_in_an_agents_hands_is_closed_or_merged(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"))
    agent = desk.app.access.add_user(NewUser("agent", ["agent"], ["40"]))
    desk.app.call_list.next_entry(agent, platforms=["40"], languages=["fr"])
    with pytest.raises(Conflict, match="in hand"):
        desk.app.records.closing.close(desk.record("P1"), CallOutcome.COMPLETED, desk.asker)


def test_an_erased_person_is_gone_with_everything_merged_into_their_record(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"), positive("P2", "Durant"))
    kept, other = desk.record("P1"), desk.record("P2")
    desk.app.records.merging.merge(kept, other, desk.asker)
    with pytest.raises(InvalidInput, match="why"):
        desk.app.records.closing.erase(kept, " ", desk.asker)
    desk.app.records.closing.erase(kept, "ASKED", desk.asker)
    assert desk.rows("select * from person_keys") == []
    with pytest.raises(Conflict, match="erased"):
        desk.edit(kept, town="Dax")


def test_two_records_of_one_person_become_one_with_both_histories(desk: Desk) -> None:
    desk.read(
        positive("P1", "Durand", date_resultat="15/03/2021 18:00"),
        contact("C1", "Durant", "06 39 98 00 07", commune="Dax"),
        contact("C2", "Autre", "06 39 98 00 08", fiche_positif="P1"),
    )
    kept, other = desk.record("P1"), desk.record("C1")
    preview = desk.app.records.merging.preview(kept, other, desk.asker)
    assert {each.field: (each.kept, each.other) for each in preview.differences} == {
        Field.FAMILY_NAME: ("Durand", "Durant"),
        Field.TOWN: ("", "Dax"),
    }
    desk.app.records.merging.merge(
        kept, other, desk.asker, from_other=frozenset({Field.FAMILY_NAME}), version=preview.version
    )
    person = desk.person(kept)
    assert (person.family_name, person.town) == ("Durant", "Dax")
    assert [phone.e164 for phone in person.phones] == ["+33639980001", "+33639980007"]
    assert desk.one(f"select state, closed_because, merged_into from case_records where id = '{other}'") == (
        "CLOSED",
        "MERGED",
        kept,
    )
    assert [entry.closed_because for entry in desk.entries(other)] == ["MERGED"]
    assert desk.record("C1") == kept
    file = desk.app.records.files.read(kept, desk.asker)
    assert [sheet.card.facts.id for sheet in file.merged] == [other]
    assert {line.event for line in file.lines} >= {"RECORDS_MERGED", "CASE_CREATED"}
    assert [each.name for each in file.around if each.link == "CONTACT"] == ["Alix Autre"]
    found = desk.app.records.search.by_number("06 39 98 00 07", desk.asker)
    assert [each.id for each in found] == [kept]
    with pytest.raises(Conflict, match="merged into another"):
        desk.edit(other, town="Pau")


def test_a_contact_merged_with_their_positive_record_is_converted(desk: Desk) -> None:
    desk.read(contact("C1", "Durand"), positive("P1", "Durant", "06 39 98 00 07"))
    kept = desk.record("C1")
    desk.app.records.merging.merge(kept, desk.record("P1"), desk.asker)
    assert desk.one(f"select kind, state from case_records where id = '{kept}'") == ("POSITIVE", "OPEN")
    assert [entry.purpose for entry in desk.entries(kept) if entry.state != "CLOSED"] == ["INTERVIEW"]


def test_who_was_reached_under_the_other_record_is_not_called_again(desk: Desk) -> None:
    desk.read(contact("C1", "Durand"), contact("C2", "Durant", "06 39 98 00 07"))
    kept, other = desk.record("C1"), desk.record("C2")
    desk.app.records.closing.close(other, CallOutcome.INFO_GIVEN, desk.asker)
    desk.app.records.merging.merge(kept, other, desk.asker)
    assert [entry.closed_because for entry in desk.entries(kept)] == ["ALREADY_DONE"]


def test_records_of_two_people_are_not_merged(desk: Desk) -> None:
    desk.read(
        positive("P1", "Durand"), positive("P2", "Petit", "06 39 98 00 05", date_naissance="05/05/1955")
    )
    with pytest.raises(InvalidInput, match="in common"):
        desk.app.records.merging.preview(desk.record("P1"), desk.record("P2"), desk.asker)
    with pytest.raises(InvalidInput, match="itself"):
        desk.app.records.merging.merge(desk.record("P1"), desk.record("P1"), desk.asker)


def test_a_person_is_handed_to_another_platform_by_a_supervisor(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"))
    record = desk.record("P1")
    with desk.app.database.begin() as connection:
        connection.execute(
            text(
                "insert into platforms (code, name, time_zone, department, region, created_at)"
                " values ('33', 'Gironde', 'Europe/Paris', '33', '75', now())"
            )
        )
    agent = someone(desk.asker.user_id, Role.AGENT)
    with pytest.raises(NotAllowed):
        desk.app.records.closing.hand_over(record, "33", "lives there", agent)
    desk.app.records.closing.hand_over(record, "33", "lives there", desk.asker)
    assert desk.one("select platform from case_records") == ("33",)


def test_a_record_of_nobody_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.edit(new_id(), town="Dax")


def test_a_duplicate_and_a_wrong_import_count_in_no_figure(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"), positive("P2", "Durant", "06 39 98 00 07"))
    now = desk.clock.now()
    span = ("40", now - timedelta(days=2), now + timedelta(days=1))
    assert len(desk.app.service_level.histories(*span).positives) == 2
    desk.app.records.merging.merge(desk.record("P1"), desk.record("P2"), desk.asker)
    assert len(desk.app.service_level.histories(*span).positives) == 1
    report = desk.app.case_import.import_file(
        csv_file(positive("P3", "Roux", "06 39 98 00 09")), platform="40"
    )
    assert len(desk.app.service_level.histories(*span).positives) == 2
    desk.app.records.undo.request(report.import_id, ["40"], by=None)
    desk.app.records.undo.go_on()
    assert len(desk.app.service_level.histories(*span).positives) == 1


def test_two_people_may_correct_different_fields_at_once(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"))
    record, editing = desk.record("P1"), desk.app.records.editing
    seen = editing.current(record, desk.asker)
    editing.edit(record, {Field.TOWN: "Dax"}, desk.asker, seen=seen)
    editing.edit(record, {Field.ADDRESS: "1 rue Haute"}, desk.asker, seen=seen)
    with pytest.raises(ChangedMeanwhile):
        editing.edit(record, {Field.TOWN: "Pau"}, desk.asker, seen=seen)
    person = desk.person(record)
    assert (person.town, person.address) == ("Dax", "1 rue Haute")


def test_of_two_merges_of_the_same_records_the_second_is_told(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"), positive("P2", "Durant", "06 39 98 00 07"))
    kept, other = desk.record("P1"), desk.record("P2")
    desk.app.records.merging.merge(kept, other, desk.asker)
    with pytest.raises(Conflict, match="merged into another"):
        desk.app.records.merging.merge(other, kept, desk.asker)
    assert desk.one("select count(*) from case_records where merged_into is null") == (1,)


def test_closing_by_hand_is_no_call_neither_on_the_record_nor_in_the_figures(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"))
    record = desk.record("P1")
    desk.app.records.closing.close(record, CallOutcome.ALREADY_DONE, desk.asker)
    told = desk.one("select first_called_at, reached_at is not null as reached from case_records")
    assert (told.first_called_at, told.reached) == (None, True)
    [line] = desk.rows("select facts from journal where event = 'ATTEMPT_OUTCOME'")
    assert "called_at" not in line.facts
    figures = desk.app.board.day("40")
    assert figures.over.called_in_time + figures.running.called_in_time == 0


def test_an_auditor_sees_of_a_merge_the_pseudonyms_alone(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"), positive("P2", "Durant"))
    kept, other = desk.record("P1"), desk.record("P2")
    desk.app.records.merging.merge(kept, other, desk.asker)
    auditor = someone(desk.asker.user_id, Role.AUDITOR)
    search = Search(record=str(kept), events=(Event.RECORDS_MERGED,))
    [line] = desk.app.audit.changes(auditor, search, before=None, most=5)
    assert line.facts == {}
    [line] = desk.app.audit.changes(desk.asker, search, before=None, most=5)
    assert line.facts == {"from": str(other)}


def test_a_restricted_record_stays_restricted_when_it_is_merged(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"), positive("P2", "Durant"))
    kept, other = desk.record("P1"), desk.record("P2")
    by, platforms = desk.asker.user_id, desk.asker.platforms
    desk.app.break_glass.restrict(other, by=by, platforms=platforms)
    with pytest.raises(NotAllowed, match="restricted"):
        desk.app.records.merging.merge(kept, other, desk.asker)
    desk.app.break_glass.open(other, "The same person as the other record", by=by)
    desk.app.records.merging.merge(kept, other, desk.asker)
    with pytest.raises(NotAllowed, match="restricted"):
        desk.app.case_reading.sheet(kept, reader=by, platforms=platforms)


def test_somebody_is_erased_for_a_reason_of_a_list_that_names_nobody(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"))
    record = desk.record("P1")
    with pytest.raises(InvalidInput):
        desk.app.records.closing.erase(record, "Mme Durand, 06 39 98 00 01, ne veut plus", desk.asker)
    desk.app.records.closing.erase(record, "ASKED", desk.asker)
    assert desk.one("select facts from journal where event = 'PERSON_ERASED'").facts == {"because": "ASKED"}


def test_why_somebody_is_handed_over_is_kept_in_the_transaction_that_decides_on_the_move(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"))
    with desk.app.database.begin() as connection:
        add_platform(connection, "33", desk.clock.now())
    desk.app.records.closing.hand_over(desk.record("P1"), "33", "lives there", desk.asker)
    kept = desk.rows(
        "select xmin::text as written_by from written_reasons union"
        " select xmin::text from journal where event = 'PLATFORM_MOVED'"
    )
    assert len(kept) == 1


def test_why_somebody_is_handed_over_is_sealed_and_goes_with_them(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"))
    with desk.app.database.begin() as connection:
        add_platform(connection, "33", desk.clock.now())
    record, why = desk.record("P1"), "lives at 3 rue Durand, 06 39 98 00 01"
    desk.app.records.closing.hand_over(record, "33", why, desk.asker)
    assert not [row for row in desk.rows("select facts::text as told from journal") if "Durand" in row.told]
    assert desk.rows("select 1 from platform_moves where reason like '%Durand%'") == []
    there = someone(desk.asker.user_id, Role.SUPERVISOR, platforms=("33",))
    search = Search(record=str(record), events=(Event.RECORD_HANDED_OVER,))

    def told(asker: Asker) -> object:
        [line] = desk.app.audit.changes(asker, search, before=None, most=9)
        return line.facts.get("reason")

    auditor = someone(desk.asker.user_id, Role.AUDITOR, platforms=("33",))
    assert (told(there), told(auditor)) == (why, None)
    desk.app.records.closing.erase(record, "ASKED", there)
    assert told(there) is None
    assert desk.one("select sealed from written_reasons").sealed is None


@pytest.mark.parametrize("words", ["voir Mme D., 06 39 98 00 01", "écrire à anne@example.org"])
def test_the_reason_of_a_decision_about_a_platform_holds_no_number_and_no_address(
    desk: Desk, words: str
) -> None:
    rule = RetentionRule("40", CaseKind.CONTACT, 30)
    with pytest.raises(InvalidInput):
        desk.app.old_records.change(rule, reason=words, by=desk.asker.user_id)
    with pytest.raises(InvalidInput):
        check_wish(words, None, desk.clock.now())
    desk.app.old_records.change(rule, reason="décret 2020-551, du 12/05/2020", by=desk.asker.user_id)
