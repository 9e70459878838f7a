"""The chance model: how likely one person is to say yes to another, learned from blind answers.

    logit P(i says yes to j) = mu[gender of i] + a[i] + b[j] + beta[gender of i] * z(satisfaction of i with j)

`a`, "says yes", and `b`, "is wanted", are what people bring along; `beta` is how much the score counts, and `z` its
standard score among that gender's answers. The parameters are the mode of the posterior under the priors

    a ~ N(0, 1.3^2)   b ~ N(0, 0.9^2)   beta ~ N(0.15, 0.1^2), at least 0   mu ~ N(0, 3^2)

With y = 1 for yes and p the model's probability, the mode is where

    f = sum over answers of log(1 + exp(logit)) - y * logit, plus sum over parameters of (value - mean)^2 / (2 * sd^2)

is least. `f` is strictly convex, so there is one mode. Its gradient is `sum (p - y) * x + (value - mean) / sd^2`, its
Hessian `sum p * (1 - p) * x * x' + 1 / sd^2`, where `x` says which parameters an answer uses. Newton's method finds the
mode; each step solves the linear system by conjugate gradients, because each answer touches only four parameters.

The form is a Rasch model with a covariate (Rasch, "Probabilistic Models for Some Intelligence and Attainment Tests",
1960; as a random effects model: De Boeck and Wilson, "Explanatory Item Response Models", 2004). That people differ in
how choosy and in how wanted they are, and hardly in taste that could be learned from profiles, is what speed-dating
data show (Joel, Eastwick and Finkel, "Is Romantic Desire Predictable?", Psychological Science 2017). The standard
deviations were chosen on such data; `beta` is small because stated wishes predict little. The wide prior of `mu` only
keeps a gender that always said yes finite.

This is the specification: written to be read. `VectorisedChanceModel` is tested to equal it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import exp, fsum, isqrt, log1p, sqrt
from typing import TypeAlias

from ygs.domain.learning.history import AnswerHistory, Said
from ygs.domain.learning.parameters import ChanceParameters
from ygs.domain.matching.chance import MOST_LOGIT, GenderRates, PersonRates
from ygs.domain.matching.market import Genders
from ygs.domain.matching.wishes import FULL

GENDERS = (Genders.MALE, Genders.FEMALE)
# Mean and standard deviation of each prior.
MU = (0.0, 3.0)
BETA = (0.15, 0.1)
SAYS_YES = (0.0, 1.3)
IS_WANTED = (0.0, 0.9)
TOLERANCE = 1e-10
MOST_STEPS = 100
MOST_HALVINGS = 60
# Answers to partners who were all about equally satisfying cannot tell how much satisfaction counts.
LEAST_SPREAD = 500
# A person's answering rate starts as if they had been introduced twelve times and answered as often as everybody.
ANSWERING_WEIGHT = 12

Vector: TypeAlias = list[float]


@dataclass(frozen=True, slots=True)
class Standard:
    """Mean and standard deviation of one gender's satisfactions, whole basis points."""

    centre: int
    spread: int

    @classmethod
    def of(cls, count: int, total: int, squares: int) -> "Standard":
        """From the number of satisfactions, their sum and the sum of their squares."""
        if not count:
            return cls(0, FULL)
        centre = total // count
        variance = squares // count - 2 * centre * total // count + centre * centre
        return cls(centre, max(isqrt(max(variance, 0)), LEAST_SPREAD))


def fit(history: AnswerHistory) -> ChanceParameters:
    """Fit the model to a history; the order in which its sides came makes no difference."""
    answered = history.answered()
    standards = [_standard(answered, gender) for gender in GENDERS]
    mode = _mode(_Problem.of(answered, standards))
    return rounded(mode, standards, history, counts_of(history))


def rounded(
    mode: Sequence[float], standards: Sequence[Standard], history: AnswerHistory, counts: Sequence[tuple[int, int]]
) -> ChanceParameters:
    """The fitted values as integers; `counts`: introductions and answers of each person.

    `mode`: two `mu`, two `beta`, then everybody's `a`, then everybody's `b`.
    """
    usual = [_usual(history, counts, gender) for gender in GENDERS]
    says_yes = mode[4 : 4 + len(history.ids)]
    is_wanted = mode[4 + len(history.ids) :]
    people = {
        person: PersonRates(
            says_yes=_thousandths(says_yes[place]),
            wanted=_thousandths(is_wanted[place]),
            answering=answering(*counts[place], usual[GENDERS.index(Genders(history.genders[place]))]),
        )
        for place, person in enumerate(history.ids)
    }
    rates = {
        gender: GenderRates(
            base=_thousandths(mode[which]),
            slope=round(1_000 * FULL * mode[2 + which] / standards[which].spread),
            centre=standards[which].centre,
            answering=usual[which],
        )
        for which, gender in enumerate(GENDERS)
    }
    return ChanceParameters(rates=rates, people=people, answers=history.answers, through=max(history.week, default=0))


def _thousandths(logit: float) -> int:
    return max(-MOST_LOGIT, min(round(1_000 * logit), MOST_LOGIT))


def _usual(history: AnswerHistory, counts: Sequence[tuple[int, int]], gender: Genders) -> int:
    """How often people of a gender answer, basis points; always, as long as none was introduced."""
    ours = [count for count, each in zip(counts, history.genders, strict=True) if each == gender]
    introduced = sum(times for times, _ in ours)
    return FULL * sum(answers for _, answers in ours) // introduced if introduced else FULL


def answering(introduced: int, answered: int, usual: int) -> int:
    """How often a person answers, basis points, drawn to `usual`, the rate of their gender, while little is known."""
    return (FULL * answered + ANSWERING_WEIGHT * usual) // (introduced + ANSWERING_WEIGHT)


def counts_of(history: AnswerHistory) -> Sequence[tuple[int, int]]:
    """How often each person was introduced, and how often they answered."""
    introduced = [0] * len(history.ids)
    answers = [0] * len(history.ids)
    for me, said in zip(history.me, history.said, strict=True):
        introduced[me] += 1
        answers[me] += said != Said.NOTHING
    return list(zip(introduced, answers, strict=True))


def _standard(answered: AnswerHistory, gender: Genders) -> Standard:
    ours = [
        satisfaction
        for me, satisfaction in zip(answered.me, answered.satisfaction, strict=True)
        if answered.genders[me] == gender
    ]
    return Standard.of(len(ours), sum(ours), sum(each * each for each in ours))


@dataclass(frozen=True, slots=True)
class _Answer:
    """One answer: the positions of its `mu`, `beta`, `a` and `b`, its standard score, and 1.0 for yes."""

    mu: int
    beta: int
    a: int
    b: int
    z: float
    yes: float

    def logit(self, values: Sequence[float]) -> float:
        """The log odds of a yes; with a direction instead of values, how fast they change along it."""
        return values[self.mu] + values[self.a] + values[self.b] + values[self.beta] * self.z

    def spread(self, amount: float, over: Vector) -> None:
        """Add an amount to each parameter that the answer uses, as often as it uses it."""
        over[self.mu] += amount
        over[self.a] += amount
        over[self.b] += amount
        over[self.beta] += amount * self.z


@dataclass(frozen=True, slots=True)
class _Problem:
    """The function to minimise: answers and priors (mean and weight, 1 / sd^2, of each parameter)."""

    answers: Sequence[_Answer]
    means: Vector
    weights: Vector = field(repr=False)

    @classmethod
    def of(cls, answered: AnswerHistory, standards: Sequence[Standard]) -> "_Problem":
        """The problem of a history without silence."""
        people = len(answered.ids)
        priors = [MU] * 2 + [BETA] * 2 + [SAYS_YES] * people + [IS_WANTED] * people
        answers = []
        for me, them, satisfaction, said in zip(
            answered.me, answered.them, answered.satisfaction, answered.said, strict=True
        ):
            which = GENDERS.index(Genders(answered.genders[me]))
            z = (satisfaction - standards[which].centre) / standards[which].spread
            answers.append(_Answer(which, 2 + which, 4 + me, 4 + people + them, z, float(said)))
        return cls(answers, [mean for mean, _ in priors], [1 / sd**2 for _, sd in priors])

    def value(self, at: Vector) -> float:
        """The function itself."""
        misfit = fsum(softplus(answer.logit(at)) - answer.yes * answer.logit(at) for answer in self.answers)
        away = fsum(w * (x - m) ** 2 / 2 for x, m, w in zip(at, self.means, self.weights, strict=True))
        return misfit + away

    def gradient(self, at: Vector) -> Vector:
        """Its gradient."""
        result = [w * (x - m) for x, m, w in zip(at, self.means, self.weights, strict=True)]
        for answer in self.answers:
            answer.spread(sigmoid(answer.logit(at)) - answer.yes, result)
        return result

    def curvature(self, at: Vector) -> tuple[Callable[[Vector], Vector], Vector]:
        """Its Hessian: what multiplies a direction by it, and its diagonal."""
        chances = [sigmoid(answer.logit(at)) for answer in self.answers]
        diagonal = self.weights[:]
        for answer, p in zip(self.answers, chances, strict=True):
            for position in (answer.mu, answer.a, answer.b):
                diagonal[position] += p * (1 - p)
            diagonal[answer.beta] += p * (1 - p) * answer.z**2

        def times(direction: Vector) -> Vector:
            result = [w * d for w, d in zip(self.weights, direction, strict=True)]
            for answer, p in zip(self.answers, chances, strict=True):
                answer.spread(p * (1 - p) * answer.logit(direction), result)
            return result

        return times, diagonal


def _mode(problem: _Problem) -> Vector:
    """The least point of the problem, by Newton's method, with `beta` held at 0 where it would go below."""
    at = problem.means[:]
    for _ in range(MOST_STEPS):
        gradient = problem.gradient(at)
        held = {k for k in (2, 3) if at[k] == 0 and gradient[k] > 0}
        down = [0.0 if k in held else -g for k, g in enumerate(gradient)]
        if max(map(abs, down)) <= TOLERANCE:
            return at
        times, diagonal = problem.curvature(at)
        at = _stepped(problem, at, _solved(times, diagonal, down, held))
    raise ArithmeticError(f"no mode within {MOST_STEPS} steps")


def _stepped(problem: _Problem, at: Vector, step: Vector) -> Vector:
    """The point after a step, halved until the function does not rise (by more than rounding)."""
    most = problem.value(at) * (1 + 1e-12) + 1e-12
    for halvings in range(MOST_HALVINGS):
        there = [x + 0.5**halvings * s for x, s in zip(at, step, strict=True)]
        for k in (2, 3):
            there[k] = max(there[k], 0.0)
        if problem.value(there) <= most:
            return there
    raise ArithmeticError("no step along the Newton direction keeps the function from rising")


def _solved(times: Callable[[Vector], Vector], diagonal: Vector, right: Vector, held: set[int]) -> Vector:
    """Solve Hessian * x = right by conjugate gradients, scaled by the diagonal; held positions stay 0."""
    x = [0.0] * len(right)
    residual = right[:]
    scaled = [r / d for r, d in zip(residual, diagonal, strict=True)]
    direction = scaled[:]
    size = _dot(residual, scaled)
    enough = 1e-6 * sqrt(_dot(right, right))
    while sqrt(_dot(residual, residual)) > enough:
        ahead = times(direction)
        for k in held:
            ahead[k] = 0.0
        length = size / _dot(direction, ahead)
        x = [v + length * d for v, d in zip(x, direction, strict=True)]
        residual = [r - length * h for r, h in zip(residual, ahead, strict=True)]
        scaled = [r / d for r, d in zip(residual, diagonal, strict=True)]
        before = size
        size = _dot(residual, scaled)
        direction = [s + size / before * d for s, d in zip(scaled, direction, strict=True)]
    return x


def _dot(one: Vector, other: Vector) -> float:
    return fsum(x * y for x, y in zip(one, other, strict=True))


def sigmoid(logit: float) -> float:
    """The probability of log odds, without overflow."""
    return 1 / (1 + exp(-logit)) if logit >= 0 else exp(logit) / (1 + exp(logit))


def softplus(logit: float) -> float:
    """log(1 + exp(logit)), without overflow."""
    return max(logit, 0.0) + log1p(exp(-abs(logit)))
