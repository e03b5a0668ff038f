"""Whatever files come, in whatever order: nobody is lost, nothing is doubled, nothing flaps."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from outreach.clock import SetClock
from outreach.domain.intake import Counts
from outreach.services.case_import import CaseImport
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.conftest import MORNING, empty, open_platform
from tests.services.case_files import contact, csv_file, positive

Row = dict[str, str]
IDENTIFIERS = st.sampled_from(["A1", "A2", "A3", "A4"])
FAMILIES = st.sampled_from(["Durand", "Martin"])
NUMBERS = st.sampled_from(["06 39 98 00 01", "06 39 98 00 02", "38663", ""])
CHANGES = st.fixed_dictionaries(
    {
        "date_naissance": st.sampled_from(["02/01/1980", "03/02/1990", "", "hier"]),
        "foyer": st.sampled_from(["oui", "non"]),
        "telephone_2": st.sampled_from(["", "06 39 98 00 03"]),
    }
)
RESULTS = st.sampled_from(
    ["15/03/2021 18:00", "14/03/2021", "01/01/2021 10:00", "31/02/2021", "20/05/2021 08:00"]
)
EXPOSED = st.sampled_from(["", "14/03/2021", "30/03/2021", "24/05/2021"])


@st.composite
def case_rows(draw: st.DrawFn) -> Row:
    person = (draw(IDENTIFIERS), draw(FAMILIES), draw(NUMBERS))
    if draw(st.booleans()):
        return positive(*person, date_resultat=draw(RESULTS), **draw(CHANGES))
    named, day = draw(st.sampled_from(["", "A1", "A9"])), draw(EXPOSED)
    return contact(*person, fiche_positif=named, date_dernier_contact=day, **draw(CHANGES))


FILES = st.lists(st.lists(case_rows(), min_size=1, max_size=6), min_size=1, max_size=4)


def one(connection: Connection, statement: str) -> int:
    return int(connection.execute(text(statement)).scalar_one())


def changed_nothing(last: Counts, again: Counts) -> bool:
    return (again.created, again.updated, again.merged, again.rejected) == (0, 0, 0, last.rejected)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(files=FILES)
def test_no_history_of_files_loses_or_doubles_anyone(
    database: Database, vault: Vault, platform: str, files: list[list[Row]]
) -> None:
    with database.begin() as connection:
        empty(connection)
        open_platform(connection)
    importer = CaseImport(database, vault, SetClock(MORNING))
    for rows in files:
        last = importer.import_file(csv_file(*rows), platform=platform).counts
        assert last.add_up
    again = importer.import_file(csv_file(*files[-1]), platform=platform).counts
    assert changed_nothing(last, again)
    with database.begin() as connection:
        records = one(connection, "select count(*) from case_records")
        assert one(connection, "select count(*) from persons") == records
        assert one(connection, "select count(distinct case_record_id) from case_references") == records
        assert one(connection, "select count(*) from call_list_entries where state <> 'CLOSED'") == records
        assert not one(connection, WRONG_PURPOSE)
        assert not one(connection, WRONG_DEADLINE)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(files=FILES, days=st.lists(st.sampled_from([0, 1, 20, 70]), min_size=4, max_size=4))
def test_no_history_of_files_and_calls_loses_or_doubles_anyone(
    database: Database, vault: Vault, platform: str, files: list[list[Row]], days: list[int]
) -> None:
    """Everyone is called between two files; who is open then is on the list once."""
    with database.begin() as connection:
        empty(connection)
        open_platform(connection)
    clock = SetClock(MORNING)
    importer = CaseImport(database, vault, clock)
    for rows, passed in zip(files, days, strict=False):
        last = importer.import_file(csv_file(*rows), platform=platform).counts
        assert last.add_up
        with database.begin() as connection:
            assert not one(connection, NOT_ONCE_ON_THE_LIST)
            assert not one(connection, WRONG_PURPOSE)
            assert not one(connection, WRONG_DEADLINE)
        again = importer.import_file(csv_file(*rows), platform=platform).counts
        assert changed_nothing(last, again)
        with database.begin() as connection:
            connection.execute(text("update call_list_entries set state = 'CLOSED'"))
            connection.execute(text("update case_records set state = 'CLOSED'"))
        clock.advance(timedelta(days=passed))


NOT_ONCE_ON_THE_LIST = """
select count(*) from case_records r where (r.state = 'OPEN')::int <>
  (select count(*) from call_list_entries e where e.case_record_id = r.id and e.state <> 'CLOSED')
"""
WRONG_PURPOSE = """
select count(*) from call_list_entries e join case_records r on r.id = e.case_record_id
where e.state <> 'CLOSED' and (e.purpose = 'INTERVIEW') <> (r.kind = 'POSITIVE')
"""
WRONG_DEADLINE = """
select count(*) from call_list_entries e join case_records r on r.id = e.case_record_id
where e.state <> 'CLOSED' and (e.deadline <> r.deadline
  or r.deadline <> coalesce(r.result_at, r.listed_at) + interval '24 hours')
"""
