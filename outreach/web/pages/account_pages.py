"""One's own account: language of pages, password, second factor, open sessions, tokens."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Form, Request
from starlette.responses import Response

from outreach.domain.roles import Role
from outreach.errors import InvalidInput, NotFound, OutreachError, TooManyRequests
from outreach.services.access import Asker
from outreach.services.own_account import Proof
from outreach.services.second_factor import Enrolment
from outreach.services.sign_in import Entered
from outreach.storage import user_store
from outreach.web.access import TheApp
from outreach.web.pages.access import PageAnybody, session_token
from outreach.web.pages.admin_pages import ENDED, tokens_page
from outreach.web.pages.cookies import keep_language, keep_session
from outreach.web.pages.drawing import draw, language_of
from outreach.web.pages.frame import go, page_router
from outreach.web.pages.home_pages import own_path
from outreach.web.pages.origins import Coming
from outreach.web.pages.qr_codes import qr_code
from outreach.web.pages.sign_in_pages import Then, ThenAsked
from outreach.web.pages.welcome_pages import check_again
from outreach.web.pages.words import LANGUAGES

router = page_router("/account")
Typed = Annotated[str, Form(max_length=500)]
REMOVE, RENEW = "second-factor/remove", "recovery-codes"  # what a proof is asked for, as in the address


def _proof(current: Typed = "", code_now: Typed = "") -> Proof:
    return Proof(current, code_now)


Proven = Annotated[Proof, Depends(_proof)]


@router.get("")
def show_account(request: Request, app: TheApp, asker: PageAnybody) -> Response:
    """Everything of one's own."""
    return _page(request, app, asker)


@router.get("/news")
def show_news(request: Request, app: TheApp, asker: PageAnybody, then: ThenAsked = "/") -> Response:
    """Ways into the account that others made since it was last said."""
    lines = app.signing_in.given.untold(asker.user_id)
    if not lines:
        return go(own_path(then))
    return draw(request, asker, "account/news.html", lines=lines, then=own_path(then))


@router.post("/news")
def acknowledge_news(
    app: TheApp, asker: PageAnybody, last: Annotated[int, Form(ge=0, lt=2**63)], then: Then = "/"
) -> Response:
    """Read; on to the page that was asked for."""
    app.signing_in.given.acknowledge(asker.user_id, last)
    return go(own_path(then))


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
        entered = app.signing_in.own.change_password(asker.user_id, Proof(current), password, coming)
    except (InvalidInput, TooManyRequests) as error:
        return _page(request, app, asker, error=error, part="password")
    answer = go("/account?done=password")
    keep_session(answer, entered)
    return answer


@router.get("/second-factor")
def show_enrolment(request: Request, app: TheApp, asker: PageAnybody) -> Response:
    """Set up a second factor, or another one."""
    return _enrolment_page(request, app, asker, app.signing_in.second_factor.begin(asker.user_id))


@router.post("/second-factor")
def enrol(
    request: Request,
    app: TheApp,
    asker: PageAnybody,
    coming: Coming,
    given: Proven,
    sealed: Typed = "",
    code: Typed = "",
) -> Response:
    """The password, a code of the phone before and one of the new phone; recovery codes are shown once."""
    try:
        entered, codes = app.signing_in.own.set_factor(asker.user_id, sealed, code, given, coming)
    except (InvalidInput, TooManyRequests) as error:
        enrolment = app.signing_in.second_factor.again(asker.user_id, sealed)
        return _enrolment_page(request, app, asker, enrolment, error=error)
    return _codes_page(request, asker, entered, codes)


@router.get("/second-factor/remove")
def ask_before_removal(request: Request, app: TheApp, asker: PageAnybody) -> Response:
    """The password and the code of now are asked for first."""
    return _proof_page(request, app, asker, REMOVE)


@router.post("/second-factor/remove")
def remove_factor(
    request: Request, app: TheApp, asker: PageAnybody, coming: Coming, given: Proven
) -> Response:
    """Do without, where the roles allow it."""
    try:
        entered = app.signing_in.own.remove_factor(asker.user_id, given, coming)
    except (InvalidInput, TooManyRequests) as error:
        return _proof_page(request, app, asker, REMOVE, error=error)
    answer = go("/account?done=factor")
    keep_session(answer, entered)
    return answer


@router.get("/recovery-codes")
def ask_before_codes(request: Request, app: TheApp, asker: PageAnybody) -> Response:
    """The password and the code of now are asked for first."""
    return _proof_page(request, app, asker, RENEW)


@router.post("/recovery-codes")
def renew_codes(request: Request, app: TheApp, asker: PageAnybody, coming: Coming, given: Proven) -> Response:
    """Ten others, shown this once."""
    try:
        entered, codes = app.signing_in.own.renew_codes(asker.user_id, given, coming)
    except (InvalidInput, TooManyRequests) as error:
        return _proof_page(request, app, asker, RENEW, error=error)
    return _codes_page(request, asker, entered, codes)


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
        tokens=tokens_page(
            app,
            asker.user_id,
            asker=None,
            ended=request.query_params.get("tokens") == ENDED,
            cursor=request.query_params.get("cursor", ""),
        ),
        done=request.query_params.get("done", ""),
        error=error,
        part=part,
    )


def _enrolment_page(
    request: Request,
    app: TheApp,
    asker: Asker,
    enrolment: Enrolment,
    *,
    error: OutreachError | None = None,
) -> Response:
    values = {"enrolment": enrolment, "picture": qr_code(enrolment.address), **_asked_again(app, asker)}
    status = 422 if error else 200
    return draw(request, asker, "account/second_factor.html", status=status, error=error, **values)


def _proof_page(
    request: Request, app: TheApp, asker: Asker, what: str, *, error: OutreachError | None = None
) -> Response:
    values = _asked_again(app, asker)
    status = 422 if error else 200
    return draw(request, asker, "account/proof.html", status=status, what=what, error=error, **values)


def _asked_again(app: TheApp, asker: Asker) -> dict[str, Any]:
    """Whose password, and whether a code too."""
    user = app.access.user(asker.user_id, asker=None)
    return {"login": user.login, "has_factor": app.signing_in.second_factor.view(asker.user_id).is_set}


def _codes_page(request: Request, asker: Asker, entered: Entered, codes: list[str]) -> Response:
    answer = draw(request, asker, "account/recovery_codes.html", codes=codes)
    keep_session(answer, entered)
    return answer
