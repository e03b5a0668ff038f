"""Logs hold an event and ids; whatever else slips in is blanked."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import OperationalError

from outreach.log import MASKED, configure_logging, get_logger


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    kept, out = structlog.get_config(), io.StringIO()
    configure_logging("INFO", stream=out)
    yield out
    structlog.configure(**kept)
    root.handlers, root.level = handlers, level


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_json_line_with_its_ids(stream: io.StringIO) -> None:
    get_logger("sending").info("sms.accepted", message_id="0192", segments=2)
    (line,) = _lines(stream)
    assert (line["event"], line["message_id"], line["segments"]) == ("sms.accepted", "0192", 2)
    assert line["part"] == "sending"


@pytest.mark.parametrize(
    "value",
    [
        "+33639980012",
        "to +33 6 39 98 00 12 now",
        "To=%2B33639980012",
        "06 39 98 00 12",
        "0639980012",
        "06.39.98.00.12",
        "someone@example.org",
        {"deep": ["+594694201234"]},
    ],
)
def test_numbers_and_mail_addresses_are_blanked_wherever_they_hide(value: Any, stream: io.StringIO) -> None:
    get_logger("x").warning("odd", seen=value)
    text = stream.getvalue()
    assert MASKED in text
    assert not any(piece in text for piece in ("3998", "39 98", "39.98", "example.org", "694201"))


@pytest.mark.parametrize("key", ["nom", "body", "address", "birth_date", "To"])
def test_a_personal_key_is_blanked_whatever_it_holds(key: str, stream: io.StringIO) -> None:
    get_logger("x").info("odd", **{key: "Zéphyrine"})
    assert "phyrine" not in stream.getvalue()


@pytest.mark.parametrize(
    "value", ["0192f5a1-7c35-7d1e-8a31-0612345678ab", "2021-03-16T09:00:00+00:00", 3012345678]
)
def test_ids_moments_and_counts_pass(value: Any, stream: io.StringIO) -> None:
    get_logger("x").info("seen", subject=value)
    assert _lines(stream)[0]["subject"] == value


def test_an_exception_is_told_by_its_kind_and_place_never_by_its_words(stream: io.StringIO) -> None:
    try:
        int("Zéphyrine")
    except ValueError:
        get_logger("x").exception("import.failed")
        logging.getLogger("library").exception("it failed")
    ours, theirs = _lines(stream)
    assert ours["error"] == theirs["error"] == "ValueError"
    assert any("test_log" in place for place in ours["where"])
    assert "phyrine" not in stream.getvalue()


def test_what_the_database_calls_its_error_is_told(stream: io.StringIO) -> None:
    error = OperationalError("update persons", {"name": "Zéphyrine"}, DeadlockDetected())
    get_logger("x").error("job.failed", exc_info=error)
    (line,) = _lines(stream)
    assert (line["error"], line["sqlstate"]) == ("OperationalError", "40P01")
    assert "phyrine" not in stream.getvalue()


def test_a_library_that_logs_addresses_is_silenced(stream: io.StringIO) -> None:
    logging.getLogger("twilio.http_client").info("GET https://example.test/?To=%2B33639980012")
    logging.getLogger("uvicorn.access").info("GET /api/v1/case-records/doctor/17 200")
    assert stream.getvalue() == ""


def test_a_librarys_own_words_are_masked(stream: io.StringIO) -> None:
    logging.getLogger("library").warning("no route to %s", "+33639980012")
    assert _lines(stream)[0]["event"] == f"no route to {MASKED}"
