"""Signing in and out: the first thing anybody sees."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import Form, Query, Request
from starlette.responses import Response

from outreach.domain.roles import Role
from outreach.errors import InvalidInput, OutreachError, TooManyRequests
from outreach.services.open_id import NoAccount
from outreach.services.open_id_words import OpenIdRefused
from outreach.services.sign_in import Entered, HalfWay, NextStep, StepGone, WrongCode, WrongSignIn
from outreach.web.access import TheApp
from outreach.web.pages.access import SESSION_COOKIE, check_origin, session_token, signed_in
from outreach.web.pages.cookies import (
    OPEN_ID_COOKIE,
    STEP_COOKIE,
    forget,
    keep_open_id_step,
    keep_session,
    keep_step,
)
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import SIGN_IN, go, page_router
from outreach.web.pages.home_pages import own_path
from outreach.web.pages.origins import Coming
from outreach.web.pages.qr_codes import qr_code
from outreach.web.problems import status_of

router = page_router("")
Typed = Annotated[str, Form(max_length=500)]
Then = Annotated[str, Form(alias="next", max_length=500)]
ThenAsked = Annotated[str, Query(alias="next", max_length=500)]
NEXT_PAGE = {NextStep.CODE: f"{SIGN_IN}/code", NextStep.ENROL: f"{SIGN_IN}/second-factor"}
NEWS = "/account/news"
# In the order of the demo's buttons.
DEMO_ROLES = (
    Role.AGENT,
    Role.SUPERVISOR,
    Role.PILOT,
    Role.SENIOR,
    Role.MEDICAL,
    Role.MANAGER,
    Role.ADMINISTRATOR,
    Role.AUDITOR,
)


@router.get(SIGN_IN)
def show_sign_in(request: Request, app: TheApp, then: ThenAsked = "/") -> Response:
    """The form, and in a demo a button for each role."""
    if signed_in(request) is not None:
        return go(own_path(then))
    return _sign_in_page(request, app, then=then)


@router.post(SIGN_IN)
def sign_in(
    request: Request, app: TheApp, coming: Coming, login: Typed = "", password: Typed = "", then: Then = "/"
) -> Response:
    """Login and password."""
    try:
        entered = app.signing_in.sign_in.with_password(login, password, coming)
    except (WrongSignIn, TooManyRequests) as error:
        return _sign_in_page(request, app, then=then, login=login, error=error)
    return after(entered, then)


@router.post(f"{SIGN_IN}/demo")
def enter_demo(request: Request, app: TheApp, coming: Coming, role: Typed, then: Then = "/") -> Response:
    """One click in a demo."""
    return after(app.signing_in.sign_in.as_demo(role, coming), then)


@router.get(f"{SIGN_IN}/code")
def show_code(request: Request, app: TheApp, then: ThenAsked = "/") -> Response:
    """The form for the code of the second factor."""
    try:
        app.signing_in.sign_in.waiting(NextStep.CODE, request.cookies.get(STEP_COOKIE, ""))
    except StepGone as error:
        return _sign_in_page(request, app, then=then, error=error)
    return draw(request, None, "sign_in/code.html", then=own_path(then), error=None)


@router.post(f"{SIGN_IN}/code")
def give_code(request: Request, app: TheApp, coming: Coming, code: Typed = "", then: Then = "/") -> Response:
    """A code of the authenticator, or a recovery code."""
    step = request.cookies.get(STEP_COOKIE, "")
    try:
        entered = app.signing_in.sign_in.with_code(step, code, coming)
    except StepGone as error:
        return _sign_in_page(request, app, then=then, error=error)
    except (WrongCode, TooManyRequests) as error:
        return draw(
            request, None, "sign_in/code.html", status=_status(error), then=own_path(then), error=error
        )
    return after(entered, then)


@router.get(f"{SIGN_IN}/second-factor")
def show_enrolment(request: Request, app: TheApp, then: ThenAsked = "/") -> Response:
    """The picture for the authenticator, for roles that need a second factor."""
    try:
        user_id = app.signing_in.sign_in.waiting(NextStep.ENROL, request.cookies.get(STEP_COOKIE, ""))
    except StepGone as error:
        return _sign_in_page(request, app, then=then, error=error)
    return enrolment_page(request, app.signing_in.second_factor.begin(user_id), then=own_path(then))


@router.post(f"{SIGN_IN}/second-factor")
def enrol(
    request: Request,
    app: TheApp,
    coming: Coming,
    sealed: Typed = "",
    code: Typed = "",
    then: Then = "/",
) -> Response:
    """The first code: the second factor is set up, and the recovery codes are shown this once."""
    step, service = request.cookies.get(STEP_COOKIE, ""), app.signing_in.sign_in
    try:
        entered, codes = service.with_new_factor(step, sealed, code, coming)
    except StepGone as error:
        return _sign_in_page(request, app, then=then, error=error)
    except InvalidInput as error:
        again = app.signing_in.second_factor.again(service.waiting(NextStep.ENROL, step), sealed)
        return enrolment_page(request, again, then=own_path(then), error=error)
    answer = draw(request, None, "sign_in/recovery_codes.html", codes=codes, then=first_page(entered, then))
    keep_session(answer, entered)
    return answer


@router.post("/sign-out")
def sign_out(request: Request, app: TheApp) -> Response:
    """Here, in this browser."""
    check_origin(request)
    app.sessions.end(session_token(request))
    answer = go(f"{SIGN_IN}?out=1")
    forget(answer, SESSION_COOKIE)
    return answer


@router.get(f"{SIGN_IN}/open-id")
def go_to_provider(request: Request, app: TheApp, then: ThenAsked = "/") -> Response:
    """To the organisation's own sign-in."""
    if app.signing_in.open_id is None:
        return go(SIGN_IN)
    try:
        address, step = app.signing_in.open_id.begin(own_path(then))
    except OpenIdRefused as error:
        return _sign_in_page(request, app, then=then, error=error)
    answer = go(address)
    keep_open_id_step(answer, step)
    return answer


@router.get(f"{SIGN_IN}/open-id/back")
def come_back(request: Request, app: TheApp, coming: Coming, state: str = "", code: str = "") -> Response:
    """From the organisation's sign-in. A page in between: coming from elsewhere, a browser holds back the
    strict cookie of the session until a page of ours asks for the next one."""
    if app.signing_in.open_id is None:
        return go(SIGN_IN)
    step = request.cookies.get(OPEN_ID_COOKIE, "")
    try:
        entered, then = app.signing_in.open_id.finish(step, state=state, code=code, origin=coming)
    except (OpenIdRefused, NoAccount) as error:
        return _sign_in_page(request, app, error=error)
    answer = draw(request, None, "sign_in/welcome_back.html", then=first_page(entered, then))
    keep_session(answer, entered)
    return answer


def after(entered: Entered | HalfWay, then: str) -> Response:
    """To the next step, or to the page that was asked for."""
    if isinstance(entered, HalfWay):
        answer = go(f"{NEXT_PAGE[entered.step]}?{urlencode({'next': own_path(then)})}")
        keep_step(answer, entered.token)
        return answer
    answer = go(first_page(entered, then))
    keep_session(answer, entered)
    return answer


def first_page(entered: Entered, then: str) -> str:
    """The page that was asked for; before it, what others did to the account."""
    return f"{NEWS}?{urlencode({'next': own_path(then)})}" if entered.has_news else own_path(then)


def enrolment_page(
    request: Request, enrolment: Any, *, then: str, error: OutreachError | None = None
) -> Response:
    """The picture, the same as letters, and the field for the first code."""
    return draw(
        request,
        None,
        "sign_in/second_factor.html",
        status=422 if error else 200,
        enrolment=enrolment,
        picture=qr_code(enrolment.address),
        then=then,
        error=error,
    )


def _sign_in_page(
    request: Request, app: TheApp, *, then: str = "/", login: str = "", error: OutreachError | None = None
) -> Response:
    settings = app.settings
    provider = settings.oidc_name or urlsplit(settings.oidc_issuer).netloc
    return draw(
        request,
        None,
        "sign_in/sign_in.html",
        status=200 if error is None else _status(error),
        then=own_path(then),
        login=login,
        error=error,
        signed_out=request.query_params.get("out") == "1",
        demo_roles=DEMO_ROLES if settings.demo else (),
        provider=provider if settings.oidc_issuer else "",
    )


def _status(error: OutreachError) -> int:
    """401 would make some proxies ask for a password of their own."""
    return 429 if isinstance(error, TooManyRequests) else max(int(status_of(error)), 403)
