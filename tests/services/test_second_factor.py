"""The second factor: who needs one, codes that are good once, and what happens when it is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from outreach.bootstrap import App
from outreach.clock import SetClock
from outreach.errors import InvalidInput, NotAllowed, NotFound
from outreach.services.sign_in import (
    HalfWay,
    NextStep,
    StepGone,
    WrongCode,
)
from outreach.services.sign_in_tries import MustWait
from tests.sign_in_world import HOME, SignInWorld
from tests.web.conftest import app

__all__ = ["app"]


@pytest.fixture
def world(app: App) -> SignInWorld:
    return SignInWorld(app)


@pytest.mark.parametrize("role", ["supervisor", "pilot", "manager", "administrator", "auditor"])
def test_roles_that_see_many_people_set_up_a_second_factor_before_they_are_in(
    world: SignInWorld, role: str
) -> None:
    user_id = world.account(role)
    half = world.enter(role)
    assert isinstance(half, HalfWay)
    assert half.step is NextStep.ENROL
    assert world.app.sessions.asker(half.token) is None
    enrolment = world.app.signing_in.second_factor.begin(user_id)
    with pytest.raises(InvalidInput):
        world.app.signing_in.sign_in.with_new_factor(half.token, enrolment.sealed, "000000", HOME)
    assert world.app.signing_in.second_factor.view(user_id).is_set is False


def test_with_a_second_factor_the_password_alone_opens_nothing(world: SignInWorld, clock: SetClock) -> None:
    user_id = world.account("supervisor")
    phone, codes = world.authenticator(user_id)
    assert len(set(codes)) == 10
    clock.advance(timedelta(seconds=30))
    half = world.enter("supervisor")
    assert isinstance(half, HalfWay)
    assert half.step is NextStep.CODE
    assert world.app.sessions.asker(half.token) is None
    with pytest.raises(StepGone):
        world.app.signing_in.sign_in.waiting(NextStep.ENROL, half.token)
    entered = world.app.signing_in.sign_in.with_code(half.token, phone.code, HOME)
    assert world.app.sessions.asker(entered.token) is not None
    with pytest.raises(StepGone):
        world.app.signing_in.sign_in.with_code(half.token, phone.code, HOME)


def test_a_code_and_a_recovery_code_are_good_once(world: SignInWorld, clock: SetClock) -> None:
    user_id = world.account("supervisor")
    phone, codes = world.authenticator(user_id)
    passes = world.app.signing_in.second_factor.passes
    assert not passes(user_id, phone.code)  # the one it was set up with
    clock.advance(timedelta(seconds=30))
    assert passes(user_id, phone.code)
    assert not passes(user_id, phone.code)
    assert passes(user_id, codes[3].upper().replace("-", " "))
    assert not passes(user_id, codes[3])
    assert world.app.signing_in.second_factor.view(user_id).codes_left == 9
    others = world.app.signing_in.second_factor.new_recovery_codes(user_id)
    assert not passes(user_id, codes[4])
    assert passes(user_id, others[0])


def test_codes_are_not_guessed_by_trying(world: SignInWorld) -> None:
    user_id = world.account("supervisor")
    world.authenticator(user_id)
    half = world.enter("supervisor")
    for _ in range(4):
        with pytest.raises(WrongCode):
            world.app.signing_in.sign_in.with_code(half.token, "000000", HOME)
    with pytest.raises(MustWait):
        world.app.signing_in.sign_in.with_code(half.token, "000000", HOME)


def test_someone_elses_code_or_form_is_no_good(world: SignInWorld, clock: SetClock) -> None:
    one, other = world.account("supervisor", login="one"), world.account("supervisor", login="other")
    phone, codes = world.authenticator(one)
    world.authenticator(other)
    clock.advance(timedelta(seconds=30))
    second_factor = world.app.signing_in.second_factor
    assert not second_factor.passes(other, phone.code)
    assert not second_factor.passes(other, codes[0])
    with pytest.raises(InvalidInput):
        second_factor.again(other, second_factor.begin(one).sealed)
    with pytest.raises(InvalidInput):
        second_factor.again(other, "nonsense")


def test_roles_that_need_a_second_factor_replace_it_and_do_not_drop_it(world: SignInWorld) -> None:
    supervisor, agent = world.account("supervisor"), world.account("agent")
    second_factor = world.app.signing_in.second_factor
    for user_id in (supervisor, agent):
        world.authenticator(user_id)
    with pytest.raises(NotAllowed):
        second_factor.remove(supervisor)
    second_factor.remove(agent)
    assert not second_factor.view(agent).is_set
    with pytest.raises(NotFound):
        second_factor.new_recovery_codes(agent)


def test_an_administrator_resets_a_lost_second_factor_and_not_their_own(world: SignInWorld) -> None:
    supervisor, administrator = world.account("supervisor"), world.account("administrator")
    elsewhere = world.account("supervisor", login="elsewhere", platforms=("33",))
    world.authenticator(supervisor)
    asker = world.app.access.asker_of(administrator)
    second_factor = world.app.signing_in.second_factor
    for user_id, refusal in ((administrator, NotAllowed), (elsewhere, NotFound)):
        with pytest.raises(refusal):
            second_factor.reset(user_id, asker=asker)
    second_factor.reset(supervisor, asker=asker)
    half = world.enter("supervisor")
    assert isinstance(half, HalfWay)
    assert half.step is NextStep.ENROL
