"""Guyane helped from Nouvelle-Aquitaine: who is lent, who may take them, and when it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from outreach.clock import SetClock
from outreach.domain.call_list import CallClass, Queue
from outreach.domain.mutual_aid import MOST_LOANS, LoanTerms
from outreach.errors import Conflict, NotFound
from outreach.ids import new_id
from outreach.services.call_list import CallList
from outreach.services.mutual_aid import MutualAid
from outreach.storage import tables
from outreach.storage.database import Database
from tests.call_list_rows import add_contact, add_positive, entry_row, state_of
from tests.conftest import MORNING

CAYENNE = "America/Cayenne"
TERMS = LoanTerms(
    owner="973",
    helper="40",
    share=100,
    amount=None,
    most=1_000,
    call_classes=frozenset({CallClass.POSITIVE, CallClass.CONTACT}),
    queues=frozenset({Queue.AGENTS}),
    languages=frozenset(),
    starts_at=MORNING,
    ends_at=MORNING + timedelta(days=3),
    reason="a wave in Guyane",
)


class World:
    """Platform 40 with an agent who speaks French, platform 973 with one who speaks French and Portuguese."""

    def __init__(self, database: Database, clock: SetClock) -> None:
        self.database, self.clock = database, clock
        self.aid, self.calls = MutualAid(database, clock), CallList(database, clock)
        with database.begin() as connection:
            connection.execute(
                insert(tables.platforms).values(
                    code="973",
                    name="Guyane",
                    time_zone=CAYENNE,
                    department="973",
                    created_at=MORNING,
                )
            )
            connection.execute(
                insert(tables.platform_modes).values(
                    platform="973", mode="NORMAL", level=1, version=7, reason="start", starts_at=MORNING
                )
            )
        self.helper = self.agent("40")
        self.owner = self.agent("973", "pt")

    def agent(self, platform: str, *languages: str) -> UUID:
        user_id = new_id()
        with self.database.begin() as connection:
            connection.execute(
                insert(tables.users).values(
                    id=user_id,
                    login=str(user_id),
                    roles=["agent"],
                    platforms=[platform],
                    languages=["fr", *languages],
                    created_at=MORNING,
                )
            )
        return user_id

    def lend(self, **change: Any) -> int:
        return self.aid.lend(replace(TERMS, **change), author_id=None, actor="system:test").number

    def take_back(self, loan: int) -> None:
        self.aid.take_back(loan, platforms=None, actor="system:test")

    def positive(self, **more: Any) -> UUID:
        with self.database.begin() as connection:
            return add_positive(connection, self.clock.now(), platform="973", **more).entry_id

    def contact(self, **more: Any) -> UUID:
        with self.database.begin() as connection:
            return add_contact(connection, self.clock.now(), platform="973", **more).entry_id

    def next(self, agent: UUID, platform: str = "40", *languages: str) -> UUID | None:
        leased = self.calls.next_entry(agent, platforms=[platform], languages=["fr", *languages])
        return None if leased is None else leased.entry_id

    def of(self, entry_id: UUID) -> dict[str, Any]:
        with self.database.begin() as connection:
            return entry_row(connection, entry_id)


@pytest.fixture
def world(database: Database, clock: SetClock, platform: str) -> World:
    return World(database, clock)


def test_a_lent_entry_is_taken_by_the_helper_under_the_owners_mode(world: World) -> None:
    listed = world.positive()
    assert world.next(world.helper) is None
    world.lend()
    leased = world.calls.next_entry(world.helper, platforms=["40"], languages=["fr"])
    assert leased
    assert (leased.entry_id, leased.platform, leased.mode_version) == (listed, "973", 7)


def test_the_most_urgent_comes_first_whichever_platform_it_is_of(world: World) -> None:
    with world.database.begin() as connection:
        own_late = add_positive(connection, MORNING, result_ago=timedelta(hours=22)).entry_id
        own_contact = add_contact(connection, MORNING).entry_id
    lent_later = world.positive(result_ago=timedelta(hours=21))
    lent_sooner = world.positive(result_ago=timedelta(hours=23))
    world.lend()
    agents = [world.agent("40") for _ in range(4)]
    assert [world.next(agent) for agent in agents] == [lent_sooner, own_late, lent_later, own_contact]


def test_the_owners_agents_may_still_take_what_they_lent(world: World) -> None:
    listed = world.positive()
    world.lend()
    assert world.next(world.owner, "973") == listed
    assert world.next(world.helper) is None


def test_only_the_classes_of_the_loan_are_lent_and_the_cap_holds(world: World) -> None:
    world.contact()
    for _ in range(5):
        world.positive()
    loan = world.lend(call_classes=frozenset({CallClass.POSITIVE}), most=3)
    (found,) = world.aid.loans(["973"])
    assert (found.number, found.in_reach, found.lent) == (loan, 3, 3)


def test_an_amount_is_lent_once_and_a_share_is_kept_up(world: World) -> None:
    for _ in range(4):
        world.positive()
    amount = world.lend(share=None, amount=1)
    share = world.lend(share=50, call_classes=frozenset({CallClass.CONTACT}))
    for _ in range(4):
        world.contact(can_sms=False)
    world.aid.keep()
    lent = {loan.number: loan.lent for loan in world.aid.loans(["40"])}
    assert lent == {amount: 1, share: 2}
    assert world.aid.keep() == 0


def test_who_would_be_texted_under_the_owners_mode_is_not_lent(world: World, clock: SetClock) -> None:
    texted, called = world.contact(), world.contact(can_sms=False)
    with world.database.begin() as connection:
        modes = tables.platform_modes
        connection.execute(
            update(modes).where(modes.c.platform == "973").values(mode="SMS_CONTACTS", level=3)
        )
    world.lend()
    assert world.next(world.helper) == called
    assert world.of(texted)["loan"] == 0


def test_people_of_guyane_are_called_in_their_own_hours_whoever_calls(world: World, clock: SetClock) -> None:
    """10:00 in Paris is 6:00 in Cayenne; 21:00 in Paris is 17:00 there."""
    listed = world.positive(zone=CAYENNE)
    world.lend()
    assert world.next(world.helper) is None
    assert world.of(listed)["loan"] != 0
    clock.advance(timedelta(hours=11))
    world.calls.keep_ready()
    assert world.next(world.helper) == listed


def test_a_language_is_lent_to_who_speaks_it_before_an_interpreter_is_asked(world: World) -> None:
    world.lend(owner="40", helper="973", languages=frozenset({"pt"}))
    with world.database.begin() as connection:
        pt = add_positive(connection, MORNING, language="pt").entry_id
        french = add_positive(connection, MORNING).entry_id
        polish = add_positive(connection, MORNING, language="pl").entry_id
    world.aid.keep()
    world.calls.hand_to_interpreters()
    assert (world.of(pt)["queue"], world.of(polish)["queue"]) == ("AGENTS", "INTERPRETERS")
    assert world.of(french)["loan"] == 0
    assert world.next(world.owner, "973", "pt") == pt


def test_skills_are_queues_and_no_other_queue_is_lent(world: World) -> None:
    listed = world.positive()
    with world.database.begin() as connection:
        entries = tables.call_list_entries
        connection.execute(update(entries).where(entries.c.id == listed).values(queue="MEDICAL"))
    world.lend()
    assert world.of(listed)["loan"] == 0
    world.lend(queues=frozenset({Queue.MEDICAL}))
    assert world.next(world.helper) is None
    leased = world.calls.next_entry(
        world.helper, platforms=["40"], languages=["fr"], queues=[Queue.AGENTS, Queue.MEDICAL]
    )
    assert leased
    assert leased.entry_id == listed


def test_taking_back_is_at_once_and_a_call_in_hand_goes_on(world: World) -> None:
    first, second = world.positive(result_ago=timedelta(hours=3)), world.positive()
    loan = world.lend()
    assert world.next(world.helper) == first
    world.take_back(loan)
    world.take_back(loan)
    assert world.next(world.agent("40")) is None
    with world.database.begin() as connection:
        assert state_of(connection, first) == "LEASED"
    assert world.next(world.owner, "973") == second
    assert [event for event in world_events(world) if event == "MUTUAL_AID_ENDED"] == ["MUTUAL_AID_ENDED"] * 2


def world_events(world: World) -> list[str]:
    with world.database.begin() as connection:
        return list(connection.execute(select(tables.journal.c.event)).scalars())


def test_a_loan_ends_by_itself_even_before_the_sweep(world: World, clock: SetClock) -> None:
    listed = world.positive()
    world.lend(ends_at=MORNING + timedelta(hours=1))
    clock.advance(timedelta(hours=1))
    assert world.next(world.helper) is None
    assert world.aid.keep() == 1
    assert world.of(listed)["loan"] == 0
    (loan,) = world.aid.loans(["973"])
    assert loan.settled_at == clock.now()
    assert world.aid.keep() == 0


def test_a_loan_starts_at_its_moment(world: World, clock: SetClock) -> None:
    listed = world.positive()
    world.lend(starts_at=MORNING + timedelta(hours=1))
    world.aid.keep()
    assert world.next(world.helper) is None
    clock.advance(timedelta(hours=1))
    world.aid.keep()
    assert world.next(world.helper) == listed


def test_what_a_helpers_agent_promised_alone_is_open_to_the_owner_after_the_end(world: World) -> None:
    listed = world.positive()
    loan = world.lend()
    with world.database.begin() as connection:
        entries = tables.call_list_entries
        connection.execute(
            update(entries)
            .where(entries.c.id == listed)
            .values(callback_agent_id=world.helper, callback_for_me_only=True, callback_at=MORNING)
        )
    world.take_back(loan)
    assert world.of(listed)["callback_agent_id"] is None
    assert world.next(world.owner, "973") == listed


def test_only_the_two_platforms_may_take_a_loan_back(world: World) -> None:
    loan = world.lend()
    with pytest.raises(NotFound):
        world.aid.take_back(loan, platforms=["33"], actor="system:test")
    with pytest.raises(NotFound):
        world.aid.take_back(10**6, platforms=None, actor="system:test")
    world.aid.take_back(loan, platforms=["40"], actor="system:test")


def test_a_platform_has_so_many_loans_at_one_time(world: World) -> None:
    loans = [world.lend() for _ in range(MOST_LOANS)]
    with pytest.raises(Conflict):
        world.lend()
    world.take_back(loans[0])
    world.lend()


def test_a_record_is_readable_while_it_is_in_hand(world: World) -> None:
    entry = world.positive()
    world.lend()
    record = UUID(str(world.of(entry)["case_record_id"]))
    assert world.aid.readable(world.helper, ["40"], record) == ("40",)
    world.next(world.helper)
    assert world.aid.readable(world.helper, ["40"], record) == ("40", "973")
    world.calls.release(world.helper, because="NO_TIME")
    assert world.aid.readable(world.helper, ["40"], record) == ("40",)


def test_figures_tell_who_helped_whom(world: World) -> None:
    with world.database.begin() as connection:
        for agent, outcome in ((world.helper, "COMPLETED"), (world.helper, "BUSY"), (world.owner, "BUSY")):
            listed = add_positive(connection, MORNING, platform="973")
            connection.execute(
                insert(tables.call_attempts).values(
                    id=new_id(),
                    platform="973",
                    entry_id=listed.entry_id,
                    case_record_id=listed.case_record_id,
                    person_id=listed.person_id,
                    agent_id=agent,
                    status="ENDED",
                    phone_position=0,
                    conference=new_id(),
                    started_at=MORNING,
                    ended_at=MORNING + timedelta(minutes=4),
                    outcome=outcome,
                )
            )
    world.lend()
    for platform in ("973", "40"):
        (given,) = world.aid.help_given([platform], MORNING, MORNING + timedelta(hours=1))
        assert (given.owner, given.helper, given.agents) == ("973", "40", 1)
        assert (given.calls, given.reached, given.seconds) == (2, 1, 480)
    assert world.aid.help_given(["33"], MORNING, MORNING + timedelta(hours=1)) == []
