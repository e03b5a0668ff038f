"""The TwiML we write."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from outreach.telephony.markup import (
    ConferenceSeat,
    SpokenLanguage,
    ask_for_key,
    hang_up,
    join_conference,
    play_then_hang_up,
    say_then_hang_up,
)


def _verbs(document: str) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(document)
    assert root.tag == "Response"
    return list(root)


def test_a_seat_names_the_attempt_and_asks_for_every_event() -> None:
    seat = ConferenceSeat(
        "att-1", "agent", status_callback="https://x.test/c?t=1&u=2#rc=5&rp=all", end_on_exit=True
    )
    (dial,) = _verbs(join_conference(seat))
    (noun,) = list(dial)
    assert noun.text == "att-1"
    assert noun.get("participantLabel") == "agent"
    assert noun.get("endConferenceOnExit") == "true"
    assert noun.get("startConferenceOnEnter") == "true"
    assert noun.get("statusCallback") == "https://x.test/c?t=1&u=2#rc=5&rp=all"
    assert noun.get("statusCallbackEvent") == "start end join leave mute hold modify"
    assert noun.get("beep") == "false"


def test_listening_is_muted_and_whispering_is_coaching_one_leg() -> None:
    (listen,) = list(_verbs(join_conference(ConferenceSeat("att-1", "supervisor", muted=True)))[0])
    (whisper,) = list(_verbs(join_conference(ConferenceSeat("att-1", "supervisor", coach="CA1")))[0])
    assert (listen.get("muted"), listen.get("coach")) == ("true", None)
    assert (whisper.get("muted"), whisper.get("coach")) == ("false", "CA1")


@pytest.mark.parametrize(
    ("language", "voice"),
    [(SpokenLanguage.FRENCH, "Polly.Lea-Neural"), (SpokenLanguage.ENGLISH, "Polly.Amy-Neural")],
)
def test_words_are_spoken_in_their_language_and_voice(language: SpokenLanguage, voice: str) -> None:
    spoken, _ = _verbs(say_then_hang_up("Bonjour", language))
    assert (spoken.text, spoken.get("language"), spoken.get("voice")) == ("Bonjour", language.value, voice)


@pytest.mark.parametrize("text", ["a\x00b", "a\x07b", "a\x1bb", "a\x85b", "a\ud800b", "a\uffffb"])
def test_characters_that_break_xml_are_left_out(text: str) -> None:
    spoken, _hangup = _verbs(say_then_hang_up(text))
    assert spoken.text == "ab"


def test_what_looks_like_markup_is_spoken_not_obeyed() -> None:
    spoken, hangup = _verbs(say_then_hang_up("</Say><Hangup/> & é"))
    assert (spoken.text, hangup.tag) == ("</Say><Hangup/> & é", "Hangup")


def test_a_recording_is_dropped_then_the_leg_ends() -> None:
    play, hangup = _verbs(play_then_hang_up("https://x.test/neutral.mp3"))
    assert (play.tag, play.text, hangup.tag) == ("Play", "https://x.test/neutral.mp3", "Hangup")


def test_hanging_up_is_one_verb() -> None:
    assert [verb.tag for verb in _verbs(hang_up())] == ["Hangup"]


def test_a_leg_that_presses_no_key_ends() -> None:
    gather, hang_up_after = _verbs(ask_for_key("Une touche ?", "https://us.example/key?a=1&b=2"))
    assert (gather.tag, gather.get("numDigits"), gather.get("finishOnKey")) == ("Gather", "1", "")
    assert gather.get("action") == "https://us.example/key?a=1&b=2"
    assert [verb.text for verb in gather] == ["Une touche ?"]
    assert hang_up_after.tag == "Hangup"
