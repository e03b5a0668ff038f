"""Around the switch: undo, territories, plans, a platform's own rules, positives who are asked to prepare."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from outreach.clock import SetClock
from outreach.domain.load_shedding import MODES, ContactGroup, Mode, ModeRule, ScriptLength
from outreach.errors import Conflict, InvalidInput, NotFound, SeveralConflicts
from outreach.services.load_shedding_switch import LoadSheddingSwitch
from outreach.services.mode_rules import PlatformRules, RuleChange
from outreach.services.planned_switches import PlannedSwitches
from outreach.services.prepare_contacts import PrepareContacts
from outreach.storage import mode_store, sender_store, tables
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from outreach.telephony.simulator import OUR_NUMBER
from tests.call_list_rows import add_contact, entry_row
from tests.message_world import MessageWorld, message_world

HOUR = timedelta(hours=1)


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[MessageWorld]:
    with message_world(database, vault, clock) as world:
        yield world


@pytest.fixture
def switch(database: Database, clock: SetClock, platform: str) -> LoadSheddingSwitch:
    return LoadSheddingSwitch(database, clock, lambda _queue: None)


@pytest.fixture
def planned(database: Database, clock: SetClock, switch: LoadSheddingSwitch) -> PlannedSwitches:
    return PlannedSwitches(database, clock, switch)


@pytest.fixture
def rules(database: Database, clock: SetClock, platform: str) -> PlatformRules:
    return PlatformRules(database, clock, lambda _queue: None)


def put(switch: LoadSheddingSwitch, mode: Mode, *, hours: int | None = None, platform: str = "40") -> int:
    seen = switch.show(platform).version
    ends_at = switch.clock.now() + hours * HOUR if hours else None
    after = switch.switch(
        platform, mode, reason="wave", author_id=None, expected_version=seen, ends_at=ends_at
    )
    return after.version


def test_an_undo_brings_back_the_mode_before_with_its_end(switch: LoadSheddingSwitch) -> None:
    put(switch, Mode.LIGHT, hours=5)
    ends_at = switch.show("40").ends_at
    version = put(switch, Mode.SMS_CONTACTS)
    after = switch.undo("40", author_id=None, expected_version=version)
    assert (after.mode, after.ends_at, after.version) == (Mode.LIGHT, ends_at, version + 1)
    assert after == switch.show("40")
    line = switch.history("40")[0]
    assert (line.facts["undoes"], line.facts["reason"]) == (version, "undo: wave")


def test_an_undo_is_one_step(switch: LoadSheddingSwitch) -> None:
    put(switch, Mode.LIGHT)
    version = switch.undo("40", author_id=None, expected_version=put(switch, Mode.SMS_CONTACTS)).version
    with pytest.raises(Conflict, match="no switch to undo"):
        switch.undo("40", author_id=None, expected_version=version)


def test_an_undo_whose_former_mode_has_ended_meanwhile_goes_to_normal(
    switch: LoadSheddingSwitch, clock: SetClock
) -> None:
    put(switch, Mode.LIGHT, hours=1)
    version = put(switch, Mode.SMS_CONTACTS)
    clock.advance(2 * HOUR)
    after = switch.undo("40", author_id=None, expected_version=version)
    assert (after.mode, after.ends_at) == (Mode.NORMAL, None)


def test_an_undo_by_who_saw_an_older_version_is_refused(switch: LoadSheddingSwitch) -> None:
    put(switch, Mode.LIGHT)
    with pytest.raises(Conflict, match=r"put LIGHT in force .* \(version 2\): wave"):
        switch.undo("40", author_id=None, expected_version=1)


def test_what_ended_by_itself_is_not_undone(switch: LoadSheddingSwitch, clock: SetClock) -> None:
    version = put(switch, Mode.LIGHT, hours=1)
    clock.advance(2 * HOUR)
    with pytest.raises(Conflict, match="ended by itself"):
        switch.undo("40", author_id=None, expected_version=version)


@pytest.fixture
def gironde(database: Database, clock: SetClock, platform: str) -> str:
    """A second platform of Nouvelle-Aquitaine, and one elsewhere."""
    with database.begin() as connection:
        for code in ("33", "29"):
            connection.execute(
                insert(tables.platforms).values(
                    code=code,
                    name=code,
                    time_zone="Europe/Paris",
                    department=code,
                    created_at=clock.now(),
                )
            )
            connection.execute(
                insert(tables.platform_modes).values(
                    platform=code, mode="NORMAL", level=1, version=1, reason="start", starts_at=clock.now()
                )
            )
    return "33"


def test_a_region_is_switched_at_once(switch: LoadSheddingSwitch, gironde: str) -> None:
    after = switch.switch_territory(
        "FR-NAQ", Mode.LIGHT, reason="wave", author_id=None, versions={"33": 1, "40": 1}
    )
    assert [(row.platform, row.mode) for row in after] == [("33", Mode.LIGHT), ("40", Mode.LIGHT)]
    assert switch.show("29").mode is Mode.NORMAL
    assert switch.history("33")[0].facts["territory"] == "FR-NAQ"


def test_a_region_is_switched_whole_or_not_at_all_and_every_obstacle_is_told(
    switch: LoadSheddingSwitch, gironde: str, database: Database
) -> None:
    put(switch, Mode.LIGHT)
    with database.begin() as connection:
        connection.execute(update(tables.platforms).where(tables.platforms.c.code == "33").values(sender="S"))
        sender_store.stop(connection, "S", "21610")
    with pytest.raises(SeveralConflicts) as refused:
        switch.switch_territory(
            "FR-NAQ", Mode.SMS_CONTACTS, reason="wave", author_id=None, versions={"33": 1, "40": 1}
        )
    assert len(refused.value.conflicts) == 2
    assert refused.value.conflicts[0].startswith("33: The SMS sender of platform 33 is stopped")
    assert refused.value.conflicts[1].startswith("40: the system put LIGHT in force")
    assert (switch.show("33").mode, switch.show("40").mode) == (Mode.NORMAL, Mode.LIGHT)


def test_a_switch_of_a_region_needs_the_version_seen_of_each_platform(
    switch: LoadSheddingSwitch, gironde: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        switch.switch_territory("FR-NAQ", Mode.LIGHT, reason="x", author_id=None, versions={"40": 1})
    assert refused.value.mend == "give the version you saw of each: 33, 40"
    with pytest.raises(NotFound):
        switch.switch_territory("FR-XXX", Mode.LIGHT, reason="x", author_id=None, versions={})


def test_a_planned_switch_comes_at_its_hour_and_ends_at_its_hour(
    switch: LoadSheddingSwitch, planned: PlannedSwitches, clock: SetClock
) -> None:
    starts_at = clock.now() + HOUR
    planned.plan(
        "40",
        Mode.SMS_CONTACTS,
        reason="Monday",
        author_id=None,
        starts_at=starts_at,
        ends_at=starts_at + HOUR,
    )
    assert planned.carry_out() == 0
    assert switch.show("40").mode is Mode.NORMAL
    clock.advance(HOUR)
    assert planned.carry_out() == 1
    assert planned.carry_out() == 0, "once"
    shown = switch.show("40")
    assert (shown.at(clock.now()), shown.at(clock.now() + HOUR)) == (Mode.SMS_CONTACTS, Mode.NORMAL)
    assert planned.of_platform("40")[0].state == "DONE"


def test_a_cancelled_switch_does_not_come(
    switch: LoadSheddingSwitch, planned: PlannedSwitches, clock: SetClock
) -> None:
    plan = planned.plan(
        "40", Mode.LIGHT, reason="x", author_id=None, starts_at=clock.now() + HOUR, ends_at=None
    )
    planned.cancel("40", plan.id, by=None)
    clock.advance(2 * HOUR)
    assert planned.carry_out() == 0
    with pytest.raises(Conflict):
        planned.cancel("40", plan.id, by=None)


def test_a_planned_switch_to_sms_that_nobody_would_send_raises_an_alarm(
    switch: LoadSheddingSwitch, planned: PlannedSwitches, clock: SetClock, database: Database
) -> None:
    planned.plan("40", Mode.SMS_CONTACTS, reason="x", author_id=None, starts_at=clock.now() + HOUR)
    with database.begin() as connection:
        connection.execute(update(tables.platforms).values(sender="S"))
        sender_store.stop(connection, "S", "21610")
    clock.advance(HOUR)
    assert planned.carry_out() == 0
    assert switch.show("40").mode is Mode.NORMAL
    (over,) = planned.of_platform("40")
    assert (over.state, "is stopped" in over.because) == ("REFUSED", True)
    with database.begin() as connection:
        kinds = connection.execute(select(tables.alarms.c.kind)).scalars().all()
    assert "PLANNED_SWITCH_REFUSED" in kinds


def test_a_plan_lies_ahead_and_ends_after_it_begins(planned: PlannedSwitches, clock: SetClock) -> None:
    now = clock.now()
    with pytest.raises(InvalidInput):
        planned.plan("40", Mode.LIGHT, reason="x", author_id=None, starts_at=now)
    with pytest.raises(InvalidInput):
        planned.plan(
            "40", Mode.LIGHT, reason="x", author_id=None, starts_at=now + 2 * HOUR, ends_at=now + HOUR
        )


def changed(rule: ModeRule, *, version: int = 0, **changes: object) -> RuleChange:
    wanted: dict[str, object] = {
        "script": rule.script,
        "contact_tries": rule.contact_tries,
        "misses_before_sms": rule.misses_before_sms,
        "texts": rule.texts,
    } | changes
    return RuleChange(**wanted, reason="ours", version=version)  # type: ignore[arg-type]


HOUSEHOLDS_TOO = frozenset({ContactGroup.OTHERS, ContactGroup.HOUSEHOLD})


def test_a_platforms_own_copy_of_a_mode_has_versions_and_moves_who_waits(
    rules: PlatformRules, database: Database, clock: SetClock
) -> None:
    with database.begin() as connection:
        household = add_contact(connection, clock.now(), household=True)
        landline = add_contact(connection, clock.now(), household=True, can_sms=False)
    low = MODES[Mode.SMS_LOW_RISK]
    first = rules.change("40", Mode.SMS_LOW_RISK, changed(low, texts=HOUSEHOLDS_TOO), author_id=None)
    assert (first.version, first.rule.texts) == (1, HOUSEHOLDS_TOO)
    assert rules.bring_into_line() == 1
    assert rules.bring_into_line() == 0
    with database.begin() as connection:
        assert entry_row(connection, household.entry_id)["shed_level"] == low.level
        assert entry_row(connection, landline.entry_id)["shed_level"] == 0
    rules.change("40", Mode.SMS_LOW_RISK, changed(low, version=1), author_id=None)
    assert rules.bring_into_line() == 1
    assert [each.version for each in rules.versions("40", Mode.SMS_LOW_RISK)] == [2, 1]
    assert rules.show("40")[2].version == 2


def test_of_two_who_change_a_rule_the_second_is_told(rules: PlatformRules) -> None:
    light = MODES[Mode.LIGHT]
    rules.change("40", Mode.LIGHT, changed(light, contact_tries=2), author_id=None)
    with pytest.raises(Conflict, match="version 1 now"):
        rules.change("40", Mode.LIGHT, changed(light, contact_tries=4), author_id=None)


def test_a_rule_that_would_break_the_ladder_changes_nothing(rules: PlatformRules) -> None:
    none = changed(MODES[Mode.SMS_CONTACTS], texts=frozenset())
    with pytest.raises(InvalidInput):
        rules.change("40", Mode.SMS_CONTACTS, none, author_id=None)
    assert all(each.version == 0 for each in rules.show("40"))


def test_the_script_of_a_mode_is_the_platforms_own(rules: PlatformRules, database: Database) -> None:
    rules.change("40", Mode.NORMAL, changed(MODES[Mode.NORMAL], script=ScriptLength.LIGHT), author_id=None)
    with database.begin() as connection:
        assert mode_store.rules_of(connection, "40")[Mode.NORMAL].script is ScriptLength.LIGHT
        assert mode_store.rules_of(connection, "29") == MODES


def prepare(world: MessageWorld) -> int:
    return PrepareContacts(world.database, world.clock, world.messaging.queueing, world.nudged.append).run()


def test_under_positives_only_each_positive_is_asked_once_to_prepare_the_contacts(
    world: MessageWorld,
) -> None:
    world.positive("+33639980001")
    world.positive("+33639980002")
    world.contact("+33639980003")
    assert prepare(world) == 0, "not under NORMAL"
    world.put_mode(Mode.POSITIVES_ONLY)
    assert prepare(world) == 2
    assert prepare(world) == 0
    world.send()
    assert [len(world.texts(f"+3363998000{n}")) for n in (1, 2)] == [1, 1]
    purposes = sorted(message["purpose"] for message in world.messages())
    assert purposes == ["CONTACT_INFORMED", "PREPARE_CONTACTS", "PREPARE_CONTACTS"]


def test_a_positive_who_was_called_is_not_asked_to_prepare(world: MessageWorld) -> None:
    positive = world.positive("+33639980001")
    with world.database.begin() as connection:
        entries = tables.call_list_entries
        connection.execute(update(entries).where(entries.c.id == positive.entry_id).values(tries=1))
    world.put_mode(Mode.POSITIVES_ONLY)
    assert prepare(world) == 0


def missed(world: MessageWorld, entry_id: UUID) -> None:
    with world.database.begin() as connection:
        entries = tables.call_list_entries
        connection.execute(update(entries).where(entries.c.id == entry_id).values(shed_level=1))


def test_missed_contacts_are_called_again_where_the_sender_is_stopped(world: MessageWorld) -> None:
    contact = world.contact("+33639980001")
    missed(world, contact.entry_id)
    assert world.switch.call_missed() == 0, "the sender sends"
    with world.database.begin() as connection:
        sender_store.lock(connection, OUR_NUMBER, most=10, now=world.clock.now())
        sender_store.stop(connection, OUR_NUMBER, "21610")
    assert world.switch.call_missed() == 1
    assert world.entry(contact)["shed_level"] == 0
