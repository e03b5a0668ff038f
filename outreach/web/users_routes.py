"""Users and their tokens, for administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from outreach.domain.roles import Role, Scope
from outreach.domain.territory_tree import LONGEST_TERRITORY
from outreach.services.access import NewUser
from outreach.storage import user_store
from outreach.storage.user_store import UserFilter
from outreach.web.access import TheApp, UsersAdmin
from outreach.web.idempotency import ApiRoute
from outreach.web.paging import Cursor, Page, PageSize, id_after, page_of, word_after

router = APIRouter(prefix="/api/v1", tags=["users"], route_class=ApiRoute)
Word = Annotated[str, Field(min_length=1, max_length=100)]
Words = Annotated[list[Word], Field(min_length=1, max_length=50)]
GoodWanted = Annotated[
    bool | None, Query(description="Only those in force, or only those revoked or past their end.")
]
Territory = Annotated[
    str, Field(max_length=LONGEST_TERRITORY, description="Every platform inside it is theirs too.")
]


class UserToAdd(BaseModel):
    """`phone`, with + and the country's code, rings first when the agent clicks to call."""

    login: Word
    roles: Annotated[list[Role], Field(min_length=1)]
    platforms: Words
    languages: Words = ["fr"]
    phone: Annotated[str, Field(max_length=20)] | None = None
    territory: Territory = ""


class UserChange(BaseModel):
    """What is left out stays; `territory` or `phone` "": none any more."""

    roles: Annotated[list[Role], Field(min_length=1)] | None = None
    platforms: Words | None = None
    languages: Words | None = None
    phone: Annotated[str, Field(max_length=20)] | None = None
    territory: Territory | None = None


class User(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    login: str
    roles: list[str]
    platforms: list[str]
    territory: str | None
    languages: list[str]
    created_at: datetime
    ended_at: datetime | None


class TokenToMake(BaseModel):
    """Scopes default to all that the user's roles allow."""

    scopes: Annotated[list[Scope], Field(min_length=1)] | None = None
    expires_at: AwareDatetime | None = None


class NewToken(BaseModel):
    """`token` is shown this once."""

    id: UUID
    token: str


class Token(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


def _shown(user: user_store.User) -> User:
    return User.model_validate(user)


def _login(user: user_store.User) -> str:
    return user.login


def _user_filter(
    asker: UsersAdmin,
    login: Annotated[str, Query(max_length=100, description="Part of it.")] = "",
    role: Role | None = None,
    platform: Annotated[str, Query(max_length=20)] = "",
    ended: Annotated[bool | None, Query(description="Only closed accounts, or only open ones.")] = None,
) -> UserFilter:
    if platform:
        asker.need_platform(platform)
    return UserFilter(login.strip(), "" if role is None else role.value, platform, ended)


TheUserFilter = Annotated[UserFilter, Depends(_user_filter)]


@router.get("/users")
def list_users(
    app: TheApp, asker: UsersAdmin, only: TheUserFilter, cursor: Cursor = "", limit: PageSize = 50
) -> Page[User]:
    """Everyone on your platforms, by login."""
    rows = app.access.users(asker=asker, after_login=word_after(cursor), most=limit + 1, only=only)
    return page_of(rows, limit, shown=_shown, key=_login)


@router.post("/users", status_code=201)
def add_user(app: TheApp, asker: UsersAdmin, body: UserToAdd) -> dict[str, UUID]:
    """Add someone to your platforms."""
    new = NewUser(body.login, body.roles, body.platforms, body.languages, body.phone, body.territory)
    return {"id": app.access.add_user(new, asker=asker)}


@router.patch("/users/{user_id}")
def change_user(app: TheApp, asker: UsersAdmin, user_id: UUID, body: UserChange) -> User:
    """Give other roles, platforms, languages, or another phone: all of it, or nothing."""
    user = app.access.change_user(
        user_id,
        roles=body.roles,
        platforms=body.platforms,
        languages=body.languages,
        territory=body.territory,
        phone=body.phone,
        asker=asker,
    )
    return _shown(user)


@router.delete("/users/{user_id}", status_code=204)
def end_user(app: TheApp, asker: UsersAdmin, user_id: UUID) -> None:
    """The person has left: their tokens stop working at once."""
    app.access.end_user(user_id, asker=asker)


@router.get("/users/{user_id}/tokens")
def list_tokens(
    app: TheApp,
    asker: UsersAdmin,
    user_id: UUID,
    good: GoodWanted = None,
    cursor: Cursor = "",
    limit: PageSize = 50,
) -> Page[Token]:
    """A user's tokens, oldest first; never the tokens themselves."""
    found = app.access.tokens(user_id, asker=asker, good=good, after=id_after(cursor), most=limit + 1)
    return page_of(found, limit, shown=Token.model_validate, key=lambda token: str(token.id))


@router.post("/users/{user_id}/tokens", status_code=201)
def make_token(app: TheApp, asker: UsersAdmin, user_id: UUID, body: TokenToMake) -> NewToken:
    """A new token, shown this once."""
    token_id, token = app.access.new_token(
        user_id, scopes=body.scopes, expires_at=body.expires_at, asker=asker
    )
    return NewToken(id=token_id, token=token)


@router.delete("/tokens/{token_id}", status_code=204)
def revoke_token(app: TheApp, asker: UsersAdmin, token_id: UUID) -> None:
    """From now on the token is refused."""
    app.access.revoke_token(token_id, asker=asker)
