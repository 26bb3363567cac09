"""The rows of training/README.md run on a part of real pictures; here on made-up ones, and only some rows."""

import csv
import json
import sys
from pathlib import Path

import pytest

from benchmarks import techniques
from tests.training.conftest import COLOURS, write_picture
from training.data import scan


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = []
    for number, (label, colour) in enumerate(COLOURS.items()):
        for person in range(9):
            for k in range(2):
                file = f"{label}/{person}-{k}.png"
                write_picture(tmp_path / "data" / file, colour, seed=100 * number + 10 * person + k)
                rows.append([file, label, ("a", "stock", "c")[person % 3], f"{label}-{person}"])
    with (tmp_path / "data/manifest.csv").open("w", newline="") as file_:
        csv.writer(file_).writerows([["file", "label", "camera", "person"], *rows])
    return tmp_path / "data"


def test_techniques_run_on_a_part_that_keeps_persons_apart_and_are_not_run_twice(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["techniques", str(folder), "--model", "test_efficientnet", "--img-size", "32", "--samples-per-epoch", "16"]
    command += ["--per-class", "6", "--leave-out", "c", "--out", str(out), "--only", "multi-label", "tasks"]
    monkeypatch.setattr(sys, "argv", command)
    assert techniques.main() == 0
    told = capsys.readouterr().out
    result = json.loads(told.splitlines()[-1])
    assert result["part"] == {"pictures": 18, "persons": 18, "unlabelled": 4}
    assert {s.camera for s in scan(out / "part/one")} == {"a", "stock"}
    several, tasks = result["rows"]
    assert several["flags"] == "--multi-label" and several["accuracy"]["n"] == tasks["accuracy"]["n"] > 0
    assert tasks["learn"].count(" of ") == 1 and "| Shiraishi | `--tasks" in told and (out / "table.md").read_text() in told
    monkeypatch.setattr("training.train.train", lambda _config: pytest.fail("a row that has ended was run again"))
    assert techniques.main() == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == result


def test_a_row_that_is_refused_says_so_in_the_table(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["techniques", str(folder), "--model", "test_efficientnet", "--img-size", "32", "--out", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", [*command, "--only", "vgg16-article"])
    monkeypatch.setattr(techniques, "ROWS", (techniques.Row("article", "--preset vgg16-article"),))
    assert techniques.main() == 0
    assert "refused: --strategy head trains a layer on features" in capsys.readouterr().out
