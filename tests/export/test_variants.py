"""fp16 and int8 files: each beside the fp32 one if its gate lets it, else not there at all and the reason told."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import helper, numpy_helper

from export import comparing, held_out, variants
from export.__main__ import main
from export.decisions import TOLERANCES, Decisions, compare, refusal
from inference.classifier import Classifier
from inference.errors import DataError
from inference.spec import INPUT_NAME, OUTPUT_NAME
from tests.training.conftest import write_picture
from training import checkpoint
from training.config import TrainConfig
from training.data import Sample
from training.model import create

NAMES = ("ahead", "down", "phone")
COLOURS = {"ahead": (220, 60, 60), "down": (60, 220, 60), "phone": (60, 60, 220)}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that tells the three colours apart, found by least squares on its features, not by training."""
    torch.manual_seed(0)
    model = create(TrainConfig(data="", model="test_efficientnet", img_size=32, fit="squash"), NAMES).eval()
    frames = torch.tensor([COLOURS[name] for name in NAMES], dtype=torch.uint8).view(3, 1, 1, 3).expand(3, 32, 32, 3)
    head = model.network.get_classifier()
    with torch.no_grad():
        pixels = (frames.permute(0, 3, 1, 2).float() - model.mean) / model.std
        features = model.network.forward_head(model.network.forward_features(pixels), pre_logits=True)
        centred = features - features.mean(0)
        head.weight.copy_(6 * torch.linalg.pinv(centred).T)
        head.bias.copy_(-head.weight @ features.mean(0))
    path = tmp_path_factory.mktemp("run") / "model_best.pth.tar"
    checkpoint.save(path, model, TrainConfig(data=""))
    return path


@pytest.fixture(scope="module")
def exported(source: Path, judging: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fp32 file of `source`."""
    out = tmp_path_factory.mktemp("exported") / "fp32.onnx"
    assert main([str(source), "--out", str(out), "--verify", str(judging)]) == 0
    return out


def folder_of(place: Path, persons: range) -> Path:
    """Four pictures of each person, one person in three per class, with a manifest that names them."""
    rows = []
    for person in persons:
        name = NAMES[person % 3]
        for i in range(4):
            file = f"{name}/{person:02}-{i}.png"
            write_picture(place / file, COLOURS[name], seed=10 * person + i, size_hw=(40, 36 + i))
            rows.append({"file": file, "label": name, "camera": "room", "person": f"p{person}"})
    with (place / "manifest.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, ["file", "label", "camera", "person"])
        table.writeheader()
        table.writerows(rows)
    return place


@pytest.fixture(scope="module")
def calibrating(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of(tmp_path_factory.mktemp("calibrating"), range(9))


@pytest.fixture(scope="module")
def judging(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of(tmp_path_factory.mktemp("judging"), range(20, 29))


def test_variants_stand_beside_the_fp32_file_and_say_what_they_are(
    source: Path, calibrating: Path, judging: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "models" / "attitude.onnx"
    arguments = ["--variants", "fp32,fp16,int8", "--calibrate", str(calibrating), "--verify", str(judging)]
    assert main([str(source), "--out", str(out), *arguments]) == 0
    told = json.loads(capsys.readouterr().out)["variants"]
    assert [entry["precision"] for entry in told] == ["fp32", "fp16", "int8"]
    assert sorted(p.name for p in out.parent.iterdir()) == ["attitude-fp16.onnx", "attitude-int8.onnx", "attitude.onnx"]
    sizes = [entry["bytes"] for entry in told]
    assert sizes[0] > sizes[1] and sizes[0] > sizes[2]
    fp32, int8 = (Classifier(out.parent / name, provider="cpu") for name in ("attitude.onnx", "attitude-int8.onnx"))
    assert int8.spec.measured["variant"]["precision"] == "int8" and int8.spec.measured["variant"]["images"] == 36
    assert int8.spec.replace(measured={}) == fp32.spec
    assert {node.op_type for node in onnx.load(int8.path).graph.node} & {"QuantizeLinear", "QLinearConv"}
    assert {(trial["form"], trial["calibration"]) for trial in told[2]["trials"]} >= {("QDQ", "minmax"), ("QOperator", "minmax")}


def test_variants_are_made_of_an_exported_file_too(exported: Path, judging: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.onnx"
    assert main([str(exported), "--out", str(out), "--variants", "fp16", "--verify", str(judging)]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["m-fp16.onnx"]


def test_variant_that_fails_its_gate_is_kept_out_and_replaces_nothing_silently(
    exported: Path,
    judging: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def ruined(model: onnx.ModelProto) -> onnx.ModelProto:
        for tensor in model.graph.initializer:
            if tensor.name.endswith("classifier.weight"):
                tensor.CopyFrom(numpy_helper.from_array(np.roll(numpy_helper.to_array(tensor), 1, axis=0), tensor.name))
        return model

    monkeypatch.setattr(variants, "half", ruined)
    out = tmp_path / "models" / "m.onnx"
    out.parent.mkdir()
    (out.parent / "m-fp16.onnx").write_bytes(b"of an earlier network")
    assert main([str(exported), "--out", str(out), "--variants", "fp16", "--verify", str(judging)]) == 1
    captured = capsys.readouterr()
    assert "m-fp16.onnx: " in captured.err and "answers differ" in captured.err
    assert json.loads(captured.out)["variants"][0]["model"] is None
    assert not list(out.parent.iterdir())


def test_calibration_folder_that_is_too_small_ends_with_a_message(
    exported: Path, judging: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = folder_of(tmp_path / "few", range(3))
    arguments = ["--variants", "int8", "--calibrate", str(few), "--verify", str(judging)]
    assert main([str(exported), "--out", str(tmp_path / "m.onnx"), *arguments]) == 2
    assert "at least 32 pictures" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.onnx"))


def test_int8_without_calibration_and_unknown_variants_are_refused(
    exported: Path, judging: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = [str(exported), "--out", str(tmp_path / "m.onnx"), "--verify", str(judging)]
    assert main([*common, "--variants", "int8"]) == 2
    assert "--calibrate" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*common, "--variants", "int4"])


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--variants", "fp32"], "is the fp32 file"),
        (["--variants", "fp32,fp16"], "is the fp32 file"),
        (
            ["--variants", "fp16", "--licence", "mine", "--crop-margin", "0"],
            "--licence, --crop-margin: variants have the fact sheet",
        ),
        (["--calibrate", "."], "--calibrate is for int8"),
        (["--variants", "fp16", "--calibrate", "."], "--calibrate is for int8"),
        (["--split", "split.csv"], "--split is for --variants"),
    ],
)
def test_flags_that_would_change_nothing_are_refused(
    flags: list[str], message: str, exported: Path, judging: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(exported), "--out", str(tmp_path / "m.onnx"), "--verify", str(judging), *flags]) == 2
    assert message in capsys.readouterr().err


def test_nobody_calibrates_and_judges() -> None:

    apart = held_out._apart(*[[Sample(f"{p}-{i}", Path(), "ahead", f"p{p}", "") for p in range(12) for i in range(2)]] * 2)
    assert {s.person for s in apart[0]}.isdisjoint({s.person for s in apart[1]})
    assert len({s.person for s in apart[0]}) == 3 and len({s.person for s in apart[1]}) == 9


def test_split_of_the_run_decides_who_judges(calibrating: Path, tmp_path: Path) -> None:
    with (calibrating / "manifest.csv").open() as file:
        rows = list(csv.DictReader(file))
    split = tmp_path / "split.csv"
    with split.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "side"])
        table.writerows([row["file"], "test" if row["person"] == "p0" else "train"] for row in rows)
    parts = held_out.choose(calibrating, calibrating, NAMES, split)
    assert {s.person for s in parts.verification} == {"p0"}
    assert parts.trained == 0
    assert {s.person for s in parts.calibration} == {f"p{i}" for i in range(1, 9)}


@pytest.mark.parametrize(("name", "told"), [("manifest.csv", "lacks the column side"), ("none.csv", "no split")])
def test_split_that_is_none_is_refused(calibrating: Path, name: str, told: str) -> None:
    with pytest.raises(DataError, match=told):
        held_out.choose(None, calibrating, NAMES, calibrating / name)


def test_data_of_other_classes_is_refused(calibrating: Path) -> None:
    with pytest.raises(DataError, match="phone"):
        held_out.choose(None, calibrating, ("ahead", "down"), None)


def test_calibration_draws_every_class_camera_and_person_in_turn() -> None:
    many = [Sample(f"a{i}", Path(), "a", f"p{i % 2}", "x") for i in range(20)]
    few = [Sample(f"b{i}", Path(), "b", f"q{i}", "y") for i in range(2)]
    chosen = held_out.spread([*many, *few], 6)
    assert [s.label for s in chosen] == ["a", "b", "a", "b", "a", "a"]
    assert {s.person for s in chosen[:3]} == {"p0", "q0", "p1"}


@pytest.fixture
def judged() -> Callable[[list[int]], Decisions]:
    """`judged(answers)`: ten persons of two classes, the float file always right."""
    samples = [Sample(f"{i}", Path(), NAMES[i % 2], f"p{i}", "") for i in range(10)]
    right = np.eye(3)[[i % 2 for i in range(10)]]
    return lambda answers: compare(samples, NAMES, right, np.eye(3)[answers])


def test_equal_answers_lose_nothing(judged: Callable[[list[int]], Decisions]) -> None:
    decisions = judged([i % 2 for i in range(10)])
    assert (decisions.changed, decisions.drop, decisions.drop_interval) == (0, 0.0, (0.0, 0.0))
    assert refusal(decisions, TOLERANCES["fp16"]) is None


def test_lost_answers_are_counted_with_an_interval_over_persons(judged: Callable[[list[int]], Decisions]) -> None:
    decisions = judged([2, *(i % 2 for i in range(1, 10))])
    assert decisions.changed == 1 and decisions.persons == 10
    assert decisions.drop == pytest.approx(0.1)
    assert decisions.drop_interval[0] == 0.0 and 0.1 < decisions.drop_interval[1] <= 0.5


@pytest.mark.parametrize(("persons", "passes"), [(1, False), (5, False), (6, True)])
def test_too_few_persons_cannot_tell_so_the_variant_does_not_pass(persons: int, passes: bool) -> None:
    samples = [Sample(f"{i}", Path(), NAMES[i % 2], f"p{i // 2 % persons}", "") for i in range(200)]
    right = np.eye(3)[[i % 2 for i in range(200)]]
    decisions = compare(samples, NAMES, right, right)
    assert (decisions.as_dict()["drop_interval"] is None) == (persons == 1)
    said = refusal(decisions, TOLERANCES["int8"])
    assert said is None if passes else f"{persons} persons cannot tell" in str(said)


@pytest.mark.parametrize("wrong_alone", [True, False])
def test_answer_that_is_another_in_one_of_the_batches_counts_as_changed(
    tiny_model: Path, tmp_path: Path, wrong_alone: bool
) -> None:
    """The variant takes red for green where frames come alone, or where they come together."""
    model = onnx.load(tiny_model)
    model.graph.node[-1].output[0] = "steady"
    constants = {"other": np.array([1, 0, 2]), "first": np.array(0), "one": np.array(1)}
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())
    model.graph.node.extend(
        [
            helper.make_node("Shape", [INPUT_NAME], ["shape"]),
            helper.make_node("Gather", ["shape", "first"], ["count"]),
            helper.make_node("Equal", ["count", "one"], ["alone"]),
            helper.make_node("Gather", ["steady", "other"], ["wrong"], axis=1),
            helper.make_node("Where", ["alone", *(("wrong", "steady") if wrong_alone else ("steady", "wrong"))], [OUTPUT_NAME]),
        ]
    )
    onnx.save(model, tmp_path / "int8.onnx")
    frames = np.zeros((16, 32, 32, 3), np.uint8)
    frames[..., 0] = 255
    before = Classifier(tiny_model, provider="cpu").scores(frames)
    after = comparing._asked(tmp_path / "int8.onnx", frames, before)
    assert (after.argmax(1) != before.argmax(1)).sum() == 16
    assert (comparing._asked(tiny_model, frames, before).argmax(1) == before.argmax(1)).all()


@pytest.mark.parametrize(
    ("changed", "drop", "high", "difference", "reason"),
    [
        (5, 0.0, 0.0, 0.01, None),
        (6, 0.0, 0.0, 0.01, "6 of 100 answers differ (6.0%, allowed 5.0%); balanced accuracy falls by 0.0%"),
        (6, -0.049, 0.0, 0.01, "balanced accuracy rises by 4.9%"),
        (5, 0.011, 0.02, 0.01, "falls by"),
        (5, 0.0, 0.04, 0.01, "may fall"),
        (0, 0.0, 0.0, float("nan"), "no numbers"),
    ],
)
def test_refusal_names_what_is_too_much(changed: int, drop: float, high: float, difference: float, reason: str | None) -> None:
    decisions = Decisions(100, 20, changed, (0.8, 0.8 - drop), drop, (0.0, high), difference)
    said = refusal(decisions, TOLERANCES["int8"])
    assert said is None if reason is None else reason in str(said)
