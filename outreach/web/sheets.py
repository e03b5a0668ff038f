"""A list, whole, for a spreadsheet: the rows of its pages under the names that the API gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import reduce
from itertools import chain
from typing import Any, TypeVar

from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from outreach.services.csv_cells import csv_line

Row = TypeVar("Row")
PIECE = 500  # rows read at once
MOST = 100_000  # rows of one file
CUT = "Cut here: a file holds no more rows. Ask for less at once. / Fichier coupé ici : restreignez la liste."


def whole(read: Callable[[Row | None, int], Sequence[Row]]) -> Iterator[Row]:
    """Every row, piece by piece. `read`: so many rows after one (None: from the first on).

    The first piece is read at once: whatever is wrong with what was asked is said before the answer begins.
    """
    first = read(None, PIECE)

    def further() -> Iterator[Row]:
        piece = first
        while piece:
            piece = read(piece[-1], PIECE)
            yield from piece

    return chain(first, further())


def sheet(name: str, columns: type[BaseModel], rows: Iterable[BaseModel]) -> StreamingResponse:
    """A file of CSV that no proxy keeps; where rows are left out, its last line says so."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(_lines(columns, rows), media_type="text/csv; charset=utf-8", headers=headers)


def _lines(columns: type[BaseModel], rows: Iterable[BaseModel]) -> Iterator[str]:
    paths = list(_paths(columns))
    yield "\ufeff" + csv_line([".".join(path) for path in paths])
    for place, row in enumerate(rows):
        if place == MOST:
            yield csv_line([CUT])
            return
        told = row.model_dump()
        yield csv_line([cell(reduce(_within, path, told)) for path in paths])


def _paths(model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    """A field of a field has a column of its own."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from ((name, *path) for path in _paths(kind))
        else:
            yield (name,)


def _within(told: Any, name: str) -> Any:
    return told[name]


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
