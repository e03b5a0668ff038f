"""The whole of a case record for its page: sheet, merged records, who is around, and what happened."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.roles import Scope
from outreach.services.access import Asker
from outreach.services.answer_history import GivenAnswer, opened_answers
from outreach.services.answer_words import AnswerWords
from outreach.services.break_glass import hidden_from
from outreach.services.case_reading import CaseReading, CaseSheet
from outreach.services.record_splitting import RecordSplitting
from outreach.storage import access_store, answer_store, person_store, platform_store, record_store
from outreach.storage.access_store import AccessLine, AccessReason, ReadingsAsked, ReadLine
from outreach.storage.database import Connection, Database
from outreach.storage.platform_store import Platform
from outreach.storage.record_store import Line, Neighbour, RecordMarks, ToldOutside
from outreach.storage.vault import Vault

MOST_LINES = 500
MOST_AROUND = 60
MOST_TOLD = 50
MOST_ACCESSES = 30


@dataclass(frozen=True)
class RecordFile:
    """`merged`: sheets of records that this one stands for; `accesses`: who read it, for those who may;
    `may_split`: which of the merged ones the last merge may be taken back for."""

    sheet: CaseSheet
    merged: tuple[CaseSheet, ...]
    marks: RecordMarks
    platform: Platform
    around: tuple[Neighbour, ...]
    lines: tuple[Line, ...]
    answers: tuple[GivenAnswer, ...]
    told: tuple[ToldOutside, ...]
    accesses: tuple[ReadLine, ...] | None
    may_split: UUID | None


@dataclass(frozen=True)
class RecordFiles:
    """Reads records whole; every one leaves an access line."""

    database: Database
    vault: Vault
    clock: Clock
    reading: CaseReading
    answer_words: AnswerWords
    splitting: RecordSplitting

    def read(self, case_record_id: UUID, asker: Asker, *, language: str = "fr") -> RecordFile:
        """`language`: of questions. Raises NotFound; NotAllowed (restricted_record) until one said why."""
        sheet = self.reading.sheet(case_record_id, reader=asker.user_id, platforms=asker.platforms)
        with self._reading(asker) as connection:
            merged = record_store.merged_from(connection, case_record_id)
        sheets = [
            self.reading.sheet(each, reader=asker.user_id, platforms=asker.platforms) for each in merged
        ]
        facts, records = sheet.card.facts, [case_record_id, *merged]
        with self._reading(asker) as connection:
            marks = record_store.marks(connection, case_record_id)
            platform = platform_store.read(connection, facts.platform)
            neighbours = record_store.around(
                connection,
                self.vault,
                records=records,
                person_id=facts.person_id,
                platforms=asker.platforms,
                most=MOST_AROUND,
            )
            around = self._named(connection, neighbours, asker)
            self._note(connection, around, asker)
            lines = record_store.lines(connection, records, most=MOST_LINES)
            answers = self._answers(connection, [sheet, *sheets], language)
            accesses = self._accesses(connection, case_record_id, asker)
        with self.database.reading() as connection:
            told = record_store.told_outside(connection, case_record_id, most=MOST_TOLD)
            may_split = self.splitting.last_merge(connection, case_record_id)
        return RecordFile(
            sheet=sheet,
            merged=tuple(sheets),
            marks=marks,
            platform=platform,
            around=tuple(around),
            lines=tuple(lines),
            answers=tuple(answers),
            told=tuple(told),
            accesses=accesses,
            may_split=may_split,
        )

    def _answers(self, connection: Connection, sheets: list[CaseSheet], language: str) -> list[GivenAnswer]:
        given: list[GivenAnswer] = []
        for sheet in sheets:
            stored = answer_store.of_case_record(connection, sheet.card.facts.id)
            if stored and sheet.card.person is not None:
                key = person_store.person_key(connection, self.vault, sheet.card.facts.person_id)
                given += opened_answers(key, [row for row in stored if row.sealed])
        return self.answer_words.told(connection, given, language)

    def _accesses(
        self, connection: Connection, case_record_id: UUID, asker: Asker
    ) -> tuple[ReadLine, ...] | None:
        if Scope.ACCESSES_READ not in asker.scopes:
            return None
        asked = ReadingsAsked(platforms=asker.platforms, case_record_id=case_record_id)
        return tuple(access_store.page(connection, asked, most=MOST_ACCESSES))

    def _named(self, connection: Connection, around: Sequence[Neighbour], asker: Asker) -> list[Neighbour]:
        """A restricted person is not named beside somebody else either."""
        records = [each.case_record_id for each in around if each.case_record_id and each.name]
        hidden = hidden_from(connection, asker.user_id, records, self.clock.now())
        return [
            replace(each, name="", restricted=True) if each.case_record_id in hidden else each
            for each in around
        ]

    def _note(self, connection: Connection, around: list[Neighbour], asker: Asker) -> None:
        """Whose names are shown beside the record was read too."""
        named = {each.case_record_id: each.platform for each in around if each.name}
        now, why = self.clock.now(), AccessReason.RELATED
        lines = [AccessLine(now, platform, asker.user_id, record, why) for record, platform in named.items()]
        access_store.note_all(connection, lines)

    def _reading(self, asker: Asker) -> AbstractContextManager[Connection]:
        return self.database.reading_as(asker.platforms, reader=asker.user_id, now=self.clock.now())
