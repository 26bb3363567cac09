"""Folds keep persons together; out-of-fold scores, the paired test and the calibration stand on them."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax

from inference import learning
from inference.classifier import Classifier
from inference.errors import DataError, ModelError
from inference.spec import ModelSpec
from tests.conftest import TINY_SPEC as TINY
from tests.training.conftest import MakeFolder
from training import (
    calibrate,
    calibration,
    checkpoint,
    crossval,
    crossval_report,
    evaluate,
    fold_runs,
    learning_curve,
    outcomes,
    paired,
    report_page,
    review,
    run,
    splits,
    train,
)
from training.config import TrainConfig
from training.data import Sample, scan
from training.folds import CrossvalConfig, drawn, folds, groups
from training.outcomes import Outcomes
from training.probe import Features, ProbeConfig, extract
from training.serving import Scored

PROBE = ["--probe", "--model", "test_efficientnet", "--img-size", "32", "--folds", "3"]
NAMES = ("ahead", "down")


def outcomes_of(hits: np.ndarray, *, per_person: int = 4, seed: int = 0) -> Outcomes:
    """Two classes in turn; where `hits` the label has the higher score."""
    truth = np.arange(len(hits)) % 2
    samples = tuple(Sample(f"{i}.png", Path(f"{i}.png"), NAMES[t], f"p{i // per_person}", "a") for i, t in enumerate(truth))
    scores = np.where((np.eye(2)[truth] > 0) == hits[:, None], 0.8, 0.2)
    return Outcomes(samples, scores, NAMES, np.full(len(hits), seed), np.zeros(len(hits), int))


def test_folds_hold_every_picture_once_and_no_person_twice(make_folder: MakeFolder) -> None:
    samples = scan(make_folder(persons=6, per_person=3))
    found = folds(samples, 3, group="person", seed=0)
    assert sorted(np.concatenate(found).tolist()) == list(range(len(samples)))
    persons = [{samples[i].person for i in fold} for fold in found]
    assert not persons[0] & persons[1] and not persons[1] & persons[2] and not persons[0] & persons[2]
    assert [f.tolist() for f in found] != [f.tolist() for f in folds(samples, 3, group="person", seed=1)]


def test_camera_folds_keep_pictures_of_two_cameras_with_both(make_folder: MakeFolder) -> None:
    samples = [Sample(str(i), Path(), "x", f"p{i}", camera) for i, camera in enumerate(("a", "b", "a+b", "c", "d", "c"))]
    together = groups(samples, "camera")
    assert together[0] == together[1] == together[2] and together[3] == together[5] != together[4]
    assert len(set(groups(samples, "person").tolist())) == 6
    assert len(set(groups(samples, "person", whole_cameras=("c",)).tolist())) == 5


def test_too_few_groups_and_unknown_cameras_are_refused(make_folder: MakeFolder) -> None:
    samples = scan(make_folder(persons=2, per_person=1))
    with pytest.raises(DataError, match="2 different cameras"):
        folds(samples, 5, group="camera", seed=0)
    with pytest.raises(DataError, match=r"no camera z \(known: a, b\)"):
        folds(samples, 2, group="person", seed=0, whole_cameras=("z",))


def pictures(*seen: tuple[str, str]) -> list[Sample]:
    """One of each person and camera."""
    return [Sample(f"{i}.png", Path(f"{i}.png"), NAMES[i % 2], person, camera) for i, (person, camera) in enumerate(seen)]


def test_who_is_scored_before_one_camera_does_not_train_before_another() -> None:
    samples = pictures(("p0", "a"), ("p0", "b"), ("p1", "a"), ("p2", "b"), ("p3", "c"), ("p0", "c"))
    for test, others in drawn(samples, CrossvalConfig(folds=3, group="camera"), 0):
        scored, train = ([samples[i] for i in rows] for rows in (test, others))
        assert not {s.person for s in scored} & {s.person for s in train} and train
        assert not {s.camera for s in scored} & {s.camera for s in train}


def test_cameras_that_only_train_train_in_every_fold_and_are_never_scored() -> None:
    samples = pictures(*((f"p{i}", "a") for i in range(6)), ("p6", "lto"), ("p6", "a"), ("p7", "a+lto"), ("p8", "b"))
    for choices in (
        CrossvalConfig(folds=3, train_only_cameras=("lto",)),
        CrossvalConfig(folds=2, group="camera", train_only_cameras=("lto",)),
    ):
        every = drawn(samples, choices, 0)
        assert sorted(i for test, _ in every for i in test) == [0, 1, 2, 3, 4, 5, 9]
        assert all(6 in others for _, others in every)
        scored_cameras = [
            ({samples[i].camera for i in test}, {c for i in others for c in samples[i].cameras}) for test, others in every
        ]
        assert choices.group == "person" or all(not scored & trained for scored, trained in scored_cameras)


def test_cameras_that_only_train_are_not_scored_by_the_commands(
    make_folder: MakeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.report_page.write_pages", lambda *_arguments: None)  # drawn in test_evaluate
    data, out = make_folder(persons=4, per_person=1), tmp_path / "out"
    assert crossval.main([str(data), *PROBE, "--seeds", "1", "--train-only-cameras", "a", "--output", str(out)]) == 0
    assert {s.camera for s in outcomes.read(out).samples} == {"b"}
    content = json.loads((out / "report.json").read_text())
    assert content["crossval"]["train_only_cameras"] == ["a"] and content["untaught"] == {}

    def stopped(config: object) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(fold_runs, "train", stopped)
    assert crossval.main([str(data), "--train-only-cameras", "a", "--folds", "2", "--output", str(tmp_path / "cv")]) == 130
    rows = [line.split(",") for line in (tmp_path / "cv/runs/seed0-fold0.csv").read_text().splitlines()[1:]]
    assert {row[-1] for row in rows if row[2] == "a"} == {"train"}
    assert {row[2] for row in rows if row[-1] == "test"} == {"b"}


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--train-only-cameras", "a", "--whole-cameras", "a"], "give it to one of them"),
        (["--probe", "--extra-data", "more"], "--probe learns from DATA alone"),
        (["--probe", "--multi-label"], "one class per picture: leave out --multi-label"),
    ],
)
def test_what_a_crossvalidation_would_pass_over_is_refused(flags: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        crossval.parse(["data", *flags])


def test_probe_writes_what_review_and_calibration_read(
    make_folder: MakeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("training.report_page.write_pages", lambda *_arguments: None)  # drawn in test_evaluate
    data, out = make_folder(persons=4), tmp_path / "probe"
    (data / "ahead/0-0.png").write_bytes(b"broken")
    assert crossval.main([str(data), *PROBE, "--seeds", "2", "--output", str(out), "--learning-curve", "1,2,4"]) == 0
    table, content = outcomes.read(out), json.loads((out / "report.json").read_text())
    assert len(table.samples) == 2 * 47 and set(table.seeds.tolist()) == {0, 1} and set(table.folds.tolist()) == {0, 1, 2}
    assert content["n"] == 47 and [f["file"] for f in content["failures"]] == ["ahead/0-0.png"]
    assert [line["per_class"] for line in content["learning_curve"]] == [1, 2, 4]
    assert not (data / learning.FILE).exists()  # nobody gathers there
    kept = learning.LearningCurve.read(out / learning.FILE)
    assert [point.per_class for point in kept.points] == [1, 2, 4] and kept.class_names == ("ahead", "down", "phone")
    assert (kept.images, kept.persons, len(kept.doublings)) == (47, 8, 2)
    assert kept.points[0].gain is None and kept.points[1].gain is not None
    assert kept.points[2].balanced_accuracy.value == content["learning_curve"][2]["balanced_accuracy"]["value"]
    assert content["seeds"]["accuracy"]["value"] == pytest.approx(table.hits.mean(), abs=1e-3)
    listed = tmp_path / "review.csv"
    assert review.main([str(out), str(data), "--output", str(listed)]) == 0
    assert listed.read_text().startswith("file,label,suggested,reason,score,other,camera,person,decision\n")
    assert listed.with_suffix(".html").is_file()
    listed.write_text("file,label,decision\ndown/0-0.png,down,drop\n")
    capsys.readouterr()
    assert review.main([str(out), str(data), "--output", str(listed)]) == 2
    assert "1 decisions of a person" in capsys.readouterr().err


def test_seeds_of_a_probe_that_would_repeat_one_another_are_left_out(
    make_folder: MakeFolder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    flags = ["--probe", "--model", "test_efficientnet", "--img-size", "32", "--folds", "2", "--seeds", "3"]
    assert crossval.main([str(make_folder(persons=2)), *flags, "--group", "camera", "--output", str(tmp_path / "out")]) == 0
    assert "draws the same folds of these cameras" in caplog.text
    assert set(outcomes.read(tmp_path / "out").seeds.tolist()) == {0}
    english, japanese = ((tmp_path / "out" / name).read_text() for name in ("report.html", "report.ja.html"))
    assert "Cross-validation of test_efficientnet (probe) by camera" in english and "カメラ別の交差検証" in japanese
    assert "every answer in oof.csv" in english and "times with other folds" not in english


def test_probe_of_frames_of_two_sizes_is_refused(make_folder: MakeFolder) -> None:
    with pytest.raises(DataError, match="--probe sees frames of one size"):
        crossval.parse([str(make_folder()), *PROBE, "--test-img-size", "48"])


def test_probe_of_a_torchvision_network_is_told_what_to_give() -> None:
    with pytest.raises(ModelError, match="must be timm's"):
        extract([], ProbeConfig(model="torchvision/resnet18"))


def test_class_that_nothing_but_its_own_fold_shows_is_named() -> None:
    table = outcomes_of(np.ones(8, bool))
    assert crossval_report.untaught(Outcomes(table.samples, table.scores, NAMES, table.seeds, np.arange(8) // 2)) == {}
    alone = Outcomes(table.samples, table.scores, NAMES, table.seeds, np.where(np.arange(8) % 2, 3, np.arange(8) // 2))
    assert crossval_report.untaught(alone) == {"down": 4}
    content = {"untaught": {"down": 4}, "classes": [], "recall": {}, "persons": 99, "n": 8, "failures": [], "unlabelled": []}
    content["seen"] = {"same_data": False, "split": "oof.csv", "trained": 0}
    assert "down (4)" in report_page.warnings(content, "en")[0] and "down (4)" in report_page.warnings(content, "ja")[0]


def test_kept_features_are_computed_once_and_only_for_the_same_pictures(
    make_folder: MakeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("training.report_page.write_pages", lambda *_arguments: None)  # drawn in test_evaluate
    data, kept, looked = make_folder(persons=4), tmp_path / "features.npz", []
    (data / "ahead/0-0.png").write_bytes(b"broken")

    def counted(samples: Sequence[Sample], config: ProbeConfig) -> Features:
        looked.append(len(samples))
        return extract(samples, config)

    monkeypatch.setattr("training.probe.extract", counted)
    command = [str(data), *PROBE, "--seeds", "1", "--keep-features", str(kept)]
    for name in ("a", "b"):
        assert crossval.main([*command, "--output", str(tmp_path / name)]) == 0
    assert looked == [48]
    first, again = (json.loads((tmp_path / name / "report.json").read_text()) for name in ("a", "b"))
    assert (tmp_path / "a/oof.csv").read_text() == (tmp_path / "b/oof.csv").read_text()
    assert {**first, "made_at": ""} == {**again, "made_at": ""}
    (data / "ahead/0-0.png").write_bytes((data / "ahead/1-0.png").read_bytes())
    assert crossval.main([*command, "--output", str(tmp_path / "c")]) == 0
    assert looked == [48, 48] and len(outcomes.read(tmp_path / "c").samples) == 48
    kept.write_bytes(b"something else")
    assert crossval.main([*command, "--output", str(tmp_path / "d")]) == 2
    assert "holds no features" in capsys.readouterr().err and kept.read_bytes() == b"something else"
    without_probe = [str(data), "--keep-features", str(kept), "--output", str(tmp_path / "e")]
    assert crossval.main(without_probe) == 2 and "--probe" in capsys.readouterr().err


def test_learning_curve_takes_one_picture_of_each_person_first() -> None:
    persons = ["a"] * 5 + ["b", "c"]
    chosen = learning_curve.draw(persons, np.zeros(7, int), 3, np.random.default_rng(0))
    assert {persons[i] for i in chosen} == {"a", "b", "c"}
    assert len(learning_curve.draw(persons, np.zeros(7, int), 50, np.random.default_rng(0))) == 7


def test_mcnemar_gives_the_exact_binomial_value() -> None:
    a = np.array([True] * 8 + [False] * 2 + [True] * 20)
    b = np.array([False] * 8 + [True] * 2 + [True] * 20)
    assert paired.mcnemar(a, b) == {"seed": 0, "only_a": 8, "only_b": 2, "p": pytest.approx(0.109375)}


def test_paired_test_tells_a_clear_difference_from_chance() -> None:
    rng = np.random.default_rng(0)
    good, bad = rng.random(400) < 0.9, rng.random(400) < 0.6
    clear = paired.compare(*paired.paired(outcomes_of(bad), outcomes_of(good)), group="person")
    assert clear["accuracy"]["interval"][0] > 0 and "B is better" in paired.told(clear, "a", "b")
    again = good.copy()
    lost, gained = np.flatnonzero(good)[::40], np.flatnonzero(~good)[::4]
    again[lost[: len(gained)]], again[gained[: len(lost)]] = False, True
    same = paired.compare(*paired.paired(outcomes_of(good), outcomes_of(again)), group="person")
    assert same["accuracy"]["difference"] == 0 and "not told apart from chance" in paired.told(same, "a", "b")
    few = paired.compare(*paired.paired(outcomes_of(bad[:8]), outcomes_of(good[:8])), group="person")
    assert "too few groups (2)" in paired.told(few, "a", "b")


def test_pairs_must_be_of_the_same_pictures(tmp_path: Path) -> None:
    one, other = outcomes_of(np.ones(10, bool)), outcomes_of(np.ones(9, bool))
    with pytest.raises(DataError, match="1 only in A"):
        paired.paired(one, other)


def test_paired_test_judges_both_by_reviewed_labels(tmp_path: Path) -> None:
    table = outcomes_of(np.array([False, True, True, True]))
    outcomes.write(tmp_path / "oof.csv", table)
    (tmp_path / "review.csv").write_text("file,label,decision\n0.png,ahead,relabel:down\n1.png,down,drop\n")
    read = outcomes.read(tmp_path)
    assert np.allclose(read.scores, table.scores) and read.samples[0].person == "p0"
    one, other = paired.paired(read, read, tmp_path / "review.csv")
    assert len(one.samples) == 3 and one.hits.all() and other.hits.all()


@pytest.mark.parametrize("names", [("camera", "person"), ("front", "side"), ("label", "seed")])
def test_class_may_be_called_like_a_column_of_the_tables(tmp_path: Path, names: tuple[str, str]) -> None:
    table = outcomes_of(np.array([True, False, True, True]))
    samples = tuple(Sample(s.file, s.path, names[i % 2], s.person, s.camera) for i, s in enumerate(table.samples))
    named = Outcomes(samples, table.scores, names, table.seeds, table.folds)
    run, evaluation = tmp_path / "run", tmp_path / "evaluation"
    run.mkdir(), evaluation.mkdir()
    outcomes.write(tmp_path / "oof.csv", named)
    splits.write_split(splits.Split((), (), samples), run / "split.csv")
    facts = [f"{s.file},{names[0]}" for s in samples]
    scores = [",".join(map(str, row)) for row in table.scores.tolist()]
    of_a_run = [f"file,label_predicted,{','.join(names)}", *map(",".join, zip(facts, scores, strict=True))]
    (run / "predictions.csv").write_text("\n".join(of_a_run))
    scored = Scored(samples, table.scores, (), ())
    (evaluation / "predictions.csv").write_text(evaluate.predictions_csv(scored, TINY.replace(class_names=names)))
    for place in (tmp_path, run, evaluation):
        read = outcomes.read(place)
        assert read.class_names == names and read.samples == samples
        assert read.scores.tolist() == table.scores.tolist()


def test_temperature_and_least_score_are_found_again() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (4000, 3))
    truth = np.array([rng.choice(3, p=row) for row in softmax(logits, axis=1)])
    assert calibration.fit_temperature(2.5 * logits, truth) == pytest.approx(2.5, rel=0.05)
    scores = softmax(logits, axis=1)
    chosen = calibration.least_score(scores, truth, precision=0.9)
    below = calibration.answers_above(scores, truth, chosen.value - 0.01)
    assert chosen.precision["value"] >= 0.9 > below.precision["value"]
    with pytest.raises(DataError, match=r"No least score makes 99\.9 % of at least 30 answers right; the best is 50\.0 %"):
        calibration.least_score(np.full((200, 2), 0.5), np.arange(200) % 2, precision=0.999)
    with pytest.raises(DataError, match="at least 30"):
        calibration.fit_temperature(logits[:5], truth[:5])


def test_least_score_is_that_of_the_temperature_that_is_kept() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (2000, 2))
    names = ("down", "up")
    labels = [names[rng.choice(2, p=row)] for row in softmax(logits, axis=1)]
    samples = tuple(Sample(f"{i}.png", Path(f"{i}.png"), label, f"p{i}", "", {}) for i, label in enumerate(labels))
    table = Outcomes(samples, softmax(logits, axis=1), names, np.zeros(2000, int), np.zeros(2000, int))
    half = (0.5, 0.5, 0.5)
    spec = ModelSpec(class_names=names, input_size_hw=(32, 32), fit="pad", mean_rgb=half, std_rgb=half, base_model="x")
    free, held = (calibrate.calibrate(table, spec, precision=0.9, floor=floor) for floor in (0.0, 3.0))
    assert (free["temperature"] < 1.2, held["temperature"]) == (True, 3.0)
    assert held["least_score"] < free["least_score"]
    assert held["answered"]["value"] == pytest.approx(free["answered"]["value"], abs=0.05)  # nearly the same pictures


def test_temperature_needs_no_least_score_that_can_be_reached() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 0.3, (400, 2))  # nobody is sure of anything
    names = ("down", "up")
    labels = [names[rng.choice(2, p=row)] for row in softmax(logits, axis=1)]
    samples = tuple(Sample(f"{i}.png", Path(f"{i}.png"), label, f"p{i}", "", {}) for i, label in enumerate(labels))
    table = Outcomes(samples, softmax(logits, axis=1), names, np.zeros(400, int), np.zeros(400, int))
    half = (0.5, 0.5, 0.5)
    spec = ModelSpec(class_names=names, input_size_hw=(32, 32), fit="pad", mean_rgb=half, std_rgb=half, base_model="x")
    with pytest.raises(DataError, match="choose none with --temperature-only"):
        calibrate.calibrate(table, spec, precision=0.99)
    result = calibrate.calibrate(table, spec, precision=None)
    assert result["temperature"] > 0
    assert not {"least_score", "precision_asked", "answered", "precision"} & set(result)


def test_run_takes_a_split_and_a_review_and_its_calibration_reaches_the_onnx_file(
    make_folder: MakeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from export.convert import export

    data = make_folder(persons=6, per_person=2)
    small = ["--model", "test_efficientnet", "--img-size", "32", "--epochs", "1", "--batch-size", "16", "--device", "cpu"]
    small += ["--threads", "1"]
    monkeypatch.setattr("training.report_page.write_pages", lambda *_arguments: None)
    (tmp_path / "review.csv").write_text("file,label,decision\ndown/0-0.png,down,drop\n")
    reviewed = ["--label-review", str(tmp_path / "review.csv"), "--output", str(tmp_path / "cv"), "--folds", "2", "--seeds", "1"]
    arguments = [str(data), *small, *reviewed]
    assert crossval.main(arguments) == 0
    table = outcomes.read(tmp_path / "cv")
    assert len(table.samples) == 72  # also the picture that was dropped from training is scored
    run = tmp_path / "cv/runs/seed0-fold0"
    assert "down/0-0.png" not in (run / "split.csv").read_text()
    trained: list[object] = []
    monkeypatch.setattr("training.fold_runs.train", trained.append)
    assert crossval.main(arguments) == 0 and not trained  # folds that have ended are not trained again
    monkeypatch.setattr(calibration, "FEWEST_ANSWERS", 5)
    result = calibrate.calibrate(_planted(table), checkpoint.load(run / "model_best.pth.tar").spec, precision=0.5)
    assert result["temperature"] > 0 and 0 <= result["least_score"] <= 1
    outcomes.write(tmp_path / "planted.csv", _planted(table))
    out = tmp_path / "temperature.pth.tar"
    given = [str(tmp_path / "planted.csv"), str(run / "model_best.pth.tar"), "--out", str(out), "--precision", "0.5"]
    assert calibrate.main([*given, "--temperature-only"]) == 0
    warm = ModelSpec.from_json(checkpoint.read(out)["spec"])
    assert warm.temperature == pytest.approx(result["temperature"], abs=1e-3) and warm.least_score is None
    assert calibrate.main([*given, "--temperature-only", "--temperature-from", "50"]) == 0
    assert ModelSpec.from_json(checkpoint.read(out)["spec"]).temperature == 50
    spec = ModelSpec.from_json(checkpoint.read(run / "model_best.pth.tar")["spec"])
    checkpoint.rewrite_spec(run / "model_best.pth.tar", tmp_path / "new.pth.tar", spec.replace(temperature=3.0, least_score=0.4))
    again = [str(tmp_path / "planted.csv"), str(tmp_path / "new.pth.tar"), "--out", str(out), "--temperature-only"]
    assert calibrate.main(again) == 0
    assert ModelSpec.from_json(checkpoint.read(out)["spec"]).least_score is None
    export(tmp_path / "new.pth.tar", tmp_path / "new.onnx", data)
    classifier = Classifier(tmp_path / "new.onnx", provider="cpu")
    assert (classifier.spec.temperature, classifier.spec.least_score) == (3.0, 0.4)
    frames = np.random.default_rng(0).integers(0, 255, (4, 32, 32, 3), np.uint8)
    import torch

    with torch.inference_mode():
        logits = checkpoint.load(run / "model_best.pth.tar").logits(torch.from_numpy(frames)).numpy()
    assert np.allclose(classifier.scores(frames), softmax(logits / 3.0, axis=1), atol=1e-3)
    assert train.main([str(data), *small, "--split-file", str(tmp_path / "none.csv")]) == 2


def test_fold_that_was_stopped_is_not_scored_by_the_model_of_other_settings(
    make_folder: MakeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = scan(make_folder(persons=6, per_person=1))
    test = [s for s in samples if s.person == samples[0].person]
    rest = [s for s in samples if s.person != samples[0].person]
    recipe = TrainConfig(data="data", output=str(tmp_path), epochs=1)
    began: list[int] = []

    def ends(config: TrainConfig) -> Path:
        folder = run.make_folder(config)
        (folder / "report.json").write_text("{}")
        return folder

    def stops(config: TrainConfig) -> Path:
        run.make_folder(config)
        began.append(config.epochs)
        raise KeyboardInterrupt

    monkeypatch.setattr(fold_runs, "train", ends)
    fold_runs._run(test, rest, recipe, 0, 0)
    monkeypatch.setattr(fold_runs, "train", stops)
    fold_runs._run(test, rest, recipe, 0, 0)
    longer = dataclasses.replace(recipe, epochs=3)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            fold_runs._run(test, rest, longer, 0, 0)
    for _ in range(2):  # without a person: the same settings, another split
        with pytest.raises(KeyboardInterrupt):
            fold_runs._run(test, rest[1:], longer, 0, 0)
    assert began == [3, 3, 3, 3]


def _planted(table: Outcomes) -> Outcomes:
    """The same pictures with scores that are right four times out of five."""
    rng = np.random.default_rng(0)
    truth = table.truth
    answer = np.where(rng.random(len(truth)) < 0.8, truth, (truth + 1) % 3)
    scores = 0.05 + 0.85 * np.eye(3)[answer]
    return Outcomes(table.samples, scores / scores.sum(axis=1, keepdims=True), table.class_names, table.seeds, table.folds)
