"""Reads the shipped texts: what each is for (catalog.toml, interviews.toml), its files, the dated rules."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from outreach.domain.dated_parameters import DatedRule, DatedValue, Parameter, values_of
from outreach.domain.interview_variables import question_variables
from outreach.domain.load_shedding import Mode
from outreach.domain.scripts import Audience, CatalogEntry, Channel, Variable, VariableKind
from outreach.errors import InvalidInput, NotFound
from outreach.rendering.safe_templates import parsed, tidied

PACKAGE = "scripts_templates"
CATALOG_FILES = ("catalog.toml", "interviews.toml")
PARAMETERS_FILE = "parameters.toml"
_READ_AS: Mapping[VariableKind, type] = {
    VariableKind.NUMBER: int,
    VariableKind.FLAG: bool,
    VariableKind.DATE: date,
    VariableKind.TIME: time,
    VariableKind.LIST: list,
}


@dataclass(frozen=True)
class Catalog:
    """The texts of a folder: its catalog files, parameters.toml, and one folder for each language."""

    folder: Traversable

    def entry(self, name: str) -> CatalogEntry:
        """Raises NotFound."""
        found = self.entries.get(name)
        if found is None:
            raise NotFound(f"The catalog has no text {name!r}.", code="unknown_text")
        return found

    def source(self, name: str, language: str) -> str | None:
        """A text as its file has it; None where the language has no file."""
        key = (name, language)
        if key not in self._sources:
            if language not in self.folders:
                return None
            file = self.folder.joinpath(language).joinpath(self.file_name(name))
            with _reading(self.file_name(name)):
                self._sources[key] = file.read_text(encoding="utf-8") if file.is_file() else None
        return self._sources[key]

    def languages(self, name: str) -> list[str]:
        """The languages whose folder has this text."""
        return [language for language in self.folders if self.source(name, language) is not None]

    def file_name(self, name: str) -> str:
        return f"{name}.{self.entry(name).channel}.j2"

    def variables(self, name: str) -> Mapping[str, Variable]:
        """All that a text may name: what it is given, and what every text may use."""
        return {**self.standard, **self.entry(name).variables}

    def questions(self, name: str, source: str) -> Mapping[str, Variable]:
        """What the conditions of an interview may name too: its own questions. Raises UnsafeTemplate."""
        if self.entry(name).channel is not Channel.INTERVIEW:
            return {}
        parsed(source, Channel.INTERVIEW)  # bearable, before it is read line by line
        return question_variables(tidied(source))

    def unknown_files(self) -> list[str]:
        """Files that look like texts and are in no catalog."""
        known = {self.file_name(name) for name in self.entries}
        return sorted(
            f"{language}/{file.name}"
            for language in self.folders
            for file in self.folder.joinpath(language).iterdir()
            if file.name.endswith(".j2") and file.name not in known
        )

    def definitions(self) -> dict[str, str]:
        """What stands beside the texts in their folder, by file name."""
        found = {name: self.folder.joinpath(name) for name in (*CATALOG_FILES, PARAMETERS_FILE)}
        return {name: file.read_text(encoding="utf-8") for name, file in found.items() if file.is_file()}

    @cached_property
    def entries(self) -> Mapping[str, CatalogEntry]:
        """Every text, by its name."""
        return {
            name: _entry(name, facts, self._variables)
            for read in self._catalogs
            for name, facts in read.get("texts", {}).items()
        }

    @cached_property
    def folders(self) -> list[str]:
        return sorted(each.name for each in self.folder.iterdir() if each.is_dir() and each.name.isalpha())

    @cached_property
    def standard(self) -> Mapping[str, Variable]:
        """What every text may name without being given it: the platform's facts, and the parameters."""
        facts = {name: v for read in self._catalogs for name, v in _variables(read.get("standard", {}))}
        numbers = {
            name: Variable(name, VariableKind.NUMBER, worst=parameter.most)
            for name, parameter in self.parameters.items()
        }
        return {**facts, **numbers}

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        return {name: Parameter(name, **facts) for name, facts in self._parameters["parameters"].items()}

    @cached_property
    def rules(self) -> list[DatedRule]:
        """The dated rules that come with the program, oldest first."""
        return [DatedRule(**rule) for rule in self._parameters["rules"]]

    @cached_property
    def values(self) -> list[DatedValue]:
        return values_of(self.rules)

    @cached_property
    def _sources(self) -> dict[tuple[str, str], str | None]:
        return {}

    @cached_property
    def _variables(self) -> Mapping[str, Variable]:
        return {name: each for read in self._catalogs for name, each in _variables(read.get("variables", {}))}

    @cached_property
    def _catalogs(self) -> list[dict[str, Any]]:
        return [read for name in CATALOG_FILES if (read := self._read(name))]

    @cached_property
    def _parameters(self) -> dict[str, Any]:
        return {"parameters": {}, "rules": [], **self._read(PARAMETERS_FILE)}

    def _read(self, name: str) -> dict[str, Any]:
        file = self.folder.joinpath(name)
        if not file.is_file():
            return {}
        with _reading(name):
            return tomllib.loads(file.read_text(encoding="utf-8"))


def _variables(read: Mapping[str, Any]) -> Iterator[tuple[str, Variable]]:
    for name, facts in read.items():
        with _reading(f"the variable {name}"):
            kind = VariableKind(facts["type"])
            fits = isinstance(facts["worst"], _READ_AS.get(kind, str))
            if not fits:
                raise InvalidInput(f"The worst value of {name} must be a {kind}.", field=name)
            yield name, Variable(name, kind, facts["worst"], tuple(facts.get("choices", ())))


def _entry(name: str, facts: Mapping[str, Any], variables: Mapping[str, Variable]) -> CatalogEntry:
    with _reading(f"the text {name}"):
        read: dict[str, Any] = {
            **facts,
            "audience": Audience(facts["audience"]),
            "channel": Channel(facts["channel"]),
            "variables": {each: variables[each] for each in facts.get("variables", ())},
        }
        if "modes" in facts:
            read["modes"] = frozenset(Mode(mode) for mode in facts["modes"])
        return CatalogEntry(name=name, **read)


@contextmanager
def _reading(what: str) -> Iterator[None]:
    """Say in which part of the catalog something cannot be read. Raises InvalidInput."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        told = str(error).replace("CatalogEntry.__init__() ", "")
        raise InvalidInput(f"In the catalog, {what} cannot be read: {told}.", field=what) from None


@cache
def shipped_catalog() -> Catalog:
    """The texts that come with the program; they are read once."""
    return Catalog(files(PACKAGE))
