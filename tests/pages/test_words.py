"""The words of pages: every one in French too, and no French without its English."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from outreach.web.pages.words import FOLDER
from tests.pages.sentences_of_code import sentences

WEB = FOLDER.parent
PAGES = WEB / "templates" / "pages"
PLACES_OF_VALUES = "%("
Message = str | tuple[str, ...]


def _of_templates() -> Iterator[Message]:
    for path in sorted(PAGES.rglob("*.html")):
        found = extract(
            "jinja2.ext:babel_extract",
            BytesIO(path.read_bytes()),
            options={"extensions": "jinja2.ext.i18n,jinja2.ext.do", "trimmed": "true"},
            keywords={"_": None, "gettext": None, "ngettext": (1, 2)},
        )
        yield from (message for _, message, *_ in found)


def _of_code() -> Iterator[Message]:
    for path in sorted(WEB.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield from _message(node.func.id, node.args)


def _message(name: str, given: list[ast.expr]) -> Iterator[Message]:
    texts = [each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if name in ("N_", "translated") and texts:
        yield texts[0]
    if name == "counted" and len(texts) > 1:
        yield texts[0], texts[1]


@cache
def _shown() -> frozenset[str]:
    messages = [*_of_templates(), *_of_code()]
    return frozenset(message if isinstance(message, str) else message[0] for message in messages if message)


def _catalogs() -> list[Path]:
    return sorted((FOLDER / "fr").glob("*.po"))


@cache
def _french() -> dict[str, str]:
    told: dict[str, str] = {}
    for path in _catalogs():
        with path.open("rb") as file:
            for message in read_po(file, locale="fr"):
                if message.id:
                    single = message.id if isinstance(message.id, str) else message.id[0]
                    told_in = message.string or ("",)
                    forms = [told_in] if isinstance(told_in, str) else list(told_in)
                    told[single] = "" if not all(forms) or message.fuzzy else "\n".join(forms)
    return told


def test_every_word_of_a_page_is_written_in_french_too() -> None:
    french = _french()
    missing = sorted(shown for shown in _shown() if not french.get(shown))
    assert missing == []


def test_every_sentence_of_an_error_is_written_in_french_too() -> None:
    french = _french()
    missing = sorted(sentence for sentence in sentences() if not french.get(sentence))
    assert missing == []


def test_no_french_stands_for_words_that_no_page_shows() -> None:
    shown = _shown() | set(sentences())
    unused = sorted(english for english in _french() if english not in shown)
    assert unused == []


def test_the_french_fills_in_the_same_values() -> None:
    for english, french in _french().items():
        assert {*_values(english)} >= {*_values(french)}, english


def _values(text: str) -> list[str]:
    return [piece.split(")")[0] for piece in text.split(PLACES_OF_VALUES)[1:]]


@pytest.mark.parametrize("path", _catalogs(), ids=lambda path: path.stem)
def test_a_catalog_says_nothing_twice_and_can_be_read(path: Path) -> None:
    with path.open("rb") as file:
        catalog = read_po(file, locale="fr", abort_invalid=True)
    assert len(catalog) == path.read_text(encoding="utf-8").count("\nmsgid ") - path.read_text(
        encoding="utf-8"
    ).count('\nmsgid ""\nmsgstr')


def test_french_marks_stand_after_a_narrow_space() -> None:
    for french in _french().values():
        for mark in (" ;", " !", " ?", " »", "« ", " %"):
            assert mark not in french.replace("%(", "("), french
