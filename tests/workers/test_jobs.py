"""One file that cannot be read is nobody else's trouble, and is not tried for ever."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from outreach.clock import SetClock
from outreach.ids import ImportId
from outreach.storage.database import Database
from outreach.storage.import_store import ImportState
from outreach.storage.vault import Vault
from tests.services.case_files import contact, csv_file
from tests.services.import_world import Imports
from workers.jobs import read_file


@pytest.fixture
def imports(database: Database, vault: Vault, clock: SetClock, platform: str) -> Imports:
    return Imports(database, vault, clock)


def _spoilt(imports: Imports) -> ImportId:
    """A kept file that the program fails on, by no fault of its rows."""
    import_id = imports.service.start_import(csv_file(contact("C1", "Martin")), platform="40")
    with imports.database.begin() as connection:
        connection.execute(text("update imports set sealed_file = '\\x00'"))
    return import_id


def test_an_import_that_fails_leaves_their_turn_to_those_behind_it(imports: Imports) -> None:
    spoilt = _spoilt(imports)
    behind = imports.service.start_import(csv_file(contact("C2", "Petit")), platform="40")
    assert imports.service.unfinished() == [spoilt, behind]
    for import_id in imports.service.unfinished():
        read_file(imports.service, import_id)
    assert imports.service.report(behind).state is ImportState.DONE
    assert imports.service.unfinished() == [spoilt]


def test_an_import_that_failed_three_times_is_given_up_with_an_alarm(imports: Imports) -> None:
    spoilt = _spoilt(imports)
    for _ in range(3):
        assert imports.service.unfinished() == [spoilt]
        read_file(imports.service, spoilt)
    report = imports.service.report(spoilt)
    assert (imports.service.unfinished(), report.state) == ([], ImportState.INCOMPLETE)
    assert report.refused_because
    assert imports.one("select kind, subject, platform from alarms") == (
        "IMPORT_INCOMPLETE",
        str(spoilt),
        "40",
    )
    assert imports.events() == ["IMPORT_FAILED"] * 3 + ["ALARM_RAISED"]
