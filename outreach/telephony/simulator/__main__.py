"""`python -m outreach.telephony.simulator`: the phone company from the command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from outreach.errors import OutreachError
from outreach.telephony.simulator.server import plan_with, run_simulator


def main() -> int:
    """Read the words of the command line and serve."""
    words = argparse.ArgumentParser(prog="outreach simulator", description="A simulated phone company.")
    words.add_argument("--host", default="127.0.0.1")
    words.add_argument("--port", type=int, default=8010)
    words.add_argument("--plan", type=Path, help="a JSON file: account, people, faults")
    words.add_argument("--seed", type=int, help="draws the behaviour of phones the plan does not name")
    words.add_argument("--speed", type=float, help="simulated seconds in one real second")
    words.add_argument("--state", type=Path, help="a file that outlives kill -9")
    told = words.parse_args()
    try:
        plan = plan_with(told.plan, seed=told.seed, speed=told.speed, state=told.state)
    except OutreachError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    run_simulator(plan, host=told.host, port=told.port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
