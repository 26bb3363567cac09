"""What the Model page says."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard import model
from inference import Classifier, TaidoError

MakeModel = Callable[..., Path]


def test_model_page_shows_file_classes_size_provider_and_scores(make_model: MakeModel) -> None:
    names = ("looking-ahead", "hand-raised", "sleep")
    path = make_model(class_names=names, measured={"test": {"accuracy": 0.9123456, "interval": [0.9, 0.92], "images": 800}})
    html = model.show(Classifier(path, provider="cpu"), "en")
    for expected in ("tiny.onnx", "Looking ahead, hand-raised, Sleeping", "32 × 32 pixels", "CPU", "mean-colour", "Apache-2.0"):
        assert expected in html
    for expected in ("test, accuracy", "0.9123", "[0.9, 0.92]", "800"):
        assert expected in html


def test_model_page_shows_each_test_with_images_and_intervals(make_model: MakeModel) -> None:
    rate = {"value": 0.812, "lo": 0.7, "hi": 0.9}
    common = {"images": 446, "persons": 123, "accuracy": rate, "balanced_accuracy": {"value": 0.6, "lo": 0.5, "hi": 0.65}}
    tests = [{"camera": "", "without": "", **common}, {"camera": "hall", "without": "", **common}]
    classifier = Classifier(make_model(measured={"tests": tests}), provider="cpu")
    english = model.show(classifier, "en")
    assert "Camera it had not seen: hall" in english
    assert "accuracy 81% (95 % interval 70% to 90%), balanced over the attitudes 60% (50% to 65%); 446 pictures" in english
    assert "学習していないカメラ: hall" in model.show(classifier, "ja")


def test_model_page_says_when_nothing_was_measured(tiny_model: Path) -> None:
    assert "no measured scores" in model.show(Classifier(tiny_model, provider="cpu"), "en")
    assert "測定結果はありません" in model.show(Classifier(tiny_model, provider="cpu"), "ja")


def test_model_info_is_the_fact_sheet(tiny_model: Path) -> None:
    classifier = Classifier(tiny_model, provider="cpu")
    expected = {"file": "tiny.onnx", "provider": "cpu", "spec": dataclasses.asdict(classifier.spec)}
    assert model.info(classifier) == expected


def test_model_card_loses_front_matter_and_pictures(make_model: MakeModel) -> None:
    path = make_model()
    path.with_name("README.md").write_text(
        "---\nlicense: x\n---\n# Card\n![plot](https://example.com/p.png) <img src='https://example.com/q.png'> text\n",
        encoding="utf-8",
    )
    card = model.model_card(Classifier(path, provider="cpu"))
    assert card.startswith("# Card\nplot")
    assert "example.com" not in card


def test_model_card_is_optional_but_must_be_readable(make_model: MakeModel) -> None:
    path = make_model()
    assert model.model_card(Classifier(path, provider="cpu")) == ""
    path.with_name("README.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TaidoError, match="model card"):
        model.model_card(Classifier(path, provider="cpu"))
