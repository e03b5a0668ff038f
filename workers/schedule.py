"""The clockwork: nudges queues in turn and tells of modes that end; without Redis it does the work itself."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import FrameType

from outreach.clock import Clock
from outreach.log import configure_logging, get_logger
from outreach.queues.job_queue import JobQueue, QueueName
from outreach.storage.database import Connection, Database, SQLAlchemyError
from outreach.storage.leadership import try_lead
from workers.jobs import WORK, JobFailed
from workers.running import app

log = get_logger("schedule")

TICK_SECONDS = 0.5
LOOKED_BACK = timedelta(minutes=15)  # by who begins to lead: what ended while nobody led is told
PERIODS = {
    QueueName.MESSAGES: timedelta(seconds=2),
    QueueName.UPKEEP: timedelta(seconds=2),
    QueueName.OUTBOX: timedelta(seconds=2),
    QueueName.IMPORTS: timedelta(seconds=5),
}


@dataclass
class Schedule:
    """Several may run; one leads, and another takes over when its session ends."""

    database: Database
    jobs: JobQueue
    clock: Clock
    work: Mapping[QueueName, Callable[[], None]]
    tell_ended: Callable[[datetime, datetime], object]
    _told: datetime | None = None
    _next: dict[QueueName, datetime] = field(default_factory=dict)
    _session: Connection | None = None
    _closing: ExitStack = field(default_factory=ExitStack)
    _leaving: bool = False

    def run(self) -> None:
        """Until SIGTERM or SIGINT."""
        signal.signal(signal.SIGTERM, self._leave)
        signal.signal(signal.SIGINT, self._leave)
        while not self._leaving:
            self.tick()
            self.clock.wait(TICK_SECONDS)
        self.close()

    def _leave(self, _signal: int, _frame: FrameType | None) -> None:
        self._leaving = True

    def tick(self) -> bool:
        """One look at the clock; whether this process leads."""
        if not self._leads():
            self._told = None
            return False
        now = self.clock.now()
        self._tell_ended(now)
        for queue, period in PERIODS.items():
            if now >= self._next.get(queue, now):
                self._next[queue] = now + period
                if not self.jobs.nudge(queue):
                    self._do(queue)
        return True

    def _tell_ended(self, now: datetime) -> None:
        """Modes that ended since the last look: their desks show it within a moment, whatever sweeps take."""
        try:
            self.tell_ended(self._told or now - LOOKED_BACK, now)
        except SQLAlchemyError as error:  # told at the next look
            log.warning("schedule.ends_untold", error=type(error).__name__)
            return
        self._told = now

    def _leads(self) -> bool:
        try:
            if self._session is None:
                self._session = self._closing.enter_context(self.database.session())
            return try_lead(self._session, "schedule")
        except SQLAlchemyError as error:
            log.warning("schedule.database_away", error=type(error).__name__)
            self.close()
            return False

    def _do(self, queue: QueueName) -> None:
        """Redis did not take the nudge: the row is the promise, so the work is done here."""
        try:
            self.work[queue]()
        except JobFailed as error:
            log.warning("schedule.work_failed", queue=queue, error=str(error))

    def close(self) -> None:
        """Stop leading."""
        self._session = None
        self._closing.close()


def main() -> None:
    """`python -m workers.schedule`."""
    configure_logging(app().settings.log_level)
    running = app()
    try:
        tell_ended = running.modes.ended.tell
        Schedule(running.database, running.jobs, running.clock, WORK, tell_ended).run()
    finally:
        running.close()


if __name__ == "__main__":
    main()
