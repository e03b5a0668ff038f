"""What stands around the pages of administration: the ways between them, and what was just done."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import Response

from outreach.domain.roles import Scope
from outreach.errors import InvalidInput
from outreach.services.access import Asker
from outreach.web.pages.drawing import draw
from outreach.web.pages.navigation import Link
from outreach.web.pages.words import N_

SHORTEST_REASON = 3
TABS = (
    ("/admin", N_("Users"), Scope.USERS_ADMIN),
    ("/admin/platforms", N_("Platforms"), Scope.USERS_ADMIN),
    ("/admin/territories", N_("Territories"), Scope.USERS_ADMIN),
    ("/admin/senders", N_("SMS senders"), Scope.FIGURES_READ),
    ("/admin/sign-ins", N_("Sign-ins"), Scope.USERS_ADMIN),
    ("/admin/retention", N_("Retention"), Scope.USERS_ADMIN),
    ("/admin/health", N_("Health"), Scope.USERS_ADMIN),
)
BELOW = {"/admin": "/admin/users"}
DONE = {
    "added": N_("The account is made. Now make a link by which they choose their password."),
    "saved": N_("Saved."),
    "signed-out": N_("Signed out of every browser."),
    "factor": N_("At the next sign-in they set up another second factor."),
    "ended": N_("The account is closed: their sessions and tokens no longer work."),
    "token": N_("The token is refused from now on."),
    "platform": N_("The platform is made, in mode Normal with the usual calling hours."),
    "hours": N_("The hours are set: the call list follows them from now on."),
    "settings": N_("The platform is changed: what follows shows and uses it so."),
    "territory": N_("The territory is added."),
    "territory-drawn": N_("The territory is drawn anew."),
    "moved": N_("The people are being moved; you can leave this page."),
    "ceiling": N_("The ceiling is set."),
    "stopped": N_("Nothing more goes by this sender."),
    "resumed": N_("The sender sends again."),
    "limits": N_("The budgets are set."),
    "reset": N_("The breaker counts from zero again."),
}


def draw_admin(request: Request, asker: Asker, template: str, **values: Any) -> Response:
    """A page with the tabs, and a sentence on what the form before did."""
    path = request.url.path
    tabs = [
        Link(address, name, path == address or path.startswith(BELOW.get(address, f"{address}/")))
        for address, name, scope in TABS
        if scope in asker.scopes
    ]
    done = DONE.get(request.query_params.get("done", ""), "")
    return draw(request, asker, template, tabs=tabs, done=done, **values)


def given_reason(words: str) -> str:
    """Raises InvalidInput for none."""
    reason = words.strip()
    if len(reason) < SHORTEST_REASON:
        raise InvalidInput("A reason is needed.", field="reason", mend="Say in a few words why.")
    return reason
