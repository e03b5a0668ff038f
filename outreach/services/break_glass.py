"""Reading beyond one's reach when it must be: for a reason that is kept, for an hour, told to supervisors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.reasons import RestrictionReason
from outreach.domain.retention import check_claim
from outreach.errors import InvalidInput, NotAllowed, NotFound
from outreach.ids import new_id
from outreach.storage import (
    alarm_store,
    case_sheet_store,
    glass_store,
    journal,
    mutual_aid_store,
    person_store,
    restriction_store,
)
from outreach.storage.access_store import AccessReason
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.case_sheet_store import CaseFacts
from outreach.storage.database import Connection, Database
from outreach.storage.glass_store import BrokenGlass, GlassLine
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.restriction_store import Restriction
from outreach.storage.vault import CannotOpen, Vault

FOR = timedelta(hours=1)
LEAST_LETTERS = 10
MOST_LETTERS = 500


class OpenedGlass(NamedTuple):
    """A line with its reason; None when its person was erased, or for whoever may not read it."""

    line: GlassLine
    reason: str | None


@dataclass(frozen=True)
class BreakGlass:
    """Nothing is asked of anybody beforehand; everything is told to the record's supervisors at once."""

    database: Database
    vault: Vault
    clock: Clock

    def open(self, case_record_id: UUID, reason: str, *, by: UUID) -> BrokenGlass:
        """The record may be read for an hour; again within it changes nothing.

        Raises NotFound, also for somebody who was erased; InvalidInput for a reason that says nothing.
        """
        said = _said(reason, InvalidInput("Say why you must read this record."))
        now = self.clock.now()
        with self.database.begin() as connection:
            facts = case_sheet_store.facts(connection, case_record_id)
            sealed = self._sealed(connection, facts, said)
            standing = glass_store.standing(connection, by, case_record_id, now)
            return standing or _open(connection, facts, sealed, by, now)

    def page(
        self, platforms: Sequence[str], *, with_reasons: bool, before: UUID | None, most: int
    ) -> list[OpenedGlass]:
        """What was opened so on these platforms, newest first."""
        with self.database.reading_as(platforms, now=self.clock.now()) as connection:
            lines = glass_store.page(connection, platforms, before=before, most=most)
            return [
                OpenedGlass(
                    line._replace(sealed_reason=None, wrapped_key=None),
                    self._reason(line) if with_reasons else None,
                )
                for line in lines
            ]

    def restrict(
        self,
        case_record_id: UUID,
        *,
        by: UUID,
        platforms: Sequence[str],
        kept_until: datetime | None = None,
        because: RestrictionReason | None = None,
    ) -> None:
        """From now on whoever reads the record must say why; the same again changes nothing.

        `kept_until`: a claim of the person's puts erasure off so long; None: nothing puts it off, or what
        stands does. Raises NotFound, InvalidInput for a claim without an end.
        """
        now = self.clock.now()
        if kept_until is not None:
            check_claim(kept_until, now)
        with self.database.begin() as connection:
            facts = _own(connection, case_record_id, platforms)
            before = {each.because for each in _own_restriction(connection, case_record_id)}
            changed = restriction_store.restrict(
                connection, case_record_id, facts.platform, by, kept_until=kept_until, now=now
            )
            if changed or (because is not None and because not in before):
                told = {} if kept_until is None else {"kept_until": kept_until.isoformat()}
                told |= {"because": because.value} if because else {}
                _note(connection, facts, Event.RECORD_RESTRICTED, by, now, told)

    def restrictions(self, case_record_id: UUID, platforms: Sequence[str]) -> list[Restriction]:
        """Those of the record and of its person's other records; nobody is read. Raises NotFound."""
        with self.database.begin() as connection:
            _own(connection, case_record_id, platforms)
            return restriction_store.standing(connection, case_record_id)

    def lift(self, case_record_id: UUID, reason: str, *, by: UUID, platforms: Sequence[str]) -> None:
        """It is a record like any other again; the reason is kept, and told, as that of whoever opens one.

        Raises NotFound, InvalidInput for a reason that says nothing. A record that is not restricted stays
        as it is, and nobody is told.
        """
        said = _said(reason, InvalidInput("Say why you lift the restriction."))
        now = self.clock.now()
        with self.database.begin() as connection:
            facts = _own(connection, case_record_id, platforms)
            if restriction_store.lift(connection, case_record_id):
                grant = _open(connection, facts, self._sealed(connection, facts, said), by, now)
                told = {"glass_id": str(grant.id)}
                _note(connection, facts, Event.RECORD_UNRESTRICTED, by, now, told)

    def _sealed(self, connection: Connection, facts: CaseFacts, said: str) -> bytes:
        return person_store.person_key(connection, self.vault, facts.person_id).seal_text(said)

    def _reason(self, line: GlassLine) -> str | None:
        if line.sealed_reason is None or line.wrapped_key is None:
            return None
        try:
            return self.vault.person_key(line.person_id, line.wrapped_key).open_text(line.sealed_reason)
        except CannotOpen:
            return None


def why_read(
    connection: Connection, facts: CaseFacts, *, reader: UUID, platforms: Sequence[str], now: datetime
) -> AccessReason:
    """What lets this reader read this record: their platform, a call in hand, or glass they broke.

    Raises NotFound, or NotAllowed (restricted_record) for a record of their own platform that is restricted,
    or whose person has another one that is.
    """
    own, known_by = facts.platform in platforms, [facts.id]
    if own:
        restricted = restriction_store.of_restricted_people(connection, known_by)
        if facts.id not in restricted:
            return AccessReason.SHEET
        known_by = restricted[facts.id]
    if given := _way_to_any(connection, reader, known_by, now):
        return given
    if own:
        raise NotAllowed(
            "This record is restricted: whoever reads it must say why first.", code="restricted_record"
        )
    raise NotFound("There is no such case record.")


def hidden_from(connection: Connection, reader: UUID, records: Iterable[UUID], now: datetime) -> set[UUID]:
    """Records among these whose person this reader is not to see named: that person has a restricted record,
    and the reader neither holds nor calls them, nor said why they must read of them."""
    restricted = restriction_store.of_restricted_people(connection, records)
    return {
        each for each, theirs in restricted.items() if _way_to_any(connection, reader, theirs, now) is None
    }


def _way_to_any(
    connection: Connection, reader: UUID, records: Sequence[UUID], now: datetime
) -> AccessReason | None:
    """Whether the reader has one of these records in hand, or broke the glass for one."""
    if any(mutual_aid_store.platform_in_hand(connection, reader, each) for each in records):
        return AccessReason.SHEET
    if any(glass_store.standing(connection, reader, each, now) for each in records):
        return AccessReason.BROKEN_GLASS
    return None


def _said(reason: str, refusal: InvalidInput) -> str:
    """Without the blanks around it. Raises InvalidInput, with what is to be mended, for what says nothing."""
    said = reason.strip()
    if not LEAST_LETTERS <= len(said) <= MOST_LETTERS:
        raise InvalidInput(
            str(refusal),
            field="reason",
            mend=f"Write {LEAST_LETTERS} to {MOST_LETTERS} letters: the supervisors will read them.",
        )
    return said


def _own(connection: Connection, case_record_id: UUID, platforms: Sequence[str]) -> CaseFacts:
    facts = case_sheet_store.facts(connection, case_record_id)
    if facts.platform not in platforms:
        raise NotFound("There is no such case record.")
    return facts


def _own_restriction(connection: Connection, case_record_id: UUID) -> list[Restriction]:
    standing = restriction_store.standing(connection, case_record_id)
    return [each for each in standing if each.case_record_id == case_record_id]


def _open(
    connection: Connection, facts: CaseFacts, sealed_reason: bytes, by: UUID, now: datetime
) -> BrokenGlass:
    grant = BrokenGlass(new_id(), facts.platform, facts.id, by, now, now + FOR)
    glass_store.add(connection, grant, sealed_reason=sealed_reason)
    _tell(connection, grant)
    return grant


def _tell(connection: Connection, grant: BrokenGlass) -> None:
    facts = {"user_id": str(grant.user_id), "case_record_id": str(grant.case_record_id)}
    alarm_store.raise_alarm(
        connection,
        AlarmKind.RECORD_OPENED,
        str(grant.id),
        platform=grant.platform,
        now=grant.at,
        facts={**facts, "until": grant.until.isoformat()},
    )
    line = JournalEntry(
        grant.at,
        grant.platform,
        Event.GLASS_BROKEN,
        journal.by_user(grant.user_id),
        grant.case_record_id,
        facts={"glass_id": str(grant.id), "until": grant.until.isoformat()},
    )
    journal.write(connection, line)


def _note(
    connection: Connection,
    facts: CaseFacts,
    event: Event,
    by: UUID,
    now: datetime,
    told: Mapping[str, str] = {},
) -> None:
    line = JournalEntry(now, facts.platform, event, journal.by_user(by), facts.id, facts=dict(told))
    journal.write(connection, line)
