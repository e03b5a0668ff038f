"""Lines of CSV for spreadsheets: semicolons, and no cell that a spreadsheet would run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

# What makes a spreadsheet take a cell for a formula, or a new line for one.
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def csv_line(cells: Sequence[str]) -> str:
    """One line with its end."""
    line = io.StringIO()
    csv.writer(line, delimiter=";", lineterminator="\r\n").writerow([harmless(cell) for cell in cells])
    return line.getvalue()


def harmless(cell: str) -> str:
    """The cell; one that would run begins with an apostrophe, after any spaces it begins with."""
    return f"'{cell}" if cell.lstrip().startswith(_RUNS) or cell.startswith(_RUNS) else cell
