"""What the Model page says."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard import model
from dashboard.model_card import model_card
from inference import Classifier, TaidoError
from inference.finder import Finder

MakeModel = Callable[..., Path]


def test_model_page_shows_file_classes_size_provider_and_scores(make_model: MakeModel) -> None:
    names = ("looking-ahead", "hand-raised", "sleep")
    path = make_model(class_names=names, measured={"test": {"accuracy": 0.9123456, "interval": [0.9, 0.92], "images": 800}})
    html = model.show(Classifier(path, provider="cpu"), None, "en")
    for expected in ("tiny.onnx", "Looking ahead, hand-raised, Sleeping", "32 × 32 pixels", "CPU", "mean-colour", "Apache-2.0"):
        assert expected in html
    for expected in ("test, accuracy", "0.9123", "[0.9, 0.92]", "800"):
        assert expected in html


def test_model_page_shows_each_test_with_images_and_intervals(make_model: MakeModel) -> None:
    rate = {"value": 0.812, "lo": 0.7, "hi": 0.9}
    common = {"images": 446, "persons": 123, "accuracy": rate, "balanced_accuracy": {"value": 0.6, "lo": 0.5, "hi": 0.65}}
    tests = [{"camera": "", "without": "", **common}, {"camera": "hall", "without": "", **common}]
    classifier = Classifier(make_model(measured={"tests": tests}), provider="cpu")
    english = model.show(classifier, None, "en")
    assert "Camera it had not seen: hall" in english
    assert "accuracy 81% (95 % interval 70% to 90%), balanced over the attitudes 60% (50% to 65%); 446 pictures" in english
    assert "学習していないカメラ: hall" in model.show(classifier, None, "ja")


def test_model_page_says_of_a_variant_how_its_answers_differ(make_model: MakeModel) -> None:
    rate = {"value": 0.8, "lo": 0.7, "hi": 0.9}
    test = {"camera": "", "without": "", "images": 9, "persons": 3, "accuracy": rate, "balanced_accuracy": rate}
    variant = {"precision": "int8", "changed": 7, "images": 446, "drop": -0.009, "drop_interval": [-0.025, 0.006]}
    classifier = Classifier(make_model(measured={"tests": [test], "variant": variant}), provider="cpu")
    english, japanese = (model.show(classifier, None, language) for language in ("en", "ja"))
    assert "This file is the int8 variant" in english and "Training may have seen" in english
    unseen = Classifier(make_model(measured={"tests": [test], "variant": variant | {"images_that_trained": 0}}), provider="cpu")
    assert "Training may have seen" not in model.show(unseen, None, "en")
    assert "7 of 446 answers differ; balanced accuracy +0.9 points (95 % interval -0.6 to +2.5)" in english
    assert "446 枚中 7 枚で答えが変わります" in japanese and "+0.9 ポイント(95 % 区間 -0.6〜+2.5)" in japanese


def test_model_page_says_of_a_variant_of_a_finder_what_it_loses(tiny_model: Path, make_finder: MakeModel) -> None:
    interval = {"f1": [0.85, 0.9], "ap50": [0.68, 0.74]}
    test = {"camera": "hall", "frames": 73, "students": 1800, "ap50": 0.71, "f1": 0.8876, "interval": interval}
    variant = {
        "precision": "int8",
        "images": 420,
        "boxes": 9000,
        "lost": 50,
        "added": 70,
        "f1_drop": 0.0,
        "f1_drop_interval": [-0.002, 0.001],
    }
    finder = Finder(make_finder(measured={"tests": [test], "variant": variant}), provider="cpu")
    english = model.show(Classifier(tiny_model, provider="cpu"), finder, "en")
    assert "of 9000 boxes in 420 frames 50 are lost and 70 added; centre F1 +0.0 points (95 % interval -0.1 to +0.2)" in english
    assert "枠 9000 個のうち 50 個がなくなり" in model.show(Classifier(tiny_model, provider="cpu"), finder, "ja")


def test_model_page_does_not_count_pictures_of_unknown_persons_as_persons(make_model: MakeModel) -> None:
    rate = {"value": 0.9, "lo": 0.8, "hi": 0.95}
    test = {"camera": "hall", "images": 673, "persons": 673, "accuracy": rate, "balanced_accuracy": rate}
    classifier = Classifier(make_model(measured={"tests": [test]}), provider="cpu")
    assert "673 pictures, each taken as another person" in model.show(classifier, None, "en")
    assert "673 人" not in model.show(classifier, None, "ja")


def test_model_page_says_nothing_of_minus_zero(make_model: MakeModel) -> None:
    test = {"camera": "a", "frames": 1, "students": 2, "ap50": 0.5, "f1": 0.5, "interval": {"f1": [0, 1], "ap50": [0, 1]}}
    variant = {"precision": "int8", "images": 2, "boxes": 3, "lost": 0, "added": 0, "f1_drop": 0.0002}
    classifier = Classifier(make_model(measured={"tests": [test], "variant": variant | {"f1_drop_interval": [0.0, 0.0004]}}))
    assert "+0.0 points (95 % interval +0.0 to +0.0)" in model.show(classifier, None, "en")


def test_licence_of_the_bundled_weights_is_told_in_the_language_of_the_page(make_model: MakeModel) -> None:
    bundled = make_model(licence="evaluation and research only, see models/README.md")
    assert "評価と研究のためだけ" in model.show(Classifier(bundled, provider="cpu"), None, "ja")
    other = make_model(licence="CC BY 4.0")
    assert "CC BY 4.0" in model.show(Classifier(other, provider="cpu"), None, "ja")


def test_model_card_has_no_line_that_only_leads_to_another_file(make_model: MakeModel) -> None:
    path = make_model()
    path.with_name("README.md").write_text("# Card\n\n[日本語](README.ja.md)\n\nText\n", encoding="utf-8")
    assert model_card(Classifier(path, provider="cpu")).split() == ["#", "Card", "Text"]


def test_variant_of_a_finder_has_the_card_of_the_full_file(make_finder: MakeModel) -> None:
    path = make_finder()
    path = path.rename(path.with_name("hall-int8.onnx"))
    path.with_name("hall.md").write_text("# Hall", encoding="utf-8")
    path.with_name("hall.ja.md").write_text("# 講堂", encoding="utf-8")
    finder = Finder(path, provider="cpu")
    assert model_card(finder) == "# Hall"
    assert model_card(finder, "ja") == "# 講堂"


def test_model_page_says_when_nothing_was_measured(tiny_model: Path) -> None:
    assert "no measured scores" in model.show(Classifier(tiny_model, provider="cpu"), None, "en")
    assert "測定結果はありません" in model.show(Classifier(tiny_model, provider="cpu"), None, "ja")


def test_model_info_is_the_fact_sheet(tiny_model: Path) -> None:
    classifier = Classifier(tiny_model, provider="cpu")
    expected = {"file": "tiny.onnx", "provider": "cpu", "spec": dataclasses.asdict(classifier.spec), "finder": None}
    assert model.info(classifier) == expected


def test_model_info_has_the_fact_sheet_of_the_finder(tiny_model: Path, tiny_finder: Path) -> None:
    finder = Finder(tiny_finder, provider="cpu")
    expected = {"file": "tiny-finder.onnx", "provider": "cpu", "spec": dataclasses.asdict(finder.spec), "threshold": 0.6}
    assert model.info(Classifier(tiny_model, provider="cpu"), finder)["finder"] == expected


def test_model_page_shows_the_finder_with_its_scores_per_camera(tiny_model: Path, make_finder: MakeModel) -> None:
    interval = {"f1": [0.85, 0.9], "ap50": [0.68, 0.74]}
    test = {"camera": "hall", "frames": 73, "students": 1800, "ap50": 0.71, "f1": 0.8876, "interval": interval}
    finder = Finder(make_finder(measured={"tests": [test]}), provider="cpu")
    english = model.show(Classifier(tiny_model, provider="cpu"), finder, "en")
    for expected in ("tiny-finder.onnx", "bright-cells", "48 × 32 pixels", "0.60", "Camera it had not seen: hall"):
        assert expected in english
    assert "AP50 0.710 (95 % interval 0.680 to 0.740), centre F1 0.888 (0.850 to 0.900); 73 frames, 1800 students" in english
    assert "AP50 0.710" in model.show(Classifier(tiny_model, provider="cpu"), finder, "ja")


@pytest.mark.parametrize("tests", [[], {}, ["none"], [{"camera": "hall", "rate": 0.5}]])
def test_model_page_lists_results_of_a_kind_it_does_not_know(make_model: MakeModel, tests: object) -> None:
    classifier = Classifier(make_model(measured={"tests": tests, "other": 0.25}), provider="cpu")
    assert "0.25" in model.show(classifier, None, "en")


def test_model_card_loses_front_matter_and_pictures(make_model: MakeModel) -> None:
    path = make_model()
    path.with_name("README.md").write_text(
        "---\nlicense: x\n---\n# Card\n![plot](https://example.com/p.png) <img src='https://example.com/q.png'> text"
        " [other](README.ja.md) [source](https://example.org/x) [below](#below)\n",
        encoding="utf-8",
    )
    card = model_card(Classifier(path, provider="cpu"))
    assert card.startswith("# Card\nplot")
    assert "example.com" not in card
    assert "text other [source](https://example.org/x) [below](#below)" in " ".join(card.split())


def test_model_card_is_optional_but_must_be_readable(make_model: MakeModel) -> None:
    path = make_model()
    assert model_card(Classifier(path, provider="cpu")) == ""
    path.with_name("README.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TaidoError, match="model card"):
        model_card(Classifier(path, provider="cpu"))
