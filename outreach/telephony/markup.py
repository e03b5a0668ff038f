"""The documents (TwiML) that say what a leg hears and where it goes; built by the SDK only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from twilio.twiml.voice_response import Dial, VoiceResponse

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ALL_CONFERENCE_EVENTS = "start end join leave mute hold modify"


class SpokenLanguage(StrEnum):
    """A language we can speak on the phone; the value is the BCP 47 tag the provider wants."""

    FRENCH = "fr-FR"
    ENGLISH = "en-GB"
    SPANISH = "es-ES"
    GERMAN = "de-DE"
    ITALIAN = "it-IT"
    PORTUGUESE = "pt-PT"


def spoken_language(language: str) -> SpokenLanguage:
    """The language of a text by its two letters; French when we have no voice for it."""
    return next(
        (known for known in SpokenLanguage if known.startswith(f"{language}-")), SpokenLanguage.FRENCH
    )


_VOICES = {
    SpokenLanguage.FRENCH: "Polly.Lea-Neural",
    SpokenLanguage.ENGLISH: "Polly.Amy-Neural",
    SpokenLanguage.SPANISH: "Polly.Lucia-Neural",
    SpokenLanguage.GERMAN: "Polly.Vicki-Neural",
    SpokenLanguage.ITALIAN: "Polly.Bianca-Neural",
    SpokenLanguage.PORTUGUESE: "Polly.Ines-Neural",
}


@dataclass(frozen=True)
class ConferenceSeat:
    """How one leg sits in an attempt's conference.

    `conference` and `label` name the attempt and the leg's part, never a person. `coach` is the sid of the
    only leg that hears this one (whisper); `muted` alone is listening.
    """

    conference: str
    label: str
    status_callback: str = ""
    end_on_exit: bool = False
    muted: bool = False
    coach: str = ""
    beep: bool = False


def join_conference(seat: ConferenceSeat) -> str:
    """Put the leg into the attempt's conference; silence, not music, while it waits."""
    document = VoiceResponse()
    dial = Dial()
    dial.conference(
        seat.conference,
        participant_label=seat.label,
        start_conference_on_enter=True,
        end_conference_on_exit=seat.end_on_exit,
        muted=seat.muted,
        coach=seat.coach or None,
        beep=seat.beep,
        wait_url="",
        status_callback=seat.status_callback or None,
        status_callback_event=_ALL_CONFERENCE_EVENTS if seat.status_callback else None,
        status_callback_method="POST" if seat.status_callback else None,
    )
    document.append(dial)
    return str(document)


def ask_for_key(
    text: str, action_url: str, language: SpokenLanguage = SpokenLanguage.FRENCH, *, seconds: int = 8
) -> str:
    """Ask whoever picked up to press any key, which is posted to `action_url`; without one, end the leg."""
    document = VoiceResponse()
    gather = document.gather(
        input="dtmf", num_digits=1, finish_on_key="", timeout=seconds, action=action_url, method="POST"
    )
    gather.say(without_control_characters(text), language=language.value, voice=_VOICES[language])
    document.hangup()
    return str(document)


def say_then_hang_up(text: str, language: SpokenLanguage = SpokenLanguage.FRENCH) -> str:
    """Speak a text, then end the leg; the neutral message left on a voicemail is one of these.

    A neutral message names no illness, no service and nobody: the template's linter sees to that.
    """
    document = VoiceResponse()
    _speak(document, text, language)
    document.hangup()
    return str(document)


def play_then_hang_up(recording_url: str) -> str:
    """Drop a recorded message, then end the leg."""
    document = VoiceResponse()
    document.play(without_control_characters(recording_url))
    document.hangup()
    return str(document)


def hang_up() -> str:
    """End the leg at once."""
    document = VoiceResponse()
    document.hangup()
    return str(document)


def without_control_characters(text: str) -> str:
    """The text without what XML 1.0 forbids; a name pasted with a control character must not break a call."""
    return _CONTROL_CHARACTERS.sub("", text)


def _speak(document: VoiceResponse, text: str, language: SpokenLanguage) -> None:
    document.say(without_control_characters(text), language=language.value, voice=_VOICES[language])
