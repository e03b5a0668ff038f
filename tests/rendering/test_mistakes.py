"""Each mistake in the writing of a text is told in a sentence of ours, whole in either language."""

from __future__ import annotations

import pytest

from outreach.domain.scripts import Channel
from outreach.rendering.mistakes import MISTAKES, Mistake
from outreach.rendering.safe_templates import refusals_of
from outreach.web.pages.sentences import told
from outreach.web.pages.words import speaking
from tests.rendering.test_safe_templates import VARIABLES

WRITTEN = [
    ("{% if flag %}oui", Mistake.BLOCK_OPEN),
    ("{% if flag %}{% for x in list %}{% endif %}", Mistake.CROSSED_TAG),
    ("oui{% endif %}", Mistake.STRAY_TAG),
    ("{% else %}", Mistake.STRAY_TAG),
    ("{% if flag %}oui{% endfi %}", Mistake.UNKNOWN_TAG),
    ("{% unless flag %}", Mistake.UNKNOWN_TAG),
    ("{% %}", Mistake.NAMELESS_TAG),
    ("{{ text", Mistake.SHOWN_OPEN),
    ("{{ text }", Mistake.BRACKET_OPEN),
    ("{{ (text }}", Mistake.BRACKET_OPEN),
    ("{% if flag", Mistake.TAG_OPEN),
    ("{# rien", Mistake.COMMENT_OPEN),
    ("{% if choice == 'a %}x{% endif %}", Mistake.QUOTE_OPEN),
    ("{% if %}x{% endif %}", Mistake.EMPTY_TAG),
    ("{% if flag and %}x{% endif %}", Mistake.EMPTY_TAG),
    ("{{ }}", Mistake.EMPTY_SHOWN),
    ("{{ text | }}", Mistake.NO_NAME),
    ("{{ text text }}", Mistake.TOO_MUCH_SHOWN),
    ("{% if choice = 'a' %}x{% endif %}", Mistake.ONE_EQUALS),
    ("{% if flag flag %}x{% endif %}", Mistake.TOO_MUCH_IN_TAG),
    ("{% for x %}{% endfor %}", Mistake.NO_LIST),
    ("{% if flag && flag %}x{% endif %}", Mistake.ODD_SIGN),
    ("{{ text ? }}", Mistake.ODD_SIGN),
    ("{{ missing }}", Mistake.UNKNOWN_VARIABLE),
    ("{{ text | nothing }}", Mistake.UNKNOWN_FILTER),
    ("{{ text | upper(3) }}", Mistake.FILTER_ARGUMENTS),
    ("{{ date }}", Mistake.NO_FILTER),
    ("{{ text | long_date }}", Mistake.FILTER_OF_ANOTHER_KIND),
    ("{{ text.upper }}", Mistake.ATTRIBUTE),
    ("{{ text() }}", Mistake.CALL),
    ("{% set text = 1 %}", Mistake.SET),
    ("{% block x %}{% endblock %}", Mistake.BLOCK),
    ("{% include 'x' %}", Mistake.OTHER_TEMPLATE),
    ("{{ number + 1 }}", Mistake.RECKONING),
    ("{{ text if flag }}", Mistake.INNER_IF),
    ("{% if choice == 'c' %}x{% endif %}", Mistake.UNKNOWN_CHOICE),
    ("{% raw %}x{% endraw %}", Mistake.RAW),
]
PROGRAMMERS = ("jinja", "token", "statement", "expected", "unexpected", "template", "encountered", "%(")
ENGLISH = (" the ", " is ", " never ", " write ", " use ", " tag ")


@pytest.mark.parametrize(("written", "mistake"), WRITTEN, ids=[written for written, _ in WRITTEN])
def test_a_mistake_is_told_by_line_in_whole_sentences_of_either_language(
    written: str, mistake: Mistake
) -> None:
    [refusal, *_] = refusals_of(f"CPAM\n{written}", VARIABLES, Channel.SMS)
    assert (refusal.line, refusal.mistake) == (2, mistake)
    for sentence in (refusal.sentence, refusal.mend, f"Line {refusal.line}: {refusal.sentence}"):
        with speaking("fr"):
            french = told(sentence)
        assert french != sentence
        for words in (sentence, french):
            assert not [word for word in PROGRAMMERS if word in words.lower()]
        assert not [word for word in ENGLISH if word in f" {french.lower()} "]


def test_every_mistake_has_its_sentences() -> None:
    assert set(MISTAKES) == set(Mistake)
