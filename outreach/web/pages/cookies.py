"""The cookies of signing in: strict, for this host alone, out of reach of scripts."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from starlette.responses import Response

from outreach.domain.sign_in_rules import HALF_SESSION, SESSION_LONGEST
from outreach.services.open_id import LASTS
from outreach.services.sign_in import Entered
from outreach.web.pages.access import SESSION_COOKIE
from outreach.web.pages.drawing import LANGUAGE_COOKIE

STEP_COOKIE = "__Host-outreach-step"  # between the password and the code
OPEN_ID_COOKIE = "__Host-outreach-open-id"  # comes back from another site, so it cannot be strict
A_YEAR = timedelta(days=365)


def keep_session(answer: Response, entered: Entered) -> None:
    """The session, and the language the person chose on whatever computer."""
    _keep(answer, SESSION_COOKIE, entered.token, SESSION_LONGEST)
    if entered.language:
        keep_language(answer, entered.language)
    forget(answer, STEP_COOKIE)


def keep_language(answer: Response, language: str) -> None:
    answer.set_cookie(
        LANGUAGE_COOKIE, language, max_age=int(A_YEAR.total_seconds()), httponly=True, samesite="lax"
    )


def keep_step(answer: Response, token: str) -> None:
    _keep(answer, STEP_COOKIE, token, HALF_SESSION)


def keep_open_id_step(answer: Response, token: str) -> None:
    _keep(answer, OPEN_ID_COOKIE, token, LASTS, same_site="lax")


def forget(answer: Response, name: str) -> None:
    answer.delete_cookie(name, path="/", secure=True, httponly=True, samesite="strict")


def _keep(
    answer: Response,
    name: str,
    value: str,
    lasts: timedelta,
    *,
    same_site: Literal["strict", "lax"] = "strict",
) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=int(lasts.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite=same_site,
    )
