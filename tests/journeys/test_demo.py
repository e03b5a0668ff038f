"""The demo's day ends with the same sums whatever is killed meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

DAY_SECONDS = 420.0  # of which two minutes when a worker is killed while it tells outcomes
FIRST_KILL_SECONDS, BETWEEN_KILLS_SECONDS = 12.0, 9.0


def _victims(demo: psutil.Process) -> dict[str, list[psutil.Process]]:
    """The processes of a running demo by what they do."""
    found: dict[str, list[psutil.Process]] = {"worker": [], "simulator": [], "redis": []}
    for child in demo.children(recursive=True):
        words = " ".join(child.cmdline())
        if words.endswith("-m workers"):
            found["worker"].append(child)
        elif " simulator " in words:
            found["simulator"].append(child)
        elif "valkey-server" in words:
            found["redis"].append(child)
    return found


def _kill_one_of_each(pid: int) -> list[str]:
    """kill -9 of a worker, of the phone company, of Redis, one after the other."""
    killed, pause = [], threading.Event()
    pause.wait(FIRST_KILL_SECONDS)
    for name in ("worker", "simulator", "redis", "worker"):
        victims = _victims(psutil.Process(pid))[name]
        if victims:
            os.kill(victims[-1].pid, signal.SIGKILL)
            killed.append(name)
        pause.wait(BETWEEN_KILLS_SECONDS)
    return killed


@pytest.mark.journey
def test_a_day_with_kills_loses_nobody_and_texts_nobody_twice(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OUTREACH_")}
    command = [sys.executable, "-m", "outreach.cli", "demo", "--once", "--port", "0", "--agents", "12"]
    with subprocess.Popen(
        command,
        env=environment | {"OUTREACH_HOME": str(tmp_path), "COLUMNS": "160"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        lines: list[str] = []
        for line in demo.stdout:
            lines.append(line)
            if line.startswith("Imported"):
                break
        killed = _kill_one_of_each(demo.pid)
        said, _ = demo.communicate(timeout=DAY_SECONDS)
    told = "".join(lines) + said
    assert killed == ["worker", "simulator", "redis", "worker"], told
    assert demo.returncode == 0, told
