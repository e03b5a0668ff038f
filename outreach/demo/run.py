"""Runs the demo from nothing to its report: servers, processes, crew, day."""

from __future__ import annotations

import shutil
import signal
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from types import FrameType

from rich.console import Console

from outreach.bootstrap import build_app
from outreach.clock import Clock, SystemClock
from outreach.config import Settings, read_settings
from outreach.demo.believable_day import write_demo_day
from outreach.demo.case_system import case_system
from outreach.demo.crew import crew_logins, hire
from outreach.demo.living_day import LivingDay
from outreach.demo.phone_plan import write_plan
from outreach.demo.processes import DemoFailed, Processes, demo_processes, wait_until_up
from outreach.demo.setting import NEIGHBOUR, PLATFORM, DemoSetting, free_port
from outreach.demo.story import Story
from outreach.domain.column_mappings import SI_DEP
from outreach.embedded import EmbeddedServers, start_embedded
from outreach.log import configure_logging
from outreach.storage import demo_store, schema
from outreach.storage.database import Connection, Database
from outreach.storage.vault import Vault

SEED = 7
MOST_AGENTS = 200
DAY_FILE = "day.csv"
AGAIN_SECONDS = 0.5


def run_demo(*, once: bool, agents: int, robots: int, port: int, console: Console) -> bool:
    """Whether every check of the report holds.

    Without `once` it goes on serving until interrupted, and so many `robots` keep working the list.
    """
    configure_logging("WARNING")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, _leave)
    with ExitStack() as stack:  # what was started is stopped
        try:
            return _day(stack, once=once, agents=agents, robots=robots, port=port, console=console)
        except KeyboardInterrupt:
            _heard()
            raise


def _day(stack: ExitStack, *, once: bool, agents: int, robots: int, port: int, console: Console) -> bool:
    clock = SystemClock()
    settings, servers = _own_servers(read_settings())
    if servers is not None:
        stack.callback(servers.stop)
    setting = _setting(settings, port)
    console.print(f"Outreach demo: starting at {setting.web_url}, logs in {setting.folder}")
    app = build_app(settings)
    stack.callback(app.close)
    crew = hire(app, agents=agents)
    write_plan(setting, agent_phones=crew.phones, seed=SEED)
    file = setting.folder / DAY_FILE
    write_demo_day(file, day=clock.now().date(), seed=SEED, until=clock.now())
    received = stack.enter_context(case_system(setting.case_system_port, setting.write_back_secret))
    processes = demo_processes(setting, clock)
    stack.callback(processes.stop)
    _start(processes, setting, clock)
    console.print(f"Open {setting.web_url}/sign-in and choose who you are: one click lets each role in.")
    console.print(f"What the simulated phones received: {setting.simulator_url}/simulator/phones")
    story = Story(app, setting, crew, processes, received, clock, console)
    holds = story.run(file)
    if not once:
        living = LivingDay(app, setting, crew, processes, SEED)
        _serve_on(living, min(robots, agents), console)
    return holds


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """Python swallows what is raised inside a finalizer: it is raised again until it is heard."""
    signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
    raise KeyboardInterrupt


def _heard() -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)


def _own_servers(settings: Settings) -> tuple[Settings, EmbeddedServers | None]:
    """Start what is missing, and make sure the database holds nothing but an earlier demo."""
    given = bool(settings.database_url)
    servers = start_embedded(settings) if settings.needs_embedded else None
    if servers is not None:
        settings = settings.with_servers(servers.database_url, servers.redis_url)
    database = Database(settings.database_url)
    try:
        _make_room(database, settings, given=given)
    except DemoFailed:
        if servers is not None:
            servers.stop()
        raise
    finally:
        database.close()
    return settings, servers


def _make_room(database: Database, settings: Settings, *, given: bool) -> None:
    """An earlier demo's people are thrown away; anybody else's, and any server of yours, are left alone."""
    schema.migrate(database)
    with database.begin() as connection:
        if demo_store.is_empty(connection):
            demo_store.put_mark(connection)
            return
        reason = _reason_to_refuse(connection, settings, given=given)
    if reason:
        raise DemoFailed(
            f"{reason} Give the demo a place of its own: set OUTREACH_HOME to an empty folder, "
            "and leave OUTREACH_DATABASE_URL unset."
        )
    schema.migrate(database, schema.BASE)
    schema.migrate(database)


def _reason_to_refuse(connection: Connection, settings: Settings, *, given: bool) -> str:
    if given:
        return "The database you named is in use; a demo empties only its own."
    if not demo_store.has_mark(connection):
        return "This database was not made by a demo."
    files, vault = sorted(_folder(settings).glob("*.csv")), Vault(settings.master_key())
    found = demo_store.strangers(
        connection,
        platforms_made=(PLATFORM, NEIGHBOUR),
        logins=crew_logins(MOST_AGENTS),
        source=SI_DEP,
        digests=[vault.index("file", sha256(file.read_bytes()).hexdigest()) for file in files],
    )
    return f"Since the last demo somebody added {', '.join(found)} to its database." if found else ""


def _folder(settings: Settings) -> Path:
    return settings.home / "demo" / "run"


def _setting(settings: Settings, port: int) -> DemoSetting:
    folder = _folder(settings)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return DemoSetting(
        settings=settings,
        folder=folder,
        web_port=port or free_port(),
        simulator_port=free_port(),
        case_system_port=free_port(),
    )


def _start(processes: Processes, setting: DemoSetting, clock: Clock) -> None:
    processes.start(["simulator", "web", "worker", "schedule"])
    wait_until_up(f"{setting.simulator_url}/simulator/stats", clock)
    wait_until_up(f"{setting.web_url}/healthz", clock)


def _serve_on(living: LivingDay, robots: int, console: Console) -> None:
    url = living.setting.web_url
    console.print(f"Serving at {url} until Ctrl-C. The API's documentation: {url}/docs")
    console.print(f"The supervisor's access token: {living.crew.supervisor.token}", markup=False)
    if robots:
        console.print(f"{robots} robots go on working the list, at the pace of people.")
    try:
        living.go_on(robots)
    except KeyboardInterrupt:
        _heard()
        console.print("Goodbye.")
    finally:
        living.leave()
