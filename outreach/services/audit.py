"""Who read whose record and why, who changed what: for supervisors by id, for auditors by pseudonym."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.roles import Scope
from outreach.errors import InvalidInput
from outreach.services.access import Asker
from outreach.services.break_glass import hidden_from
from outreach.services.csv_cells import csv_line
from outreach.storage import (
    access_store,
    change_store,
    journal,
    person_store,
    user_store,
    written_reason_store,
)
from outreach.storage.access_store import AccessLine, AccessReason, ReadingsAsked, ReadLine
from outreach.storage.change_store import ChangeLine, ChangesAsked
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.vault import Vault

LONGEST_SPAN = timedelta(days=92)
PIECE = 2_000
# In a fact of an auditor's line: what an id names could be looked up, an outside number names somebody.
_HIDDEN = ("external_id", "subject")
_ENDS = ("_id", "_ids")
Place = tuple[datetime, int]


@dataclass(frozen=True)
class Search:
    """What is looked for. `record`: an id or a pseudonym; `user_id`: who read, or changed."""

    since: datetime | None = None
    until: datetime | None = None
    record: str = ""
    user_id: UUID | None = None
    why: tuple[AccessReason, ...] = ()
    events: tuple[Event, ...] = ()
    platform: str = ""


class Reading(NamedTuple):
    """`record`: the case record's id, its pseudonym for an auditor, None where nobody was found."""

    id: int
    at: datetime
    platform: str
    user_id: UUID | None
    login: str | None
    record: str | None
    why: str


class Change(NamedTuple):
    """`by`: a login, or the part of the program that did it."""

    id: int
    at: datetime
    platform: str
    event: str
    by: str
    record: str | None
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Audit:
    """Reads only. An auditor, who may read no case record, is shown pseudonyms and finds by them."""

    database: Database
    vault: Vault
    clock: Clock

    def readings(self, asker: Asker, search: Search, *, before: Place | None, most: int) -> list[Reading]:
        """Newest first. Raises InvalidInput for a span that is too long, or an unknown record."""
        asked = self._readings_asked(asker, search, before)
        with self.database.reading_as(asked.platforms, now=self.clock.now()) as connection:
            rows = access_store.page(connection, asked, most=most)
        return [self._reading(asker, row) for row in rows]

    def changes(self, asker: Asker, search: Search, *, before: Place | None, most: int) -> list[Change]:
        """Newest first, with what concerns the whole installation. Raises InvalidInput likewise."""
        asked = self._changes_asked(asker, search, before)
        reader, now = asker.user_id, self.clock.now()
        with self.database.reading_as(asked.platforms, reader=reader, now=now) as connection:
            rows = change_store.page(connection, asked, most=most)
            logins = _logins(connection, rows)
            if Scope.CASES_READ in asker.scopes:
                rows = self._with_reasons(connection, rows, reader, now)
        return [self._change(asker, row, logins) for row in rows]

    def _with_reasons(
        self, connection: Connection, rows: Sequence[ChangeLine], reader: UUID, now: datetime
    ) -> list[ChangeLine]:
        """The words that are sealed beside the journal, until their person is erased; of a restricted person
        for whoever said why. Whose words were opened was read."""
        wanted = [UUID(row.facts["reason_id"]) for row in rows if "reason_id" in row.facts]
        if not wanted:
            return list(rows)
        kept = written_reason_store.read(connection, wanted)
        hidden = hidden_from(connection, reader, {each.case_record_id for each in kept}, now)
        words: dict[str, str] = {}
        opened: dict[UUID, str] = {}
        for each in kept:
            if each.case_record_id not in hidden:
                key = person_store.person_key(connection, self.vault, each.person_id)
                words[str(each.id)] = key.open_text(each.sealed)
                opened[each.case_record_id] = each.platform
        why = AccessReason.REASONS
        lines = [AccessLine(now, platform, reader, record, why) for record, platform in opened.items()]
        access_store.note_all(connection, lines)
        return [
            row._replace(facts={**row.facts, "reason": words[row.facts["reason_id"]]})
            if row.facts.get("reason_id") in words
            else row
            for row in rows
        ]

    def readings_csv(self, asker: Asker, search: Search) -> Iterator[str]:
        """Every reading found, as lines for a spreadsheet."""
        first = self.readings(asker, search, before=None, most=PIECE)
        self.note_export(asker, "READINGS")
        return _lines(
            first,
            _reading_cells,
            lambda place: self.readings(asker, search, before=place, most=PIECE),
            _READING_HEADERS,
        )

    def changes_csv(self, asker: Asker, search: Search) -> Iterator[str]:
        """Every change found, as lines for a spreadsheet."""
        first = self.changes(asker, search, before=None, most=PIECE)
        self.note_export(asker, "CHANGES")
        return _lines(
            first,
            _change_cells,
            lambda place: self.changes(asker, search, before=place, most=PIECE),
            _CHANGE_HEADERS,
        )

    def shown_record(self, asker: Asker, case_record_id: UUID | None) -> str | None:
        """What the asker may know a record by."""
        return None if case_record_id is None else self.name_of(asker, case_record_id)

    def name_of(self, asker: Asker, case_record_id: UUID) -> str:
        """Its id for whoever reads records, else its pseudonym."""
        by_id = Scope.CASES_READ in asker.scopes
        return str(case_record_id) if by_id else self.vault.pseudonym(case_record_id)

    def note_export(self, asker: Asker, what: str) -> None:
        """That the asker took a file away: READINGS, CHANGES, GLASS, SIGN_INS or USERS."""
        now, actor = self.clock.now(), journal.by_user(asker.user_id)
        home = asker.platforms[0] if asker.platforms else ""
        with self.database.begin() as connection:
            line = JournalEntry(now, home, Event.AUDIT_EXPORTED, actor, facts={"what": what})
            journal.write(connection, line)

    def _readings_asked(self, asker: Asker, search: Search, before: Place | None) -> ReadingsAsked:
        _check_span(search)
        return ReadingsAsked(
            platforms=_platforms(asker, search),
            since=search.since,
            until=search.until,
            case_record_id=self.record_named(search.record),
            user_id=search.user_id,
            why=tuple(reason.value for reason in search.why),
            before=before,
        )

    def _changes_asked(self, asker: Asker, search: Search, before: Place | None) -> ChangesAsked:
        _check_span(search)
        return ChangesAsked(
            platforms=_platforms(asker, search),
            since=search.since,
            until=search.until,
            events=tuple(event.value for event in search.events),
            actor=None if search.user_id is None else journal.by_user(search.user_id),
            case_record_id=self.record_named(search.record),
            before=before,
        )

    def record_named(self, given: str) -> UUID | None:
        """The record of an id or a pseudonym, None for "". Raises InvalidInput."""
        if not given:
            return None
        try:
            return UUID(given)
        except ValueError:
            found = self.vault.behind(given)
        if found is None:
            raise InvalidInput(
                "This is neither the id of a record nor its pseudonym.",
                field="record",
                mend="Copy it from the record, or from a line found here.",
            )
        return found

    def user_named(self, login: str) -> UUID:
        """Whose readings or changes are looked for. Raises InvalidInput."""
        with self.database.reading() as connection:
            user = user_store.by_login(connection, login.strip())
        if user is None:
            raise InvalidInput("Nobody has this login.", field="login", mend="Write it as at sign-in.")
        return user.id

    def login_of(self, user_id: UUID) -> str:
        """What somebody is called at sign-in; "" for nobody."""
        with self.database.reading() as connection:
            return user_store.logins(connection, [user_id]).get(user_id, "")

    def _reading(self, asker: Asker, row: ReadLine) -> Reading:
        record = self.shown_record(asker, row.case_record_id)
        return Reading(row.id, row.at, row.platform, row.user_id, row.login, record, row.why)

    def _change(self, asker: Asker, row: ChangeLine, logins: Mapping[UUID, str]) -> Change:
        facts = row.facts if Scope.CASES_READ in asker.scopes else _without_names(row.facts)
        user = _user_of(row.actor)
        by = logins.get(user, "") if user else row.actor.removeprefix("system:")
        record = self.shown_record(asker, row.case_record_id)
        return Change(row.id, row.at, row.platform, row.event, by, record, facts)


def _platforms(asker: Asker, search: Search) -> Sequence[str]:
    if not search.platform:
        return asker.platforms
    asker.need_platform(search.platform)
    return (search.platform,)


def _check_span(search: Search) -> None:
    """Without a record, a login or a day, one would read everything. Raises InvalidInput."""
    if search.since is None:
        if not search.record and search.user_id is None:
            raise InvalidInput(
                "Say what is looked for.", field="since", mend="Name a day, a record or somebody who read."
            )
        return
    end = search.until
    if end is None or not timedelta(0) < end - search.since <= LONGEST_SPAN:
        raise InvalidInput(
            "The span is empty or too long.", field="until", mend=f"Take {LONGEST_SPAN.days} days at most."
        )


def _without_names(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in facts.items()
        if key not in _HIDDEN and not key.endswith(_ENDS) and not _is_id(value)
    }


def _is_id(value: Any) -> bool:
    """Whatever its name: two merged records name each other."""
    try:
        return isinstance(value, str) and bool(UUID(value))
    except ValueError:
        return False


def _user_of(actor: str) -> UUID | None:
    return UUID(actor.removeprefix("user:")) if actor.startswith("user:") else None


def _logins(connection: Connection, rows: Sequence[ChangeLine]) -> dict[UUID, str]:
    users = sorted({user for row in rows if (user := _user_of(row.actor)) is not None})
    found = user_store.logins(connection, users)
    return {user: found[user] for user in users if user in found}


_READING_HEADERS = ("at", "platform", "login", "record", "why")
_CHANGE_HEADERS = ("at", "platform", "event", "by", "record", "facts")
FoundLine = TypeVar("FoundLine", Reading, Change)


def _reading_cells(line: Reading) -> list[str]:
    return [line.at.isoformat(), line.platform, line.login or "", line.record or "", line.why]


def _change_cells(line: Change) -> list[str]:
    facts = " ".join(f"{key}={value}" for key, value in sorted(line.facts.items()))
    return [line.at.isoformat(), line.platform, line.event, line.by, line.record or "", facts]


def _lines(
    first: Sequence[FoundLine],
    cells: Callable[[FoundLine], list[str]],
    more: Callable[[Place], Sequence[FoundLine]],
    headers: Sequence[str],
) -> Iterator[str]:
    """Piece by piece: what is read for one is let go before the next."""
    yield "\ufeff" + csv_line(headers)
    found = first
    while found:
        yield from (csv_line(cells(line)) for line in found)
        found = more((found[-1].at, found[-1].id)) if len(found) == PIECE else ()
