"""The messages that many reports speak of, locked together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from outreach.domain.messages import MessageStatus
from outreach.domain.send_ledger import MessageState
from outreach.storage.hot_sql import HotStatement


@dataclass(frozen=True)
class ReportedMessages:
    """Found by the try at sending that the signed address names, else by the phone company's own number."""

    by_send_id: dict[UUID, MessageState]
    by_sid: dict[str, MessageState]

    def of(self, send_id: UUID, sid: str) -> MessageState | None:
        return self.by_send_id.get(send_id) or self.by_sid.get(sid)


_LOCK = HotStatement(
    """
    select id, status, provider_sid, send_id from messages
    where id in (
      select id from messages where send_id = any(cast(:send_ids as uuid[]))
      union select id from messages where provider_sid = any(cast(:sids as text[])))
    order by id for update
    """
)


def lock(connection: Connection, send_ids: Sequence[UUID], sids: Sequence[str]) -> ReportedMessages:
    """Held until the transaction ends, taken in the order in which everyone takes several."""
    rows = _LOCK.rows(connection, {"send_ids": list(send_ids), "sids": [sid for sid in sids if sid]})
    states = [(MessageState(row[0], MessageStatus(row[1]), row[2]), row[3]) for row in rows]
    return ReportedMessages(
        by_send_id={send_id: state for state, send_id in states},
        by_sid={state.provider_sid: state for state, _ in states if state.provider_sid},
    )
