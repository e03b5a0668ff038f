"""A switch under load: contacts by the ten thousand, agents leasing and senders sending all the while.

    python -m benchmarks.mode_switch [--contacts 60000] [--agents 8] [--workers 1] [--latency 0.05]

Prints how long the switch took, how long until the carrier had taken every SMS, what leases took meanwhile,
and what a checker finds in the journal: leases or SMS under another version than that in force, people both
called and texted, contacts handed out while positives waited. PostgreSQL and Redis are embedded ones in a
temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import text

from benchmarks import plain_sending
from benchmarks.sending_world import Servers, fill, servers_in, settings
from outreach.bootstrap import App, build_app
from outreach.domain.load_shedding import Mode
from outreach.log import configure_logging
from outreach.services.access import NewUser
from outreach.storage.database import Database

POSITIVES = 2_000
PAUSE = 0.15  # seconds between leases: 8 agents make 50 a second, thirty times a national day's pace
# Cases and entries of the people of benchmarks.sending_world, whose queued messages are taken away.
LIST_THEM = """
insert into case_records (id, platform, person_id, kind, result_at, listed_at, deadline)
  select p.id, '40', p.id, case when p.place <= :positives then 'POSITIVE' else 'CONTACT' end,
    case when p.place <= :positives then now() end, now(), now() + interval '24 hours'
  from (select id, row_number() over (order by id) as place from persons) p;
insert into call_list_entries (id, platform, case_record_id, person_id, purpose, state, call_class,
    shed_level, effective_deadline, deadline, number_index, entered_at)
  select c.id, '40', c.id, c.person_id, case c.kind when 'POSITIVE' then 'INTERVIEW' else 'INFORM' end,
    'READY',
    case c.kind when 'POSITIVE' then 1 else 5 end, case c.kind when 'POSITIVE' then 0 else 2 end,
    c.deadline, c.deadline, ph.number_index, now()
  from case_records c join person_phones ph on ph.person_id = c.person_id;
"""
BOTH = """
select count(*) from (
  select entry_id, event, lag(event) over (partition by entry_id order by id) as before from journal
  where event in ('ENTRY_LEASED', 'ENTRY_RELEASED', 'ENTRY_SHED', 'ENTRY_RETURNED')) lines
where (event = 'ENTRY_SHED' and before = 'ENTRY_LEASED') or (event = 'ENTRY_LEASED' and before = 'ENTRY_SHED')
"""
WRONG_VERSION = """
with modes as (select 1 as version, 1 as level union all
  select (facts ->> 'version')::integer, case facts ->> 'mode' when 'SMS_CONTACTS' then 3 else 1 end
  from journal where event = 'MODE_SWITCHED')
select count(*) from journal j join modes m on m.version = (j.facts ->> 'mode_version')::integer
join call_list_entries e on e.id = j.entry_id
where (j.event = 'ENTRY_SHED' and e.shed_level > m.level)
   or (j.event = 'ENTRY_LEASED' and e.shed_level > 0 and e.shed_level <= m.level)
"""


class Agent(threading.Thread):
    """Leases and gives back until told to stop."""

    def __init__(self, app: App, number: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.app, self.stop = app, stop
        self.took: list[float] = []
        self.behind = 0
        self.id = app.access.add_user(NewUser(f"agent{number}", ["agent"], ["40"], ("fr",)))

    def run(self) -> None:
        while not self.stop.is_set():
            began = time.perf_counter()
            leased = self.app.call_list.next_entry(self.id, platforms=["40"], languages=["fr"])
            self.took.append(time.perf_counter() - began)
            if leased is not None:
                self.behind += leased.call_class != 1
                self.app.call_list.release(self.id, because="benchmark")
            self.stop.wait(PAUSE)


def start_worker(servers: Servers) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.send_rate", "--role", "ours"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {plain_sending.SERVERS: json.dumps(asdict(servers))},
        text=True,
    )


def ready_workers(servers: Servers, count: int) -> list[subprocess.Popen[str]]:
    """Senders that wait for the word."""
    senders = [start_worker(servers) for _ in range(count)]
    for sender in senders:
        assert sender.stdout is not None
        sender.stdout.readline()
    return senders


def fill_list(database: Database, contacts: int) -> None:
    """Contacts and positives on a list that nobody was texted from yet."""
    fill(database, contacts + POSITIVES)
    with database.begin() as connection:
        connection.execute(text("delete from messages"))
        for statement in LIST_THEM.strip().split(";")[:-1]:
            connection.execute(text(statement), {"positives": POSITIVES} if ":positives" in statement else {})
        connection.execute(text("update platform_modes set level = 1"))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))


@dataclass(frozen=True)
class Wave:
    """Seconds from the switch, and the senders' processor time."""

    switched: float
    all_taken: float
    processor: float


def switch_and_send(app: App, servers: Servers, senders: list[subprocess.Popen[str]], contacts: int) -> Wave:
    """The switch, then every sender at once, until the carrier has taken all."""
    began = time.perf_counter()
    app.switch.switch("40", Mode.SMS_CONTACTS, reason="benchmark", author_id=None, expected_version=1)
    switched = time.perf_counter() - began
    for sender in senders:
        assert sender.stdin is not None
        sender.stdin.write("go\n")
        sender.stdin.flush()
    while servers.taken() < contacts and time.perf_counter() - began < 600:
        time.sleep(0.1)
    all_taken = time.perf_counter() - began
    return Wave(switched, all_taken, sum(float(each.stdout.readline()) for each in senders if each.stdout))


def measure(servers: Servers, contacts: int, agents: int, workers: int) -> dict[str, object]:
    database = Database(servers.database_url)
    fill_list(database, contacts)
    app, stop = build_app(settings(servers)), threading.Event()
    crew = [Agent(app, number, stop) for number in range(agents)]
    senders = ready_workers(servers, workers)
    for agent in crew:
        agent.start()
    time.sleep(1)
    before = {agent.id: len(agent.took) for agent in crew}
    wave = switch_and_send(app, servers, senders, contacts)
    stop.set()
    for agent in crew:
        agent.join()
    took = sorted(each for agent in crew for each in agent.took[before[agent.id] :])
    with database.begin() as connection:
        both = connection.execute(text(BOTH)).scalar_one()
        wrong = connection.execute(text(WRONG_VERSION)).scalar_one()
    taken = servers.taken()
    for sender in senders:
        sender.communicate()
    app.close()
    database.close()
    return {
        "contacts": contacts,
        "switch_ms": round(1000 * wave.switched, 1),
        "all_sms_accepted_s": round(wave.all_taken, 1),
        "sms": taken,
        "sender_us_of_processor_an_sms": round(wave.processor / max(1, taken) * 1e6, 1),
        **lease_figures(took),
        "called_and_texted": both,
        "under_another_version": wrong,
        "contacts_leased_before_a_positive": sum(agent.behind for agent in crew),
    }


def lease_figures(took: list[float]) -> dict[str, object]:
    return {
        "leases": len(took),
        "lease_p50_ms": round(1000 * took[len(took) // 2], 1),
        "lease_p99_ms": round(1000 * took[int(len(took) * 0.99)], 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--contacts", type=int, default=60_000)
    parser.add_argument("--agents", type=int, default=8)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds before the carrier answers")
    chosen = parser.parse_args()
    configure_logging("ERROR")
    folder = Path(tempfile.mkdtemp(prefix="mode-switch-"))
    try:
        with servers_in(folder, chosen.latency) as servers:
            figures = measure(servers, chosen.contacts, chosen.agents, chosen.workers)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for name, value in figures.items():
        print(f"{name:>34}: {value}")


if __name__ == "__main__":
    main()
