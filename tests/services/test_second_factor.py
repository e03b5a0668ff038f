"""The second factor: who needs one, codes that are good once, and what happens when it is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from outreach.bootstrap import App
from outreach.clock import SetClock
from outreach.errors import InvalidInput, NotAllowed, NotFound
from outreach.services.access import NewUser
from outreach.services.own_account import Proof
from outreach.services.sign_in import (
    HalfWay,
    NextStep,
    StepGone,
    WrongCode,
)
from outreach.services.sign_in_tries import MustWait
from tests.sign_in_world import HOME, PASSWORD, Authenticator, SignInWorld, key_of
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


def test_an_open_browser_alone_changes_nothing_about_how_one_signs_in(
    world: SignInWorld, clock: SetClock
) -> None:
    user_id = world.account("agent")
    phone, codes = world.authenticator(user_id)
    clock.advance(timedelta(seconds=30))
    own, second_factor = world.app.signing_in.own, world.app.signing_in.second_factor
    enrolment = second_factor.begin(user_id)
    other = Authenticator(world.app, key_of(enrolment.address))
    for wrong in (Proof(""), Proof("wrong", phone.code), Proof(PASSWORD), Proof(PASSWORD, "000000")):
        with pytest.raises(InvalidInput):
            own.set_factor(user_id, enrolment.sealed, other.code, wrong, HOME)
        clock.advance(timedelta(hours=1))
    for change in (own.remove_factor, own.renew_codes):
        with pytest.raises(InvalidInput):
            change(user_id, Proof(PASSWORD), HOME)
        clock.advance(timedelta(hours=1))
    assert second_factor.passes(user_id, phone.code)
    assert second_factor.passes(user_id, codes[0])


def test_another_second_factor_or_other_codes_end_every_other_session(
    world: SignInWorld, clock: SetClock
) -> None:
    user_id = world.account("agent")
    asker, own = world.app.sessions.asker, world.app.signing_in.own
    elsewhere = world.signed_in("agent")
    enrolment = world.app.signing_in.second_factor.begin(user_id)
    phone = Authenticator(world.app, key_of(enrolment.address))
    here, codes = own.set_factor(user_id, enrolment.sealed, phone.code, Proof(PASSWORD), HOME)
    assert (asker(elsewhere), asker(here.token) is not None) == (None, True)
    clock.advance(timedelta(seconds=30))
    later, others = own.renew_codes(user_id, Proof(PASSWORD, phone.code), HOME)
    assert (asker(here.token), asker(later.token) is not None) == (None, True)
    last = own.remove_factor(user_id, Proof(PASSWORD, others[0]), HOME)
    assert (asker(later.token), asker(last.token) is not None) == (None, True)
    assert set(codes).isdisjoint(others)


def test_a_mistyped_code_of_the_new_phone_uses_up_no_code_of_the_old_one(
    world: SignInWorld, clock: SetClock
) -> None:
    user_id = world.account("agent")
    phone, _ = world.authenticator(user_id)
    clock.advance(timedelta(seconds=30))
    own, enrolment = world.app.signing_in.own, world.app.signing_in.second_factor.begin(user_id)
    other, proof = Authenticator(world.app, key_of(enrolment.address)), Proof(PASSWORD, phone.code)
    with pytest.raises(InvalidInput):
        own.set_factor(user_id, enrolment.sealed, "000000", proof, HOME)
    own.set_factor(user_id, enrolment.sealed, other.code, proof, HOME)


def test_passwords_are_not_guessed_through_ones_own_page(world: SignInWorld) -> None:
    user_id = world.account("agent")
    for _ in range(4):
        with pytest.raises(InvalidInput):
            world.app.signing_in.own.remove_factor(user_id, Proof("wrong"), HOME)
    with pytest.raises(MustWait):
        world.app.signing_in.own.remove_factor(user_id, Proof(PASSWORD), HOME)


def test_an_account_of_the_organisations_sign_in_has_no_second_factor_here(world: SignInWorld) -> None:
    user_id = world.app.access.add_user(NewUser("anne", ["agent"], ["40"]))
    enrolment = world.app.signing_in.second_factor.begin(user_id)
    phone = Authenticator(world.app, key_of(enrolment.address))
    with pytest.raises(InvalidInput, match="no password here"):
        world.app.signing_in.own.set_factor(user_id, enrolment.sealed, phone.code, Proof(""), HOME)
