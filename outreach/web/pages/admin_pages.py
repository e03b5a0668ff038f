"""Administration of users: who has an account, with which rights, and how they get in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Form, Query, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.roles import Role
from outreach.errors import Conflict, InvalidInput, OutreachError
from outreach.services.access import Asker, NewUser
from outreach.storage.user_store import Token, User, UserFilter
from outreach.web.access import TheApp
from outreach.web.pages.access import PageUsersAdmin
from outreach.web.pages.admin_frame import draw_admin
from outreach.web.pages.frame import go, page_router
from outreach.web.paging import Cursor, id_after, next_mark, page_of, word_after
from outreach.web.problems import status_of

router = page_router("/admin")
ROWS = 50
TOKENS = 10
ENDED = "ended"
SPOKEN = ("fr", "en", "es", "pt", "ar", "de", "it", "nl")
Word = Annotated[str, Form(max_length=100)]
Words = Annotated[list[str], Form(max_length=200)]
Asked = Annotated[str, Query(max_length=500)]


@dataclass(frozen=True)
class Filled:
    """The form of a user, as it was sent."""

    login: str = ""
    roles: Sequence[str] = ()
    platforms: Sequence[str] = ()
    territory: str = ""
    languages: Sequence[str] = ("fr",)
    phone: str = ""


def _filled(
    login: Word = "",
    roles: Words = [],  # noqa: B006 - FastAPI copies it
    platforms: Words = [],  # noqa: B006
    territory: Word = "",
    languages: Words = [],  # noqa: B006
    phone: Word = "",
) -> Filled:
    return Filled(login, roles, platforms, territory, languages, phone.replace(" ", ""))


UserForm = Annotated[Filled, Depends(_filled)]


@router.get("")
def list_users(
    request: Request,
    app: TheApp,
    asker: PageUsersAdmin,
    login: Asked = "",
    role: Asked = "",
    platform: Asked = "",
    left: Asked = "",
    cursor: Cursor = "",
) -> Response:
    """Everybody on the administrator's platforms."""
    only = UserFilter(login.strip(), role, platform, ended=left == "1")
    found = app.access.users(asker=asker, after_login=word_after(cursor), most=ROWS + 1, only=only)
    page = page_of(found, ROWS, shown=_as_it_is, key=_login)
    kept = {"login": login, "role": role, "platform": platform, "left": left}
    return draw_admin(
        request,
        asker,
        "admin/users.html",
        users=page.items,
        next=page.next,
        asked={name: value for name, value in kept.items() if value},
        only=only,
        roles=list(Role),
        is_first=not cursor,
    )


@router.get("/users/new")
def show_new_user(request: Request, app: TheApp, asker: PageUsersAdmin) -> Response:
    """The form for somebody new."""
    return _new_user_page(request, app, asker, Filled(platforms=asker.platforms[:1]))


@router.post("/users/new")
def add_user(request: Request, app: TheApp, asker: PageUsersAdmin, form: UserForm) -> Response:
    """Add somebody, and go to their page, where their link is made."""
    new = NewUser(
        form.login, form.roles, form.platforms, form.languages or ("fr",), form.phone or None, form.territory
    )
    try:
        user_id = app.access.add_user(new, asker=asker)
    except (InvalidInput, Conflict) as error:
        return _new_user_page(request, app, asker, form, error=error)
    return go(f"/admin/users/{user_id}?done=added")


@router.get("/users/{user_id}")
def show_user(
    request: Request,
    app: TheApp,
    asker: PageUsersAdmin,
    user_id: UUID,
    tokens: Asked = "",
    cursor: Cursor = "",
) -> Response:
    """Rights, second factor, sessions, tokens, and the last sign-ins."""
    return _user_page(request, app, asker, user_id, ended=tokens == ENDED, cursor=cursor)


@router.post("/users/{user_id}/rights")
def change_rights(
    request: Request, app: TheApp, asker: PageUsersAdmin, user_id: UUID, form: UserForm
) -> Response:
    """Other roles, platforms, languages or territory; other roles end their sessions."""
    mine = asker.user_id == user_id
    try:
        app.access.change_user(
            user_id,
            roles=None if mine else form.roles,
            platforms=form.platforms,
            languages=form.languages or None,
            territory=form.territory,
            phone=form.phone or None,
            asker=asker,
        )
    except InvalidInput as error:
        return _user_page(request, app, asker, user_id, error=error, form=form)
    return go(f"/admin/users/{user_id}?done=saved")


@router.post("/users/{user_id}/link")
def make_link(request: Request, app: TheApp, asker: PageUsersAdmin, user_id: UUID) -> Response:
    """A one-time link, shown this once."""
    link = app.signing_in.links.invite(user_id, asker=asker)
    return _user_page(request, app, asker, user_id, link=link)


@router.post("/users/{user_id}/sign-out")
def sign_out(app: TheApp, asker: PageUsersAdmin, user_id: UUID) -> Response:
    """Out of every browser, at once."""
    app.access.user(user_id, asker=asker)
    app.sessions.end_all(user_id, by=asker.user_id)
    return go(f"/admin/users/{user_id}?done=signed-out")


@router.post("/users/{user_id}/reset-factor")
def reset_factor(app: TheApp, asker: PageUsersAdmin, user_id: UUID) -> Response:
    """For somebody who lost theirs."""
    app.signing_in.second_factor.reset(user_id, asker=asker)
    return go(f"/admin/users/{user_id}?done=factor")


@router.post("/users/{user_id}/end")
def end_user(app: TheApp, asker: PageUsersAdmin, user_id: UUID, sure: Word = "") -> Response:
    """They have left: the login is typed once more, for there is no way back."""
    user = app.access.user(user_id, asker=asker)
    if sure.strip() != user.login:
        raise InvalidInput("This is not the login.", field="sure", mend="Type it as it stands at the top.")
    app.access.end_user(user_id, asker=asker)
    return go(f"/admin/users/{user_id}?done=ended")


@router.post("/users/{user_id}/tokens")
def make_token(request: Request, app: TheApp, asker: PageUsersAdmin, user_id: UUID) -> Response:
    """An access token for the API with all that the roles allow, shown this once."""
    _, token = app.access.new_token(user_id, asker=asker)
    return _user_page(request, app, asker, user_id, token=token)


@router.post("/users/{user_id}/tokens/{token_id}/revoke")
def revoke_token(app: TheApp, asker: PageUsersAdmin, user_id: UUID, token_id: UUID) -> Response:
    """From now on the token is refused."""
    app.access.revoke_token(token_id, asker=asker)
    return go(f"/admin/users/{user_id}?done=token")


def _new_user_page(
    request: Request, app: App, asker: Asker, form: Filled, *, error: OutreachError | None = None
) -> Response:
    return draw_admin(
        request,
        asker,
        "admin/new_user.html",
        status=int(status_of(error)) if error else 200,
        form=form,
        error=error,
        **_choices(app, asker),
    )


def _user_page(
    request: Request,
    app: App,
    asker: Asker,
    user_id: UUID,
    *,
    error: OutreachError | None = None,
    form: Filled | None = None,
    ended: bool = False,
    cursor: str = "",
    **shown: str,
) -> Response:
    user = app.access.user(user_id, asker=asker)
    kept = Filled(user.login, user.roles, user.platforms, user.territory or "", user.languages)
    return draw_admin(
        request,
        asker,
        "admin/user.html",
        status=422 if error else 200,
        user=user,
        form=form or kept,
        is_me=user_id == asker.user_id,
        factor=app.signing_in.second_factor.view(user_id),
        sessions=app.sessions.of_user(user_id),
        tokens=tokens_page(app, user_id, asker=asker, ended=ended, cursor=cursor),
        lines=app.signing_in.links.lines(asker=asker, user_id=user_id, most=8),
        link=shown.get("link", ""),
        token=shown.get("token", ""),
        error=error,
        **_choices(app, asker),
    )


@dataclass(frozen=True)
class TokensShown:
    """A page of tokens: those in force, or (`ended`) those that were revoked or are past their end."""

    rows: Sequence[Token]
    next: str | None
    is_first: bool
    ended: bool

    @property
    def asked(self) -> dict[str, str]:
        return {"tokens": ENDED if self.ended else ""}


def tokens_page(app: App, user_id: UUID, *, asker: Asker | None, ended: bool, cursor: str) -> TokensShown:
    """Oldest first. No asker: one's own. Raises InvalidInput for a mark that is not ours."""
    found = app.access.tokens(user_id, asker=asker, good=not ended, after=id_after(cursor), most=TOKENS + 1)
    following = next_mark(found, TOKENS, lambda token: str(token.id))
    return TokensShown(found[:TOKENS], following, not cursor, ended)


def _choices(app: App, asker: Asker) -> dict[str, Any]:
    return {
        "roles": list(Role),
        "platforms": app.administration.places(asker),
        "territories": [view.territory for view in app.modes.territories.covered()],
        "tongues_known": SPOKEN,
    }


def _as_it_is(user: User) -> User:
    return user


def _login(user: User) -> str:
    return user.login
