"""Every error as problem+json: a sentence to act on, never a stack trace nor a value of a person."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from outreach.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    OutreachError,
    SeveralConflicts,
    TelephonyError,
    TooManyRequests,
)
from outreach.log import get_logger
from outreach.queues.session_store import SessionsAway
from outreach.services.access import NotKnown
from outreach.services.record_editing import NumberAsked
from outreach.storage.database import DataError, OperationalError
from outreach.web.limits import limits_of

log = get_logger("web")

MEDIA_TYPE = "application/problem+json"
# First match wins: a kind stands before the kinds it belongs to.
STATUS_OF: tuple[tuple[type[OutreachError], HTTPStatus], ...] = (
    (NotKnown, HTTPStatus.UNAUTHORIZED),
    (TooManyRequests, HTTPStatus.TOO_MANY_REQUESTS),
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (InvalidInput, HTTPStatus.UNPROCESSABLE_ENTITY),
    (TelephonyError, HTTPStatus.BAD_GATEWAY),
    (SessionsAway, HTTPStatus.SERVICE_UNAVAILABLE),
)
RETRY_SECONDS = "2"


def problem(
    status: int, code: str, sentence: str, *, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    """RFC 9457: `type` stays about:blank, `code` is the stable word for machines."""
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": sentence,
        **more,
    }
    return JSONResponse(content, int(status), headers=headers, media_type=MEDIA_TYPE)


def status_of(error: OutreachError) -> HTTPStatus:
    """The status of an error of ours; 500 for one that nobody can mend by asking differently."""
    found = (status for kind, status in STATUS_OF if isinstance(error, kind))
    return next(found, HTTPStatus.INTERNAL_SERVER_ERROR)


def install(web: FastAPI) -> None:
    """Answer each kind of error with its problem."""
    web.add_exception_handler(OutreachError, _of_ours)
    web.add_exception_handler(RequestValidationError, _of_request)
    web.add_exception_handler(HTTPException, of_http)
    web.add_exception_handler(DataError, _of_value)
    web.add_exception_handler(OperationalError, _of_database)


def unexpected(request_id: str) -> JSONResponse:
    """A fault of ours; the log holds its shape under the same id."""
    return problem(
        500,
        "internal",
        "The program failed on this request; it was recorded.",
        request_id=request_id,
    )


def _of_ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, OutreachError):
        raise error
    if isinstance(error, NotKnown) and (seconds := limits_of(request).count_failure(request)):
        error = TooManyRequests(seconds)
    status = status_of(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("web.failed", code=error.code, exc_info=error)
        return problem(500, error.code, "The program failed on this request; it was recorded.")
    return problem(status, error.code, str(error), headers=headers_of(error), **_more(error))


def headers_of(error: OutreachError) -> dict[str, str] | None:
    """When to come again, or what to come with."""
    if isinstance(error, NotKnown):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, TooManyRequests):
        return {"Retry-After": str(error.seconds)}
    if isinstance(error, TelephonyError) and error.retryable:
        return {"Retry-After": RETRY_SECONDS}
    return None


def _more(error: OutreachError) -> dict[str, Any]:
    if isinstance(error, InvalidInput):
        told = {"errors": [{"field": error.field, "reason": str(error), "mend": error.mend}]}
        return told | ({"candidates": error.candidates} if isinstance(error, NumberAsked) else {})
    if isinstance(error, SeveralConflicts):
        return {"conflicts": error.conflicts}
    if isinstance(error, TelephonyError):
        return {"retryable": error.retryable}
    return {}


def _of_request(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    return problem(
        422,
        "invalid_input",
        "Some fields cannot be used.",
        errors=[_finding(found) for found in error.errors()],
    )


def _finding(found: Any) -> dict[str, str]:
    """The field and what is wrong with it; pydantic's own words only where they quote nothing."""
    kind = str(found["type"])
    quotes = kind.endswith(("_parsing", "_error", "_invalid", "_type"))
    reason = f"cannot be read ({kind.replace('_', ' ')})" if quotes else str(found["msg"])
    return {"field": ".".join(str(part) for part in found["loc"]), "reason": reason, "mend": ""}


def _of_value(_: Request, error: Exception) -> Response:
    """What no column can hold: a null character, a number beyond all measure."""
    log.info("web.value_refused", error=type(error).__name__)
    return problem(422, "invalid_input", "A value cannot be stored: a forbidden character, or too large.")


def _of_database(_: Request, error: Exception) -> Response:
    log.warning("web.database_away", error=type(error).__name__)
    headers = {"Retry-After": RETRY_SECONDS}
    return problem(503, "database_away", "The database does not answer; try again.", headers=headers)


def of_http(_: Request, error: Exception) -> Response:
    """An error of the framework: an address that nobody serves, a method that it does not know."""
    if not isinstance(error, HTTPException):
        raise error
    phrase = HTTPStatus(error.status_code).phrase
    code = phrase.lower().replace(" ", "_")
    return problem(error.status_code, code, f"{phrase}.", headers=dict(error.headers or {}))
