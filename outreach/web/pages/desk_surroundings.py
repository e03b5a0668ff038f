"""What stands around the person on the desk: notices, who is beside the agent, the telephone, changed texts.

Drawn with the desk, so that nothing moves under the agent's hand once it is shown; each part then follows
alone.
"""

from __future__ import annotations

from typing import Any

from outreach.bootstrap import App
from outreach.domain.agent_devices import AgentDevice
from outreach.services.access import Asker
from outreach.services.softphone import SoftphoneKind
from outreach.storage.notice_store import Notice
from outreach.web.pages import board_words

MOST_UNREAD = 10  # in a banner; the page has the others


def surroundings(app: App, asker: Asker) -> dict[str, Any]:
    """All of them, for the whole page."""
    return {
        "unread": unread_notices(app, asker),
        "news": app.script_news.unread(asker.user_id, asker.platforms),
        **beside(app, asker),
        **telephone(app, asker),
    }


def unread_notices(app: App, asker: Asker) -> list[Notice]:
    """The newest that they have not acknowledged."""
    rows = app.steering.notices.in_force(asker.user_id, asker.platforms, before=None, most=100)
    return [row for row in rows if row.acknowledged_at is None][:MOST_UNREAD]


def beside(app: App, asker: Asker) -> dict[str, Any]:
    """Who listens to the agent, and what was done with their work."""
    return {
        "beside": app.supervision.listening.with_agent(asker.user_id),
        "told": app.supervision.told(asker.user_id),
        "board_words": board_words,
    }


def telephone(app: App, asker: Asker) -> dict[str, Any]:
    """What rings when the agent calls somebody."""
    return {
        "device": app.softphone.device(asker.user_id),
        "kind": app.softphone.kind,
        "computer": AgentDevice.COMPUTER,
        "stand_in": SoftphoneKind.STAND_IN,
    }
