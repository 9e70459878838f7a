"""Calibration: the log odds that a fit predicts are drawn together as far as the latest weeks say they were too bold.

A fit takes the mode of what it learned for the truth, so its boldest chances come true less often than it says. The
answers of the latest four weeks are predicted by a fit of the weeks before them, and a logistic regression of what was
said on the predicted log odds (Platt, "Probabilistic Outputs for Support Vector Machines", 1999) finds

    logit = shift + stretch * predicted logit

which is then applied to the fit of all weeks. It has the form of the model itself: its parameters are multiplied by
`stretch`. Their order, and with it every list, stays as it is. `stretch` is drawn towards 1 and never negative.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import fsum

from ygs.domain.learning.chance_model import sigmoid, softplus
from ygs.domain.learning.history import AnswerHistory, Said
from ygs.domain.learning.parameters import ChanceParameters
from ygs.domain.matching.chance import MOST_LOGIT, MOST_SLOPE, GenderRates, PersonRates, logit
from ygs.domain.matching.market import Genders
from ygs.ports.chance_model import ChanceModel

BLOCK = 4  # weeks that are predicted
LEAST_WEEKS = 8
LEAST_ANSWERS = 200
_PRIOR = 25.0  # `stretch` starts as if its standard deviation around 1 were a fifth.
_LEAST_PRIOR = 0.01  # keeps the shift finite where everybody said the same
_STEPS = 25
_ENOUGH = 1e-6
_ONE = 1_000


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is done to predicted log odds; both in thousandths."""

    shift: int = 0
    stretch: int = _ONE

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
        says_yes, wanted = (_within(self.stretch * each // _ONE) for each in (rates.says_yes, rates.wanted))
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
    return _platt(list(_predicted(latest, model.fit(history.of_weeks(weeks[:-BLOCK])))))


def _predicted(latest: AnswerHistory, earlier: ChanceParameters) -> Iterator[tuple[float, bool]]:
    """The log odds of each answer by a fit of earlier weeks, and whether it was yes."""
    genders = [Genders(each) for each in latest.genders]
    people = [earlier.person(person, gender) for person, gender in zip(latest.ids, genders, strict=True)]
    for me, them, satisfaction, said in zip(latest.me, latest.them, latest.satisfaction, latest.said, strict=True):
        if said != Said.NOTHING:
            common = earlier.rates[genders[me]]
            yield logit(common, people[me].says_yes, people[them].wanted, satisfaction) / _ONE, said == Said.YES


def _platt(answers: Sequence[tuple[float, bool]]) -> Calibration:
    """Shift and stretch of a logistic regression, by Newton's method with its steps halved until the fit is better."""
    at = 0.0, 1.0
    misfit = _misfit(answers, *at)
    for _ in range(_STEPS):
        step = _newton_step(answers, *at)
        there = at[0] + step[0], at[1] + step[1]
        while (then := _misfit(answers, *there)) > misfit and max(map(abs, step)) > _ENOUGH:
            step = step[0] / 2, step[1] / 2
            there = at[0] + step[0], at[1] + step[1]
        if max(map(abs, step)) <= _ENOUGH:
            break
        at, misfit = there, then
    return Calibration(round(_ONE * at[0]), round(_ONE * max(at[1], 0.0)))


def _misfit(answers: Sequence[tuple[float, bool]], shift: float, stretch: float) -> float:
    """What is made least: the log loss of the answers, and how far both are from where they start."""
    lost = fsum(softplus(-z if yes else z) for z, yes in ((shift + stretch * x, yes) for x, yes in answers))
    return lost + (_LEAST_PRIOR * shift**2 + _PRIOR * (1 - stretch) ** 2) / 2


def _newton_step(answers: Sequence[tuple[float, bool]], shift: float, stretch: float) -> tuple[float, float]:
    down_shift = -_LEAST_PRIOR * shift
    down_stretch = _PRIOR * (1 - stretch)
    a, b, c = _LEAST_PRIOR, 0.0, _PRIOR
    for x, yes in answers:
        p = sigmoid(shift + stretch * x)
        down_shift += yes - p
        down_stretch += (yes - p) * x
        a += p * (1 - p)
        b += p * (1 - p) * x
        c += p * (1 - p) * x * x
    among = a * c - b * b
    return (c * down_shift - b * down_stretch) / among, (a * down_stretch - b * down_shift) / among
