"""Tables that a page offers for download, as spreadsheet programs open them rightly.

for_spreadsheets("file,label\\n三年二組.jpg,sleep\\n")  # bytes for a .csv file
"""

import csv
import io
from codecs import BOM_UTF8

_FORMULA = tuple("=+-@\t\r")
"""What a cell begins with that a spreadsheet program computes instead of showing it (OWASP, "CSV Injection")."""


def for_spreadsheets(table: str) -> bytes:
    """UTF-8 with its byte order mark, without which Excel takes another encoding; no text is a formula: it begins with `'`."""
    safe = io.StringIO()
    csv.writer(safe, lineterminator="\n").writerows(map(_text, row) for row in csv.reader(io.StringIO(table, newline="")))
    return BOM_UTF8 + safe.getvalue().encode("utf-8", errors="backslashreplace")


def _text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
