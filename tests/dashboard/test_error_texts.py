"""Every error that has a code can be told in Japanese, with the particulars that are raised with it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from dashboard.error_texts import JAPANESE_ERRORS, told, told_line
from inference import decode, errors
from inference.errors import ImageError, Message, SeatsError, TaidoError
from inference.masks import Masks
from inference.seats import Seats

ROOT = Path(__file__).parents[2]
SOURCES = [*(ROOT / "inference").glob("*.py"), *(ROOT / "dashboard").glob("*.py")]
NOT_VALUES = {"code", None}
KINDS = {"Message", *(name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, TaidoError))}
START_ONLY = {
    *("access.py", "api.py", "metrics.py", "hub.py", "limits.py", "providers.py", "students.py"),
    *("__main__.py", "commands.py", "detections.py", "doctor.py", "report.py", "tuning.py", "watch.py", "errors.py"),
}
"""Modules whose errors end the start of the app, or are those of the command line."""
OF_OUR_OWN = {
    *("camera.__init__", "faces.__init__", "finder.__init__", "images.find_images", "sources.open_source", "sources.__init__"),
    *("sources.parts_of",),
    *("faces.find", "following.update", "images.fit", "session.check", "summary.summarise", "summary.summarise_states"),
    *("spec.__post_init__", "spec.from_json"),
}
"""Lines 1, 2: at the start only. 3: what a page hands on is never so. 4: `session` raises these again."""


def raised() -> Iterator[tuple[str, set[str]]]:
    """Code and names of the values of every error that is made with a code."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
                keywords = {keyword.arg: keyword.value for keyword in node.keywords}
                code = keywords.get("code")
                names = {name for name in keywords if name not in NOT_VALUES and name is not None}
                if isinstance(code, ast.Constant):
                    yield str(code.value), names
                elif isinstance(code, ast.JoinedStr):
                    start = code.values[0]
                    assert isinstance(start, ast.Constant)
                    yield from ((key, names) for key in JAPANESE_ERRORS if key.startswith(str(start.value)))


RAISED = list(raised())


def fields(string: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(string) if name}


def test_codes_that_are_raised_are_those_that_have_a_text() -> None:
    assert len(RAISED) > 30
    assert {code for code, _ in RAISED} == set(JAPANESE_ERRORS)


@pytest.mark.parametrize("code", sorted(JAPANESE_ERRORS))
def test_text_is_japanese_and_asks_only_for_what_is_raised_with_its_code(code: str) -> None:
    assert re.search(r"[぀-ヿ一-鿿]", JAPANESE_ERRORS[code])
    assert all(fields(JAPANESE_ERRORS[code]) <= names for raised_code, names in RAISED if raised_code == code)


def test_picture_that_is_damaged_is_told_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0 not more")
    with pytest.raises(ImageError) as raised_error:
        decode(tmp_path / "a.jpg", name="a.jpg")
    assert told(raised_error.value, "en") == str(raised_error.value)
    assert told(raised_error.value, "ja").startswith("a.jpg は")


def test_error_within_a_file_keeps_its_code(tmp_path: Path) -> None:
    (tmp_path / "seats.json").write_text(
        '{"taido_seats": 1, "frame_size_wh": [9, 9], "seats": [[0, 0, 90, 9]]}', encoding="utf-8"
    )
    with pytest.raises(SeatsError) as raised_error:
        Seats.read(tmp_path / "seats.json")
    assert told(raised_error.value, "ja") == "枠 1 が静止画からはみ出しています。直すか、このカメラの静止画で作り直してください。"


def test_error_of_other_proportions_names_both_sizes() -> None:
    with pytest.raises(SeatsError) as raised_error:
        Masks((1280, 720), [(0, 0, 10, 10)]).scaled((640, 360))
    assert "1280 × 720" in told(raised_error.value, "ja") and "360 × 640" in told(raised_error.value, "ja")


def test_every_error_that_can_reach_a_page_has_a_kind() -> None:
    """A text for it is then asked for by the test above; what has no kind stays English on a Japanese page."""
    without = [f"{path.name}: {where}" for path in SOURCES if path.name not in START_ONLY for where in unkind(path)]
    assert sorted(without) == []


def unkind(path: Path) -> Iterator[str]:
    """Functions in which an error, or a message that is shown, is made without its kind."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    for function in ast.walk(module):
        if not isinstance(function, ast.FunctionDef) or f"{path.stem}.{function.name}" in OF_OUR_OWN:
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS and node.args:
                silent = isinstance(node.args[0], ast.Constant) and not node.args[0].value
                if not silent and not {"code", None} & {keyword.arg for keyword in node.keywords}:
                    yield f"{function.name} makes a {node.func.id} without a code"


def test_message_is_told_in_japanese_and_stays_english_elsewhere() -> None:
    line = Message("camera 0 is gone: it gives no more frames.", code="camera_silent", name="camera 0")
    assert told_line(line, "en") == str(line) and "カメラ camera 0 から" in told_line(line, "ja")
    assert told_line("as it is", "ja") == "as it is"
    assert SeatsError(line, code="camera_silent", name="0").message == line


def test_error_without_a_code_is_told_as_it_is() -> None:
    assert told(TaidoError("The disk is full."), "ja") == "The disk is full."
