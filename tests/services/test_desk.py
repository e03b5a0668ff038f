"""What a desk keeps and shows: drafts, shortcuts, a raised hand, callback moments, who is known already."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from outreach.domain.desk_keys import Command
from outreach.domain.outcomes import CallOutcome
from outreach.domain.reasons import ErasureReason
from outreach.domain.roles import SCOPES_OF_ROLE, Role
from outreach.errors import Conflict, InvalidInput, NotAllowed
from outreach.ids import UserId
from outreach.services.access import Asker
from outreach.services.desk_words import DraftAnswer, version_of
from outreach.services.wrap_up import Report
from outreach.storage import tables
from outreach.storage.known_people_store import KnownRecord
from tests.call_world import PLATFORM, CallWorld

MOBILE, OTHER = "+33639980050", "+33639980051"
OTHER_AGENT_PHONE = "+33199000009"


def asker(calls: CallWorld, *roles: Role) -> Asker:
    held = frozenset(roles or (Role.AGENT,))
    scopes = frozenset(scope for role in held for scope in SCOPES_OF_ROLE[role])
    return Asker(UserId(calls.agent_id), held, (PLATFORM,), ("fr",), scopes)


def test_what_is_typed_is_kept_sealed_until_it_is_changed(calls: CallWorld) -> None:
    calls.person(MOBILE)
    entry_id, words = calls.lease(), calls.app.desk_work.words
    words.save_draft(calls.agent_id, entry_id, {"note": "Rappeler sa fille", "callback_at": ""})
    words.save_draft(calls.agent_id, entry_id, {"note": "Rappeler sa fille Léa"})
    assert words.draft(calls.agent_id, entry_id) == {"note": "Rappeler sa fille Léa"}
    (row,) = calls.rows(tables.desk_drafts)
    assert b"fille" not in row.sealed


def test_a_draft_is_the_agent_s_own_and_needs_the_person_in_hand(calls: CallWorld) -> None:
    calls.person(MOBILE)
    entry_id, words = calls.lease(), calls.app.desk_work.words
    words.save_draft(calls.agent_id, entry_id, {"note": "à moi"})
    other = calls.colleague("other", "agent", OTHER_AGENT_PHONE)
    with pytest.raises(Conflict):
        words.draft(other, entry_id)
    with pytest.raises(Conflict):
        words.save_draft(other, entry_id, {"note": "pas à moi"})


def test_of_two_screens_neither_wipes_out_what_the_other_typed(calls: CallWorld) -> None:
    calls.person(MOBILE)
    entry_id, words = calls.lease(), calls.app.desk_work.words
    first = words.change_draft(calls.agent_id, entry_id, {"note": "un"}, seen=version_of({}))
    second = words.change_draft(
        calls.agent_id, entry_id, {"note": "un deux", "outcome": "BUSY"}, seen=first.version
    )
    late = words.change_draft(calls.agent_id, entry_id, {"c0.family_name": "Roux"}, seen=first.version)
    assert late == DraftAnswer(second.version, {"note": "un deux", "outcome": "BUSY"})
    words.change_draft(calls.agent_id, entry_id, {"c0.family_name": "Roux", "outcome": ""}, seen=late.version)
    assert words.draft(calls.agent_id, entry_id) == {"note": "un deux", "c0.family_name": "Roux"}


def test_a_draft_may_not_grow_without_end(calls: CallWorld) -> None:
    calls.person(MOBILE)
    with pytest.raises(InvalidInput, match="more than a draft may hold"):
        calls.app.desk_work.words.save_draft(calls.agent_id, calls.lease(), {"note": "a" * 20_001})


def test_drafts_and_outcomes_that_nobody_comes_back_to_are_forgotten(calls: CallWorld) -> None:
    calls.person(MOBILE)
    calls.app.desk_work.words.save_draft(calls.agent_id, calls.lease(), {"note": "…"})
    assert calls.app.desk_work.words.forget() == 0
    calls.clock.advance(timedelta(days=1, seconds=1))
    assert calls.app.desk_work.words.forget() == 1


def test_a_person_who_is_erased_leaves_no_draft(calls: CallWorld) -> None:
    calls.person(MOBILE)
    calls.app.desk_work.words.save_draft(calls.agent_id, calls.lease(), {"note": "…"})
    calls.app.call_list.release(calls.agent_id, because="RELEASED")
    calls.app.erasure.erase_named(PLATFORM, "test", "R1", actor="system:test", because=ErasureReason.ASKED)
    assert calls.rows(tables.desk_drafts) == []


def test_an_agent_chooses_their_own_keys(calls: CallWorld) -> None:
    words = calls.app.desk_work.words
    assert words.keys(calls.agent_id)[Command.CALL] == "KeyC"
    words.change_keys(calls.agent_id, {"call": "KeyJ"})
    keys = words.keys(calls.agent_id)
    assert (keys[Command.CALL], keys[Command.HANG_UP]) == ("KeyJ", "KeyX")


@pytest.mark.parametrize(
    ("wanted", "why"),
    [({"call": "KeyX"}, "One key"), ({"call": "Escape"}, "cannot be"), ({"fly": "KeyF"}, "no command")],
)
def test_keys_that_cannot_be_are_refused(calls: CallWorld, wanted: dict[str, str], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        calls.app.desk_work.words.change_keys(calls.agent_id, wanted)


def test_a_raised_hand_is_one_alarm_until_it_is_lowered(calls: CallWorld) -> None:
    calls.person(MOBILE)
    attempt, hands = calls.call(), calls.app.desk_work.hands
    hands.raise_hand(calls.agent_id, attempt.id)
    hands.raise_hand(calls.agent_id, attempt.id)
    assert [alarm["kind"] for alarm in calls.app.alarms.open([PLATFORM])] == ["HELP_WANTED"]
    hands.lower_hand(calls.agent_id, attempt.id)
    assert calls.app.alarms.open([PLATFORM]) == []


def test_the_end_of_the_call_lowers_the_hand_and_nobody_raises_it_for_another(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="busy")
    calls.person(MOBILE)
    attempt, hands = calls.until_status(calls.call(), "WRAP_UP"), calls.app.desk_work.hands
    hands.raise_hand(calls.agent_id, attempt.id)
    with pytest.raises(NotAllowed):
        hands.raise_hand(calls.colleague("other", "agent", OTHER_AGENT_PHONE), attempt.id)
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report())
    assert calls.app.alarms.open([PLATFORM]) == []
    with pytest.raises(Conflict, match="call is over"):
        hands.raise_hand(calls.agent_id, attempt.id)


def test_callbacks_are_offered_inside_the_hours_and_before_a_positive_s_deadline(calls: CallWorld) -> None:
    calls.person(MOBILE)
    entry_id, desk = calls.lease(), calls.app.desk_work.desk
    parts = desk.callback_slots(asker(calls), entry_id)
    assert [(str(part.day), part.part.value) for part in parts] == [
        ("2021-03-16", "MORNING"),
        ("2021-03-16", "MIDDAY"),
        ("2021-03-16", "EVENING"),
        ("2021-03-17", "MORNING"),
    ]
    assert not any(slot.late for part in parts for slot in part.slots)
    later = desk.callback_slots(asker(calls, Role.SUPERVISOR), entry_id)
    assert len({part.day for part in later}) == 4
    assert any(slot.late for part in later for slot in part.slots)


def test_a_half_hour_tells_how_many_calls_are_promised_for_it(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", answer_after=1, talk_seconds=5)
    calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "WRAP_UP")
    at = calls.clock.now() + timedelta(hours=2)
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.CALLBACK_AT, callback_at=at))
    calls.person(OTHER)
    parts = calls.app.desk_work.desk.callback_slots(asker(calls), calls.lease())
    assert {slot.at: slot.promised for part in parts for slot in part.slots if slot.promised} == {at: 1}


def test_the_desk_shows_the_person_and_what_happened_before(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", answer_after=1, talk_seconds=5)
    calls.person(MOBILE, others=(OTHER,))
    attempt = calls.until_status(calls.call(), "WRAP_UP")
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.PARTIAL, note="Parle doucement"))
    calls.clock.advance(timedelta(minutes=31))
    calls.app.call_list.keep_ready()
    calls.lease()
    view = calls.app.desk_work.desk.view(asker(calls))
    assert view.in_hand is not None
    assert [(call.who, call.outcome, call.note) for call in view.in_hand.calls] == [
        ("agent", "PARTIAL", "Parle doucement")
    ]
    assert (view.shift.begun, view.call, view.in_hand.interview) == (True, None, None)
    talking = calls.until_status(calls.call(view.in_hand.leased.entry_id), "WRAP_UP")
    view = calls.app.desk_work.desk.view(asker(calls))
    assert view.call is not None
    assert view.call.attempt.id == talking.id
    assert view.in_hand is not None
    assert view.in_hand.interview is not None


def test_a_restricted_person_is_not_named_beside_whom_the_agent_calls_but_is_when_called(
    calls: CallWorld,
) -> None:
    positive = calls.person(MOBILE, nom="Durand")
    relative = calls.person(MOBILE, kind="contact", nom="Petit", date_naissance="05/06/2001")
    calls.app.desk_work.known_people.link(positive, relative, {}, by=calls.agent_id, platforms=[PLATFORM])
    restrict = calls.app.break_glass
    restrict.restrict(relative, by=calls.agent_id, platforms=[PLATFORM])
    calls.lease()
    view = calls.app.desk_work.desk.view(asker(calls))
    assert view.in_hand is not None
    assert view.in_hand.card.facts.id == positive
    household = [(each.person, each.restricted) for each in view.in_hand.household]
    contacts = [(each.person, each.restricted) for each in view.in_hand.contacts]
    assert household == contacts == [(None, True)]
    assert not view.in_hand.card.facts.restricted
    restrict.lift(relative, "nobody is curious any more", by=calls.agent_id, platforms=[PLATFORM])
    restrict.restrict(positive, by=calls.agent_id, platforms=[PLATFORM])
    view = calls.app.desk_work.desk.view(asker(calls))
    assert view.in_hand is not None
    assert (view.in_hand.card.person is not None, view.in_hand.card.facts.restricted) == (True, True)
    assert [each.person is not None for each in view.in_hand.household] == [True]


def test_an_empty_desk_says_when_the_next_person_becomes_callable(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="busy")
    calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "WRAP_UP")
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report())
    view = calls.app.desk_work.desk.view(asker(calls))
    assert (view.in_hand, view.waits_until, view.ready) == (
        None,
        calls.clock.now() + timedelta(minutes=10),
        False,
    )
    calls.person(OTHER)
    assert calls.app.desk_work.desk.view(asker(calls)).ready


def test_contacts_known_by_number_or_by_name_and_birth_date_are_shown(calls: CallWorld) -> None:
    positive = calls.person(MOBILE)
    known = calls.person(OTHER, kind="contact", nom="Roux", prenoms="Jeanne", date_naissance="05/06/1970")
    by_number = matching(calls, positive, phone_1="06 39 98 00 51")
    assert [(found.case_record_id, found.same_number, found.same_name) for found in by_number] == [
        (known, True, False)
    ]
    by_name = matching(calls, positive, nom="roux", prenoms="JEANNE", birth_date="1970-06-05")
    assert [(found.case_record_id, found.same_name) for found in by_name] == [(known, True)]
    assert matching(calls, positive, nom="Roux") == []


FORMS = (
    *("06 39 98 00 51", "06.39.98.00.51", "0033639980051", "0033 (0)6 39 98 00 51"),
    *("+33 (0)6 39 98 00 51", "+33 06 39 98 00 51", "33 6 39 98 00 51", "639980051"),
)


@pytest.mark.parametrize("typed", FORMS)
def test_a_named_contact_s_number_is_one_line_however_it_was_typed(calls: CallWorld, typed: str) -> None:
    positive = calls.person(MOBILE)
    fields = {"family_name": "Roux", "given_names": "Jeanne", "phone_1": typed}
    named = calls.app.named_contacts.name(positive, fields, by=calls.agent_id, platforms=[PLATFORM])
    calls.lease()  # the positive is in hand; a colleague is given the contact
    colleague = calls.colleague("other", "agent", OTHER_AGENT_PHONE)
    calls.app.call_list.start_shift(colleague, PLATFORM)
    assert calls.app.call_list.next_entry(colleague, platforms=[PLATFORM], languages=["fr"])
    in_hand = calls.app.desk_work.desk.view(replace(asker(calls), user_id=UserId(colleague))).in_hand
    assert in_hand is not None
    assert in_hand.card.person is not None
    phone = in_hand.card.person.person.phones[0]
    assert (phone.e164, phone.raw) == (OTHER, typed)  # called by the one, kept as it was said
    searching = asker(calls, Role.SUPERVISOR)
    for form in FORMS:
        found = matching(calls, positive, phone_1=form)
        assert [each.case_record_id for each in found] == [named.case_record_id], form
        by_number = calls.app.records.search.by_number(form, searching)
        assert [each.id for each in by_number] == [named.case_record_id], form


def test_somebody_known_is_linked_instead_of_typed(calls: CallWorld) -> None:
    positive = calls.person(MOBILE)
    known = calls.person(OTHER, kind="contact", nom="Roux", prenoms="Jeanne", date_naissance="05/06/1970")
    outcome = calls.app.desk_work.known_people.link(
        positive, known, {"last_contact_on": "2021-03-14"}, by=calls.agent_id, platforms=[PLATFORM]
    )
    assert (outcome.verdict.value, outcome.case_record_id) == ("merged", known)
    assert [row.contact_id for row in calls.rows(tables.exposures) if row.positive_id == positive] == [known]


def matching(calls: CallWorld, positive: UUID, **fields: str) -> list[KnownRecord]:
    return list(
        calls.app.desk_work.known_people.matching(positive, fields, by=calls.agent_id, platforms=[PLATFORM])
    )
