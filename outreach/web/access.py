"""Who may use a route: each names the scope it needs, and gets the asker."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param
from starlette.concurrency import run_in_threadpool

from outreach.bootstrap import App
from outreach.domain.roles import Scope
from outreach.services.access import Asker, Claim, NotKnown
from outreach.web.limits import limits_of

_bearer = HTTPBearer(auto_error=False, description="An access token: out_…")


def app_of(request: Request) -> App:
    """The program behind the routes."""
    app: App = request.app.state.outreach
    return app


def platforms_asked(asker: Asker, platform: str | None) -> tuple[str, ...]:
    """The one asked for, else all of theirs. Raises NotFound for one that is not theirs."""
    if not platform:
        return tuple(asker.platforms)
    asker.need_platform(platform)
    return (platform,)


def bearer_token(request: Request) -> str:
    """Raises NotKnown when there is none."""
    scheme, token = get_authorization_scheme_param(request.headers.get("Authorization"))
    if scheme.lower() != "bearer" or not token:
        raise NotKnown("This needs an access token: Authorization: Bearer out_…")
    return token


class Needs:
    """The dependency of one route: who asks, with the scope and the limits checked."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def __call__(self, request: Request, _: Annotated[object, Depends(_bearer)]) -> Asker:
        token, limits = bearer_token(request), limits_of(request)
        limits.admit(request, token)
        asker = app_of(request).access.asker(token)
        limits.remember(token)
        asker.need(self.scope)
        return asker


class NeedsWithin(Needs):
    """For a hot route, whose service admits the asker in the transaction of what they ask."""

    async def __call__(  # type: ignore[override]
        self, request: Request, _: Annotated[object, Depends(_bearer)]
    ) -> Claim:
        token, limits = bearer_token(request), limits_of(request)
        if limits.count(token):
            await run_in_threadpool(limits.share, token)
        limits.check(request, token)
        return Claim(token, self.scope)


async def _the_app(request: Request) -> App:
    # Asynchronous, so that no thread is taken for it.
    return app_of(request)


TheApp = Annotated[App, Depends(_the_app)]
Caller = Annotated[Asker, Depends(Needs(Scope.CALLS_WORK))]
CallerClaim = Annotated[Claim, Depends(NeedsWithin(Scope.CALLS_WORK))]
Supervisor = Annotated[Asker, Depends(Needs(Scope.CALLS_SUPERVISE))]
CaseReader = Annotated[Asker, Depends(Needs(Scope.CASES_READ))]
CaseWriter = Annotated[Asker, Depends(Needs(Scope.CASES_WRITE))]
Importer = Annotated[Asker, Depends(Needs(Scope.IMPORTS_WRITE))]
ModeReader = Annotated[Asker, Depends(Needs(Scope.MODES_READ))]
ModeSwitcher = Annotated[Asker, Depends(Needs(Scope.MODES_WRITE))]
ScriptReader = Annotated[Asker, Depends(Needs(Scope.SCRIPTS_READ))]
ScriptWriter = Annotated[Asker, Depends(Needs(Scope.SCRIPTS_WRITE))]
FigureReader = Annotated[Asker, Depends(Needs(Scope.FIGURES_READ))]
Exporter = Annotated[Asker, Depends(Needs(Scope.EXPORTS_READ))]
AlarmClearer = Annotated[Asker, Depends(Needs(Scope.ALARMS_CLEAR))]
CampaignReader = Annotated[Asker, Depends(Needs(Scope.CAMPAIGNS_READ))]
CampaignWriter = Annotated[Asker, Depends(Needs(Scope.CAMPAIGNS_WRITE))]
AccessReader = Annotated[Asker, Depends(Needs(Scope.ACCESSES_READ))]
UsersAdmin = Annotated[Asker, Depends(Needs(Scope.USERS_ADMIN))]
GlassBreaker = Annotated[Asker, Depends(Needs(Scope.GLASS_BREAK))]
