"""Signing in: what is refused, what has to wait, what ends a session, and what is written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import pytest
import redis
from argon2 import PasswordHasher
from sqlalchemy import text

from outreach.bootstrap import App, build_app
from outreach.clock import SetClock
from outreach.config import Settings
from outreach.domain.roles import Role
from outreach.domain.sign_in_rules import SESSION_IDLE, SESSION_LONGEST
from outreach.errors import ConfigurationError, InvalidInput, NotFound, TooManyRequests
from outreach.services.access import NewUser, NotKnown
from outreach.services.own_account import Proof
from outreach.services.sign_in import (
    Entered,
    Origin,
    WrongSignIn,
)
from outreach.services.sign_in_tries import MustWait
from outreach.storage import credential_store, demo_store
from outreach.storage.database import Database
from outreach.storage.passwords import Passwords
from tests.sign_in_world import CAFE, HOME, OTHER_PASSWORD, PASSWORD, SignInWorld
from tests.web.conftest import app, settings_for

__all__ = ["app"]


@pytest.fixture
def world(app: App) -> SignInWorld:
    return SignInWorld(app)


def test_login_and_password_open_a_session_with_all_that_the_roles_allow(world: SignInWorld) -> None:
    world.account("agent")
    asker = world.app.sessions.asker(world.signed_in("agent"))
    assert asker is not None
    assert asker.roles == {Role.AGENT}
    assert asker.platforms == ("40",)


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("agent", "trois canards verts dansen"),
        ("agent", ""),
        ("agent", PASSWORD.upper()),
        ("Agent", PASSWORD),
        ("nobody", PASSWORD),
        ("", ""),
        ("invited", PASSWORD),  # no password was set
        ("left", PASSWORD),
        ("nobody\x00", PASSWORD),
    ],
)
def test_whatever_is_wrong_is_answered_with_the_same_words(
    world: SignInWorld, login: str, password: str
) -> None:
    world.account("agent")
    world.app.access.add_user(NewUser("invited", ["agent"], ["40"]))
    world.app.access.end_user(world.account("agent", login="left"))
    with pytest.raises(WrongSignIn) as refused:
        world.enter(login, password)
    assert str(refused.value) == "This login and this password do not go together."


def test_an_unknown_login_costs_a_hash_like_a_known_one(world: SignInWorld) -> None:
    class Watched(Passwords):
        asked: ClassVar[list[str | None]] = []

        def fits(self, kept: str | None, password: str) -> bool:
            self.asked.append(kept)
            return super().fits(kept, password)

    world.account("agent")
    sign_in = replace(world.app.signing_in.sign_in, passwords=Watched())
    for login in ("agent", "nobody"):
        with pytest.raises(WrongSignIn):
            sign_in.with_password(login, "wrong", HOME)
    assert [kept is None for kept in Watched.asked] == [False, True]


def test_after_a_few_wrong_tries_the_next_one_waits_and_is_not_looked_at(
    world: SignInWorld, clock: SetClock
) -> None:
    world.account("agent")
    for _ in range(4):
        with pytest.raises(WrongSignIn):
            world.enter("agent", "wrong")
    with pytest.raises(MustWait) as waits:
        world.enter("agent", PASSWORD)
    assert waits.value.seconds == 2
    clock.advance(timedelta(seconds=2))
    assert isinstance(world.enter("agent"), Entered)
    for _ in range(3):  # the right one cleared the count
        with pytest.raises(WrongSignIn):
            world.enter("agent", "wrong")
    assert isinstance(world.enter("agent"), Entered)


def test_a_stranger_who_guesses_does_not_keep_the_owner_out(world: SignInWorld, clock: SetClock) -> None:
    world.account("agent")
    for _ in range(12):
        with pytest.raises((WrongSignIn, MustWait)):
            world.enter("agent", "wrong", CAFE)
        clock.advance(timedelta(minutes=10))
    assert isinstance(world.enter("agent", origin=HOME), Entered)


def test_guessing_one_account_from_many_addresses_slows_down_too(world: SignInWorld) -> None:
    world.account("agent")
    for number in range(30):
        with pytest.raises(WrongSignIn):
            world.enter("agent", "wrong", Origin(f"address {number}"))
    with pytest.raises(MustWait):
        world.enter("agent", "wrong", Origin("yet another"))


def test_many_accounts_from_one_address_slow_down_too(world: SignInWorld, clock: SetClock) -> None:
    for number in range(60):
        with pytest.raises(WrongSignIn):
            world.enter(f"nobody{number}", "wrong", CAFE)
    with pytest.raises(MustWait) as waits:
        world.enter("somebody else", "wrong", CAFE)
    assert waits.value.seconds <= 60


def test_an_emptied_redis_signs_everybody_out_and_forgives_no_wrong_try(
    world: SignInWorld, redis_url: str
) -> None:
    world.account("agent")
    token = world.signed_in("agent")
    for _ in range(4):
        with pytest.raises(WrongSignIn):
            world.enter("agent", "wrong")
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
    assert world.app.sessions.asker(token) is None
    with pytest.raises(MustWait):
        world.enter("agent")


def test_a_session_is_known_by_a_digest_and_holds_nothing_of_a_person(
    world: SignInWorld, redis_url: str
) -> None:
    world.account("agent", login="jeanne.martin")
    token = world.signed_in("jeanne.martin")
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        kept = " ".join([key + str(client.get(key)) for key in client.keys("outreach:session:*")])
    assert "user" in kept
    assert token not in kept
    assert "jeanne" not in kept
    assert "home" not in kept


@pytest.mark.parametrize(
    ("step", "steps", "is_open"),
    [
        (SESSION_IDLE - timedelta(seconds=1), 1, True),
        (SESSION_IDLE, 1, False),
        (timedelta(minutes=20), 30, True),  # ten hours at work
        (timedelta(minutes=20), 36, False),  # twelve hours
    ],
)
def test_a_session_ends_when_idle_and_after_twelve_hours(
    world: SignInWorld, clock: SetClock, step: timedelta, steps: int, is_open: bool
) -> None:
    world.account("agent")
    token, asker = world.signed_in("agent"), None
    for _ in range(steps):
        clock.advance(step)
        asker = world.app.sessions.asker(token)
    assert (asker is not None) == is_open
    assert timedelta(hours=12) == SESSION_LONGEST


def test_whoever_has_left_is_out_at_once(world: SignInWorld) -> None:
    user_id = world.account("agent")
    token = world.signed_in("agent")
    world.app.access.end_user(user_id)
    assert world.app.sessions.asker(token) is None
    assert world.app.sessions.of_user(user_id) == []
    with pytest.raises(NotKnown):
        world.app.sessions.open(user_id)


def test_other_roles_end_the_session_other_platforms_show_at_once(world: SignInWorld) -> None:
    user_id = world.account("agent")
    token = world.signed_in("agent")
    world.app.access.change_user(user_id, platforms=["40", "33"])
    asker = world.app.sessions.asker(token)
    assert asker is not None
    assert asker.platforms == ("40", "33")
    world.app.access.change_user(user_id, roles=["senior"])
    assert world.app.sessions.asker(token) is None


def test_one_signs_out_here_or_there_or_everywhere(world: SignInWorld) -> None:
    user_id = world.account("agent")
    here, there, third = (world.signed_in("agent") for _ in range(3))
    sessions = world.app.sessions
    sessions.end(here)
    assert sessions.asker(here) is None
    [one, _] = sessions.of_user(user_id)
    assert one.session.device == "Firefox, Linux"
    sessions.end_one(user_id, sessions.store.key_of(there))
    assert sessions.asker(there) is None
    assert sessions.asker(third) is not None
    sessions.end_all(user_id)
    assert sessions.asker(third) is None


def test_nobody_ends_the_session_of_somebody_else_by_its_key(world: SignInWorld) -> None:
    world.account("agent")
    stranger = world.account("agent", login="stranger")
    token = world.signed_in("agent")
    world.app.sessions.end_one(stranger, world.app.sessions.store.key_of(token))
    assert world.app.sessions.asker(token) is not None


def test_another_password_ends_every_other_session(world: SignInWorld) -> None:
    user_id = world.account("agent")
    old = world.signed_in("agent")
    own = world.app.signing_in.own
    with pytest.raises(InvalidInput):
        own.change_password(user_id, Proof("wrong"), OTHER_PASSWORD, HOME)
    with pytest.raises(InvalidInput):
        own.change_password(user_id, Proof(PASSWORD), "short", HOME)
    assert world.app.sessions.asker(old) is not None
    entered = own.change_password(user_id, Proof(PASSWORD), OTHER_PASSWORD, HOME)
    assert world.app.sessions.asker(old) is None
    assert world.app.sessions.asker(entered.token) is not None
    with pytest.raises(WrongSignIn):
        world.enter("agent", PASSWORD)


def test_a_password_is_hashed_anew_when_the_parameters_have_risen(world: SignInWorld, app: App) -> None:
    user_id = world.account("agent")
    weak = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
    with app.database.begin() as connection:
        credential_store.save_password(connection, user_id, weak, now=app.clock.now())
    assert isinstance(world.enter("agent"), Entered)
    with app.database.begin() as connection:
        kept = credential_store.of_user(connection, user_id).password_hash
    assert kept not in (None, weak)
    assert isinstance(world.enter("agent"), Entered)


def test_old_tries_are_forgotten_by_a_sweep(world: SignInWorld, clock: SetClock) -> None:
    with pytest.raises(WrongSignIn):
        world.enter("nobody", "wrong")
    assert world.app.signing_in.tries.forget_old() == 0
    clock.advance(timedelta(days=1, seconds=1))
    assert world.app.signing_in.tries.forget_old() == 3


def test_outside_of_a_demo_no_role_is_entered_by_a_click(world: SignInWorld) -> None:
    world.account("agent", login="demo-agent")
    with pytest.raises(NotFound):
        world.app.signing_in.sign_in.as_demo("agent", HOME)


def test_a_demo_is_refused_on_a_database_that_no_demo_made(
    database: Database, redis_url: str, clock: SetClock
) -> None:
    settings: Settings = settings_for(database, redis_url, demo=True)
    with pytest.raises(ConfigurationError):
        build_app(settings, clock=clock)
    with database.begin() as connection:
        demo_store.put_mark(connection)
    try:
        demo = build_app(settings, clock=clock)
        world = SignInWorld(demo)
        demo.access.add_user(NewUser("demo-supervisor", ["supervisor"], ["40"]))
        entered = demo.signing_in.sign_in.as_demo("supervisor", HOME)
        asker = demo.sessions.asker(entered.token)
        assert asker is not None
        assert asker.roles == {Role.SUPERVISOR}
        for role in ("agent", "nonsense", ""):
            with pytest.raises(NotFound):
                demo.signing_in.sign_in.as_demo(role, HOME)
        assert world.events() == ["USER_ADDED", "SIGNED_IN_DEMO"]
        demo.close()
    finally:
        with database.begin() as connection:
            connection.execute(text("comment on schema public is null"))


def test_more_sign_ins_at_once_than_memory_bears_are_told_to_come_back(world: SignInWorld) -> None:
    world.account("agent")
    passwords = world.app.signing_in.sign_in.passwords
    taken = 0
    while passwords._inside.acquire(blocking=False):
        taken += 1
    with pytest.raises(TooManyRequests):
        world.enter("agent")
    passwords._inside.release(taken)
    assert isinstance(world.enter("agent"), Entered)
