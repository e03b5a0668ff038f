"""Is it alive, is it ready, and its figures: for machines, without a token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from pydantic import BaseModel

from outreach.bootstrap import App
from outreach.clock import monotonic
from outreach.errors import TelephonyError
from outreach.storage.database import SQLAlchemyError
from outreach.web.access import TheApp
from outreach.web.metrics import exposition

router = APIRouter(tags=["system"])
ASKED_AGAIN_SECONDS = 10.0


class Readiness(BaseModel):
    """`parts`: "up" or "down" for each."""

    ready: bool
    parts: dict[str, str]


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """The process lives. Says nothing about what it needs: see /readyz."""
    return {"status": "alive"}


@router.get("/readyz", responses={503: {"model": Readiness}})
def readyz(app: TheApp) -> JSONResponse:
    """Which part is down. Only the database makes us unready: without Redis the schedule does the work, and
    while the phone company is away agents still wrap up their calls."""
    up = {part: check(app) for part, check in CHECKS.items()}
    ready = up["database"]
    parts = {part: "up" if works else "down" for part, works in up.items()}
    return JSONResponse(Readiness(ready=ready, parts=parts).model_dump(), 200 if ready else 503)


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(app: TheApp) -> PlainTextResponse:
    """Figures for Prometheus."""
    return PlainTextResponse(exposition(app), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _database(app: App) -> bool:
    try:
        return app.database.answers()
    except SQLAlchemyError:
        return False


def _redis(app: App) -> bool:
    return app.jobs.answers()


@dataclass
class _LastAsked:
    """What the phone company said last: it is not asked at every request."""

    until: float = 0.0
    answered: bool = False


_last_asked = _LastAsked()


def _phone_company(app: App) -> bool:
    if monotonic() >= _last_asked.until:
        _last_asked.until = monotonic() + ASKED_AGAIN_SECONDS
        try:
            app.provider.ping()
            _last_asked.answered = True
        except TelephonyError:
            _last_asked.answered = False
    return _last_asked.answered


CHECKS: dict[str, Callable[[App], bool]] = {
    "database": _database,
    "redis": _redis,
    "phone_company": _phone_company,
}
