"""What changed in the scripts since you said that you had read it, over HTTP."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel

from outreach.services.script_news import ChangedScript, LineChange, ScriptNews
from outreach.web.access import Caller, TheApp
from outreach.web.idempotency import ApiRoute

router = APIRouter(prefix="/api/v1/script-news", tags=["scripts"], route_class=ApiRoute)


class NewLine(BaseModel):
    what: LineChange
    text: str


class NewScript(BaseModel):
    """One script that changed. `what`: TOOK_EFFECT or WITHDRAWN."""

    name: str
    language: str
    platform: str
    version: int
    what: str
    at: datetime
    reason: str
    lines: list[NewLine]

    @classmethod
    def of(cls, row: ChangedScript) -> NewScript:
        change = row.change
        lines = [NewLine(what=line.what, text=line.text) for line in row.lines]
        return cls(version=change.number, lines=lines, **{name: getattr(change, name) for name in _SHOWN})


_SHOWN = ("name", "language", "platform", "what", "at", "reason")


class NewParameter(BaseModel):
    """A duration that counts since."""

    name: str
    value: int
    effective_from: date


class News(BaseModel):
    """Say `until` once you have read it."""

    since: datetime
    until: datetime
    scripts: list[NewScript]
    parameters: list[NewParameter]

    @classmethod
    def of(cls, news: ScriptNews) -> News:
        parameters = [
            NewParameter(name=each.name, value=each.value, effective_from=each.effective_from)
            for each in news.parameters
        ]
        scripts = [NewScript.of(each) for each in news.scripts]
        return cls(since=news.since, until=news.until, scripts=scripts, parameters=parameters)


class Acknowledgement(BaseModel):
    until: AwareDatetime


@router.get("")
def read_script_news(app: TheApp, asker: Caller) -> News:
    """What you have not said that you read, of what is said on the phone."""
    return News.of(app.script_news.unread(asker.user_id, asker.platforms))


@router.post("/acknowledge", status_code=204)
def acknowledge_script_news(app: TheApp, asker: Caller, body: Acknowledgement) -> None:
    """You have read everything up to `until`."""
    app.script_news.acknowledge(asker.user_id, body.until)
