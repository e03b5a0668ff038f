"""Contacts whom the mode sheds are texted, each once; whoever cannot be is called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from outreach.clock import SetClock
from outreach.domain.load_shedding import Mode
from outreach.domain.outcomes import CallOutcome
from outreach.errors import Conflict
from outreach.services.call_list import CallList
from outreach.services.case_import import CaseImport
from outreach.services.settling import Settlement, settle
from outreach.storage import tables
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.call_list_rows import add_agent
from tests.message_world import MessageWorld, message_world
from tests.services.case_files import contact, csv_file

ANNE, BORIS, CHLOE = "+33639980001", "+33639980002", "+33639980003"
HOUR = timedelta(hours=1)


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[MessageWorld]:
    with message_world(database, vault, clock) as world:
        yield world


def test_a_contact_whom_the_mode_sheds_is_texted_once_and_called_no_more(world: MessageWorld) -> None:
    contact = world.contact(ANNE)
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    world.send()
    (text,) = world.texts(ANNE)
    assert text.startswith("CPAM Landes : ")
    message = world.message()
    assert (message["status"], message["purpose"]) == ("ACCEPTED", "CONTACT_INFORMED")
    assert message["provider_sid"]
    assert message["mode_version"] == 2
    entry = world.entry(contact)
    assert (entry["state"], entry["message_id"]) == ("TEXTED", message["id"])
    agent = _agent(world)
    calls = CallList(world.database, world.clock)
    assert calls.next_entry(agent, platforms=["40"], languages=["fr"]) is None


def test_each_step_of_a_message_has_its_journal_line(world: MessageWorld) -> None:
    contact = world.contact(ANNE)
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    shed = world.journal("ENTRY_SHED")
    assert [(line["entry_id"], line["facts"]["mode_version"]) for line in shed] == [(contact.entry_id, 2)]
    assert [line["facts"]["status"] for line in world.journal("MESSAGE_QUEUED")] == ["SENDING"]
    moved = world.journal("MESSAGE_MOVED")
    assert [line["facts"] for line in moved] == [{"status": "ACCEPTED"}]
    assert [line["case_record_id"] for line in moved] == [contact.case_record_id]


@pytest.mark.parametrize("mode", [Mode.NORMAL, Mode.LIGHT])
def test_nobody_is_texted_while_contacts_are_called(world: MessageWorld, mode: Mode) -> None:
    contact = world.contact(ANNE)
    world.put_mode(mode)
    world.send()
    assert world.texts(ANNE) == []
    assert world.entry(contact)["state"] == "READY"


def test_a_mode_whose_end_has_come_texts_nobody(world: MessageWorld) -> None:
    world.contact(ANNE)
    world.put_mode(Mode.SMS_CONTACTS, ends_at=world.clock.now() + HOUR)
    world.clock.advance(HOUR)
    world.send()
    assert world.texts(ANNE) == []


def test_a_positive_is_never_shed(world: MessageWorld) -> None:
    positive = world.positive(ANNE)
    world.put_mode(Mode.POSITIVES_ONLY)
    world.send()
    assert world.texts(ANNE) == []
    assert world.entry(positive)["state"] == "READY"


def test_a_contact_on_a_landline_is_called_even_when_shedding(world: MessageWorld) -> None:
    contact = world.contact("+33536490001", can_sms=False)
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    assert world.messages() == []
    calls = CallList(world.database, world.clock)
    leased = calls.next_entry(_agent(world), platforms=["40"], languages=["fr"])
    assert leased is not None
    assert leased.entry_id == contact.entry_id


def test_a_contact_with_a_landline_first_is_texted_at_their_mobile(world: MessageWorld) -> None:
    row = contact("C1", "Martin", "05 36 49 00 01", telephone_2="06 39 98 00 77")
    CaseImport(world.database, world.vault, world.clock).import_file(csv_file(row), platform="40")
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    assert len(world.texts("+33639980077")) == 1
    assert world.message()["phone_position"] == 1


def test_low_risk_mode_leaves_households_to_the_agents(world: MessageWorld) -> None:
    world.contact(ANNE, household=True)
    world.contact(BORIS)
    world.put_mode(Mode.SMS_LOW_RISK)
    world.send()
    assert world.texts(ANNE) == []
    assert len(world.texts(BORIS)) == 1


def test_an_entry_in_an_agents_hands_is_left_there(world: MessageWorld) -> None:
    contact = world.contact(ANNE)
    calls = CallList(world.database, world.clock)
    leased = calls.next_entry(_agent(world), platforms=["40"], languages=["fr"])
    assert leased is not None
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    assert world.texts(ANNE) == []
    assert world.entry(contact)["state"] == "LEASED"


def test_one_sms_is_for_the_whole_household(world: MessageWorld) -> None:
    mother, son = world.contact(ANNE, household=True), world.contact(ANNE, household=True)
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    assert len(world.texts(ANNE)) == 1
    message = world.message()
    for person in (mother, son):
        entry = world.entry(person)
        assert (entry["state"], entry["message_id"]) == ("TEXTED", message["id"])
    assert len(world.journal("ENTRY_SHED")) == 2


def test_who_is_listed_later_behind_the_same_number_joins_its_sms(world: MessageWorld) -> None:
    world.contact(ANNE)
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    world.apply_next("delivered")
    world.clock.advance(HOUR)
    late = world.contact(ANNE)
    world.send()
    assert len(world.texts(ANNE)) == 1
    assert world.entry(late)["state"] == "TEXTED"
    assert _case(world, late.case_record_id)["informed_at"] == world.clock.now()


def test_outside_the_hours_for_sms_nobody_is_texted_and_nothing_is_lost(world: MessageWorld) -> None:
    contact = world.contact(ANNE)
    cayenne = world.contact(BORIS, zone="America/Cayenne")
    world.put_mode(Mode.SMS_CONTACTS)
    world.clock.advance(11 * HOUR)  # 21:00 in Paris, 17:00 in Cayenne
    world.send()
    assert world.texts(ANNE) == []
    assert len(world.texts(BORIS)) == 1
    assert world.entry(contact)["message_id"] is None
    assert world.entry(cayenne)["state"] == "TEXTED"


def test_what_is_urgent_waits_for_the_callees_morning_too(world: MessageWorld) -> None:
    world.clock.advance(
        -2 * HOUR
    )  # 8:00 in Paris, 4:00 in Cayenne: a missed call is no reason to wake anyone
    paris, cayenne = world.positive(ANNE), world.positive(BORIS, zone="America/Cayenne")
    with world.database.begin() as connection:
        queued = [
            world.messaging.queueing.queue_missed_call(
                connection, entry_id=person.entry_id, now=world.clock.now()
            )
            for person in (paris, cayenne)
        ]
    assert [one is None for one in queued] == [False, True]  # four hours later it is of no use there
    world.send()
    assert (len(world.texts(ANNE)), world.texts(BORIS)) == (1, [])


def test_what_could_not_arrive_before_the_hours_end_waits_for_the_morning(world: MessageWorld) -> None:
    world.contact(ANNE)
    world.put_mode(Mode.SMS_CONTACTS)
    world.clock.advance(9 * HOUR + timedelta(minutes=57))  # 19:57 in Paris
    world.send()
    assert world.texts(ANNE) == []  # three minutes are too few for it to arrive
    world.clock.advance(13 * HOUR)
    world.send()
    assert len(world.texts(ANNE)) == 1


def test_when_the_provider_says_slow_down_the_message_waits_and_goes_once(world: MessageWorld) -> None:
    world.contact(ANNE)
    world.put_mode(Mode.SMS_CONTACTS)
    world.company.set_faults(slow_down={"next": 1})
    world.send()
    assert world.message()["status"] == "QUEUED"
    world.clock.advance(timedelta(seconds=2))
    world.send()
    assert len(world.texts(ANNE)) == 1
    assert world.message()["tries"] == 2
    assert _pace(world) < 1000


def test_a_line_that_takes_no_sms_is_marked_and_its_person_is_called(world: MessageWorld) -> None:
    contact = world.contact(ANNE)
    deadline = world.entry(contact)["deadline"]
    world.company.set_phone(ANNE, sms="landline")
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    assert world.message()["status"] == "FAILED"
    entry = world.entry(contact)
    assert (entry["state"], entry["call_class"], entry["shed_level"]) == ("WAITING", 6, 0)
    assert entry["deadline"] == deadline
    assert not _line(world, ANNE)["can_sms"]
    assert len(world.journal("ENTRY_RETURNED")) == 1


def test_a_number_that_does_not_exist_gives_way_to_the_next_one(world: MessageWorld) -> None:
    contact = world.contact("+33639", BORIS)
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    entry = world.entry(contact)
    assert (entry["state"], entry["phone_position"], entry["queue"]) == ("WAITING", 1, "AGENTS")
    assert entry["number_index"] == world.vault.number_index(BORIS)


def test_without_another_number_it_is_looked_up(world: MessageWorld) -> None:
    contact = world.contact("+33639")
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    entry = world.entry(contact)
    assert (entry["queue"], entry["number_index"]) == ("SEARCH", None)


def test_an_opt_out_known_to_the_provider_becomes_ours(world: MessageWorld) -> None:
    contact = world.contact(ANNE)
    world.company.text_us(ANNE, "STOP")
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    assert world.texts(ANNE) == []
    entry = world.entry(contact)
    assert (entry["state"], entry["shed_level"]) == ("WAITING", 0)
    assert [line["facts"]["because"] for line in world.journal("OPTED_OUT")] == ["PROVIDER"]


def test_a_fault_of_ours_stops_the_sender_raises_an_alarm_and_brings_back_the_calls(
    database: Database, vault: Vault, clock: SetClock, platform: str
) -> None:
    with message_world(database, vault, clock, sender="+33100000000") as world:
        contact = world.contact(ANNE)
        world.put_mode(Mode.SMS_CONTACTS)
        world.send()
        assert world.switch.show("40").mode is Mode.NORMAL
        assert world.entry(contact)["state"] == "WAITING"
        with world.database.begin() as connection:
            (alarm,) = connection.execute(select(tables.alarms)).all()
        assert alarm.kind == "SENDER_STOPPED"
        with pytest.raises(Conflict, match="stopped"):
            world.put_mode(Mode.SMS_CONTACTS)
        assert world.messaging.senders.resume("+33100000000")
        world.put_mode(Mode.SMS_CONTACTS)


def test_going_back_to_calls_recalls_what_is_still_in_our_queue(world: MessageWorld) -> None:
    contact = world.contact(ANNE)
    before = world.entry(contact)
    world.put_mode(Mode.SMS_CONTACTS)
    world.company.set_faults(slow_down={"probability": 1})
    world.messaging.sending.send_due(most_seconds=0.2)
    assert world.message()["status"] == "QUEUED"
    world.put_mode(Mode.NORMAL)
    world.company.set_faults()
    world.clock.advance(HOUR)
    world.send()
    assert world.texts(ANNE) == []
    assert world.messaging.sweeps.recall_unshed() == 1
    entry = world.entry(contact)
    same = ("deadline", "effective_deadline", "call_class", "shed_level", "tie_break")
    assert {name: entry[name] for name in same} == {name: before[name] for name in same}
    assert entry["state"] == "WAITING"
    assert world.message()["status"] == "CANCELLED"


def test_who_says_stop_while_a_message_is_turned_away_is_not_written_to_later(world: MessageWorld) -> None:
    positive = world.positive(ANNE)
    with world.database.begin() as connection:
        world.messaging.queueing.queue_missed_call(
            connection, entry_id=positive.entry_id, now=world.clock.now()
        )
    world.send()
    contact = world.contact(ANNE)
    world.put_mode(Mode.SMS_CONTACTS)
    world.company.set_faults(slow_down={"next": 1})

    def stop_meanwhile(done: str) -> None:
        if done == "posted":
            world.reply(ANNE, "STOP")

    sending = world.messaging.sending
    replace(sending, runner=replace(sending.runner, checkpoint=stop_meanwhile)).send_due()
    assert [message["status"] for message in world.messages()] == ["READ", "QUEUED"]
    world.clock.advance(HOUR)
    world.send()
    assert len(world.texts(ANNE)) == 1
    assert world.messaging.sweeps.expire() == 1
    assert world.messages()[1]["status"] == "CANCELLED"
    entry = world.entry(contact)
    assert (entry["state"], entry["shed_level"]) == ("WAITING", 0)


def test_a_message_of_unknown_fate_is_settled_by_its_callback(world: MessageWorld) -> None:
    world.contact(ANNE)
    world.put_mode(Mode.SMS_CONTACTS)
    world.company.set_faults(error_after={"next": 1})
    world.send()
    assert world.message()["status"] == "UNCERTAIN"
    world.apply_next("delivered")
    message = world.message()
    assert (message["status"], len(world.texts(ANNE))) == ("DELIVERED", 1)
    assert message["provider_sid"]


def test_without_a_callback_the_providers_list_settles_it(world: MessageWorld) -> None:
    contact = world.contact(ANNE)
    world.put_mode(Mode.SMS_CONTACTS)
    world.company.set_faults(reset_after={"next": 1}, webhook_lost={"probability": 1})
    world.send()
    assert world.messaging.sweeps.settle_uncertain() == 0  # the grace has not passed
    world.clock.advance(timedelta(seconds=121))
    assert world.messaging.sweeps.settle_uncertain() == 1
    assert world.message()["status"] in ("ACCEPTED", "SENT", "DELIVERED")
    assert world.entry(contact)["state"] == "TEXTED"
    assert len(world.texts(ANNE)) == 1


@pytest.mark.parametrize("fault", ["error_before", "reset_before", "hang_before"])
def test_what_the_provider_does_not_list_is_called_and_never_texted_again(
    world: MessageWorld, fault: str
) -> None:
    contact = world.contact(ANNE)
    world.put_mode(Mode.SMS_CONTACTS)
    world.company.set_faults(**{fault: {"next": 1}})
    world.send()
    assert world.message()["status"] == "UNCERTAIN"
    world.clock.advance(timedelta(seconds=121))
    world.messaging.sweeps.settle_uncertain()
    world.send()
    assert world.message()["status"] == "UNKNOWN"
    entry = world.entry(contact)
    assert (entry["state"], entry["call_class"], entry["shed_level"]) == ("WAITING", 6, 0)
    assert world.texts(ANNE) == []


def test_while_the_providers_list_cannot_be_read_nothing_is_decided(world: MessageWorld) -> None:
    world.contact(ANNE)
    world.put_mode(Mode.SMS_CONTACTS)
    world.company.set_faults(error_before={"next": 1})
    world.send()
    world.clock.advance(timedelta(seconds=121))
    stranger = world.company.provider(auth_token="refused by the phone company")
    sweeps = world.messaging.sweeps
    elsewhere = replace(sweeps, runner=replace(sweeps.runner, provider=stranger))
    assert elsewhere.settle_uncertain() == 0
    stranger.close()
    assert world.message()["status"] == "UNCERTAIN"


def test_a_sender_that_died_leaves_messages_in_doubt_from_then_on(world: MessageWorld) -> None:
    world.contact(ANNE)
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    messages = tables.messages
    with world.database.begin() as connection:
        connection.execute(update(messages).values(status="SENDING", claimed_by=12345, provider_sid=None))
    world.clock.advance(HOUR)
    # PostgreSQL frees a lock a moment after its session has gone; the schedule sweeps again as well.
    assert sum(world.messaging.sweeps.doubt_the_dead() for _ in range(300)) == 1
    message = world.message()
    assert (message["status"], message["uncertain_since"]) == ("UNCERTAIN", world.clock.now())


def test_a_sender_that_lives_is_not_doubted(world: MessageWorld) -> None:
    world.contact(ANNE)
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    key = 2**61 + 7
    with world.database.session() as session:
        session.exec_driver_sql(f"select pg_advisory_lock({key})")
        with world.database.begin() as connection:
            connection.execute(update(tables.messages).values(status="SENDING", claimed_by=key))
        assert world.messaging.sweeps.doubt_the_dead() == 0
    # PostgreSQL frees a lock a moment after its session has gone; the schedule sweeps again as well.
    assert sum(world.messaging.sweeps.doubt_the_dead() for _ in range(300)) == 1


def test_a_missed_call_is_followed_by_one_sms_a_day(world: MessageWorld) -> None:
    positive = world.positive(ANNE)
    queueing, now = world.messaging.queueing, world.clock.now()
    with world.database.begin() as connection:
        assert queueing.queue_missed_call(connection, entry_id=positive.entry_id, now=now)
        assert queueing.queue_missed_call(connection, entry_id=positive.entry_id, now=now) is None
    world.send()
    (text,) = world.texts(ANNE)
    assert "essayé de vous joindre" in text
    assert world.entry(positive)["state"] == "READY"


def test_two_positives_of_a_household_share_the_sms_after_their_missed_calls(world: MessageWorld) -> None:
    couple = [world.positive(ANNE), world.positive(ANNE)]
    with world.database.begin() as connection:
        for one in couple:
            world.messaging.queueing.queue_missed_call(
                connection, entry_id=one.entry_id, now=world.clock.now()
            )
    world.send()
    assert len(world.texts(ANNE)) == 1


def test_a_missed_call_in_the_evening_is_told_the_next_morning_or_not_at_all(world: MessageWorld) -> None:
    positive = world.positive(ANNE)
    now = world.clock.now() + 11 * HOUR  # 21:00 in Paris; four hours later it is of no use
    with world.database.begin() as connection:
        queueing = world.messaging.queueing
        assert queueing.queue_missed_call(connection, entry_id=positive.entry_id, now=now) is None


def test_a_message_delayed_until_the_evening_goes_in_the_morning(world: MessageWorld) -> None:
    contact, cayenne = world.contact(ANNE), world.contact(BORIS, zone="America/Cayenne")
    world.put_mode(Mode.SMS_CONTACTS)
    world.clock.advance(9 * HOUR + timedelta(minutes=50))  # 19:50 in Paris
    world.company.set_faults(slow_down={"probability": 1})
    world.messaging.sending.send_due(most_seconds=0.3)
    world.company.set_faults()
    world.clock.advance(3 * HOUR)  # 22:50 in Paris, 18:50 in Cayenne
    world.send()
    assert (world.texts(ANNE), len(world.texts(BORIS))) == ([], 1)
    assert world.entry(contact)["state"] == world.entry(cayenne)["state"] == "TEXTED"
    (waiting,) = [message for message in world.messages() if message["status"] == "QUEUED"]
    assert waiting["not_before"].astimezone(ZoneInfo("Europe/Paris")).hour == 8
    world.clock.advance(10 * HOUR)
    world.send()
    assert len(world.texts(ANNE)) == 1


@pytest.mark.parametrize("outcome", [CallOutcome.COMPLETED, CallOutcome.PARTIAL, CallOutcome.DECEASED])
def test_who_was_reached_meanwhile_is_not_told_that_we_tried(
    world: MessageWorld, outcome: CallOutcome
) -> None:
    positive = world.positive(ANNE)
    with world.database.begin() as connection:
        now = world.clock.now()
        world.messaging.queueing.queue_missed_call(connection, entry_id=positive.entry_id, now=now)
        settle(connection, Settlement(positive.entry_id, outcome, "system:test", now))
    world.send()
    assert (world.texts(ANNE), world.message()["status"]) == ([], "CANCELLED")


def test_who_was_missed_again_is_still_told_that_we_tried(world: MessageWorld) -> None:
    positive = world.positive(ANNE)
    with world.database.begin() as connection:
        now = world.clock.now()
        world.messaging.queueing.queue_missed_call(connection, entry_id=positive.entry_id, now=now)
        settle(connection, Settlement(positive.entry_id, CallOutcome.NO_ANSWER, "system:test", now))
    world.send()
    assert len(world.texts(ANNE)) == 1


def test_an_agreed_callback_is_confirmed_in_the_callees_own_time(world: MessageWorld) -> None:
    contact = world.contact(ANNE, zone="America/Cayenne")
    world.clock.advance(4 * HOUR)
    at = world.clock.now() + 2 * HOUR  # 16:00 in Paris, noon in Cayenne
    with world.database.begin() as connection:
        world.messaging.queueing.queue_callback_agreed(
            connection, entry_id=contact.entry_id, callback_at=at, now=world.clock.now()
        )
    world.send()
    (text,) = world.texts(ANNE)
    assert "mardi 16 mars à 12 h" in text


def test_a_household_that_agreed_the_same_minute_is_told_once(world: MessageWorld) -> None:
    at = world.clock.now() + 2 * HOUR
    for seconds, listed in enumerate([world.contact(ANNE), world.contact(ANNE)]):
        with world.database.begin() as connection:
            world.messaging.queueing.queue_callback_agreed(
                connection,
                entry_id=listed.entry_id,
                callback_at=at + timedelta(seconds=seconds),
                now=world.clock.now(),
            )
    world.send()
    assert len(world.texts(ANNE)) == 1


def test_urgent_messages_go_before_those_of_the_mode(world: MessageWorld) -> None:
    world.contact(ANNE)
    positive = world.positive(BORIS)
    world.put_mode(Mode.SMS_CONTACTS)
    with world.database.begin() as connection:
        world.messaging.queueing.queue_missed_call(
            connection, entry_id=positive.entry_id, now=world.clock.now()
        )
    world.send()
    first, second = sorted(world.messages(), key=lambda message: message["urgency"])
    assert (first["purpose"], second["purpose"]) == ("MISSED_CALL", "CONTACT_INFORMED")


def test_what_can_no_longer_arrive_in_time_gives_its_person_back_to_the_agents(world: MessageWorld) -> None:
    contact = world.contact(ANNE)
    world.put_mode(Mode.SMS_CONTACTS)
    world.company.set_faults(slow_down={"probability": 1})
    world.messaging.sending.send_due(most_seconds=0.2)
    world.clock.advance(24 * HOUR)
    assert world.messaging.sweeps.expire() == 1
    assert world.message()["status"] == "EXPIRED"
    assert world.entry(contact)["state"] == "WAITING"


def test_a_slow_pace_still_sends_long_messages(
    database: Database, vault: Vault, clock: SetClock, platform: str
) -> None:
    with message_world(database, vault, clock, segments_per_second=1) as world:
        world.contact(ANNE)
        world.contact(BORIS)
        world.contact(CHLOE)
        world.put_mode(Mode.SMS_CONTACTS)
        begun = world.clock.now()
        world.send()
        assert [len(world.texts(number)) for number in (ANNE, BORIS, CHLOE)] == [1, 1, 1]
        segments = sum(message["segments"] for message in world.messages())
        assert (world.clock.now() - begun).total_seconds() >= segments - 4


def test_no_table_holds_a_number_or_a_text_that_can_be_read(world: MessageWorld) -> None:
    world.contact(ANNE)
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    world.reply(ANNE, "ma fille Camille tousse")
    with world.database.begin() as connection:
        for table in tables.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                stored = b" ".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
                for told in (ANNE, ANNE[3:], "Camille", "Dupont", "tousse", "consignes"):
                    assert told.encode() not in stored, table.name


def test_stopping_every_message_of_a_person_cancels_what_waits(world: MessageWorld) -> None:
    positive = world.positive(ANNE)
    with world.database.begin() as connection:
        queueing = world.messaging.queueing
        queueing.queue_missed_call(connection, entry_id=positive.entry_id, now=world.clock.now())
        assert queueing.stop_all(connection, positive.person_id, now=world.clock.now()) == 1
    world.send()
    assert world.texts(ANNE) == []


def test_a_person_stopped_for_good_is_not_written_to_even_after_start(world: MessageWorld) -> None:
    mother, son = world.contact(ANNE, household=True), world.contact(ANNE, household=True)
    queueing, now = world.messaging.queueing, world.clock.now()
    dead = Settlement(mother.entry_id, CallOutcome.DECEASED, "system:test", now)
    with world.database.begin() as connection:
        settle(connection, dead)
        queueing.stop_for_good(connection, mother.person_id, because="DECEASED", now=now)
    world.reply(ANNE, "STOP")
    world.reply(ANNE, "START", sid="SM2")
    with world.database.begin() as connection:
        for listed, queued in ((mother, False), (son, True)):
            message = queueing.queue_missed_call(connection, entry_id=listed.entry_id, now=now)
            assert (message is not None) is queued
    assert [line["facts"]["because"] for line in world.journal("OPTED_OUT")].count("DECEASED") == 1


def test_other_entries_of_a_person_stopped_for_good_are_called_not_texted(world: MessageWorld) -> None:
    contact = world.contact(ANNE)
    with world.database.begin() as connection:
        now = world.clock.now()
        world.messaging.queueing.stop_for_good(connection, contact.person_id, because="DECEASED", now=now)
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    assert (world.texts(ANNE), world.entry(contact)["shed_level"]) == ([], 0)


def _agent(world: MessageWorld) -> UUID:
    with world.database.begin() as connection:
        return add_agent(connection, world.clock.now())


def _case(world: MessageWorld, case_record_id: object) -> dict[str, object]:
    records = tables.case_records
    with world.database.begin() as connection:
        row = connection.execute(select(records).where(records.c.id == case_record_id)).mappings().one()
        return dict(row)


def _line(world: MessageWorld, number: str) -> dict[str, object]:
    lines = tables.person_phones
    with world.database.begin() as connection:
        index = world.vault.number_index(number)
        return dict(connection.execute(select(lines).where(lines.c.number_index == index)).mappings().one())


def _pace(world: MessageWorld) -> int:
    with world.database.begin() as connection:
        return int(connection.execute(select(tables.senders.c.pace)).scalar_one())
