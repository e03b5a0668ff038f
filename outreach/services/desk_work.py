"""What belongs to the agent's desk, put together once."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.clock import Clock
from outreach.services.case_reading import CaseReading
from outreach.services.desk import Desk
from outreach.services.desk_words import DeskWords
from outreach.services.interviews import Interviews
from outreach.services.known_people import KnownPeople
from outreach.services.named_contacts import NamedContacts
from outreach.services.outcome_undo import OutcomeUndo
from outreach.services.raised_hands import RaisedHands
from outreach.storage.database import Database
from outreach.storage.vault import Vault


@dataclass(frozen=True)
class DeskWork:
    """Reading the desk, and what an agent does there beside the call itself."""

    desk: Desk
    words: DeskWords
    undo: OutcomeUndo
    hands: RaisedHands
    known_people: KnownPeople


def build_desk_work(
    *,
    database: Database,
    vault: Vault,
    clock: Clock,
    case_reading: CaseReading,
    interviews: Interviews,
    named_contacts: NamedContacts,
) -> DeskWork:
    words, undo = DeskWords(database, vault, clock), OutcomeUndo(database, clock)
    return DeskWork(
        desk=Desk(database, vault, clock, case_reading, interviews, words, undo),
        words=words,
        undo=undo,
        hands=RaisedHands(database, clock),
        known_people=KnownPeople(database, vault, clock, named_contacts),
    )
