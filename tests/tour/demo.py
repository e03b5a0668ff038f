"""A demo to be shown: one that runs already, or one of our own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.request import urlopen

from outreach.demo.setting import free_port
from tests.tour.stop import PERSONAL, Stop

AGENTS = 14
UNDER_WAY_SECONDS = 400
GOES_ON = "go on working the list"  # what the demo says once its day lives on
STOPPING_SECONDS = 60


@dataclass(frozen=True)
class Demo:
    """`phones`: what the simulated phones received, with the addresses of personal pages."""

    address: str
    phones: str

    def path_of(self, stop: Stop) -> str:
        """Where a stop begins."""
        return self.personal_pages()[-1] if stop.path == PERSONAL else stop.path

    def personal_pages(self) -> list[str]:
        """The paths that people received by SMS."""
        with urlopen(self.phones) as told:
            return re.findall(re.escape(self.address) + r"(/p/[A-Za-z0-9_-]+)", told.read().decode())


@dataclass
class _Heard:
    """What a demo said so far."""

    phones: str = ""
    goes_on: threading.Event = field(default_factory=threading.Event)

    def listen(self, said: Iterable[str]) -> None:
        for line in said:
            if found := re.search(r"http://\S+/simulator/phones", line):
                self.phones = found.group()
            if GOES_ON in line:
                self.goes_on.set()


@contextmanager
def running_demo() -> Iterator[Demo]:
    """A demo of our own, once its robots work at the pace of people."""
    home, port = tempfile.mkdtemp(prefix="tour-"), free_port()
    command = [sys.executable, "-m", "outreach.cli", "demo", "--port", str(port), "--agents", str(AGENTS)]
    environment = os.environ | {"OUTREACH_HOME": home, "COLUMNS": "200", "PYTHONUNBUFFERED": "1"}
    demo = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    heard = _Heard()
    threading.Thread(target=heard.listen, args=(demo.stdout,), daemon=True).start()
    try:
        if not heard.goes_on.wait(UNDER_WAY_SECONDS):
            sys.exit("The demo's day did not come under way.")
        yield Demo(f"http://127.0.0.1:{port}", heard.phones)
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(STOPPING_SECONDS)
        shutil.rmtree(home, ignore_errors=True)
