"""The program with a supervisor at a desk of case records, and what they leave in the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from outreach.bootstrap import App, build_app
from outreach.clock import SetClock
from outreach.domain.column_mappings import Field
from outreach.domain.roles import Role, scopes_of
from outreach.ids import UserId
from outreach.services.access import Asker, NewUser
from outreach.storage.database import Database
from tests.services.case_files import csv_file
from tests.web.conftest import settings_for


@dataclass
class Desk:
    """The program, a supervisor, and what lies in the database."""

    app: App
    clock: SetClock
    asker: Asker

    def read(self, *rows: dict[str, str]) -> None:
        report = self.app.case_import.import_file(csv_file(*rows), platform="40")
        assert not report.errors

    def record(self, external_id: str) -> UUID:
        return self.app.case_reading.named("40", "si-dep", external_id)

    def rows(self, statement: str) -> list[Any]:
        with self.app.database.begin() as connection:
            return list(connection.execute(text(statement)))

    def one(self, statement: str) -> Any:
        [row] = self.rows(statement)
        return row

    def person(self, record_id: UUID) -> Any:
        sheet = self.app.case_reading.sheet(record_id, reader=self.asker.user_id, platforms=["40"])
        assert sheet.card.person
        return sheet.card.person.person

    def version(self, record_id: UUID) -> str:
        return self.app.records.files.read(record_id, self.asker).marks.version

    def edit(self, record_id: UUID, version: str | None = None, **asked: str) -> Any:
        fields = {Field(name): value for name, value in asked.items()}
        return self.app.records.editing.edit(record_id, fields, self.asker, version=version)

    def entries(self, record_id: UUID) -> list[Any]:
        return self.rows(
            "select purpose, state, queue, call_class, deadline, closed_because, phone_position, callback_at"
            f" from call_list_entries where case_record_id = '{record_id}' order by id"
        )

    def events(self, record_id: UUID) -> list[str]:
        return [
            row.event
            for row in self.rows(
                f"select event from journal where case_record_id = '{record_id}' order by id"
            )
        ]


def someone(user_id: UUID, *roles: Role, platforms: tuple[str, ...] = ("40",)) -> Asker:
    return Asker(UserId(user_id), frozenset(roles), platforms, ("fr",), scopes_of(roles))


@pytest.fixture
def desk(database: Database, redis_url: str, clock: SetClock, platform: str) -> Any:
    app = build_app(settings_for(database, redis_url), clock=clock)
    user_id = app.access.add_user(NewUser("sup", ["supervisor"], [platform]))
    yield Desk(app, clock, someone(user_id, Role.SUPERVISOR))
    app.close()
