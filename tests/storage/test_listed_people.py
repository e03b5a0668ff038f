"""One walk over the list gives a forecast and a mode the groups that a count of each would."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

from sqlalchemy import text

from outreach.services.outlooks import as_backlog, as_waiting
from outreach.storage import listed_people_store
from outreach.storage.database import Database
from tests.conftest import MORNING

HOURS = 72
FILLED = """
insert into call_list_entries (id, platform, case_record_id, person_id, purpose, state, queue, call_class,
    effective_deadline, deadline, shed_level, tries, entered_at, lease_id, loan)
  values (gen_random_uuid(), '40', gen_random_uuid(), gen_random_uuid(), :purpose, :state, :queue,
    :call_class, :deadline, :deadline, :shed_level, :tries, :now,
    case when :state = 'LEASED' then gen_random_uuid() end, :loan)
"""
# As it was counted before, one statement for each.
FOR_A_FORECAST = """
    select purpose, least(tries, 2), case when state = 'LEASED' then 0 else shed_level end, call_class = 6,
      greatest(-1, least(:hours, floor(extract(epoch from effective_deadline - :now) / 3600)))::integer, 0,
      loan, count(*)
    from call_list_entries
    where platform = '40' and state in ('READY', 'WAITING', 'LEASED') and queue <> 'SEARCH'
    group by 1, 2, 3, 4, 5, 7
"""
FOR_A_MODE = """
    select purpose, shed_level, call_class, count(*) from call_list_entries
    where platform = '40' and state in ('READY', 'WAITING') group by 1, 2, 3
"""


def test_people_are_counted_as_by_a_statement_for_each_use(database: Database, platform: str) -> None:
    chance = random.Random(7)
    moments = [timedelta(hours=h) for h in (-200, -1, 0, 1, 71, 72, 73, 500)]
    with database.begin() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        for _ in range(400):
            off = chance.choice([0, 0, 1, 1_800_000_000, 3_599_999_999])
            connection.execute(
                text(FILLED),
                {
                    "purpose": chance.choice(["INTERVIEW", "INFORM", "FOLLOW_UP"]),
                    "state": chance.choice(["READY", "WAITING", "LEASED", "TEXTED", "CLOSED"]),
                    "queue": chance.choice(["AGENTS", "SENIORS", "SEARCH"]),
                    "call_class": chance.choice([1, 3, 5, 6]),
                    "deadline": MORNING + chance.choice(moments) + timedelta(microseconds=off),
                    "shed_level": chance.choice([0, 2, 3]),
                    "tries": chance.choice([0, 1, 2, 5]),
                    "loan": chance.choice([0, 0, 4]),
                    "now": MORNING,
                },
            )
        listed = listed_people_store.listed(connection, "40", now=MORNING, hours=HOURS)
        in_hand = listed_people_store.in_hand(connection, "40", now=MORNING, hours=HOURS)
        asked = {"now": MORNING, "hours": HOURS}
        forecast = connection.execute(text(FOR_A_FORECAST), asked).all()
        mode = connection.execute(text(FOR_A_MODE)).all()
    alike: Counter[tuple[object, ...]] = Counter()
    for group in as_waiting(listed) + in_hand:
        alike[group[:-1]] += group.people
    assert alike == Counter({tuple(row[:-1]): row[-1] for row in forecast})
    assert {group[:-1]: group.people for group in as_backlog(listed)} == {row[:-1]: row[-1] for row in mode}
