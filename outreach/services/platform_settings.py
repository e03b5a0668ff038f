"""What a platform is called, which number it presents and who sends its SMS: changed once it works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from outreach.clock import Clock
from outreach.domain import phone_numbers
from outreach.domain.reasons import check_plain
from outreach.domain.sender_choice import SenderOption
from outreach.errors import InvalidInput
from outreach.services.senders import Senders
from outreach.storage import journal, platform_store
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.platform_store import Platform


@dataclass(frozen=True)
class NewSettings:
    """`caller_id` "": the installation's. `senders` None: they stay; empty: the installation's sender."""

    name: str
    caller_id: str
    senders: Sequence[SenderOption] | None = None


@dataclass(frozen=True)
class PlatformSettings:
    """Calls under way keep the number they began with; SMS that wait for a sender that left go by others."""

    database: Database
    clock: Clock
    senders: Senders

    def change(self, platform: str, new: NewSettings, *, reason: str, by: UUID | None) -> None:
        """All or nothing, at once; `by` None: the command line. Raises InvalidInput, NotFound."""
        if not reason.strip():
            raise InvalidInput("A reason is needed.", field="reason", mend="Say in a few words why.")
        check_plain(reason)
        actor = journal.by_user(by) if by else journal.by_system("command line")
        with self.database.begin() as connection:
            before = platform_store.lock(connection, platform)
            name, number = checked_name(new.name), checked_number(connection, new.caller_id, platform)
            after = replace(before, name=name, caller_id=number)
            if after != before:
                platform_store.rename(connection, after)
            changed = _changed(before, after)
            if new.senders is not None and self._have_others(connection, platform, new.senders):
                self.senders.relist(connection, platform, new.senders, actor=actor, in_place_of_own=True)
                changed.append("SENDERS")
            if changed:
                facts = {"what": changed, "name": after.name, "reason": reason.strip()}
                line = JournalEntry(self.clock.now(), platform, Event.PLATFORM_CHANGED, actor, facts=facts)
                journal.write(connection, line)
        if "SENDERS" in changed:
            self.senders.nudge("messages")

    def own_senders(self, platform: str) -> list[SenderOption]:
        """The preferred ones first; none where the installation's sends. Raises NotFound."""
        with self.database.begin() as connection:
            return self.senders.own(connection, platform)

    def _have_others(self, connection: Connection, platform: str, listed: Sequence[SenderOption]) -> bool:
        return set(self.senders.own(connection, platform)) != set(listed) or len(set(listed)) < len(listed)


def checked_name(written: str) -> str:
    """Raises InvalidInput."""
    if not written.strip():
        raise InvalidInput("A platform needs a name.", field="name", mend="Give it, for example Landes.")
    return written.strip()


def checked_number(connection: Connection, written: str, platform: str) -> str:
    """As E.164, or "" for none. Whoever calls it back must reach one platform. Raises InvalidInput."""
    if not written.strip():
        return ""
    number = phone_numbers.in_full(written)
    if number is None:
        raise InvalidInput(
            "This is not a phone number.", field="caller_id", mend="Write it with + and the country's code."
        )
    other = platform_store.of_caller_id(connection, number)
    if other is not None and other.code != platform:
        raise InvalidInput(
            f"Platform {other.code} presents this number.",
            field="caller_id",
            mend="Give another; whoever calls it back must reach one platform.",
        )
    return number


def _changed(before: Platform, after: Platform) -> list[str]:
    names = {"NAME": before.name != after.name, "NUMBER": before.caller_id != after.caller_id}
    return [name for name, is_new in names.items() if is_new]
