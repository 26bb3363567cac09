"""A finder's card says what its file, its rooms and its frames say, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from export import card, figures, wording
from tests.conftest import MakeModel

MODELS = Path(__file__).parents[2] / "models"
CARDS = [MODELS / "students.md", MODELS / "students.ja.md"]
TEST = {
    "camera": "left",
    "frames": 3,
    "students": 1200,
    "threshold": 0.4,
    "precision": 0.9495,
    "recall": 0.7327,
    "f1": 0.8271,
    "ap50": 0.7244,
    "f1_best": 0.8511,
    "threshold_best": 0.448,
    "interval": {"f1": [0.8078, 0.8449], "ap50": [0.7029, 0.749]},
}
VARIANT = {"boxes": 9930, "lost": 52, "f1_drop": -0.0009, "f1_drop_interval": [-0.0018, 0.0004]}


def part(n: int, right: int) -> dict[str, Any]:
    accuracy = {"k": right, "n": n, "value": round(right / n, 4), "lo": 0.5, "hi": 0.9}
    return {"n": n, "accuracy": accuracy, "balanced_accuracy": {"value": 0.625, "lo": 0.55, "hi": 0.7}}


CHANGE = {"difference": -0.05, "interval": [-0.08, -0.02]}
MEASURED = {
    "drawn": part(1000, 800),
    "drawn_of_those_found": part(640, 560),
    "found": part(640, 528),
    "found_or_wrong": part(1000, 528),
    "change": {"n": 640, "accuracy": CHANGE, "balanced_accuracy": CHANGE},
}
EARLIER = {name: MEASURED[name] for name in ("drawn", "found", "found_or_wrong")}


@pytest.fixture
def figures_file(make_finder: MakeModel, tmp_path: Path) -> Path:
    finder = make_finder(measured={"tests": [TEST], "variant": VARIANT})
    room = {"camera": "left", "frames": 3, "students": 1000, "margins": {"0.0": MEASURED, "0.12": EARLIER, "-0.05": EARLIER}}
    (tmp_path / "rooms-left.json").write_text(json.dumps(room))
    (tmp_path / "earlier.json").write_text(json.dumps({"rooms": {"left": {**room, "margins": {"0.0": EARLIER}}}}))
    documents = [f"finder={finder}", str(tmp_path / "rooms-left.json"), str(tmp_path / "earlier.json")]
    assert figures.main(["--documents", *documents, "--out", str(tmp_path / "figures.json")]) == 0
    return tmp_path / "figures.json"


def fill(figures_file: Path, text: str, *more: str, name: str = "card.md") -> tuple[int, str]:
    path = figures_file.with_name(name)
    path.write_text(text, encoding="utf-8")
    return card.main([str(figures_file), str(path), *more]), path.read_text(encoding="utf-8")


def test_scores_of_one_frame_stand_without_an_interval() -> None:
    alone = {**MEASURED["drawn"], "accuracy": {"k": 1, "n": 2, "value": 0.5, "lo": None, "hi": None}}
    assert wording.rate(alone["accuracy"], "en") == "50.0 %"
    assert wording.score({"value": 0.7244, "interval": None}, "en") == "0.724"


def test_scores_come_from_the_file_of_the_model(figures_file: Path) -> None:
    status, text = fill(figures_file, "Before.\n\n<!-- = cameras finder/measured/tests --><!-- / -->\n\nAfter.\n")
    assert status == 0 and text.startswith("Before.\n") and text.endswith("<!-- / -->\n\nAfter.\n")
    row = "| left | 3 | 1,200 | 0.724 [0.703, 0.749] | 0.827 [0.808, 0.845] | 0.950 | 0.733 | 0.851 (0.45) |"
    assert f"\n{row}\n" in text and "| unseen camera | frames |" in text
    assert fill(figures_file, text, "--check") == (0, text)
    assert fill(figures_file, text.replace("0.827", "0.837"), "--check")[0] == 1


def test_rooms_are_a_line_for_each_margin_with_the_fair_comparison(figures_file: Path) -> None:
    status, text = fill(figures_file, "<!-- = rooms rooms-left earlier/rooms/left --><!-- / -->")
    whole, wider, narrower, earlier = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| left")]
    balanced = "62.5 % [55.0, 70.0]"
    assert status == 0 and whole[:3] == ["left", "3", "1,000"]
    assert whole[3:6] == [f"80.0 % [50.0, 90.0], {balanced}", "640", f"87.5 % [50.0, 90.0], {balanced}"]
    assert whole[6] == f"82.5 % [50.0, 90.0], {balanced}" and whole[8] == f"52.8 % [50.0, 90.0], {balanced}"
    assert whole[7] == "-5.0 points [-8.0, -2.0], -5.0 points [-8.0, -2.0]"
    assert narrower[0] == "left, 5.0 % narrower"
    assert wider[0] == "left, 12.0 % wider" and [wider[i] for i in (5, 7)] == [earlier[i] for i in (5, 7)] == ["–", "–"]


def test_figures_of_a_finder_are_written_in_both_languages(figures_file: Path) -> None:
    asked = {
        "score finder/measured/tests/camera=left/ap50": "0.724",
        "f1-gain finder/measured/variant": "+0.001 [-0.000, +0.002]",
        "pixels finder/input_size_hw": "32 x 48",
        "decimal finder/measured/tests/camera=left/threshold": "0.40",
        "points rooms-left/margins/0.0/change/accuracy": "-5.0 points [-8.0, -2.0]",
    }
    text = "\n".join(f"x <!-- = {key} --><!-- / -->" for key in asked)
    assert fill(figures_file, text)[1] == "\n".join(f"x <!-- = {key} -->{value}<!-- / -->" for key, value in asked.items())
    size = "x <!-- = megabytes finder/bytes -->0.0 MB<!-- / -->"
    assert fill(figures_file, size, name="card.ja.md") == (0, size)
    rooms = fill(figures_file, "<!-- = rooms rooms-left --><!-- / -->", name="card.ja.md")[1]
    assert "-5.0 ポイント [-8.0, -2.0]" in rooms and "| left、12.0 % 広げる |" in rooms and "| left、5.0 % 狭める |" in rooms


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<!-- = rooms finder --><!-- / -->", "cannot be written as the table 'rooms'"),
        ("<!-- = cameras finder/measured/test --><!-- / -->", "The nearest are: finder/measured/tests"),
        ("<!-- scores --><!-- /scores -->", "hold no test of a classifier"),
    ],
)
def test_table_that_cannot_be_made_leaves_the_card_alone(
    figures_file: Path, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    assert fill(figures_file, text) == (2, text)
    assert told in capsys.readouterr().err


def test_typed_number_in_a_finders_card_is_refused(figures_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = fill(figures_file, "<!-- = cameras finder/measured/tests --><!-- / -->\n")[1]
    assert fill(figures_file, f"{good}\nAP50 was 0.724.\n", "--check")[0] == 1
    assert "the number '0.724'" in capsys.readouterr().err


def test_frames_are_counted_by_camera(tmp_path: Path) -> None:
    folder = tmp_path / "rooms"
    (folder / "images").mkdir(parents=True)
    for name in ("a.png", "b.png"):
        (folder / "images" / name).write_bytes(b"never read")
    images = [{"id": i, "file_name": f"{c}.png", "width": 9, "height": 9, "camera": c} for i, c in enumerate("ab")]
    boxes: list[dict[str, Any]] = [
        {"image_id": image, "category_id": category, "bbox": [0, 0, 4, 4], "attitude": attitude, "iscrowd": crowd}
        for image, category, attitude, crowd in [
            (0, 1, "sleep", 0),
            (0, 1, None, 0),
            (0, 2, None, 0),
            (1, 1, "sleep", 0),
            (1, 1, None, 1),
        ]
    ]
    categories = [{"id": 1, "name": "student"}, {"id": 2, "name": "lecturer"}]
    (folder / "annotations.json").write_text(json.dumps({"images": images, "annotations": boxes, "categories": categories}))
    out = tmp_path / "figures.json"
    assert figures.main(["--pictures", f"frames={folder}", "--out", str(out)]) == 0
    counted = json.loads(out.read_text())["frames"]
    assert counted["camera"] == {
        "a": {"frames": 1, "students": 2, "attitudes": 1, "ignored": 1},
        "b": {"frames": 1, "students": 1, "attitudes": 1, "ignored": 1},
    }
    assert {name: counted[name] for name in counted["camera"]["a"]} == {"frames": 2, "students": 3, "attitudes": 2, "ignored": 2}


def test_nothing_to_gather_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert figures.main(["--out", str(tmp_path / "figures.json")]) == 2
    assert "Give runs, documents or pictures" in capsys.readouterr().err


def test_bundled_cards_say_what_the_bundled_figures_say(capsys: pytest.CaptureFixture[str]) -> None:
    status = card.main([str(MODELS / "students.figures.json"), *map(str, CARDS), "--check"])
    assert status == 0, capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "file"), [("students", "students.onnx"), ("int8", "students-int8.onnx"), ("earlier", "students.earlier.json")]
)
def test_bundled_figures_are_those_of_the_bundled_files(name: str, file: str) -> None:
    assert figures.read(MODELS / "students.figures.json")[name] == figures.document(MODELS / file)


def test_both_bundled_cards_ask_for_the_same_figures() -> None:
    english, japanese = ({found[:2] for found in card.PLACE.findall(path.read_text(encoding="utf-8"))} for path in CARDS)
    assert english == japanese


def test_bundled_scores_are_those_of_all_counted_frames() -> None:
    known = figures.read(MODELS / "students.figures.json")
    tested = {test["camera"]: (test["frames"], test["students"]) for test in known["students"]["measured"]["tests"]}
    assert tested == {camera: (own["frames"], own["students"]) for camera, own in known["frames"]["camera"].items()}
