"""Training the finder on rooms that the tests draw: bright students on a dark floor, two cameras."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from inference.errors import DataError, ModelError
from inference.spec import ModelSpec
from training import average, checkpoint, coco, finder_augment
from training.augment import Style
from training.config import FinderConfig
from training.finder import Parts, _sides, main
from training.finder_augment import part
from training.finder_model import FinderModel, create

SMALL = ["--model", "test_efficientnet", "--img-size", "96", "160", "--crop-size", "96", "--samples-per-epoch", "8", "-b", "4"]
HEAD = "network.head.classification_head.cls_logits.weight"
BRIGHTNESS = (range(30), range(170, 231))
"""Of two rooms of one grey each, after the noise and compression of a poor camera."""
LOAD = coco.load
MakeRooms = Callable[..., Path]


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "summary.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def make_rooms(tmp_path: Path) -> MakeRooms:
    """`make_rooms(cameras=("a", "b"), per_camera=2)` -> folder with images/ and annotations.json."""

    def make(name: str = "rooms", *, cameras: tuple[str, ...] = ("a", "b"), per_camera: int = 2, **changes: Any) -> Path:
        folder = tmp_path / name
        (folder / "images").mkdir(parents=True)
        rng = np.random.default_rng(0)
        images, annotations = [], []
        for i in range(len(cameras) * per_camera):
            picture = rng.integers(0, 60, (120, 200, 3), dtype=np.uint8)
            for k in range(4):
                x, y = 10 + 48 * k, int(rng.integers(5, 70))
                picture[y : y + 30, x : x + 24] = 230
                box = [float(x), float(y), 24.0, 30.0]
                annotations.append({"id": 10 * i + k, "image_id": i, "category_id": 1 if k else 2, "bbox": box})
            file = f"{i}.png"
            assert cv2.imwrite(str(folder / "images" / file), picture)
            images.append({"id": i, "file_name": file, "width": 200, "height": 120, "camera": cameras[i % len(cameras)]})
        categories = [{"id": 1, "name": "student"}, {"id": 2, "name": "lecturer"}]
        content = {"images": images, "annotations": annotations, "categories": categories} | changes
        (folder / "annotations.json").write_text(json.dumps(content))
        return folder

    return make


def run(folder: Path, tmp_path: Path, *more: str, name: str = "run") -> tuple[int, Path]:
    status = main([str(folder), *SMALL, "--output", str(tmp_path), "--experiment", name, "--device", "cpu", *more])
    return status, tmp_path / name


def test_run_writes_checkpoint_table_and_report(make_rooms: MakeRooms, tmp_path: Path) -> None:
    status, folder = run(make_rooms(), tmp_path, "--epochs", "2", "--leave-camera-out", "b")
    assert status == 0
    rows = table(folder)
    assert [row["epoch"] for row in rows] == ["0", "1"]
    report = json.loads((folder / "report.json").read_text())
    assert (report["camera"], report["frames"], report["students"]) == ("b", 2, 6)
    assert set(json.loads((folder / "detections.json").read_text())) == {"1.png", "3.png"}
    model = checkpoint.load(folder / "model_best.pth.tar")
    assert isinstance(model, FinderModel)
    assert (model.spec.task, model.spec.input_size_hw, model.spec.class_names) == ("find", (96, 160), ("student",))


def test_extra_frames_of_the_camera_left_out_do_not_train(
    make_rooms: MakeRooms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    loaded: list[list[str]] = []

    def load(frames: list[coco.Frame]) -> tuple[list[coco.Frame], list[np.ndarray]]:
        loaded.append([frame.camera for frame in frames])
        return LOAD(frames)

    monkeypatch.setattr(coco, "load", load)
    extra = make_rooms("extra", cameras=("b", "c+b", "c"))
    with caplog.at_level("INFO"):
        status, _ = run(make_rooms(), tmp_path, "--epochs", "1", "--leave-camera-out", "b", "--extra-frames", str(extra))
    assert status == 0
    assert loaded[0] == ["a", "a", "c", "c"]
    assert "4 of 6 extra frames show camera b" in caplog.text


def test_frame_that_shows_the_camera_left_out_beside_another_does_not_train(make_rooms: MakeRooms) -> None:
    frames = coco.read(make_rooms(cameras=("a", "b", "a+b")))
    training, test = _sides(frames, "a")
    assert ({frame.camera for frame in training}, {frame.camera for frame in test}) == ({"b"}, {"a"})
    assert _sides(frames, "") == (frames, [])


def test_finder_learns_to_find(make_rooms: MakeRooms, tmp_path: Path) -> None:
    more = ["--epochs", "6", "--samples-per-epoch", "48", "--zoom", "0.7", "1.2", "--leave-camera-out", "b"]
    _, folder = run(make_rooms(per_camera=3), tmp_path, *more, "--lr", "3e-3")
    losses = [float(row["train_loss"]) for row in table(folder)]
    assert losses[-1] < 0.7 * losses[0]
    assert json.loads((folder / "report.json").read_text())["f1_best"] > 0.5


def test_same_seed_gives_the_same_loss_and_resume_goes_on(make_rooms: MakeRooms, tmp_path: Path) -> None:
    folder = make_rooms()
    _, whole = run(folder, tmp_path, "--epochs", "2", "--sched", "none", "--model-ema", name="whole")
    _, part_ = run(folder, tmp_path, "--epochs", "1", "--sched", "none", "--model-ema", name="part")
    assert main(["--resume", str(part_ / "last.pth.tar"), "--epochs", "2"]) == 0, "the run's other settings are in its checkpoint"
    losses = [[row["train_loss"] for row in table(f)] for f in (whole, part_)]
    assert losses[1] == losses[0]
    weights = [checkpoint.read(f / "last.pth.tar")["weights"] for f in (whole, part_)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


@pytest.mark.parametrize("seed", range(8))
def test_boxes_go_with_the_pixels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture = np.zeros((120, 200, 3), np.uint8)
    picture[40:80, 60:130] = 255
    students = np.array([[60, 40, 130, 80]], np.float32)
    nobody = np.empty((0, 4), np.float32)
    for _ in range(20):
        pixels, boxes, _ = part(picture, students, nobody, rng, size=160, zoom=(0.5, 2.0), colour=0.0)
        if len(boxes) == 1:
            white = np.argwhere(pixels.min(axis=2) > 175)
            x0, y0, x1, y1 = boxes[0]
            seen = [white[:, 1].min(), white[:, 0].min(), white[:, 1].max() + 1, white[:, 0].max() + 1]
            assert np.abs(np.array(seen) - [x0, y0, x1, y1]).max() <= 3


def test_a_student_at_the_edge_of_the_part_is_ignored_and_not_background() -> None:
    rng = np.random.default_rng(0)
    picture = np.zeros((400, 400, 3), np.uint8)
    students = np.array([[0, 0, 400, 400]], np.float32)
    _, boxes, ignored = part(picture, students, np.empty((0, 4), np.float32), rng, size=96, zoom=(1.0, 1.0), colour=0.0)
    assert (len(boxes), len(ignored)) == (0, 1)


def test_a_part_takes_on_the_colours_of_another_camera_and_keeps_its_boxes() -> None:
    picture = np.random.default_rng(0).integers(0, 120, (120, 200, 3), dtype=np.uint8)
    students, nobody = np.array([[60, 40, 130, 80]], np.float32), np.empty((0, 4), np.float32)
    red = Style(200, np.array([220.0, 40, 40]), np.array([20.0, 20, 20]))
    redness = np.zeros((20, 2))
    places: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for seed, row in enumerate(redness):
        for column, style in enumerate((None, red)):
            rng = np.random.default_rng(seed)
            pixels, boxes, _ = part(picture, students, nobody, rng, size=96, zoom=(0.7, 1.5), colour=0.0, style=style)
            row[column] = float(pixels[..., 0].mean()) - float(pixels[..., 1:].mean())
            places[column].append(boxes)
        np.testing.assert_array_equal(places[0][-1], places[1][-1])
    plain, styled = redness.mean(axis=0)
    assert styled > plain + 40


def test_a_mosaic_keeps_each_box_on_its_student_and_ignores_who_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of 48 and 112 pixels; each shows a white student, and a wide one of whom 8 % or 72 % are left."""
    monkeypatch.setattr(finder_augment, "CROSSING", (0.3, 0.3))
    values = iter((40, 80, 120, 160))

    def draw(side: int) -> finder_augment.Part:
        pixels = np.full((side, side, 3), next(values), np.uint8)
        pixels[8:20, 8:24] = 255
        return pixels, np.array([[8, 8, 24, 20], [40, 30, 140, 40]], np.float32), np.empty((0, 4), np.float32)

    pixels, students, ignored = finder_augment.mosaic(draw, np.random.default_rng(0), size=160)
    assert pixels.shape == (160, 160, 3)
    assert {40, 80, 120, 160, 255} == set(np.unique(pixels))
    white = [(x0, y0, x1, y1) for x0, y0, x1, y1 in students.astype(int).tolist() if (pixels[y0:y1, x0:x1] == 255).all()]
    assert sorted(white) == sorted((x + 8, y + 8, x + 24, y + 20) for x in (0, 48) for y in (0, 48))
    wide = [box for box in students.astype(int).tolist() if tuple(box) not in white]
    assert sorted(wide) == sorted([88, y + 30, 160, y + 40] for y in (0, 48))
    assert sorted(ignored.astype(int).tolist()) == sorted([40, y + 30, 48, y + 40] for y in (0, 48))


def test_a_mosaic_shows_several_rooms(make_rooms: MakeRooms) -> None:
    frames = coco.read(make_rooms(per_camera=1))
    pictures = [np.full((120, 200, 3), value, np.uint8) for value in (0, 200)]
    settings = {"samples_per_epoch": 12, "crop_size": 64, "zoom": (1.0, 1.0), "color_jitter": 0.0}

    def rooms(share: float) -> list[int]:
        parts = Parts(frames, pictures, FinderConfig(mosaic=share, **settings), 0)
        return [
            sum(float(np.isin(pixels, near).mean()) > 0.1 for near in BRIGHTNESS) for pixels, _ in (parts[i] for i in range(12))
        ]

    assert max(rooms(0.0)) == 1
    assert max(rooms(1.0)) == 2


def test_style_comes_from_the_frames_that_train(make_rooms: MakeRooms) -> None:
    frames = coco.read(make_rooms(per_camera=1))
    blue = [np.full((120, 200, 3), (10, 10, 200), np.uint8) for _ in frames]
    config = FinderConfig(samples_per_epoch=8, crop_size=64, zoom=(1.0, 1.0), color_jitter=0.0, style=1.0)
    parts = Parts(frames, blue, config, 0)
    assert [parts._style(np.random.default_rng(i)).mean.tolist() for i in range(3)] == [[10.0, 10.0, 200.0]] * 3  # type: ignore[union-attr]


@pytest.mark.parametrize("share", ["0", "1"])
def test_backbone_learns_at_a_share_of_the_rate(share: str, make_rooms: MakeRooms, tmp_path: Path) -> None:
    _, folder = run(make_rooms(), tmp_path, "--epochs", "1", "--backbone-lr", share)
    before, after = make_model(1.0).state_dict(), checkpoint.load(folder / "model_best.pth.tar").state_dict()
    learnt = {name: not torch.equal(before[name], after[name]) for name in before if before[name].dim() == 4}
    backbone = [changed for name, changed in learnt.items() if ".features." in name]
    assert backbone
    assert set(backbone) == {share == "1"}
    assert not torch.equal(before[HEAD], after[HEAD])


def test_every_camera_is_drawn_equally_often(make_rooms: MakeRooms, tmp_path: Path) -> None:
    frames = coco.read(make_rooms(cameras=("a", "a", "a", "b"), per_camera=1))
    marked = [np.full((120, 200, 3), 10 if frame.camera == "a" else 250, np.uint8) for frame in frames]
    config = FinderConfig(samples_per_epoch=20, crop_size=64, zoom=(1.0, 1.0), color_jitter=0.0)
    bright = [float(Parts(frames, marked, config, 0)[i][0].float().mean()) > 130 for i in range(20)]
    assert sum(bright) == 10


def make_model(missing_weight: float) -> FinderModel:
    facts: dict[str, Any] = {"mean_rgb": (0, 0, 0), "std_rgb": (1, 1, 1), "task": "find", "thresholds": (0.4,)}
    spec = ModelSpec(class_names=("student",), input_size_hw=(96, 160), fit="pad", base_model="test_efficientnet", **facts)
    torch.manual_seed(0)
    return create(spec, pretrained=False, pretrained_path="", missing_weight=missing_weight, freeze_stages=0)


def test_what_looks_like_a_student_without_a_box_costs_less() -> None:
    frames = torch.zeros(1, 96, 160, 3, dtype=torch.uint8)
    target = {
        "boxes": torch.tensor([[8.0, 8, 40, 40]]),
        "labels": torch.zeros(1, dtype=torch.int64),
        "ignored": torch.empty(0, 4),
    }
    losses = []
    for weight in (1.0, 0.3):
        model = make_model(weight).eval()
        torch.nn.init.constant_(model.network.head.classification_head.cls_logits.bias, 3.0)  # sure of a student everywhere
        losses.append(model.losses(frames, [target])["score"].item())
    assert losses[1] < 0.5 * losses[0]


def test_ignored_boxes_cost_nothing() -> None:
    frames = torch.zeros(1, 96, 160, 3, dtype=torch.uint8)
    nobody = {"boxes": torch.empty(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}
    model = make_model(1.0).eval()
    everything = model.losses(frames, [nobody | {"ignored": torch.tensor([[-9.0, -9, 999, 999]])}])
    assert everything["score"].item() == 0.0
    assert model.losses(frames, [nobody | {"ignored": torch.empty(0, 4)}])["score"].item() > 0.0


def test_forward_gives_the_best_first_in_pixels_of_the_frame() -> None:
    model = make_model(1.0).eval()
    boxes, scores = model(torch.randint(0, 255, (2, 96, 160, 3), dtype=torch.uint8))
    assert boxes.shape == (2, scores.shape[1], 4)
    assert bool((scores.diff(dim=1) <= 0).all())
    assert bool((boxes[..., 2:] >= boxes[..., :2]).all())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--leave-camera-out", "c"], "knows a, b"),
        (["--img-size", "96"], "--img-size takes two numbers"),
        (["--img-size", "100", "160"], "multiples of 32"),
        (["--zoom", "2", "1"], "smaller factor first"),
        (["--style", "1.5"], "--style must be from 0 to 1"),
        (["--mosaic", "-0.1"], "--mosaic must be from 0 to 1"),
        (["--backbone-lr", "-0.1"], "--backbone-lr must be from 0 to 1"),
        (["--threshold", "2"], "--threshold must be from 0 to 1"),
        (["--missing-weight", "-1"], "--missing-weight must be from 0 to 1"),
        (["--crop-size", "0"], "--crop-size must be at least 32"),
        (["--warmup-epochs", "inf"], "--warmup-epochs must be finite"),
        (["--zoom", "nan", "1"], "--zoom must be finite"),
        (["--layer-decay", "0.5"], "leave it out, or slow the backbone"),
        (["--model", "mobilenetv2_99"], "timm has no model"),
        (["--resume", "nowhere.pth.tar"], "There is no checkpoint"),
    ],
)
def test_wrong_settings_end_with_a_message(
    arguments: list[str], message: str, make_rooms: MakeRooms, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(make_rooms(), tmp_path, *arguments)[0] == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"annotations": []}, "no box of a student"),
        ({"annotations": [{"bbox": [1, 2, 3]}]}, "not a COCO file"),
        ({"categories": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]}, "must be called 'student'"),
        ({"images": [{"id": 0, "file_name": "none.png", "width": 9, "height": 9}]}, "names 1 pictures that are not in"),
    ],
)
def test_wrong_annotations_are_refused(changes: dict[str, Any], message: str, make_rooms: MakeRooms) -> None:
    with pytest.raises(DataError, match=message):
        coco.read(make_rooms(**changes))


def test_missing_annotations_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"annotations\.json cannot be read"):
        coco.read(tmp_path)


def test_picture_of_another_size_than_its_boxes_is_refused(make_rooms: MakeRooms) -> None:
    folder = make_rooms()
    cv2.imwrite(str(folder / "images" / "0.png"), np.zeros((60, 100, 3), np.uint8))
    with pytest.raises(DataError, match="100 x 60 pixels, its boxes were drawn on 200 x 120"):
        coco.load(coco.read(folder))


def test_unreadable_frame_is_left_out(make_rooms: MakeRooms, caplog: pytest.LogCaptureFixture) -> None:
    folder = make_rooms()
    (folder / "images" / "0.png").write_bytes(b"nothing")
    assert len(coco.load(coco.read(folder))[0]) == 3
    assert "Left out" in caplog.text


def test_classifier_weights_do_not_load_as_finder(tmp_path: Path) -> None:
    model = make_model(1.0)
    checkpoint.save(tmp_path / "c.pth.tar", model, FinderConfig())
    content = checkpoint.read(tmp_path / "c.pth.tar")
    spec = ModelSpec.from_json(content["spec"])
    content["spec"] = spec.replace(task="classify", class_names=("a", "b"), thresholds=None).to_json()
    torch.save(content, tmp_path / "d.pth.tar")
    with pytest.raises(ModelError, match="do not fit its fact sheet"):
        checkpoint.load(tmp_path / "d.pth.tar")


def test_mean_of_two_finders_is_a_finder_with_a_report(
    make_rooms: MakeRooms, pretrained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, flags = make_rooms(), ["--epochs", "1", "--leave-camera-out", "b", "--pretrained-path", str(pretrained)]
    runs = [run(folder, tmp_path, *flags, *more, name=name)[1] for name, more in (("one", []), ("two", ["--mosaic", "0.5"]))]
    paths, out = [str(path / "model_best.pth.tar") for path in runs], tmp_path / "mean" / "model_best.pth.tar"
    assert average.main([*paths, "--out", str(out), "--test"]) == 0
    one, two, mean = (checkpoint.read(Path(path))["weights"][HEAD.removeprefix("network.")] for path in (*paths, out))
    torch.testing.assert_close(mean, (one + two) / 2)
    assert not torch.equal(one, two)
    assert json.loads((out.parent / "report.json").read_text())["frames"] == 2
    assert set(json.loads((out.parent / "detections.json").read_text())) == {"1.png", "3.png"}
    alone = tmp_path / "alone" / "model_best.pth.tar"
    assert average.main([paths[0], paths[0], "--out", str(alone), "--test"]) == 0
    assert json.loads((alone.parent / "report.json").read_text()) == json.loads((runs[0] / "report.json").read_text())
    _, other = run(folder, tmp_path, *flags, "--seed", "1", name="other")
    assert average.main([paths[0], str(other / "model_best.pth.tar"), "--out", str(out)]) == 2
    assert "differ in --seed" in capsys.readouterr().err
    assert average.main([*paths, "--out", str(out), "--greedy", "--data", str(folder)]) == 2
    assert "--greedy needs pictures" in capsys.readouterr().err
    _, drawn = run(folder, tmp_path, *flags[:-2], name="drawn")
    assert average.main([paths[0], str(drawn / "model_best.pth.tar"), "--out", str(out)]) == 2
    assert "drawn/model_best.pth.tar was trained from scratch" in capsys.readouterr().err
