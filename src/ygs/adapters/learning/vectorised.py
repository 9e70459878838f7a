"""The chance model fitted with NumPy: Newton's method as in the specification, over columns."""

from dataclasses import dataclass
from math import sqrt
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ygs.domain.learning.chance_model import (
    BETA,
    GENDERS,
    IS_WANTED,
    MOST_HALVINGS,
    MOST_STEPS,
    MU,
    SAYS_YES,
    TOLERANCE,
    Standard,
    counts_of,
    rounded,
)
from ygs.domain.learning.history import AnswerHistory, Said
from ygs.domain.learning.parameters import ChanceParameters

Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.int64]
_BETAS = slice(2, 4)


class VectorisedChanceModel:
    """Fits the model to half a million answers in seconds."""

    def fit(self, history: AnswerHistory) -> ChanceParameters:
        answers, standards = _Answers.of(history)
        mode = _mode(answers)
        return rounded(mode.tolist(), standards, history, counts_of(history))


@dataclass(frozen=True, slots=True)
class _Answers:
    """The answers and priors as columns; parameters are ordered as in the specification."""

    gender: Places
    me: Places
    them: Places
    z: Floats
    yes: Floats
    people: int
    means: Floats
    weights: Floats

    @classmethod
    def of(cls, history: AnswerHistory) -> tuple["_Answers", list[Standard]]:
        """The answers of a history, and how satisfactions are standardised."""
        said = np.asarray(history.said)
        answered = said != Said.NOTHING
        me = np.asarray(history.me, np.int64)[answered]
        satisfaction = np.asarray(history.satisfaction, np.int64)[answered]
        gender = np.searchsorted(np.array(GENDERS), np.asarray(history.genders))[me]
        standards = [_standard(satisfaction[gender == which]) for which in range(len(GENDERS))]
        centre = np.array([each.centre for each in standards])[gender]
        spread = np.array([each.spread for each in standards])[gender]
        people = len(history.ids)
        priors = np.array([MU] * 2 + [BETA] * 2 + [SAYS_YES] * people + [IS_WANTED] * people)
        columns = cls(
            gender=gender,
            me=me,
            them=np.asarray(history.them, np.int64)[answered],
            z=(satisfaction - centre) / spread,
            yes=said[answered].astype(np.float64),
            people=people,
            means=priors[:, 0].copy(),
            weights=1 / priors[:, 1] ** 2,
        )
        return columns, standards

    def logits(self, values: Floats) -> Floats:
        """The log odds of each answer being yes; with a direction, how fast they change along it."""
        a = values[4 : 4 + self.people]
        b = values[4 + self.people :]
        return values[:2][self.gender] + a[self.me] + b[self.them] + values[_BETAS][self.gender] * self.z

    def spread(self, amounts: Floats, z: Floats) -> Floats:
        """Sum an amount per answer over the parameters that the answer uses; `z`: the weight of its `beta`."""
        result = np.empty_like(self.means)
        for which in range(2):
            ours = self.gender == which
            result[which] = amounts[ours].sum()
            result[2 + which] = (amounts[ours] * z[ours]).sum()
        result[4 : 4 + self.people] = np.bincount(self.me, amounts, self.people)
        result[4 + self.people :] = np.bincount(self.them, amounts, self.people)
        return result

    def value(self, at: Floats) -> float:
        """The function to minimise."""
        logits = self.logits(at)
        misfit = np.logaddexp(0, logits) - self.yes * logits
        return float(misfit.sum() + (self.weights * (at - self.means) ** 2).sum() / 2)

    def gradient(self, at: Floats, chances: Floats) -> Floats:
        """Its gradient, given the chances at this point."""
        return self.weights * (at - self.means) + self.spread(chances - self.yes, self.z)


def _mode(answers: _Answers) -> Floats:
    at = answers.means.copy()
    for _ in range(MOST_STEPS):
        chances = _sigmoid(answers.logits(at))
        down = -answers.gradient(at, chances)
        held = np.zeros(len(at), np.bool_)
        held[_BETAS] = (at[_BETAS] == 0) & (down[_BETAS] < 0)
        down[held] = 0
        if np.abs(down).max() <= TOLERANCE:
            return at
        at = _stepped(answers, at, _solved(answers, chances * (1 - chances), down, held))
    raise ArithmeticError(f"no mode within {MOST_STEPS} steps")


def _stepped(answers: _Answers, at: Floats, step: Floats) -> Floats:
    most = answers.value(at) * (1 + 1e-12) + 1e-12
    for halvings in range(MOST_HALVINGS):
        there = at + 0.5**halvings * step
        there[_BETAS] = np.maximum(there[_BETAS], 0)
        if answers.value(there) <= most:
            return there
    raise ArithmeticError("no step along the Newton direction keeps the function from rising")


def _solved(answers: _Answers, curvature: Floats, right: Floats, held: NDArray[np.bool_]) -> Floats:
    """Solve Hessian * x = right by conjugate gradients, scaled by the Hessian's diagonal."""
    diagonal = answers.weights + answers.spread(curvature, answers.z**2)
    x = np.zeros_like(right)
    residual = right.copy()
    direction = residual / diagonal
    size = _dot(residual, direction)
    enough = 1e-6 * sqrt(_dot(right, right))
    while sqrt(_dot(residual, residual)) > enough:
        ahead = answers.weights * direction + answers.spread(curvature * answers.logits(direction), answers.z)
        ahead[held] = 0
        length = size / _dot(direction, ahead)
        x += length * direction
        residual -= length * ahead
        scaled = residual / diagonal
        before = size
        size = _dot(residual, scaled)
        direction = scaled + size / before * direction
    return x


def _standard(satisfaction: Places) -> Standard:
    return Standard.of(len(satisfaction), int(satisfaction.sum()), int((satisfaction**2).sum()))


def _sigmoid(logits: Floats) -> Floats:
    # exp() of a large number would overflow.
    return (1 + np.tanh(logits / 2)) / 2


def _dot(one: Floats, other: Floats) -> float:
    # Not `@`: a threaded BLAS may sum in another order on a busier machine.
    return float((one * other).sum())
