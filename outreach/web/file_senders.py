"""Who may send large files: asked before a file is read, which the routes do only after it."""

from __future__ import annotations

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from outreach.domain.roles import Scope
from outreach.errors import NotAllowed, OutreachError, TooManyRequests
from outreach.services.access import Asker, NotKnown
from outreach.web.access import app_of, bearer_token
from outreach.web.limits import limits_of
from outreach.web.pages.access import signed_in

SENDERS = frozenset({Scope.IMPORTS_WRITE, Scope.CAMPAIGNS_WRITE})


async def refusal_of(request: Request) -> OutreachError | None:
    """What refuses a file; None for somebody who imports, or makes campaigns.

    A file that is let through is counted by its route, once like every request; a refused one here.
    """
    try:
        await run_in_threadpool(_check, request)
    except OutreachError as error:
        return error
    return None


def _check(request: Request) -> None:
    if request.url.path.startswith("/api/"):
        _check_token(request)
        return
    asker = signed_in(request)
    if asker is None:
        raise NotKnown("Sign in first.")
    _need_right(asker)


def _check_token(request: Request) -> None:
    limits = limits_of(request)
    try:
        token = bearer_token(request)
        limits.check(request, token)
        asker = app_of(request).access.asker(token)
    except NotKnown:
        if seconds := limits.count_failure(request):
            raise TooManyRequests(seconds) from None
        raise
    limits.remember(token)
    try:
        _need_right(asker)
    except NotAllowed:
        limits.admit(request, token)
        raise


def _need_right(asker: Asker) -> None:
    if SENDERS.isdisjoint(asker.scopes):
        raise NotAllowed("This needs the right imports:write or campaigns:write.")
