"""A colleague who goes on talking when the agent's part of a call is over keeps the entry."""

from __future__ import annotations

from datetime import datetime, timedelta

from outreach.domain.call_attempts import CallStatus
from outreach.domain.next_steps import NextStep, StepKind
from outreach.ids import new_id
from outreach.storage import lease_store
from outreach.storage.attempt_store import Attempt
from outreach.storage.database import Connection

TRANSFERRED = "TRANSFERRED"
TALK = timedelta(minutes=15)  # how long it is theirs without a sign of life from their page


def hand_to_colleague(connection: Connection, attempt: Attempt, step: NextStep, now: datetime) -> None:
    """An escalated entry is leased to whoever the person talks to now: no second colleague calls them.

    Whom they held uncalled goes back to the list. The caller holds their presence, and both entries.
    """
    talking = attempt.status is CallStatus.ANSWERED and attempt.transfer_sid is not None
    if step.kind is not StepKind.ESCALATE or not talking or attempt.transfer_user_id is None:
        return
    lease_store.release(connection, agent_id=attempt.transfer_user_id, now=now, because=TRANSFERRED)
    lease_store.hand_over(
        connection,
        attempt.entry_id,
        agent_id=attempt.transfer_user_id,
        lease_id=new_id(),
        until=now + TALK,
        because=TRANSFERRED,
        now=now,
    )
