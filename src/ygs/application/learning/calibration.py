"""Calibration: the log odds that a fit predicts are drawn together as far as the latest weeks say they were too bold.

A fit takes the mode of what it learned for the truth, so its boldest chances come true less often than it says; and it
takes how often people say yes and how wanted they are for independent, though who is much wanted says yes less often,
and who says yes to everybody is wanted less. The answers of the latest four weeks are predicted by a fit of the weeks
before them, and a logistic regression of what was said (after Platt, "Probabilistic Outputs for Support Vector
Machines", 1999) finds

    logit = shift + stretch * predicted logit + cross * (my being wanted + their saying yes)

which is then applied to the fit of all weeks. It has the form of the model itself: a person's two rates become
`stretch` times themselves and `cross` times the other. `stretch` is drawn towards 1 and never negative, `cross` to 0.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import fsum
from typing import TypeAlias

from ygs.domain.learning.chance_model import sigmoid, softplus
from ygs.domain.learning.history import AnswerHistory, Said
from ygs.domain.learning.parameters import ChanceParameters
from ygs.domain.matching.chance import MOST_LOGIT, MOST_SLOPE, GenderRates, PersonRates, logit
from ygs.domain.matching.market import Genders
from ygs.ports.chance_model import ChanceModel

BLOCK = 4  # weeks that are predicted
LEAST_WEEKS = 8
LEAST_ANSWERS = 200
# Where shift, stretch and cross start, and how firmly: the latter two as if their standard deviation were a fifth. The
# first keeps the shift finite where everybody said the same.
_STARTS = (0.0, 1.0, 0.0)
_FIRMNESS = (0.01, 25.0, 25.0)
_STEPS = 25
_ENOUGH = 1e-6
_ONE = 1_000


# What the three are multiplied by, and whether it was yes.
_Answer: TypeAlias = tuple[tuple[float, float, float], bool]


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is done to predicted log odds; all in thousandths."""

    shift: int = 0
    stretch: int = _ONE
    cross: int = 0

    def of(self, parameters: ChanceParameters) -> ChanceParameters:
        """The model whose log odds are the calibrated ones."""
        return replace(
            parameters,
            rates={gender: self._common(each) for gender, each in parameters.rates.items()},
            people={person: self._person(each) for person, each in parameters.people.items()},
        )

    def _common(self, rates: GenderRates) -> GenderRates:
        base = _within(self.shift + self.stretch * rates.base // _ONE)
        return replace(rates, base=base, slope=min(self.stretch * rates.slope // _ONE, MOST_SLOPE))

    def _person(self, rates: PersonRates) -> PersonRates:
        says_yes = _within((self.stretch * rates.says_yes + self.cross * rates.wanted) // _ONE)
        wanted = _within((self.stretch * rates.wanted + self.cross * rates.says_yes) // _ONE)
        return replace(rates, says_yes=says_yes, wanted=wanted)


def _within(thousandths: int) -> int:
    return max(-MOST_LOGIT, min(thousandths, MOST_LOGIT))


def calibrated_fit(history: AnswerHistory, model: ChanceModel) -> ChanceParameters:
    """Fit a model to a history and calibrate it by the history's own latest weeks; takes two fits.

    A short history is not calibrated.
    """
    return _calibration(history, model).of(model.fit(history))


def _calibration(history: AnswerHistory, model: ChanceModel) -> Calibration:
    weeks = history.weeks()
    latest = history.of_weeks(weeks[-BLOCK:])
    if len(weeks) < LEAST_WEEKS or latest.answers < LEAST_ANSWERS:
        return Calibration()
    return _regressed(list(_predicted(latest, model.fit(history.of_weeks(weeks[:-BLOCK])))))


def _predicted(latest: AnswerHistory, earlier: ChanceParameters) -> Iterator[_Answer]:
    """Each answer, with what a fit of earlier weeks says of it."""
    genders = [Genders(each) for each in latest.genders]
    people = [earlier.person(person, gender) for person, gender in zip(latest.ids, genders, strict=True)]
    for me, them, satisfaction, said in zip(latest.me, latest.them, latest.satisfaction, latest.said, strict=True):
        if said != Said.NOTHING:
            common = earlier.rates[genders[me]]
            predicted = logit(common, people[me].says_yes, people[them].wanted, satisfaction)
            crossed = people[me].wanted + people[them].says_yes
            yield (1.0, predicted / _ONE, crossed / _ONE), said == Said.YES


def _regressed(answers: Sequence[_Answer]) -> Calibration:
    """The calibration of a logistic regression, by Newton's method, its steps halved until the fit is better."""
    at = list(_STARTS)
    misfit = _misfit(answers, at)
    for _ in range(_STEPS):
        step = _newton_step(answers, at)
        there = _sum(at, step)
        while (then := _misfit(answers, there)) > misfit and max(map(abs, step)) > _ENOUGH:
            step = [each / 2 for each in step]
            there = _sum(at, step)
        if max(map(abs, step)) <= _ENOUGH:
            break
        at, misfit = there, then
    shift, stretch, cross = at
    return Calibration(round(_ONE * shift), round(_ONE * max(stretch, 0.0)), round(_ONE * cross))


def _misfit(answers: Sequence[_Answer], at: Sequence[float]) -> float:
    """What is made least: the log loss of the answers, and how far all three are from where they start."""
    lost = fsum(softplus(-z if yes else z) for z, yes in ((_dot(at, each), yes) for each, yes in answers))
    away = zip(_FIRMNESS, at, _STARTS, strict=True)
    return lost + fsum(firm * (x - start) ** 2 for firm, x, start in away) / 2


def _newton_step(answers: Sequence[_Answer], at: Sequence[float]) -> list[float]:
    down = [firm * (start - x) for firm, x, start in zip(_FIRMNESS, at, _STARTS, strict=True)]
    curve = [[firm if row == column else 0.0 for column in range(3)] for row, firm in enumerate(_FIRMNESS)]
    for each, yes in answers:
        p = sigmoid(_dot(at, each))
        for row, x in enumerate(each):
            down[row] += (yes - p) * x
            for column, y in enumerate(each):
                curve[row][column] += p * (1 - p) * x * y
    return _solved(curve, down)


def _solved(curve: list[list[float]], right: list[float]) -> list[float]:
    """Solve curve * x = right by elimination; the curve is positive definite, so no row need be exchanged."""
    rows = [[*row, end] for row, end in zip(curve, right, strict=True)]
    for at, row in enumerate(rows):
        row[:] = [each / row[at] for each in row]
        for other in rows:
            if other is not row:
                share = other[at]
                other[:] = [x - share * y for x, y in zip(other, row, strict=True)]
    return [row[-1] for row in rows]


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]


def _sum(one: Sequence[float], other: Sequence[float]) -> list[float]:
    return [x + y for x, y in zip(one, other, strict=True)]
