"""What an agent is given in one go: an entry, whom it is about, who lives there, what others may hear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from outreach.domain.call_list import Queue
from outreach.domain.roles import SCOPES_OF_ROLE, Role, Scope
from outreach.errors import NotAllowed
from outreach.services.access import Access, Asker, Claim
from outreach.services.call_list import CallList
from outreach.services.case_reading import CaseReading
from outreach.storage import lease_store
from outreach.storage.call_list_store import HouseholdEntry
from outreach.storage.case_sheet_store import CaseCard
from outreach.storage.database import Connection, Database
from outreach.storage.lease_store import Leased

# Who may take what waits beside the agents' own queue.
ROLES_OF_QUEUE = {
    Queue.AGENTS: frozenset({Role.AGENT, Role.SENIOR, Role.SUPERVISOR}),
    Queue.SENIORS: frozenset({Role.SENIOR, Role.SUPERVISOR}),
    Queue.SUPERVISORS: frozenset({Role.SUPERVISOR}),
    Queue.INTERPRETERS: frozenset({Role.AGENT, Role.SENIOR, Role.SUPERVISOR}),
    Queue.MEDICAL: frozenset({Role.MEDICAL}),
    Queue.SEARCH: frozenset({Role.AGENT, Role.SENIOR, Role.SUPERVISOR}),
}
# What each role is given when it does not choose; other roles that call take the agents' own.
OWN_QUEUES = {
    Role.MEDICAL: frozenset({Queue.MEDICAL}),
    Role.SENIOR: frozenset({Queue.SENIORS, Queue.INTERPRETERS, Queue.AGENTS}),
}
AGENTS_OWN = frozenset({Queue.AGENTS})
Taken = tuple[Leased, CaseCard, list[HouseholdEntry]]


@dataclass(frozen=True)
class InHand:
    """`third_party_text`: to be said to whoever else answers."""

    leased: Leased
    card: CaseCard
    household: list[HouseholdEntry]
    third_party_text: str


@dataclass(frozen=True)
class HandingOut:
    """The request agents make most: who asks, the lease and the card are one transaction."""

    database: Database
    access: Access
    call_list: CallList
    case_reading: CaseReading

    def next_entry(
        self, claim: Claim, *, platforms: Sequence[str] | None, queues: Sequence[Queue] | None
    ) -> InHand | None:
        """What the asker holds already, else the most urgent entry they may call; None when there is none.

        None for `platforms`, `queues`: all of theirs, and those of their role. Raises NotKnown, NotAllowed,
        NotFound.
        """

        def lease(connection: Connection) -> Taken | None:
            asker = self.access.admit(connection, claim)
            for platform in platforms or ():
                asker.need_platform(platform)
            leased = self.call_list.lease(
                connection,
                asker.user_id,
                platforms=platforms or asker.platforms,
                languages=asker.languages,
                queues=queues_for(asker, queues),
            )
            return self._taken(connection, asker, leased)

        return self._in_hand(self.call_list.leasing(lease))

    def current(self, claim: Claim) -> InHand | None:
        """What the asker holds. Raises NotKnown, NotAllowed."""
        with self.database.begin() as connection:
            asker = self.access.admit(connection, claim)
            taken = self._taken(connection, asker, lease_store.lease_of(connection, asker.user_id))
        return self._in_hand(taken)

    def _taken(self, connection: Connection, asker: Asker, leased: Leased | None) -> Taken | None:
        if leased is None:
            return None
        # What an agent holds they may read: it may be lent by a platform that is not theirs.
        readable = (*asker.platforms, leased.platform)
        card, household = self.case_reading.in_hand(
            connection, leased, reader=asker.user_id, platforms=readable
        )
        return leased, card, household

    def _in_hand(self, taken: Taken | None) -> InHand | None:
        """With the text, which may take a connection of its own: none is held meanwhile."""
        if taken is None:
            return None
        leased, card, household = taken
        return InHand(leased, card, household, self.case_reading.third_party_text(card))


def queues_for(asker: Asker, wanted: Sequence[Queue] | None = None) -> list[Queue]:
    """What someone may take: what they chose, else what their roles are given. Raises NotAllowed."""
    if wanted is None:
        calling = [role for role in asker.roles if Scope.CALLS_WORK in SCOPES_OF_ROLE[role]]
        return sorted(frozenset[Queue]().union(*(OWN_QUEUES.get(role, AGENTS_OWN) for role in calling)))
    for queue in wanted:
        if not ROLES_OF_QUEUE[queue] & asker.roles:
            raise NotAllowed(f"The queue {queue.value} is not for your role.", code="not_your_queue")
    return list(wanted)
