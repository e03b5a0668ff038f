"""Search: a record by an exact number, by name and birth date, or by what it is called elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Form, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.errors import InvalidInput
from outreach.services.access import Asker
from outreach.services.record_search import FoundRecord
from outreach.web.access import TheApp
from outreach.web.pages.access import PageCaseReader
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import page_router

router = page_router("/search")
Word = Annotated[str, Form(max_length=200)]
NUMBER, NAME, REFERENCE = "number", "name", "reference"


@router.get("")
def show(request: Request, asker: PageCaseReader) -> Response:
    """Three ways to look for a record."""
    return _draw(request, asker, {})


@router.post("")
def search(
    request: Request,
    app: TheApp,
    asker: PageCaseReader,
    by: Word = NUMBER,
    number: Word = "",
    family_name: Word = "",
    given_names: Word = "",
    birth_date: Word = "",
    reference: Word = "",
) -> Response:
    """What is found, in the answer itself: neither names nor numbers are ever in an address."""
    given = {
        "by": by,
        NUMBER: number,
        "family_name": family_name,
        "given_names": given_names,
        "birth_date": birth_date,
        REFERENCE: reference,
    }
    try:
        found = _found(app, asker, given)
    except InvalidInput as error:
        return _draw(request, asker, given, error=error, status=422)
    return _draw(request, asker, given, found=found)


def _found(app: App, asker: Asker, given: dict[str, str]) -> Sequence[FoundRecord]:
    search = app.records.search
    if given["by"] == NAME:
        return search.by_name(given["family_name"], given["given_names"], given["birth_date"], asker)
    if given["by"] == REFERENCE:
        return search.by_reference(given[REFERENCE], asker)
    return search.by_number(given[NUMBER], asker)


def _draw(
    request: Request, asker: Asker, given: dict[str, str], *, status: int = 200, **more: Any
) -> Response:
    values = {"found": None, "error": None, **more}
    return draw(request, asker, "search/search.html", status=status, given=given, **values)
