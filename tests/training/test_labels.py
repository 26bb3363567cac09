"""Several labels for one picture, and further columns beside the class."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from export import comparing
from export.convert import export
from inference.classifier import Classifier
from inference.errors import DataError, ModelError
from inference.images import decode, fit
from inference.predictions import classify_files
from tests.training.conftest import MakeFolder, several_folder, write_picture
from training import checkpoint, labels, outcomes, several
from training.data import Sample
from training.train import main

SMALL = ["--model", "test_efficientnet", "--img-size", "32", "-b", "8", "--device", "cpu", "--threads", "1"]
PLAIN = ["--style", "0", "--color-jitter", "0", "--reprob", "0"]


def test_several_labels_are_learnt_and_get_thresholds_of_their_own(tmp_path: Path) -> None:
    data = several_folder(tmp_path / "data")
    command = [str(data), *SMALL, *PLAIN, "--multi-label", "--epochs", "14", "--lr", "0.01", "--smoothing", "0"]
    assert main([*command, "--output", str(tmp_path / "out"), "--experiment", "run"]) == 0
    model = checkpoint.load(tmp_path / "out/run/model_best.pth.tar")
    assert (model.spec.class_names, model.spec.activation) == (("blue", "red"), "sigmoid")
    assert model.spec.thresholds is not None and len(model.spec.thresholds) == 2
    report = json.loads((tmp_path / "out/run/report.json").read_text())
    assert report["macro_f1"]["value"] > 0.7  # each label is on half of the pictures: saying always yes gives 0.67
    both = torch.tensor([220, 30, 220], dtype=torch.uint8).expand(1, 32, 32, 3)
    assert model(both).sum().item() > 1  # no softmax: two labels may be sure at once

    exported = tmp_path / "several.onnx"
    export(tmp_path / "out/run/model_best.pth.tar", exported, data)
    served = Classifier(exported, provider="cpu")
    assert (served.spec.activation, served.spec.thresholds) == ("sigmoid", model.spec.thresholds)
    files = [(f"{i}.png", data / f"{i}.png") for i in range(4)]
    answers = [row.label for row in classify_files(served, files).rows]
    with torch.inference_mode():
        scores = model(torch.stack([torch.from_numpy(fit(decode(path), (32, 32), "squash")) for _, path in files]))
    wanted = [[n for n, s, t in zip(model.spec.class_names, row, model.spec.thresholds, strict=True) if s >= t] for row in scores]
    assert answers == [";".join(names) for names in wanted]

    with pytest.raises(DataError, match="run gives several labels at once"):
        outcomes.read(tmp_path / "out/run")
    for source in (tmp_path / "out/run/model_best.pth.tar", exported):
        with pytest.raises(ModelError, match=r"several labels at once.* Export it without --variants\."):
            comparing.choose(source, None, data, None)


def test_thresholds_are_those_of_the_best_f1() -> None:
    truth = np.array([[1, 0], [1, 0], [0, 0], [0, 0]], bool)
    scores = np.array([[0.3, 0.1], [0.25, 0.2], [0.2, 0.3], [0.1, 0.4]])
    first, second = several.choose_thresholds(truth, scores)
    assert 0.2 < first < 0.25
    assert second == 0.5


def test_one_person_gives_no_interval() -> None:
    truth = np.array([[1, 0], [1, 1], [0, 0]], bool)
    said = np.array([[1, 0], [1, 0], [0, 0]], bool)
    samples = [Sample(f"{i}", Path(), "", "p", "") for i in range(3)]
    result = several.report(samples, truth, said, ("blue", "red"))
    assert (result["exact"]["cluster"], result["macro_f1"]) == (None, {"value": 0.5, "cluster": None})
    assert several.sentence(result).endswith("macro F1 0.500")


def test_threshold_is_never_worse_than_another() -> None:
    truth = np.array([[1], [0], [0], [1], [0]], bool)
    scores = np.array([[0.9], [0.5], [0.45], [0.4], [0.1]])  # above 0.5 and above 0.1 are as good; between them is worse
    (chosen,) = several.choose_thresholds(truth, scores)
    every = [several.macro_f1(truth, scores >= at) for at in np.linspace(0.05, 0.95, 91)]
    assert several.macro_f1(truth, scores >= chosen) == max(every)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "needs"),
        ([["file", "labels"], ["gone.png", "a"], ["there.png", "b"]], "1 of its files are not there"),
        ([["file", "labels"], ["there.png", "a"]], "1 different labels"),
    ],
)
def test_manifest_that_cannot_give_several_labels_is_refused(tmp_path: Path, rows: list[list[str]], message: str) -> None:
    write_picture(tmp_path / "there.png", (9, 9, 9), seed=0)
    with (tmp_path / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows or [["file"], ["there.png"]])
    with pytest.raises(DataError, match=message):
        labels.scan_several(tmp_path)


def test_row_that_ends_early_has_empty_cells(tmp_path: Path) -> None:
    for i in range(3):
        write_picture(tmp_path / f"{i}.png", (9, 9, 9), seed=i)
    (tmp_path / "manifest.csv").write_text("file,labels,hand\n0.png,a,left\n1.png,b\n2.png\n")
    samples = labels.scan_several(tmp_path)
    assert [s.label for s in samples] == ["a", "b", labels.NONE]
    with pytest.raises(DataError, match="one value only"):
        labels.tasks_of(["hand:ce"], samples)


def sample(**row: str) -> Sample:
    return Sample("a.png", Path("a.png"), "a", "p", "", row)


def test_columns_become_shares_and_unknown_stays_unknown() -> None:
    samples = [sample(hand="left", glasses="1", mood="0.2 0.8"), sample(hand="right", glasses="", mood="0.5 0.5"), sample()]
    tasks = labels.tasks_of(["hand:ce:0.5", "glasses:bce", "mood:kl:2"], samples)
    assert [(t.weight, t.size) for t in tasks] == [(0.5, 2), (1.0, 1), (2.0, 2)]
    table = labels.task_targets(tasks, samples)
    np.testing.assert_allclose(table[0], [1, 0, 1, 0.2, 0.8])
    np.testing.assert_allclose(table[1], [0, 1, np.nan, 0.5, 0.5])
    assert np.isnan(table[2]).all()


@pytest.mark.parametrize(
    ("task", "row", "message"),
    [
        ("hand", {"hand": "left"}, "COLUMN:KIND"),
        ("hand:mse", {"hand": "left"}, "COLUMN:KIND"),
        ("hand:ce:-1", {"hand": "left"}, "COLUMN:KIND"),
        ("foot:ce", {"hand": "left"}, "no column 'foot'"),
        ("hand:ce", {"hand": "left"}, "one value only"),
        ("hand:bce", {"hand": "left"}, "one number from 0 to 1"),
        ("hand:kl", {"hand": "0.5 0.9"}, "add up to 1"),
    ],
)
def test_task_that_teaches_nothing_is_refused(task: str, row: dict[str, str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        labels.tasks_of([task], [sample(**row)])


def test_run_with_tasks_masks_metric_losses_and_a_plateau_goes_on_after_a_stop(make_folder: MakeFolder, tmp_path: Path) -> None:
    data = make_folder(per_person=1)
    path = data / "manifest.csv"
    with path.open(newline="") as file:
        header, *rows = list(csv.reader(file))
    with path.open("w", newline="") as file:
        extra = [[*row, "even" if i % 2 else "odd", "" if i % 3 else "0.3 0.7"] for i, row in enumerate(rows)]
        csv.writer(file).writerows([[*header, "parity", "soft"], *extra])
    command = [str(data), *SMALL, "--tasks", "parity:ce", "soft:kl", "--feature-masks", "2", "--triplet", "0.1"]
    command += ["--center-loss", "0.01", "--loss", "symmetric", "--sched", "plateau", "--patience-epochs", "0", "--model-ema"]
    assert main([*command, "--epochs", "2", "--output", str(tmp_path), "--experiment", "whole"]) == 0
    assert main([*command, "--epochs", "1", "--output", str(tmp_path), "--experiment", "part"]) == 0
    # What was not given again comes from the run that goes on.
    assert main(["--resume", str(tmp_path / "part/last.pth.tar"), "--epochs", "2"]) == 0
    whole, part = ((tmp_path / name / "summary.csv").read_text().splitlines() for name in ("whole", "part"))
    assert [line.split(",")[:4] for line in whole] == [line.split(",")[:4] for line in part]
    assert checkpoint.load(tmp_path / "part/model_best.pth.tar").spec.class_names == ("ahead", "down", "phone")
