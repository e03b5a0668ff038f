"""A platform's, a region's or the country's figures, as a table for people, spreadsheets and machines."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from outreach.domain.outcomes import CallOutcome
from outreach.domain.platform_figures import (
    By,
    Counts,
    Span,
    Value,
    added,
    as_row,
    counted_contacts,
    counted_outcomes,
    counted_positives,
    spans,
    worked,
)
from outreach.domain.territory_tree import REGION_OF_INSEE
from outreach.errors import InvalidInput, NotFound
from outreach.services.csv_cells import csv_line
from outreach.services.service_level import Histories, ServiceLevelFigures
from outreach.storage import platform_figures_store, platform_store
from outreach.storage.database import Connection, Database
from outreach.storage.platform_figures_store import Period
from outreach.storage.platform_store import Platform

LONGEST = timedelta(days=400)
Item = TypeVar("Item")
Row = dict[str, Value]


@dataclass(frozen=True)
class Area:
    """One of three: a platform, all of a region, all of a country."""

    platform: str = ""
    region: str = ""
    country: str = ""


@dataclass(frozen=True)
class Wanted:
    """Rows of [since, until): one for each day or mode, or one for all."""

    since: datetime
    until: datetime
    by: By | None = None

    def check(self) -> None:
        """Raises InvalidInput."""
        if not timedelta() < self.until - self.since <= LONGEST:
            raise InvalidInput(
                "The span ends before it begins, or is longer than 400 days.",
                field="until",
                mend="shorten it",
            )


@dataclass(frozen=True)
class PlatformFigures:
    """From the journal's facts, by its indexes; nobody is named."""

    database: Database
    service_level: ServiceLevelFigures

    def platforms_of(self, area: Area) -> list[str]:
        """Raises InvalidInput unless one area is named; NotFound when nobody is there."""
        named = [each for each in (area.platform, area.region, area.country) if each]
        if len(named) != 1:
            raise InvalidInput(
                "Figures are of a platform, a region or a country.", field="platform", mend="name one of them"
            )
        with self.database.begin() as connection:
            platforms = platform_store.all_platforms(connection)
        found = [each.code for each in platforms if _within(each, area)]
        if not found:
            raise NotFound(f"There is no platform in {named[0]!r}.", code="unknown_platform")
        return found

    def places(self, codes: Sequence[str]) -> list[Platform]:
        """These platforms, by code. Raises NotFound for one that is not there."""
        with self.database.begin() as connection:
            return [platform_store.read(connection, code) for code in sorted(codes)]

    def rows(self, platforms: Sequence[str], since: datetime, until: datetime, by: By | None) -> list[Row]:
        """One row for each day or mode, or one for all; platforms together. Raises InvalidInput."""
        (rows,) = self.tables(platforms, [Wanted(since, until, by)])
        return rows

    def tables(self, platforms: Sequence[str], wanted: Sequence[Wanted]) -> list[list[Row]]:
        """The rows of several spans and groupings; what they share is read once. Raises InvalidInput."""
        for each in wanted:
            each.check()
        labelled: list[defaultdict[str, list[Counts]]] = [defaultdict(list) for _ in wanted]
        for platform in platforms:
            for table, found in zip(labelled, self._of_platform(platform, wanted), strict=True):
                for label, counts in found.items():
                    table[label].append(counts)
        return [[as_row(label, added(parts)) for label, parts in sorted(table.items())] for table in labelled]

    def _of_platform(self, platform: str, wanted: Sequence[Wanted]) -> list[dict[str, Counts]]:
        with self.database.begin() as connection:
            zone = ZoneInfo(platform_store.read(connection, platform).time_zone)
            parted = [_parted(connection, platform, each, zone) for each in wanted]
            periods = [
                Period(platform, [part.starts for part in parts], each.until)
                for parts, each in zip(parted, wanted, strict=True)
            ]
            ends = sorted({end for period in periods for end in period.ends})
            backlog = platform_figures_store.open_at(connection, platform, ends)
            stored = [_stored(connection, period, backlog) for period in periods]
        histories = {
            (since, until): self.service_level.histories(platform, since, until)
            for since, until in {(each.since, each.until) for each in wanted}
        }
        return [
            _by_label(parts, _joined(counts, histories[each.since, each.until], period.edges))
            for each, parts, period, counts in zip(wanted, parted, periods, stored, strict=True)
        ]


def _parted(connection: Connection, platform: str, wanted: Wanted, zone: ZoneInfo) -> list[Span]:
    switches = platform_figures_store.switches(connection, platform, wanted.until)
    return spans(wanted.since, wanted.until, switches, zone, wanted.by)


def _joined(stored: Sequence[Counts], histories: Histories, edges: Sequence[datetime]) -> list[Counts]:
    both = _from_histories(histories, edges)
    return [added([one, *folded]) for one, *folded in zip(stored, *both, strict=True)]


def as_csv(rows: Sequence[Row]) -> str:
    """For a spreadsheet: semicolons, and no cell that would run."""
    if not rows:
        return ""
    lines = [csv_line(list(rows[0]))]
    lines += [csv_line(["" if cell is None else str(cell) for cell in row.values()]) for row in rows]
    return "\ufeff" + "".join(lines)


def _within(platform: Platform, area: Area) -> bool:
    if area.platform:
        return platform.code == area.platform
    return (
        _region(platform.region) == _region(area.region) if area.region else platform.country == area.country
    )


def _region(code: str) -> str:
    """INSEE's number and the ISO code of a region are the same."""
    return REGION_OF_INSEE.get(code, code)


def _by_label(parts: Sequence[Span], found: Sequence[Counts]) -> dict[str, Counts]:
    """A mode may have been in force more than once: its backlog is that of the last time."""
    labelled: dict[str, Counts] = {}
    for part, counts in zip(parts, found, strict=True):
        told = replace(counts, modes=part.modes)
        before = labelled.get(part.label)
        labelled[part.label] = added([replace(before, backlog=0), told]) if before else told
    return labelled


def _from_histories(histories: Histories, edges: Sequence[datetime]) -> tuple[list[Counts], list[Counts]]:
    positives = _placed(histories.positives, lambda each: each.result_at, edges)
    contacts = _placed(histories.contacts, lambda each: each.listed_at, edges)
    return [counted_positives(each) for each in positives], [counted_contacts(each) for each in contacts]


def _placed(
    items: Iterable[Item], at: Callable[[Item], datetime], edges: Sequence[datetime]
) -> list[list[Item]]:
    placed: list[list[Item]] = [[] for _ in edges]
    for item in items:
        placed[bisect_right(edges, at(item)) - 1].append(item)
    return placed


def _stored(connection: Connection, period: Period, backlog: Mapping[datetime, int]) -> list[Counts]:
    """What the database counted for each part; `backlog`: of the call list, at the end of each."""
    found = [[Counts(backlog=backlog[end])] for end in period.ends]
    for count in (_calls, _closed, _messages, _named, _forecasts, _work):
        for place, counts in count(connection, period):
            found[place].append(counts)
    return [added(each) for each in found]


Placed = Iterator[tuple[int, Counts]]


def _calls(connection: Connection, period: Period) -> Placed:
    by_outcome: defaultdict[int, dict[CallOutcome, int]] = defaultdict(dict)
    for row in platform_figures_store.outcomes(connection, period):
        by_outcome[row.place][CallOutcome(row.outcome)] = row.calls
    for place, outcomes in by_outcome.items():
        yield place, counted_outcomes(outcomes)
    for row in platform_figures_store.calls(connection, period):
        yield row.place, Counts(persons_reached=row.reached, hours_with_calls=row.hours)


def _closed(connection: Connection, period: Period) -> Placed:
    for row in platform_figures_store.closed(connection, period):
        yield row.place, Counts(entries_closed=row.closed, unreached=row.unreached)


def _messages(connection: Connection, period: Period) -> Placed:
    for row in platform_figures_store.messages(connection, period):
        fate = Counts(sms_delivered=row.delivered, sms_read=row.read, sms_called_after_all=row.called)
        yield row.place, replace(fate, sms_sent=row.sent)


def _named(connection: Connection, period: Period) -> Placed:
    for row in platform_figures_store.named_contacts(connection, period):
        named = Counts(contacts_named=int(row.contacts), named_nobody=row.nobody)
        yield row.place, replace(named, positives_asked=row.asked)


def _forecasts(connection: Connection, period: Period) -> Placed:
    for row in platform_figures_store.forecasts(connection, period):
        yield row.place, Counts(forecasts=row.made, forecast_error=float(row.error))


def _work(connection: Connection, period: Period) -> Placed:
    seconds = worked(platform_figures_store.shift_lines(connection, period), period.edges, period.until)
    for place, worked_here in enumerate(seconds):
        yield place, Counts(agent_seconds=worked_here)
