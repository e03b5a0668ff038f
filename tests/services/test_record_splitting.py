"""A wrong merge is taken back: both records stand as before, on the list, in search, in figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from outreach.domain.column_mappings import Field
from outreach.domain.outcomes import CallOutcome
from outreach.domain.roles import Role
from outreach.errors import Conflict, NotAllowed, NotFound
from outreach.services.record_splitting import SPLIT_WITHIN
from tests.services.case_files import contact, positive
from tests.services.record_desk import Desk, someone
from tests.services.record_desk import desk as desk

DAY = timedelta(days=1)


def standing(desk: Desk, record_id: UUID) -> dict[str, Any]:
    """What a merge changes of a record and its person."""
    one = f"where case_record_id = '{record_id}'"
    person_id = desk.one(f"select person_id from case_records where id = '{record_id}'")[0]
    return {
        "record": desk.one(
            "select kind, state, closed_because, result_at, deadline, last_exposure_on, household,"
            " vulnerable, converted_at, merged_into, first_called_at, reached_at, informed_at, last_outcome"
            f" from case_records where id = '{record_id}'"
        ),
        "references": desk.rows(f"select source, external_id from case_references {one} order by 1, 2"),
        "exposures": desk.rows(
            "select contact_id, positive_id, positive_reference from exposures"
            f" where contact_id = '{record_id}' or positive_id = '{record_id}' order by id"
        ),
        "tags": desk.rows(f"select tag from case_tags {one} order by 1"),
        "phones": desk.rows(
            "select position, number_index, bad from person_phones"
            f" where person_id = '{person_id}' order by 1"
        ),
        "person": desk.one(f"select name_birth_index, opted_out from persons where id = '{person_id}'"),
        "entries": desk.rows(
            "select id, purpose, call_class, deadline, effective_deadline, tries, number_index,"
            f" phone_position from call_list_entries {one} and state <> 'CLOSED' order by id"
        ),
    }


def merge(desk: Desk, kept: UUID, other: UUID, **more: Any) -> None:
    desk.app.records.merging.merge(kept, other, desk.asker, **more)


def split(desk: Desk, other: UUID) -> UUID:
    return desk.app.records.splitting.split(other, desk.asker)


def tag(desk: Desk, record_id: UUID, word: str) -> None:
    desk.rows(f"insert into case_tags values ('{record_id}', '{word}', now()) returning tag")


TWO = {
    "two positives": (positive("P1", "Durand"), positive("P2", "Durant", "06 39 98 00 07")),
    "two contacts": (
        contact("P1", "Durand"),
        contact("P2", "Durant", "06 39 98 00 07", date_dernier_contact="16/03/2021", foyer="oui"),
    ),
    "a contact and a positive": (contact("P1", "Durand"), positive("P2", "Durant", "06 39 98 00 07")),
    "a positive and a contact": (positive("P1", "Durand"), contact("P2", "Durant", "06 39 98 00 07")),
    "who had no number": (positive("P1", "Durand", ""), positive("P2", "Durand", "06 39 98 00 07")),
}


@pytest.mark.parametrize("rows", TWO.values(), ids=TWO.keys())
def test_both_records_stand_as_they_stood(desk: Desk, rows: tuple[dict[str, str], ...]) -> None:
    desk.read(*rows, contact("C1", "Autre", "06 39 98 00 08", fiche_positif="P2"))
    kept, other = desk.record("P1"), desk.record("P2")
    tag(desk, kept, "ecole")
    tag(desk, other, "hopital")
    before = standing(desk, kept), standing(desk, other)
    merge(desk, kept, other, from_other=frozenset({Field.FAMILY_NAME}))
    assert (standing(desk, kept), standing(desk, other)) != before
    assert split(desk, other) == kept
    assert (standing(desk, kept), standing(desk, other)) == before
    assert (desk.record("P1"), desk.record("P2")) == (kept, other)
    assert desk.person(kept).family_name == "Durand"
    desk.app.call_list.keep_ready()
    states = {row.state for record in (kept, other) for row in desk.entries(record) if not row.closed_because}
    assert states == {"READY"}
    assert desk.events(other)[-2:] == ["RECORDS_SPLIT", "ENTRY_RETURNED"]


def test_both_count_in_the_figures_again(desk: Desk) -> None:
    desk.read(*TWO["two positives"])
    kept, other = desk.record("P1"), desk.record("P2")
    merge(desk, kept, other)
    now, figures = desk.clock.now(), desk.app.service_level.figures
    assert figures("40", now - 3 * DAY, now + DAY).positives == 1
    split(desk, other)
    assert figures("40", now - 3 * DAY, now + DAY).positives == 2


def test_who_was_called_done_because_of_the_other_is_called_after_all(desk: Desk) -> None:
    desk.read(*TWO["two contacts"])
    kept, other = desk.record("P1"), desk.record("P2")
    desk.app.records.closing.close(other, CallOutcome.INFO_GIVEN, desk.asker)
    before = standing(desk, kept)
    desk.clock.advance(timedelta(minutes=5))
    merge(desk, kept, other)
    assert [entry.closed_because for entry in desk.entries(kept)] == ["ALREADY_DONE"]
    split(desk, other)
    assert standing(desk, kept) == before
    told = desk.rows("select kind from outbox order by id")
    assert [row.kind for row in told][-1] == "outcome-undone"
    now = desk.clock.now()
    assert desk.app.service_level.figures("40", now - 3 * DAY, now + DAY).contacts_informed_in_time == 1


def test_two_records_of_one_row_of_persons_part_too(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"), positive("P2", "Durant", "06 39 98 00 07"))
    kept, other = desk.record("P1"), desk.record("P2")
    person_id = desk.one(f"select person_id from case_records where id = '{kept}'")[0]
    for table, column in (("case_records", "id"), ("call_list_entries", "case_record_id")):
        desk.rows(f"update {table} set person_id = '{person_id}' where {column} = '{other}' returning 1")
    before = standing(desk, kept)["references"], standing(desk, other)["references"]
    merge(desk, kept, other)
    split(desk, other)
    assert (standing(desk, kept)["references"], standing(desk, other)["references"]) == before


@pytest.mark.parametrize("change", ["an edit", "a number", "a file", "another merge", "a conversion"])
def test_once_more_was_learned_of_the_record_the_merge_stands(desk: Desk, change: str) -> None:
    desk.read(
        contact("P1", "Durand"),
        contact("P2", "Durant", "06 39 98 00 07"),
        contact("P3", "Durand", "06 39 98 00 09", date_naissance="01/01/1970"),
    )
    kept, other = desk.record("P1"), desk.record("P2")
    merge(desk, kept, other)
    match change:
        case "an edit":
            desk.edit(kept, town="Pau")
        case "a number":
            desk.app.records.editing.add_number(kept, "06 39 98 00 20", desk.asker)
        case "a file":
            desk.read(contact("P4", "Durand"))
        case "another merge":
            merge(desk, kept, desk.record("P3"))
        case _:
            desk.app.records.editing.convert(kept, "2021-03-16T08:00", desk.asker, version=None)
    with pytest.raises(Conflict, match="Correct it back to what it said then"):
        split(desk, other)


def test_merges_part_in_the_order_in_which_they_did_not_come(desk: Desk) -> None:
    desk.read(
        contact("P1", "Durand"),
        contact("P2", "Durant", "06 39 98 00 07"),
        contact("P3", "Durand", "06 39 98 00 09"),
    )
    kept, other, third = (desk.record(name) for name in ("P1", "P2", "P3"))
    before = [standing(desk, each) for each in (kept, other, third)]
    merge(desk, kept, other)
    desk.clock.advance(timedelta(minutes=1))
    merge(desk, kept, third)
    assert desk.app.records.files.read(kept, desk.asker).may_split == third
    split(desk, third)
    assert desk.app.records.files.read(kept, desk.asker).may_split == other
    split(desk, other)
    assert [standing(desk, each) for each in (kept, other, third)] == before


@pytest.mark.parametrize("rows", [TWO["two positives"], TWO["a contact and a positive"]])
def test_once_somebody_was_spoken_to_since_the_merge_it_stands(
    desk: Desk, rows: tuple[dict[str, str], ...]
) -> None:
    desk.read(*rows)
    kept, other = desk.record("P1"), desk.record("P2")
    merge(desk, kept, other)
    desk.clock.advance(timedelta(minutes=5))
    desk.app.records.closing.close(kept, CallOutcome.HOSPITALISED, desk.asker)
    before = standing(desk, kept), standing(desk, other)
    with pytest.raises(Conflict, match="enter the other person anew") as refused:
        split(desk, other)
    assert refused.value.code == "not_apart"
    assert (standing(desk, kept), standing(desk, other)) == before


def test_what_was_learned_of_a_number_since_the_merge_holds_for_whoever_has_it(desk: Desk) -> None:
    desk.read(*TWO["two positives"])
    kept, other = desk.record("P1"), desk.record("P2")
    merge(desk, kept, other)
    added = desk.one(
        "update person_phones p set bad = true from case_records k"
        f" where k.id = '{kept}' and p.person_id = k.person_id and p.position > 0 returning p.number_index"
    )
    split(desk, other)
    assert [(line.number_index, line.bad) for line in standing(desk, other)["phones"]] == [
        (added.number_index, True)
    ]
    assert [line.bad for line in standing(desk, kept)["phones"]] == [False]


def test_nobody_in_an_agents_hands_is_split_off(desk: Desk) -> None:
    desk.read(*TWO["two positives"])
    kept, other = desk.record("P1"), desk.record("P2")
    merge(desk, kept, other)
    assert desk.app.call_list.next_entry(desk.asker.user_id, platforms=["40"], languages=["fr"]) is not None
    with pytest.raises(Conflict, match="in hand"):
        split(desk, other)


def test_a_merge_is_taken_back_once_within_thirty_days_by_who_may_write(desk: Desk) -> None:
    desk.read(*TWO["two positives"])
    kept, other = desk.record("P1"), desk.record("P2")
    with pytest.raises(Conflict, match="was not merged"):
        split(desk, other)
    merge(desk, kept, other)
    with pytest.raises((NotFound, NotAllowed)):
        desk.app.records.splitting.split(
            other, someone(desk.asker.user_id, Role.SUPERVISOR, platforms=("33",))
        )
    desk.clock.advance(SPLIT_WITHIN)
    assert desk.app.records.splitting.forget_settled() == 1
    with pytest.raises(Conflict, match="was not merged"):
        split(desk, other)


def test_what_a_merge_kept_of_a_person_goes_with_them(desk: Desk) -> None:
    desk.read(*TWO["two positives"])
    kept, other = desk.record("P1"), desk.record("P2")
    merge(desk, kept, other)
    desk.app.records.closing.erase(kept, "ASKED", desk.asker)
    assert desk.rows("select * from merged_records") == []
