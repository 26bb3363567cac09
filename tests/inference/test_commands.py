"""`python -m inference`: the table, the JSON document, and an exit status a script can rely on."""

import csv
import io
import json
import os
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import pytest

from inference import commands
from inference.__main__ import main

MakePhoto = Callable[..., Path]
ROOT = Path(__file__).parents[2]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def classify(tiny_model: Path) -> Callable[..., int]:
    """Run `classify` with the tiny model; returns the exit status."""

    def run(*arguments: str | Path) -> int:
        return main(["classify", "--model", str(tiny_model), *map(str, arguments)])

    return run


def test_folder_is_searched_deep_and_named_relative(classify: Callable[..., int], photo_folder: Path, tmp_path: Path) -> None:
    assert classify(photo_folder, "--out", tmp_path / "out.csv") == 0
    table = rows(tmp_path / "out.csv")
    assert list(table[0]) == ["file", "label", "red", "green", "blue"]
    assert [(row["file"], row["label"]) for row in table] == [
        ("back/row/third.webp", "blue"),
        ("back/second.jpg", "green"),
        ("first.png", "red"),
    ]
    assert float(table[2]["red"]) > 0.9


def test_file_gives_its_name(classify: Callable[..., int], photo_folder: Path, tmp_path: Path) -> None:
    assert classify(photo_folder / "back" / "second.jpg", photo_folder / "first.png", "--out", tmp_path / "out.csv") == 0
    assert [row["file"] for row in rows(tmp_path / "out.csv")] == ["second.jpg", "first.png"]


def test_two_pictures_of_one_name_are_refused(
    classify: Callable[..., int], make_photo: MakePhoto, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_photo("monday/a.png")
    make_photo("friday/a.png")
    assert classify(tmp_path / "monday", tmp_path / "friday", "--out", tmp_path / "out.csv") == 2
    message = capsys.readouterr().err
    assert "both be called a.png" in message
    assert str(Path("friday", "a.png")) in message
    assert not (tmp_path / "out.csv").exists()


def test_json_is_one_document_with_rows_summary_model_and_provider(
    classify: Callable[..., int], photo_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (photo_folder / "empty.jpg").touch()
    assert classify(photo_folder, "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert [row["label"] for row in document["rows"]] == ["blue", "green", "red"]
    assert document["rows"][0]["scores"].keys() == {"red", "green", "blue"}
    assert [failure["file"] for failure in document["failures"]] == ["empty.jpg"]
    assert document["summary"]["counts"] == {"red": 1, "green": 1, "blue": 1}
    assert document["summary"]["shares"] is None
    assert document["model"].endswith("tiny.onnx")
    assert document["provider"] in {"cpu", "cuda"}
    assert document["spec"]["input_size_hw"] == [32, 32]


def test_shares_are_told_from_five_pictures_on(
    classify: Callable[..., int], make_photo: MakePhoto, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(5):
        make_photo(f"lesson/{number}.png", "red" if number else "blue")
    assert classify(tmp_path / "lesson", "--json") == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["summary"]["shares"] == {"red": 0.8, "green": 0.0, "blue": 0.2}
    assert "5 classified, 0 failed: red 4 (80%), green 0 (0%), blue 1 (20%)" in printed.err


def test_json_and_table_can_be_had_together(
    classify: Callable[..., int], photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert classify(photo_folder, "--json", "--out", tmp_path / "out.csv") == 0
    assert len(json.loads(capsys.readouterr().out)["rows"]) == len(rows(tmp_path / "out.csv")) == 3


def test_table_is_printed_when_no_place_is_given(
    classify: Callable[..., int], photo_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert classify(photo_folder) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0] == "file,label,red,green,blue"
    assert len(printed.out.splitlines()) == 4
    assert "3 classified, 0 failed" in printed.err


def test_bad_picture_is_reported_and_the_others_are_written(
    classify: Callable[..., int], photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (photo_folder / "empty.jpg").touch()
    assert classify(photo_folder, "--out", tmp_path / "out.csv") == 1
    assert len(rows(tmp_path / "out.csv")) == 3
    assert "failed: empty.jpg is empty" in capsys.readouterr().err


def test_model_at_its_own_provider_and_threads_gives_the_same_table(
    classify: Callable[..., int], photo_folder: Path, tmp_path: Path
) -> None:
    assert classify(photo_folder, "--provider", "cpu", "--threads", "1", "--out", tmp_path / "one.csv") == 0
    assert classify(photo_folder, "--provider", "cpu", "--out", tmp_path / "all.csv") == 0
    assert rows(tmp_path / "one.csv") == rows(tmp_path / "all.csv")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "does not exist"),
        (["empty"], "Found 0 pictures"),
        (["lesson", "--out", "no/such/folder/out.csv"], "no folder"),
        (["lesson", "--out", "lesson/first.png/out.csv"], "no folder"),
        (["lesson", "--out", "lesson"], "folder or a device"),
        (["lesson", "--model", "missing.onnx"], "There is no model file"),
        (["lesson", "--model", "lesson/first.png"], "not an ONNX model"),
        (["lesson", "--provider", "directml"], "not in this ONNX Runtime"),
    ],
)
def test_error_that_stops_the_run_is_one_line_and_status_2(
    photo_folder: Path,
    tiny_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["classify", "--model", str(tiny_model), *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert message in printed.err
    assert len(printed.err.splitlines()) == 1


def test_place_for_the_table_is_checked_before_the_work(
    photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["classify", str(photo_folder), "--model", "missing.onnx", "--out", str(tmp_path / "no" / "out.csv")]) == 2
    assert "no folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["classify"], ["unknown"], ["classify", "a", "--threads", "-1"], ["classify", "a", "--provider", "gpu"]]
)
def test_wrong_usage_is_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage: python -m inference" in capsys.readouterr().err


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    assert "classify" in text
    assert "info" in text


def test_info_prints_the_fact_sheet_and_the_provider(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(tiny_model)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["spec"]["class_names"] == ["red", "green", "blue"]
    assert document["provider"] in {"cpu", "cuda"}


def test_command_runs_as_a_module_from_a_shell(tiny_model: Path, photo_folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "inference", "classify", str(photo_folder), "--model", str(tiny_model), "--json"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}  # a terminal that knows no Japanese
    (photo_folder / "first.png").rename(photo_folder / "前列.png")
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [row["file"] for row in json.loads(done.stdout)["rows"]][-1] == "前列.png"


@pytest.mark.parametrize(
    ("name", "encoding", "shown"),
    [("前列.png", "cp1252", r"\u524d\u5217.png"), (os.fsdecode(b"\xff.png"), "utf-8", r"\udcff.png")],
)
def test_any_file_name_can_be_printed_on_any_terminal(
    name: str, encoding: str, shown: str, classify: Callable[..., int], make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = make_photo("a.png", "red")
    try:
        photo = photo.rename(photo.with_name(name))
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    printed = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", printed)
    assert classify(photo) == 0
    assert shown in printed.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]


def test_nobody_who_reads_the_output_is_no_traceback(tiny_model: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "inference", "info", str(tiny_model)]
    done = subprocess.run(command, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_full_disk_under_the_output_is_one_sentence_and_status_2(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main(["info", str(tiny_model)]) == 2
    told = capsys.readouterr().err
    assert told == "error: Cannot write the output: No space left on device. Make room, or choose another place.\n"


def test_error_of_the_system_that_is_not_of_the_output_stays_an_error(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Namespace) -> int:
        raise OSError("the disk is on fire")

    monkeypatch.setattr(commands, "info", broken)
    with pytest.raises(OSError, match="on fire"):
        main(["info", str(tiny_model)])


STOPPED_WHILE_IT_LOADS = """
import sys

class Stop:
    def find_spec(self, name, path=None, target=None):
        if name in ("numpy", "cv2", "onnxruntime"):
            raise KeyboardInterrupt

sys.meta_path.insert(0, Stop())
"""


def test_ctrl_c_while_the_libraries_load_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(STOPPED_WHILE_IT_LOADS)
    command = [sys.executable, "-m", "inference", "info"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "interrupted; no file was left half written\n")
