"""How fast a file of 100,000 rows becomes case records, and how that compares with a commit for each row.

Run: python -m benchmarks.import_rows [--rows 100000] [--sample 1000]
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import psutil
from sqlalchemy import text

import outreach.storage.ddl  # noqa: F401 - the journal's guard is part of the cost
from outreach.clock import SystemClock, monotonic
from outreach.domain.column_mappings import SI_DEP, SI_DEP_HEADERS, understand
from outreach.services.case_import import CaseImport
from outreach.services.table_reading import open_table
from outreach.storage import platform_store, tables
from outreach.storage.database import Database
from outreach.storage.embedded_postgres import EmbeddedPostgres
from outreach.storage.platform_store import Platform
from outreach.storage.vault import Vault

LANDES = Platform("40", "Landes", "Europe/Paris", "40", "75", "FR", "fr", {}, "", "")
HEADERS = (
    "type;identifiant;nom;prenoms;date_naissance;adresse;code_postal;commune;telephone_1;telephone_2;"
    "date_resultat;type_test;resultat;fiche_positif;date_dernier_contact;foyer;collectivite;vulnerable"
)
POSITIVES_IN_TEN = 2
SYLLABLES = (
    "ba",
    "bel",
    "cha",
    "do",
    "dur",
    "fa",
    "gar",
    "lan",
    "le",
    "mar",
    "mi",
    "mon",
    "nau",
    "pe",
    "ri",
    "ver",
)
COUNTED = ("persons", "case_records", "exposures", "call_list_entries", "journal")


@contextmanager
def fresh_database() -> Iterator[Database]:
    """An empty database with the settings of production, on a server of its own."""
    folder = Path(tempfile.mkdtemp(prefix="outreach-benchmark-"))
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder / "postgres")
    server.start()
    database = Database(server.create_database("benchmark"))
    tables.metadata.create_all(database.engine)
    with database.begin() as connection:
        platform_store.create(connection, LANDES, SystemClock().now())
    try:
        yield database
    finally:
        database.close()
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def case_file(rows: int, *, seed: int, now: datetime) -> bytes:
    """Two positives for eight contacts, in an order of chance; invented people."""
    chance = random.Random(seed)
    positives = rows * POSITIVES_IN_TEN // 10
    lines = [_positive(chance, n, now) for n in range(positives)]
    lines += [_contact(chance, n, positives, now) for n in range(rows - positives)]
    chance.shuffle(lines)
    return "\r\n".join([HEADERS, *lines]).encode()


def _positive(chance: random.Random, number: int, now: datetime) -> str:
    result = now - timedelta(minutes=chance.randint(60, 36 * 60))
    last = [f"{result:%d/%m/%Y %H:%M}", "PCR", "positif", "", ""]
    return ";".join(["positif", f"P{number}", *_person(chance), *last, *_flags(chance)])


def _contact(chance: random.Random, number: int, positives: int, now: datetime) -> str:
    met = now - timedelta(days=chance.randint(1, 7))
    last = ["", "", "", f"P{chance.randrange(positives)}", f"{met:%d/%m/%Y}"]
    return ";".join(["contact", f"C{number}", *_person(chance), *last, *_flags(chance)])


def _person(chance: random.Random) -> list[str]:
    name = "".join(chance.choices(SYLLABLES, k=3)).upper()
    given = "".join(chance.choices(SYLLABLES, k=2)).title()
    born = f"{chance.randint(1, 28):02}/{chance.randint(1, 12):02}/{chance.randint(1930, 2015)}"
    home = [f"{chance.randint(1, 99)} rue des Pins", f"40{chance.randint(0, 99)}0"[:5], "Dax"]
    mobile = f"0{chance.choice('67')} {chance.randint(3_000_0000, 8_999_9999):08}"
    fixed = f"05 {chance.randint(5_600_0000, 5_899_9999):08}" if chance.random() < 0.2 else ""
    return [name, given, born, *home, mobile, fixed]


def _flags(chance: random.Random) -> list[str]:
    return [chance.choice(("oui", "non", "non")) for _ in range(3)]


@dataclass
class Meter:
    """What an import costs: processor seconds by process, and the memory of importer and reader together."""

    server: psutil.Process
    started: float = field(default_factory=monotonic)
    importer: float = field(default_factory=lambda: sum(psutil.Process().cpu_times()[:2]))
    readers: float = field(default_factory=lambda: sum(psutil.Process().cpu_times()[2:4]))
    postgres: float = 0.0
    peak: int = 0

    def __post_init__(self) -> None:
        self.postgres = _seconds_of_family(self.server)

    def look(self, done: int, expected: int) -> None:
        """At each piece."""
        ours = psutil.Process()
        family = [ours, *(child for child in ours.children() if child.pid != self.server.pid)]
        self.peak = max(self.peak, sum(_memory(member) for member in family))

    def tell(self, rows: int) -> float:
        """Prints the costs; gives back the rows a second."""
        rate, (user, system, of_readers, of_readers_system, *_) = (
            rows / (monotonic() - self.started),
            psutil.Process().cpu_times(),
        )
        spent = {
            "importer": user + system - self.importer,
            "reader": of_readers + of_readers_system - self.readers,
            "postgres": _seconds_of_family(self.server) - self.postgres,
        }
        told = ", ".join(f"{name} {seconds / rows * 1e6:,.0f}" for name, seconds in spent.items())
        print(f"  processor µs a row: {told}; all {sum(spent.values()) / rows * 1e6:,.0f}")
        print(f"  memory at the most: {self.peak / 2**20:,.0f} MB, importer and reader together")
        return rate


def _memory(process: psutil.Process) -> int:
    """What it holds, with its part of what it shares with others."""
    with suppress(psutil.NoSuchProcess):
        return int(process.memory_full_info().pss)
    return 0


def _seconds_of_family(process: psutil.Process) -> float:
    """Of a process, its living children, and those that ended."""
    living = sum(sum(child.cpu_times()[:2]) for child in process.children())
    return float(living + sum(process.cpu_times()[:4]))


def import_whole(database: Database, vault: Vault, content: bytes) -> float:
    """Rows a second for the whole file, encryption, indexes and journal included."""
    meter = Meter(_server(database))
    service = CaseImport(database, vault, SystemClock())
    report = service.import_file(content, platform="40", progress=meter.look)
    print(f"  {report.counts}, {len(report.errors)} errors, {len(report.warnings)} warnings")
    rate = meter.tell(report.counts.rows)
    with database.begin() as connection:
        for table in COUNTED:
            print(f"  {table}: {connection.execute(text(f'select count(*) from {table}')).scalar_one()}")
    return rate


def _server(database: Database) -> psutil.Process:
    """The postmaster."""
    with database.begin() as connection:
        session = connection.execute(text("select pg_backend_pid()")).scalar_one()
    parent = psutil.Process(session).parent()
    assert parent is not None
    return parent


def put_one_by_one(database: Database, vault: Vault, content: bytes) -> float:
    """Rows a second when the same code takes one row to a transaction."""
    table = open_table(content)
    columns = understand(table.headers, SI_DEP_HEADERS)
    service = CaseImport(database, vault, SystemClock())
    started, rows = monotonic(), 0
    for number, cells in table.rows():
        rows += 1
        known, _ = columns.split(cells)
        named = {field.value: cell for field, cell in known.items()}
        service.put_case_record("40", SI_DEP, f"one-{number}", named)
    return rows / (monotonic() - started)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=100_000)
    arguments.add_argument("--sample", type=int, default=1_000)
    given = arguments.parse_args()
    vault = Vault(b"a master key for the benchmark..")
    now = SystemClock().now()
    with fresh_database() as database:
        content = case_file(given.rows, seed=1, now=now)
        print("import")
        whole = import_whole(database, vault, content)
        print("the same file again")
        again = import_whole(database, vault, content)
        single = put_one_by_one(database, vault, case_file(given.sample, seed=2, now=now))
    print(f"import: {whole:,.0f} rows/s")
    print(f"the same file again: {again:,.0f} rows/s")
    print(f"one commit a row: {single:,.0f} rows/s; ratio {whole / single:.1f}")


if __name__ == "__main__":
    main()
