"""What a record says of where the students were found."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.classifier import Classifier
from inference.digest import sha256_of
from inference.finder import Finder
from inference.record_facts import facts_of
from inference.seats import Seats
from inference.sources import open_source
from inference.students import Students, Whole

START = datetime(2026, 7, 27, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(("kind", "name"), [("whole", "whole"), ("seats", "seats room.json"), ("finder", "finder tiny-finder")])
def test_finder_is_named_with_its_file(kind: str, name: str, tiny_model: Path, tiny_finder: Path, tmp_path: Path) -> None:
    Image.fromarray(np.zeros((40, 48, 3), np.uint8)).save(tmp_path / "still.png")
    known: dict[str, Students] = {"whole": Whole(), "seats": Seats((48, 40), ((0, 0, 10, 10),))}
    students = known[kind] if kind in known else Finder(tiny_finder, provider="cpu", threads=1)
    file = Path("plans/room.json") if kind == "seats" else None
    classifier = Classifier(tiny_model, provider="cpu", threads=1)
    with open_source(str(tmp_path / "still.png")) as source:
        facts = facts_of(START, source, classifier, students, interval_seconds=10.0, students_file=file)
    assert facts.finder == name.replace("tiny-finder", tiny_finder.name)
    assert (facts.source, facts.live, facts.settings["every"]) == ("still.png", False, 1)


def test_model_is_the_file_that_computes_whatever_lies_in_its_place_now(tiny_model: Path, tmp_path: Path) -> None:
    Image.fromarray(np.zeros((40, 48, 3), np.uint8)).save(tmp_path / "still.png")
    model = tmp_path / "model.onnx"
    model.write_bytes(tiny_model.read_bytes())
    classifier = Classifier(model, provider="cpu", threads=1)
    model.write_bytes(b"another export")
    with open_source(str(tmp_path / "still.png")) as source:
        exchanged = facts_of(START, source, classifier, Whole(), interval_seconds=10.0)
        model.unlink()
        deleted = facts_of(START, source, classifier, Whole(), interval_seconds=10.0)
    assert exchanged.model_hash == deleted.model_hash == sha256_of(tiny_model)
    assert exchanged.model == "model.onnx"
