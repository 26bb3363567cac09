"""From the scores of one student to an answer: a class, or that none can be said.

decide(scores, spec)  # (N,) int: index of a class, or UNCERTAIN

A model carries the least score that was chosen for a stated precision (`python -m training.calibrate`); without one the highest
score always wins in pictures, and `inference.following` has a least score of its own.
"""

import numpy as np

from inference.classifier import Classifier
from inference.errors import ModelError
from inference.following import DEFAULT_SETTINGS, UNCERTAIN, FollowingSettings
from inference.spec import ModelSpec

UNCERTAIN_NAME = "uncertain"
"""What stands where otherwise the name of a class does."""


def decide(scores: np.ndarray, least_score: float | None) -> np.ndarray:
    """Scores `(N, C)` -> `(N,) int64`: the class of the highest score, UNCERTAIN where that is below `least_score`."""
    if not len(scores):
        return np.zeros(0, np.int64)
    best = scores.argmax(axis=1).astype(np.int64)
    return best if least_score is None else np.where(scores.max(axis=1) >= least_score, best, UNCERTAIN)


def name_of(scores: np.ndarray, spec: ModelSpec) -> str:
    """The answer for one student, scores `(C,)`; of a model of several labels every class that is present, joined by `;`."""
    if spec.activation == "sigmoid":
        return spec.answer(scores.tolist())
    state = int(decide(scores[None], spec.least_score)[0])
    return UNCERTAIN_NAME if state == UNCERTAIN else spec.class_names[state]


def must_say_one(classifier: Classifier) -> None:
    """Raises ModelError for a model of several labels: lessons, marked copies and Teach know one attitude per student."""
    if classifier.spec.activation == "sigmoid":
        raise ModelError(
            f"{classifier.path} gives several labels at once, which the Photos page and `classify` can show. "
            "For lessons, videos and marked copies give a model of one attitude per student with --model.",
            code="model_several",
            name=classifier.path.name,
        )


def following_settings(spec: ModelSpec) -> FollowingSettings:
    """How students are followed with this model: its own least score instead of the default one."""
    if spec.least_score is None:
        return DEFAULT_SETTINGS
    return FollowingSettings(least_score=spec.least_score, sure_score=max(spec.least_score, DEFAULT_SETTINGS.sure_score))
