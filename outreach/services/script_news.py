"""What changed in the scripts since an agent said that they had read it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.dated_parameters import DatedValue
from outreach.domain.scripts import Channel
from outreach.errors import InvalidInput
from outreach.services.script_reading import Changes, ScriptChange, ScriptReading
from outreach.storage import script_reading_store
from outreach.storage.database import Database
from outreach.storage.touched import touch_agent

# What agents say on the phone; texts of SMS are sent without them.
SPOKEN = frozenset({Channel.INTERVIEW, Channel.VOICE})


class LineChange(StrEnum):
    """What became of a line of a script."""

    KEPT = "KEPT"
    REMOVED = "REMOVED"
    ADDED = "ADDED"


_MARKS = {"-": LineChange.REMOVED, "+": LineChange.ADDED, " ": LineChange.KEPT}


@dataclass(frozen=True)
class ChangedLine:
    """One line of a changed script; lines that stayed are there for their place only."""

    what: LineChange
    text: str


@dataclass(frozen=True)
class ChangedScript:
    """One script that changed, with its lines around each change."""

    change: ScriptChange
    lines: tuple[ChangedLine, ...]


@dataclass(frozen=True)
class ScriptNews:
    """What is new since a moment; whoever acknowledges `until` has read this, and nothing later."""

    since: datetime
    until: datetime
    scripts: tuple[ChangedScript, ...]
    parameters: Sequence[DatedValue]

    @property
    def is_empty(self) -> bool:
        return not self.scripts and not self.parameters


@dataclass(frozen=True)
class ScriptNewsReading:
    """Agents' use cases."""

    database: Database
    clock: Clock
    reading: ScriptReading

    def unread(self, user_id: UUID, platforms: Sequence[str]) -> ScriptNews:
        """Since they last said so; who never did, since they last worked."""
        with self.database.reading() as connection:
            since = script_reading_store.read_until(connection, user_id)
        changes = self.reading.changes(user_id, platforms, since)
        entries = self.reading.scripts.catalog.entries
        spoken = [each for each in changes.texts if entries[each.name].channel in SPOKEN]
        scripts = tuple(ChangedScript(each, _lines(each.diff)) for each in spoken)
        until = self._until(changes, spoken)
        return ScriptNews(changes.since, until, scripts, changes.parameters)

    def _until(self, changes: Changes, spoken: Sequence[ScriptChange]) -> datetime:
        """Durations count by the day; a script by its moment, so that no change is passed over."""
        if changes.parameters:
            return self.clock.now()
        return max((each.at for each in spoken), default=changes.since)

    def acknowledge(self, user_id: UUID, until: datetime) -> None:
        """They have read everything up to a moment. Raises InvalidInput for one that has not come."""
        if until > self.clock.now():
            raise InvalidInput("Only what has happened can have been read.", field="until")
        with self.database.begin() as connection:
            script_reading_store.set_read_until(connection, user_id, until)
            touch_agent(connection, user_id)


_SECTION = re.compile(r"##\s*\w+\s*\|\s*")
_QUESTION = re.compile(r"\?\*?\s*\w+\s*:\s*[a-z_]+(?:\([^()]*\))?\s*:\s*")
_TAG = re.compile(r"\{%.*?%\}|\{#.*?#\}")
_VALUE = re.compile(r"\{\{.*?\}\}")


def _lines(diff: str) -> tuple[ChangedLine, ...]:
    """A unified diff without its headings, as an agent reads the script."""
    told = [line for line in diff.splitlines()[2:] if not line.startswith("@@")]
    words = {line: as_read(line[1:]) for line in told}
    both = {words[line] for line in told if line[0] == "-"} & {words[line] for line in told if line[0] == "+"}
    found = ((_MARKS[line[0]], line[1:].strip() if words[line] in both else words[line]) for line in told)
    return tuple(ChangedLine(what, text) for what, text in found if text)


def as_read(line: str) -> str:
    """A line of a script without its marks; "[…]" stands for what is filled in."""
    plain = _VALUE.sub("[…]", _TAG.sub("", line)).strip()
    return _QUESTION.sub("", _SECTION.sub("", plain)).lstrip("!> ").strip()
