"""Alphabets, segments and words of SMS, by real samples."""

import unicodedata

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.sms_text import Accents, Alphabet, alphabet_of, repaired, segments_of, stretches_of
from outreach.telephony.simulator.segments import billed_segments

FORCES_UCS_2 = ["ç", "ê", "ë", "ï", "î", "ô", "û", "â", "œ", "À", "’", "«", "»", "…", "–", "\u00a0"]
GSM_7 = ["é", "è", "à", "ù", "É", "Ç", "€"]


@pytest.mark.parametrize("character", FORCES_UCS_2)
def test_one_such_character_more_than_halves_what_an_sms_holds(character: str) -> None:
    assert alphabet_of(f"a{character}") is Alphabet.UCS_2
    assert segments_of(character + "a" * 69) == 1
    assert segments_of(character + "a" * 70) == 2


@pytest.mark.parametrize("character", FORCES_UCS_2)
def test_repair_finds_a_spelling_in_gsm_7(character: str) -> None:
    assert alphabet_of(repaired(character)) is Alphabet.GSM_7


@pytest.mark.parametrize("character", GSM_7)
def test_repair_leaves_what_gsm_7_has(character: str) -> None:
    assert alphabet_of(character) is Alphabet.GSM_7
    assert repaired(character) == character


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),  # it counts for two
        ("€" * 81, 2),
        ("é" * 160, 1),
        ("ç" * 70, 1),
        ("ç" * 71, 2),
        ("ç" * 134, 2),
        ("ç" * 135, 3),
    ],
)
def test_segments_are_counted_as_they_are_billed(text: str, segments: int) -> None:
    assert segments_of(text) == segments


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("l’œuvre « être » …", 'l\'oeuvre "etre" ...'),
        ("12\u00a0h\u202f30 – 14 h", "12 h 30 - 14 h"),
        ("reçu à Noël", "recu à Noel"),
        ("décomposé: e\u0301", "décomposé: é"),
        ("ok 👍", "ok 👍"),
    ],
)
def test_repair_keeps_the_words(written: str, sent: str) -> None:
    assert repaired(written) == sent


@given(st.text())
def test_repairing_twice_is_repairing_once(text: str) -> None:
    assert repaired(repaired(text)) == repaired(text)


@given(st.text())
def test_repair_never_costs_a_plain_text_its_alphabet(text: str) -> None:
    if alphabet_of(text) is Alphabet.GSM_7:
        assert alphabet_of(repaired(text)) is Alphabet.GSM_7


@pytest.mark.parametrize(
    ("text", "encoding", "parts"),
    [
        ("1" * 160, "gsm0338", ["1" * 160]),
        ("1" * 160 + "2" * 10, "gsm0338", ["1" * 153, "1" * 7 + "2" * 10]),
        ("1" * 145 + "{" * 15, "gsm0338", ["1" * 145 + "{" * 4, "{" * 11]),
        ("1" * 152 + "{" + "1" * 12, "gsm0338", ["1" * 152, "{" + "1" * 12]),
        ("[the quick brown fox]", "gsm0338", ["[the quick brown fox]"]),
        ("最高でした 🍔", "utf_16_be", ["最高でした 🍔"]),
    ],
)
def test_segments_are_split_as_the_library_publishes_it(text: str, encoding: str, parts: list[str]) -> None:
    split = smsutil.split(text)
    assert (split.encoding, [part.content for part in split.parts]) == (encoding, parts)
    assert segments_of(text) == len(parts)


@given(st.text(st.sampled_from("abcéèà €{}[]ç’👍"), max_size=400))
def test_segments_agree_with_another_way_of_counting(text: str) -> None:
    """A sign of two units is never cut, so that a joined segment may carry one unit less."""
    assert billed_segments(text) <= max(1, segments_of(text)) <= billed_segments(text) + 1


@pytest.mark.parametrize(
    ("written", "kept"),
    [("l’œuvre reçue…", "l'oeuvre reçue..."), ("être à l'heure", "être à l'heure"), ("où\u00a0?", "où ?")],
)
def test_a_platform_that_keeps_its_accents_loses_only_the_printers_signs(written: str, kept: str) -> None:
    assert repaired(written, Accents.KEEP) == kept


def test_characters_that_cost_are_told_where_they_stand_with_what_is_sent_for_them() -> None:
    told = [(each.text, each.becomes, each.costly) for each in stretches_of("Tôt, c’est 🙂")]
    assert told == [
        ("T", "T", False),
        ("ô", "o", False),
        ("t, c", "t, c", False),
        ("’", "'", False),
        ("est ", "est ", False),
        ("🙂", "🙂", True),
    ]
    kept = stretches_of("Tôt", Accents.KEEP)
    assert [each.text for each in kept if each.costly] == ["ô"]


@given(st.text())
def test_the_stretches_of_a_text_are_the_text_and_what_becomes_of_them_is_its_repair(text: str) -> None:
    told = stretches_of(text)
    assert "".join(each.text for each in told) == unicodedata.normalize("NFC", text)
    if "«" not in text and "»" not in text:
        assert "".join(each.becomes for each in told) == repaired(text)
