"""The finder's scores on cases that can be counted by hand, and against the scorer that lies beside the checkout."""

import json
import sys

import numpy as np
import pytest

from tests.shared import shared
from training import coco, finder_metrics
from training.finder_metrics import average_precision, judge, report

NOBODY = np.empty((0, 4), np.float32)


def boxes(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array(rows, np.float32)


def test_a_box_counts_once() -> None:
    student = boxes((0, 0, 10, 10))
    outcome = judge(student, NOBODY, boxes((0, 0, 10, 10, 0.9), (0, 0, 10, 9, 0.8)))
    assert outcome.overlap.tolist() == [1, 0]
    assert outcome.centre.tolist() == [1, 0]


def test_the_surer_box_is_judged_first() -> None:
    outcome = judge(boxes((0, 0, 10, 10)), NOBODY, boxes((0, 0, 10, 9, 0.1), (0, 0, 10, 10, 0.2)))
    assert outcome.scores.tolist() == pytest.approx([0.2, 0.1])
    assert outcome.overlap.tolist() == [1, 0]


def test_a_loose_box_hits_by_centre_and_misses_by_overlap() -> None:
    outcome = judge(boxes((0, 0, 10, 10)), NOBODY, boxes((-10, -10, 20, 20, 0.9)))
    assert (outcome.overlap.tolist(), outcome.centre.tolist()) == ([0], [1])


def test_a_lecturer_is_neither_right_nor_wrong() -> None:
    outcome = judge(NOBODY, boxes((0, 0, 10, 10)), boxes((1, 1, 9, 9, 0.9), (50, 50, 60, 60, 0.8)))
    assert outcome.overlap.tolist() == [-1, 0]
    assert outcome.centre.tolist() == [-1, 0]


def test_average_precision_of_perfect_boxes_is_one_and_of_none_is_zero() -> None:
    student = boxes((0, 0, 10, 10))
    assert average_precision([judge(student, NOBODY, boxes((0, 0, 10, 10, 0.5)))]) == pytest.approx(1.0)
    assert average_precision([judge(student, NOBODY, np.empty((0, 5)))]) == 0.0


def test_rates_follow_the_threshold() -> None:
    found = boxes((0, 0, 10, 10, 0.9), (50, 50, 60, 60, 0.3))
    outcomes = [judge(boxes((0, 0, 10, 10), (20, 20, 30, 30)), NOBODY, found)]
    assert report(outcomes, threshold=0.5)["precision"] == 1.0
    assert report(outcomes, threshold=0.2)["precision"] == 0.5
    assert report(outcomes, threshold=0.5)["recall"] == 0.5


def test_one_frame_gives_no_interval() -> None:
    outcome = judge(boxes((0, 0, 10, 10)), NOBODY, boxes((0, 0, 10, 10, 0.9)))
    assert report([outcome], threshold=0.5)["interval"] == {"f1": None, "ap50": None}
    assert report([outcome] * 2, threshold=0.5)["interval"] == {"f1": [1.0, 1.0], "ap50": [1.0, 1.0]}


def test_best_threshold_keeps_all_boxes_of_one_score() -> None:
    students = boxes((0, 0, 10, 10), (20, 20, 30, 30))
    wrong = [(x, 50, x + 10, 60, 0.5) for x in (0, 20, 40)]
    found = boxes((0, 0, 10, 10, 0.75), (20, 20, 30, 30, 0.5), *wrong)
    result = report([judge(students, NOBODY, found)], threshold=0.5, rounds=2)
    assert (result["threshold_best"], result["f1_best"], result["f1"]) == (0.75, 0.6667, 0.5714)  # 2/3 and 4/7


def test_scores_of_two_frames_are_those_worked_by_hand() -> None:
    """Sorted by score: right, wrong, right, neither, right, wrong, of four students.

    By overlap the precisions at recalls 1/4, 2/4 and 3/4 are 1, 2/3 and 3/4, monotone 1, 3/4 and 3/4; of COCO's 101 recalls 26
    are at most 1/4, 50 more at most 3/4: AP50 = (26 + 50 * 3/4) / 101. The last wrong box has its centre in the fourth student.
    """
    first = judge(
        boxes((0, 0, 10, 10), (20, 0, 30, 10)),
        boxes((80, 0, 90, 10)),
        boxes((0, 0, 10, 10, 0.9), (50, 50, 60, 60, 0.8), (81, 1, 89, 9, 0.6), (20, 0, 30, 9, 0.5)),
    )
    second = judge(boxes((0, 0, 10, 10), (40, 0, 50, 10)), NOBODY, boxes((0, 0, 9, 10, 0.7), (30, -10, 60, 20, 0.4)))
    assert average_precision([first, second]) == pytest.approx((26 + 50 * 0.75) / 101)
    result = report([first, second], threshold=0.45, rounds=2)
    assert (result["precision"], result["recall"], result["f1"]) == (0.75, 0.75, 0.75)
    assert (result["threshold_best"], result["f1_best"]) == (0.4, 0.8889)  # 4 of 5 boxes right, 4 of 4 students: 8/9


def test_frames_without_students_or_boxes_have_a_report() -> None:
    assert report([judge(NOBODY, NOBODY, np.empty((0, 5)))], threshold=0.5)["f1"] == 0.0


def test_agrees_with_the_shared_scorer() -> None:
    tools, folder = shared("tools"), shared("data/classrooms")
    sys.path.insert(0, str(tools))
    try:
        import eval_finder  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(tools))
    rng = np.random.default_rng(0)
    frames = coco.read(folder)[::25]
    detections, outcomes = {}, []
    for frame in frames:
        people = np.concatenate([frame.students, frame.ignored])
        people = people[rng.random(len(people)) < 0.9]
        near = people + rng.normal(0, 9, people.shape)
        corners = rng.uniform(0, 1000, (5, 2))
        found = np.concatenate([near, np.concatenate([corners, corners + 80], axis=1)])
        found = np.concatenate([found, rng.random((len(found), 1))], axis=1)
        detections[frame.file] = found.tolist()
        outcomes.append(judge(frame.students, frame.ignored, found))
    content = json.loads((folder / "annotations.json").read_text())
    theirs = eval_finder.evaluate(eval_finder.load(content, detections, only_listed=True)[0], threshold=0.3)
    ours = finder_metrics.report(outcomes, threshold=0.3, rounds=2)
    for mine, other in (
        ("ap50", "ap50"),
        ("f1", "f1"),
        ("f1_best", "f1_oracle"),
        ("precision", "precision"),
        ("recall", "recall"),
    ):
        assert ours[mine] == pytest.approx(theirs[other], abs=1e-4)
