"""The evaluation command on generated pictures: what it writes, what it refuses, and what it does not lose."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from inference.errors import DataError
from tests.conftest import MakeModel, MakePhoto
from tests.shared import shared
from training.evaluate import files_of, main
from training.report_page import warnings
from training.report_texts import ENGLISH, JAPANESE

LIME = (0, 255, 0)


@pytest.fixture
def colours(tmp_path: Path, make_photo: MakePhoto) -> Path:
    """12 pictures of two cameras; two of the reds are really green, so the tiny model is wrong about them."""
    rows = []
    for label, colour in (("red", "red"), ("green", "lime"), ("blue", "blue")):
        for i in range(4):
            wrong = label == "red" and i < 2
            make_photo(f"data/{label}/{i}.png", LIME if wrong else colour, (40 + 30 * i, 48))
            rows.append([f"{label}/{i}.png", label, "ab"[i % 2], f"p{i // 2}-{label}", "front" if i % 2 else "side"])
    folder = tmp_path / "data"
    with (folder / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["file", "label", "camera", "person", "view"], *rows])
    return folder


def evaluate(model: Path, data: Path, output: Path, *more: str, pages: bool = False) -> dict:
    """What `report.json` holds; without `pages` the plots, which take seconds, are not drawn."""
    with pytest.MonkeyPatch.context() as patch:
        if not pages:
            patch.setattr("training.report_page.write_pages", lambda *_arguments, **_more: None)
        assert main([str(model), str(data), "--output", str(output), *more]) == 0
    return json.loads((output / "report.json").read_text(encoding="utf-8"))


def test_report_says_what_the_model_answered(tiny_model: Path, colours: Path, tmp_path: Path) -> None:
    content = evaluate(tiny_model, colours, tmp_path / "out", "--by", "view")
    assert (content["n"], content["persons"], content["accuracy"]["k"]) == (12, 6, 10)
    assert content["confusion"] == [[2, 2, 0], [0, 4, 0], [0, 0, 4]]
    assert content["precision"]["green"]["value"] == pytest.approx(4 / 6, abs=1e-4)
    assert content["recall"]["red"]["value"] == 0.5 and content["f1"]["red"]["value"] == pytest.approx(2 / 3, abs=1e-4)
    assert [(p["label"], p["answer"], p["k"]) for p in content["pairs"]] == [("red", "green", 2)]
    assert {name: part["accuracy"]["k"] for name, part in content["camera"].items()} == {"a": 5, "b": 5}
    assert content["conditions"].keys() == {"size", "sharpness", "brightness", "view"}
    assert sum(part["accuracy"]["n"] for part in content["conditions"]["size"].values()) == 12
    assert set(content["conditions"]["view"]) == {"front", "side"}


def test_pages_stand_alone_in_both_languages(tiny_model: Path, colours: Path, tmp_path: Path) -> None:
    evaluate(tiny_model, colours, tmp_path / "out", "--explain", "occlusion", pages=True)
    for file, words in (("report.html", "Balanced accuracy"), ("report.ja.html", "均衡正解率")):
        page = (tmp_path / "out" / file).read_text(encoding="utf-8")
        assert words in page and "83.3 %" in page and "data:image/svg+xml" in page
        assert "http://" not in page.replace("http://www.w3.org", "") and "https://" not in page and "<script" not in page
        assert "data:image/jpeg" not in page  # the report shows no person; the page of mistakes does
        assert str(tmp_path) not in page
    mistakes = (tmp_path / "out" / "mistakes.html").read_text(encoding="utf-8")
    assert mistakes.count('class="card"') == 2 and mistakes.count("data:image/jpeg") == 4
    assert 'href="../data/red/0.png"' in mistakes


def test_no_pictures_are_written_when_none_are_wanted(tiny_model: Path, colours: Path, tmp_path: Path) -> None:
    evaluate(tiny_model, colours, tmp_path / "out", "--mistakes", "0")
    assert not list((tmp_path / "out").glob("mistakes*"))


def test_corrupt_and_unlabelled_pictures_are_counted_and_named(
    tiny_model: Path, colours: Path, tmp_path: Path, make_photo: MakePhoto
) -> None:
    (colours / "green/1.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    make_photo("data/loose.png", "red")
    for file in (colours / "blue").iterdir():  # a class that the test lacks, in the same report
        file.unlink()
    manifest = colours / "manifest.csv"
    manifest.write_text("".join(line for line in manifest.read_text().splitlines(keepends=True) if "blue" not in line))
    content = evaluate(tiny_model, colours, tmp_path / "out", pages=True)
    assert content["n"] == 7 and [f["file"] for f in content["failures"]] == ["green/1.png"]
    assert content["unlabelled"] == ["loose.png"]
    page = (tmp_path / "out/report.html").read_text(encoding="utf-8")
    assert "1 pictures could not be read" in page and "green/1.png" in page and "loose.png" in page
    assert "No pictures of blue" in page and "no images" in page
    assert "写真なし" in (tmp_path / "out/report.ja.html").read_text(encoding="utf-8")


def test_absent_class_has_no_images_instead_of_a_recall(tiny_model: Path, colours: Path, tmp_path: Path) -> None:
    for file in (colours / "blue").iterdir():
        file.unlink()
    (colours / "manifest.csv").unlink()
    content = evaluate(tiny_model, colours, tmp_path / "out")
    assert content["recall"]["blue"] == {"k": 0, "n": 0, "value": None, "lo": None, "hi": None, "cluster": None, "interval": None}
    assert content["balanced_accuracy"]["value"] == pytest.approx((0.5 + 1) / 2)


def test_single_picture_is_scored_and_claims_nothing(tiny_model: Path, tmp_path: Path, make_photo: MakePhoto) -> None:
    make_photo("one/red/a.png", "red")
    content = evaluate(tiny_model, tmp_path / "one", tmp_path / "out")
    assert (content["n"], content["accuracy"]["value"]) == (1, 1.0)
    assert content["accuracy"]["interval"][0] < 0.3 and content["balanced_accuracy"]["interval"][0] < 0.3


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main([str(argument) for argument in arguments]) == 2
    return capsys.readouterr().err


def test_differing_classes_are_both_listed(
    tiny_model: Path, colours: Path, tmp_path: Path, make_photo: MakePhoto, capsys: pytest.CaptureFixture[str]
) -> None:
    make_photo("data/purple/a.png", "purple")
    message = refused(capsys, tiny_model, colours, "--output", tmp_path / "out")
    assert "The model has: red, green, blue." in message and "has: blue, green, purple, red." in message


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (lambda d: (d / "manifest.csv").write_text("file,label\nred/9.png,red\n"), "not there"),
        (lambda d: (d / "manifest.csv").write_text("file,label\nred/1.png,blue\n"), "but it lies in"),
        (lambda d: [f.write_bytes(b"no picture") for f in d.glob("*/*.png")], "None of the 12 pictures can be read"),
    ],
)
def test_unusable_folders_are_refused(
    break_it, says: str, tiny_model: Path, colours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    break_it(colours)
    assert says in refused(capsys, tiny_model, colours, "--output", tmp_path / "out")


def test_pictures_without_any_label_are_refused(
    tiny_model: Path, tmp_path: Path, make_photo: MakePhoto, capsys: pytest.CaptureFixture[str]
) -> None:
    make_photo("flat/a.png")
    assert "has a label" in refused(capsys, tiny_model, tmp_path / "flat", "--output", tmp_path / "out")


def test_unknown_column_and_gradients_of_an_onnx_file_are_refused(
    tiny_model: Path, colours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no column age" in refused(capsys, tiny_model, colours, "--output", tmp_path / "out", "--by", "age")
    assert "an ONNX file has none" in refused(capsys, tiny_model, colours, "--output", tmp_path / "out", "--explain", "gradcam")


def test_side_without_a_split_is_refused(
    tiny_model: Path, colours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "give --split" in refused(capsys, tiny_model, colours, "--output", tmp_path / "out", "--side", "train")


def test_finder_is_no_classifier(tiny_finder: Path, colours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "finder" in refused(capsys, tiny_finder, colours, "--output", tmp_path / "out")


def test_model_of_several_labels_is_not_judged_by_one(
    make_model: MakeModel, colours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make_model(activation="sigmoid", thresholds=(0.5, 0.5, 0.5))
    assert "gives several labels at once" in refused(capsys, model, colours, "--output", tmp_path / "out")


def test_split_chooses_the_test_and_names_what_trained(tiny_model: Path, colours: Path, tmp_path: Path) -> None:
    split = tmp_path / "split.csv"
    sides = [f"{label}/{i}.png,{'train' if i < 2 else 'test'}" for label in ("red", "green", "blue") for i in range(4)]
    split.write_text("file,side\n" + "\n".join(sides) + "\n")
    test = evaluate(tiny_model, colours, tmp_path / "test", "--split", str(split))
    assert (test["n"], test["accuracy"]["k"], test["seen"]["trained"]) == (6, 6, 0)
    train = evaluate(tiny_model, colours, tmp_path / "train", "--split", str(split), "--side", "train")
    assert train["seen"]["trained"] == 6
    assert "6 of the 6 pictures trained this model (split.csv)" in warnings(train, "en")[0]


def test_split_is_read_as_a_run_reads_it(tmp_path: Path) -> None:
    split = tmp_path / "split.csv"
    split.write_text("file,side\na.png,test\n", encoding="utf-8-sig")
    assert files_of(split, "test") == {"a.png"}
    split.write_bytes("file,side\n写真.png,test\n".encode("shift-jis"))
    with pytest.raises(DataError, match="UTF-8"):
        files_of(split, "test")


def test_least_score_of_the_model_is_reported(make_model: MakeModel, colours: Path, tmp_path: Path) -> None:
    content = evaluate(make_model(least_score=0.6), colours, tmp_path / "out")
    assert content["uncertain"]["least_score"] == 0.6 and content["uncertain"]["answered"]["n"] == 12


def test_figures_agree_with_an_independent_scorer(tiny_model: Path, colours: Path, tmp_path: Path) -> None:
    scorer = shared("tools/eval_classifier.py")
    content = evaluate(tiny_model, colours, tmp_path / "out")
    command = [sys.executable, str(scorer), str(tmp_path / "out/predictions.csv"), str(colours / "manifest.csv")]
    command += ["--classes", "red,green,blue"]
    other = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert other["confusion"] == content["confusion"]
    for name in ("balanced_accuracy", "macro_f1"):
        assert other[name]["value"] == content[name]["value"]
    for name in ("k", "n", "value", "lo", "hi"):
        assert other["accuracy"][name] == content["accuracy"][name]
        assert [other["recall"][c][name] for c in other["classes"]] == [content["recall"][c][name] for c in content["classes"]]
        assert other["precision"]["green"][name] == content["precision"]["green"][name]
        assert other["camera_accuracy"]["a"][name] == content["camera"]["a"]["accuracy"][name]


def test_every_sentence_is_there_in_both_languages() -> None:
    assert ENGLISH.keys() == JAPANESE.keys()
    fields = {key: sorted(part.split("}")[0].split(":")[0] for part in text.split("{")[1:]) for key, text in ENGLISH.items()}
    for key, text in JAPANESE.items():
        assert sorted(part.split("}")[0].split(":")[0] for part in text.split("{")[1:]) == fields[key], key
