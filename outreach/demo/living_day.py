"""After the report the demo lives on: some robots work at the pace of people, and new results keep coming."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from outreach.bootstrap import App
from outreach.demo.believable_day import write_newcomers
from outreach.demo.client import Client, Refused
from outreach.demo.crew import Crew, Worker
from outreach.demo.phone_plan import write_plan
from outreach.demo.processes import Processes, wait_until_up
from outreach.demo.robots import LIKE_PEOPLE, Robot
from outreach.demo.setting import NEIGHBOUR, PLATFORM, DemoSetting
from outreach.demo.story import QUEUES_OF_ROLE
from outreach.demo.surroundings import Surroundings
from outreach.log import get_logger

log = get_logger("demo")

LOOK_SECONDS = 15.0
LEAST_READY = 40  # with fewer people callable, new results come in: visitors find somebody to call as well
FIRST_POSITIVES, POSITIVES_AT_ONCE = 20, 8
LONGEST_LEAVE = 5.0


@dataclass
class LivingDay:
    """Until it is told to leave."""

    app: App
    setting: DemoSetting
    crew: Crew
    processes: Processes
    seed: int
    batch: int = 0
    threads: list[threading.Thread] = field(default_factory=list)
    leaving: threading.Event = field(default_factory=threading.Event)

    def go_on(self, robots: int) -> None:
        """Let so many robots work, and neighbours beside them, and feed the list."""
        write_plan(self.setting, agent_phones=self.crew.phones, seed=self.seed, living=True)
        self.processes.restart("simulator")
        wait_until_up(f"{self.setting.simulator_url}/simulator/stats", self.app.clock)
        around = Surroundings(
            self.app, self.setting, self.crew, self._client(self.crew.supervisor), self.seed
        )
        if robots:
            self._bring_in(FIRST_POSITIVES)
        around.furnish()
        if robots:
            self._let_work(self.crew.agents[:robots], PLATFORM)
            self._let_work(self.crew.neighbours, NEIGHBOUR)
        while True:
            self.app.clock.wait(LOOK_SECONDS)
            around.look_ahead()
            if robots:
                self._feed()

    def _let_work(self, workers: Sequence[Worker], platform: str) -> None:
        for worker in workers:
            number = len(self.threads)
            robot = Robot(
                self._client(worker),
                self.app.clock,
                self.seed * 1000 + number,
                QUEUES_OF_ROLE[worker.role],
                self.leaving,
                pace=LIKE_PEOPLE,
                platform=platform,
            )
            thread = threading.Thread(target=robot.work, name=f"living-{number}", daemon=True)
            thread.start()
            self.threads.append(thread)

    def leave(self) -> None:
        """The robots end their shifts, those that are quick enough."""
        self.leaving.set()
        for thread in self.threads:
            thread.join(LONGEST_LEAVE)

    def _client(self, worker: Worker) -> Client:
        return Client(self.setting.web_url, worker.token, self.app.clock)

    def _feed(self) -> None:
        """New results for a list that runs dry."""
        supervisor = self._client(self.crew.supervisor)
        try:
            counted: list[dict[str, Any]] = supervisor.get(f"/api/v1/call-list?platform={PLATFORM}")
            if sum(each["ready"] for each in counted) < LEAST_READY:
                self._bring_in(POSITIVES_AT_ONCE)
        except Refused as refusal:
            log.info("demo.not_fed", status=refusal.status, code=refusal.code)

    def _bring_in(self, positives: int) -> None:
        self.batch += 1
        file = self.setting.folder / f"newcomers-{self.batch:04}.csv"
        write_newcomers(
            file, comes=self.app.clock.now(), seed=self.seed, positives=positives, batch=self.batch
        )
        supervisor = self._client(self.crew.supervisor)
        supervisor.send_file("/api/v1/imports", file.name, file.read_bytes(), {"platform": PLATFORM})
