"""The ways through the pages: who sees which link at the top."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.domain.roles import Scope
from outreach.services.access import Asker
from outreach.web.pages.words import N_


@dataclass(frozen=True)
class Place:
    """A page with a link at the top, for whoever has the scope. `unless`: those have a better page.

    `also`: paths that belong to it. `seldom`: it leaves the top line for the menu of those who have many.
    """

    path: str
    name: str
    scope: Scope
    unless: Scope | None = None
    also: tuple[str, ...] = ()
    seldom: bool = False


@dataclass(frozen=True)
class Link:
    """A place as shown. `here`: it is the page we are on. `in_menu`: it stands behind "More"."""

    path: str
    name: str
    here: bool
    in_menu: bool = False


MOST_IN_LINE = 11  # so many French names fit in one row of 1280 pixels
# In the order of the top line.
PLACES = (
    Place("/desk", N_("Desk"), Scope.CALLS_WORK),
    Place("/inbox", N_("Inbox"), Scope.CALLS_WORK),
    Place("/notices", N_("Notices"), Scope.CALLS_WORK, unless=Scope.CALLS_SUPERVISE),
    Place("/training", N_("Training"), Scope.CALLS_WORK, seldom=True),
    Place("/board", N_("Board"), Scope.CALLS_SUPERVISE),
    Place("/mode", N_("Mode"), Scope.MODES_WRITE),
    Place("/rota", N_("Rota"), Scope.CALLS_SUPERVISE),
    Place("/aid", N_("Mutual aid"), Scope.CALLS_SUPERVISE, seldom=True),
    Place("/notices/publish", N_("Notices to agents"), Scope.CALLS_SUPERVISE),
    Place("/watch", N_("Watch list"), Scope.CALLS_SUPERVISE, seldom=True),
    Place("/imports", N_("Imports"), Scope.IMPORTS_WRITE, seldom=True),
    Place("/search", N_("Records"), Scope.CASES_READ, also=("/records",)),
    Place("/campaigns", N_("Campaigns"), Scope.CAMPAIGNS_READ),
    Place("/scripts", N_("Scripts"), Scope.SCRIPTS_READ, seldom=True),
    Place("/figures", N_("Figures"), Scope.FIGURES_READ),
    Place("/audit", N_("Audit"), Scope.ACCESSES_READ, seldom=True),
    Place("/admin", N_("Administration"), Scope.USERS_ADMIN, seldom=True),
)


def links_for(asker: Asker | None, path: str) -> list[Link]:
    """The top line of a person."""
    if asker is None:
        return []
    seen = [place for place in PLACES if place.scope in asker.scopes and place.unless not in asker.scopes]
    many = len(seen) > MOST_IN_LINE
    return [Link(each.path, each.name, _is_within(path, each), many and each.seldom) for each in seen]


def _is_within(path: str, place: Place) -> bool:
    return any(path == own or path.startswith(own + "/") for own in (place.path, *place.also))


def first_place(asker: Asker) -> str:
    """Where a person begins after signing in: those who steer before the board, others before their work."""
    if Scope.CALLS_SUPERVISE in asker.scopes:
        return "/board"
    return next((link.path for link in links_for(asker, "")), "/account")
