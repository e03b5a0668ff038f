"""Everything about case records that people do by hand: files, search, the record itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from outreach.clock import Clock
from outreach.services.answer_words import AnswerWords
from outreach.services.case_import import CaseImport
from outreach.services.case_reading import CaseReading
from outreach.services.erasure import Erasure
from outreach.services.import_mending import ImportMending
from outreach.services.import_preview import ImportPreview
from outreach.services.import_undo import ImportUndo
from outreach.services.interview_texts import InterviewTexts
from outreach.services.message_queueing import MessageQueueing
from outreach.services.platform_moves import PlatformMoves
from outreach.services.record_closing import RecordClosing
from outreach.services.record_editing import RecordEditing
from outreach.services.record_file import RecordFiles
from outreach.services.record_merging import RecordMerging
from outreach.services.record_search import RecordSearch
from outreach.services.record_splitting import RecordSplitting
from outreach.services.upkeep import Sweep
from outreach.storage.database import Database
from outreach.storage.vault import Vault


@dataclass(frozen=True)
class Records:
    """One object for each of these jobs."""

    preview: ImportPreview
    mending: ImportMending
    undo: ImportUndo
    search: RecordSearch
    files: RecordFiles
    editing: RecordEditing
    closing: RecordClosing
    merging: RecordMerging
    splitting: RecordSplitting

    def sweeps(self) -> Mapping[str, Sweep]:
        """What repairs itself."""
        return {
            "import_drafts": Sweep(timedelta(hours=1), self.preview.drop_old),
            "import_rows": Sweep(timedelta(hours=1), self.mending.forget_expired),
            "settled_merges": Sweep(timedelta(hours=1), self.splitting.forget_settled),
        }


def build_records(
    database: Database,
    vault: Vault,
    clock: Clock,
    *,
    queueing: MessageQueueing,
    reading: CaseReading,
    moves: PlatformMoves,
    erasure: Erasure,
    texts: InterviewTexts,
) -> Records:
    """`reading`, `moves`, `erasure`: those of the whole program."""
    case_import, splitting = CaseImport(database, vault, clock), RecordSplitting(database, vault, clock)
    return Records(
        preview=ImportPreview(database, vault, clock, case_import),
        mending=ImportMending(database, vault, clock, case_import),
        undo=ImportUndo(database, clock),
        search=RecordSearch(database, vault, clock),
        files=RecordFiles(database, vault, clock, reading, AnswerWords(texts), splitting),
        editing=RecordEditing(database, vault, clock),
        closing=RecordClosing(database, vault, clock, queueing, moves, erasure),
        merging=RecordMerging(database, vault, clock),
        splitting=splitting,
    )
