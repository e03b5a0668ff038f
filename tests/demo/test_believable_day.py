"""The demo's file: the same for the same day, believable, and with every trap inside."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from outreach.clock import SetClock
from outreach.demo.believable_day import PARIS, write_demo_day, write_newcomers, write_unconfirmed
from outreach.services.case_import import CaseImport
from outreach.storage.database import Database
from outreach.storage.vault import Vault

DAY = date(2021, 3, 16)
MORNING = datetime(2021, 3, 16, 9, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "day.csv"
    write_demo_day(path, day=DAY, seed=7, until=MORNING)
    return path


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";"))


def test_a_day_and_a_seed_make_one_file(tmp_path: Path) -> None:
    one, same, other = (tmp_path / name for name in ("one", "same", "other"))
    write_demo_day(one, day=DAY, seed=7)
    write_demo_day(same, day=DAY, seed=7)
    write_demo_day(other, day=DAY, seed=8)
    assert one.read_bytes() == same.read_bytes() != other.read_bytes()


def test_the_day_has_about_250_positives_and_700_contacts(file: Path) -> None:
    kinds = [row["type"] for row in rows(file)]
    assert 245 <= kinds.count("positif") <= 265
    assert 620 <= kinds.count("contact") <= 780


def test_most_people_have_numbers_kept_for_fiction(file: Path) -> None:
    digits = ["".join(c for c in row["telephone_1"] if c.isdigit()) for row in rows(file)]
    fictional = ("063998", "63998", "053649", "046571", "035301", "026191")
    assert sum(not number.startswith(fictional) for number in digits) < 15


@pytest.mark.parametrize("until", [MORNING, datetime(2021, 3, 15, 23, 30, tzinfo=UTC), None])
def test_the_day_imports_at_any_hour_with_only_the_meant_rows_rejected(
    database: Database, vault: Vault, clock: SetClock, platform: str, tmp_path: Path, until: datetime | None
) -> None:
    file = tmp_path / "day.csv"
    write_demo_day(file, day=DAY, seed=7, until=until)
    clock.moment = until or MORNING
    importer = CaseImport(database, vault, clock)
    first = importer.import_file(file.read_bytes(), platform=platform).counts
    second = importer.import_file(file.read_bytes(), platform=platform).counts
    assert (first.rejected, first.merged, first.unchanged) == (7, 2, 1)
    assert first.updated == 1  # the contact who turned positive
    assert first.add_up
    assert (second.created, second.updated, second.merged, second.rejected) == (0, 0, 0, 7)


def test_newcomers_bring_people_whom_no_other_batch_brought(tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    for batch, path in enumerate((first, second), start=1):
        write_newcomers(path, comes=MORNING, seed=7, positives=8, batch=batch)
    day = tmp_path / "day.csv"
    write_demo_day(day, day=DAY, seed=7, until=MORNING)
    seen = [{row["identifiant"] for row in rows(path)} for path in (day, first, second)]
    assert len(set.union(*seen)) == sum(map(len, seen))
    assert [row["type"] for row in rows(first)].count("positif") == 8


def test_some_results_of_the_day_end_their_24_hours_within_it(file: Path) -> None:
    ages = [MORNING - result for result in results(file) if timedelta(hours=20) <= MORNING - result]
    ending = [timedelta(hours=24) - age for age in ages if age < timedelta(hours=24)]
    assert 15 <= len(ending) <= 50
    assert min(ending) >= timedelta(minutes=2)
    assert sum(left < timedelta(minutes=10) for left in ending) >= 3


def results(file: Path) -> list[datetime]:
    """Of those that are told to the minute."""
    told = [row["date_resultat"] for row in rows(file) if len(row["date_resultat"]) > len("16/03/2021")]
    return [datetime.strptime(each, "%d/%m/%Y %H:%M").replace(tzinfo=PARIS) for each in told]


def test_contacts_whom_nothing_confirms_name_positives_of_no_file(tmp_path: Path) -> None:
    path = tmp_path / "unconfirmed.csv"
    write_unconfirmed(path, comes=MORNING, seed=7, contacts=6)
    assert [row["type"] for row in rows(path)] == ["contact"] * 6
    assert len({row["fiche_positif"] for row in rows(path)}) == 3
    assert not {row["fiche_positif"] for row in rows(path)} & {row["identifiant"] for row in rows(path)}
