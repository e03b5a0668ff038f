"""One's own account: language of pages, password, second factor, open sessions, tokens."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Request
from starlette.responses import Response

from outreach.domain.roles import Role
from outreach.errors import InvalidInput, NotFound, OutreachError, TooManyRequests
from outreach.services.access import Asker
from outreach.services.second_factor import Enrolment
from outreach.storage import user_store
from outreach.web.access import TheApp
from outreach.web.pages.access import PageAnybody, session_token
from outreach.web.pages.cookies import keep_language, keep_session
from outreach.web.pages.drawing import draw, language_of
from outreach.web.pages.frame import go, page_router
from outreach.web.pages.origins import Coming
from outreach.web.pages.qr_codes import qr_code
from outreach.web.pages.welcome_pages import check_again
from outreach.web.pages.words import LANGUAGES

router = page_router("/account")
Typed = Annotated[str, Form(max_length=500)]


@router.get("")
def show_account(request: Request, app: TheApp, asker: PageAnybody) -> Response:
    """Everything of one's own."""
    return _page(request, app, asker)


@router.post("/language")
def choose_language(app: TheApp, asker: PageAnybody, language: Typed) -> Response:
    """Of the pages, on every computer this person signs in from."""
    if language not in LANGUAGES:
        raise NotFound("There is no such language here.")
    with app.database.begin() as connection:
        user_store.save_page_language(connection, asker.user_id, language)
    answer = go("/account?done=language")
    keep_language(answer, language)
    return answer


@router.post("/password")
def change_password(
    request: Request,
    app: TheApp,
    asker: PageAnybody,
    coming: Coming,
    current: Typed = "",
    password: Typed = "",
    again: Typed = "",
) -> Response:
    """Another password; this browser stays signed in, the others do not."""
    try:
        check_again(password, again)
        entered = app.signing_in.sign_in.change_password(
            asker.user_id, current=current, new=password, origin=coming
        )
    except (InvalidInput, TooManyRequests) as error:
        return _page(request, app, asker, error=error, part="password")
    answer = go("/account?done=password")
    keep_session(answer, entered)
    return answer


@router.get("/second-factor")
def show_enrolment(request: Request, app: TheApp, asker: PageAnybody) -> Response:
    """Set up a second factor, or another one."""
    return _enrolment_page(request, asker, app.signing_in.second_factor.begin(asker.user_id))


@router.post("/second-factor")
def enrol(
    request: Request, app: TheApp, asker: PageAnybody, sealed: Typed = "", code: Typed = ""
) -> Response:
    """The first code of the new one; the recovery codes are shown this once."""
    service = app.signing_in.second_factor
    try:
        codes = service.confirm(asker.user_id, sealed, code)
    except InvalidInput as error:
        return _enrolment_page(request, asker, service.again(asker.user_id, sealed), error=error)
    return draw(request, asker, "account/recovery_codes.html", codes=codes)


@router.post("/second-factor/remove")
def remove_factor(app: TheApp, asker: PageAnybody) -> Response:
    """Do without, where the roles allow it."""
    app.signing_in.second_factor.remove(asker.user_id)
    return go("/account?done=factor")


@router.post("/recovery-codes")
def renew_codes(request: Request, app: TheApp, asker: PageAnybody) -> Response:
    """Ten others, shown this once."""
    codes = app.signing_in.second_factor.new_recovery_codes(asker.user_id)
    return draw(request, asker, "account/recovery_codes.html", codes=codes)


@router.post("/sessions/end")
def end_session(app: TheApp, asker: PageAnybody, key: Typed) -> Response:
    """Sign out another browser."""
    app.sessions.end_one(asker.user_id, key)
    return go("/account?done=session")


@router.post("/sessions/end-all")
def end_sessions(app: TheApp, asker: PageAnybody) -> Response:
    """Sign out everywhere, here too."""
    app.sessions.end_all(asker.user_id)
    return go("/sign-in?out=1")


@router.post("/tokens/{token_id}/revoke")
def revoke_token(app: TheApp, asker: PageAnybody, token_id: UUID) -> Response:
    """One of one's own: from now on it is refused."""
    if token_id not in {token.id for token in app.access.tokens(asker.user_id)}:
        raise NotFound("There is no such token of yours.")
    app.access.revoke_token(token_id, asker=asker)
    return go("/account?done=token")


def _page(
    request: Request, app: TheApp, asker: Asker, *, error: OutreachError | None = None, part: str = ""
) -> Response:
    sessions = app.sessions.of_user(asker.user_id)
    return draw(
        request,
        asker,
        "account/account.html",
        status=422 if error else 200,
        user=app.access.user(asker.user_id, asker=None),
        roles=[role for role in Role if role in asker.roles],
        chosen=language_of(request),
        factor=app.signing_in.second_factor.view(asker.user_id),
        sessions=sessions,
        here=app.sessions.store.key_of(session_token(request)),
        tokens=[token for token in app.access.tokens(asker.user_id) if token.revoked_at is None],
        done=request.query_params.get("done", ""),
        error=error,
        part=part,
    )


def _enrolment_page(
    request: Request, asker: Asker, enrolment: Enrolment, *, error: OutreachError | None = None
) -> Response:
    values: dict[str, Any] = {"enrolment": enrolment, "picture": qr_code(enrolment.address), "error": error}
    return draw(request, asker, "account/second_factor.html", status=422 if error else 200, **values)
