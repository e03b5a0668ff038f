"""Who may send large files: asked before a file is read, which the routes do only after it."""

from __future__ import annotations

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from outreach.domain.roles import Scope
from outreach.errors import NotAllowed, OutreachError
from outreach.services.access import Asker, NotKnown
from outreach.web.access import app_of, bearer_token
from outreach.web.limits import limits_of
from outreach.web.pages.access import signed_in
from outreach.web.problems import status_of

SENDERS = frozenset({Scope.IMPORTS_WRITE, Scope.CAMPAIGNS_WRITE})


async def refusal_of(request: Request) -> int:
    """The status that refuses a file; 0 for somebody who imports, or makes campaigns."""
    try:
        await run_in_threadpool(_check, request)
    except OutreachError as error:
        return int(status_of(error))
    return 0


def _check(request: Request) -> None:
    asker = _by_token(request) if request.url.path.startswith("/api/") else signed_in(request)
    if asker is None:
        raise NotKnown("Sign in first.")
    if SENDERS.isdisjoint(asker.scopes):
        raise NotAllowed("This needs the right imports:write or campaigns:write.")


def _by_token(request: Request) -> Asker:
    token, limits = bearer_token(request), limits_of(request)
    limits.check(request, token)
    try:
        return app_of(request).access.asker(token)
    except NotKnown:
        limits.count_failure(request)
        raise
