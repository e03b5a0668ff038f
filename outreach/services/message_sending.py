"""Sends what is due: drives the machine of domain/sending.py, several lanes at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from outreach.clock import monotonic
from outreach.domain.sending import Sending, Sent
from outreach.log import get_logger
from outreach.services.step_runner import StepRunner

log = get_logger("message_sending")


@dataclass(frozen=True)
class MessageSending:
    """The sender; several may run at once."""

    machine: Sending
    runner: StepRunner
    lanes: int

    def send_due(self, *, most_seconds: float = 20.0) -> Sent:
        """Send what is due, until nothing is or the time is up.

        While one lane waits for the phone company, another claims and a third saves; the last of several
        is for urgent messages only.
        """
        deadline, total = monotonic() + most_seconds, Sent()
        if not self.runner.run(self.machine.has_work()):
            return total
        with ThreadPoolExecutor(self.lanes) as pool:
            lanes = [pool.submit(self._lane, deadline) for _ in range(max(1, self.lanes - 1))]
            if self.lanes > 1:
                others = tuple(lanes)
                lanes.append(pool.submit(self._lane, deadline, lambda: not all(o.done() for o in others)))
        for lane in lanes:
            total = total.plus(lane.result())
        if total.posted:
            log.info("messages.sent", **vars(total))
        return total

    def _lane(self, deadline: float, beside: Callable[[], bool] | None = None) -> Sent:
        return self.runner.run_alive(self.machine.lane(deadline, beside=beside))
