"""Whatever way the demo is stopped, nothing of it is left running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from outreach.clock import monotonic

STOP_SECONDS = 60.0


def _left_over(home: Path) -> list[str]:
    """Processes that work in this folder or were told of it."""
    found = []
    for process in psutil.process_iter():
        try:
            told = " ".join(process.cmdline()) + process.environ().get("OUTREACH_HOME", "")
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
        if str(home) in told:
            found.append(f"{process.pid} {process.name()}")
    return found


@pytest.mark.journey
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_demo_leaves_nothing_running(tmp_path: Path, stop: signal.Signals) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OUTREACH_")}
    command = [sys.executable, "-m", "outreach.cli", "demo", "--port", "0", "--agents", "2"]
    with subprocess.Popen(
        command,
        env=environment | {"OUTREACH_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if line.startswith("Imported"):
                break
        demo.send_signal(stop)
        demo.communicate(timeout=STOP_SECONDS)
    until, pause = monotonic() + STOP_SECONDS, threading.Event()
    while _left_over(tmp_path) and monotonic() < until:
        pause.wait(0.2)
    assert _left_over(tmp_path) == []
