"""The card says what the runs measured."""

import json
from pathlib import Path

import pytest

from export.card import main


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    rows = [(f"{label}/{i}.jpg", label, "stock" if i % 2 else "room", f"p{i}") for label in ("ahead", "down") for i in range(10)]
    (folder / "split.csv").write_text("file,label,camera,person,side\n" + "".join(f"{','.join(row)},test\n" for row in rows))
    answers = ["file,label_predicted,ahead,down\n"]
    for i, (file, label, _camera, _person) in enumerate(rows):
        ahead = (label == "ahead") != (i in (0, 1, 2))  # three wrong answers, one of them on a stock picture
        answers.append(f"{file},{'ahead' if ahead else 'down'},{0.9 if ahead else 0.1},{0.1 if ahead else 0.9}\n")
    (folder / "predictions.csv").write_text("".join(answers))
    return folder


def card(tmp_path: Path, text: str = "# Card\n<!-- scores -->old<!-- /scores -->\nend\n") -> Path:
    (tmp_path / "README.md").write_text(text)
    return tmp_path / "README.md"


def test_card_and_json_hold_the_counts_of_the_run(run_folder: Path, tmp_path: Path) -> None:
    path, json_path = card(tmp_path), tmp_path / "measured.json"
    arguments = ["--persons", str(run_folder), "--style-camera", "stock", "--card", str(path), "--json", str(json_path)]
    assert main(arguments) == 0
    both, without_stock = json.loads(json_path.read_text())["tests"]
    assert (both["images"], both["accuracy"]["value"]) == (20, 0.85)
    assert (without_stock["images"], without_stock["accuracy"]["value"], without_stock["without"]) == (10, 0.8, "stock")
    text = path.read_text()
    assert text.startswith("# Card\n") and text.endswith("end\n") and "old" not in text
    assert "| unseen persons | 20 | 10 | 85.0 % [64.0, 94.8]" in text
    assert "| ahead | 7 | 3 | 70.0 % [39.7, 89.2] of 10 |" in text
    assert main(arguments) == 0 and path.read_text() == text


def test_card_without_markers_is_left_alone(run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = card(tmp_path, "no markers")
    assert main(["--persons", str(run_folder), "--card", str(path), "--json", str(tmp_path / "m.json")]) == 2
    assert "the tables go between them" in capsys.readouterr().err and path.read_text() == "no markers"


def test_unfinished_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--persons", str(tmp_path), "--card", str(card(tmp_path)), "--json", str(tmp_path / "m.json")]) == 2
    assert "split.csv is missing" in capsys.readouterr().err


def test_conditions_come_from_the_report(run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    part = {"persons": 4, "accuracy": {"n": 8, "value": 0.75, "interval": [0.4, 0.93]}, "balanced_accuracy": 0.7}
    report = {
        "n": 8,
        "accuracy": {"value": 0.75, "interval": [0.4, 0.93]},
        "calibration": {"ece": {"value": 0.05, "interval": None}},
        "conditions": {"size": {"2: 32 – 64": part}},
    }
    (tmp_path / "report.json").write_text(json.dumps(report))
    path = card(tmp_path)
    arguments = ["--persons", str(run_folder), "--card", str(path), "--json", str(tmp_path / "m.json"), "--report"]
    assert main([*arguments, str(tmp_path)]) == 0
    text = path.read_text()
    assert "| size | 32 – 64 | 8 | 4 | 75.0 % [40.0, 93.0] | 70.0 % |" in text and "the calibration error is 5.0 %." in text
    assert main([*arguments, str(run_folder)]) == 2 and "is no report" in capsys.readouterr().err
