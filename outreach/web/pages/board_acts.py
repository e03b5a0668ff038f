"""A supervisor's act on other people's work: its form, its reason, and the page it leads back to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Form, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.call_list import Queue
from outreach.domain.supervision import ActReason
from outreach.errors import Conflict, InvalidInput, NotFound, OutreachError, TelephonyError
from outreach.services.access import Asker
from outreach.web.access import app_of
from outreach.web.pages.board_words import reason_named
from outreach.web.pages.frame import go

DrawnAgain = Callable[[OutreachError], Response]


@dataclass(frozen=True)
class Act:
    """One form of the board. `reason`: as it came, "" where none was chosen."""

    request: Request
    app: App
    platform: str
    reason: str

    @property
    def why(self) -> ActReason:
        """Raises InvalidInput without a reason."""
        return reason_named(self.reason)

    def reassign(self, asker: Asker, entry: UUID, login: str) -> None:
        """Give an entry to an agent."""
        self.app.supervision.reassign(asker, entry, login, self.why)

    def move(self, asker: Asker, entry: UUID, queue: Queue) -> None:
        """Send an entry to another queue."""
        self.app.supervision.move(asker, entry, queue, self.why)

    def done(self, asker: Asker, do: Callable[[], None], back: str, drawn_again: DrawnAgain) -> Response:
        """Do it and go back; what could not be done is said on the page, drawn again."""
        asker.need_platform(self.platform)
        try:
            do()
        except (Conflict, InvalidInput, NotFound, TelephonyError) as problem:
            return drawn_again(problem)
        return go(back)


def _act(request: Request, platform: Annotated[str, Form()], reason: Annotated[str, Form()] = "") -> Act:
    return Act(request, app_of(request), platform, reason)


TheAct = Annotated[Act, Depends(_act)]
EntryOf = Annotated[UUID, Form()]
