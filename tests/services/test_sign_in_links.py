"""One-time links, who gives rights to whom, and the lines of what happened."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from outreach.bootstrap import App
from outreach.clock import SetClock
from outreach.errors import Conflict, InvalidInput, NotAllowed, NotFound
from outreach.services.access import NewUser
from outreach.services.sign_in import (
    Entered,
    HalfWay,
    NextStep,
    WrongSignIn,
)
from outreach.services.sign_in_links import LinkGone
from outreach.storage import alarm_store, sign_in_line_store
from outreach.storage.sign_in_line_store import SignInEvent, SignInLine
from tests.sign_in_world import HOME, PASSWORD, SignInWorld, token_of
from tests.web.conftest import app

__all__ = ["app"]


@pytest.fixture
def world(app: App) -> SignInWorld:
    return SignInWorld(app)


def test_the_first_link_makes_one_administrator_once(world: SignInWorld, clock: SetClock) -> None:
    links = world.app.signing_in.links
    void, link = links.first(), links.first()
    with pytest.raises(LinkGone):
        links.look(token_of(void))
    assert links.look(token_of(link)).login is None
    for login in ("", "ab", "two words"):
        with pytest.raises(InvalidInput):
            links.use(token_of(link), login=login, password=PASSWORD, origin=HOME)
    half = links.use(token_of(link), login="admin", password=PASSWORD, origin=HOME)
    assert isinstance(half, HalfWay)
    assert half.step is NextStep.ENROL
    user = world.app.access.user_named("admin")
    assert (user.roles, user.platforms) == (("administrator",), ("40",))
    for again in (link, void):
        with pytest.raises(LinkGone):
            links.use(token_of(again), login="other", password=PASSWORD, origin=HOME)
    with pytest.raises(Conflict):
        links.first()


def test_a_first_link_is_no_good_once_somebody_has_an_account(world: SignInWorld) -> None:
    link = world.app.signing_in.links.first()
    world.account("agent")
    with pytest.raises(LinkGone):
        world.app.signing_in.links.look(token_of(link))


def test_an_invited_user_sets_a_password_by_the_last_link_within_a_day(
    world: SignInWorld, clock: SetClock
) -> None:
    user_id = world.app.access.add_user(NewUser("invited", ["agent"], ["40"]))
    links = world.app.signing_in.links
    void, link = links.invite(user_id), links.invite(user_id)
    with pytest.raises(LinkGone):
        links.use(token_of(void), login="", password=PASSWORD, origin=HOME)
    with pytest.raises(InvalidInput):
        links.use(token_of(link), login="", password="short", origin=HOME)
    entered = links.use(token_of(link), login="ignored", password=PASSWORD, origin=HOME)
    assert isinstance(entered, Entered)
    assert entered.user_id == user_id
    late = links.invite(user_id)
    clock.advance(timedelta(hours=24))
    with pytest.raises(LinkGone):
        links.look(token_of(late))


def test_a_link_for_whoever_has_left_or_works_elsewhere_is_not_made(world: SignInWorld) -> None:
    administrator = world.account("administrator")
    asker = world.app.access.asker_of(administrator)
    left = world.account("agent", login="left")
    link = world.app.signing_in.links.invite(left)
    world.app.access.end_user(left)
    elsewhere = world.account("agent", login="elsewhere", platforms=("33",))
    for user_id in (left, elsewhere):
        with pytest.raises(NotFound):
            world.app.signing_in.links.invite(user_id, asker=asker)
    with pytest.raises(NotAllowed):
        world.app.signing_in.links.invite(administrator, asker=asker)
    with pytest.raises(LinkGone):
        world.app.signing_in.links.look(token_of(link))


def test_nobody_gives_themselves_rights_nor_ends_their_own_account(world: SignInWorld) -> None:
    administrator = world.account("administrator")
    asker = world.app.access.asker_of(administrator)
    with pytest.raises(NotAllowed):
        world.app.access.change_user(administrator, roles=["supervisor"], asker=asker)
    with pytest.raises(NotAllowed):
        world.app.access.end_user(administrator, asker=asker)
    assert world.app.access.user_named("administrator").roles == ("administrator",)


def test_everything_around_signing_in_is_written_down_and_stays(world: SignInWorld) -> None:
    user_id = world.account("agent")
    for login in ("agent", "nobody"):
        with pytest.raises(WrongSignIn):
            world.enter(login, "wrong")
    token = world.signed_in("agent")
    world.app.sessions.end(token)
    world.app.sessions.end_all(user_id)
    world.app.signing_in.links.invite(user_id)
    world.authenticator(user_id)
    world.app.access.end_user(user_id)
    assert world.events() == [
        "USER_ADDED",
        "PASSWORD_SET",
        "WRONG_PASSWORD",
        "WRONG_LOGIN",
        "SIGNED_IN",
        "SIGNED_OUT",
        "SIGNED_OUT_EVERYWHERE",
        "LINK_MADE",
        "FACTOR_SET",
        "USER_ENDED",
    ]
    lines = world.app.signing_in.links.lines(asker=None, user_id=user_id, events=["WRONG_PASSWORD"])
    assert [(line.login, line.address) for line in lines] == [("agent", "home")]
    with pytest.raises(DBAPIError), world.app.database.begin() as connection:
        connection.execute(text("delete from sign_in_lines"))


def test_an_administrator_sees_lines_of_their_platforms_and_of_logins_nobody_has(world: SignInWorld) -> None:
    asker = world.app.access.asker_of(world.account("administrator"))
    world.account("agent", login="elsewhere", platforms=("33",))
    with pytest.raises(WrongSignIn):
        world.enter("nobody", "wrong")
    lines = world.app.signing_in.links.lines(asker=asker)
    assert {line.login for line in lines} == {"administrator", None}
    assert lines[0].event == "WRONG_LOGIN"


def _alarms(world: SignInWorld) -> list[tuple[str | None, str]]:
    with world.app.database.begin() as connection:
        rows = alarm_store.open_alarms(connection, ["40"], most=50)
    return [(row["platform"], row["facts"]["way"]) for row in rows if row["kind"] == "ACCESS_GIVEN"]


def _ways_journaled(world: SignInWorld) -> list[tuple[str, str]]:
    with world.app.database.begin() as connection:
        rows = connection.execute(
            text("select actor, facts from journal where event = 'ACCESS_GIVEN' order by id")
        )
        return [(row.actor, row.facts["way"]) for row in rows]


def test_a_link_or_token_that_an_administrator_makes_for_somebody_else_raises_an_alarm(
    world: SignInWorld,
) -> None:
    administrator, agent = world.account("administrator"), world.account("agent")
    senior = world.account("senior")
    asker = world.app.access.asker_of(administrator)
    world.app.signing_in.links.invite(agent, asker=asker)
    world.app.access.new_token(senior, asker=asker)
    world.app.access.new_token(administrator, asker=asker)
    by = f"user:{administrator}"
    assert _ways_journaled(world) == [(by, "LINK"), (by, "TOKEN")]
    assert sorted(_alarms(world)) == [("40", "LINK"), ("40", "TOKEN")]


def test_a_second_factor_reset_by_an_administrator_raises_an_alarm(world: SignInWorld) -> None:
    asker, agent = world.app.access.asker_of(world.account("administrator")), world.account("agent")
    world.authenticator(agent)
    world.app.signing_in.second_factor.reset(agent, asker=asker)
    assert _alarms(world) == [("40", "FACTOR_RESET")]


def test_the_first_link_of_a_new_account_is_journaled_and_alarms_nobody(world: SignInWorld) -> None:
    asker = world.app.access.asker_of(world.account("administrator"))
    user_id = world.app.access.add_user(NewUser("anne", ["agent"], ["40"]), asker=asker)
    link = world.app.signing_in.links.invite(user_id, asker=asker)
    entered = world.app.signing_in.links.use(token_of(link), login="", password=PASSWORD, origin=HOME)
    assert isinstance(entered, Entered)
    assert not entered.has_news
    assert ([way for _, way in _ways_journaled(world)], _alarms(world)) == (["LINK"], [])


def test_whoever_owns_an_account_is_told_at_the_next_sign_in_what_others_made_for_it(
    world: SignInWorld,
) -> None:
    asker, agent = world.app.access.asker_of(world.account("administrator")), world.account("agent")
    given = world.app.signing_in.given
    for _ in range(2):
        entered = world.enter("agent")
        assert isinstance(entered, Entered)
        assert entered.has_news == bool(given.untold(agent))
        world.app.signing_in.links.invite(agent, asker=asker)
        world.app.access.new_token(agent, asker=asker)
    told = given.untold(agent)
    assert [(line.event, line.by_login) for line in told[:2]] == [
        ("LINK_MADE", "administrator"),
        ("TOKEN_MADE", "administrator"),
    ]
    given.acknowledge(agent, told[1].id)
    assert given.untold(agent) == told[2:]
    given.acknowledge(agent, told[0].id)
    assert given.untold(agent) == told[2:]


@pytest.mark.parametrize("event", [SignInEvent.SIGNED_IN, SignInEvent.SIGNED_IN_OPEN_ID])
def test_a_link_for_an_account_that_is_used_without_a_password_alarms_and_is_told_to_its_owner(
    world: SignInWorld, event: SignInEvent
) -> None:
    asker = world.app.access.asker_of(world.account("administrator"))
    user_id = world.app.access.add_user(NewUser("anne", ["agent"], ["40"]), asker=asker)
    with world.app.database.begin() as connection:
        sign_in_line_store.note(connection, SignInLine(world.app.clock.now(), event, user_id))
    link = world.app.signing_in.links.invite(user_id, asker=asker)
    entered = world.app.signing_in.links.use(token_of(link), login="", password=PASSWORD, origin=HOME)
    assert isinstance(entered, Entered)
    assert entered.has_news, "whoever came in by the link is perhaps not the owner"
    assert [line.event for line in world.app.signing_in.given.untold(user_id)] == ["LINK_MADE"]
    assert _alarms(world) == [("40", "LINK")]


def test_what_the_command_line_makes_for_an_account_in_use_is_journaled_alarms_and_is_told(
    world: SignInWorld,
) -> None:
    agent = world.account("agent")
    world.authenticator(agent)
    world.app.signing_in.links.invite(agent)
    world.app.access.new_token(agent)
    world.app.signing_in.second_factor.reset(agent, asker=None)
    ways = ["LINK", "TOKEN", "FACTOR_RESET"]
    assert _ways_journaled(world) == [("system:command line", way) for way in ways]
    assert _alarms(world) == [("40", "LINK")], "one alarm of an account, until it is settled"
    told = world.app.signing_in.given.untold(agent)
    assert [line.event for line in told] == ["LINK_MADE", "TOKEN_MADE", "FACTOR_REMOVED"]


def test_what_the_command_line_makes_for_an_account_nobody_uses_yet_alarms_nobody(world: SignInWorld) -> None:
    user_id = world.app.access.add_user(NewUser("anne", ["agent"], ["40"]))
    world.app.access.new_token(user_id)
    assert ([way for _, way in _ways_journaled(world)], _alarms(world)) == (["TOKEN"], [])


def test_a_second_factor_that_its_owner_removed_is_no_news_to_them(world: SignInWorld) -> None:
    agent = world.account("agent")
    world.authenticator(agent)
    world.app.signing_in.second_factor.remove(agent)
    assert world.app.signing_in.given.untold(agent) == []
