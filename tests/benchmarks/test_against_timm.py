"""Two recipes on the same made-up pictures kept apart: what is run, what is not run twice, and what the table says."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch

from benchmarks import against_timm
from tests.training.conftest import make_folder  # noqa: F401  # a fixture
from training import train, wise
from training.data import Sample
from training.outcomes import Outcomes, joined

NAMES = ("down", "up")


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Runs without a process each, which take seconds to begin; returns the names of those that ran."""
    ran: list[str] = []

    def launch(module: str, argv: Sequence[str], folder: Path) -> None:
        ran.append(folder.name)
        assert {"training.train": train.main, "training.wise": wise.main}[module](list(argv)) == 0

    monkeypatch.setattr(against_timm, "launch", launch)
    return ran


@pytest.fixture
def tiny_recipes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The recipe of ours with as many frozen stages as a tiny backbone has, in plain numbers."""
    flags = against_timm.OURS.flags.replace("--freeze-stages 3", "--freeze-stages 1").replace("bfloat16", "float32")
    monkeypatch.setattr(against_timm, "OURS", against_timm.Recipe("ours", flags, share=0.8, extra=True))


def test_both_recipes_answer_for_the_same_pictures_and_a_second_call_runs_nothing(
    make_folder: Callable[..., Path],  # noqa: F811
    tmp_path: Path,
    in_process: list[str],
    tiny_recipes: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    weights = tmp_path / "weights.pth"
    torch.save(timm.create_model("test_efficientnet").state_dict(), weights)
    extra = make_folder("extra", persons=2, per_person=1, cameras=("a", "c"))
    out = tmp_path / "out"
    command = [str(make_folder()), "--extra-data", str(extra), "--model", "test_efficientnet", "--pretrained-path", str(weights)]
    command += ["--cameras", "b", "--seeds", "0", "1", "--img-size", "32", "--epochs", "1", "--samples-per-epoch", "16"]
    command += ["--tries", "preset:0.001", "defaults:0.0001", "--out", str(out)]
    assert against_timm.main(command) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert in_process[:6] == [
        "choice-preset-lr0.001",
        "choice-defaults-lr0.0001",
        "persons-ours-seed0",
        "persons-ours-seed0-wise",
        "persons-timm-seed0",
        "b-ours-seed0",
    ]
    assert [(row["test"], row["seeds"]) for row in result["rows"]] == [("persons", [0, 1]), ("b", [0, 1])]
    assert result["rows"][1]["images"] == 30 and result["rows"][1]["answers"] == 60
    assert (out / "persons-ours-seed0/split.csv").read_text() != (out / "persons-ours-seed1/split.csv").read_text()
    _check_that_the_choice_saw_no_tested_person(out)
    settings = json.loads((out / "b-timm-seed1/settings.json").read_text())
    tried = json.loads((out / f"choice-{result['timm']['chosen'].replace(':', '-lr')}/settings.json").read_text())
    assert [settings[name] for name in ("lr", "aa", "reprob")] == [tried[name] for name in ("lr", "aa", "reprob")]
    assert settings["opt"] == "adam" and not settings["extra_data"] and settings["freeze_stages"] == 0
    assert json.loads((out / "choice-preset-lr0.001/settings.json").read_text())["aa"] == "rand-m9-mstd0.5"
    assert json.loads((out / "choice-defaults-lr0.0001/settings.json").read_text())["aa"] == ""
    in_process.clear()
    assert against_timm.main(command) == 0 and not in_process
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == result
    assert against_timm.main([*command, "--epochs", "2"]) == 2
    assert "made with other settings" in capsys.readouterr().err
    assert against_timm.main([*command, "--tries", "nothing:1"]) == 2
    assert "no WAY:LR" in capsys.readouterr().err


def _check_that_the_choice_saw_no_tested_person(out: Path) -> None:
    rows = [line.split(",") for line in (out / "persons-timm-seed0/split.csv").read_text().splitlines()[1:]]
    tested = {person for _, _, _, person, side in rows if side == "test"}
    chosen = {line.split(",")[3] for line in (out / "choice.csv").read_text().splitlines()[1:]}
    assert tested and chosen and not tested & chosen


def _answers(hits: Sequence[int], seed: int) -> Outcomes:
    samples = tuple(Sample(f"{i}.jpg", Path(), NAMES[i % 2], f"person-{i // 4}", "a") for i in range(len(hits)))
    scores = np.array([[0.9, 0.1] if (i % 2 == 0) == bool(hit) else [0.1, 0.9] for i, hit in enumerate(hits)])
    return Outcomes(samples, scores, NAMES, np.full(len(hits), seed), np.zeros(len(hits), int))


def test_a_difference_is_the_mean_over_seeds_with_persons_drawn_anew() -> None:
    right, half = [1] * 40, [1, 0, 0, 1] * 10
    ours = joined([_answers(right, 0), _answers(right, 1)])
    line = against_timm.row(ours, joined([_answers(half, 0), _answers(right, 1)]))
    assert line["images"] == 40 and line["answers"] == 80 and line["persons"] == 10
    assert line["timm"]["accuracy"]["value"] == 0.75
    assert line["difference"]["accuracy"] == {"value": 0.25, "interval": [0.25, 0.25]}  # every person alike
    assert [seed["accuracy"]["ours"] - seed["accuracy"]["timm"] for seed in line["by_seed"]] == [0.5, 0.0]
    facts: dict[str, Any] = {"rows": [{"test": "persons", **line}]}
    assert "100.0 [100.0, 100.0] | 75.0 [75.0, 75.0] | +25.0 [+25.0, +25.0] | +50.0, +0.0 |" in against_timm.table(facts)


def test_a_failing_run_is_named_with_its_log(tmp_path: Path) -> None:
    with pytest.raises(against_timm.DataError, match=r"status 1 .*No module named training\.nothing.*run\.log"):
        against_timm.launch("training.nothing", [], tmp_path / "run")
