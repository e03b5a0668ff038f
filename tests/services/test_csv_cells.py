"""Cells of CSV that a spreadsheet opens: none runs."""

from __future__ import annotations

import pytest

from outreach.services.csv_cells import csv_line, harmless


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+33",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "|cmd",
        "%0A",
        " \t@x",
        "＝1",
        "\u200b=1",
        "\ufeff＠x",
    ],
)
def test_a_cell_that_would_run_begins_with_an_apostrophe(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "12", "rue de l'Église", "C-12", "a=b"])
def test_an_ordinary_cell_stays_as_it_is(cell: str) -> None:
    assert harmless(cell) == cell


def test_a_line_quotes_what_it_must_and_ends_as_spreadsheets_want() -> None:
    assert csv_line(["a", "b;c", 'd"e']) == 'a;"b;c";"d""e"\r\n'
