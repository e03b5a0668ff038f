"""Who is signed in: a session names a user, whose roles are read anew at each request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.sign_in_rules import a_call_may_keep, session_ends
from outreach.queues.session_store import KeptSession, Session, SessionStore
from outreach.services.access import Access, Asker, NotKnown
from outreach.storage import attempt_store, sign_in_line_store, user_store
from outreach.storage.sign_in_line_store import SignInEvent, SignInLine


@dataclass(frozen=True)
class Sessions:
    """Opened by whoever has proved who they are."""

    store: SessionStore
    access: Access
    clock: Clock

    def open(self, user_id: UUID, *, device: str = "") -> str:
        """The token of a new session. Raises NotKnown for somebody who has left."""
        now = self.clock.now()
        with self.access.database.reading() as connection:
            user = user_store.by_id(connection, user_id)
        if user is None or user.ended_at:
            raise NotKnown("This account is closed.")
        return self.store.open(Session(user_id, user.access_version, now, now, device))

    def asker(self, token: str, *, used: bool = True) -> Asker | None:
        """Whoever holds the token, or None. `used`: by the person, not by a page left open."""
        now = self.clock.now()
        session = self.store.find(token)
        if session is None:
            return None
        is_over = session_ends(session.began_at, session.seen_at) <= now
        if is_over and not self._is_kept_by_a_call(session, now):
            return None
        asker = self.access.asker_of(session.user_id, version=session.version)
        if asker is not None and (used or is_over):
            self.store.note_seen(token, session, now=now)
        return asker

    def _is_kept_by_a_call(self, session: Session, now: datetime) -> bool:
        """Half an hour without an act, but in a call at this moment."""
        if not a_call_may_keep(session.began_at, session.seen_at, now):
            return False
        with self.access.database.reading() as connection:
            attempt = attempt_store.open_of_agent(connection, session.user_id)
        return attempt is not None and not attempt.over

    def of_user(self, user_id: UUID) -> list[KeptSession]:
        """A user's open sessions, the latest used first."""
        now = self.clock.now()
        with self.access.database.reading() as connection:
            user = user_store.by_id(connection, user_id)
        return [
            kept
            for kept in self.store.of_user(user_id)
            if user is not None
            and kept.session.version == user.access_version
            and session_ends(kept.session.began_at, kept.session.seen_at) > now
        ]

    def end(self, token: str) -> None:
        """Sign out here."""
        session = self.store.find(token)
        if session is None:
            return
        self.store.end(token)
        self._note(session.user_id, SignInEvent.SIGNED_OUT)

    def end_one(self, user_id: UUID, key: str) -> None:
        """Sign out another browser of one's own."""
        if self.store.end_one(user_id, key):
            self._note(user_id, SignInEvent.SIGNED_OUT)

    def end_all(self, user_id: UUID, *, by: UUID | None = None) -> None:
        """Sign a user out of every browser, at once, also where Redis does not answer."""
        with self.access.database.begin() as connection:
            user_store.raise_access_version(connection, user_id)
            line = SignInLine(self.clock.now(), SignInEvent.SIGNED_OUT_EVERYWHERE, user_id, by)
            sign_in_line_store.note(connection, line)
        self.store.end_all(user_id)

    def _note(self, user_id: UUID, event: SignInEvent) -> None:
        with self.access.database.begin() as connection:
            sign_in_line_store.note(connection, SignInLine(self.clock.now(), event, user_id))
