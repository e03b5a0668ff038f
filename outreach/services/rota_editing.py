"""The rota edited in place: one shift added, changed or taken away, under the rules of a row of a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from outreach.clock import Clock
from outreach.domain.rota import RotaField, RotaRow, Shift, read_row
from outreach.errors import InvalidInput, NotFound
from outreach.ids import new_id
from outreach.storage import journal, platform_store, rota_store
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry


@dataclass(frozen=True)
class ShiftCells:
    """A shift as written: "2021-03-16" or "16/03/2021", "08:30", and a number of positions or a login."""

    date: str
    starts: str
    ends: str
    positions: str = ""
    agent: str = ""

    def read(self, zone: ZoneInfo) -> RotaRow:
        """Raises InvalidInput, which names the field to mend."""
        cells = {
            RotaField.DATE: self.date,
            RotaField.FROM: self.starts,
            RotaField.UNTIL: self.ends,
            RotaField.POSITIONS: self.positions,
            RotaField.AGENT: self.agent,
        }
        return read_row(cells, zone)


@dataclass(frozen=True)
class RotaEditing:
    """Use cases of supervisors."""

    database: Database
    clock: Clock

    def add(self, platform: str, cells: ShiftCells, *, actor: str) -> UUID:
        """Raises InvalidInput, NotFound for an unknown platform."""
        shift_id = new_id()
        with self.database.begin() as connection:
            day = self._put(connection, platform, shift_id, cells)
            self._note(connection, platform, shift_id, day, "ADDED", actor)
        return shift_id

    def change(self, shift_id: UUID, cells: ShiftCells, *, platforms: Sequence[str], actor: str) -> None:
        """Raises InvalidInput, NotFound."""
        with self.database.begin() as connection:
            platform, _ = _place(connection, shift_id, platforms)
            day = self._put(connection, platform, shift_id, cells)
            self._note(connection, platform, shift_id, day, "CHANGED", actor)

    def remove(self, shift_id: UUID, *, platforms: Sequence[str], actor: str) -> None:
        """Raises NotFound."""
        with self.database.begin() as connection:
            platform, day = _place(connection, shift_id, platforms)
            rota_store.remove_shift(connection, shift_id)
            self._note(connection, platform, shift_id, day, "REMOVED", actor)

    def _put(self, connection: Connection, platform: str, shift_id: UUID, cells: ShiftCells) -> date:
        row = cells.read(ZoneInfo(platform_store.read(connection, platform).time_zone))
        shift = Shift(row.starts_at, row.ends_at, row.positions or 0, _agent(connection, platform, row))
        rota_store.put_shift(connection, platform, shift_id, row.day, shift, self._now())
        return row.day

    def _note(
        self, connection: Connection, platform: str, shift_id: UUID, day: date, what: str, actor: str
    ) -> None:
        facts = {"shift_id": str(shift_id), "day": day.isoformat(), "what": what}
        line = JournalEntry(self._now(), platform, Event.ROTA_CHANGED, actor, facts=facts)
        journal.write(connection, line)

    def _now(self) -> datetime:
        return self.clock.now()


def _place(connection: Connection, shift_id: UUID, platforms: Sequence[str]) -> tuple[str, date]:
    found = rota_store.place_of_shift(connection, shift_id)
    if found is None or found[0] not in platforms:
        raise NotFound("There is no such shift.")
    return found


def _agent(connection: Connection, platform: str, row: RotaRow) -> UUID | None:
    if not row.agent:
        return None
    agents = rota_store.agents_named(connection, platform, [row.agent])
    if row.agent not in agents:
        raise InvalidInput(
            "Nobody of this platform has this login.", field="agent", mend="write a login in use"
        )
    return agents[row.agent]
