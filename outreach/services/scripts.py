"""The texts in force: picks the version that counts, fills it in, and knows soon when another one counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from threading import Lock
from zoneinfo import ZoneInfo

from outreach.domain import dated_parameters
from outreach.domain.dated_parameters import DatedValue
from outreach.domain.scripts import (
    CatalogEntry,
    Channel,
    RenderedText,
    ScriptVersion,
    Value,
    checked_value,
    version_in_force,
)
from outreach.domain.sms_text import Accents, repaired, segments_of
from outreach.errors import InvalidInput, NotFound
from outreach.rendering.catalog import Catalog
from outreach.rendering.filters import FALLBACK_LANGUAGE
from outreach.rendering.safe_templates import SafeTemplate, names_in, safe_template
from outreach.services.text_settings import TextSettings
from outreach.storage import platform_store, script_store
from outreach.storage.database import Connection, Database
from outreach.storage.platform_store import Platform

SEEN_FOR = timedelta(seconds=2)  # a change elsewhere is known here this much later at most
MOST_COMPILED = 2_000


@dataclass(frozen=True)
class ScriptText:
    """A text in force, as it was written."""

    name: str
    language: str
    number: int
    body: str
    version: ScriptVersion | None = None  # None: the file that came with the program


@dataclass(frozen=True)
class Snapshot:
    """What the database said of texts; `revision` tells whether it still does.

    `versions`: what is in force at `read_at` or will be later. `seen_at`: when the revision was looked at.
    """

    revision: int
    read_at: datetime
    seen_at: datetime
    versions: Mapping[tuple[str, str], Sequence[ScriptVersion]]
    values: Sequence[DatedValue]
    platforms: Mapping[str, Platform]

    def is_fresh(self, platform: str, now: datetime) -> bool:
        return abs(now - self.seen_at) < SEEN_FOR and platform in self.platforms


@dataclass(frozen=True)
class _Compiled:
    template: SafeTemplate
    names: frozenset[str]
    questions: Mapping[str, Value]  # of an interview, with what stands for each until it is answered


@dataclass
class Memory:
    """What one process knows of the texts; each compiled once for each version."""

    snapshot: Snapshot | None = None
    compiled: dict[tuple[str, str, str], _Compiled] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def forget(self) -> None:
        """Read again at the next text."""
        self.snapshot = None


@dataclass(frozen=True)
class Scripts:
    """Every text that is sent, spoken, printed or read out is made here."""

    database: Database
    catalog: Catalog
    settings: TextSettings
    memory: Memory = field(default_factory=Memory)

    def render(
        self,
        connection: Connection,
        name: str,
        *,
        language: str,
        platform: str,
        now: datetime,
        variables: Mapping[str, Value] | None = None,
        answers: Mapping[str, Value] | None = None,
    ) -> RenderedText:
        """A text of the catalog as it is in force now, in the language or else in French.

        `variables`: what the catalog says the text is given; the platform's facts and the dated parameters
        are there by themselves. `answers`: of an interview, to its own questions so far. Raises NotFound for
        an unknown text, InvalidInput for odd variables.
        """
        snapshot = self._snapshot(connection, platform, now)
        script = self._in_force(snapshot, name, language, platform, now)
        return self._rendered(snapshot, script, platform, now, variables or {}, answers or {})

    def render_cached(
        self,
        name: str,
        *,
        language: str,
        platform: str,
        now: datetime,
        variables: Mapping[str, Value] | None = None,
    ) -> RenderedText:
        """As `render`, without a query when the texts were looked at less than two seconds ago."""
        snapshot = self.memory.snapshot
        if snapshot is None or not snapshot.is_fresh(platform, now):
            with self.database.begin() as connection:
                snapshot = self._snapshot(connection, platform, now)
        script = self._in_force(snapshot, name, language, platform, now)
        return self._rendered(snapshot, script, platform, now, variables or {}, {})

    def preview(
        self,
        connection: Connection,
        script: ScriptText,
        *,
        platform: str,
        now: datetime,
        variables: Mapping[str, Value],
    ) -> RenderedText:
        """What a text would say, whether it is in force or not. Raises UnsafeTemplate, InvalidInput."""
        snapshot = _read(connection, 0, _platforms(connection, platform), now)
        return self._rendered(snapshot, script, platform, now, variables, {})

    def in_force(
        self, connection: Connection, name: str, *, language: str, platform: str, now: datetime
    ) -> ScriptText:
        """A text as it was written, with its version. Raises NotFound."""
        return self._in_force(self._snapshot(connection, platform, now), name, language, platform, now)

    def parameters(self, connection: Connection, platform: str, now: datetime) -> dict[str, int]:
        """The dated parameters that count on a platform today."""
        return self._parameters(self._snapshot(connection, platform, now), platform, now)

    def _rendered(
        self,
        snapshot: Snapshot,
        script: ScriptText,
        platform: str,
        now: datetime,
        variables: Mapping[str, Value],
        answers: Mapping[str, Value],
    ) -> RenderedText:
        entry = self.catalog.entry(script.name)
        compiled = self._compiled(script, entry)
        parameters = self._parameters(snapshot, platform, now)
        given = self._given(entry, variables, compiled.names, snapshot.platforms[platform], parameters)
        given |= {key: answers.get(key, unanswered) for key, unanswered in compiled.questions.items()}
        text = written = compiled.template.fill(given)
        if entry.channel is Channel.SMS:
            text = repaired(written, Accents(snapshot.platforms[platform].sms_accents))
        return RenderedText(
            text=text,
            template=script.name,
            version=script.number,
            language=script.language,
            segments=segments_of(text) if entry.channel is Channel.SMS else 0,
            parameters={name: parameters[name] for name in parameters if name in compiled.names},
            written=written,
        )

    def _given(
        self,
        entry: CatalogEntry,
        variables: Mapping[str, Value],
        used: frozenset[str],
        platform: Platform,
        parameters: Mapping[str, int],
    ) -> dict[str, Value]:
        odd = set(variables) - set(entry.variables)
        missing = (used & set(entry.variables)) - set(variables)
        if odd or missing:
            told = ", ".join(entry.variables) or "no variables"
            raise InvalidInput(f"The text {entry.name} is given {told}.", field=min(odd | missing))
        unset = (used & set(self.catalog.parameters)) - set(parameters)
        if unset:
            told = f"{min(unset)} has no value in {platform.country} yet"
            raise InvalidInput(f"The text {entry.name} cannot be made: {told}.", field=min(unset))
        hosts = self.settings.allowed_hosts
        checked = {
            name: checked_value(entry.variables[name], value, hosts) for name, value in variables.items()
        }
        return {**self.settings.facts_of(platform.name, platform.caller_id), **parameters, **checked}

    def _in_force(
        self, snapshot: Snapshot, name: str, language: str, platform: str, now: datetime
    ) -> ScriptText:
        entry = self.catalog.entry(name)
        for candidate in (language, FALLBACK_LANGUAGE):
            kept = snapshot.versions.get((name, candidate), ())
            version = version_in_force(kept, platform=platform, now=now)
            if version is not None:
                return ScriptText(name, candidate, version.number, version.body, version)
            source = self.catalog.source(name, candidate)
            if source is not None:
                return ScriptText(name, candidate, entry.version, source)
        raise NotFound(f"The text {name} exists in no language.")

    def _compiled(self, script: ScriptText, entry: CatalogEntry) -> _Compiled:
        key = (script.name, script.language, script.body)
        compiled = self.memory.compiled.get(key)
        if compiled is None:
            questions = self.catalog.questions(script.name, script.body)
            variables = {**self.catalog.variables(script.name), **questions}
            compiled = _Compiled(
                safe_template(script.body, variables, entry.channel, script.language),
                names_in(script.body, entry.channel),
                {key: question.worst for key, question in questions.items()},
            )
            if len(self.memory.compiled) >= MOST_COMPILED:
                self.memory.compiled.clear()
            self.memory.compiled[key] = compiled
        return compiled

    def _parameters(self, snapshot: Snapshot, platform: str, now: datetime) -> dict[str, int]:
        place = snapshot.platforms[platform]
        day = now.astimezone(ZoneInfo(place.time_zone)).date()
        return self._values_on(snapshot, place.country, day)

    def _values_on(self, snapshot: Snapshot, country: str, day: date) -> dict[str, int]:
        values = [*self.catalog.values, *snapshot.values]
        return dated_parameters.in_force(values, country=country, day=day)

    def _snapshot(self, connection: Connection, platform: str, now: datetime) -> Snapshot:
        """What counts, read again when it may have changed."""
        known = self.memory.snapshot
        if known is not None and known.is_fresh(platform, now):
            return known
        with self.memory.lock:
            revision = script_store.revision(connection)
            platforms = _platforms(connection, platform)
            if known is None or known.revision != revision or now < known.read_at:
                snapshot = _read(connection, revision, platforms, now)
            else:
                snapshot = replace(known, seen_at=now, platforms=platforms)
            self.memory.snapshot = snapshot
        return snapshot


def _platforms(connection: Connection, wanted: str) -> dict[str, Platform]:
    """All platforms by their code. Raises NotFound when the wanted one is not among them."""
    platforms = {each.code: each for each in platform_store.all_platforms(connection)}
    if wanted not in platforms:
        raise NotFound(f"There is no platform {wanted!r}.", code="unknown_platform")
    return platforms


def _read(
    connection: Connection, revision: int, platforms: Mapping[str, Platform], now: datetime
) -> Snapshot:
    versions: dict[tuple[str, str], list[ScriptVersion]] = {}
    for version in script_store.in_force_or_to_come(connection, now):
        versions.setdefault((version.name, version.language), []).append(version)
    return Snapshot(revision, now, now, versions, script_store.parameters(connection), platforms)
