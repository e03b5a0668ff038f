"""How users sign in, for administrators: links, sessions, second factors, and the lines of what happened."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from outreach.storage.sign_in_line_store import ReadLine, SignInEvent
from outreach.web.access import TheApp, UsersAdmin
from outreach.web.idempotency import ApiRoute
from outreach.web.paging import Cursor, Page, PageSize, number_after, page_of

router = APIRouter(prefix="/api/v1", tags=["users"], route_class=ApiRoute)


class Link(BaseModel):
    """Good once, for a day; shown this once. Hand it over yourself: whoever has it sets the password."""

    link: str


class Session(BaseModel):
    """One browser in which somebody is signed in."""

    device: str
    began_at: datetime
    seen_at: datetime


class SignInLine(BaseModel):
    """`login` null: no account of ours. `by`: who did it to them. `address`: a keyed digest."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    event: str
    user_id: UUID | None
    login: str | None
    by_login: str | None
    address: str


@router.post("/users/{user_id}/links", status_code=201)
def make_link(app: TheApp, asker: UsersAdmin, user_id: UUID) -> Link:
    """A one-time link by which a user sets a password; earlier ones are void."""
    return Link(link=app.signing_in.links.invite(user_id, asker=asker))


@router.get("/users/{user_id}/sessions")
def list_sessions(app: TheApp, asker: UsersAdmin, user_id: UUID) -> list[Session]:
    """Where a user is signed in, the latest used first."""
    app.access.user(user_id, asker=asker)
    kept = [each.session for each in app.sessions.of_user(user_id)]
    return [Session(device=one.device, began_at=one.began_at, seen_at=one.seen_at) for one in kept]


@router.delete("/users/{user_id}/sessions", status_code=204)
def sign_out(app: TheApp, asker: UsersAdmin, user_id: UUID) -> None:
    """Sign a user out of every browser at once."""
    app.access.user(user_id, asker=asker)
    app.sessions.end_all(user_id, by=asker.user_id)


@router.delete("/users/{user_id}/second-factor", status_code=204)
def reset_second_factor(app: TheApp, asker: UsersAdmin, user_id: UUID) -> None:
    """For somebody who lost theirs: they set up another at the next sign-in."""
    app.signing_in.second_factor.reset(user_id, asker=asker)


@router.get("/sign-in-lines")
def list_lines(
    app: TheApp,
    asker: UsersAdmin,
    user_id: UUID | None = None,
    event: Annotated[list[SignInEvent] | None, Query(max_length=30)] = None,
    cursor: Cursor = "",
    limit: PageSize = 50,
) -> Page[SignInLine]:
    """What happened around signing in, newest first."""
    rows = app.signing_in.links.lines(
        asker=asker, user_id=user_id, events=event or (), before=number_after(cursor), most=limit + 1
    )
    return page_of(rows, limit, shown=SignInLine.model_validate, key=_key)


def _key(line: ReadLine) -> str:
    return str(line.id)
