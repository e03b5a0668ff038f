"""What the inbox page shows beside the conversations themselves: names, clocks, versions, previews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.answer_texts import GIVEN_BY_US, filled_in
from outreach.domain.scripts import RenderedText
from outreach.services.inbox import Inbox, of_platforms
from outreach.services.scripts import Scripts
from outreach.storage import inbox_store, person_store, platform_store, user_store
from outreach.storage.database import Connection, Database
from outreach.storage.inbox_store import Conversation


@dataclass(frozen=True)
class InboxView:
    """Nothing here changes anything. A conversation of another platform is not there: NotFound."""

    database: Database
    clock: Clock
    scripts: Scripts
    inbox: Inbox

    def logins(self, user_ids: Sequence[UUID]) -> dict[UUID | None, str]:
        """What colleagues are called in a list."""
        with self.database.reading() as connection:
            return user_store.logins(connection, user_ids)

    def version(self, conversation_id: UUID, platforms: Sequence[str]) -> int:
        """Which version stands now: whoever looked at another one looks again."""
        with self.database.reading() as connection:
            return of_platforms(inbox_store.read(connection, conversation_id), platforms).version

    def time_zone(self, conversation_id: UUID, platforms: Sequence[str]) -> str:
        """The clock of the conversation's platform."""
        with self.database.begin() as connection:
            conversation = of_platforms(inbox_store.read(connection, conversation_id), platforms)
            return platform_store.read(connection, conversation.platform).time_zone

    def preview(
        self, conversation_id: UUID, *, platforms: Sequence[str], template: str, given: Mapping[str, str]
    ) -> RenderedText:
        """What one of the texts would say in this conversation, and its segments; with a sample link.

        Raises InvalidInput for another text, or a value that is odd.
        """
        entry, now, scripts = self.inbox.template(template), self.clock.now(), self.scripts
        variables = filled_in(entry, given)
        if GIVEN_BY_US in entry.variables:
            variables[GIVEN_BY_US] = scripts.settings.sample_link
        with self.database.begin() as connection:
            conversation = of_platforms(inbox_store.read(connection, conversation_id), platforms)
            platform = conversation.platform
            language = _language(connection, conversation)
            script = scripts.in_force(connection, template, language=language, platform=platform, now=now)
            return scripts.preview(connection, script, platform=platform, now=now, variables=variables)


def _language(connection: Connection, conversation: Conversation) -> str:
    if conversation.person_id is None:
        return platform_store.read(connection, conversation.platform).language
    return person_store.language_of(connection, conversation.person_id)
