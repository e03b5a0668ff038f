"""Texts as they are in force: in somebody's language, with the platform's facts and the decrees."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from outreach.clock import SetClock
from outreach.domain.messages import MessagePurpose
from outreach.domain.scripts import Channel, RenderedText, Value, template_of
from outreach.domain.sms_text import Alphabet, alphabet_of, segments_of
from outreach.errors import InvalidInput, NotFound
from outreach.rendering.catalog import shipped_catalog
from outreach.services.scripts import Scripts, ScriptText
from outreach.storage import tables
from outreach.storage.database import Database
from tests.message_world import scripts_of

CATALOG = shipped_catalog()
SMS = [
    (name, language)
    for name, entry in CATALOG.entries.items()
    for language in CATALOG.languages(name)
    if entry.channel is Channel.SMS
]
OWN_TEXT = sorted(set(MessagePurpose) - {MessagePurpose.CAMPAIGN, MessagePurpose.ANSWER})


@pytest.fixture
def scripts(database: Database, platform: str) -> Scripts:
    return scripts_of(database)


def made(
    scripts: Scripts,
    name: str,
    *,
    clock: SetClock,
    variables: Mapping[str, Value] | None = None,
    language: str = "fr",
) -> RenderedText:
    with scripts.database.begin() as connection:
        return scripts.render(
            connection, name, language=language, platform="40", variables=variables, now=clock.now()
        )


def change_platform(scripts: Scripts, **values: str) -> None:
    with scripts.database.begin() as connection:
        connection.execute(update(tables.platforms).values(**values))


def worst_values(name: str) -> dict[str, Value]:
    given = {each.name: each.worst for each in CATALOG.entry(name).variables.values()}
    return given | ({"personal_link": "https://ameli.fr/p/1"} if "personal_link" in given else {})


@pytest.mark.parametrize(("name", "language"), SMS)
def test_a_shipped_sms_is_written_in_gsm_7(
    scripts: Scripts, clock: SetClock, name: str, language: str
) -> None:
    text = made(scripts, name, clock=clock, variables=worst_values(name), language=language)
    assert alphabet_of(text.text) is Alphabet.GSM_7
    assert text.segments == segments_of(text.text) > 0
    assert text.language == language


@pytest.mark.parametrize("purpose", OWN_TEXT)
def test_every_purpose_of_messages_has_a_text_of_its_name_in_french(purpose: MessagePurpose) -> None:
    assert CATALOG.entry(template_of(purpose)).purpose == purpose
    assert "fr" in CATALOG.languages(template_of(purpose))


@pytest.mark.parametrize("purpose", [MessagePurpose.CAMPAIGN, MessagePurpose.ANSWER])
def test_campaigns_and_answers_choose_among_several_texts(purpose: MessagePurpose) -> None:
    with pytest.raises(InvalidInput):
        template_of(purpose)
    assert len([entry for entry in CATALOG.entries.values() if entry.purpose == purpose]) >= 3


@pytest.mark.parametrize("language", ["xx", "../fr", "", "fr/", ".."])
def test_a_language_without_the_text_gets_it_in_french(
    scripts: Scripts, clock: SetClock, language: str
) -> None:
    assert made(scripts, "voicemail", clock=clock, language=language).language == "fr"


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("voicemail", {"family_name": "Dupont"}),
        ("reminder", {}),
        ("reminder", {"personal_link": "https://elsewhere.example/p/1"}),
        ("callback_agreed", {"callback_day": "mardi", "callback_time": "midi"}),
    ],
)
def test_variables_that_miss_are_too_many_or_odd_are_refused(
    scripts: Scripts, clock: SetClock, name: str, variables: dict[str, Value]
) -> None:
    with pytest.raises(InvalidInput):
        made(scripts, name, clock=clock, variables=variables)


def test_an_unknown_text_or_platform_is_not_found(scripts: Scripts, clock: SetClock) -> None:
    with pytest.raises(NotFound):
        made(scripts, "advertisement", clock=clock)
    with scripts.database.begin() as connection, pytest.raises(NotFound):
        scripts.render(connection, "voicemail", language="fr", platform="99", now=clock.now())


@pytest.mark.parametrize(
    ("day", "isolation", "quarantine"),
    [
        (date(2020, 6, 1), 14, 14),
        (date(2020, 10, 1), 7, 7),
        (date(2021, 2, 21), 7, 7),
        (date(2021, 2, 22), 10, 7),
        (date(2022, 4, 1), 7, 0),
    ],
)
def test_durations_follow_the_decree_of_the_day(
    scripts: Scripts, clock: SetClock, day: date, isolation: int, quarantine: int
) -> None:
    now = clock.now().replace(year=day.year, month=day.month, day=day.day)
    with scripts.database.begin() as connection:
        values = scripts.parameters(connection, "40", now)
    assert (values["isolation_days"], values["quarantine_days"]) == (isolation, quarantine)


def test_a_text_is_stamped_with_the_parameters_that_it_names(scripts: Scripts, clock: SetClock) -> None:
    variables: dict[str, Value] = {"letter_on": date(2021, 3, 1), "record_number": "40-1"}
    letter = made(scripts, "letter_unreached", clock=clock, variables=variables)
    assert letter.stamp == "fever_free_hours=48 isolation_days=10 isolation_early_exit_days=0"
    assert "pendant 10 jours" in letter.text
    assert "1er mars 2021" in letter.text
    assert made(scripts, "voicemail", clock=clock).stamp == ""


def test_a_country_without_decrees_has_no_durations(scripts: Scripts, clock: SetClock) -> None:
    change_platform(scripts, country="BE")
    variables: dict[str, Value] = {"letter_on": date(2021, 3, 1), "record_number": "40-1"}
    with pytest.raises(InvalidInput, match="no value in BE"):
        made(scripts, "letter_unreached", clock=clock, variables=variables)
    assert made(scripts, "voicemail", clock=clock).text.startswith("Bonjour")


def test_the_platforms_own_number_is_told(scripts: Scripts, clock: SetClock) -> None:
    assert "09 74 75 76 78" in made(scripts, "missed_call", clock=clock).text
    change_platform(scripts, caller_id="+33558000000")
    clock.advance(timedelta(seconds=3))
    assert "05 58 00 00 00" in made(scripts, "missed_call", clock=clock).text


def test_a_platform_may_keep_its_accents_and_pay_for_them(scripts: Scripts, clock: SetClock) -> None:
    accented = ScriptText("missed_call", "fr", 0, "CPAM {{ platform_name }} : vous êtes attendu. " * 3)

    def sent() -> RenderedText:
        with scripts.database.begin() as connection:
            return scripts.preview(
                connection,
                accented,
                platform="40",
                now=clock.now(),
                variables={},
            )

    replaced = sent()
    change_platform(scripts, sms_accents="KEEP")
    kept = sent()
    assert ("etes" in replaced.text, "êtes" in kept.text) == (True, True)
    assert (replaced.segments, kept.segments) == (1, 2)
