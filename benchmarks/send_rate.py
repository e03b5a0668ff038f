"""How fast messages are sent with the full ledger, beside the plain way: one RQ job for each SMS.

    python -m benchmarks.send_rate [--messages 30000] [--workers 2] [--latency 0.05] [--plain-seconds 15]

The carrier answers 50 ms late, from a process of its own. PostgreSQL and Redis are embedded ones in a
temporary folder. Ours: each worker claims and commits, posts, saves the answers, with a journal line a step.
The plain way, in the same run: each worker takes a job, posts it by the official client, commits its answer.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from sqlalchemy import text

from benchmarks import plain_sending
from benchmarks.sending_world import Servers, fill, servers_in, settings
from outreach.bootstrap import build_app
from outreach.log import configure_logging
from outreach.storage.database import Database
from workers.__main__ import NICENESS

PLAIN_JOBS = 3_000


@dataclass(frozen=True)
class Rate:
    """What one way did; microseconds of processor time a message, of the workers and of PostgreSQL."""

    messages: int
    per_second: float
    worker_us: float
    postgres_us: float


def ours(database: Database, servers: Servers, workers: int) -> Rate:
    """The time runs from the moment all workers are ready until the last of them has nothing left."""
    started = [_start("ours", servers) for _ in range(workers)]
    for worker in started:
        assert worker.stdout is not None
        worker.stdout.readline()
    taken, postgres, began = servers.taken(), _postgres_seconds(database), time.perf_counter()
    for worker in started:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    processor = 0.0
    for worker in started:
        assert worker.stdout is not None
        processor += float(worker.stdout.readline())
    took = time.perf_counter() - began
    sent, used = servers.taken() - taken, _postgres_seconds(database) - postgres
    for worker in started:
        worker.communicate()
    return Rate(sent, round(sent / took, 1), round(processor / sent * 1e6, 1), round(used / sent * 1e6, 1))


def plain(servers: Servers, workers: int, seconds: float) -> float:
    """Messages a second once all workers are at it."""
    plain_sending.enqueue(servers, PLAIN_JOBS)
    started = [_start("plain", servers) for _ in range(workers)]
    try:
        while servers.taken() < workers:
            time.sleep(0.05)
        before, began = servers.taken(), time.perf_counter()
        time.sleep(seconds)
        return (servers.taken() - before) / (time.perf_counter() - began)
    finally:
        for worker in started:
            worker.terminate()
            worker.terminate()  # RQ: at once, without the warm good-bye
        for worker in started:
            worker.wait()


def _start(role: str, servers: Servers) -> subprocess.Popen[str]:
    told = json.dumps(asdict(servers))
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.send_rate", "--role", role],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {plain_sending.SERVERS: told},
        text=True,
    )


def work() -> None:
    """One worker of ours: says that it is ready, waits for the word, sends all there is."""
    servers = Servers(**json.loads(os.environ[plain_sending.SERVERS]))
    configure_logging("ERROR")
    app = build_app(settings(servers))
    print("ready", flush=True)
    sys.stdin.readline()
    os.nice(NICENESS)
    before = time.process_time()
    app.messaging.sending.send_due(most_seconds=600)
    print(time.process_time() - before, flush=True)
    app.close()


def _postgres_seconds(database: Database) -> float:
    """Processor time of the whole server, those of its processes that ended included."""
    with database.begin() as connection:
        backend = int(connection.execute(text("select pg_backend_pid()")).scalar_one())
    postmaster = psutil.Process(backend).parent()
    assert postmaster is not None
    own = postmaster.cpu_times()
    living = [process.cpu_times() for process in postmaster.children()]
    ended = own.children_user + own.children_system
    return float(own.user + own.system + ended + sum(times.user + times.system for times in living))


def run(messages: int, workers: int, latency: float, plain_seconds: float) -> dict[str, object]:
    """Both ways in one run."""
    folder = Path(tempfile.mkdtemp(prefix="send-rate-"))
    try:
        with servers_in(folder, latency) as servers:
            database = Database(servers.database_url)
            fill(database, messages + PLAIN_JOBS)
            by_jobs = plain(servers, workers, plain_seconds) if plain_seconds else 0.0
            rate = ours(database, servers, workers)
            database.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    ratio = round(rate.per_second / by_jobs, 1) if by_jobs else None
    return {"ours": asdict(rate), "plain_per_second": round(by_jobs, 1), "ratio": ratio}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--messages", type=int, default=30_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds before the carrier answers")
    parser.add_argument("--plain-seconds", type=float, default=15.0, help="0: without the plain way")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--role", choices=["ours", "plain"], help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.role:
        (work if chosen.role == "ours" else plain_sending.work)()
        return
    figures = run(chosen.messages, chosen.workers, chosen.latency, chosen.plain_seconds)
    if chosen.json:
        print(json.dumps(figures, indent=2))
        return
    for name, value in figures.items():
        print(f"{name:>18}: {value}")


if __name__ == "__main__":
    main()
