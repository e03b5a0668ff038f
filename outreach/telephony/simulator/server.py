"""Runs the simulated phone company as a process of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import uvicorn

from outreach.telephony.simulator.company import create_simulator
from outreach.telephony.simulator.plan import Plan, plan_from_file


def run_simulator(plan: Plan, *, port: int, host: str = "127.0.0.1") -> None:
    """Serve until told to stop; addresses are never logged, since they hold numbers."""
    config = uvicorn.Config(
        create_simulator(plan),
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=30,
        backlog=4096,
        ws="none",
    )
    uvicorn.Server(config).run()


def plan_with(
    base: Path | None, *, seed: int | None = None, speed: float | None = None, state: Path | None = None
) -> Plan:
    """A plan file's plan (or the usual one) with the words of the command line put over it."""
    plan = plan_from_file(base) if base else Plan()
    if seed is not None:
        plan = replace(plan, seed=seed)
    if speed is not None:
        plan = replace(plan, speed=speed)
    if state is not None:
        plan = replace(plan, state=state)
    return plan
