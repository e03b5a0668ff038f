"""A large file is read by a process of its own: the same rules, nothing left behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress

import psutil
import pytest
from sqlalchemy import insert

from outreach.clock import SetClock
from outreach.domain.column_mappings import SI_DEP_HEADERS, understand
from outreach.errors import InvalidInput
from outreach.services.case_import import CaseImport
from outreach.services.intake_setting import setting_of
from outreach.services.row_preparation import RowPreparation
from outreach.services.row_reader import PreparationFailed, reading
from outreach.services.table_reading import open_table
from outreach.storage import tables
from outreach.storage.database import Database
from outreach.storage.import_store import ImportState
from outreach.storage.platform_store import Platform
from outreach.storage.vault import Vault
from tests.services.case_files import contact, csv_file, positive
from tests.services.import_world import Imports, numbers

# With one row to a piece the first rows are prepared by the parent, and the others by the process.
FIRST = [positive(f"P{n}", f"Durand{n}") for n in range(6)]


@pytest.fixture
def imports(database: Database, vault: Vault, clock: SetClock, platform: str) -> Imports:
    """Every file is a large one."""
    imports = Imports(database, vault, clock)
    imports.service = CaseImport(database, vault, clock, large_file=1, piece=1)
    return imports


def _readers() -> list[psutil.Process]:
    alive = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in alive if "outreach.services.row_reader" in " ".join(child.cmdline())]


def _whoever_reads(do: Callable[[psutil.Process], object]) -> Callable[[int, int], None]:
    def progress(done: int, expected: int) -> None:
        for reader in _readers():
            do(reader)

    return progress


def test_its_rows_become_what_those_of_a_small_file_become(imports: Imports) -> None:
    with imports.database.begin() as connection:
        stopped = imports.vault.number_index("+33639980077")
        stop = {"number_index": stopped, "since": imports.clock.now(), "because": "REPLY"}
        connection.execute(insert(tables.opt_outs).values(stop))
    rows = [
        *FIRST,
        contact("C1", "Martin", fiche_positif="P1"),
        contact("C2", "Petit", "06 39 98 00 77", fiche_positif="P5"),
        contact("C3", "Martin", courriel="m@example.org"),
        contact("C4", "Roux", foyer="oui"),
        contact("C4", "Roux", date_dernier_contact="15/03/2021"),
        {"type": "?"},
    ]
    assert numbers(imports.read(*rows)) == (12, 9, 0, 1, 1, 1)
    assert (
        imports.rows("select positive_id is null from exposures where positive_reference <> ''")
        == [(False,)] * 2
    )
    levels = "select shed_level from call_list_entries where purpose = 'INFORM' order by number_index = "
    assert imports.rows(f"{levels} decode('{stopped.hex()}', 'hex') desc, shed_level") == [(0,), (2,), (3,)]
    before = imports.everything()
    assert numbers(imports.read(*rows)) == (12, 0, 0, 11, 0, 1)
    assert imports.everything() == before
    rows[7] |= {"vulnerable": "oui"}
    assert numbers(imports.read(*rows)) == (12, 0, 1, 10, 0, 1)


def test_what_it_is_told_does_not_stand_on_its_command_line_and_it_ends_with_the_file(
    imports: Imports,
) -> None:
    seen: list[list[str]] = []
    imports.read(*FIRST, progress=_whoever_reads(lambda reader: seen.append(reader.cmdline())))
    program, pipe = seen[0][-2:]
    assert (program, pipe.isdigit()) == ("from outreach.services.row_reader import main; main()", True)
    assert _readers() == []


def test_a_run_whose_reader_was_killed_fails_and_the_next_one_reads_everything(imports: Imports) -> None:
    more = [positive(f"P{n}", f"Durand{n}") for n in range(300)]  # than the pipe holds
    import_id = imports.service.start_import(csv_file(*more), platform="40")
    with pytest.raises(PreparationFailed):
        imports.service.run_import(import_id, progress=_whoever_reads(lambda reader: reader.kill()))
    report = imports.service.report(import_id)
    assert report.state is ImportState.RUNNING
    done = report.counts.rows
    assert numbers(imports.service.run_import(import_id)) == (300, 300 - done, 0, done, 0, 0)


def test_a_run_that_fails_leaves_no_reader_behind(imports: Imports) -> None:
    def fail(done: int, expected: int) -> None:
        raise RuntimeError("the run ended")

    with pytest.raises(RuntimeError, match="the run ended"):
        imports.read(*FIRST, progress=fail)
    assert _readers() == []


def test_a_file_that_breaks_half_way_is_refused_before_anything_is_written(imports: Imports) -> None:
    with pytest.raises(InvalidInput, match="quotation mark"):
        imports.service.import_file(csv_file(*FIRST) + b'positif;"' + b"x" * 200_000, platform="40")
    assert imports.rows("select id from case_records") == []
    assert _readers() == []


class _UnlikeItself(set[str]):
    """What the parent reads as a set, and the process, where it is unpacked, as a number."""

    def __reduce__(self) -> tuple[type[int], tuple[()]]:
        return int, ()


def test_a_fault_of_the_program_in_it_is_told_by_its_kind_alone(imports: Imports) -> None:
    table, platform = (
        open_table(csv_file(*FIRST)),
        Platform("40", "", "Europe/Paris", "40", "75", "FR", "fr", {}, "", ""),
    )
    setting = setting_of(platform, source="test", actor="test", now=imports.clock.now())
    columns = understand(table.headers, SI_DEP_HEADERS)
    preparation = RowPreparation(imports.vault, table, columns, setting, _UnlikeItself(), 1)
    with (
        reading(preparation, in_own_process=True) as pieces,
        closing(pieces(lambda: True)) as prepared,
        pytest.raises(PreparationFailed, match=r"Preparing the rows failed: TypeError\."),
    ):
        list(prepared)


_DIES = """
import os, signal, sys, psutil
from datetime import UTC, datetime
from outreach.domain.column_mappings import SI_DEP_HEADERS, understand
from outreach.services.intake_setting import setting_of
from outreach.services.row_preparation import RowPreparation
from outreach.services.row_reader import reading
from outreach.services.table_reading import open_table
from outreach.storage.platform_store import Platform
from outreach.storage.vault import Vault

table = open_table(sys.stdin.buffer.read())
platform = Platform("40", "Landes", "Europe/Paris", "40", "75", "FR", "fr", {}, "", "")
setting = setting_of(platform, source="test", actor="test", now=datetime(2021, 3, 16, tzinfo=UTC))
columns = understand(table.headers, SI_DEP_HEADERS)
preparation = RowPreparation(Vault(b"k" * 32), table, columns, setting, set(), 1)
with reading(preparation, in_own_process=True) as pieces:
    for number, piece in enumerate(pieces(lambda: True)):
        if number == 5:  # from the process: it works
            print(psutil.Process().children()[0].pid, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_reader_whose_importer_was_killed_ends(imports: Imports) -> None:
    rows = [positive(f"P{n}", "Durand") for n in range(5_000)]
    killed = subprocess.run(
        [sys.executable, "-c", _DIES], input=csv_file(*rows), capture_output=True, check=False, timeout=60
    )
    with suppress(psutil.NoSuchProcess):
        psutil.Process(int(killed.stdout)).wait(timeout=30)
