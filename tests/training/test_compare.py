"""The grid of runs, its table, and the mean of runs."""

import json
import shutil
from pathlib import Path

import pytest
import timm
import torch

from inference.errors import ModelError
from tests.training.conftest import MakeFolder
from training import average, checkpoint, compare
from training import train as training
from training.config import parse

SMALL = ["--img-size", "32", "-b", "16", "--device", "cpu", "--threads", "1", "--epochs", "1"]


@pytest.fixture
def pretrained(tmp_path: Path) -> Path:
    """A file of weights as the hub would give them."""
    torch.manual_seed(3)
    torch.save(timm.create_model("test_efficientnet", num_classes=5).state_dict(), tmp_path / "weights.pth")
    return tmp_path / "weights.pth"


def test_grid_runs_every_cell_once_and_a_second_time_not_at_all(
    make_folder: MakeFolder, pretrained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, out = make_folder(per_person=1), tmp_path / "grid"
    command = [
        str(data),
        "--models",
        "test_efficientnet",
        "--strategies",
        "head",
        "scratch",
        "--augmentations",
        "none",
        "cutmix-mixup",
    ]
    command += ["--seeds", "0", "1", "--out", str(out), "--pretrained-paths", f"test_efficientnet={pretrained}", "--", *SMALL]
    assert compare.main(command) == 0
    results = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [(c["strategy"], c["augmentation"]) for c in results["cells"]] == [
        (strategy, augmentation) for strategy in ("head", "scratch") for augmentation in ("none", "cutmix-mixup")
    ]
    for cell in results["cells"]:
        accuracy = cell["accuracy"]
        assert len(accuracy["runs"]) == 2 and accuracy["lo"] <= accuracy["mean"] <= accuracy["hi"]
    runs = [path for path in out.iterdir() if path.is_dir()]
    assert len(runs) == 8
    assert len({(run / "split.csv").read_text() for run in runs}) == 1  # equal terms
    assert (out / "curves.png").stat().st_size > 1000
    assert (out / "table.md").read_text().count("| test_efficientnet |") == 4
    settings = [json.loads((run / "settings.json").read_text()) for run in runs]
    assert {(s["strategy"], bool(s["pretrained_path"])) for s in settings} == {("head", True), ("scratch", False)}

    def never(config: object) -> Path:
        raise AssertionError("a finished run was run again")

    monkeypatch.setattr(training, "train", never)
    assert compare.main(command) == 0


def test_pictures_that_changed_are_run_anew(make_folder: MakeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def run(command: list[str], folder: Path) -> None:
        if folder.name not in ran:
            ran.append(folder.name)

    monkeypatch.setattr(compare, "_run", run)
    monkeypatch.setattr(compare, "_row", lambda *_arguments: {})
    monkeypatch.setattr(compare, "_write", lambda *_arguments: None)
    monkeypatch.setattr("training.curves.draw_runs", lambda *_arguments: None)
    data = make_folder(per_person=1)
    given = compare._parser().parse_args([str(data), "--seeds", "0", "--out", str(tmp_path / "grid")])
    for _ in range(2):
        compare.compare(given, SMALL)
    assert len(ran) == 1
    picture, other = sorted(data.rglob("*.png"))[:2]
    picture.write_bytes(other.read_bytes() + b"\0")
    compare.compare(given, ["--same-picture", "ignore", *SMALL])
    before = len(ran)
    picture.write_bytes(other.read_bytes())
    compare.compare(given, ["--same-picture", "ignore", *SMALL])
    assert len(ran) == before + 1


def test_what_the_grid_would_pass_over_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grid = ["data", "--models", "resnet18", "--out", str(tmp_path / "grid")]
    assert compare.main([*grid, "--pretrained-paths", "resnet19=x.pth"]) == 2
    assert "a name of --models (resnet18)" in capsys.readouterr().err
    assert compare.main([*grid, "--", "--seed", "5"]) == 2
    assert "--seed is one of the grid's" in capsys.readouterr().err
    assert compare.main([*grid, "--strategies", "finetune", "scratch"]) == 2
    assert "`finetune` gives resnet18 no weights" in capsys.readouterr().err


def test_loss_that_nothing_measured_is_no_number() -> None:
    assert compare.interval([0.5, None]) == {"mean": None, "lo": None, "hi": None}
    assert compare._lowest([float("nan")]) is None and compare._lowest([0.3, float("nan"), 0.2]) == 0.2


def test_interval_over_seeds_is_students() -> None:
    got = compare.interval([0.8, 0.9, 1.0])
    assert (got["mean"], got["lo"], got["hi"]) == pytest.approx((0.9, 0.6516, 1.1484), abs=1e-3)
    assert compare.interval([0.8]) == {"mean": 0.8, "lo": None, "hi": None}
    assert compare.interval([0.95, 0.99], most=1.0) == {"mean": 0.97, "lo": 0.7159, "hi": 1.0}
    assert compare.interval([0.01, 0.09])["lo"] == 0.0


@pytest.mark.parametrize("preset", sorted(path.stem for path in Path(compare.__file__).parent.glob("presets/*.toml")))
def test_augmentations_are_what_they_are_called_whatever_stands_behind_the_dashes(preset: str) -> None:
    rest = ["--preset", preset, "--mixup", "0.2", "--cutmix", "1", "--mixstyle", "0.5", "--aa", "v0", "--least-part", "0.5"]
    for name, mirror in (("none", 0.0), ("mirror", 0.5)):
        config = parse(["data", *compare._command(compare.Cell("resnet18", "finetune", name), 0, 0, "", rest)])
        assert config.hflip == mirror and config.least_part == 1 and config.aa == ""
        changed = ("style", "color_jitter", "shift", "rotate", "reprob", "mixup", "cutmix", "mixstyle")
        assert {field: vars(config)[field] for field in changed} == dict.fromkeys(changed, 0.0)


def test_grid_refuses_a_wrong_flag_before_the_first_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        compare.main(["data", "--out", str(tmp_path / "grid"), "--", "--no-such-flag"])
    assert "--no-such-flag" in capsys.readouterr().err
    assert not (tmp_path / "grid").exists()


def run(data: Path, output: Path, name: str, *more: str) -> Path:
    command = [str(data), "--model", "test_efficientnet", *SMALL, "--output", str(output), "--experiment", name, *more]
    assert training.main(command) == 0
    return output / name / "model_best.pth.tar"


def test_soup_is_the_mean_of_the_weights(make_folder: MakeFolder, pretrained: Path, tmp_path: Path) -> None:
    data = make_folder(per_person=1)
    start = ["--pretrained-path", str(pretrained), "--split-seed", "0"]
    one, two = (run(data, tmp_path, f"run{seed}", *start, "--seed", str(seed)) for seed in (1, 2))
    out = tmp_path / "soup/model_best.pth.tar"
    assert average.main([str(one), str(two), "--out", str(out)]) == 0
    first, second, soup = (checkpoint.read(path)["weights"] for path in (one, two, out))
    for name, value in soup.items():
        if value.is_floating_point():
            torch.testing.assert_close(value, (first[name] + second[name]) / 2)
    assert checkpoint.load(out).spec.class_names == ("ahead", "down", "phone")
    same, noise = (shutil.copytree(one.parent, tmp_path / name) / one.name for name in ("same", "noise"))
    content, random = checkpoint.read(one), torch.Generator().manual_seed(0)
    weights = {
        name: 5 * torch.randn(value.shape, generator=random) if name.endswith("weight") else value
        for name, value in content["weights"].items()
    }
    torch.save({**content, "weights": weights}, noise)
    greedy = tmp_path / "greedy.pth.tar"
    assert average.main([*map(str, (one, noise, same)), "--out", str(greedy), "--greedy", "--data", str(data)]) == 0
    assert checkpoint.read(greedy)["state"]["averaged"] == [str(one), str(same)]

    other = run(data, tmp_path, "other", "--pretrained-path", str(pretrained), "--seed", "9")
    with pytest.raises(ModelError, match="keeps apart"):
        average.average([one, other], tmp_path / "x.pth.tar")
    larger = run(data, tmp_path, "larger", *start, "--img-size", "48")
    with pytest.raises(ModelError, match="differ in input_size_hw"):
        average.average([one, larger], tmp_path / "x.pth.tar")
    drawn = run(data, tmp_path, "drawn", "--split-seed", "0")  # finetunes no weights
    with pytest.raises(ModelError, match=r"drawn/model_best\.pth\.tar was trained from scratch"):
        average.average([one, drawn], tmp_path / "x.pth.tar")
    with pytest.raises(ModelError, match="two checkpoints"):
        average.average([one], tmp_path / "x.pth.tar")
    assert not (tmp_path / "x.pth.tar").exists()


def test_the_score_of_a_mean_is_that_of_a_run_with_its_weights(
    make_folder: MakeFolder, pretrained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = make_folder(per_person=1)
    once = run(data, tmp_path, "once", "--pretrained-path", str(pretrained))
    shutil.copytree(once.parent, tmp_path / "again")
    out = tmp_path / "mean" / once.name
    assert average.main([str(once), str(tmp_path / "again" / once.name), "--out", str(out), "--test"]) == 0
    wanted, report = (json.loads((folder / "report.json").read_text()) for folder in (once.parent, out.parent))
    assert report["n"] == wanted["n"] > 0
    assert (report["accuracy"], report["confusion"]) == (wanted["accuracy"], wanted["confusion"])
    assert (out.parent / "predictions.csv").read_text() == (once.parent / "predictions.csv").read_text()

    for split in (once.parent / "split.csv", tmp_path / "again" / "split.csv"):
        split.write_text(split.read_text().replace("test", "train", 1))
    assert average.main([str(once), str(tmp_path / "again" / once.name), "--out", str(out), "--test"]) == 2
    assert "would be split otherwise now" in capsys.readouterr().err

    everything = [run(data, tmp_path, name, "--pretrained-path", str(pretrained), "--test-split", "0") for name in ("a", "b")]
    assert average.main([*map(str, everything), "--out", str(tmp_path / "all" / once.name), "--test"]) == 2
    assert "no test in common" in capsys.readouterr().err
    assert (tmp_path / "all" / once.name).is_file()
