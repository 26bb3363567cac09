"""What a second annotator's answers say about labels and a model."""

import json
from pathlib import Path

import numpy as np
import pytest

from training import outcomes, second_look
from training.data import Sample


@pytest.fixture
def looked(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Twenty pictures of ten persons: 18 decided, 16 of them as labelled; a model that sides with the second annotator."""
    folder, lines, rows, samples = tmp_path / "data", ["file,label,camera,person"], ["file,second,sample"], []
    second = {"ahead": ["ahead"] * 8 + ["down", "?"], "down": ["down"] * 8 + ["ahead", "?"]}
    for label, words in second.items():
        (folder / label).mkdir(parents=True)
        for i, word in enumerate(words):
            (folder / label / f"{i}.jpg").write_bytes(b"never read")
            file = f"{label}/{i}.jpg"
            lines.append(f"{file},{label},room,p{i}")
            rows += [f"{file},{word},test", f"{file},{label},again"]
            samples.append(Sample(file, folder / file, label, f"p{i}", "room"))
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "second.csv").write_text("\n".join(rows) + "\n")
    answers = [
        ("ahead", "down").index(word if word != "?" else s.label)
        for s, word in zip(samples, [*second["ahead"], *second["down"]], strict=True)
    ]
    table = outcomes.fold_outcomes(samples, np.eye(2)[answers], ("ahead", "down"), 0, 0)
    outcomes.write(tmp_path / "predictions.csv", table)
    return tmp_path / "second.csv", folder, tmp_path / "predictions.csv"


def test_agreement_kappa_and_model(looked: tuple[Path, Path, Path], tmp_path: Path) -> None:
    second, folder, scores = map(str, looked)
    arguments = [second, folder, "--sample", "test", "--scores", scores, "--json", str(tmp_path / "second.json")]
    assert second_look.main(arguments) == 0
    told = json.loads((tmp_path / "second.json").read_text())
    assert (told["n"], told["persons"], told["decided"], told["undecided"]["k"]) == (20, 10, 18, 2)
    assert (told["agreement"]["k"], told["agreement"]["n"]) == (16, 18)
    assert told["kappa"]["value"] == pytest.approx((16 / 18 - 0.5) / 0.5, abs=1e-4)
    assert told["label"]["ahead"]["same"] == {**told["label"]["ahead"]["same"], "k": 8, "n": 10}
    model = told["model"]
    assert (model["agreed"]["k"], model["agreed"]["n"]) == (16, 16)
    assert (model["differing_by_label"]["k"], model["differing_by_second"]["k"]) == (0, 2)


def test_one_seed_of_several_is_judged(looked: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    second, folder, scores = looked
    one = outcomes.read(scores)
    both = outcomes.joined([one, outcomes.fold_outcomes(one.samples, one.scores[:, ::-1], one.class_names, 1, 0)])
    outcomes.write(scores, both)
    command = [str(second), str(folder), "--sample", "test", "--scores", str(scores)]
    assert second_look.main(command) == 2
    assert "several answers for one picture (seeds: 0, 1)" in capsys.readouterr().err
    right = []
    for seed in ("0", "1"):
        assert second_look.main([*command, "--seed", seed]) == 0
        right.append(json.loads(capsys.readouterr().out)["model"]["agreed"]["k"])
    assert right == [16, 0]
    assert second_look.main([*command, "--seed", "2"]) == 2
    assert "no answer for 20 of the 20" in capsys.readouterr().err
    assert second_look.main([str(second), str(folder), "--sample", "test", "--seed", "0"]) == 2
    assert "one of --scores" in capsys.readouterr().err


def test_what_cannot_be_compared_is_refused(
    looked: tuple[Path, Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second, folder, scores = looked
    assert second_look.main([str(second), str(folder)]) == 2 and "Choose one part of it" in capsys.readouterr().err
    assert second_look.main([str(second), str(folder), "--sample", "none"]) == 2 and "0 rows" in capsys.readouterr().err
    (tmp_path / "other.csv").write_text("file,second\nahead/0.jpg,asleep\n")
    assert second_look.main([str(tmp_path / "other.csv"), str(folder)]) == 2 and "e.g. asleep" in capsys.readouterr().err
    few = "\n".join(scores.read_text().splitlines()[:-1]) + "\n"
    scores.write_text(few)
    assert second_look.main([str(second), str(folder), "--sample", "test", "--scores", str(scores)]) == 2
    assert "no answer for 1 of the 20 pictures" in capsys.readouterr().err
