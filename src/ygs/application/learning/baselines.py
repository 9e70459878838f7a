"""What a learned chance has to beat: the score alone, and smoothed rates without a model."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log

from ygs.domain.learning.history import AnswerHistory, Said
from ygs.domain.matching.wishes import FULL

_STEP = 100  # Satisfactions are grouped in steps of one percentage point.
_NEWTON_STEPS = 25
_PRIOR = 4.0  # A rate starts as if it had been seen four times at the usual value.


@dataclass(frozen=True, slots=True)
class ScoreAlone:
    """A yes as a logistic function of the satisfaction, one per gender, and nothing about the person."""

    curves: Mapping[int, tuple[float, float]]

    @classmethod
    def of(cls, history: AnswerHistory) -> "ScoreAlone":
        """Fitted to the answers of a history."""
        counts: dict[int, Counter[tuple[int, bool]]] = {gender: Counter() for gender in set(history.genders)}
        for me, satisfaction, said in zip(history.me, history.satisfaction, history.said, strict=True):
            if said != Said.NOTHING:
                counts[history.genders[me]][satisfaction // _STEP, said == Said.YES] += 1
        return cls({gender: _curve(count) for gender, count in counts.items()})

    def probability(self, gender: int, satisfaction: int) -> float:
        """The probability that a person of this gender says yes to a partner of this satisfaction."""
        base, slope = self.curves.get(gender, (0.0, 0.0))
        return _sigmoid(base + slope * _centred(satisfaction // _STEP))


def _centred(step: int) -> float:
    return step * _STEP / FULL - 0.8


def _curve(counts: Mapping[tuple[int, bool], int]) -> tuple[float, float]:
    """Base and slope of a logistic regression, by Newton's method, with a little weight towards 0."""
    base = slope = 0.0
    for _ in range(_NEWTON_STEPS):
        down_base, down_slope = -0.01 * base, -0.01 * slope
        a = c = 0.01
        b = 0.0
        for (step, yes), count in counts.items():
            x = _centred(step)
            p = _sigmoid(base + slope * x)
            down_base += count * (yes - p)
            down_slope += count * (yes - p) * x
            a += count * p * (1 - p)
            b += count * p * (1 - p) * x
            c += count * p * (1 - p) * x * x
        base += (c * down_base - b * down_slope) / (a * c - b * b)
        slope += (a * down_slope - b * down_base) / (a * c - b * b)
    return base, slope


@dataclass(frozen=True, slots=True)
class SmoothedRates:
    """A yes from two rates: how often the chooser said yes, and how often the other heard it."""

    usual: Mapping[int, float]
    says: Mapping[str, float]
    hears: Mapping[str, float]

    @classmethod
    def of(cls, history: AnswerHistory) -> "SmoothedRates":
        """The log odds of each rate, drawn towards what is usual among the choosers."""
        said: Counter[tuple[int, bool]] = Counter()
        received: Counter[tuple[int, bool]] = Counter()
        usual: Counter[tuple[int, bool]] = Counter()
        for me, them, answer in zip(history.me, history.them, history.said, strict=True):
            if answer != Said.NOTHING:
                said[me, answer == Said.YES] += 1
                received[them, answer == Said.YES] += 1
                usual[history.genders[me], answer == Said.YES] += 1
        rates = {
            gender: (usual[gender, True] + 1) / (usual[gender, True] + usual[gender, False] + 2) for gender, _ in usual
        }
        everybody = (sum(usual[gender, True] for gender in rates) + 1) / (usual.total() + 2)
        people = range(len(history.ids))
        return cls(
            {gender: log_odds(rate) for gender, rate in rates.items()},
            {history.ids[k]: _excess(said, k, rates.get(history.genders[k], everybody)) for k in people},
            {history.ids[k]: _excess(received, k, everybody) for k in people},
        )

    def probability(self, gender: int, me: str, them: str) -> float:
        """The probability that `me`, of this gender, says yes to `them`."""
        return _sigmoid(self.usual.get(gender, 0.0) + self.says.get(me, 0.0) + self.hears.get(them, 0.0))


def _excess(counts: Counter[tuple[int, bool]], place: int, usual: float) -> float:
    """How much the log odds of a person's smoothed rate exceed the usual ones."""
    yes = counts[place, True]
    rate = (yes + _PRIOR * usual) / (yes + counts[place, False] + _PRIOR)
    return log_odds(rate) - log_odds(usual)


def log_odds(probability: float) -> float:
    """The log odds of a probability, which is neither 0 nor 1."""
    return log(probability / (1 - probability))


def _sigmoid(logit: float) -> float:
    return 1 / (1 + exp(-logit)) if logit >= 0 else exp(logit) / (1 + exp(logit))
