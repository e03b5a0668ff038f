"""Renders what we send and say, from the catalog of templates: strict, sandboxed, compiled once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

from jinja2 import StrictUndefined, Template
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from outreach.domain.sms_text import repaired, segments_of
from outreach.errors import InvalidInput, NotFound

FALLBACK_LANGUAGE = "fr"
PACKAGE = "scripts_templates"


@dataclass(frozen=True)
class CatalogEntry:
    """One text: what it is for, whom it speaks to, what it needs. `most_segments` 0: not an SMS."""

    name: str
    purpose: str
    audience: str
    channel: str
    version: int
    variables: tuple[str, ...]
    most_segments: int


@dataclass(frozen=True)
class RenderedText:
    """A text ready to send, with what it was made from."""

    text: str
    template: str
    version: int
    language: str
    segments: int


def _environment() -> ImmutableSandboxedEnvironment:
    # Texts, not HTML: an SMS that says &#39; would be wrong. What is spoken is escaped by the markup builder.
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


@dataclass(frozen=True)
class Catalog:
    """The shipped templates. `folder` holds catalog.toml and one folder for each language."""

    folder: Traversable

    @cached_property
    def entries(self) -> Mapping[str, CatalogEntry]:
        """Every text of the catalog, by its purpose."""
        read = tomllib.loads(self.folder.joinpath("catalog.toml").read_text(encoding="utf-8"))
        entries = (
            CatalogEntry(name=name, **{**facts, "variables": tuple(facts["variables"])})
            for name, facts in read.items()
        )
        return {entry.purpose: entry for entry in entries}

    def languages(self, purpose: str) -> list[str]:
        """The languages that have this text."""
        return sorted(
            folder.name
            for folder in self.folder.iterdir()
            if folder.is_dir() and folder.joinpath(self._file_name(purpose)).is_file()
        )

    def render(self, purpose: str, language: str, variables: Mapping[str, str]) -> RenderedText:
        """The text for a purpose, in GSM-7 where it is an SMS and its spelling allows.

        Variables that the text does not name are refused, as are those that are missing. Raises InvalidInput.
        """
        entry = self.entry(purpose)
        if set(variables) != set(entry.variables):
            raise InvalidInput(f"The text {entry.name} needs exactly: {', '.join(entry.variables)}.")
        spoken, template = self._template(entry, language)
        try:
            text = template.render(variables).strip()
        except TemplateError as error:
            raise InvalidInput(f"The text {entry.name} cannot be made: {type(error).__name__}.") from None
        if entry.channel == "sms":
            text = repaired(text)
        return RenderedText(text, entry.name, entry.version, spoken, segments_of(text))

    def entry(self, purpose: str) -> CatalogEntry:
        found = self.entries.get(purpose)
        if found is None:
            raise NotFound(f"The catalog has no text for {purpose}.")
        return found

    def _template(self, entry: CatalogEntry, language: str) -> tuple[str, Template]:
        for candidate in (language, FALLBACK_LANGUAGE):
            key = (candidate, entry.purpose)
            if key not in self._compiled:
                self._compiled[key] = self._compile(candidate, entry.purpose)
            compiled = self._compiled[key]
            if compiled is not None:
                return candidate, compiled
        raise NotFound(f"The text {entry.name} exists in no language.")

    def _compile(self, language: str, purpose: str) -> Template | None:
        if not language.isalpha():
            return None
        file = self.folder.joinpath(language).joinpath(self._file_name(purpose))
        return self._sandbox.from_string(file.read_text(encoding="utf-8")) if file.is_file() else None

    @cached_property
    def _sandbox(self) -> ImmutableSandboxedEnvironment:
        return _environment()

    @cached_property
    def _compiled(self) -> dict[tuple[str, str], Template | None]:
        return {}

    def _file_name(self, purpose: str) -> str:
        entry = self.entry(purpose)
        return f"{entry.name}.{entry.channel}.j2"


def shipped_catalog() -> Catalog:
    """The templates that come with the program."""
    return Catalog(files(PACKAGE))
