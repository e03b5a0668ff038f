"""Builds the program from its settings: the only place where parts meet."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from outreach.clock import Clock, SystemClock
from outreach.config import Settings
from outreach.errors import ConfigurationError
from outreach.families import (
    OfCalls,
    OfMessages,
    OfPeople,
    OfRecords,
    OfScripts,
    OfSteering,
    of_calls,
    of_messages,
    of_people,
    of_records,
    of_scripts,
    of_steering,
    upkeep_of,
)
from outreach.parts import (
    Parts,
    case_system,
    live_events,
    rate_limits,
    shared_parts,
)
from outreach.queues.job_queue import JobQueue
from outreach.queues.live_events import LiveEvents
from outreach.queues.rate_limit import RateLimits
from outreach.services.administration import Administration
from outreach.services.callback_urls import CallbackUrls
from outreach.services.upkeep import Upkeep
from outreach.services.write_back import WriteBack
from outreach.storage import demo_store
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from outreach.telephony.no_provider import NoProvider

if TYPE_CHECKING:
    from outreach.embedded import EmbeddedServers
    from outreach.telephony.twilio_provider import TwilioProvider


@dataclass(frozen=True)
class App(OfPeople, OfMessages, OfSteering, OfRecords, OfCalls, OfScripts):
    """The running program: its settings, its servers, and one object for each user's job."""

    settings: Settings
    database: Database
    vault: Vault
    clock: Clock
    provider: TwilioProvider | NoProvider
    jobs: JobQueue
    rate_limits: RateLimits
    callback_urls: CallbackUrls
    live_events: LiveEvents
    write_back: WriteBack
    upkeep: Upkeep
    embedded: EmbeddedServers | None = None

    @property
    def administration(self) -> Administration:
        """What administrators look after."""
        answers = {
            "database": self.database.answers,
            "redis": self.jobs.answers,
            "phone company": lambda: self.provider.ping() is None,
        }
        alarms_kept_for = timedelta(days=self.settings.alarms_kept_days)
        return Administration(self.database, self.clock, self.upkeep, answers, alarms_kept_for)

    def close(self) -> None:
        """Let go of connections; embedded servers stop when no other process uses them."""
        self.provider.close()
        self.jobs.close()
        self.rate_limits.close()
        self.live_events.close()
        self.sessions.store.close()
        self.database.close()
        if self.embedded is not None:
            self.embedded.stop()


def build_app(settings: Settings, *, clock: Clock | None = None) -> App:
    """Everything, ready to serve. Starts the embedded servers where the settings name none."""
    embedded = _embedded(settings) if settings.needs_embedded else None
    if embedded is not None:
        settings = settings.with_servers(embedded.database_url, embedded.redis_url)
    if settings.demo:
        _need_a_demo(settings.database_url)
    return _assemble(shared_parts(settings, clock or SystemClock()), embedded)


def _embedded(settings: Settings) -> EmbeddedServers:
    # Servers from wheels are for whoever names none; the others do not wait for the wheels.
    from outreach.embedded import start_embedded

    return start_embedded(settings)


def _need_a_demo(database_url: str) -> None:
    """Accounts without passwords open a demo's invented people, and nothing else."""
    database = Database(database_url)
    with closing(database), database.begin() as connection:
        made_by_a_demo = demo_store.has_mark(connection)
    if not made_by_a_demo:
        raise ConfigurationError(["OUTREACH_DEMO is set, but no demo made this database: unset it."])


def _assemble(parts: Parts, embedded: EmbeddedServers | None) -> App:
    people, messages = of_people(parts), of_messages(parts)
    steering = of_steering(parts, messages)
    records = of_records(parts, messages, steering.steering)
    calls = of_calls(parts, people.access, messages, records)
    families = (people, messages, steering, records, calls, of_scripts(parts))
    return App(
        settings=parts.settings,
        database=parts.database,
        vault=parts.vault,
        clock=parts.clock,
        provider=parts.provider,
        jobs=parts.jobs,
        rate_limits=rate_limits(parts.settings),
        callback_urls=parts.urls,
        live_events=live_events(parts),
        write_back=WriteBack(parts.database, parts.clock, case_system(parts.settings)),
        upkeep=upkeep_of(parts, people, messages, steering, records, calls),
        embedded=embedded,
        **{name: service for family in families for name, service in vars(family).items()},
    )
