"""No person and no camera on two sides."""

import dataclasses
from pathlib import Path

import pytest

from inference.errors import DataError
from tests.training.conftest import MakeFolder
from training import data, splits
from training.data import Sample


def sample(person: str, camera: str = "a", label: str = "ahead", file: str = "") -> Sample:
    name = file or f"{label}/{person}.jpg"
    return Sample(name, Path(name), label, person, camera)


def persons(side: tuple[Sample, ...]) -> set[str]:
    return {s.person for s in side}


@pytest.mark.parametrize("seed", range(10))
def test_no_person_is_on_two_sides(make_folder: MakeFolder, seed: int) -> None:
    split = splits.by_person(data.scan(make_folder(persons=10)), validation=0.2, test=0.2, seed=seed)
    assert split.train and split.validation and split.test
    assert not persons(split.train) & persons(split.test)
    assert not persons(split.train) & persons(split.validation)
    assert not persons(split.validation) & persons(split.test)


def test_every_sample_is_on_one_side(make_folder: MakeFolder) -> None:
    samples = data.scan(make_folder())
    split = splits.by_person(samples, validation=0.2, test=0.2, seed=0)
    assert sorted(s.file for s in (*split.train, *split.validation, *split.test)) == sorted(s.file for s in samples)


def test_same_seed_gives_the_same_split_and_another_seed_another(make_folder: MakeFolder) -> None:
    samples = data.scan(make_folder(persons=10))
    first = splits.by_person(samples, validation=0.2, test=0.2, seed=1)
    assert first == splits.by_person(samples, validation=0.2, test=0.2, seed=1)
    assert first != splits.by_person(samples, validation=0.2, test=0.2, seed=2)


def test_train_only_camera_is_never_scored(make_folder: MakeFolder) -> None:
    samples = [dataclasses.replace(s, person=f"{s.camera}-{s.person}") for s in data.scan(make_folder(persons=10))]
    split = splits.by_person(samples, validation=0.2, test=0.2, seed=0, train_only=["a"])
    assert {s.camera for s in (*split.validation, *split.test)} == {"b"}


def test_left_out_camera_is_the_whole_test_and_nowhere_else(make_folder: MakeFolder) -> None:
    samples = [*data.scan(make_folder()), sample("pasted", camera="stock+a")]
    split = splits.without_camera(samples, "a", validation=0.2, seed=0)
    assert {s.camera for s in split.test} == {"a", "stock+a"}
    assert all("a" not in s.cameras for s in (*split.train, *split.validation))


def test_persons_whom_the_left_out_camera_saw_do_not_train_before_another_one(caplog: pytest.LogCaptureFixture) -> None:
    samples = [
        sample(f"p{i}", camera, file=f"{camera}{i}.jpg") for i in range(12) for camera in ("a", "b") if i < 8 or camera == "b"
    ]
    split = splits.without_camera(samples, "a", validation=0.3, seed=0)
    assert persons(split.test) == {f"p{i}" for i in range(8)}
    assert persons(split.train) | persons(split.validation) == {"p8", "p9", "p10", "p11"}
    assert "8 pictures of other cameras show persons whom camera a saw" in caplog.text
    with pytest.raises(DataError, match="leaves no picture of sleep to train on"):
        splits.without_camera([*samples, sample("p0", "b", label="sleep")], "a", validation=0.3, seed=0)


def test_unknown_camera_is_refused_with_the_known_ones(make_folder: MakeFolder) -> None:
    with pytest.raises(DataError, match="knows a, b"):
        splits.without_camera(data.scan(make_folder()), "c", validation=0.2, seed=0)


def test_extra_samples_of_held_out_persons_and_cameras_are_left_out() -> None:
    split = splits.Split((sample("train"),), (sample("chooser"),), (sample("tester", camera="stock+b"), sample("other")))
    split = dataclasses.replace(split, train=(*split.train, sample("pasted", camera="stock")))
    extra = [sample("train"), sample("chooser"), sample("tester"), sample("new", camera="stock+b"), sample("new", camera="c")]
    assert splits.without_held_out(extra, split) == [extra[0], extra[4]]


def test_class_of_one_person_always_trains() -> None:
    samples = [sample(f"p{i}") for i in range(20)] + [sample("only", label="sleep")]
    assert "only" in persons(splits.by_person(samples, validation=0.3, test=0.3, seed=0).train)


def test_written_split_names_the_side_of_every_sample(tmp_path: Path) -> None:
    splits.write_split(splits.Split((sample("x"),), (), (sample("y"),)), tmp_path / "split.csv")
    assert (tmp_path / "split.csv").read_text().splitlines() == [
        "file,label,camera,person,side",
        "ahead/x.jpg,ahead,a,x,train",
        "ahead/y.jpg,ahead,a,y,test",
    ]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("ahead/x.jpg,train\nahead/y.jpg,val\n", "has the side 'val'"),
        ("ahead/x.jpg,train\nahead/z.jpg,test\n", "1 persons both in train and in what is scored"),
        ("ahead/y.jpg,train\nahead/x.jpg,validation\nahead/z.jpg,test\n", "1 persons both in validation and in test, e.g. x"),
    ],
)
def test_split_of_a_file_that_would_flatter_is_refused(tmp_path: Path, rows: str, message: str) -> None:
    samples = [sample("x"), sample("y"), dataclasses.replace(sample("z"), person="x")]
    (tmp_path / "split.csv").write_text(f"file,side\n{rows}")
    with pytest.raises(DataError, match=message):
        splits.read_split(samples, tmp_path / "split.csv")
