"""JSON logs: an event's name and ids; a last step blanks what should never have been written."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

MASKED = "[masked]"
PERSONAL_KEYS = frozenset(
    [
        "name",
        "names",
        "first_name",
        "given_names",
        "last_name",
        "family_name",
        "birth_name",
        "birth_date",
        "address",
        "street",
        "postcode",
        "town",
        "phone",
        "phones",
        "phone_number",
        "number",
        "e164",
        "to",
        "from",
        "body",
        "text",
        "note",
        "email",
        "mail",
        "login_name",
        "doctor",
        "nom",
        "prenoms",
        "date_naissance",
        "adresse",
        "code_postal",
        "commune",
        "telephone_1",
        "telephone_2",
        "telephone_3",
        "courriel",
        "medecin",
        "sealed",
        "token",
        "password",
        "secret",
        "authorization",
    ]
)
_NUMBER = re.compile(r"(?:\+|%2B)\d[\d .-]{5,18}\d|(?<![\w-])0\d(?:[ .-]?\d\d){4}(?![\w-])", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
# These write addresses with `?To=+33…`, tokens, or one line for each job.
QUIET_LOGGERS = [
    "aiohttp.access",
    "httpcore",
    "httpx",
    "rq.worker",
    "rq.queue",
    "rq.job",
    "twilio",
    "twilio.http_client",
    "urllib3",
    "uvicorn.access",
]

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def get_logger(part: str) -> structlog.typing.FilteringBoundLogger:
    """A logger for one module: `log.info("sms.accepted", message_id=…)`."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(part=part)
    return logger


def configure_logging(level: str = "INFO", *, stream: TextIO | None = None) -> None:
    """Route our loggers and the libraries' to one JSON line an event on `stream` (standard error)."""
    number = logging.getLevelNamesMapping()[level.upper()]
    out = stream or sys.stderr
    steps = _steps()
    structlog.configure(
        processors=[*steps, structlog.processors.JSONRenderer(default=str)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    _route_libraries(steps, number, out)


def _steps() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        shape_of_exception,
        mask_personal,
    ]


def _route_libraries(steps: list[Processor], level: int, out: TextIO) -> None:
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *steps],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(level, logging.INFO))
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


def shape_of_exception(_: Any, __: str, event: EventDict) -> EventDict:
    """Say which error arose and where, never its words: they may quote a value."""
    found = _exc_info(event.pop("exc_info", None))
    if found is not None:
        frames = traceback.extract_tb(found[2])
        event["error"] = found[0].__qualname__
        if state := getattr(getattr(found[1], "orig", None), "sqlstate", None):
            event["sqlstate"] = state  # what the database calls it: five letters and digits
        event["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def _exc_info(given: Any) -> ExcInfo | None:
    if isinstance(given, BaseException):
        return type(given), given, given.__traceback__
    if isinstance(given, tuple):
        return given if given[0] is not None else None
    current = sys.exc_info() if given else (None, None, None)
    return None if current[0] is None else current


def mask_personal(_: Any, __: str, event: EventDict) -> EventDict:
    """The safety net: personal keys are blanked, numbers and mail addresses inside any value too."""
    return _mask_keys(event)


def _mask_keys(values: MutableMapping[str, Any]) -> dict[str, Any]:
    return {
        key: MASKED if key.lower() in PERSONAL_KEYS and value else masked(value)
        for key, value in values.items()
    }


def masked(value: Any) -> Any:
    """The value with what looks like a phone number or a mail address blanked."""
    if isinstance(value, str):
        return _MAIL.sub(MASKED, _NUMBER.sub(MASKED, value))
    if isinstance(value, dict):
        return _mask_keys(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(each) for each in value]
    return value


# A program that forgets to configure its logs must not print values either.
structlog.configure(
    processors=[*_steps(), structlog.processors.JSONRenderer(default=str)],
    logger_factory=structlog.PrintLoggerFactory(),
    cache_logger_on_first_use=False,
)
