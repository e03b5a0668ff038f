"""What became of a campaign: figures, a sentence, failures by code, rows for a spreadsheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.audiences import EXCLUSION_WORDS, Exclusion
from outreach.domain.campaign_words import CampaignFigures, sentence
from outreach.domain.campaigns import CampaignState, MemberState
from outreach.domain.messages import MessagePurpose, MessageStatus
from outreach.services.csv_cells import csv_line
from outreach.storage import campaign_figures_store, campaign_store, journal
from outreach.storage.campaign_figures_store import EntryCount, MemberRow, MessageCount, ProgressCount
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry
from outreach.telephony.failure_codes import failure_class

PIECE = 2_000
FIRST = (UUID(int=0), UUID(int=0))
HEADERS = (
    *("source", "record_number", "state", "left_out_because", "sms", "code", "segments", "made_at"),
    *("delivered_at", "read_at", "reminder", "call", "call_closed_because", "outcome"),
)


@dataclass(frozen=True)
class Failure:
    """Messages of one text that one code ended; `because`: what the code means to us."""

    template: str
    status: MessageStatus
    code: str
    because: str
    messages: int


@dataclass(frozen=True)
class CampaignAccount:
    """A campaign's state, figures and sentence, in French and in English."""

    state: CampaignState
    figures: CampaignFigures
    sentences: dict[str, str]

    @property
    def left_out_words(self) -> dict[str, str]:
        return {reason.value: EXCLUSION_WORDS[reason] for reason in self.figures.left_out}


@dataclass(frozen=True)
class CampaignReports:
    """Reads only; an export writes who made it into the journal."""

    database: Database
    clock: Clock

    def account(self, campaign_id: UUID) -> CampaignAccount:
        """Raises NotFound."""
        with self.database.begin() as connection:
            campaign = campaign_store.read(connection, campaign_id)
            figures = figures_of(connection, campaign_id)
        told = {language: sentence(campaign.state, figures, language) for language in ("fr", "en")}
        return CampaignAccount(campaign.state, figures, told)

    def progress(self, campaign_ids: Sequence[UUID]) -> dict[UUID, ProgressCount]:
        """How far each of these is, in a few counts."""
        with self.database.begin() as connection:
            return campaign_figures_store.progress(connection, campaign_ids)

    def failures(self, campaign_id: UUID) -> list[Failure]:
        """Per text and code of the carrier, the most frequent first."""
        with self.database.begin() as connection:
            rows = campaign_figures_store.failures(connection, campaign_id)
        return [
            Failure(
                row.template,
                MessageStatus(row.status),
                row.code,
                _because(row.status, row.code),
                row.messages,
            )
            for row in rows
        ]

    def export(self, campaign_id: UUID, *, by: UUID | None) -> Iterator[str]:
        """Every member as a line of CSV, by record number; no name, no number."""
        with self.database.begin() as connection:
            campaign = campaign_store.read(connection, campaign_id)
            journal_export(connection, campaign.id, campaign.platform, "MEMBERS", self.clock.now(), by=by)
        return self._lines(campaign_id, campaign.platform)

    def _lines(self, campaign_id: UUID, platform: str) -> Iterator[str]:
        yield "\ufeff" + csv_line(HEADERS)
        after, found = FIRST, PIECE
        while found == PIECE:
            with self.database.reading_as([platform], now=self.clock.now()) as connection:
                rows = campaign_figures_store.rows(connection, campaign_id, after=after, most=PIECE)
            yield from (csv_line(_cells(row)) for row in rows)
            found = len(rows)
            after = (rows[-1].person_id, rows[-1].occasion) if rows else after


def figures_of(connection: Connection, campaign_id: UUID) -> CampaignFigures:
    members = campaign_figures_store.members(connection, campaign_id)
    left_out = {
        Exclusion(because): count
        for (state, because), count in members.items()
        if state == MemberState.LEFT_OUT
    }
    in_all = sum(members.values()) - sum(left_out.values())
    messages = campaign_figures_store.messages(connection, campaign_id)
    entries = campaign_figures_store.entries(connection, campaign_id)
    return CampaignFigures(
        members=in_all,
        pending=sum(count for (state, _), count in members.items() if state == MemberState.PENDING),
        left_out=left_out,
        statuses=_statuses(messages, reminders=False),
        reminders=_statuses(messages, reminders=True),
        replies=campaign_figures_store.replies(connection, campaign_id),
        segments=sum(row.segments for row in messages),
        to_call=sum(row.entries for row in entries if row.state != "CLOSED"),
        called=_called(entries),
        outcomes=campaign_figures_store.outcomes(connection, campaign_id),
    )


def _statuses(messages: list[MessageCount], *, reminders: bool) -> dict[MessageStatus, int]:
    counts: Counter[MessageStatus] = Counter()
    for row in messages:
        if (row.purpose == MessagePurpose.REMINDER) is reminders:
            counts[MessageStatus(row.status)] += row.messages
    return dict(counts)


def _called(entries: list[EntryCount]) -> dict[str, int]:
    return {row.because: row.entries for row in entries if row.state == "CLOSED"}


class LettersTold(NamedTuple):
    """A batch of letters; `whole`: read to its end, not only begun."""

    batch: int
    whole: bool

    def as_facts(self) -> dict[str, Any]:
        return {"batch": str(self.batch), "whole": self.whole}


def journal_export(
    connection: Connection,
    campaign_id: UUID,
    platform: str,
    what: str,
    now: datetime,
    *,
    by: UUID | None,
    letters: LettersTold | None = None,
) -> None:
    """Who took a file of a campaign away, and which."""
    facts = {"campaign_id": str(campaign_id), "what": what} | ({} if letters is None else letters.as_facts())
    actor = journal.by_user(by) if by else journal.by_system("command line")
    journal.write(connection, JournalEntry(now, platform, Event.CAMPAIGN_EXPORTED, actor, facts=facts))


def _because(status: str, code: str) -> str:
    """What the code asks of us; without one the status says it."""
    return failure_class(code).value if code else status


def _cells(row: MemberRow) -> list[str]:
    moments = [
        at.isoformat(timespec="seconds") if at else "" for at in (row.made_at, row.delivered_at, row.read_at)
    ]
    return [
        row.source or "",
        row.record_number or "",
        row.state,
        row.left_out_because or "",
        row.message_status or "",
        row.error_code or "",
        "" if row.segments is None else str(row.segments),
        *moments,
        row.reminder_status or "",
        row.entry_state or "",
        row.closed_because or "",
        row.outcome or "",
    ]
