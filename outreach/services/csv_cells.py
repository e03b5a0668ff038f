"""Lines of CSV for spreadsheets: semicolons, and no cell that a spreadsheet would run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from unicodedata import category

# What makes a spreadsheet take a cell for a formula, or a new line for one.
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", *"＝＋－＠")
# Spaces, and what is not seen at all, may stand before it.
_UNSEEN = ("C", "Z")


def csv_line(cells: Sequence[str]) -> str:
    """One line with its end."""
    line = io.StringIO()
    csv.writer(line, delimiter=";", lineterminator="\r\n").writerow([harmless(cell) for cell in cells])
    return line.getvalue()


def harmless(cell: str) -> str:
    """The cell; one that would run begins with an apostrophe, also behind spaces and unseen letters."""
    seen = next((place for place, letter in enumerate(cell) if category(letter)[0] not in _UNSEEN), 0)
    return f"'{cell}" if cell.startswith(_RUNS) or cell[seen:].startswith(_RUNS) else cell
