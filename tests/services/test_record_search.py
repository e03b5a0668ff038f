"""Finding people's records: each rule on a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from outreach.domain.roles import Role
from outreach.errors import InvalidInput, NotFound, TooManyRequests
from tests.services.case_files import contact, positive
from tests.services.record_desk import Desk, someone
from tests.services.record_desk import desk as desk


def test_people_are_found_by_number_by_name_and_birth_date_and_by_record_number(desk: Desk) -> None:
    desk.read(positive("P1", "Le Goff-Dupré", prenoms="Zoé Anne"), contact("C1", "Martin"))
    search, record = desk.app.records.search, desk.record("P1")
    assert [each.id for each in search.by_number("06.39.98.00.01", desk.asker)] == [record]
    for family, given in (
        ("LE GOFF DUPRE", "anne zoe"),
        ("legoff dupré", "Zoé-Anne"),
        ("Zoé Anne", "Le Goff-Dupré"),
    ):
        [found] = search.by_name(family, given, "02/01/1980", desk.asker)
        assert (found.id, found.family_name) == (record, "Le Goff-Dupré")
    assert search.by_name("Le Goff-Dupré", "Zoé Anne", "1980-01-03", desk.asker) == []
    for told in ("P1", str(record)):
        assert [each.id for each in search.by_reference(told, desk.asker)] == [record]
    lines = desk.rows("select why, case_record_id is null from access_lines order by id")
    assert lines[:5] == [
        ("SEARCH_NUMBER", False),
        *[("SEARCH_NAME", False)] * 3,
        ("SEARCH_NAME", True),
    ]


def test_a_record_number_leads_to_its_id_alone_and_leaves_a_line(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"))
    search = desk.app.records.search
    assert search.named(" P1 ", desk.asker) == desk.record("P1")
    with pytest.raises(InvalidInput, match="No record has this number"):
        search.named("P2", desk.asker)
    with pytest.raises(InvalidInput, match="No record has this number"):
        search.named("P1", someone(desk.asker.user_id, Role.AGENT, platforms=("64",)))
    lines = desk.rows("select why, case_record_id is null from access_lines order by id")
    assert lines[:2] == [("SEARCH_REFERENCE", False), ("SEARCH_REFERENCE", True)]


def test_a_search_never_leaves_the_askers_platforms(desk: Desk) -> None:
    desk.read(positive("P1", "Durand"))
    stranger = someone(desk.asker.user_id, Role.AGENT, platforms=())
    assert desk.app.records.search.by_reference("P1", stranger) == []
    with pytest.raises(NotFound):
        desk.app.records.files.read(desk.record("P1"), stranger)


def test_searching_without_end_is_refused(desk: Desk) -> None:
    for _ in range(60):
        desk.clock.advance(timedelta(seconds=1))
        desk.app.records.search.by_reference("nobody", desk.asker)
    with pytest.raises(TooManyRequests):
        desk.app.records.search.by_reference("nobody", desk.asker)
    desk.clock.advance(timedelta(minutes=11))
    assert desk.app.records.search.by_reference("nobody", desk.asker) == []


def test_a_search_wants_what_it_needs(desk: Desk) -> None:
    search = desk.app.records.search
    with pytest.raises(InvalidInput, match="birth date"):
        search.by_name("Durand", "Alix", "hier", desk.asker)
    with pytest.raises(InvalidInput, match="family name"):
        search.by_name(" ", "Alix", "01/01/1980", desk.asker)
    with pytest.raises(InvalidInput, match="phone number"):
        search.by_number("abc", desk.asker)
    with pytest.raises(InvalidInput, match="record number"):
        search.by_reference(" ", desk.asker)
