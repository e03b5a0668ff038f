"""`python -m workers [QUEUE …]`: one process for each queue named (default: all; a name may repeat)."""

from __future__ import annotations

import os
import sys

from outreach.clock import SystemClock
from outreach.config import read_settings
from outreach.log import configure_logging
from outreach.queues.job_queue import QueueName
from workers import jobs  # noqa: F401 - loaded once here, shared by the forked children
from workers.one_queue import serve
from workers.parent import Parent
from workers.running import app

NICENESS = 10  # on a machine shared with the web process, whoever waits before a screen comes first


def work(queue: str) -> None:
    """The life of one child."""
    os.nice(NICENESS)
    try:
        serve(queue, app().jobs.redis_url)
    finally:
        app().close()


def main(names: list[str]) -> None:
    configure_logging(read_settings().log_level)
    queues = [QueueName(name).value for name in names] or [name.value for name in QueueName]
    Parent(queues, work, SystemClock()).run()


if __name__ == "__main__":
    main(sys.argv[1:])
