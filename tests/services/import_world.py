"""A platform's imports, and what they leave in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from outreach.clock import SetClock
from outreach.services.case_import import CaseImport
from outreach.services.import_report import ImportReport
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.services.case_files import csv_file


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


def numbers(report: ImportReport) -> tuple[int, ...]:
    """rows, created, updated, unchanged, merged, rejected."""
    assert report.counts.add_up
    return tuple(vars(report.counts).values())
