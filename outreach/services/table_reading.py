"""Reads the rows of an uploaded file, CSV or spreadsheet, as text."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from outreach.errors import InvalidInput


class FileType(StrEnum):
    CSV = "csv"
    SPREADSHEET = "spreadsheet"  # XLSX, XLS, ODS


_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DELIMITERS = ";,\t"
_SAMPLE = 65_536
_UTF_8 = "utf-8-sig"  # with its mark or without
# A cell may hold a long note, but not a whole file that lost its closing quote.
csv.field_size_limit(131_072)
MEND_TYPE = "save it as CSV or as an Excel or OpenDocument sheet"


@dataclass(frozen=True)
class TableFile:
    """An uploaded file whose header line was found; `rows()` can be read more than once."""

    content: bytes
    file_type: FileType
    encoding: str
    delimiter: str
    headers: tuple[str, ...]

    @property
    def rows_expected(self) -> int:
        """About how many rows there are, for a progress bar."""
        if self.file_type is FileType.CSV:
            return max(0, self.content.rstrip().count(b"\n"))
        return max(0, _sheet(self.content).height - 1)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row's number as a spreadsheet shows it (the header is 1) and its cells; not the blank ones."""
        lines = _lines(self.content, self.file_type, self.encoding, self.delimiter)
        started = False
        for number, cells in lines:
            if not any(cells):
                continue
            if started:
                yield number, cells
            started = True

    def column(self, place: int) -> Iterator[str]:
        """One column of every row, quicker than the rows."""
        if self.file_type is FileType.SPREADSHEET:
            return (cells[place] for _, cells in self.rows() if place < len(cells))
        lines = _raw_csv_lines(self.content, self.encoding, self.delimiter)
        return (cells[place].strip() for cells in lines if place < len(cells))


def open_table(content: bytes) -> TableFile:
    """Recognise the file and its header; raises InvalidInput with what to do about it."""
    if not content.strip():
        raise InvalidInput("The file is empty.", field="file", mend="send the file again")
    file_type, encoding, delimiter = _recognise(content)
    if file_type is FileType.CSV and (encoding != _UTF_8 or b"\0" in content):
        # No cell may hold a NUL: the database has no place for it.
        text = content.decode(encoding, errors="replace").replace("\0", "")
        content, encoding = text.encode(), "utf-8"
    lines = _lines(content, file_type, encoding, delimiter)
    headers = next((cells for _, cells in lines if any(cells)), None)
    if headers is None:
        raise InvalidInput("The file has no header line.", field="file", mend="name the columns in line 1")
    return TableFile(content, file_type, encoding, delimiter, tuple(headers))


def _recognise(content: bytes) -> tuple[FileType, str, str]:
    if content.startswith((_ZIP, _OLE)):
        return FileType.SPREADSHEET, "", ""
    encoding = _encoding(content)
    if encoding is None:
        raise InvalidInput("This type of file cannot be read.", field="file", mend=MEND_TYPE)
    first = content[:_SAMPLE].decode(encoding, errors="replace").lstrip("\r\n").split("\n", 1)[0]
    return FileType.CSV, encoding, max(_DELIMITERS, key=first.count)


def _encoding(content: bytes) -> str | None:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in content[:_SAMPLE]:
        return None
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return _UTF_8


def _lines(
    content: bytes, file_type: FileType, encoding: str, delimiter: str
) -> Iterator[tuple[int, list[str]]]:
    if file_type is FileType.SPREADSHEET:
        sheet = _sheet(content)
        first = (sheet.start or (0, 0))[0] + 1
        rows: Iterable[Sequence[object]] = sheet.iter_rows()
        return ((number, [_as_text(cell) for cell in row]) for number, row in enumerate(rows, start=first))
    return _csv_lines(content, encoding, delimiter)


def _csv_lines(content: bytes, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(_raw_csv_lines(content, encoding, delimiter), start=1):
        yield number, [cell.strip() for cell in cells]


def _raw_csv_lines(content: bytes, encoding: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(_text(content, encoding), delimiter=delimiter)
    except csv.Error as error:
        raise InvalidInput(
            "The CSV cannot be read to its end: a quotation mark is probably not closed.",
            field="file",
            mend="close the quotation mark, or save the file again",
        ) from error


def _text(content: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding=encoding, errors="replace", newline="")


def _sheet(content: bytes) -> CalamineSheet:
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    except (CalamineError, IndexError, ValueError) as error:
        raise InvalidInput("This spreadsheet cannot be read.", field="file", mend=MEND_TYPE) from error


def _as_text(cell: object) -> str:
    """A spreadsheet's typed cell as a person would have typed it."""
    match cell:
        case bool():
            return "oui" if cell else "non"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime():
            return cell.isoformat(sep=" ", timespec="seconds")
        case date() | time() | timedelta():
            return str(cell)
        case _:
            return str(cell).replace("\0", "").strip()
