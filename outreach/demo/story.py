"""The demo's day: import, calls, the switch to SMS at half-way and back, the report."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from rich.console import Console
from rich.live import Live

from outreach.bootstrap import App
from outreach.clock import Clock, monotonic
from outreach.demo import report
from outreach.demo.campaign import DemoCampaign
from outreach.demo.case_system import Received
from outreach.demo.client import Client
from outreach.demo.crew import Crew, Worker
from outreach.demo.processes import DemoFailed, Processes
from outreach.demo.robots import Robot
from outreach.demo.setting import PLATFORM, DemoSetting
from outreach.demo.witness import ask_phones
from outreach.services.write_back import CLAIM_SECONDS
from outreach.storage import account_store
from outreach.storage.account_store import Account

IMPORT_SECONDS = 60.0
LONGEST_DAY_SECONDS = 115.0  # with the start and the report, under three minutes
SWITCH_AT = 0.5  # of the people dealt with, or of the time
BACK_AT = 0.75
SETTLE_SECONDS = 25.0
SHOW_SECONDS = 5.0
LOOK_SECONDS = 0.5
QUIET_LOOKS = 6  # nobody in hand for so many looks: what is left waits for another hour
QUEUES_OF_ROLE = {
    "agent": ("AGENTS", "INTERPRETERS"),
    "senior": ("SENIORS", "AGENTS"),
    "medical": ("MEDICAL",),
}


@dataclass
class Story:
    """One run. `account()` is read from the database, all work goes through the public API."""

    app: App
    setting: DemoSetting
    crew: Crew
    processes: Processes
    received: Received
    clock: Clock
    console: Console
    mode: str = "NORMAL"
    imported: int = 0
    robots: list[Robot] = field(default_factory=list)
    _leaving: threading.Event = field(default_factory=threading.Event)
    _shown_at: float = 0.0
    _began: float = 0.0
    _live: Live | None = None
    _quiet_looks: int = 0

    def run(self, file: Path) -> bool:
        """The whole day; whether every check holds."""
        self._import(file)
        with ExitStack() as stack:
            stack.callback(self._leaving.set)
            threads = self._start_robots()
            self._day()
            self._leaving.set()
            for thread in threads:
                thread.join()
        self._let_settle()
        return self._report()

    @cached_property
    def campaign(self) -> DemoCampaign:
        return DemoCampaign(self.client(self.crew.supervisor), self.setting.simulator_url)

    def client(self, worker: Worker) -> Client:
        return Client(self.setting.web_url, worker.token, self.clock)

    def _import(self, file: Path) -> None:
        supervisor = self.client(self.crew.supervisor)
        started = supervisor.send_file(
            "/api/v1/imports", file.name, file.read_bytes(), {"platform": PLATFORM}
        )
        until = monotonic() + IMPORT_SECONDS
        while monotonic() < until:
            told = supervisor.get(f"/api/v1/imports/{started['import_id']}")
            if told["state"] not in ("QUEUED", "RUNNING"):
                break
            self.clock.wait(LOOK_SECONDS)
        if told["state"] != "DONE":
            raise DemoFailed(f"The import of the day's file ended as {told['state']}.")
        numbers = ("rows", "created", "updated", "unchanged", "merged", "rejected")
        self.console.print("Imported: " + ", ".join(f"{name} {told[name]}" for name in numbers))
        self.imported = told["created"]

    def _start_robots(self) -> list[threading.Thread]:
        self.robots = [
            Robot(self.client(worker), self.clock, seed, QUEUES_OF_ROLE[worker.role], self._leaving)
            for seed, worker in enumerate(self.crew.agents)
        ]
        threads = [
            threading.Thread(target=robot.work, name=f"agent-{n}", daemon=True)
            for n, robot in enumerate(self.robots)
        ]
        for thread in threads:
            thread.start()
        return threads

    def _day(self) -> None:
        """Calls until half-way, then contacts by SMS, then calls again until nobody is callable."""
        self._began = monotonic()
        if self.console.is_terminal:
            with Live(console=self.console) as self._live:
                self._three_parts()
        else:
            self._three_parts()

    def _three_parts(self) -> None:
        self._until(lambda: self._share_done() >= SWITCH_AT, LONGEST_DAY_SECONDS * 0.4)
        self._switch("SMS_CONTACTS", "Plus de cas que d’agents : les cas contacts sont informés par SMS.")
        self._until(lambda: self._share_done() >= BACK_AT, LONGEST_DAY_SECONDS * 0.7)
        self._switch("NORMAL", "La vague retombe : les cas contacts sont de nouveau appelés.")
        self.campaign.start()
        self._until(self.campaign.has_arrived, LONGEST_DAY_SECONDS * 0.9)
        self.campaign.answer_pages()
        self._until(self._is_quiet, LONGEST_DAY_SECONDS)

    def _until(self, reached: Callable[[], bool], at_latest: float) -> None:
        while not reached() and monotonic() - self._began < at_latest:
            self._show()
            self.clock.wait(LOOK_SECONDS)

    def _switch(self, mode: str, reason: str) -> None:
        supervisor = self.client(self.crew.supervisor)
        path = f"/api/v1/platforms/{PLATFORM}/mode"
        seen = supervisor.get(path)
        supervisor.put(path, {"mode": mode, "reason": reason, "version": seen["version"]})
        self.mode = mode
        self._show(now=True)

    def _share_done(self) -> float:
        """People who are no longer ready: called, texted, or waiting for another try."""
        account = self._account()
        ready = account.people.get("READY", 0) + account.people.get("LEASED", 0)
        return 1 - ready / max(account.case_records, 1)

    def _is_quiet(self) -> bool:
        """Nobody is in hand any more: who is left waits for another try, or in a queue no robot works."""
        busy = self._account().people.get("LEASED", 0) > 0
        self._quiet_looks = 0 if busy else self._quiet_looks + 1
        return self._quiet_looks >= QUIET_LOOKS

    def _let_settle(self) -> None:
        """Receipts and write-backs come in; calls left open are ended by the repairs.

        What a killed worker was about to tell is told when its claim has lapsed.
        """
        began = monotonic()
        while (waited := monotonic() - began) < SETTLE_SECONDS + CLAIM_SECONDS:
            figures, account = self.app.write_back.figures(platform=PLATFORM), self._account()
            on_the_way = sum(
                n for (_, status), n in account.messages.items() if status in ("QUEUED", "SENDING")
            )
            told = len(self.received.keys) >= figures.waiting + figures.delivered
            settled = account.open_attempts == 0 and on_the_way == 0
            if told and (settled or waited > SETTLE_SECONDS):
                return
            self.clock.wait(LOOK_SECONDS)

    def _account(self) -> Account:
        with self.app.database.begin() as connection:
            return account_store.account(connection, PLATFORM)

    def _show(self, *, now: bool = False) -> None:
        """One look at the day: the table in a terminal, now and then a line elsewhere."""
        if not now and self._live is None and monotonic() - self._shown_at < SHOW_SECONDS:
            return
        self._shown_at = monotonic()
        moment = f"{monotonic() - self._began:4.0f} s"
        restarts = sum(self.processes.restarts.values())
        look = report.Look(self._account(), moment, self.mode, restarts)
        if self._live is not None:
            self._live.update(report.live_table(look), refresh=True)
        else:
            self.console.print(report.live_line(look), soft_wrap=True, highlight=False)

    def _report(self) -> bool:
        account, now = self._account(), self.clock.now()
        figures = self.app.service_level.figures(PLATFORM, now - timedelta(days=14), now)
        witness, named = ask_phones(self.setting.simulator_url), sum(robot.named for robot in self.robots)
        shown = self.campaign.progress()
        checked = report.checks(self.app, self.imported, named, account, self.received, witness)
        checked.append(report.campaign_check(shown))
        self.console.print(report.campaign_table(self.campaign, shown))
        self.console.print(report.final_report(account, figures, self.received, checked))
        return all(check.holds for check in checked)
