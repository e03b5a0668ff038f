"""Runs the demo from nothing to its report: servers, processes, crew, day."""

from __future__ import annotations

import shutil
from contextlib import ExitStack

from rich.console import Console

from outreach.bootstrap import build_app
from outreach.clock import Clock, SystemClock
from outreach.config import Settings, read_settings
from outreach.demo.believable_day import write_demo_day
from outreach.demo.case_system import case_system
from outreach.demo.crew import hire
from outreach.demo.phone_plan import write_plan
from outreach.demo.processes import DemoFailed, Processes, demo_processes, wait_until_up
from outreach.demo.setting import DemoSetting, free_port
from outreach.demo.story import Story
from outreach.embedded import EmbeddedServers, start_embedded
from outreach.log import configure_logging
from outreach.storage import platform_store, schema
from outreach.storage.database import Database

SEED = 7
IDLE_SECONDS = 3600.0


def run_demo(*, once: bool, agents: int, port: int, console: Console) -> bool:
    """Whether every check of the report holds. Without `once` it goes on serving until interrupted."""
    configure_logging("WARNING")
    clock = SystemClock()
    with ExitStack() as stack:
        settings, servers = _own_servers(read_settings())
        if servers is not None:
            stack.callback(servers.stop)
        setting = _setting(settings, port)
        console.print(
            f"Outreach demo: API and documentation at {setting.web_url}/docs, logs in {setting.folder}"
        )
        app = build_app(settings)
        stack.callback(app.close)
        crew = hire(app, agents=agents)
        write_plan(setting, agent_phones=crew.phones, seed=SEED)
        file = setting.folder / "day.csv"
        write_demo_day(file, day=clock.now().date(), seed=SEED, until=clock.now())
        received = stack.enter_context(case_system(setting.case_system_port, setting.write_back_secret))
        processes = demo_processes(setting, clock)
        stack.callback(processes.stop)
        _start(processes, setting, clock)
        story = Story(app, setting, crew, processes, received, clock, console)
        holds = story.run(file)
        if not once:
            _serve_on(setting, crew.supervisor.token, clock, console)
    return holds


def _own_servers(settings: Settings) -> tuple[Settings, EmbeddedServers | None]:
    """Start what is missing, and make sure the database holds nothing but an earlier demo."""
    servers = start_embedded(settings) if settings.needs_embedded else None
    if servers is not None:
        settings = settings.with_servers(servers.database_url, servers.redis_url)
    database = Database(settings.database_url)
    try:
        _make_room(database, settings)
    except DemoFailed:
        if servers is not None:
            servers.stop()
        raise
    finally:
        database.close()
    return settings, servers


def _make_room(database: Database, settings: Settings) -> None:
    """An earlier demo's people are thrown away; anybody else's are left alone."""
    mark = settings.home / "demo" / "this-database-holds-a-demo"
    schema.migrate(database)
    with database.begin() as connection:
        used = bool(platform_store.all_platforms(connection))
    if used and not mark.exists():
        raise DemoFailed(
            "This database holds platforms that no demo made. Give the demo a place of its own: "
            "set OUTREACH_HOME to an empty folder."
        )
    if used:
        schema.migrate(database, schema.BASE)
        schema.migrate(database)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()


def _setting(settings: Settings, port: int) -> DemoSetting:
    folder = settings.home / "demo" / "run"
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


def _serve_on(setting: DemoSetting, token: str, clock: Clock, console: Console) -> None:
    console.print(
        f"Serving at {setting.web_url} until Ctrl-C. The API's documentation: {setting.web_url}/docs"
    )
    console.print(f"The supervisor's access token: {token}", markup=False)
    try:
        while True:
            clock.wait(IDLE_SECONDS)
    except KeyboardInterrupt:
        console.print("Goodbye.")
