"""Every text of the catalog, in every language: its sender, no word of health, no false promise."""

from __future__ import annotations

from typing import Any

import pytest

from outreach.domain.messages import MessagePurpose
from outreach.domain.sms_text import Alphabet, alphabet_of, problems_of, segments_of
from outreach.errors import InvalidInput, NotFound
from outreach.rendering import Catalog, shipped_catalog

CATALOG = shipped_catalog()
VALUES = {
    "platform_name": "Nouvelle-Aquitaine",
    "information_address": "www.ameli.fr",
    "outreach_number": "+33974757678",
    "callback_day": "mercredi 17 septembre",
    "callback_time": "14:30",
}
TEXTS = [(purpose, language) for purpose in CATALOG.entries for language in CATALOG.languages(purpose)]
SMS = [(purpose, language) for purpose, language in TEXTS if purpose in set(MessagePurpose)]
PROMISES = ("rappellerons", "rappelons", "appellerons", "we will call", "call you back", "will call")


def variables_of(purpose: str) -> dict[str, str]:
    return {name: VALUES[name] for name in CATALOG.entry(purpose).variables}


@pytest.mark.parametrize(("purpose", "language"), TEXTS)
def test_a_text_says_who_sends_it_and_never_what_it_is_about(purpose: str, language: str) -> None:
    text = CATALOG.render(purpose, language, variables_of(purpose))
    most = CATALOG.entry(purpose).most_segments
    assert problems_of(text.text, identity="CPAM Nouvelle-Aquitaine", most_segments=most) == []


@pytest.mark.parametrize(
    ("purpose", "language"), [(p, lang) for p, lang in TEXTS if p in set(MessagePurpose)]
)
def test_an_sms_is_written_in_gsm_7(purpose: str, language: str) -> None:
    text = CATALOG.render(purpose, language, variables_of(purpose))
    assert alphabet_of(text.text) is Alphabet.GSM_7
    assert text.segments == segments_of(text.text) > 0


@pytest.mark.parametrize("language", CATALOG.languages(MessagePurpose.CONTACT_INFORMED))
def test_the_sms_in_place_of_a_call_promises_none(language: str) -> None:
    purpose = MessagePurpose.CONTACT_INFORMED
    text = CATALOG.render(purpose, language, variables_of(purpose)).text.lower()
    assert not any(promise in text for promise in PROMISES)
    assert "stop" in text
    assert "rappel" in text


@pytest.mark.parametrize("language", CATALOG.languages("VOICEMAIL"))
def test_a_voicemail_promises_no_call_that_the_mode_may_not_make(language: str) -> None:
    text = CATALOG.render("VOICEMAIL", language, variables_of("VOICEMAIL")).text.lower()
    assert not any(promise in text for promise in PROMISES)


@pytest.mark.parametrize(
    "purpose", sorted(set(MessagePurpose) - {MessagePurpose.CAMPAIGN, MessagePurpose.ANSWER})
)
def test_every_message_purpose_has_a_text_in_french(purpose: MessagePurpose) -> None:
    assert "fr" in CATALOG.languages(purpose)
    assert CATALOG.entry(purpose).channel == "sms"


def test_a_language_without_the_text_gets_it_in_french() -> None:
    text = CATALOG.render("VOICEMAIL", "xx", variables_of("VOICEMAIL"))
    assert text.language == "fr"


@pytest.mark.parametrize("language", ["../fr", "", "fr/", ".."])
def test_a_language_is_never_a_path(language: str) -> None:
    assert CATALOG.render("VOICEMAIL", language, variables_of("VOICEMAIL")).language == "fr"


@pytest.mark.parametrize(
    "variables", [{}, {"platform_name": "x", "family_name": "Dupont"}, {"family_name": "Dupont"}]
)
def test_variables_that_miss_or_are_too_many_are_refused(variables: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        CATALOG.render("VOICEMAIL", "fr", variables)


def test_an_unknown_purpose_is_not_found() -> None:
    with pytest.raises(NotFound):
        CATALOG.entry("ADVERTISEMENT")


@pytest.mark.parametrize(
    "source",
    [
        "{{ x.__class__.__mro__ }}",
        "{{ x.append(1) }}",
        "{{ missing }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
    ],
)
def test_a_template_cannot_leave_its_sandbox(tmp_path: Any, source: str) -> None:
    (tmp_path / "fr").mkdir()
    (tmp_path / "fr" / "t.sms.j2").write_text(source)
    (tmp_path / "catalog.toml").write_text(
        '[t]\npurpose = "T"\naudience = "A"\nchannel = "sms"\nversion = 1\n'
        'variables = ["x"]\nmost_segments = 1\n'
    )
    with pytest.raises(InvalidInput):
        Catalog(tmp_path).render("T", "fr", {"x": "y"})
