"""The demo's processes: started, watched, started again when they die, and ended together."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import urllib3

from outreach.clock import Clock
from outreach.demo.setting import HOST, DemoSetting
from outreach.errors import OutreachError

WATCH_SECONDS = 0.3
STOP_SECONDS = 20.0
READY_SECONDS = 60.0


class DemoFailed(OutreachError):
    """A part of the demo did not start."""

    code = "demo_failed"


@dataclass
class Processes:
    """One child for each name of `commands`; `restarts` counts those that had to be started again."""

    commands: Mapping[str, list[str]]
    environment: Mapping[str, str]
    logs: Path
    clock: Clock
    restarts: dict[str, int] = field(default_factory=dict)
    _children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _leaving: threading.Event = field(default_factory=threading.Event)
    _watcher: threading.Thread | None = None

    def start(self, names: list[str]) -> None:
        """Start some of them; from the first on, all that run are watched."""
        for name in names:
            self._children[name] = self._launch(name)
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, name="demo-watch", daemon=True)
            self._watcher.start()

    def _launch(self, name: str) -> subprocess.Popen[bytes]:
        with (self.logs / f"{name}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, *self.commands[name]],
                env=dict(self.environment),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _watch(self) -> None:
        while not self._leaving.wait(WATCH_SECONDS):
            for name, child in list(self._children.items()):
                if child.poll() is not None and not self._leaving.is_set():
                    self.restarts[name] = self.restarts.get(name, 0) + 1
                    self._children[name] = self._launch(name)

    def restart(self, name: str) -> None:
        """End one; whoever watches starts it anew, and it reads its files again."""
        child = self._children[name]
        child.terminate()
        child.wait(STOP_SECONDS)

    def stop(self) -> None:
        """End them all, gently at first."""
        self._leaving.set()
        if self._watcher is not None:
            self._watcher.join()
        for child in self._children.values():
            child.terminate()
        for child in self._children.values():
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def demo_processes(setting: DemoSetting, clock: Clock) -> Processes:
    """Web, worker, schedule and the simulated phone company."""
    simulator = ["-m", "outreach.cli", "simulator", "--plan", str(setting.plan_file)]
    commands = {
        "simulator": [*simulator, "--port", str(setting.simulator_port)],
        "web": ["-m", "outreach.cli", "web", "--host", HOST, "--port", str(setting.web_port)],
        "worker": ["-m", "workers"],
        "schedule": ["-m", "workers.schedule"],
    }
    return Processes(commands, setting.environment(), setting.folder, clock)


def wait_until_up(url: str, clock: Clock) -> None:
    """Wait for a server to answer; raises DemoFailed when it does not within a minute."""
    pool, waited = urllib3.PoolManager(), 0.0
    while waited < READY_SECONDS:
        try:
            if pool.request("GET", url, timeout=5.0, retries=False).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            pass  # not up yet
        clock.wait(0.2)
        waited += 0.2
    raise DemoFailed(
        f"{url} did not answer within {READY_SECONDS:.0f} seconds; its log is in the demo folder."
    )
