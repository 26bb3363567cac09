"""A linear classifier on the features of a network: what a probe is, and the head that `training.wise` goes back to."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

ABSENT = -30.0
"""Bias of a class without a picture: no answer, and no weight in a softmax."""


def fit(
    values: np.ndarray, labels: np.ndarray, weights: np.ndarray, *, classes: int, strength: float, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Weight `(C, F) float32` and bias `(C,) float32` of a logistic regression of `labels (N,) int` on `values (N, F)`.

    `weights (N,)` says how much each row counts; `strength` is the inverse of the L2 penalty, which acts on the features as
    they are with mean 0 and spread 1 (scikit-learn's `C`). The logits are `values @ weight.T + bias`.
    """
    present = np.unique(labels)
    weight, bias = np.zeros((classes, values.shape[1])), np.full(classes, ABSENT)
    if len(present) == 1:
        bias[present] = 0.0
        return weight.astype(np.float32), bias.astype(np.float32)
    scaler = StandardScaler().fit(values)
    regression = LogisticRegression(C=strength, max_iter=300, random_state=seed)
    regression.fit(scaler.transform(values), labels, sample_weight=weights)
    found, offset = regression.coef_, regression.intercept_
    if len(present) == 2:  # scikit-learn gives the second class's logit alone
        found, offset = np.concatenate([-found, found]) / 2, np.concatenate([-offset, offset]) / 2
    weight[present] = found / scaler.scale_
    bias[present] = offset - weight[present] @ scaler.mean_
    return weight.astype(np.float32), bias.astype(np.float32)
