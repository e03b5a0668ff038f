"""A record's file made ready for its page: its state in words, one timeline of everything, provenance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from outreach.domain.call_list import FIRST_CALL_WITHIN
from outreach.domain.messages import MessagePurpose
from outreach.domain.reasons import RestrictionReason
from outreach.services.record_file import RecordFile
from outreach.storage.case_sheet_store import CaseFacts
from outreach.storage.journal import Event
from outreach.storage.record_store import Line
from outreach.web.pages.labels import label
from outreach.web.pages.words import N_, translated

# What the list does by itself, every few minutes perhaps, is left out of the story.
NOISE = frozenset(
    {
        Event.ENTRY_LEASED,
        Event.ENTRY_RELEASED,
        Event.LEASE_LAPSED,
        Event.ENTRY_RECLASSED,
        Event.ATTEMPT_MOVED,
        Event.ATTEMPT_STARTED,
        Event.MESSAGE_READ,
        Event.INTERVIEW_BEGUN,
    }
)
LABELLED = {
    "outcome": "outcome",
    "kind": "kind",
    "mode": "mode",
    "status": "message_status",
    "queue": "queue",
    "purpose": "purpose",
    "meaning": "reply",
}
BECAUSE = {
    "IMPORT_UNDONE": N_("The import was undone"),
    "MERGED": N_("Merged into another record"),
    "SPLIT": N_("The merge was taken back"),
    "CONVERTED": N_("Turned positive"),
    "ERASED": N_("Erased"),
    "BY_HAND": N_("By hand"),
    "RECORD_CHANGED": N_("The record changed"),
    "HOURS_CHANGED": N_("The calling hours changed"),
    "NUMBER_FOUND": N_("A number was found"),
    "REPLY": N_("By their own SMS"),
    "AGENT": N_("An agent noted it"),
    "PROVIDER": N_("The phone company said so"),
    "INBOUND_CALL": N_("They called back"),
    "TRANSFERRED": N_("The call was handed on"),
    "OUTCOME_UNDONE": N_("The outcome was taken back"),
    "PAUSE_STARTED": N_("The agent took a break"),
    "SHIFT_ENDED": N_("The agent's shift ended"),
    "TAKEN_BACK": N_("The loan was taken back"),
    "ENDED": N_("The loan ended"),
    "CANCELLED": N_("The SMS was cancelled"),
    "EXPIRED": N_("The SMS came too late"),
    "SMS_UNREAD": N_("The SMS was not read"),
    "SMS_UNKNOWN": N_("Nobody knows what became of the SMS"),
    "WRONG_PERSON": N_("Somebody else has this number"),
    "The SMS budget has ended.": N_("The SMS budget has ended"),
    "The SMS sender was stopped.": N_("The sending of SMS was stopped"),
    "retention": N_("Its time was over"),
}
NATURES = {
    "FAMILY": N_("family"),
    "WORK": N_("work"),
    "SCHOOL": N_("school"),
    "FRIENDS": N_("friends"),
    "TRANSPORT": N_("transport"),
    "CARE": N_("care"),
    "EVENT": N_("event"),
    "OTHER": N_("another place"),
}


@dataclass(frozen=True)
class Moment:
    """One line of the story. `words`: what the event says beside its name; `note`: what was written down."""

    at: datetime
    event: str
    who: str | None
    words: tuple[str, ...] = ()
    note: str = ""
    record: UUID | None = None  # another one, to be opened
    import_id: UUID | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clock:
    """One of the two clocks of a record: kept, missed, or still running."""

    name: str
    done_at: datetime | None
    deadline: datetime
    opened_at: datetime
    now: datetime

    @property
    def kept(self) -> bool:
        return self.done_at is not None and self.done_at <= self.deadline

    @property
    def state(self) -> str:
        """done | done late | late | running."""
        if self.done_at is not None:
            return "done" if self.kept else "done late"
        return "late" if self.now > self.deadline else "running"

    @property
    def took(self) -> timedelta:
        return (self.done_at or self.now) - self.opened_at


def clocks(facts: CaseFacts, now: datetime) -> list[Clock]:
    """Of a positive the first call and the moment they were reached; of a contact when they were told."""
    opened, told = facts.listed_at, [(N_("Informed within 24 hours of being listed"), facts.informed_at)]
    if facts.kind == "POSITIVE":
        opened = facts.result_at or facts.listed_at
        told = [
            (N_("Called within 24 hours of the result"), facts.first_called_at),
            (N_("Reached within 24 hours of the result"), facts.reached_at),
        ]
    return [Clock(name, done, opened + FIRST_CALL_WITHIN, opened, now) for name, done in told]


def story(file: RecordFile) -> list[Moment]:
    """Everything that happened, the newest first; what was noted stands beside its call."""
    notes = {
        attempt["id"]: attempt["note"]
        for sheet in (file.sheet, *file.merged)
        for attempt in sheet.attempts
        if attempt["note"]
    }
    return [_moment(line, notes) for line in file.lines if line.event not in NOISE]


def _moment(line: Line, notes: Mapping[UUID, str]) -> Moment:
    told = line.event == Event.ATTEMPT_OUTCOME
    return Moment(
        line.at,
        line.event,
        line.login,
        tuple(_words(line)),
        notes.get(line.attempt_id, "") if told and line.attempt_id else "",
        _other_record(line.facts),
        _id(line.facts.get("import_id")),
        tuple(_changed_fields(line)),
    )


def _words(line: Line) -> list[str]:
    words = [
        label(_family(family, line.facts[name]), line.facts[name])
        for name, family in LABELLED.items()
        if isinstance(line.facts.get(name), str)
    ]
    because = line.facts.get("because")
    if isinstance(because, str):
        words.append(_because(because))
    if isinstance(line.facts.get("source"), str) and line.facts["source"]:
        words.append(line.facts["source"])
    return words


def _family(family: str, code: str) -> str:
    """What an SMS is for has words of its own beside those of a call."""
    return "message_purpose" if family == "purpose" and code in MessagePurpose.__members__ else family


def _because(code: str) -> str:
    known = BECAUSE.get(code)
    family = "restriction" if code in RestrictionReason.__members__ else "outcome"
    return translated(known) if known else label(family, code)


def _other_record(facts: Mapping[str, Any]) -> UUID | None:
    names = ("into", "from", "out_of", "positive_id")
    return next((found for name in names if (found := _id(facts.get(name)))), None)


def _id(told: object) -> UUID | None:
    try:
        return UUID(str(told)) if told else None
    except ValueError:
        return None


def _changed_fields(line: Line) -> Sequence[str]:
    """The names of the fields that a change touched."""
    fields = line.facts.get("fields")
    return [str(name) for name in fields] if isinstance(fields, list) else []
