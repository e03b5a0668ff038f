"""Runs the repairs of domain/message_repairs.py; each sweep may run twice, and beside itself."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.domain.message_repairs import Repairs
from outreach.services.step_runner import StepRunner


@dataclass(frozen=True)
class MessageSweeps:
    """Each method repairs what it finds and gives the number of messages."""

    machine: Repairs
    runner: StepRunner

    def doubt_the_dead(self) -> int:
        return self.runner.run(self.machine.doubt_the_dead())

    def settle_uncertain(self) -> int:
        return self.runner.run(self.machine.settle_uncertain())

    def ask_for_receipts(self) -> int:
        return self.runner.run(self.machine.ask_for_receipts())

    def return_unread(self) -> int:
        return self.runner.run(self.machine.return_unread())

    def expire(self) -> int:
        return self.runner.run(self.machine.expire())

    def recall_unshed(self) -> int:
        return self.runner.run(self.machine.recall_unshed())
