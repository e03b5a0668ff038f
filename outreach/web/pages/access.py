"""Who may see a page: the session's person, with the scope it needs; and where forms may come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from outreach.clock import monotonic
from outreach.domain.roles import Scope
from outreach.errors import NotAllowed, NotFound
from outreach.services.access import Asker, NotKnown
from outreach.web.access import app_of

SESSION_COOKIE = "__Host-outreach"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
BY_ITSELF = "x-by-itself"  # set by static/live.js
# Asked by scripts of ours without htmx: nobody has to be there.
BY_SCRIPTS = frozenset({"/live", "/board/wall/now", "/softphone/line", "/softphone/token"})
BEAT = "/desk/beat"
RECENT_SECONDS, MOST_RECENT = 2.0, 2000


def session_token(request: Request) -> str:
    """What the browser holds; "" when nothing."""
    return request.cookies.get(SESSION_COOKIE, "")


def check_origin(request: Request) -> None:
    """A form must come from a page of ours. Raises NotAllowed."""
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("origin", "")
    ours = {request.headers.get("host", ""), urlsplit(app_of(request).settings.public_url).netloc}
    if origin and urlsplit(origin).netloc in ours:
        return
    if not origin and request.headers.get("sec-fetch-site") in ("same-origin", "none"):
        return
    raise NotAllowed("This form came from another site.")


class PageNeeds:
    """The dependency of one page: who is signed in, with the scope checked; None: whoever is signed in."""

    def __init__(self, scope: Scope | None) -> None:
        self.scope = scope

    async def __call__(self, request: Request) -> Asker:
        check_origin(request)
        is_part = request.method in SAFE_METHODS and _is_by_itself(request)
        asker = await _recently_signed_in(request) if is_part else await _signed_in(request)
        if asker is None:
            raise NotKnown("Sign in first.")
        if self.scope is not None:
            asker.need(self.scope)
        return asker


def signed_in(request: Request) -> Asker | None:
    """The session's person, or None."""
    token = session_token(request)
    return app_of(request).sessions.asker(token, used=not _is_by_itself(request)) if token else None


async def _signed_in(request: Request) -> Asker | None:
    return await run_in_threadpool(signed_in, request)


async def _recently_signed_in(request: Request) -> Asker | None:
    """For what pages ask by themselves, several times a second: as of a moment ago."""
    recent: RecentAskers = request.app.state.recent_askers
    token = session_token(request)
    return recent.get(token) or recent.kept(token, await _signed_in(request))


def _is_by_itself(request: Request) -> bool:
    """Asked by an open page, not by its reader: no use of the session. A page does one act by itself."""
    if request.url.path in BY_SCRIPTS:
        return True
    marked = request.headers.get(BY_ITSELF) == "true"
    return marked and (request.method in SAFE_METHODS or request.url.path == BEAT)


@dataclass(frozen=True)
class RecentAskers:
    """Who was behind a session a moment ago. Belongs to the event loop."""

    now: Callable[[], float] = monotonic
    _known: dict[str, tuple[Asker, float]] = field(default_factory=dict)

    def get(self, token: str) -> Asker | None:
        asker, until = self._known.get(token, (None, 0.0))
        return asker if self.now() < until else None

    def kept(self, token: str, asker: Asker | None) -> Asker | None:
        """Keep them for a moment; the answer is who they are."""
        if len(self._known) >= MOST_RECENT:
            self._known.clear()
        if asker is not None:
            self._known[token] = (asker, self.now() + RECENT_SECONDS)
        return asker


def platform_of(asker: Asker, platform: str | None) -> str:
    """The platform a page is about: the one named, else the first of theirs. Raises NotFound."""
    if platform:
        asker.need_platform(platform)
        return platform
    if not asker.platforms:
        raise NotFound("You belong to no platform: ask your administrator.")
    return asker.platforms[0]


PageAnybody = Annotated[Asker, Depends(PageNeeds(None))]
PageCaller = Annotated[Asker, Depends(PageNeeds(Scope.CALLS_WORK))]
PageSupervisor = Annotated[Asker, Depends(PageNeeds(Scope.CALLS_SUPERVISE))]
PageCaseReader = Annotated[Asker, Depends(PageNeeds(Scope.CASES_READ))]
PageCaseWriter = Annotated[Asker, Depends(PageNeeds(Scope.CASES_WRITE))]
PageImporter = Annotated[Asker, Depends(PageNeeds(Scope.IMPORTS_WRITE))]
PageModeReader = Annotated[Asker, Depends(PageNeeds(Scope.MODES_READ))]
PageModeSwitcher = Annotated[Asker, Depends(PageNeeds(Scope.MODES_WRITE))]
PageScriptReader = Annotated[Asker, Depends(PageNeeds(Scope.SCRIPTS_READ))]
PageScriptWriter = Annotated[Asker, Depends(PageNeeds(Scope.SCRIPTS_WRITE))]
PageFigureReader = Annotated[Asker, Depends(PageNeeds(Scope.FIGURES_READ))]
PageExporter = Annotated[Asker, Depends(PageNeeds(Scope.EXPORTS_READ))]
PageAlarmClearer = Annotated[Asker, Depends(PageNeeds(Scope.ALARMS_CLEAR))]
PageCampaignReader = Annotated[Asker, Depends(PageNeeds(Scope.CAMPAIGNS_READ))]
PageCampaignWriter = Annotated[Asker, Depends(PageNeeds(Scope.CAMPAIGNS_WRITE))]
PageAccessReader = Annotated[Asker, Depends(PageNeeds(Scope.ACCESSES_READ))]
PageUsersAdmin = Annotated[Asker, Depends(PageNeeds(Scope.USERS_ADMIN))]
PageGlassBreaker = Annotated[Asker, Depends(PageNeeds(Scope.GLASS_BREAK))]
