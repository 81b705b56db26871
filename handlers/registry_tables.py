"""Tables that officials fill in (CSV, XLSX): read safely, written safely."""

import csv
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

MOST_ROWS = 20_000
MOST_COLUMNS = 40
MOST_UNPACKED = 60_000_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
ENCODINGS = ("utf-8-sig", "gb18030")
XLSX_MAGIC = b"PK"


class UnreadableTableError(Exception):
    """Neither CSV nor XLSX."""


def read_table(content: bytes) -> list[list[str]]:
    """Return the rows of a CSV (UTF-8 or GB18030) or of an XLSX file's first sheet, cells as plain text.

    Empty rows at the end are left out, those between stay, so that row numbers are those of the file.
    Reads at most MOST_ROWS + 2 rows. Raises UnreadableTableError.
    """
    rows = _read_xlsx(content) if content.startswith(XLSX_MAGIC) else _read_csv(content)
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _read_xlsx(content: bytes) -> list[list[str]]:
    try:
        if _unpacked_size(content) > MOST_UNPACKED:
            return []
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = [
            [_as_text(cell) for cell in row]
            for row in sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS, values_only=True)
        ]
        book.close()
    except Exception as error:  # the library raises whatever a broken file makes it stumble over
        raise UnreadableTableError from error
    return rows


def _unpacked_size(content: bytes) -> int:
    with zipfile.ZipFile(BytesIO(content)) as packed:
        return sum(one.file_size for one in packed.infolist())


def _read_csv(content: bytes) -> list[list[str]]:
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        try:
            rows = []
            for row in csv.reader(StringIO(text, newline="")):
                rows.append([_as_text(cell) for cell in row[:MOST_COLUMNS]])
                if len(rows) > MOST_ROWS + 1:
                    break
        except csv.Error as error:
            raise UnreadableTableError from error
        return rows
    raise UnreadableTableError


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA_STARTS else text


def write_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a CSV file that Excel opens rightly; no cell is taken for a formula."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_defused(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _defused(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def write_xlsx(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return an XLSX file; every cell is text."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new book has one sheet
    sheet.title = title
    sheet.append(list(header))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append([_defused(cell) for cell in row])
    for number, name in enumerate(header, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = max(12, 2 * len(name) + 4)
    sheet.freeze_panes = "A2"
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()
