"""The words of pages: English in the code, French in catalogs of one file for each area."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from markupsafe import Markup

FOLDER = Path(__file__).parent.parent / "locale"
FRENCH, ENGLISH = "fr", "en"
LANGUAGES = {FRENCH: "Français", ENGLISH: "English"}

_language: ContextVar[str] = ContextVar("language of the page", default=FRENCH)
_area: ContextVar[str] = ContextVar("area of the page", default="")


@contextmanager
def speaking(language: str, area: str = "") -> Iterator[None]:
    """Within, words are of this language; one English word may have a French one of its own in an area."""
    language_before = _language.set(language if language in LANGUAGES else FRENCH)
    area_before = _area.set(area)
    try:
        yield
    finally:
        _area.reset(area_before)
        _language.reset(language_before)


def spoken() -> str:
    """The language of the page being drawn."""
    return _language.get()


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for a text that is translated later
    """Marks words for the catalogs; they are translated where they are shown."""
    return text


def translated(text: str, **values: object) -> str:
    """In the language of the page; what the catalogs lack stays English. `values` fill %(name)s."""
    return _filled(_translations(spoken(), _area.get()).gettext(text), values)


def counted(singular: str, plural: str, count: int, **values: object) -> str:
    """The form for a number."""
    return _filled(_translations(spoken(), _area.get()).ngettext(singular, plural, count), values)


def _filled(text: str, values: Mapping[str, object]) -> str:
    """Values that are not safe HTML are escaped where one of them is."""
    if not values:
        return text
    if any(hasattr(value, "__html__") for value in values.values()):
        return Markup(text) % values  # noqa: S704 - the text is ours
    return text % values


@cache
def _translations(language: str, area: str = "") -> NullTranslations:
    """The catalog of an area before those of all."""
    own = FOLDER / language / f"{area}.po"
    if not area or not own.exists():
        return _of_all(language)
    found = _read(own)
    found.add_fallback(_of_all(language))
    return found


@cache
def _of_all(language: str) -> NullTranslations:
    found: NullTranslations = NullTranslations()
    for path in sorted((FOLDER / language).glob("*.po")):
        one = _read(path)
        if isinstance(found, Translations):
            found.merge(one)
        else:
            found = one
    return found


def _read(path: Path) -> Translations:
    with path.open("rb") as file:
        return _compiled(read_po(file, locale=path.parent.name))


def _compiled(catalog: Catalog) -> Translations:
    packed = BytesIO()
    write_mo(packed, catalog)
    packed.seek(0)
    return Translations(packed)


def language_asked(accept_language: str) -> str:
    """The first of our languages that a browser asks for."""
    for part in accept_language.split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return FRENCH
