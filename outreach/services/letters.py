"""Letters to whom a campaign did not reach: a file for a mail merge, opened as it is sent, kept nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.case_records import Person
from outreach.errors import InvalidInput, NotFound
from outreach.log import get_logger
from outreach.services.campaign_figures import FIRST, LettersTold, journal_export
from outreach.services.csv_cells import csv_line
from outreach.storage import access_store, campaign_store, letter_store
from outreach.storage.access_store import AccessLine, AccessReason
from outreach.storage.campaign_store import Campaign
from outreach.storage.database import Connection, Database
from outreach.storage.letter_store import LetterRow
from outreach.storage.vault import CannotOpen, Vault

log = get_logger("letters")

PIECE = 500
HEADERS = (
    *("record_number", "family_name", "given_names", "address", "postcode", "town", "country"),
    *("language", "because"),
)


@dataclass(frozen=True)
class LetterBatch:
    """`number` counts a campaign's batches from 1."""

    number: int
    letters: int


@dataclass(frozen=True)
class Letters:
    """Nobody is written to twice; a batch may be fetched again, each time with journal lines: when it begins,
    and when all of it was taken.

    Until a batch was once taken away whole, who is restricted leaves it for one after the restriction: of a
    file that broke off no letter is written.
    """

    database: Database
    vault: Vault
    clock: Clock

    def waiting(self, campaign_id: UUID) -> int:
        """How many would be in the next batch. Raises NotFound."""
        with self.database.begin() as connection:
            campaign_store.read(connection, campaign_id)
            return letter_store.waiting(connection, campaign_id)

    def start_batch(self, campaign_id: UUID) -> LetterBatch:
        """Whoever is unreached by now and has no letter yet. Raises InvalidInput when there is nobody."""
        with self.database.begin() as connection:
            campaign = campaign_store.lock(connection, campaign_id)
            number = campaign.letter_batches + 1
            letters = letter_store.start_batch(connection, campaign_id, number)
            if letters == 0:
                raise InvalidInput(
                    "Nobody of this campaign needs a letter now.", mend="ask again when calls have ended"
                )
            campaign_store.change(connection, campaign_id, letter_batches=number)
        return LetterBatch(number, letters)

    def file(self, campaign_id: UUID, batch: int, *, by: UUID | None) -> Iterator[str]:
        """The batch as lines of CSV, each opened as it is read. Raises NotFound for an unknown batch."""
        with self.database.begin() as connection:
            campaign = campaign_store.read(connection, campaign_id)
            if not 1 <= batch <= campaign.letter_batches:
                raise NotFound("This campaign has no such batch of letters.")
            self._note(connection, campaign, batch, by, whole=False)
        log.info("letters.read", campaign_id=str(campaign_id), batch=batch, user_id=str(by) if by else None)
        return self._lines(campaign, batch, by)

    def _note(
        self, connection: Connection, campaign: Campaign, batch: int, by: UUID | None, *, whole: bool
    ) -> None:
        now, told = self.clock.now(), LettersTold(batch, whole)
        journal_export(connection, campaign.id, campaign.platform, "LETTERS", now, by=by, letters=told)

    def _lines(self, campaign: Campaign, batch: int, by: UUID | None) -> Iterator[str]:
        yield "\ufeff" + csv_line(HEADERS)
        after, found = FIRST, PIECE
        while found == PIECE:
            rows = self._read(campaign, batch, after, by)
            yield from (csv_line(cells) for row in rows if (cells := self._cells(row)) is not None)
            found = len(rows)
            after = (rows[-1].person_id, rows[-1].occasion) if rows else after
        with self.database.begin() as connection:
            self._note(connection, campaign, batch, by, whole=True)

    def _read(
        self, campaign: Campaign, batch: int, after: tuple[UUID, UUID], by: UUID | None
    ) -> list[LetterRow]:
        """The next rows; whoever is restricted by now is put off."""
        now, why = self.clock.now(), AccessReason.LETTERS
        with self.database.reading_as([campaign.platform], reader=by, now=now) as connection:
            rows = letter_store.rows(connection, campaign.id, batch, after=after, most=PIECE)
            free = [row for row in rows if not row.restricted]
            access_store.note_all(
                connection, [AccessLine(now, campaign.platform, by, row.case_record_id, why) for row in free]
            )
        if held := [row for row in rows if row.restricted]:
            with self.database.begin() as connection:
                letter_store.put_off(connection, campaign.id, batch, held)
        return rows

    def _cells(self, row: LetterRow) -> list[str] | None:
        """None for somebody who is restricted, or whose key no longer opens."""
        if row.restricted:
            return None
        try:
            key = self.vault.person_key(row.person_id, row.wrapped_key)
            person = Person.from_sealed(key.open(row.sealed_person))
        except CannotOpen:
            log.warning("letters.not_opened", person_id=str(row.person_id))
            return None
        return [
            row.record_number or "",
            person.family_name,
            person.given_names,
            person.address,
            person.postcode,
            person.town,
            person.country,
            row.language,
            row.because,
        ]
