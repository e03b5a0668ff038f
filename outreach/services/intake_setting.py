"""What an intake needs to know besides the rows: whose they are, where from, and at which moment."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from outreach.domain.call_list import PlannedEntry
from outreach.domain.calling_hours import CallingHours, hours_from
from outreach.domain.case_rows import RowSetting
from outreach.domain.load_shedding import MODES, ModeRules
from outreach.domain.purposes import Purpose
from outreach.storage import journal
from outreach.storage.bulk import EncodedRow
from outreach.storage.journal import Event, NewLine
from outreach.storage.platform_store import Platform


@dataclass(frozen=True)
class IntakeSetting:
    """`source` is the outside system whose identifiers the rows carry; `actor` goes to the journal.

    `import_id`: of the file that is read; what it does says so in the journal.
    """

    platform: str
    source: str
    actor: str
    rows: RowSetting
    hours: Mapping[Purpose, CallingHours]
    rules: ModeRules = field(default_factory=lambda: MODES, compare=False)  # of the platform's modes
    import_id: UUID | None = None
    # Places on the list already worked out: most contacts of a file stand alike.
    places: dict[Hashable, tuple[PlannedEntry, int]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def now(self) -> datetime:
        return self.rows.now

    @property
    def provenance(self) -> dict[str, str]:
        """For the facts of journal lines: the file that says so, if one does."""
        return {"import_id": str(self.import_id)} if self.import_id else {}

    def reference(self, external_id: str) -> str:
        """An identifier that is one in the whole platform, as exposures keep it."""
        return f"{self.source}/{external_id}"

    def line(
        self, event: Event, facts: str, case_record_id: UUID, entry_id: UUID | None = None
    ) -> EncodedRow:
        """A line of the journal about one of its case records; `facts` as JSON text."""
        return journal.encoded(
            NewLine(self.now, self.platform, event, self.actor, facts, case_record_id, entry_id)
        )


def setting_of(
    platform: Platform,
    *,
    source: str,
    actor: str,
    now: datetime,
    rules: ModeRules = MODES,
    import_id: UUID | None = None,
) -> IntakeSetting:
    return IntakeSetting(
        platform=platform.code,
        source=source,
        actor=actor,
        rows=RowSetting(ZoneInfo(platform.time_zone), platform.department, now),
        hours={purpose: hours_from(platform.calling_hours, purpose) for purpose in Purpose},
        rules=rules,
        import_id=import_id,
    )
