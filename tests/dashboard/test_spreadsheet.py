"""Downloaded tables open in spreadsheet programs as they are meant."""

import csv
import io

import pytest

from dashboard.spreadsheet import for_spreadsheets


def test_table_says_its_encoding() -> None:
    written = for_spreadsheets("file,label\n三年二組.jpg,sleep\n")
    assert written.startswith(b"\xef\xbb\xbf")
    assert written.decode("utf-8-sig") == "file,label\n三年二組.jpg,sleep\n"


@pytest.mark.parametrize("name", ["=1+1.jpg", "+a.jpg", "-b.jpg", "@c.jpg", '=HYPERLINK("http://a","b").jpg'])
def test_no_name_is_a_formula(name: str) -> None:
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerow([name, "-0.5", "+1", "a-b"])
    (row,) = csv.reader(io.StringIO(for_spreadsheets(table.getvalue()).decode("utf-8-sig")))
    assert row == [f"'{name}", "-0.5", "+1", "a-b"]


def test_cells_of_several_lines_stay_whole() -> None:
    assert for_spreadsheets('"a\r\nb",c\n').decode("utf-8-sig") == '"a\r\nb",c\n'
