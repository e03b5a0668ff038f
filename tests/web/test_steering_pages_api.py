"""What the steering pages need, over the public API: shifts, notices' readers, AUTO's aims, the history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from outreach.bootstrap import App
from outreach.clock import SetClock
from outreach.ids import new_id
from outreach.storage import tables
from tests.call_list_rows import add_contact, add_positive
from tests.web.conftest import Hire, Someone

DAY = "2021-03-17"
SHIFT = {"day": DAY, "starts": "08:30", "ends": "17:00", "positions": 4}


@pytest.fixture
def supervisor(hire: Hire) -> Someone:
    return hire("supervisor")


def shifts(someone: Someone) -> list[tuple[int | None, str]]:
    planned = someone.get("/platforms/40/rota", params={"since": DAY, "until": DAY}).json()
    return [(each["positions"], each["login"]) for each in planned]


def test_a_shift_is_added_changed_and_taken_away(supervisor: Someone, hire: Hire) -> None:
    hire("agent", login="anne")
    added = supervisor.post("/platforms/40/shifts", SHIFT).json()["id"]
    assert shifts(supervisor) == [(4, "")]
    named = {"day": DAY, "starts": "9h", "ends": "24:00", "agent": "anne"}
    assert supervisor.put(f"/shifts/{added}", named).status_code == 204
    assert shifts(supervisor) == [(None, "anne")]
    assert supervisor.ask("DELETE", f"/shifts/{added}").status_code == 204
    assert shifts(supervisor) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ends": "08:00"}, "until"),
        ({"starts": "noon"}, "from"),
        ({"agent": "anne"}, "positions"),
        ({"positions": None, "agent": "nobody"}, "agent"),
    ],
)
def test_a_shift_that_cannot_be_says_what_to_mend(
    supervisor: Someone, change: dict[str, object], field: str
) -> None:
    refused = supervisor.post("/platforms/40/shifts", SHIFT | change)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert shifts(supervisor) == []


def test_a_shift_is_its_platforms_own(supervisor: Someone, hire: Hire) -> None:
    stranger = hire("supervisor", login="x", platforms=("33",))
    added = supervisor.post("/platforms/40/shifts", SHIFT).json()["id"]
    assert stranger.put(f"/shifts/{added}", SHIFT).status_code == 404
    assert stranger.ask("DELETE", f"/shifts/{added}").status_code == 404
    assert hire("agent").post("/platforms/40/shifts", SHIFT).status_code == 403


def test_a_week_is_told_from_its_monday_with_its_holidays(supervisor: Someone) -> None:
    away = {"starts_at": "2021-04-05T22:00:00Z", "ends_at": "2021-04-06T12:00:00Z", "positions": 1}
    for day in ("2021-04-05", "2021-04-06"):
        supervisor.post("/platforms/40/shifts", SHIFT | {"day": day})
    assert supervisor.post("/platforms/40/absences", away).status_code == 201
    week = supervisor.get("/platforms/40/rota/week", params={"day": "2021-04-08"}).json()
    assert [each["day"] for each in week] == [f"2021-04-{n:02}" for n in range(5, 12)]
    assert [each["holiday"] for each in week[:2]] == ["Lundi de Pâques", ""]
    assert [each["hours"] for each in week[:3]] == [34.0, 34.0 - 5.5, 0.0]
    assert [len(each["absences"]) for each in week[:3]] == [0, 1, 0]
    assert [each["known"] for each in week[:3]] == [True, True, False]
    assert len(supervisor.get("/platforms/40/rota/week").json()) == 7


def test_its_authors_see_who_has_read_a_notice_of_a_platform_or_a_region(
    supervisor: Someone, hire: Hire
) -> None:
    anne = hire("agent", login="anne")
    hire("agent", login="elsewhere", platforms=("33",))
    for place in ({"platform": "40"}, {"region": "75"}):
        assert supervisor.post("/notices", {"title": "t", "text": "x", **place}).status_code == 201
    newest, oldest = supervisor.get("/notices/published").json()["items"]
    assert (newest["region"], newest["author"]) == ("75", "supervisor")
    assert anne.post(f"/notices/{newest['id']}/acknowledge").status_code == 204
    counted = [
        (each["concerned"], each["acknowledged"])
        for each in supervisor.get("/notices/published").json()["items"]
    ]
    assert counted == [(2, 1), (2, 0)], "the supervisor calls too"
    assert supervisor.ask("DELETE", f"/notices/{oldest['id']}").status_code == 204
    first = supervisor.get("/notices/published", params={"limit": 1}).json()
    (last,) = supervisor.get("/notices/published", params={"cursor": first["next"]}).json()["items"]
    assert last["withdrawn_at"], "what was withdrawn stays in the list"
    assert anne.get("/notices/published").status_code == 403


def test_the_watch_list_is_read_by_kind_and_by_age(app: App, supervisor: Someone, clock: SetClock) -> None:
    with app.database.begin() as connection:
        positive, contact = add_positive(connection, clock.now()), add_contact(connection, clock.now())
        rows = [(positive, "NO_RESULT"), (contact, "NO_POSITIVE")]
        for each, why in rows:
            connection.execute(
                insert(tables.watched_records).values(
                    case_record_id=each.case_record_id, platform="40", why=why, since=clock.now()
                )
            )
    assert supervisor.get("/platforms/40/watch-list/counts").json() == {"NO_RESULT": 1, "NO_POSITIVE": 1}

    def found(**asked: object) -> list[str]:
        items = supervisor.get("/platforms/40/watch-list", params=asked).json()["items"]
        return [item["why"] for item in items]

    assert found(why="NO_POSITIVE") == ["NO_POSITIVE"]
    assert found(days=7) == []
    clock.advance(timedelta(days=8))
    assert found(days=7) == ["NO_RESULT", "NO_POSITIVE"]


def test_auto_has_aims_of_its_own_and_a_declined_proposal_keeps_the_reason(
    app: App, supervisor: Someone, clock: SetClock
) -> None:
    auto = "/platforms/40/mode/auto"
    assert supervisor.get(auto).json()["targets"] == {"called": 0.99, "informed": 0.95}
    aims = {"called": 0.9, "informed": 0.8}
    assert supervisor.put(auto, {"targets": aims}).json()["targets"] == aims
    assert supervisor.put(auto, {"setting": "PROPOSE"}).json()["targets"] == aims, "they stay"
    assert supervisor.put(auto, {"targets": aims | {"called": 0.2}}).status_code == 422
    with app.database.begin() as connection:
        for _ in range(120):
            add_contact(connection, clock.now())
    app.modes.auto.run()
    (proposal,) = supervisor.get(auto).json()["proposals"]
    assert (proposal["from_mode"], proposal["called"]) == ("NORMAL", None), "nobody is positive"
    decline = f"/platforms/40/mode/proposals/{proposal['id']}/decline"
    assert supervisor.post(decline, {"reason": "help is coming"}).status_code == 204
    assert supervisor.get(auto).json()["proposals"][0]["answer_reason"] == "help is coming"
    app.modes.auto.run()
    decisions = supervisor.get(f"{auto}/decisions", params={"limit": 1}).json()
    assert (decisions["items"][0]["facts"]["done"], decisions["next"] is None) == ("HELD", False)
    older = supervisor.get(f"{auto}/decisions", params={"cursor": decisions["next"]}).json()
    assert [each["facts"]["done"] for each in older["items"]] == ["PROPOSED"]
    assert older["items"][0]["facts"]["about"] == proposal["mode"]
    wrong = supervisor.get(f"{auto}/decisions", params={"cursor": "bm90IG91cnM="})
    assert wrong.status_code == 422


def test_the_history_says_who_for_how_long_and_what_was_sent(
    app: App, supervisor: Someone, clock: SetClock
) -> None:
    mode = "/platforms/40/mode"
    begun = clock.now()
    for wanted, version in (("SMS_CONTACTS", 1), ("NORMAL", 2)):
        body = {"mode": wanted, "reason": "wave", "version": version}
        assert supervisor.put(mode, body).status_code == 200
        clock.advance(timedelta(hours=3))
    with app.database.begin() as connection:
        contact = add_contact(connection, clock.now())
        connection.execute(
            insert(tables.messages).values(
                id=new_id(),
                platform="40",
                person_id=contact.person_id,
                purpose="CONTACT_INFORMED",
                status="READ",
                urgency=1,
                number_index=b"n",
                phone_position=0,
                sender="s",
                template="t",
                template_version=1,
                mode_version=2,
                language="fr",
                segments=2,
                send_id=new_id(),
                not_before=begun,
                useful_until=clock.now(),
                created_at=begun,
            )
        )
    back, shed = supervisor.get(f"{mode}/history").json()["items"]
    assert (back["by"], back["until"]) == ("supervisor", None)
    assert shed["until"] == back["at"]
    assert shed["texted"] == {"messages": 1, "delivered": 1, "read": 1, "called_after_all": 0}
    first = supervisor.get(f"{mode}/history", params={"limit": 1}).json()
    rest = supervisor.get(f"{mode}/history", params={"cursor": first["next"]}).json()
    assert (first["items"], rest["items"], rest["next"]) == ([back], [shed], None)
    ending = {"mode": "LIGHT", "reason": "day", "version": 3}
    supervisor.put(mode, ending | {"ends_at": (clock.now() + timedelta(hours=1)).isoformat()})
    clock.advance(timedelta(hours=2))
    (light, *_) = supervisor.get(f"{mode}/history").json()["items"]
    assert light["until"] == light["facts"]["ends_at"].replace("+00:00", "Z"), "it ended by itself"


def test_past_forecasts_are_told_day_by_day(app: App, supervisor: Someone, clock: SetClock) -> None:
    with app.database.begin() as connection:
        connection.execute(
            insert(tables.forecasts).values(
                id=new_id(),
                platform="40",
                mode="NORMAL",
                mode_version=1,
                made_at=clock.now() - timedelta(days=2),
                hours=24,
                until=clock.now() - timedelta(days=1),
                state="SCORED",
                called=0.9,
                called_seen=0.8,
            )
        )
    (day,) = supervisor.get("/platforms/40/forecast/past").json()
    assert (day["forecasts"], day["called"], day["called_seen"], day["informed"]) == (1, 0.9, 0.8, None)
    ahead = supervisor.get("/platforms/40/forecast").json()
    assert ahead["learned_from"] == 0
    assert len(ahead["modes"][0]["curve"]) == 72
