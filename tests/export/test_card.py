"""A card says what the runs and reports measured, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from export import card, figures, wording
from inference.errors import DataError

MODELS = Path(__file__).parents[2] / "models"
CARDS = [MODELS / "README.md", MODELS / "README.ja.md"]
PAIRED = {"groups": 10, "accuracy": {"a": 0.7, "b": 0.75, "difference": 0.05, "interval": [0.01, 0.09]}}
PART = {"persons": 4, "accuracy": {"n": 8, "value": 0.75, "interval": [0.4, 0.93]}, "balanced_accuracy": 0.7}
REPORT = {"n": 8, "person": {"p1": "is nobody's business"}, "conditions": {"size": {"2: 32 – 64": PART}}}


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


@pytest.fixture
def figures_file(run_folder: Path, tmp_path: Path) -> Path:
    for name, content in (("report", REPORT), ("paired", PAIRED)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    documents = ["--documents", str(tmp_path / "report.json"), f"averaged={tmp_path / 'paired.json'}"]
    arguments = ["--persons", str(run_folder), "--style-camera", "stock", *documents, "--out", str(tmp_path / "figures.json")]
    assert figures.main(arguments) == 0
    return tmp_path / "figures.json"


def written(folder: Path, text: str, name: str = "card.md") -> Path:
    (folder / name).write_text(f"# Card\n{text}\n<!-- scores -->old<!-- /scores -->\nend\n", encoding="utf-8")
    return folder / name


def test_card_and_json_hold_the_counts_of_the_run(figures_file: Path, tmp_path: Path) -> None:
    path = written(tmp_path, "Right: <!-- = rate-of persons/recall/ahead --><!-- / -->.")
    arguments = [str(figures_file), str(path), "--json", str(tmp_path / "measured.json")]
    assert card.main(arguments) == 0
    both, without_stock = json.loads((tmp_path / "measured.json").read_text())["tests"]
    assert (both["images"], both["accuracy"]["value"]) == (20, 0.85)
    assert (without_stock["images"], without_stock["accuracy"]["value"], without_stock["without"]) == (10, 0.8, "stock")
    text = path.read_text()
    assert text.startswith("# Card\n") and text.endswith("end\n") and "old" not in text
    assert "| unseen persons | 20 | 10 | 85.0 % [64.0, 94.8]" in text
    assert "| ahead | 7 | 3 | 70.0 % [39.7, 89.2] of 10 |" in text
    assert "| size | 32 – 64 | 8 | 4 | 75.0 % [40.0, 93.0] | 70.0 % |" in text
    assert "Right: <!-- = rate-of persons/recall/ahead -->70.0 % [39.7, 100.0] of 10<!-- / -->." in text
    assert card.main(arguments) == 0 and path.read_text() == text
    assert "nobody's business" not in figures_file.read_text() and str(tmp_path) not in figures_file.read_text()


def test_japanese_card_has_the_same_figures_in_japanese(figures_file: Path, tmp_path: Path) -> None:
    path = written(tmp_path, "<!-- = count persons/recall/ahead --><!-- / -->", "card.ja.md")
    assert card.main([str(figures_file), str(path)]) == 0
    text = path.read_text(encoding="utf-8")
    assert "10 枚中 7 枚" in text and "| 学習していない人物 | 20 | 10 | 85.0 % [64.0, 94.8]" in text


def test_check_tells_an_old_figure_from_a_new_one(figures_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, "Right: <!-- = percent persons/accuracy -->99.9 %<!-- / -->.")
    assert card.main([str(figures_file), str(path), "--check"]) == 1
    assert "card.md:2: differs from the figures" in capsys.readouterr().err and "99.9 %" in path.read_text()
    assert card.main([str(figures_file), str(path)]) == 0 and card.main([str(figures_file), str(path), "--check"]) == 0


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("It was right in 85 % of them.", ["85 %"]),
        ("正解率は 85.4 % で 3 ポイント低い。", ["85.4 %", "3 ポイント"]),
        ("Of 446 pictures 3,063 had [80.3, 89.2].", ["446", "3,063", "80.3", "89.2"]),
        ("Kappa is 0.91.", ["0.91"]),
        ("<!-- constants: 95 %; 192 x 192 --> 95 % of 192 x 192", []),
        ("<!-- constants: 95 % --> 85.95 %", ["85.95 %"]),
        ("<!-- = percent a -->85.4 %<!-- / --> `--share 0.8` [x](y2024.md) umar123, four of 5", []),
        ("```sh\ntrain --epochs 25\n```", []),
        ("<!-- scores -->| 85.4 % |<!-- /scores -->", []),
    ],
)
def test_number_that_was_typed_is_found(sentence: str, found: list[str]) -> None:
    assert card.stray(sentence) == found


def test_check_names_typed_numbers_and_comments_that_end_a_paragraph(
    figures_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, "It is right in 85 %, or\n<!-- = percent persons/accuracy --><!-- / --> of all.")
    assert card.main([str(figures_file), str(path)]) == 0
    assert card.main([str(figures_file), str(path), "--check"]) == 1
    told = capsys.readouterr().err
    assert "the number '85 %'" in told and "card.md:3: begins with a comment" in told


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("<!-- = rate persons/recal/ahead --><!-- / -->", "The nearest are: persons/recall/ahead"),
        ("<!-- = ratio persons/accuracy --><!-- / -->", "There are: rate, rate-of"),
        ("<!-- = points persons/accuracy --><!-- / -->", "cannot be written as 'points'"),
        ("<!-- = rate persons/accuracy -->", "needs a <!-- / -->"),
    ],
)
def test_place_that_cannot_be_filled_leaves_the_card_alone(
    figures_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str, told: str
) -> None:
    path = written(tmp_path, place)
    before = path.read_text()
    assert card.main([str(figures_file), str(path)]) == 2
    assert told in capsys.readouterr().err and path.read_text() == before


@pytest.mark.parametrize(
    ("form", "keys", "en", "ja"),
    [
        ("rate", "a", "50.0 % [20.0, 80.0]", "50.0 % [20.0, 80.0]"),
        ("rate", "none", "no images", "画像なし"),
        ("rate-of", "a", "50.0 % [20.0, 80.0] of 10", "10 枚の 50.0 % [20.0, 80.0]"),
        ("count", "a", "5 of 10", "10 枚中 5 枚"),
        ("points", "test/accuracy", "+5.0 points [+1.0, +9.0]", "+5.0 ポイント [+1.0, +9.0]"),
        ("verdict", "test/accuracy", "better by more than chance", "偶然を超えて良い"),
        ("range", "a b", "50 to 62 %", "50〜62 %"),
        ("number", "big", "3,063", "3,063"),
        ("share", "part", "20 %", "20 %"),
        ("decimal", "kappa", "0.91 [0.86, 0.96]", "0.91 [0.86, 0.96]"),
        ("count", "list/label=x,answer=y", "1 of 4", "4 枚中 1 枚"),
    ],
)
def test_figure_is_written_in_both_languages(form: str, keys: str, en: str, ja: str) -> None:
    known: dict[str, Any] = {
        "a": {"k": 5, "n": 10, "value": 0.5, "interval": [0.2, 0.8]},
        "b": {"value": 0.62, "interval": [0.5, 0.7]},
        "none": {"k": 0, "n": 0, "value": None, "interval": None},
        "test": PAIRED,
        "big": 3063,
        "part": 0.2,
        "kappa": {"value": 0.914, "interval": [0.857, 0.96]},
        "list": [{"label": "x", "answer": "z", "k": 3, "n": 4}, {"label": "x", "answer": "y", "k": 1, "n": 4}],
    }
    assert wording.written(form, keys.split(), known, "en") == en
    assert wording.written(form, keys.split(), known, "ja") == ja


def test_few_groups_allow_no_verdict() -> None:
    known = {"test": {**PAIRED, "groups": 3}}
    assert wording.written("verdict", ["test/accuracy"], known, "en") == "too few groups to tell"


def test_pictures_are_counted_by_label_camera_and_person(tmp_path: Path, run_folder: Path) -> None:
    pictures = tmp_path / "pictures"
    for label in ("ahead", "down"):
        (pictures / label).mkdir(parents=True)
        for i in range(3):
            (pictures / label / f"{i}.jpg").write_bytes(b"never read")
    lines = [f"ahead/{i}.jpg,ahead,room,p{i // 2}" for i in range(3)]
    (pictures / "manifest.csv").write_text("file,label,camera,person\n" + "\n".join(lines) + "\n")
    out = tmp_path / "figures.json"
    assert figures.main(["--persons", str(run_folder), "--pictures", f"all={pictures}", "--out", str(out)]) == 0
    counted = json.loads(out.read_text())["all"]
    assert counted["pictures"] == 6 and counted["camera"]["room"]["label"]["ahead"] == {"pictures": 3, "persons": 2}


def test_sources_are_refused_with_the_reason(run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = ["--out", str(tmp_path / "figures.json")]
    (tmp_path / "list.json").write_text("[]")
    for arguments, told in [
        (["--persons", str(tmp_path)], "split.csv is missing"),
        (["--persons", str(run_folder), "--documents", f"persons={tmp_path / 'list.json'}"], "must hold one JSON object"),
        (["--persons", str(run_folder), "--documents", str(tmp_path / "none.json")], "cannot be read as JSON"),
    ]:
        assert figures.main([*arguments, *out]) == 2
        assert told in capsys.readouterr().err
    (tmp_path / "report.json").write_text("{}")
    with pytest.raises(DataError, match="Two sources are called persons"):
        figures.gather(figures.measure(run_folder, [], ""), [("persons", tmp_path / "report.json")], [])


def test_card_without_markers_is_left_alone(figures_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "card.md").write_text("no markers")
    assert card.main([str(figures_file), str(tmp_path / "card.md")]) == 2
    assert "the tables go between them" in capsys.readouterr().err and (tmp_path / "card.md").read_text() == "no markers"


def test_bundled_cards_say_what_the_bundled_figures_say(capsys: pytest.CaptureFixture[str]) -> None:
    status = card.main([str(MODELS / "attitude.figures.json"), *map(str, CARDS), "--check"])
    assert status == 0, capsys.readouterr().err


def test_bundled_reports_and_runs_tell_of_the_same_answers() -> None:
    known = figures.read(MODELS / "attitude.figures.json")
    tests = figures.tests_of(known)
    compared = [("persons", "report"), *((name, f"report-{name}") for name in tests if f"report-{name}" in known)]
    assert len(compared) == 5
    for test, report in compared:
        assert tests[test]["confusion"] == known[report]["confusion"], test
