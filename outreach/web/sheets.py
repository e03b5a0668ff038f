"""A list, whole, for a spreadsheet: the rows of its pages under the names that the API gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import TypeVar

from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from outreach.services.csv_cells import csv_line

Row = TypeVar("Row")
PIECE = 500  # rows read at once
MOST = 100_000  # rows of one file


def whole(read: Callable[[Row | None, int], Sequence[Row]]) -> Iterator[Row]:
    """Every row, piece by piece. `read`: so many rows after one (None: from the first on).

    The first piece is read at once: whatever is wrong with what was asked is said before the answer begins.
    """
    first = read(None, PIECE)

    def further() -> Iterator[Row]:
        piece, count = first, len(first)
        while len(piece) == PIECE and count < MOST:
            piece = read(piece[-1], PIECE)
            count += len(piece)
            yield from piece

    return chain(first, further())


def sheet(name: str, columns: type[BaseModel], rows: Iterable[BaseModel]) -> StreamingResponse:
    """A file of CSV that no proxy keeps."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(
        _lines(list(columns.model_fields), rows), media_type="text/csv; charset=utf-8", headers=headers
    )


def _lines(columns: Sequence[str], rows: Iterable[BaseModel]) -> Iterator[str]:
    yield "\ufeff" + csv_line(columns)
    for row in rows:
        told = row.model_dump()
        yield csv_line([cell(told[name]) for name in columns])


def cell(value: object) -> str:
    """A value as a spreadsheet reads it: nothing for null, moments with their zone, lists with commas."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime() | date():
            return value.isoformat()
        case str():
            return value
        case Mapping():
            return json.dumps(value, default=cell, ensure_ascii=False) if value else ""
        case Sequence() | frozenset():
            return ", ".join(cell(each) for each in value)
        case _:
            return str(value)
