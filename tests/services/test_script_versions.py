"""Versions of texts: drafted, dated, taken back; in force everywhere within seconds; never rewritten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, insert

from outreach.clock import SetClock
from outreach.domain.scripts import ScriptState, ScriptVersion
from outreach.domain.sms_text import Accents
from outreach.errors import Conflict, InvalidInput, NotAllowed, NotFound
from outreach.ids import new_id
from outreach.rendering.safe_templates import UnsafeTemplate
from outreach.services.script_editing import Editor, NewText, ScriptEditing
from outreach.services.script_reading import ScriptReading
from outreach.services.scripts import SEEN_FOR, Scripts
from outreach.storage import tables
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.message_world import message_world, scripts_of

EVERYWHERE = Editor(None, None)
NEW = "Bonjour. Ici la CPAM {{ platform_name }}. Rappelez-nous dès que possible. Merci."
NEWER = "Bonjour. Ici la CPAM {{ platform_name }}. Nous attendons votre appel. Merci."
LATER = timedelta(days=2)


@dataclass
class Shelf:
    """The texts of one process, and those who change them."""

    scripts: Scripts
    editing: ScriptEditing
    reading: ScriptReading
    clock: SetClock

    def said(self, name: str = "voicemail", platform: str = "40") -> str:
        with self.scripts.database.begin() as connection:
            made = self.scripts.render(
                connection, name, language="fr", platform=platform, now=self.clock.now()
            )
        return made.text

    def draft(self, body: str = NEW, *, platform: str = "", name: str = "voicemail") -> ScriptVersion:
        new = NewText(name, "fr", body, "clearer", platform)
        return self.editing.draft(new, EVERYWHERE)[0]

    def put(self, body: str = NEW, *, platform: str = "", after: timedelta | None = None) -> ScriptVersion:
        begins = None if after is None else self.clock.now() + after
        return self.editing.schedule(self.draft(body, platform=platform).id, begins, EVERYWHERE)

    def states(self) -> dict[int, ScriptState]:
        found = self.reading.versions("voicemail", language="fr", platforms=None)
        return {each.version.number: each.state for each in found}


def shelf_of(database: Database, clock: SetClock) -> Shelf:
    scripts = scripts_of(database)
    return Shelf(
        scripts, ScriptEditing(database, clock, scripts), ScriptReading(database, clock, scripts), clock
    )


@pytest.fixture
def shelf(database: Database, clock: SetClock, platform: str) -> Shelf:
    return shelf_of(database, clock)


def add_platform(database: Database, clock: SetClock, code: str, **facts: str) -> None:
    usual = {"name": "Gironde", "time_zone": "Europe/Paris", "department": code}
    with database.begin() as connection:
        connection.execute(
            insert(tables.platforms).values(code=code, created_at=clock.now(), **(usual | facts))
        )


def test_a_draft_says_nothing_to_anybody(shelf: Shelf) -> None:
    shelf.draft()
    assert "dès que possible" not in shelf.said()
    assert shelf.states() == {1: ScriptState.ACTIVE, 2: ScriptState.DRAFT}


def test_a_version_takes_effect_at_its_moment_and_the_one_before_is_old(shelf: Shelf) -> None:
    shelf.put(after=LATER)
    assert shelf.states() == {1: ScriptState.ACTIVE, 2: ScriptState.SCHEDULED}
    assert "dès que possible" not in shelf.said()
    shelf.clock.advance(LATER)
    assert "dès que possible" in shelf.said()
    assert shelf.states() == {1: ScriptState.OLD, 2: ScriptState.ACTIVE}


def test_a_text_is_stamped_with_the_number_of_its_version(shelf: Shelf) -> None:
    shelf.put()
    with shelf.scripts.database.begin() as connection:
        made = shelf.scripts.render(
            connection, "voicemail", language="fr", platform="40", now=shelf.clock.now()
        )
    assert (made.template, made.version, made.language) == ("voicemail", 2, "fr")


def test_a_withdrawn_version_gives_way_to_the_one_before(shelf: Shelf) -> None:
    first, second = shelf.put(NEW), shelf.put(NEWER)
    assert "attendons" in shelf.said()
    shelf.editing.withdraw(second.id, EVERYWHERE)
    assert "dès que possible" in shelf.said()
    shelf.editing.withdraw(first.id, EVERYWHERE)
    assert shelf.said().startswith("Bonjour. Ici la CPAM Landes. Nous cherchons")
    assert shelf.states() == {1: ScriptState.ACTIVE, 2: ScriptState.WITHDRAWN, 3: ScriptState.WITHDRAWN}
    with pytest.raises(Conflict):
        shelf.editing.withdraw(first.id, EVERYWHERE)


def test_a_version_is_scheduled_once(shelf: Shelf) -> None:
    version = shelf.put(after=LATER)
    with pytest.raises(Conflict):
        shelf.editing.schedule(version.id, None, EVERYWHERE)
    with pytest.raises(NotFound):
        shelf.editing.schedule(new_id(), None, EVERYWHERE)


def test_of_two_editors_of_one_text_the_second_is_told(shelf: Shelf) -> None:
    """Both saw version 1 in force; hers counts when he schedules his."""
    hers, his = (
        shelf.draft("CPAM {{ platform_name }} : elle."),
        shelf.draft("CPAM {{ platform_name }} : lui."),
    )
    shelf.editing.schedule(hers.id, None, EVERYWHERE, replaces=1)
    with pytest.raises(Conflict, match=f"Version {hers.number} of voicemail"):
        shelf.editing.schedule(his.id, None, EVERYWHERE, replaces=1)
    shelf.editing.schedule(his.id, None, EVERYWHERE, replaces=hers.number)
    assert shelf.said() == "CPAM Landes : lui."


def test_nothing_takes_effect_in_the_past(shelf: Shelf) -> None:
    draft = shelf.draft()
    with pytest.raises(InvalidInput):
        shelf.editing.schedule(draft.id, shelf.clock.now() - timedelta(seconds=1), EVERYWHERE)


def test_a_platforms_own_text_wins_there_and_only_there(shelf: Shelf) -> None:
    add_platform(shelf.scripts.database, shelf.clock, "33")
    shelf.put(NEW, platform="40")
    shelf.put(NEWER)
    assert "dès que possible" in shelf.said(platform="40")
    assert "attendons" in shelf.said(platform="33")
    assert shelf.states() == {1: ScriptState.OLD, 2: ScriptState.ACTIVE, 3: ScriptState.ACTIVE}


def test_another_process_says_the_new_text_seconds_later(shelf: Shelf) -> None:
    elsewhere = shelf_of(shelf.scripts.database, shelf.clock)
    before = elsewhere.said()
    shelf.put()
    assert elsewhere.said() == before
    shelf.clock.advance(SEEN_FOR)
    assert "dès que possible" in elsewhere.said()


def test_a_cached_text_asks_the_database_nothing_for_two_seconds(shelf: Shelf) -> None:
    asked: list[str] = []
    engine = shelf.scripts.database.engine
    shelf.said()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        for _ in range(3):
            shelf.scripts.render_cached("voicemail", language="fr", platform="40", now=shelf.clock.now())
        assert asked == []
        shelf.clock.advance(SEEN_FOR)
        shelf.scripts.render_cached("voicemail", language="fr", platform="40", now=shelf.clock.now())
        assert len(asked) == 2  # the counter, and the platforms
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_text_that_no_text_may_hold_is_not_even_kept(shelf: Shelf) -> None:
    with pytest.raises(UnsafeTemplate, match="Line 2"):
        shelf.draft("CPAM {{ platform_name }}\n{{ platform_name.__class__ }}")
    assert shelf.states() == {1: ScriptState.ACTIVE}


@pytest.mark.parametrize(
    "body",
    [
        "Bonjour.",
        "CPAM {{ platform_name }} : votre test est positif.",
        "CPAM {{ platform_name }} : voir bit.ly/x.",
    ],
)
def test_a_text_with_something_to_mend_is_kept_but_takes_no_effect(shelf: Shelf, body: str) -> None:
    version, findings = shelf.editing.draft(NewText("voicemail", "fr", body, "try"), EVERYWHERE)
    assert findings
    with pytest.raises(InvalidInput) as refused:
        shelf.editing.schedule(version.id, None, EVERYWHERE)
    assert refused.value.code == "text_to_mend"
    assert refused.value.mend


@pytest.mark.parametrize(
    ("name", "language", "reason", "error"),
    [
        ("advertisement", "fr", "why", NotFound),
        ("voicemail", "../fr", "why", InvalidInput),
        ("voicemail", "fr", "  ", InvalidInput),
    ],
)
def test_a_draft_names_a_text_a_language_and_a_reason(
    shelf: Shelf, name: str, language: str, reason: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        shelf.editing.draft(NewText(name, language, NEW, reason), EVERYWHERE)


def test_a_new_language_needs_no_file(shelf: Shelf) -> None:
    body = "Guten Tag. Hier ist die CPAM {{ platform_name }}. Bitte rufen Sie diese Nummer an."
    version, _ = shelf.editing.draft(NewText("voicemail", "de", body, "frontier"), EVERYWHERE)
    shelf.editing.schedule(version.id, None, EVERYWHERE)
    made = shelf.scripts.render_cached("voicemail", language="de", platform="40", now=shelf.clock.now())
    assert (made.language, made.version) == ("de", 1)


def test_who_works_for_one_platform_changes_nothing_for_the_others(shelf: Shelf) -> None:
    add_platform(shelf.scripts.database, shelf.clock, "33")
    landes = Editor(None, ["40"])
    with pytest.raises(NotAllowed):
        shelf.editing.draft(NewText("voicemail", "fr", NEW, "why"), landes)
    with pytest.raises(NotFound):
        shelf.editing.draft(NewText("voicemail", "fr", NEW, "why", "33"), landes)
    with pytest.raises(NotAllowed):
        shelf.editing.set_parameter(
            "isolation_days", 8, country="FR", effective_from=date(2021, 3, 1), reason="x", editor=landes
        )
    theirs = shelf.draft(platform="33")
    with pytest.raises(NotFound):
        shelf.editing.schedule(theirs.id, None, landes)
    with pytest.raises(NotFound):
        shelf.reading.version(theirs.id, ["40"])
    assert shelf.editing.draft(NewText("voicemail", "fr", NEW, "why", "40"), landes)[0].number == 3


def test_a_supervisor_schedules_a_duration_and_takes_it_back(shelf: Shelf) -> None:
    today = shelf.clock.now().date()

    def isolation(moment: datetime) -> int:
        with shelf.scripts.database.begin() as connection:
            return shelf.scripts.parameters(connection, "40", moment)["isolation_days"]

    value = shelf.editing.set_parameter(
        "isolation_days",
        8,
        country="FR",
        effective_from=today + LATER,
        reason="a decree",
        editor=EVERYWHERE,
    )
    assert isolation(shelf.clock.now()) == 10
    assert isolation(shelf.clock.now() + LATER) == 8
    today_values, given = shelf.reading.parameters("40")
    assert today_values["isolation_days"] == 10
    assert given[-1].effective_from > today or value in given
    assert isinstance(value.id, UUID)
    shelf.editing.withdraw_parameter(value.id, EVERYWHERE)
    assert isolation(shelf.clock.now() + LATER) == 10
    with pytest.raises(NotFound):
        shelf.editing.withdraw_parameter(value.id, EVERYWHERE)


@pytest.mark.parametrize(("name", "value"), [("isolation_days", 99), ("isolation_days", -1), ("other", 1)])
def test_an_odd_duration_is_refused(shelf: Shelf, name: str, value: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        shelf.editing.set_parameter(
            name, value, country="FR", effective_from=date(2021, 1, 1), reason="x", editor=EVERYWHERE
        )
    assert refused.value.mend


def test_what_changed_is_told_since_one_last_worked(shelf: Shelf) -> None:
    since = shelf.clock.now()
    shelf.clock.advance(timedelta(hours=1))
    version = shelf.put()
    shelf.put(NEWER, after=LATER)
    shelf.editing.set_parameter(
        "isolation_days",
        9,
        country="FR",
        effective_from=shelf.clock.now().date() + timedelta(days=1),
        reason="a decree",
        editor=EVERYWHERE,
    )
    changes = shelf.reading.changes(None, ["40"], since)
    (change,) = changes.texts
    assert (change.number, change.what, change.reason) == (version.number, "TOOK_EFFECT", "clearer")
    assert "+Bonjour. Ici la CPAM {{ platform_name }}. Rappelez-nous" in change.diff
    assert "-Bonjour. Ici la CPAM {{ platform_name }}. Nous cherchons" in change.diff
    assert changes.parameters == []
    shelf.clock.advance(LATER)
    changes = shelf.reading.changes(None, ["40"], since)
    assert [each.number for each in changes.texts] == [3, 2]
    assert [each.value for each in changes.parameters] == [9]
    assert shelf.reading.changes(None, ["40"], shelf.clock.now()).texts == []


def test_a_withdrawal_is_a_change_too(shelf: Shelf) -> None:
    since = shelf.clock.now() - timedelta(seconds=1)
    version = shelf.put()
    shelf.clock.advance(timedelta(minutes=1))
    shelf.editing.withdraw(version.id, EVERYWHERE)
    never = shelf.put(NEWER, after=LATER)
    shelf.editing.withdraw(never.id, EVERYWHERE)
    changes = shelf.reading.changes(None, ["40"], since)
    assert [each.what for each in changes.texts] == ["WITHDRAWN", "TOOK_EFFECT"]
    assert "+Bonjour. Ici la CPAM {{ platform_name }}. Nous cherchons" in changes.texts[0].diff


def test_two_versions_are_compared_line_by_line(shelf: Shelf) -> None:
    shelf.draft()
    told = shelf.reading.diff("voicemail", language="fr", old=1, new=2, platforms=["40"])
    assert told.splitlines()[:2] == ["--- version 1", "+++ version 2"]
    with pytest.raises(NotFound):
        shelf.reading.diff("voicemail", language="fr", old=1, new=9, platforms=None)


def test_a_text_is_tried_out_on_a_sample_person_before_it_is_kept(shelf: Shelf) -> None:
    body = "CPAM {{ platform_name }} : le {{ callback_day | long_date }} à {{ callback_time | hour }}."
    made = shelf.reading.preview(
        "callback_agreed",
        language="fr",
        platform="40",
        body=body,
        values={"callback_day": "2021-03-01", "callback_time": "09:15"},
    )
    assert made.text == "CPAM Landes : le lundi 1er mars à 9 h 15."
    assert made.segments == 1
    with pytest.raises(InvalidInput):
        shelf.reading.preview(
            "callback_agreed", language="fr", platform="40", values={"callback_day": "lundi"}
        )
    with pytest.raises(UnsafeTemplate):
        shelf.reading.preview("callback_agreed", language="fr", platform="40", body="{{ x() }}")


def test_every_text_can_be_tried_out_as_it_is(shelf: Shelf) -> None:
    for text in shelf.reading.texts("40"):
        for language in text.versions:
            made = shelf.reading.preview(text.entry.name, language=language, platform="40")
            assert made.text
            assert "CPAM Landes" in made.text or not text.entry.identity


def test_a_look_at_next_month_leaves_the_texts_of_today_in_place(shelf: Shelf) -> None:
    shelf.put(NEW)
    shelf.put(NEWER, after=LATER)
    ahead = shelf.reading.preview(
        "voicemail", language="fr", platform="40", at=shelf.clock.now() + timedelta(days=30)
    )
    assert "attendons" in ahead.text
    assert "dès que possible" in shelf.said()


def test_the_texts_in_force_are_written_to_files_as_they_were_read(shelf: Shelf) -> None:
    shelf.put()
    files = shelf.reading.files("40")
    catalog = shelf.scripts.catalog
    assert files["fr/voicemail.voice.j2"] == NEW
    assert files["en/voicemail.voice.j2"] == catalog.source("voicemail", "en")
    assert len(files) == sum(len(catalog.languages(name)) for name in catalog.entries)


def test_accents_are_a_platforms_own_choice(shelf: Shelf) -> None:
    body = "CPAM {{ platform_name }} : vous êtes attendu."

    def sent() -> str:
        return shelf.reading.preview("missed_call", language="fr", platform="40", body=body).text

    assert sent() == "CPAM Landes : vous etes attendu."
    shelf.editing.choose_accents("40", Accents.KEEP, EVERYWHERE)
    assert sent() == "CPAM Landes : vous êtes attendu."
    with pytest.raises(NotFound):
        shelf.editing.choose_accents("99", Accents.KEEP, EVERYWHERE)


def test_a_message_is_stamped_with_the_version_and_the_durations_it_was_made_from(
    database: Database, vault: Vault, clock: SetClock, platform: str
) -> None:
    shelf = shelf_of(database, clock)
    body = "CPAM {{ platform_name }} : rappelez-nous sous {{ contact_call_hours }} heures."
    shelf.editing.schedule(shelf.draft(body, name="missed_call").id, None, EVERYWHERE)
    with message_world(database, vault, clock) as world:
        positive = world.positive("+33639980101")
        with database.begin() as connection:
            world.messaging.queueing.queue_missed_call(
                connection, entry_id=positive.entry_id, now=clock.now()
            )
        message = world.message()
    assert (message["template"], message["template_version"]) == ("missed_call", 3)
    assert (message["language"], message["parameters"]) == ("fr", "contact_call_hours=24")


def test_the_list_tells_own_texts_scheduled_ones_and_languages_that_are_missing(shelf: Shelf) -> None:
    shelf.put(platform="40")
    later = shelf.put(after=timedelta(days=1))
    texts = {each.entry.name: each for each in shelf.reading.texts("40")}
    changed = texts["voicemail"]
    assert (changed.own, changed.versions["fr"]) == (frozenset({"fr"}), 2)
    assert [version.id for version in changed.scheduled] == [later.id]
    assert texts["missed_call"].missing == ()
    assert {each.entry.name: dict(each.versions) for each in texts.values() if each.missing} == {}


def test_two_versions_stand_beside_each_other_with_their_words(shelf: Shelf) -> None:
    first, second = shelf.draft("CPAM : sept jours."), shelf.draft("CPAM : dix jours.")
    told = shelf.reading.compare(
        "voicemail", language="fr", old=first.number, new=second.number, platforms=None
    )
    (row,) = told.rows
    assert [words.text for words in row.new or () if words.changed] == ["dix"]
    assert (told.old.number, told.new.number) == (first.number, second.number)


def test_the_reason_of_a_text_or_of_a_value_holds_no_number_and_no_address(shelf: Shelf) -> None:
    for reason in ("asked by 06 39 98 00 01", "asked by jeanne@example.org"):
        with pytest.raises(InvalidInput) as refused:
            shelf.editing.draft(NewText("voicemail", "fr", NEW, reason, ""), EVERYWHERE)
        assert refused.value.field == "reason"
        with pytest.raises(InvalidInput):
            shelf.editing.set_parameter(
                "isolation_days",
                8,
                country="FR",
                effective_from=date(2021, 1, 1),
                reason=reason,
                editor=EVERYWHERE,
            )
