"""Fits a regularised linear model (softmax regression) beside a score that is already there."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import lsqr

Array = NDArray[np.float64]
STEPS = 120
STEPS_AFTER_PRUNING = 60
PENALTY_ON_BIAS = 0.1
EXACT = 1e-4


@dataclass(frozen=True, slots=True)
class Model:
    """Weights (features x labels), a bias for each label, and what the given score counts."""

    weights: Array
    bias: Array
    given: float

    def scores(self, features: csr_matrix, given: Array) -> Array:
        """Return the scores (messages x labels)."""
        return np.asarray(features @ self.weights + self.bias + self.given * given)

    def mixed(self, other: "Model", part: float) -> "Model":
        """Return half of this model and `part` of another."""
        return Model(
            self.weights / 2 + other.weights * part, self.bias / 2 + other.bias * part, self.given / 2
        )

    def rounded(self, step: float) -> "Model":
        """Return the model as it will stand in the file."""
        return Model(np.round(self.weights / step) * step, np.round(self.bias, 2), round(self.given, 2))


def fit(
    features: csr_matrix,
    wanted: Array,
    given: Array,
    *,
    penalty: float,
    counts: float | None = None,
    kept: NDArray[np.bool_] | None = None,
    start: Model | None = None,
) -> Model:
    """Fit by softmax regression; `kept` (features x labels) are the weights that may differ from 0.

    `wanted` (messages x labels) are the shares of each label, `given` the scores that are already there;
    `counts` fixes what those count, else that is fitted too.
    """
    size = (features.shape[1], wanted.shape[1])
    nothing = Model(np.zeros(size), np.zeros(size[1]), 0.5 if counts is None else counts)
    return _descend(
        features,
        wanted,
        given,
        penalty,
        start or nothing,
        np.ones(size, dtype=bool) if kept is None else kept,
        STEPS_AFTER_PRUNING if start else STEPS,
        is_free=counts is None,
    )


def fit_squares(
    features: csr_matrix, wanted: Array, *, penalty: float, kept: NDArray[np.bool_] | None = None
) -> Model:
    """Fit the shares themselves by least squares, label by label; the given scores count nothing."""
    weights = np.zeros((features.shape[1], wanted.shape[1]))
    usual, by_feature = wanted.mean(axis=0), features.tocsc()
    for label, column in enumerate((wanted - usual).T):
        free = np.flatnonzero(kept[:, label]) if kept is not None else np.arange(features.shape[1])
        if len(free):
            weights[free, label] = lsqr(by_feature[:, free], column, damp=sqrt(penalty), atol=EXACT)[0]
    return Model(weights, usual, 0.0)


def _descend(
    features: csr_matrix,
    wanted: Array,
    given: Array,
    penalty: float,
    start: Model,
    kept: NDArray[np.bool_],
    steps: int,
    *,
    is_free: bool,
) -> Model:
    turned = features.T.tocsr()
    at = np.flatnonzero(kept.ravel())
    size, labels = kept.shape, kept.shape[1]

    def unpack(numbers: Array) -> Model:
        weights = np.zeros(kept.size)
        weights[at] = numbers[: len(at)]
        return Model(weights.reshape(size), numbers[len(at) : len(at) + labels], float(numbers[-1]))

    def loss(numbers: Array) -> tuple[float, Array]:
        model = unpack(numbers)
        scores = model.scores(features, given)
        scores -= scores.max(axis=1, keepdims=True)
        odds = np.exp(scores)
        whole = odds.sum(axis=1, keepdims=True)
        surprise = -(wanted * (scores - np.log(whole))).sum()
        size_of_weights = (model.weights**2).sum() * penalty + (model.bias**2).sum() * PENALTY_ON_BIAS
        error = odds / whole - wanted
        slope = np.concatenate(
            [
                (turned @ error + penalty * model.weights).ravel()[at],
                error.sum(axis=0) + PENALTY_ON_BIAS * model.bias,
                [(error * given).sum() * is_free],
            ]
        )
        return float(surprise + size_of_weights / 2), slope

    first = np.concatenate([start.weights.ravel()[at], start.bias, [start.given]])
    options = {"maxiter": steps, "maxcor": 8}
    return unpack(minimize(loss, first, jac=True, method="L-BFGS-B", options=options).x)
