"""What a script costs to show, and an answer to save, in processor time of this process.

    python -m benchmarks.interview_answers [--times 300]

Runs on an embedded PostgreSQL of its own in a temporary folder; the time of PostgreSQL is not in it.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import insert, select

import outreach.storage.ddl  # noqa: F401 - the journal's guard is made with its table
from benchmarks.lease_depth import fresh_database
from outreach.clock import SystemClock
from outreach.domain.call_attempts import CallStatus
from outreach.ids import new_id
from outreach.rendering.catalog import shipped_catalog
from outreach.services.case_import import CaseImport
from outreach.services.interview_texts import InterviewTexts
from outreach.services.interviews import Interviews, Reader
from outreach.services.scripts import Scripts
from outreach.services.text_settings import TextSettings
from outreach.storage import attempt_store, tables
from outreach.storage.attempt_store import Attempt
from outreach.storage.database import Database
from outreach.storage.embedded_postgres import EmbeddedPostgres
from outreach.storage.vault import Vault

NOW = datetime.now(UTC)
PROOFS = {"speaking_with": "person", "name_confirmed": True, "birth_date_confirmed": True}
ANSWERS = {**PROOFS, "has_symptoms": True, "household_size": 4, "contacts_to_name": 3, "can_isolate": False}


def milliseconds(times: int, act: Callable[[int], object]) -> float:
    """Processor time of one act, the first left out: it compiles."""
    act(0)
    began = time.process_time()
    for turn in range(1, times + 1):
        act(turn)
    return (time.process_time() - began) / times * 1000


def begun(database: Database, vault: Vault, texts: InterviewTexts) -> Attempt:
    """A positive in an agent's call."""
    fields = {"nom": "Martin", "prenoms": "Camille", "date_naissance": "01/03/1980", "type": "positif"}
    result = {"telephone_1": "+33639980001", "date_resultat": NOW.isoformat()}
    taken = CaseImport(database, vault, SystemClock()).put_case_record(
        "40", "bench", "R1", {**fields, **result}, by=None
    )
    agent_id = new_id()
    with database.begin() as connection:
        user = {"id": agent_id, "login": "agent", "roles": ["agent"], "platforms": ["40"]}
        connection.execute(insert(tables.users).values(**user, created_at=NOW))
        entries = tables.call_list_entries
        entry = connection.execute(
            select(entries).where(entries.c.case_record_id == taken.case_record_id)
        ).one()
        attempt = texts.stamped(
            connection, _attempt(entry.id, entry.case_record_id, entry.person_id, agent_id)
        )
        attempt_store.start(connection, attempt)
    return attempt


def _attempt(entry_id: UUID, case_record_id: UUID, person_id: UUID, agent_id: UUID) -> Attempt:
    return Attempt(
        id=new_id(),
        platform="40",
        entry_id=entry_id,
        case_record_id=case_record_id,
        person_id=person_id,
        agent_id=agent_id,
        status=CallStatus.ANSWERED,
        phone_position=0,
        inbound=False,
        conference=new_id(),
        started_at=NOW,
        mode_version=1,
    )


def run(database: Database, times: int) -> None:
    vault = Vault(b"a master key for the benchmark only!")
    texts = InterviewTexts(Scripts(database, shipped_catalog(), TextSettings(outreach_number="+33536490001")))
    attempt = begun(database, vault, texts)
    interviews = Interviews(database, vault, SystemClock(), texts)
    for question, value in ANSWERS.items():
        interviews.save(attempt.agent_id, attempt.id, question, value)
    reader = Reader(attempt.agent_id, ("40",))
    shown = milliseconds(times, lambda _: interviews.read(attempt.id, reader))
    print(f"show the full interview of a positive: {shown:.2f} ms of processor")
    saved = milliseconds(
        times,
        lambda turn: interviews.save(attempt.agent_id, attempt.id, "household_size", 1 + turn % 9),
    )
    print(f"save an answer, {times} corrections before it at the end: {saved:.2f} ms of processor")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--times", type=int, default=300)
    folder = Path(tempfile.mkdtemp(prefix="outreach-interviews-"))
    server = EmbeddedPostgres(folder / "postgres")
    try:
        server.start()
        with fresh_database(server, "interviews") as database:
            run(database, options.parse_args().times)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
