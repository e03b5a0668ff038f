"""Load shedding through the public API: a wave, a proposal, the switch, SMS, the way back, the figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from outreach.clock import SetClock
from outreach.storage import tables
from tests.call_list_rows import add_contact, add_positive
from tests.message_world import give_numbers
from tests.web.conftest import Day, Someone
from tests.web.test_messages_journey import statuses, wait_until

CONTACTS, POSITIVES = 60, 2
MODE = "/platforms/40/mode"


def put_people(day: Day) -> None:
    with day.app.database.begin() as connection:
        for n in range(CONTACTS):
            contact = add_contact(connection, day.app.clock.now())
            give_numbers(connection, day.app.vault, contact, (f"+3363998{n:04}",))
        for _ in range(POSITIVES):
            add_positive(connection, day.app.clock.now())


def end_the_wave(day: Day) -> None:
    entries, cases = tables.call_list_entries, tables.case_records
    with day.app.database.begin() as connection:
        connection.execute(
            update(entries).where(entries.c.state.in_(["READY", "WAITING"])).values(state="CLOSED")
        )
        long_ago = day.app.clock.now() - timedelta(days=60)
        connection.execute(update(cases).where(cases.c.kind == "POSITIVE").values(listed_at=long_ago))


def preview_of(someone: Someone, mode: str) -> Any:
    return next(each for each in someone.get(f"{MODE}/preview").json() if each["mode"] == mode)


def test_a_wave_is_proposed_switched_texted_and_taken_back(day: Day) -> None:
    supervisor, agent = day.hire("supervisor"), day.hire("agent")
    assert agent.post("/shift/start", {"platform": "40"}).status_code == 204
    put_people(day)

    # The forecast sees it coming.
    forecast = supervisor.get("/platforms/40/forecast").json()
    assert forecast["in_force"] == forecast["modes"][0]["preview"]["mode"] == "NORMAL"
    assert forecast["modes"][0]["preview"]["called"] == CONTACTS + POSITIVES
    shed = preview_of(supervisor, "SMS_CONTACTS")
    assert (shed["called"], shed["texted"]) == (POSITIVES, CONTACTS)
    assert shed["contacts_informed"] > preview_of(supervisor, "NORMAL")["contacts_informed"]

    # AUTO proposes; a supervisor accepts.
    assert supervisor.put(f"{MODE}/auto", {}).json()["setting"] == "PROPOSE"
    assert day.app.modes.auto.run() == 1
    (proposal,) = supervisor.get(f"{MODE}/auto").json()["proposals"]
    alarms = [alarm for alarm in supervisor.get("/alarms").json() if alarm["kind"] == "MODE_PROPOSED"]
    assert alarms[0]["facts"]["because"] == proposal["because"]
    assert agent.post(f"{MODE}/proposals/{proposal['id']}/accept").status_code == 403
    assert supervisor.post(f"{MODE}/proposals/{proposal['id']}/accept").status_code == 204
    in_force = supervisor.get(MODE).json()
    assert (in_force["mode"], in_force["reason"]) == (proposal["mode"], proposal["because"])

    # The supervisor goes on to texting every contact, until the evening; whoever looks late is told.
    wish = {"mode": "SMS_CONTACTS", "reason": "wave", "version": in_force["version"]}
    assert supervisor.put(MODE, wish).status_code == 200
    late = supervisor.put(MODE, wish)
    assert (late.status_code, late.json()["code"]) == (409, "mode_switched_meanwhile")
    assert supervisor.get(f"{MODE}/progress").json()["to_text"] == CONTACTS
    day.app.messaging.sending.send_due(most_seconds=20)
    told = supervisor.get(f"{MODE}/progress").json()
    assert (told["to_text"], told["texted"], told["standstill"]) == (0, CONTACTS, None)
    assert told["done_at"]
    wait_until(lambda: statuses(day).count("DELIVERED") == CONTACTS)

    # The wave falls: back to calls, and nobody is left behind.
    end_the_wave(day)
    version = supervisor.get(MODE).json()["version"]
    assert supervisor.post(f"{MODE}/undo", {"version": version}).json()["mode"] == proposal["mode"]
    back = {"mode": "NORMAL", "reason": "the wave is over", "version": version + 1}
    assert supervisor.put(MODE, back).json()["mode"] == "NORMAL"
    clock = day.app.clock
    assert isinstance(clock, SetClock)
    clock.advance(timedelta(hours=25))
    assert day.app.messaging.sweeps.return_unread() == CONTACTS
    assert preview_of(supervisor, "NORMAL")["classes"] == {"6": CONTACTS}

    # The figures and the history tell it all.
    history = supervisor.get(f"{MODE}/history").json()["items"]
    assert [line["facts"]["mode"] for line in history] == [
        "NORMAL",
        proposal["mode"],
        "SMS_CONTACTS",
        proposal["mode"],
    ]
    figures = day.app.service_level.figures("40", clock.now() - timedelta(days=2), clock.now())
    assert figures.contacts == figures.contacts_informed_in_time == CONTACTS


def test_modes_of_a_platform_are_edited_planned_and_switched_by_region(day: Day) -> None:
    supervisor = day.hire("supervisor")
    rules = supervisor.get("/platforms/40/modes").json()
    low = next(rule for rule in rules if rule["mode"] == "SMS_LOW_RISK")
    assert (low["version"], low["texts"]) == (0, ["OTHERS"])
    change = {**low, "texts": ["OTHERS", "HOUSEHOLD"], "reason": "ours"}
    del change["mode"]
    assert supervisor.put("/platforms/40/modes/SMS_LOW_RISK", change).json()["version"] == 1
    assert supervisor.put("/platforms/40/modes/SMS_LOW_RISK", change).status_code == 409
    broken = supervisor.put("/platforms/40/modes/SMS_CONTACTS", {**change, "texts": [], "version": 0})
    assert broken.json()["errors"][0]["field"] == "texts"
    (version,) = supervisor.get("/platforms/40/modes/SMS_LOW_RISK/versions").json()
    assert version["reason"] == "ours"

    starts_at = (day.app.clock.now() + timedelta(hours=1)).isoformat()
    planned = supervisor.post(
        f"{MODE}/planned", {"mode": "LIGHT", "reason": "Monday", "starts_at": starts_at}
    )
    assert planned.status_code == 201, planned.text
    assert supervisor.ask("DELETE", f"{MODE}/planned/{planned.json()['id']}").status_code == 204
    assert [each["state"] for each in supervisor.get(f"{MODE}/planned").json()] == ["CANCELLED"]

    places = {place["code"]: place["platforms"] for place in supervisor.get("/territories").json()}
    assert places == {"40": ["40"], "FR-NAQ": ["40"], "FR": ["40"]}
    wish = {"mode": "LIGHT", "reason": "region", "versions": {"40": 7}}
    refused = supervisor.put("/territories/FR-NAQ/mode", wish)
    assert refused.status_code == 409
    assert len(refused.json()["conflicts"]) == 1
    switched = supervisor.put("/territories/FR-NAQ/mode", {**wish, "versions": {"40": 1}})
    assert [row["mode"] for row in switched.json()] == ["LIGHT"]
    assert supervisor.get("/territories/FR-NAQ/mode").json()[0]["version"] == 2
    stranger = day.hire("supervisor", login="stranger", platforms=())
    assert stranger.get("/territories/FR/mode").status_code in (403, 404)
