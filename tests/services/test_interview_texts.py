"""The script is chosen and stamped when a call begins, and stays what it was until the call is over."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update

from outreach.domain.campaigns import CampaignChannel, CampaignPlan
from outreach.domain.outcomes import CallOutcome
from outreach.domain.scripts import ScriptVersion
from outreach.ids import new_id
from outreach.services.interviews import Reader
from outreach.services.wrap_up import Report
from outreach.storage import campaign_store, script_store, tables
from outreach.storage.attempt_store import Attempt
from tests.call_world import PLATFORM, CallWorld, eventually

MOBILE, OTHER = "+33639980060", "+33639980061"
RULES = {"isolation_days": 10, "quarantine_days": 7, "household_quarantine_days": 17}


def _lines(calls: CallWorld, attempt: Attempt) -> list[str]:
    interview = calls.app.interviews.read(attempt.id, Reader(calls.agent_id, (PLATFORM,)))
    return [item.text for section in interview.sections for item in section.items]


def _put_in_force(calls: CallWorld, name: str, body: str) -> None:
    now = calls.clock.now()
    version = ScriptVersion(
        new_id(), name, "fr", "", 2, body, "clearer", now, effective_from=now, scheduled_at=now
    )
    with calls.app.database.begin() as connection:
        script_store.add(connection, version)
        script_store.add_revision(connection)
    calls.clock.wait(5)


def _say(calls: CallWorld, attempt: Attempt, outcome: CallOutcome) -> None:
    calls.until_status(attempt, "ANSWERED")
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(outcome))


def test_a_call_is_stamped_with_its_script_and_the_dated_rules_when_it_begins(calls: CallWorld) -> None:
    calls.person(MOBILE)
    attempt = calls.attempt(calls.call())
    assert (attempt.script, attempt.script_version, attempt.script_language) == ("positive_full", 1, "fr")
    (told,) = calls.rows(tables.call_attempts)
    assert (told.script, told.script_version) == ("positive_full", 1)
    assert {**attempt.script_parameters, **RULES, "light": 0} == attempt.script_parameters


def test_a_caller_s_attempt_is_stamped_too(calls: CallWorld) -> None:
    calls.person(MOBILE, kind="contact")
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    calls.company.call_us(MOBILE)
    eventually(lambda: calls.app.call_bar.current(calls.agent_id) is not None, "an attempt of the caller")
    attempt = calls.app.call_bar.current(calls.agent_id)
    assert attempt is not None
    assert (attempt.inbound, attempt.script) == (True, "contact_full")


def test_the_next_number_is_tried_with_a_script_too(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="unknown_number")
    calls.person(MOBILE, others=(OTHER,))
    first = calls.until_status(calls.call(), "WRAP_UP")
    second = calls.app.calling.call_again(calls.agent_id, first.id, position=1)
    assert calls.attempt(second).script == "positive_full"


def test_a_new_version_is_read_from_the_next_call_on(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    calls.person(MOBILE)
    first = calls.call()
    before = _lines(calls, first)
    source = calls.app.interviews.texts.scripts.catalog.source("positive_full", "fr")
    assert source is not None
    _put_in_force(calls, "positive_full", source.replace("Bonjour, je suis", "Bonsoir, ici"))
    assert _lines(calls, first) == before
    _say(calls, first, CallOutcome.PARTIAL)
    calls.clock.wait(1800)
    calls.app.call_list.keep_ready()
    second = calls.call()
    assert calls.attempt(second).script_version == 2
    assert any(line.startswith("Bonsoir, ici") for line in _lines(calls, second))
    assert _lines(calls, first) == before


def test_a_version_that_was_replaced_is_still_what_its_calls_read(calls: CallWorld) -> None:
    calls.person(MOBILE)
    source = calls.app.interviews.texts.scripts.catalog.source("positive_full", "fr")
    assert source is not None
    _put_in_force(calls, "positive_full", source.replace("Bonjour, je suis", "Bonsoir, ici"))
    attempt = calls.call()
    before = _lines(calls, attempt)
    now = calls.clock.now()
    third = ScriptVersion(
        new_id(), "positive_full", "fr", "", 3, source, "back", now, effective_from=now, scheduled_at=now
    )
    with calls.app.database.begin() as connection:
        script_store.add(connection, third)
        script_store.add_revision(connection)
    calls.clock.wait(5)
    assert _lines(calls, attempt) == before


def _in_campaign(calls: CallWorld, record: UUID, text: str, channel: CampaignChannel) -> None:
    campaign_id, now = new_id(), calls.clock.now()
    plan = CampaignPlan(text=text)
    with calls.app.database.begin() as connection:
        campaign_store.add(
            connection,
            campaign_id=campaign_id,
            platform=PLATFORM,
            name="x",
            channel=channel,
            plan=plan,
            author_id=None,
            now=now,
        )
        entries = tables.call_list_entries
        connection.execute(
            update(entries).where(entries.c.case_record_id == record).values(campaign_id=campaign_id)
        )


def test_a_campaign_of_calls_has_its_own_script(calls: CallWorld) -> None:
    record = calls.person(MOBILE)
    _in_campaign(calls, record, "retro_tracing", CampaignChannel.CALLS)
    assert calls.attempt(calls.call()).script == "retro_tracing"


def test_someone_a_campaign_texted_first_is_read_the_ordinary_script(calls: CallWorld) -> None:
    record = calls.person(MOBILE)
    _in_campaign(calls, record, "campaign_isolation_check", CampaignChannel.SMS)
    assert calls.attempt(calls.call()).script == "positive_full"


def test_a_household_contact_is_read_the_household_s_rule(calls: CallWorld) -> None:
    record = calls.person(MOBILE, kind="contact")
    with calls.app.database.begin() as connection:
        connection.execute(
            update(tables.case_records).where(tables.case_records.c.id == record).values(household=True)
        )
    attempt = calls.call()
    for question, value in {
        "speaking_with": "person",
        "name_confirmed": True,
        "birth_date_confirmed": True,
    }.items():
        calls.app.interviews.save(calls.agent_id, attempt.id, question, value)
    assert calls.attempt(attempt).script == "contact_household"
    said = "Il vous est demandé de rester chez vous 17 jours après votre dernier contact"
    assert any(line.startswith(said) for line in _lines(calls, attempt))
    calls.app.interviews.save(calls.agent_id, attempt.id, "vaccinated", True)
    assert any("17 jours" in line for line in _lines(calls, attempt)) is False


def test_without_a_birth_date_the_address_is_the_second_proof(calls: CallWorld) -> None:
    calls.person(MOBILE, date_naissance="", adresse="3 rue des Lilas")
    attempt = calls.call()
    save = calls.app.interviews.save
    save(calls.agent_id, attempt.id, "speaking_with", "person")
    assert any("adresse complète" in line for line in _lines(calls, attempt))
    save(calls.agent_id, attempt.id, "name_confirmed", value=True)
    save(calls.agent_id, attempt.id, "address_confirmed", value=True)
    reader = Reader(calls.agent_id, (PLATFORM,))
    assert calls.app.interviews.read(attempt.id, reader).identity_confirmed
