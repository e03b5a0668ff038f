"""A wrong merge taken back: each of the two records has its own again, as long as they can be told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.case_records import CaseKind, Person
from outreach.domain.outcomes import CallOutcome
from outreach.errors import Conflict
from outreach.services.access import Asker
from outreach.services.announcements import announce_undone
from outreach.services.held_record import HeldRecord, changes_of, hold, hold_entries
from outreach.storage import journal, message_queue_store, person_store, split_store
from outreach.storage.database import Connection, Database
from outreach.storage.intake_rows import ChangedCaseRecord
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.split_store import KeptMerge, Relisted
from outreach.storage.vault import Vault

SPLIT_WITHIN = timedelta(days=30)
SPLIT = "SPLIT"  # why an entry stands on the list again, or no longer


@dataclass(frozen=True)
class RecordSplitting:
    """The way back from a merge."""

    database: Database
    vault: Vault
    clock: Clock

    def split(self, other_id: UUID, asker: Asker) -> UUID:
        """Take the merge back by which a record was merged away; the record that was kept for both.

        Raises NotFound, NotAllowed; Conflict when there is no such merge, once the kept record says something
        else than after it or got an outcome since, or while somebody has the person in hand.
        """
        now = self.clock.now()
        with self.database.begin() as connection:
            both = [_known(connection, other_id, now).kept_id, other_id]
            message_queue_store.hold_queued_about(connection, both)
            hold_entries(connection, both, asker, now)
            merge = _known(connection, other_id, now)  # nobody else splits from here on
            kept = hold(connection, self.vault, merge.kept_id, asker, now)
            kept.need_out_of_hand()
            before = self._apart(connection, kept, merge)
            split_store.put_back(connection, merge)
            listed = split_store.put_lists_back(connection, merge, now, because=SPLIT)
            other = hold(connection, self.vault, other_id, asker, now)
            self._tell(connection, kept, other, merge, listed, asker)
            again = any(each.case_record_id == kept.known.id and not each.closed for each in listed)
            self._rewrite(connection, merge, before, asker, listed_again=again)
        return merge.kept_id

    def last_merge(self, connection: Connection, kept_id: UUID) -> UUID | None:
        """The record that may be split off again, as far as time goes."""
        return split_store.last_of(connection, kept_id, since=self.clock.now() - SPLIT_WITHIN)

    def forget_settled(self) -> int:
        """A sweep: merges that nobody took back in time; how many."""
        with self.database.begin() as connection:
            return split_store.forget_before(connection, self.clock.now() - SPLIT_WITHIN)

    def _apart(self, connection: Connection, kept: HeldRecord, merge: KeptMerge) -> Person:
        """The kept person as they were. Raises Conflict when more was learned since."""
        key = person_store.person_key(connection, self.vault, merge.kept_person_id)
        people = key.open(merge.sealed)
        same = split_store.facts_now(connection, merge.kept_id) == merge.after
        if split_store.outcome_since(connection, merge):
            raise Conflict(
                "A call or an SMS brought an outcome since the merge: whose it is cannot be told any more."
                " Correct this record to be one person's, and enter the other person anew, under a number of"
                " their own.",
                code="not_apart",
            )
        if not same or kept.person != Person.from_sealed(people["after"]):
            raise Conflict(
                "The record was changed since the merge: what belongs to whom cannot be told any more."
                " Correct it back to what it said then, and take the merge back again.",
                code="not_apart",
            )
        return Person.from_sealed(people["before"])

    def _rewrite(
        self,
        connection: Connection,
        merge: KeptMerge,
        person: Person,
        asker: Asker,
        *,
        listed_again: bool,
    ) -> None:
        """The kept record says what it said, and its entries stand where that puts them."""
        kept = hold(connection, self.vault, merge.kept_id, asker, self.clock.now())
        record = _as_before(kept, merge.before["kept"])
        if listed_again:
            record = record._replace(state="OPEN", closed_because=None)
        batch, changes = changes_of(connection, self.vault, kept, [])
        changes.rewrite(kept.known, person, record)
        batch.write(connection, {})

    def _tell(
        self,
        connection: Connection,
        kept: HeldRecord,
        other: HeldRecord,
        merge: KeptMerge,
        listed: Sequence[Relisted],
        asker: Asker,
    ) -> None:
        """Lines of both records and of their entries; what the merge itself called done counts no more."""
        was = merge.before["kept"]
        clock = {name: was[name] for name in ("kind", "result_at", "deadline")}
        journal.write(
            connection,
            _line(kept, Event.RECORDS_SPLIT, asker, {"from": str(merge.other_id), **clock}),
            _line(other, Event.RECORDS_SPLIT, asker, {"out_of": str(merge.kept_id)}),
        )
        for entry in listed:
            held = kept if entry.case_record_id == merge.kept_id else other
            event = Event.ENTRY_CLOSED if entry.closed else Event.ENTRY_RETURNED
            journal.write(connection, _line(held, event, asker, {"because": SPLIT}, entry_id=entry.entry_id))
        told = split_store.told_by_merge(connection, merge)
        for entry_id in told:
            facts = {"outcome": CallOutcome.ALREADY_DONE.value, "said_at": merge.merged_at.isoformat()}
            line = _line(kept, Event.OUTCOME_UNDONE, asker, facts, entry_id=entry_id)
            journal.write(connection, line)
            announce_undone(connection, line, CallOutcome.ALREADY_DONE)
        if told:
            split_store.put_clocks_back(connection, was)


def _known(connection: Connection, other_id: UUID, now: datetime) -> KeptMerge:
    merge = split_store.of_record(connection, other_id)
    if merge is None or now - merge.merged_at > SPLIT_WITHIN:
        raise Conflict("This record was not merged into another one in the last 30 days.", code="no_merge")
    return merge


def _as_before(kept: HeldRecord, was: Mapping[str, Any]) -> ChangedCaseRecord:
    return kept.unchanged()._replace(
        kind=CaseKind(was["kind"]).value,
        sampled_at=_moment(was["sampled_at"]),
        result_at=_moment(was["result_at"]),
        deadline=datetime.fromisoformat(was["deadline"]),
        last_exposure_on=date.fromisoformat(was["last_exposure_on"]) if was["last_exposure_on"] else None,
        household=was["household"],
        collective_setting=was["collective_setting"],
        vulnerable=was["vulnerable"],
        converted_at=_moment(was["converted_at"]),
    )


def _moment(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None


def _line(
    held: HeldRecord,
    event: Event,
    asker: Asker,
    facts: dict[str, Any],
    *,
    entry_id: UUID | None = None,
) -> JournalEntry:
    return JournalEntry(
        held.setting.now,
        held.setting.platform,
        event,
        journal.by_user(asker.user_id),
        case_record_id=held.known.id,
        entry_id=entry_id,
        facts=facts,
    )
