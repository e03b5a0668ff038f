"""Files as they arrive: every encoding, delimiter and spreadsheet type, and the ones that cannot be read."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from outreach.errors import InvalidInput
from outreach.services.table_reading import open_table


def spreadsheet(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_csv_is_read_in_its_own_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    text = delimiter.join(["nom", "prénoms"]) + "\r\n" + delimiter.join([" Léger ", "Zoé"]) + "\r\n"
    table = open_table(text.encode(encoding))
    assert table.headers == ("nom", "prénoms")
    assert list(table.rows()) == [(2, ["Léger", "Zoé"])]
    assert list(table.column(0)) == ["nom", "Léger"]
    assert table.rows_expected == 1


def test_quoted_cells_may_hold_delimiters_and_blank_rows_are_passed() -> None:
    table = open_table(b'nom;adresse\n\nDurand;"1; rue des Pins"\n;\nMartin;2\n')
    assert list(table.rows()) == [(3, ["Durand", "1; rue des Pins"]), (5, ["Martin", "2"])]


def test_a_spreadsheet_gives_its_cells_as_a_person_would_type_them() -> None:
    table = open_table(
        spreadsheet(
            ["nom", "tel", "né", "résultat", "foyer"],
            ["Durand", 612345678, date(1980, 1, 2), datetime(2021, 3, 15, 18, 30), True],  # noqa: DTZ001
            [None, None, None, None, None],
            ["Martin", "06 12", None, None, False],
        )
    )
    assert table.headers == ("nom", "tel", "né", "résultat", "foyer")
    assert list(table.rows()) == [
        (2, ["Durand", "612345678", "1980-01-02", "2021-03-15 18:30:00", "oui"]),
        (4, ["Martin", "06 12", "", "", "non"]),
    ]
    assert list(table.column(0)) == ["Durand", "Martin"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b" \r\n\r\n", "empty"),
        (b";;;\n;;\n", "no header"),
        (b"%PDF-1.7\x00\x00", "type of file"),
        (b"PK\x03\x04 not a workbook", "spreadsheet"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        open_table(content)


def test_an_unclosed_quotation_mark_is_told_not_swallowed() -> None:
    table = open_table(b'nom;note\nDurand;"' + b"x" * 200_000 + b"\n")
    with pytest.raises(InvalidInput, match="quotation mark"):
        list(table.rows())
