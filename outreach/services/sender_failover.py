"""Who writes in whose place: the sender of a message, and what waits for one that cannot send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from outreach.domain.load_shedding import TEXTED_ANYWAY, Mode
from outreach.domain.messages import MessagePurpose
from outreach.domain.send_answers import FailureClass
from outreach.domain.sender_choice import (
    SenderKind,
    SenderOption,
    SenderUse,
    candidates,
    choose,
    kind_of,
)
from outreach.domain.sender_health import rest_for
from outreach.services.load_shedding_switch import journal_switch
from outreach.storage import mode_store, platform_sender_store, sender_store
from outreach.storage.database import Connection
from outreach.storage.sender_store import SenderStates

CONVERSATION = timedelta(days=30)  # so long a person is written to by the same sender
SENDER_STOPPED = "The SMS sender was stopped."
TO_CONTACTS = SenderUse(MessagePurpose.CONTACT_INFORMED)


@dataclass(frozen=True)
class PlatformSenders:
    """A platform's senders as they stand, to choose from for many messages."""

    listed: Sequence[SenderOption]
    states: SenderStates

    def sender_for(self, use: SenderUse) -> str | None:
        """None when none of them can carry it. While the only one that could is stopped, it waits for it."""
        now = choose(self.listed, use, stopped=self.states.stopped, resting=self.states.resting)
        return now or choose(self.listed, use)


def senders_of(connection: Connection, platform: str, *, default: str, now: datetime) -> PlatformSenders:
    """Those of one platform."""
    return PlatformSenders(
        platform_sender_store.options_of(connection, platform, default), sender_store.states(connection, now)
    )


def sender_for(
    connection: Connection, platform: str, use: SenderUse, *, default: str, now: datetime
) -> str | None:
    """The sender of one message of a platform, in its conversation; None when none can carry it."""
    last = platform_sender_store.last_to(connection, use.number_index, since=now - CONVERSATION)
    senders = senders_of(connection, platform, default=default, now=now)
    return senders.sender_for(replace(use, last_sender=last))


def texted_by(connection: Connection, sender: str, *, default: str, now: datetime) -> list[str]:
    """The platforms whose contacts this sender texts now; equals share a platform."""
    states = sender_store.states(connection, now)
    found = []
    for platform, listed in platform_sender_store.options(connection, default).items():
        able = candidates(listed, TO_CONTACTS, stopped=states.stopped, resting=states.resting)
        first = [option.sender for option in able if option.preference == able[0].preference]
        if sender in first:
            found.append(platform)
    return found


def has_stand_in(connection: Connection, sender: str, *, default: str, now: datetime) -> bool:
    """Whether every platform of this sender has another that texts its contacts."""
    stopped = sender_store.states(connection, now).stopped | {sender}
    return all(
        candidates(listed, TO_CONTACTS, stopped=stopped)
        for listed in platform_sender_store.options(connection, default).values()
        if sender in {option.sender for option in listed}
    )


def stand_down(connection: Connection, sender: str, because: str, *, default: str, now: datetime) -> None:
    """A sender failed for everyone: it is stopped, unless it was filtered and others can stand in meanwhile.

    Then it rests, and comes back by itself: filters forget.
    """
    states = sender_store.states(connection, now)
    if sender in states.stopped | states.resting:
        return
    filtered = because.startswith(FailureClass.FILTERED)
    if filtered and has_stand_in(connection, sender, default=default, now=now):
        rests = sender_store.one(connection, sender).rests
        sender_store.rest(connection, sender, because, until=now + rest_for(rests))
    elif not sender_store.stop(connection, sender, because):
        return
    hand_over(connection, sender, default=default, now=now)


def short_name(sender: str) -> str:
    """Our own sender, short enough to name and never a whole number."""
    return sender if kind_of(sender) is not SenderKind.NUMBER else f"…{sender[-4:]}"


def hand_over(connection: Connection, sender: str, *, default: str, now: datetime) -> int:
    """What waits for a sender that cannot send goes by others, where there are others; how many messages.

    A platform with no other that texts contacts goes back to calls: nobody waits behind a stopped sender.
    """
    states, moved = sender_store.states(connection, now), 0
    for platform, listed in platform_sender_store.options(connection, default).items():
        if sender not in {option.sender for option in listed}:
            continue
        to = {
            purpose: chosen
            for purpose in MessagePurpose
            if (chosen := choose(listed, SenderUse(purpose, asks=True), **vars(states))) not in (None, sender)
        }
        moved += platform_sender_store.move_queued(connection, platform, sender, to)
        if not candidates(listed, TO_CONTACTS, stopped=states.stopped):
            call_everyone(connection, platform, because=SENDER_STOPPED, now=now)
    return moved


def call_everyone(connection: Connection, platform: str, *, because: str, now: datetime) -> None:
    """A platform that sheds goes back to calls."""
    for mode in mode_store.lock_all(connection, [platform]):
        if mode.level(now) > TEXTED_ANYWAY:
            journal_switch(connection, mode, to=Mode.NORMAL, reason=because, author_id=None, now=now)
