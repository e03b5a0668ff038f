"""Keeps one process for each name given, and starts another when one dies."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkProcess
from types import FrameType

from outreach.clock import Clock, SystemClock, monotonic
from outreach.log import get_logger

log = get_logger("workers")

LOOK_SECONDS = 0.2
RESTART_PAUSE_SECONDS = 1.0
STOP_SECONDS = 30.0


@dataclass
class Parent:
    """`work(name)` runs in a forked child: everything it imports is loaded once, here, beforehand."""

    names: Sequence[str]
    work: Callable[[str], None]
    clock: Clock
    _children: list[ForkProcess | None] = field(default_factory=list)
    _started: list[float] = field(default_factory=list)
    _leaving: bool = False

    def run(self) -> None:
        """Until SIGTERM or SIGINT; then the children finish their job and end."""
        signal.signal(signal.SIGTERM, self._leave)
        signal.signal(signal.SIGINT, self._leave)
        self._children = [None for _ in self.names]
        self._started = [-RESTART_PAUSE_SECONDS for _ in self.names]
        while not self._leaving:
            for place in range(len(self.names)):
                self._keep(place)
            self.clock.wait(LOOK_SECONDS)
        self._end_all()

    def _leave(self, _signal: int, _frame: FrameType | None) -> None:
        self._leaving = True

    def _keep(self, place: int) -> None:
        child = self._children[place]
        if child is not None and child.is_alive():
            return
        if child is not None:
            self._children[place] = None
            log.warning("worker.died", queue=self.names[place], exit_code=child.exitcode)
        if self._children[place] is None and monotonic() - self._started[place] >= RESTART_PAUSE_SECONDS:
            self._children[place] = self._start(self.names[place])
            self._started[place] = monotonic()

    def _start(self, name: str) -> ForkProcess:
        child = multiprocessing.get_context("fork").Process(
            target=_in_child, args=(self.work, name, os.getpid()), name=f"outreach-{name}"
        )
        child.start()
        log.info("worker.started", queue=name, pid=child.pid)
        return child

    def _end_all(self) -> None:
        alive = [child for child in self._children if child is not None and child.is_alive()]
        for child in alive:
            child.terminate()
        until = monotonic() + STOP_SECONDS
        for child in alive:
            child.join(max(0.0, until - monotonic()))
            if child.is_alive():
                child.kill()
                child.join()


def _in_child(work: Callable[[str], None], name: str, parent: int) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with, args=(parent, SystemClock()), daemon=True).start()
    work(name)


def _end_with(parent: int, clock: Clock) -> None:
    """A child whose parent was killed finishes its job and ends, too."""
    while os.getppid() == parent:
        clock.wait(1.0)
    os.kill(os.getpid(), signal.SIGTERM)
