"""Nothing of a person leaves `persons`: not in logs, Redis, metrics, jobs, journal, outbox, addresses."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import redis
import structlog
from sqlalchemy import LargeBinary, Table, select, text

from outreach.log import configure_logging
from outreach.storage import tables
from tests.web.case_files import CONTACT, FILE, NAMED_CONTACT, POSITIVE, leaks
from tests.web.conftest import Day, Someone, day
from tests.web.test_calls import bring_in, call, next_entry, until

__all__ = ["day"]
pytestmark = pytest.mark.journey
ANSWERS = {
    "speaking_with": "person",
    "name_confirmed": True,
    "birth_date_confirmed": True,
    "has_symptoms": True,
    "symptoms_told": "Zéphyrine Quatrevaux tousse",
}
REPLY = "Bonjour, c'est Zéphyrine Quatrevaux, rappelez-moi au 06 39 98 00 12"


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """All that is logged, at the most talkative level."""
    root = logging.getLogger()
    kept, handlers, level = structlog.get_config(), root.handlers, root.level
    stream = io.StringIO()
    configure_logging("DEBUG", stream=stream)
    yield stream
    structlog.configure(**kept)
    root.handlers, root.level = handlers, level


def _journey(day: Day) -> None:
    """Import, interview, a contact named, a note, a reply, a refused request, a failure."""
    bring_in(day)
    day.company.set_phone(POSITIVE, voice="answers", talk_seconds=0)
    agent, supervisor = day.hire("agent"), day.hire("supervisor")
    in_hand = next_entry(agent)
    attempt_id = call(agent, in_hand["entry"]["entry_id"])
    until(agent, attempt_id, "ANSWERED")
    record_id = in_hand["card"]["case_record"]["id"]
    assert agent.post(f"/case-records/{record_id}/contacts", NAMED_CONTACT).status_code == 201
    for question, value in ANSWERS.items():
        answer = agent.put(f"/attempts/{attempt_id}/answers/{question}", {"value": value})
        assert answer.status_code == 200, answer.text
    assert agent.get(f"/attempts/{attempt_id}/script").json()["identity_confirmed"]
    refused = agent.put(f"/attempts/{attempt_id}/answers/has_symptoms", {"value": REPLY})
    assert refused.status_code == 422
    said = {"outcome": "CALLBACK_AT", "callback_at": "2021-03-16T15:00:00Z", "note": REPLY}
    assert agent.post(f"/attempts/{attempt_id}/outcome", said).status_code == 200
    key = {"Idempotency-Key": "once"}
    assert agent.post("/calls/next", headers=key).status_code == 200
    day.app.provider_events.receive_inbound_message(
        {"MessageSid": "SM" + "3" * 32, "From": POSITIVE, "To": "+33536490001", "Body": REPLY}, None
    )
    agent.post(f"/case-records/{record_id}/contacts", {"family_name": "Quatrevaux", "phone_1": "0639980012"})
    agent.post("/calls/next", {"queues": [POSITIVE]})
    switch = {"mode": "SMS_CONTACTS", "reason": "too many", "version": 1}
    assert supervisor.put("/platforms/40/mode", switch).status_code == 200
    agent.post("/entries/release")
    _campaign(day, supervisor)
    day.app.messaging.sending.send_due(most_seconds=5)
    day.app.upkeep.run()


def _campaign(day: Day, supervisor: Someone) -> None:
    """Its people named by a file, with a row to mend; started, failed, exported, and letters."""
    plan = {"text": "campaign_isolation_check"}
    draft = {"platform": "40", "name": "Contrôle", "channel": "SMS", "plan": plan}
    path = f"/campaigns/{supervisor.post('/campaigns', draft).json()['id']}"
    content = f"telephone_1\n{CONTACT}\n{NAMED_CONTACT['phone_1']} Quatrevaux\n".encode()
    told = supervisor.ask("POST", f"{path}/audience-file", files={"file": ("Boisjoli.csv", content)})
    assert (told.status_code, told.json()["people"]) == (200, 1), told.text
    counted = supervisor.post(f"{path}/count").json()["counted"]["members"]
    supervisor.post(f"{path}/preview")
    assert supervisor.post(f"{path}/start", {"confirmed_count": counted}).status_code == 200
    day.app.campaigning.work.run()
    assert supervisor.get(f"{path}/members.csv").status_code == 200
    supervisor.post(f"{path}/letters")
    supervisor.get(f"{path}/letters/1.csv")


def _of_redis(url: str) -> str:
    with redis.Redis.from_url(url) as client:
        seen = []
        for key in client.scan_iter():
            kind = client.type(key)
            readers: dict[bytes, Any] = {
                b"string": client.get,
                b"hash": client.hgetall,
                b"set": client.smembers,
                b"list": lambda k: client.lrange(k, 0, -1),
                b"zset": lambda k: client.zrange(k, 0, -1),
                b"stream": client.xrange,
            }
            seen.append(f"{key!r} {readers[kind](key)!r}")
    return "\n".join(seen)


def _in_clear(table: Table) -> list[str]:
    """Columns that are neither sealed nor keyed."""
    return [column.name for column in table.columns if not isinstance(column.type, LargeBinary)]


def test_names_and_numbers_appear_nowhere_but_sealed(day: Day, logs: io.StringIO, redis_url: str) -> None:
    _journey(day)
    figures = day.hire("auditor").web.get("/metrics").text
    assert "outreach_entries" in figures
    assert 'outreach_campaigns{channel="SMS",platform="40"' in figures
    told = {"logs": logs.getvalue(), "redis": _of_redis(redis_url), "metrics": figures}
    with day.app.database.begin() as connection:
        for table in tables.metadata.sorted_tables:
            rows = connection.execute(select(*(table.c[name] for name in _in_clear(table)))).all()
            told[f"table {table.name}"] = "\n".join(map(str, rows))
        statements = connection.execute(text("select query from pg_stat_activity")).scalars()
        told["statements"] = "\n".join(str(statement) for statement in statements)
    found = {place: leaks(content) for place, content in told.items() if leaks(content)}
    assert found == {}
    for place in ("table journal", "table outbox", "logs", "redis"):
        assert told[place], f"nothing was looked at in {place}"


def test_the_canaries_would_be_seen() -> None:
    assert leaks(FILE.decode())
    assert leaks(REPLY)


def test_what_is_sealed_cannot_be_read_as_text(day: Day) -> None:
    bring_in(day)
    with day.app.database.begin() as connection:
        sealed = connection.execute(select(tables.persons.c.id, tables.persons.c.sealed)).all()
    assert len(sealed) == 2
    for person_id, value in sealed:
        assert isinstance(person_id, UUID)
        assert leaks(bytes(value).decode("latin-1")) == []
