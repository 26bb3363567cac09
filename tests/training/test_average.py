"""The mean of several runs: what it is scored on, where its report lies, and what chooses its thresholds."""

import json
import shutil
from pathlib import Path

import pytest

from tests.training.conftest import MakeFolder, several_folder
from training import average, checkpoint
from training.train import main as train
from training.wise import main as wise

SMALL = ["--model", "test_efficientnet", "--img-size", "32", "--epochs", "1", "-b", "16", "--device", "cpu", "--threads", "1"]


def two_runs(data: Path, output: Path, start: Path, *more: str) -> list[str]:
    """The checkpoints of two runs that differ in the seed."""
    flags = [*SMALL, "--pretrained-path", str(start), "--split-seed", "0", "--lr", "0.01", *more, "--output", str(output)]
    for seed in ("1", "2"):
        assert train([str(data), *flags, "--seed", seed, "--experiment", seed]) == 0
    return [str(output / seed / "model_best.pth.tar") for seed in ("1", "2")]


def test_a_mean_is_scored_under_any_name_and_replaces_no_report_of_another_model(
    make_folder: MakeFolder, pretrained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = two_runs(make_folder(), tmp_path / "runs", pretrained, "--freeze-stages", "1", "--frozen-dtype", "bfloat16")
    place = tmp_path / "runs" / "1"
    before = {name: (place / name).read_bytes() for name in ("report.json", "predictions.csv", "split.csv")}
    assert average.main([*runs, "--out", str(place / "soup.pth.tar"), "--test"]) == 2
    assert "report.json is of another model" in capsys.readouterr().err
    assert not (place / "soup.pth.tar").exists()
    assert average.main([*runs, "--out", str(place / "soup.pth.tar")]) == 0  # the split is the same: nothing is replaced
    assert {name: (place / name).read_bytes() for name in before} == before

    tables = []
    for name in ("soup.pth.tar", "model_best.pth.tar"):
        out = tmp_path / name.partition(".")[0] / name
        for _ in range(2):  # its own report may be written anew
            assert average.main([*runs, "--out", str(out), "--test"]) == 0
        tables.append((out.parent / "predictions.csv").read_text())
    assert tables[0] == tables[1] != before["predictions.csv"].decode()

    spec = checkpoint.load(Path(runs[0])).spec
    checkpoint.rewrite_spec(Path(runs[0]), tmp_path / "calibrated.pth.tar", spec.replace(temperature=3.0, least_score=0.6))
    assert average.main([str(tmp_path / "calibrated.pth.tar"), runs[1], "--out", str(tmp_path / "mean.pth.tar")]) == 0
    assert checkpoint.load(tmp_path / "mean.pth.tar").spec.temperature == 1.0
    assert checkpoint.load(tmp_path / "mean.pth.tar").spec.least_score is None

    shutil.copytree(place, tmp_path / "other")
    text = (tmp_path / "other" / "split.csv").read_text()
    (tmp_path / "other" / "split.csv").write_text("\n".join(text.splitlines()[:-1]) + "\n")
    assert average.main([*runs, "--out", str(tmp_path / "other" / "soup.pth.tar")]) == 2
    assert "split.csv is of another model" in capsys.readouterr().err


def test_thresholds_of_a_mean_are_chosen_for_it_and_survive_its_test(
    pretrained: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    data = several_folder(tmp_path / "data")
    runs = two_runs(data, tmp_path / "runs", pretrained, "--multi-label", "--val-split", "0.3")
    out = tmp_path / "mean" / "soup.pth.tar"
    assert average.main([*runs, "--out", str(out), "--test"]) == 0
    first, mean = (checkpoint.load(Path(path)).spec.thresholds for path in (runs[0], str(out)))
    assert mean is not None and mean not in (first, (0.5, 0.5))
    greedy = tmp_path / "greedy" / "soup.pth.tar"
    assert average.main([*runs, "--out", str(greedy), "--greedy"]) == 0
    assert 1 <= len(checkpoint.read(greedy)["state"]["averaged"]) <= 2

    shutil.move(data, tmp_path / "moved")
    assert average.main([*runs, "--out", str(tmp_path / "gone.pth.tar")]) == 2
    assert not (tmp_path / "gone.pth.tar").exists()
    assert average.main([*runs, "--out", str(tmp_path / "a" / "m.pth.tar"), "--data", str(tmp_path / "moved"), "--test"]) == 0
    report = json.loads((tmp_path / "a" / "report.json").read_text())
    assert report["exact"]["interval"][0] <= report["exact"]["lo"]

    for path in runs:
        (Path(path).parent / "split.csv").unlink()
    with caplog.at_level("INFO"):
        assert average.main([*runs, "--out", str(tmp_path / "b" / "m.pth.tar")]) == 0
    assert checkpoint.load(tmp_path / "b" / "m.pth.tar").spec.thresholds == (0.5, 0.5)
    assert "no picture chose them" in caplog.text
    assert average.main([*runs, "--out", str(tmp_path / "c" / "m.pth.tar"), "--greedy"]) == 2
    capsys.readouterr()

    assert wise([str(Path(runs[0]).parent)]) == 2
    assert "several labels at once" in capsys.readouterr().err


def test_greedy_knows_folders_that_are_sides(make_folder: MakeFolder, pretrained: Path, tmp_path: Path) -> None:
    flat = make_folder("flat", per_person=1)
    for label in ("ahead", "down", "phone"):
        for path in (flat / label).iterdir():
            person = int(path.stem.split("-")[0])
            side = "validation" if person < 3 else "test" if person < 5 else "train"
            (tmp_path / "data" / side / label).mkdir(parents=True, exist_ok=True)
            shutil.move(path, tmp_path / "data" / side / label / path.name)
    manifest = (flat / "manifest.csv").read_text().splitlines()
    there = {path.relative_to(tmp_path / "data").as_posix() for path in (tmp_path / "data").rglob("*.png")}
    rows = [f"{next(f for f in there if f.endswith('/' + line.split(',')[0]))},{line.partition(',')[2]}" for line in manifest[1:]]
    (tmp_path / "data" / "manifest.csv").write_text("\n".join([manifest[0], *rows]) + "\n")
    runs = two_runs(tmp_path / "data", tmp_path / "runs", pretrained)
    out = tmp_path / "mean" / "model_best.pth.tar"
    assert average.main([*runs, "--out", str(out), "--greedy", "--data", str(tmp_path / "data"), "--test"]) == 0
    assert json.loads((out.parent / "report.json").read_text())["n"] == 6
