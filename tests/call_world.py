"""The whole program over real HTTP with a simulated phone company: people, an agent, calls."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import urlopen
from uuid import UUID

from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import QueuePool, select, text

from outreach.bootstrap import App, build_app
from outreach.clock import SetClock, monotonic
from outreach.config import Settings
from outreach.domain.roles import Role, scopes_of
from outreach.ids import UserId
from outreach.services.access import Asker, NewUser
from outreach.storage import attempt_store, journal, tables
from outreach.storage.attempt_store import Attempt
from outreach.storage.database import Database
from outreach.telephony.simulator import OUR_NUMBER, Plan
from outreach.web.app import create_web_app
from tests.phone_company import PhoneCompany, running_phone_company, serving

SECONDS_TO_WAIT = 20.0
AGENT_PHONE = "+33199000001"
DOCTOR_PHONE = "+33199000002"
PLATFORM = "40"


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Wait for something that other threads bring about."""
    until, pause = monotonic() + SECONDS_TO_WAIT, threading.Event()
    while not holds():
        assert monotonic() < until, f"this did not happen: {what}"
        pause.wait(0.02)


@dataclass
class CallWorld:
    """A served program, a phone company, one agent on shift."""

    app: App
    company: PhoneCompany
    clock: SetClock
    agent_id: UUID
    _people: int = 0

    def person(
        self, number: str, *, kind: str = "positif", others: tuple[str, ...] = (), **more: str
    ) -> UUID:
        """Bring someone in who answers at a number; their case record."""
        self._people += 1
        result = self.clock.now().isoformat()
        fields = {
            "type": kind,
            "nom": f"Martin{self._people}",
            "prenoms": "Camille",
            "date_naissance": f"{self._people:02}/03/1980",
            "telephone_1": number,
            **({"date_resultat": result} if kind == "positif" else {}),
            **{f"telephone_{n}": other for n, other in enumerate(others, start=2)},
            **more,
        }
        outcome = self.app.case_import.put_case_record(PLATFORM, "test", f"R{self._people}", fields, by=None)
        assert outcome.case_record_id is not None, outcome
        return outcome.case_record_id

    def lease(self) -> UUID:
        """The entry the agent is given."""
        leased = self.app.call_list.next_entry(self.agent_id, platforms=[PLATFORM], languages=["fr"])
        assert leased is not None, "nobody is callable"
        return leased.entry_id

    def call(self, entry_id: UUID | None = None) -> Attempt:
        return self.app.calling.click_to_call(self.agent_id, entry_id or self.lease())

    def attempt(self, attempt: Attempt) -> Attempt:
        with self.app.database.begin() as connection:
            return attempt_store.read(connection, attempt.id)

    def until(self, attempt: Attempt, holds: Callable[[Attempt], bool], what: str) -> Attempt:
        """The attempt once something is true of it."""
        eventually(lambda: holds(self.attempt(attempt)), what)
        return self.attempt(attempt)

    def until_status(self, attempt: Attempt, status: str) -> Attempt:
        return self.until(attempt, lambda a: a.status == status, f"status {status}")

    def entry_of(self, case_record_id: UUID) -> Any:
        """The newest entry of a case record."""
        entries = tables.call_list_entries
        with self.app.database.begin() as connection:
            return connection.execute(
                select(entries)
                .where(entries.c.case_record_id == case_record_id)
                .order_by(entries.c.id.desc())
            ).first()

    def case(self, case_record_id: UUID) -> Any:
        with self.app.database.begin() as connection:
            return connection.execute(
                select(tables.case_records).where(tables.case_records.c.id == case_record_id)
            ).one()

    def events(self, case_record_id: UUID) -> list[str]:
        with self.app.database.begin() as connection:
            return [line["event"] for line in journal.of_case_record(connection, case_record_id)]

    def rows(self, table: Any) -> list[Any]:
        with self.app.database.begin() as connection:
            return list(connection.execute(select(table)))

    def colleague(self, login: str, role: str, phone: str) -> UUID:
        """Someone else on shift."""
        user_id = self.app.access.add_user(NewUser(login, [role], [PLATFORM], ("fr",), phone))
        self.company.set_phone(phone, voice="agent")
        self.app.call_list.start_shift(user_id, PLATFORM)
        return user_id


def let_requests_end(app: App) -> None:
    """A webhook may still be at work in its thread when the test is over."""
    pool = app.database.engine.pool
    assert isinstance(pool, QueuePool)
    eventually(lambda: pool.checkedout() == 0, "the end of every request")


class _Later:
    """Served before it exists: its own address is one of its settings."""

    application: FastAPI | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert self.application is not None
        await self.application(scope, receive, send)


@contextmanager
def running_call_world(
    database: Database, redis_url: str, clock: SetClock, *, speed: float = 100.0
) -> Iterator[CallWorld]:
    """Everything up, the agent on shift; `speed`: of the phone company."""
    later = _Later()
    with (
        ExitStack() as last,  # the program ends after the last webhook
        serving(later, finish_seconds=10.0) as url,
        running_phone_company(Plan(speed=speed)) as company,
    ):
        settings = Settings(
            database_url=database.url,
            redis_url=redis_url,
            secret_key=SecretStr("a master key for the tests only!!"),
            public_url=url,
            twilio_account_sid=company.plan.account_sid,
            twilio_auth_token=SecretStr(company.plan.auth_token),
            twilio_api_url=company.url,
            twilio_caller_id=OUR_NUMBER,
        )
        app = build_app(settings, clock=clock)
        last.callback(app.close)
        last.callback(let_requests_end, app)
        later.application = create_web_app(app)
        # The first request is slower than others; at a hundred times life's pace calls end by then.
        urlopen(f"{url}/healthz").close()
        company.set_inbound(
            sms_url=f"{url}/webhooks/twilio/inbound-message", voice_url=f"{url}/webhooks/twilio/inbound-call"
        )
        company.set_phone(AGENT_PHONE, voice="agent")
        agent = app.access.add_user(NewUser("agent", ["agent"], [PLATFORM], ("fr",), AGENT_PHONE))
        app.call_list.start_shift(agent, PLATFORM)
        yield CallWorld(app, company, clock, agent)


def someone_waits_for_a_lock(database: Database) -> bool:
    """Whether another transaction of this database stands behind a row that someone holds."""
    waiting = text(
        "select exists (select from pg_stat_activity"
        " where datname = current_database() and wait_event_type = 'Lock')"
    )
    with database.begin() as connection:
        return bool(connection.execute(waiting).scalar())


def at_once(*works: Callable[[], object]) -> list[object]:
    """What each gave, or raised; all begin at one moment."""
    ready = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        ready.wait()
        try:
            return work()
        except Exception as raised:  # the test says which of them may be
            return raised

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def supervisor(calls: CallWorld, login: str = "super") -> Asker:
    user_id = calls.app.access.add_user(NewUser(login, ["supervisor"], [PLATFORM]))
    roles = frozenset({Role.SUPERVISOR})
    return Asker(UserId(user_id), roles, (PLATFORM,), ("fr",), scopes_of(roles))
