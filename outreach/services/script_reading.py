"""Looking at texts: which there are, their versions, what they would say, and what changed lately."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any, assert_never
from uuid import UUID
from zoneinfo import ZoneInfo

from outreach.clock import Clock
from outreach.domain.dated_parameters import DatedValue
from outreach.domain.sample_people import Sample, SamplePerson, people_for
from outreach.domain.scripts import (
    CatalogEntry,
    Channel,
    RenderedText,
    ScriptState,
    ScriptVersion,
    Value,
    read_value,
    states_of,
    version_in_force,
)
from outreach.domain.text_diff import DiffRow, side_by_side
from outreach.errors import InvalidInput, NotFound
from outreach.services.script_editing import shipped_version
from outreach.services.scripts import Scripts, ScriptText
from outreach.storage import platform_store, script_store, user_store
from outreach.storage.database import Connection, Database

MOST_CHANGES = 200
AN_INSTANT = timedelta(microseconds=1)
LONGEST_ABSENCE = timedelta(days=30)
LONGEST_LOOK = timedelta(days=3650)  # back or ahead


class WhichTexts(StrEnum):
    """Texts that somebody may have to look at."""

    CHANGING = "CHANGING"  # another version will take effect
    DRAFTED = "DRAFTED"  # a version was written that takes no effect yet
    OWN = "OWN"  # the platform's own, in a language at least
    MISSING = "MISSING"  # not written in every language


@dataclass(frozen=True)
class TextInForce:
    """One text of the catalog, with the version of each language that counts now.

    `own`: the languages in which the platform has a text of its own. `scheduled`: what comes next, soonest
    first. `missing`: languages of the catalog that this text lacks; French is read in their place. `drafts`:
    what takes no effect yet.
    """

    entry: CatalogEntry
    versions: Mapping[str, int]  # by language
    own: frozenset[str] = frozenset()
    scheduled: tuple[ScriptVersion, ...] = ()
    missing: tuple[str, ...] = ()
    drafts: tuple[ScriptVersion, ...] = ()

    def is_among(self, which: WhichTexts) -> bool:
        match which:
            case WhichTexts.CHANGING:
                return bool(self.scheduled)
            case WhichTexts.DRAFTED:
                return bool(self.drafts)
            case WhichTexts.OWN:
                return bool(self.own)
            case WhichTexts.MISSING:
                return bool(self.missing)
            case _:
                assert_never(which)


@dataclass(frozen=True)
class VersionState:
    """A version of a text and where it stands."""

    version: ScriptVersion
    state: ScriptState
    author: str = ""  # their login; '' came with the program, or from the command line


@dataclass(frozen=True)
class Comparison:
    """Two versions of a text: as a unified diff, and beside each other."""

    old: ScriptVersion
    new: ScriptVersion
    unified: str
    rows: Sequence[DiffRow]


@dataclass(frozen=True)
class ScriptChange:
    """What took effect or was withdrawn; `diff` against what was in force just before."""

    name: str
    language: str
    platform: str
    number: int
    what: str  # TOOK_EFFECT | WITHDRAWN
    at: datetime
    reason: str
    diff: str


@dataclass(frozen=True)
class Changes:
    """What is new since a moment: texts, and durations that count since."""

    since: datetime
    texts: Sequence[ScriptChange]
    parameters: Sequence[DatedValue]


def those(
    versions: Sequence[VersionState], state: ScriptState | None, before: int | None
) -> list[VersionState]:
    """In a state, and of lower numbers than the page before ended with."""
    return [
        each
        for each in versions
        if (state is None or each.state is state) and (before is None or each.version.number < before)
    ]


@dataclass(frozen=True)
class ScriptReading:
    """Nothing here changes anything. `platforms`: the reader's; texts of others are not there for them."""

    database: Database
    clock: Clock
    scripts: Scripts

    def texts(
        self, platform: str, *, channel: Channel | None = None, which: WhichTexts | None = None
    ) -> list[TextInForce]:
        """Texts of the catalog, as they count on a platform now, with what is scheduled or drafted there."""
        now = self.clock.now()
        with self.database.begin() as connection:
            platform_store.read(connection, platform)
            kept = script_store.in_force_or_to_come(connection, now)
            drafts = [one for one in script_store.drafts(connection) if one.platform in ("", platform)]
        here = [version for version in kept if version.platform in ("", platform)]
        entries = self.scripts.catalog.entries.values()
        found = [
            replace(
                self._text(entry, here, platform, now),
                drafts=tuple(draft for draft in drafts if draft.name == entry.name),
            )
            for entry in entries
            if channel is None or entry.channel is channel
        ]
        return [text for text in found if which is None or text.is_among(which)]

    def in_force(self, name: str, *, language: str, platform: str) -> ScriptText:
        """The text that counts now. Raises NotFound."""
        with self.database.begin() as connection:
            return self.scripts.in_force(
                connection, name, language=language, platform=platform, now=self.clock.now()
            )

    def versions(self, name: str, *, language: str, platforms: Sequence[str] | None) -> list[VersionState]:
        """All versions of a text, newest first. `platforms` None: of all. Raises NotFound."""
        with self.database.begin() as connection:
            versions = self._versions(connection, name, language)
            authors = user_store.logins(connection, [each.author_id for each in versions if each.author_id])
        states = states_of(versions, self.clock.now())
        return [
            VersionState(version, states[version.id], authors.get(version.author_id, ""))
            for version in reversed(versions)
            if platforms is None or not version.platform or version.platform in platforms
        ]

    def versions_page(
        self,
        name: str,
        *,
        language: str,
        platforms: Sequence[str] | None,
        state: ScriptState | None = None,
        before: int | None = None,
        most: int,
    ) -> list[VersionState]:
        """Versions of a text, newest first; `before`: those of lower numbers. Raises NotFound."""
        found = self.versions(name, language=language, platforms=platforms)
        return those(found, state, before)[:most]

    def version(self, version_id: UUID, platforms: Sequence[str]) -> VersionState:
        """One version that was written here. Raises NotFound."""
        with self.database.begin() as connection:
            kept = script_store.read(connection, version_id)
        for each in self.versions(kept.name, language=kept.language, platforms=platforms):
            if each.version.id == version_id:
                return each
        raise NotFound("There is no such version of a text.")

    def diff(self, name: str, *, language: str, old: int, new: int, platforms: Sequence[str] | None) -> str:
        """What changed between two versions of a text, as a unified diff. Raises NotFound."""
        return _diff(*self._two(name, language, (old, new), platforms))

    def compare(
        self, name: str, *, language: str, old: int, new: int, platforms: Sequence[str] | None
    ) -> Comparison:
        """The two versions beside each other, with the words that changed. Raises NotFound."""
        before, after = self._two(name, language, (old, new), platforms)
        return Comparison(before, after, _diff(before, after), side_by_side(before.body, after.body))

    def _two(
        self, name: str, language: str, numbers: tuple[int, int], platforms: Sequence[str] | None
    ) -> tuple[ScriptVersion, ScriptVersion]:
        found = {
            each.version.number: each.version
            for each in self.versions(name, language=language, platforms=platforms)
        }
        for number in numbers:
            if number not in found:
                raise NotFound(f"{name} has no version {number} in this language.")
        return found[numbers[0]], found[numbers[1]]

    def preview(
        self,
        name: str,
        *,
        language: str,
        platform: str,
        body: str | None = None,
        values: Mapping[str, str] | None = None,
        at: datetime | None = None,
        sample: Sample = Sample.LONGEST,
    ) -> RenderedText:
        """What a text would say to a sample person at a moment; `values` take the place of the sample's.

        Raises NotFound, UnsafeTemplate, InvalidInput.
        """
        now = at or self.clock.now()
        if abs(now - self.clock.now()) > LONGEST_LOOK:
            raise InvalidInput("Choose a moment within ten years.", field="at")
        entry = self.scripts.catalog.entry(name)
        given = {**self.sample(name, sample), **self._read(entry, values or {})}
        with self.database.begin() as connection:
            script = self.scripts.in_force(connection, name, language=language, platform=platform, now=now)
            if body is not None:
                script = ScriptText(name, language, 0, body)
            return self.scripts.preview(connection, script, platform=platform, now=now, variables=given)

    def sample(self, name: str, sample: Sample = Sample.LONGEST) -> Mapping[str, Value]:
        """The sample person that a text is tried on, by variable. Raises NotFound."""
        entry = self.scripts.catalog.entry(name)
        values = next((each.values for each in people_for(entry.audience) if each.sample is sample), {})
        own = {name: value for name, value in values.items() if name in entry.variables}
        return {**self._sample(entry), **own}

    def people(self, name: str) -> list[SamplePerson]:
        """Whom a text can be tried on. Raises NotFound."""
        return people_for(self.scripts.catalog.entry(name).audience)

    def changes(self, reader: UUID | None, platforms: Sequence[str], since: datetime | None) -> Changes:
        """What took effect or was withdrawn, newest first. `since` None: since the reader last worked."""
        now = self.clock.now()
        with self.database.begin() as connection:
            begins = since or self._last_worked(connection, reader, platforms, now)
            begins = max(begins, now - LONGEST_LOOK)
            rows = script_store.changes(connection, platforms, begins, now, most=MOST_CHANGES)
            texts = [self._change(connection, row) for row in rows]
            parameters = self._new_parameters(connection, platforms, begins, now)
        return Changes(begins, texts, parameters)

    def parameters(self, platform: str) -> tuple[dict[str, int], list[DatedValue]]:
        """What counts today on a platform, and every value of its country that was given, oldest first."""
        with self.database.begin() as connection:
            country = platform_store.read(connection, platform).country
            given = script_store.parameters(connection)
            today = self.scripts.parameters(connection, platform, self.clock.now())
        known = [*self.scripts.catalog.values, *given]
        return today, sorted(
            (value for value in known if value.country == country), key=lambda value: value.effective_from
        )

    def files(self, platform: str) -> dict[str, str]:
        """Every text as it counts on a platform now, by the path of its file."""
        catalog, now = self.scripts.catalog, self.clock.now()
        found: dict[str, str] = {}
        with self.database.begin() as connection:
            for name in catalog.entries:
                for language in self._languages(connection, name):
                    text = self.scripts.in_force(
                        connection, name, language=language, platform=platform, now=now
                    )
                    if text.language == language:
                        found[f"{language}/{catalog.file_name(name)}"] = text.body
        return found

    def _text(
        self, entry: CatalogEntry, kept: Sequence[ScriptVersion], platform: str, now: datetime
    ) -> TextInForce:
        catalog = self.scripts.catalog
        mine = [version for version in kept if version.name == entry.name]
        numbers, own = dict.fromkeys(catalog.languages(entry.name), entry.version), set[str]()
        for language in {version.language for version in mine}:
            written = [version for version in mine if version.language == language]
            standing = version_in_force(written, platform=platform, now=now)
            if standing is not None:
                numbers[language] = standing.number
                own |= {language} if standing.platform else set()
        coming = [each for each in mine if each.effective_from is not None and each.effective_from > now]
        return TextInForce(
            entry,
            dict(sorted(numbers.items())),
            frozenset(own),
            tuple(sorted(coming, key=lambda each: (each.effective_from, each.number))),
            tuple(language for language in catalog.folders if language not in numbers),
        )

    def _languages(self, connection: Connection, name: str) -> list[str]:
        written = {version.language for version in script_store.versions(connection, name)}
        return sorted(written | set(self.scripts.catalog.languages(name)))

    def _versions(self, connection: Connection, name: str, language: str) -> list[ScriptVersion]:
        """Oldest first, the shipped text among them."""
        self.scripts.catalog.entry(name)
        kept = script_store.versions(connection, name, language)
        shipped = shipped_version(self.scripts, name, language)
        if shipped is None or any(version.number == shipped.number for version in kept):
            return kept
        return [shipped, *kept]

    def _change(self, connection: Connection, row: Mapping[str, Any]) -> ScriptChange:
        versions = self._versions(connection, row["name"], row["language"])
        before = version_in_force(versions, platform=row["platform"], now=row["at"] - AN_INSTANT)
        after = version_in_force(versions, platform=row["platform"], now=row["at"])
        return ScriptChange(
            name=row["name"],
            language=row["language"],
            platform=row["platform"],
            number=row["number"],
            what=row["what"],
            at=row["at"],
            reason=row["reason"],
            diff=_diff(before, after),
        )

    def _new_parameters(
        self, connection: Connection, platforms: Sequence[str], since: datetime, now: datetime
    ) -> list[DatedValue]:
        places = [place for place in platform_store.all_platforms(connection) if place.code in platforms]
        zone = ZoneInfo(places[0].time_zone) if places else UTC
        begins, ends = since.astimezone(zone).date(), now.astimezone(zone).date()
        countries = {place.country for place in places}
        known = [*self.scripts.catalog.values, *script_store.parameters(connection)]
        return [
            value
            for value in known
            if value.country in countries
            and value.withdrawn_at is None
            and begins < value.effective_from <= ends
        ]

    def _last_worked(
        self, connection: Connection, reader: UUID | None, platforms: Sequence[str], now: datetime
    ) -> datetime:
        """The reader's last call of an earlier day."""
        places = [place for place in platform_store.all_platforms(connection) if place.code in platforms]
        zone = ZoneInfo(places[0].time_zone) if places else UTC
        today = datetime.combine(now.astimezone(zone).date(), time.min, tzinfo=zone)
        last = None if reader is None else script_store.last_attempt_before(connection, reader, today)
        return last or now - LONGEST_ABSENCE

    def _sample(self, entry: CatalogEntry) -> dict[str, Value]:
        """A person who makes every text as long as it can be, with links of ours."""
        sample = {name: variable.worst for name, variable in entry.variables.items()}
        if "personal_link" in sample:
            sample["personal_link"] = self.scripts.settings.sample_link
        return sample

    def _read(self, entry: CatalogEntry, values: Mapping[str, str]) -> dict[str, Value]:
        unknown = sorted(set(values) - set(entry.variables))
        if unknown:
            raise InvalidInput(f"The text {entry.name} is not given {unknown[0]}.", field="values")
        return {name: read_value(entry.variables[name], value) for name, value in values.items()}


def _diff(before: ScriptVersion | None, after: ScriptVersion | None) -> str:
    old, new = (
        (f"version {each.number}", each.body.splitlines()) if each else ("nothing", [])
        for each in (before, after)
    )
    return "\n".join(difflib.unified_diff(old[1], new[1], old[0], new[0], lineterm="", n=1))
