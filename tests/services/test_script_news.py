"""What changed in the scripts is shown until the agent says that they have read it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from outreach.errors import InvalidInput
from outreach.services.script_editing import Editor, NewText
from outreach.services.script_news import LineChange, ScriptNewsReading, as_read
from tests.call_world import PLATFORM, CallWorld

EVERYWHERE = Editor(None, None)
A_DAY = timedelta(days=1)


def _change(world: CallWorld, name: str, old: str, new: str) -> None:
    reading = world.app.script_reading
    body = reading.in_force(name, language="fr", platform=PLATFORM).body
    assert old in body
    editing = world.app.script_editing
    draft, *_ = editing.draft(NewText(name, "fr", body.replace(old, new), "clearer", ""), EVERYWHERE)
    editing.schedule(draft.id, None, EVERYWHERE)
    world.clock.advance(timedelta(minutes=5))


def _all_read(world: CallWorld) -> ScriptNewsReading:
    world.app.script_news.acknowledge(world.agent_id, world.clock.now())
    world.clock.advance(timedelta(minutes=5))
    return world.app.script_news


def test_a_changed_script_is_news_line_by_line_until_it_is_acknowledged(calls: CallWorld) -> None:
    news = _all_read(calls)
    assert news.unread(calls.agent_id, [PLATFORM]).is_empty
    _change(calls, "positive_full", "## identity |", "## identity | Avant tout :")
    unread = news.unread(calls.agent_id, [PLATFORM])
    (script,) = unread.scripts
    changed = [(line.what, line.text) for line in script.lines if line.what is not LineChange.KEPT]
    title = "Vérifier à qui vous parlez"
    assert changed == [(LineChange.REMOVED, title), (LineChange.ADDED, f"Avant tout : {title}")]
    news.acknowledge(calls.agent_id, unread.until)
    assert news.unread(calls.agent_id, [PLATFORM]).is_empty


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("?* in_hospital : yes_no : Êtes-vous hospitalisé ?", "Êtes-vous hospitalisé ?"),
        ("? why : choice(a=Un|b=Deux) : Pourquoi ?", "Pourquoi ?"),
        ("! Ne dites rien.", "Ne dites rien."),
        ("Jusqu'au {{ isolation_until|long_date }} inclus.", "Jusqu'au […] inclus."),
        ('{% if light == "yes" %}', ""),
    ],
)
def test_a_line_of_a_script_is_shown_as_it_is_read(line: str, words: str) -> None:
    assert as_read(line) == words


def test_a_change_of_choices_alone_is_shown_as_it_is_written(calls: CallWorld) -> None:
    news = _all_read(calls)
    _change(calls, "positive_light", "number(1..30)", "number(1..40)")
    (script,) = news.unread(calls.agent_id, [PLATFORM]).scripts
    removed = [line.text for line in script.lines if line.what is LineChange.REMOVED]
    assert removed[0].startswith("? household_size : number(1..30)")


def test_a_change_after_the_reading_is_news_again(calls: CallWorld) -> None:
    news = _all_read(calls)
    _change(calls, "positive_full", "## identity |", "## identity | Avant tout :")
    unread = news.unread(calls.agent_id, [PLATFORM])
    _change(calls, "contact_full", "## identity |", "## identity | Avant tout :")
    news.acknowledge(calls.agent_id, unread.until)
    assert [each.change.name for each in news.unread(calls.agent_id, [PLATFORM]).scripts] == ["contact_full"]


def test_texts_that_no_agent_says_are_no_news(calls: CallWorld) -> None:
    _change(calls, "missed_call", "important", "utile")
    assert calls.app.script_news.unread(calls.agent_id, [PLATFORM]).scripts == ()


def test_nobody_has_read_what_has_not_happened(calls: CallWorld) -> None:
    with pytest.raises(InvalidInput):
        calls.app.script_news.acknowledge(calls.agent_id, calls.clock.now() + A_DAY)


def test_an_earlier_reading_takes_nothing_back(calls: CallWorld) -> None:
    news = _all_read(calls)
    _change(calls, "positive_full", "## identity |", "## identity | Avant tout :")
    news.acknowledge(calls.agent_id, calls.clock.now())
    news.acknowledge(calls.agent_id, calls.clock.now() - A_DAY)
    assert news.unread(calls.agent_id, [PLATFORM]).is_empty
