"""An honest evaluation of the chance model: time decides what may be learned from, and weeks are resampled.

The later half of the weeks is predicted in blocks of four, each from a fit of the weeks before its block. Per answer
there is a log loss; per person, the area under the curve (AUC) inside their own list of the block: how often a partner
to whom they said yes was ranked above one to whom they said no. All of a list comes from one fit: if each answer were
predicted from a fit that knows the answers before it, a person's own yes would raise what is predicted for their next
answer and nothing but noise would move the ranks.

Leave-one-out is not offered, because it leaks. A person's answers sum to a known total, so leaving one yes out lowers
what is predicted for exactly that answer; in an assignment the row and column sums cancel, and the solver then picks
the noes.

Weeks are what repeats, so the intervals come from resampling whole weeks (the cluster bootstrap, Efron and Tibshirani,
"An Introduction to the Bootstrap", 1993).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import log
from random import Random

from ygs.application.learning.baselines import ScoreAlone, SmoothedRates
from ygs.application.learning.calibration import calibrated_fit
from ygs.domain.learning.evaluation import Evaluation, Gain, Quality, Reliability, wilson
from ygs.domain.learning.history import AnswerHistory, Said, Side
from ygs.domain.learning.pair_chance import ChanceSide, chance_between
from ygs.domain.learning.parameters import ChanceParameters
from ygs.domain.matching.chance import MILLION
from ygs.domain.matching.market import Genders
from ygs.ports.chance_model import ChanceModel
from ygs.ports.scoring_and_solving import Progress, silent

LEAST_WEEKS = 8
LEAST_ANSWERS = 500
BLOCK = 4
RESAMPLES = 2_000
BINS = 5
LEAST_IN_BIN = 30
FARTHEST = 1e-6  # A prediction is taken as at least this far from certain, so that a surprise costs a finite loss.


def evaluate(history: AnswerHistory, model: ChanceModel, progress: Progress = silent) -> Evaluation:
    """Evaluate a model on a history; takes two fits per four weeks of its later half."""
    weeks = history.weeks()
    if len(weeks) < LEAST_WEEKS or history.answers < LEAST_ANSWERS:
        return Evaluation(enough=False)
    tested = weeks[len(weeks) // 2 :]
    tally = _Tally()
    blocks = [tested[at : at + BLOCK] for at in range(0, len(tested), BLOCK)]
    for done, block in enumerate(blocks):
        progress("evaluate", done, len(blocks))
        before = history.of_weeks([week for week in weeks if week < block[0]])
        tally.add(history.of_weeks(block), _Predictor.of(before, model))
    progress("evaluate", len(blocks), len(blocks))
    return tally.result()


@dataclass(frozen=True, slots=True)
class _Predictor:
    """The model and what it has to beat, all fitted to the same past."""

    parameters: ChanceParameters
    score: ScoreAlone
    rates: SmoothedRates

    @classmethod
    def of(cls, history: AnswerHistory, model: ChanceModel) -> "_Predictor":
        return cls(calibrated_fit(history, model), ScoreAlone.of(history), SmoothedRates.of(history))

    def three(self, gender: Genders, side: Side) -> tuple[float, float, float]:
        """The probability of this side's yes by the model, the score alone and smoothed rates."""
        them = self.parameters.people.get(side.them)
        learned = self.side(gender, side).yes(them.wanted if them else 0)
        return (
            learned / MILLION,
            self.score.probability(gender, side.satisfaction),
            self.rates.probability(gender, side.me, side.them),
        )

    def side(self, gender: Genders, side: Side) -> ChanceSide:
        """What the model says of one side."""
        return ChanceSide.of(self.parameters, side.me, gender, side.satisfaction)


@dataclass(slots=True)
class _Tally:
    """What was predicted so far, by week, so that weeks can be resampled."""

    losses: dict[int, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0] * 4))
    ranks: dict[tuple[int, int], list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0] * 4))
    introductions: list[tuple[int, bool]] = field(default_factory=list)

    def add(self, block: AnswerHistory, predictor: _Predictor) -> None:
        """Count one block of weeks."""
        genders = dict(zip(block.ids, map(Genders, block.genders), strict=True))
        lists: dict[str, list[tuple[Side, tuple[float, float, float]]]] = defaultdict(list)
        for side in block.answered().sides():
            three = predictor.three(genders[side.me], side)
            self._lose(side, three)
            lists[side.me].append((side, three))
        for of_one in lists.values():
            self._rank(of_one)
        for one, other in _introductions(block):
            chance = chance_between(predictor.side(genders[one.me], one), predictor.side(genders[other.me], other))
            self.introductions.append((chance, one.said == other.said == Said.YES))

    def _lose(self, side: Side, three: Sequence[float]) -> None:
        sums = self.losses[side.week]
        for which, each in enumerate(three):
            happened = each if side.said == Said.YES else 1 - each
            sums[which] -= log(min(max(happened, FARTHEST), 1 - FARTHEST))
        sums[3] += 1

    def _rank(self, of_one: Sequence[tuple[Side, tuple[float, float, float]]]) -> None:
        liked = [each for each in of_one if each[0].said == Said.YES]
        others = [each for each in of_one if each[0].said == Said.NO]
        for (yes, above), (no, below) in product(liked, others):
            sums = self.ranks[yes.week, no.week]
            for which in range(3):
                sums[which] += (above[which] > below[which]) + (above[which] == below[which]) / 2
            sums[3] += 1

    def result(self) -> Evaluation:
        """The evaluation of what was counted."""
        weeks = sorted(self.losses)
        if len(weeks) < LEAST_WEEKS // 2 or not self.ranks:
            return Evaluation(enough=False)
        losses = self._losses(dict.fromkeys(weeks, 1))
        ranks = self._ranks(dict.fromkeys(weeks, 1))
        qualities = [Quality(losses[which], ranks[which]) for which in range(3)]
        return Evaluation(
            enough=True,
            weeks=len(weeks),
            answers=round(sum(sums[3] for sums in self.losses.values())),
            learned=qualities[0],
            score=qualities[1],
            rates=qualities[2],
            log_loss_gain=gain_over_weeks(weeks, lambda drawn: _less(self._losses(drawn))),
            auc_gain=gain_over_weeks(weeks, lambda drawn: _more(self._ranks(drawn))),
            reliability=tuple(reliability(self.introductions)),
        )

    def _losses(self, drawn: dict[int, int]) -> Sequence[float]:
        """The mean losses when each week counts as often as it was drawn."""
        sums = [sum(times * self.losses[week][which] for week, times in drawn.items()) for which in range(4)]
        return [each / sums[3] for each in sums[:3]]

    def _ranks(self, drawn: dict[int, int]) -> Sequence[float]:
        """The AUCs when each week counts as often as it was drawn; 0.5 when no list has a yes and a no."""
        sums = [0.0] * 4
        for (one, other), counted in self.ranks.items():
            times = drawn.get(one, 0) * (drawn.get(other, 0) if one != other else 1)
            for which in range(4):
                sums[which] += times * counted[which]
        return [each / sums[3] for each in sums[:3]] if sums[3] else [0.5] * 3


def _less(losses: Sequence[float]) -> float:
    return losses[1] - losses[0]


def _more(ranks: Sequence[float]) -> float:
    return ranks[0] - ranks[1]


def gain_over_weeks(weeks: Sequence[int], difference: Callable[[dict[int, int]], float]) -> Gain:
    """Return a difference, with its interval over weeks drawn with replacement; the draws are the same every time."""
    rng = Random("weeks")  # noqa: S311 - a resample, not a secret
    found = []
    for _ in range(RESAMPLES):
        drawn: dict[int, int] = defaultdict(int)
        for week in rng.choices(weeks, k=len(weeks)):
            drawn[week] += 1
        found.append(difference(drawn))
    found.sort()
    return Gain(difference(dict.fromkeys(weeks, 1)), found[RESAMPLES // 40], found[-(RESAMPLES // 40) - 1])


def _introductions(block: AnswerHistory) -> Iterator[tuple[Side, Side]]:
    """The two sides of each introduction."""
    waiting: dict[tuple[int, str, str], Side] = {}
    for side in block.sides():
        other = waiting.pop((side.week, side.them, side.me), None)
        if other is not None:
            yield other, side
        else:
            waiting[side.week, side.me, side.them] = side


def reliability(introductions: Sequence[tuple[int, bool]]) -> Iterator[Reliability]:
    """Predicted chances against what happened, in up to five groups of equal size, of at least thirty each."""
    ordered = sorted(introductions)
    groups = max(min(BINS, len(ordered) // LEAST_IN_BIN), 1) if ordered else 0
    for group in range(groups):
        ours = ordered[group * len(ordered) // groups : (group + 1) * len(ordered) // groups]
        mutual = sum(happened for _, happened in ours)
        low, high = wilson(mutual, len(ours))
        predicted = sum(each for each, _ in ours) // len(ours)
        yield Reliability(
            ours[0][0], ours[-1][0], predicted, len(ours), mutual, round(low * MILLION), round(high * MILLION)
        )
