"""The watch list: what nothing confirmed comes on it, and leaves it by an import or by hand."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert

from outreach.bootstrap import App
from outreach.clock import SetClock
from outreach.domain.column_mappings import SI_DEP
from outreach.ids import new_id
from outreach.storage import tables
from tests.call_list_rows import add_contact, add_positive
from tests.conftest import MORNING
from tests.web.conftest import Hire, Someone


@pytest.fixture
def supervisor(hire: Hire) -> Someone:
    return hire("supervisor")


def refer(app: App, record: UUID, source: str) -> None:
    with app.database.begin() as connection:
        connection.execute(
            insert(tables.case_references).values(
                platform="40",
                source=source,
                external_id=str(new_id()),
                case_record_id=record,
                content_digest=b"x",
                created_at=MORNING,
            )
        )


def expose(app: App, contact: UUID, positive: UUID | None) -> None:
    with app.database.begin() as connection:
        connection.execute(
            insert(tables.exposures).values(
                id=new_id(),
                contact_id=contact,
                positive_id=positive,
                positive_reference=str(new_id()),
                created_at=MORNING,
            )
        )


def watched(supervisor: Someone) -> dict[str, str]:
    items = supervisor.get("/platforms/40/watch-list").json()["items"]
    return {item["case_record_id"]: item["why"] for item in items}


def test_a_positive_that_no_laboratory_or_doctor_sent_is_watched_after_the_platforms_days(
    app: App, supervisor: Someone, clock: SetClock
) -> None:
    with app.database.begin() as connection:
        known, unknown = (add_positive(connection, MORNING).case_record_id for _ in range(2))
    refer(app, known, SI_DEP)
    refer(app, unknown, "call centre")
    assert supervisor.get("/platforms/40/watch-list/days").json() == {"days": 3}
    assert supervisor.put("/platforms/40/watch-list/days", {"days": 2}).status_code == 204
    clock.advance(timedelta(days=2) - timedelta(minutes=1))
    app.steering.watch_list.keep()
    assert watched(supervisor) == {}
    clock.advance(timedelta(minutes=1))
    app.steering.watch_list.keep()
    assert watched(supervisor) == {str(unknown): "NO_RESULT"}
    refer(app, unknown, "doctor")
    assert app.steering.watch_list.keep() == 1
    assert app.steering.watch_list.keep() == 0
    assert watched(supervisor) == {}


def test_a_contact_whose_positive_never_came_is_watched_until_someone_knows(
    app: App, supervisor: Someone, hire: Hire, clock: SetClock
) -> None:
    with app.database.begin() as connection:
        positive = add_positive(connection, MORNING).case_record_id
        settled, lost = (add_contact(connection, MORNING).case_record_id for _ in range(2))
    refer(app, positive, "doctor")
    expose(app, settled, positive)
    expose(app, settled, None)
    expose(app, lost, None)
    clock.advance(timedelta(days=3))
    app.steering.watch_list.keep()
    assert watched(supervisor) == {str(lost): "NO_POSITIVE"}
    stranger = hire("supervisor", login="stranger", platforms=("33",))
    done = {"because": "NOT_A_CASE"}
    assert stranger.post(f"/watch-list/{lost}/resolve", done).status_code == 404
    assert supervisor.post(f"/watch-list/{lost}/resolve", {"because": "IMPORTED"}).status_code == 422
    for _ in range(2):
        assert supervisor.post(f"/watch-list/{lost}/resolve", done).status_code == 204
    app.steering.watch_list.keep()
    assert watched(supervisor) == {}
