"""How long a campaign of many people takes to count, freeze, make and pause, in short transactions.

    python -m benchmarks.campaigns [--people 100000] [--out FILE]

A PostgreSQL of its own. Told: seconds of the whole step, microseconds of our processor time a person, and
the longest transaction, which is what a pause may have to wait for.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text

from benchmarks.import_rows import fresh_database
from outreach.clock import SetClock
from outreach.domain.campaigns import CampaignChannel, CampaignPlan
from outreach.domain.case_records import Person
from outreach.domain.phone_numbers import LineType, PhoneNumber
from outreach.domain.sms_hours import SmsHours
from outreach.ids import new_id
from outreach.log import configure_logging
from outreach.rendering.catalog import shipped_catalog
from outreach.services.campaigning import Campaigning, build_campaigning
from outreach.services.campaigns import Start
from outreach.services.message_settings import MessageSettings
from outreach.services.scripts import Scripts
from outreach.services.text_settings import TextSettings
from outreach.storage import tables
from outreach.storage.bulk import copy_rows
from outreach.storage.database import Database
from outreach.storage.vault import Vault

NOW = datetime(2021, 3, 16, 9, 0, tzinfo=UTC)
SENDER, PIECE = "+33536490001", 5_000
PIECES_BEFORE_PAUSE = 20  # of 500: ten seconds of a pace of 1,000 segments a second


@dataclass(frozen=True)
class Step:
    """`longest_ms`: of one transaction; None for a step that only reads."""

    seconds: float
    processor_us_a_person: float
    longest_ms: float | None = None


def fill(database: Database, vault: Vault, people: int) -> None:
    """Contacts with one mobile each."""
    for first in range(0, people, PIECE):
        _fill_piece(database, vault, range(first, min(people, first + PIECE)))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))


def _fill_piece(database: Database, vault: Vault, numbers: range) -> None:
    rows: dict[Any, list[tuple[Any, ...]]] = {}
    for number in numbers:
        person, e164 = new_id(), f"+3363998{number % 10_000:04}"
        key, wrapped = vault.new_person_key(person)
        phone = PhoneNumber(e164, e164, "FR", LineType.MOBILE, "Europe/Paris")
        sealed = key.seal(Person("Dupont", "Camille", phones=(phone,)).to_sealed())
        line = (person, 0, vault.number_index(f"{e164}/{number}"), "MOBILE", True, "Europe/Paris")
        for table, row in (
            (tables.persons, (person, "40", sealed, "Europe/Paris", NOW)),
            (tables.person_keys, (person, wrapped)),
            (tables.person_phones, line),
            (tables.case_records, (new_id(), "40", person, "CONTACT", NOW, NOW + timedelta(days=1))),
        ):
            rows.setdefault(table, []).append(row)
    with database.begin() as connection:
        for table, columns in _COLUMNS.items():
            copy_rows(connection, table, columns, rows[table])


_COLUMNS: dict[Any, tuple[str, ...]] = {
    tables.persons: ("id", "platform", "sealed", "time_zone", "created_at"),
    tables.person_keys: ("person_id", "wrapped_key"),
    tables.person_phones: ("person_id", "position", "number_index", "line_type", "can_sms", "time_zone"),
    tables.case_records: ("id", "platform", "person_id", "kind", "listed_at", "deadline"),
}


def timed(people: int, act: Callable[[], object]) -> Step:
    began, used = time.perf_counter(), time.process_time()
    act()
    took, used = time.perf_counter() - began, time.process_time() - used
    return Step(round(took, 2), round(used / people * 1e6, 1))


def in_pieces(people: int, piece: Callable[[], int]) -> Step:
    """Until a piece finds nothing."""
    longest = [0.0]

    def whole() -> None:
        while True:
            began = time.perf_counter()
            found = piece()
            longest[0] = max(longest[0], time.perf_counter() - began)
            if not found:
                return

    step = timed(people, whole)
    return Step(step.seconds, step.processor_us_a_person, round(longest[0] * 1000, 1))


def run(database: Database, people: int) -> dict[str, Step]:
    vault, clock = Vault(b"a master key for benchmarks only!!"), SetClock(NOW)
    fill(database, vault, people)
    clock.advance(timedelta(minutes=1))
    campaigning = _campaigning(database, vault, clock, people)
    campaigns, work = campaigning.campaigns, campaigning.work
    plan = CampaignPlan("campaign_isolation_check")
    draft = campaigns.draft("40", "benchmark", CampaignChannel.SMS, plan, by=None).id
    steps = {"count": timed(people, lambda: campaigns.count(draft))}
    campaigns.preview(draft)
    steps["start, counted again"] = timed(people, lambda: campaigns.start(draft, Start(people), by=None))
    steps["freeze"] = in_pieces(people, lambda: _freeze(campaigning, draft))
    for _ in range(PIECES_BEFORE_PAUSE):
        _make(campaigning, clock, draft)
    steps["pause with 10,000 queued"] = timed(people, lambda: campaigns.pause(draft, by=None))
    steps["resume"] = timed(people, lambda: campaigns.resume(draft, by=None))
    steps["make the others"] = in_pieces(people, lambda: _make(campaigning, clock, draft))
    steps["figures"] = timed(people, lambda: campaigning.reports.account(draft))
    campaigns.cancel(draft, by=None)
    steps["cancel"] = in_pieces(people, lambda: work.piece(draft))
    return steps


def _freeze(campaigning: Campaigning, campaign_id: UUID) -> int:
    if campaigning.campaigns.show(campaign_id).frozen_at is not None:
        return 0
    return campaigning.work.piece(campaign_id)


def _make(campaigning: Campaigning, clock: SetClock, campaign_id: UUID) -> int:
    clock.advance(timedelta(seconds=1))
    return campaigning.work.piece(campaign_id)


def _campaigning(database: Database, vault: Vault, clock: SetClock, people: int) -> Campaigning:
    """A sender without limits, so that everybody's message waits in the queue at once."""
    scripts = Scripts(database, shipped_catalog(), TextSettings(outreach_number=SENDER))
    settings = MessageSettings(
        sender=SENDER,
        outreach_number=SENDER,
        hours=SmsHours(0, 24),
        segments_per_second=max(10_000, people),
    )
    return build_campaigning(
        database=database,
        vault=vault,
        clock=clock,
        scripts=scripts,
        settings=settings,
        segment_price=Decimal("0.08"),
        nudge=lambda _queue: None,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    configure_logging("ERROR")
    with fresh_database() as database:
        steps = {name: asdict(step) for name, step in run(database, asked.people).items()}
    told = json.dumps({"people": asked.people, "steps": steps}, indent=2)
    if asked.out is not None:
        asked.out.write_text(told, encoding="utf-8")
    print(told)


if __name__ == "__main__":
    main()
