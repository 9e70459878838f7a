"""Whether the advisor's order predicts answers better than the score alone, judged on closed weeks.

Time decides what may be learned from, as for the chance model: the earlier half of the weeks with advice teaches how
much a strength says beside the score, the later half is predicted, and whole weeks are resampled for the interval.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.bilingual import Bilingual
from ygs.application.learning.baselines import ScoreAlone, log_odds
from ygs.application.learning.evaluation import FARTHEST, LEAST_ANSWERS, LEAST_WEEKS, gain_over_weeks
from ygs.application.learning.views import GainView
from ygs.application.messages.translate import translate
from ygs.domain.errors import N_
from ygs.domain.learning.evaluation import Gain
from ygs.domain.learning.history import AnswerHistory, Said, Side
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.market import Genders, Market

# The advice of one week about pairs of ids, -1 to 1.
Strengths = Mapping[tuple[str, str], float]

_NEWTON_STEPS = 25
_NO_GAIN = Gain(0, 0, 0)
# How far a strength may be expected to move log odds: about 0.3 for the strongest, so few answers move it little.
_PRIOR = 1 / 0.3**2


@dataclass(frozen=True, slots=True)
class AdviceEvaluation:
    """How answers about advised pairs were predicted, in weeks that were not learned from: mean log loss per answer by
    score and advice, and by the score alone. `enough`: whether there were weeks and answers enough to tell."""

    enough: bool
    weeks: int = 0
    answers: int = 0
    advised: float = 0
    score: float = 0
    gain: Gain = _NO_GAIN

    @property
    def helps(self) -> bool:
        """Whether advice may move pairs by its whole share: the interval of the gain lies above zero."""
        return self.enough and self.gain.low > 0


class AdviceEvaluationView(BaseModel):
    """Whether advice predicted answers of closed weeks better than the score alone."""

    model_config = ConfigDict(frozen=True)

    helps: bool = Field(description="Whether the interval lies above zero; only then a pair moves by the whole share.")
    enough: bool = Field(description="Whether there were weeks and answers enough to tell.")
    weeks: int = Field(ge=0, description="How many weeks were predicted.")
    answers: int = Field(ge=0, description="How many answers about advised pairs were predicted.")
    advised: float = Field(description="Mean log loss per answer by score and advice; less is better.")
    score: float = Field(description="Mean log loss per answer by the score alone.")
    gain: GainView = Field(description="By how much the log loss is less than the score's.")
    words: Bilingual = Field(description="What it comes to, in sentences.")

    @classmethod
    def of(cls, evaluation: AdviceEvaluation) -> "AdviceEvaluationView":
        """The view of an evaluation."""
        gain = evaluation.gain
        return cls(
            helps=evaluation.helps,
            enough=evaluation.enough,
            weeks=evaluation.weeks,
            answers=evaluation.answers,
            advised=round(evaluation.advised, 4),
            score=round(evaluation.score, 4),
            gain=GainView(mean=round(gain.mean, 4), low=round(gain.low, 4), high=round(gain.high, 4)),
            words=Bilingual.by(lambda language: _words(evaluation, language)),
        )


def _words(evaluation: AdviceEvaluation, language: Language) -> Iterator[str]:
    if not evaluation.enough:
        yield translate(
            N_(
                "Too little is known to tell whether advice helps: {weeks} closed weeks with advice and {answers} "
                "answers about advised pairs are needed."
            ),
            language,
            weeks=LEAST_WEEKS,
            answers=LEAST_ANSWERS,
        )
    elif evaluation.helps:
        yield translate(N_("Advice predicts answers better than the score alone: pairs move by its share."), language)
    else:
        yield translate(N_("Advice does not predict answers clearly better than the score alone."), language)
    if not evaluation.helps:
        yield translate(N_("Until it does, it is on trial: a pair moves by at most 1 %."), language)


def strengths_of(market: Market) -> Strengths:
    """The advice in a locked market, the strongest of the week being 1 or -1; a week without advice has none."""
    if market.adjustments is None:
        return {}
    moved = market.adjustments.by_key
    most = max(map(abs, moved.values()), default=1)
    people = len(market)
    return {(market.ids[key // people], market.ids[key % people]): share / most for key, share in moved.items()}


def evaluate_advice(history: AnswerHistory, advised: Mapping[int, Strengths]) -> AdviceEvaluation:
    """Judge advice on the answers of closed weeks; `advised`: of each week, by its number in the history."""
    answers = history.answered()
    weeks = sorted(week for week in set(answers.week) if advised.get(week))
    judged = [side for side in answers.sides() if _strength(side, advised)]
    if len(weeks) < LEAST_WEEKS or len(judged) < LEAST_ANSWERS:
        return AdviceEvaluation(enough=False)
    later = weeks[len(weeks) // 2 :]
    genders = dict(zip(answers.ids, map(Genders, answers.genders), strict=True))
    score = ScoreAlone.of(answers.of_weeks([week for week in set(answers.week) if week < later[0]]))

    def seen(side: Side) -> tuple[float, float, bool]:
        probability = score.probability(genders[side.me], side.satisfaction)
        return log_odds(_bounded(probability)), _strength(side, advised), side.said == Said.YES

    slope = _slope([seen(side) for side in judged if side.week < later[0]])
    return _result([(side.week, *seen(side)) for side in judged if side.week >= later[0]], slope)


def _strength(side: Side, advised: Mapping[int, Strengths]) -> float:
    pair = (side.me, side.them) if side.me < side.them else (side.them, side.me)
    return advised.get(side.week, {}).get(pair, 0.0)


def _slope(seen: Sequence[tuple[float, float, bool]]) -> float:
    """What a strength of 1 adds to the log odds of a yes, by Newton's method, drawn towards 0."""
    slope = 0.0
    for _ in range(_NEWTON_STEPS):
        down = -_PRIOR * slope
        curve = _PRIOR
        for odds, strength, yes in seen:
            p = _sigmoid(odds + slope * strength)
            down += strength * (yes - p)
            curve += strength * strength * p * (1 - p)
        slope += down / curve
    return slope


def _result(predicted: Sequence[tuple[int, float, float, bool]], slope: float) -> AdviceEvaluation:
    sums: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for week, odds, strength, yes in predicted:
        of_week = sums[week]
        of_week[0] += _loss(odds + slope * strength, yes)
        of_week[1] += _loss(odds, yes)
        of_week[2] += 1

    def losses(drawn: Mapping[int, int]) -> list[float]:
        totals = [sum(times * sums[week][which] for week, times in drawn.items()) for which in range(3)]
        return [totals[0] / totals[2], totals[1] / totals[2]]

    def gained(drawn: Mapping[int, int]) -> float:
        advised, score = losses(drawn)
        return score - advised

    weeks = sorted(sums)
    if not weeks:
        return AdviceEvaluation(enough=False)
    advised, score = losses(dict.fromkeys(weeks, 1))
    return AdviceEvaluation(
        enough=True,
        weeks=len(weeks),
        answers=len(predicted),
        advised=advised,
        score=score,
        gain=gain_over_weeks(weeks, gained),
    )


def _loss(odds: float, yes: bool) -> float:
    p = _bounded(_sigmoid(odds))
    return -log(p if yes else 1 - p)


def _bounded(probability: float) -> float:
    return min(max(probability, FARTHEST), 1 - FARTHEST)


def _sigmoid(odds: float) -> float:
    return 1 / (1 + exp(-odds)) if odds >= 0 else exp(odds) / (1 + exp(odds))
