"""Service level: each case record's history folded from the journal alone, and the figures of a period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.call_list import Queue
from outreach.domain.outcomes import FLAGS, CallOutcome
from outreach.domain.purposes import Purpose
from outreach.domain.service_level import (
    ContactHistory,
    LateCause,
    PositiveHistory,
    ServiceLevel,
    late_cause,
    service_level,
)
from outreach.errors import InvalidInput
from outreach.storage import platform_store, service_level_store
from outreach.storage.database import Database
from outreach.storage.journal import Event
from outreach.storage.service_level_store import FigureLine

POSITIVE = "POSITIVE"
OUR_FAILURES = frozenset({CallOutcome.NETWORK_FAILED, CallOutcome.AGENT_LOST})


@dataclass(frozen=True)
class Histories:
    """What happened to everyone of a period."""

    positives: list[PositiveHistory]
    contacts: list[ContactHistory]


@dataclass(frozen=True)
class LatePositive:
    """Someone who was not called in time."""

    case_record_id: UUID
    cause: LateCause
    deadline: datetime


@dataclass(frozen=True)
class ServiceLevelFigures:
    """The proof: nothing but the journal is read."""

    database: Database
    clock: Clock

    def figures(self, platform: str, since: datetime, until: datetime) -> ServiceLevel:
        """Of positives whose result, and contacts whose listing, fell in [since, until)."""
        found = self.histories(platform, since, until)
        return service_level(found.positives, found.contacts, self.clock.now())

    def late_positives(self, platform: str, since: datetime, until: datetime) -> list[LatePositive]:
        """Each positive of the period who is late by now, and why."""
        now = self.clock.now()
        return [
            LatePositive(history.case_record_id, late_cause(history), history.deadline)
            for history in self.histories(platform, since, until).positives
            if history.is_late(now)
        ]

    def positives_of(self, records: Sequence[UUID]) -> list[PositiveHistory]:
        """What happened to these records, those of contacts left out."""
        with self.database.begin() as connection:
            lines = service_level_store.lines_of_records(connection, records)
            folded = [_fold(own) for own in _by_record(lines)]
        return [_positive(record) for record in folded if record.kind == POSITIVE and record.result_at]

    def histories(self, platform: str, since: datetime, until: datetime) -> Histories:
        """The same, record by record. Raises NotFound; InvalidInput when the period ends before it begins."""
        if until <= since:
            raise InvalidInput("The period ends before it begins.", field="until", mend="choose a later end")
        with self.database.begin() as connection:
            platform_store.read(connection, platform)
            lines = service_level_store.lines_of_period(connection, platform, since, until)
            return _of_period(map(_fold, _by_record(lines)), since, until)

    def of_platforms(
        self, platforms: Sequence[str], since: datetime, until: datetime
    ) -> Iterator[tuple[str, Histories]]:
        """The same for many platforms by one statement, one after the other."""
        with self.database.begin() as connection:
            lines = service_level_store.lines_of_platforms(connection, platforms, since, until)
            for platform, own in groupby(lines, key=lambda line: line[0]):
                yield platform, _of_period(map(_fold, _by_record(line for _, line in own)), since, until)


def _by_record(lines: Iterable[FigureLine]) -> Iterable[Iterable[FigureLine]]:
    for _, own in groupby(lines, key=lambda line: line.case_record_id):
        yield own


@dataclass
class _Record:
    """One case record while its lines are read."""

    case_record_id: UUID | None = None
    kind: str = ""
    told_at: datetime | None = None
    listed_at: datetime | None = None
    result_at: datetime | None = None
    deadline: datetime | None = None
    effective_deadline: datetime | None = None
    called_at: datetime | None = None
    reached_at: datetime | None = None
    informed_at: datetime | None = None
    bad_number: bool = False
    failed: bool = False
    gone: bool = False  # taken back with its import, or another record stands for it
    interviews: set[UUID | None] = field(default_factory=set)

    def read(self, line: FigureLine) -> None:
        self.case_record_id = line.case_record_id
        match line.event:
            case Event.CASE_CREATED:
                self.kind = line.facts["kind"]
                self.listed_at = self.told_at = _moment(line, "listed_at")
                self._read_clock(line)
            case Event.CASE_UPDATED:
                self._read_clock(line)
            case Event.CASE_CONVERTED:
                self._convert(line)
            case Event.ENTRY_ADDED | Event.ENTRY_RECLASSED | Event.ENTRY_ESCALATED:
                self._read_entry(line)
            case Event.ATTEMPT_OUTCOME:
                self._read_outcome(line)
            case Event.CASE_CLOSED | Event.RECORDS_MERGED:
                self.gone = True
            case Event.RECORDS_SPLIT:
                self._split(line)
            case _:
                pass  # the store gives no other

    def _read_clock(self, line: FigureLine) -> None:
        self.result_at = _moment(line, "result_at") or self.result_at
        self.deadline = _moment(line, "deadline") or self.deadline

    def _convert(self, line: FigureLine) -> None:
        """A contact turned positive has a new clock: calls made before do not count for it."""
        self.kind, self.told_at = POSITIVE, line.at
        self.called_at = self.reached_at = None
        self.bad_number = self.failed = False
        self._read_clock(line)

    def _split(self, line: FigureLine) -> None:
        """Each of the two is on its own again; the one that was kept has the clock it had."""
        self.gone = False
        if "kind" in line.facts:
            self.kind = line.facts["kind"]
            self.result_at, self.deadline = _moment(line, "result_at"), _moment(line, "deadline")

    def _read_entry(self, line: FigureLine) -> None:
        if line.facts.get("purpose") == Purpose.INTERVIEW:
            self.interviews.add(line.entry_id)
        if line.entry_id not in self.interviews:
            return
        self.effective_deadline = _moment(line, "effective_deadline") or self.effective_deadline
        if self.called_at is None and line.facts.get("queue") == Queue.SEARCH:
            self.bad_number = True

    def _read_outcome(self, line: FigureLine) -> None:
        outcome = CallOutcome(line.facts["outcome"])
        if self.called_at is None:
            self.bad_number |= FLAGS[outcome].number_bad
            self.failed |= outcome in OUR_FAILURES
        self.called_at = self.called_at or _moment(line, "called_at")
        self.reached_at = self.reached_at or _moment(line, "reached_at")
        # Someone else got the SMS that told them.
        self.informed_at = (
            None if line.facts.get("untold") else self.informed_at or _moment(line, "informed_at")
        )


def _moment(line: FigureLine, name: str) -> datetime | None:
    told = line.facts.get(name)
    return None if told is None else datetime.fromisoformat(told)


def _fold(lines: Iterable[FigureLine]) -> _Record:
    record = _Record()
    for line in lines:
        record.read(line)
    return record


def _of_period(records: Iterable[_Record], since: datetime, until: datetime) -> Histories:
    found = Histories([], [])
    for record in records:
        clock = record.result_at if record.kind == POSITIVE else record.listed_at
        if record.gone or clock is None or not since <= clock < until:
            continue
        if record.kind == POSITIVE:
            found.positives.append(_positive(record))
        else:
            found.contacts.append(_contact(record))
    return found


def _positive(record: _Record) -> PositiveHistory:
    assert record.case_record_id
    assert record.result_at
    assert record.told_at
    assert record.deadline
    return PositiveHistory(
        case_record_id=record.case_record_id,
        result_at=record.result_at,
        told_at=record.told_at,
        deadline=record.deadline,
        effective_deadline=record.effective_deadline or record.deadline,
        called_at=record.called_at,
        reached_at=record.reached_at,
        bad_number=record.bad_number,
        failed=record.failed,
    )


def _contact(record: _Record) -> ContactHistory:
    assert record.case_record_id
    assert record.listed_at
    return ContactHistory(record.case_record_id, record.listed_at, record.informed_at)
