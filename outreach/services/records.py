"""Everything about case records that people do by hand: files, search, the record itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from outreach.clock import Clock
from outreach.services.case_import import CaseImport
from outreach.services.import_mending import ImportMending
from outreach.services.import_preview import ImportPreview
from outreach.services.import_undo import ImportUndo
from outreach.services.message_queueing import MessageQueueing
from outreach.services.upkeep import Sweep
from outreach.storage.database import Database
from outreach.storage.vault import Vault


@dataclass(frozen=True)
class Records:
    """One object for each of these jobs."""

    preview: ImportPreview
    mending: ImportMending
    undo: ImportUndo

    def sweeps(self) -> Mapping[str, Sweep]:
        """What repairs itself."""
        return {
            "import_drafts": Sweep(timedelta(hours=1), self.preview.drop_old),
            "import_rows": Sweep(timedelta(hours=1), self.mending.forget_expired),
        }


def build_records(database: Database, vault: Vault, clock: Clock, queueing: MessageQueueing) -> Records:
    case_import = CaseImport(database, vault, clock)
    return Records(
        preview=ImportPreview(database, vault, clock, case_import),
        mending=ImportMending(database, vault, clock, case_import),
        undo=ImportUndo(database, clock),
    )
