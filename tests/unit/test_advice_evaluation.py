"""Advice is judged by the answers of closed weeks, and only what predicts them moves pairs by the whole share."""

from collections.abc import Callable
from math import exp
from random import Random

from ygs.application.advisor.evaluation import (
    AdviceEvaluation,
    AdviceEvaluationView,
    Strengths,
    evaluate_advice,
    strengths_of,
)
from ygs.application.learning.evaluation import LEAST_WEEKS
from ygs.domain.learning.evaluation import Gain
from ygs.domain.learning.history import AnswerHistory, Said, Side
from ygs.domain.matching.market import Genders, Market
from ygs.entrypoints.testing.builders import a_user

PEOPLE = 120
GENDERS = {f"usr_{number:03}": Genders.MALE if number % 2 else Genders.FEMALE for number in range(PEOPLE)}


def judged(weeks: int, telling: float, *, taught: float | None = None, early: float = 0.0) -> AdviceEvaluation:
    """Weeks of answers in which a strength of 1 adds `telling` to the log odds of a yes; in the earlier half `taught`
    instead. `early` is added to the log odds of every answer there, and taken from those of the later half."""
    random = Random(7)
    sides: list[Side] = []
    advised: dict[int, Strengths] = {}
    people = sorted(GENDERS)
    for number in range(weeks):
        week = 202_600 + number
        men = [each for each in people if GENDERS[each] is Genders.MALE]
        women = random.sample([each for each in people if GENDERS[each] is Genders.FEMALE], len(men))
        strengths: dict[tuple[str, str], float] = {}
        slope = taught if taught is not None and number < weeks // 2 else telling
        for man, woman in zip(men, women, strict=True):
            a, b = sorted((man, woman))
            strengths[a, b] = random.choice((-1.0, -0.5, 0.5, 1.0))
            for me, them in ((man, woman), (woman, man)):
                satisfaction = random.randrange(6_000, 10_000)
                odds = -0.5 + satisfaction / 20_000 + slope * strengths[a, b]
                odds += early if number < weeks // 2 else -early
                yes = random.random() < 1 / (1 + exp(-odds))
                sides.append(Side(week, me, them, satisfaction, Said.YES if yes else Said.NO))
        advised[week] = strengths
    return evaluate_advice(AnswerHistory.of(sides, GENDERS), advised)


def test_advice_that_tells_of_answers_helps() -> None:
    evaluation = judged(16, 0.8)
    assert evaluation.helps
    assert evaluation.gain.low > 0
    assert evaluation.advised < evaluation.score
    assert (evaluation.weeks, evaluation.answers) == (8, 8 * PEOPLE)


def test_advice_that_tells_nothing_or_the_contrary_does_not() -> None:
    for evaluation in (judged(16, 0.0), judged(16, -0.8, taught=0.8)):
        assert evaluation.enough
        assert not evaluation.helps


def test_what_is_predicted_teaches_nothing() -> None:
    # Who had seen the later weeks would know that advice turned right, and that hardly anybody says yes any more.
    assert not judged(16, 1.0, taught=-0.2).helps
    assert judged(16, 0.0, early=2.0).score > 1.2


def test_few_weeks_or_few_advised_pairs_tell_nothing() -> None:
    assert judged(LEAST_WEEKS - 1, 0.8) == AdviceEvaluation(enough=False)
    assert judged(LEAST_WEEKS, 0.8).enough
    history = AnswerHistory.of([Side(202_601, "usr_001", "usr_002", 8_000, Said.YES)], GENDERS)
    assert not evaluate_advice(history, {202_601: {}}).enough


def test_what_an_evaluation_comes_to_is_said_in_both_languages() -> None:
    said: Callable[[AdviceEvaluation], str] = lambda each: " ".join(AdviceEvaluationView.of(each).words.en)  # noqa: E731
    assert "on trial" in said(AdviceEvaluation(enough=False))
    assert "on trial" in said(judged(16, 0.0))
    assert "on trial" not in said(judged(16, 0.8))
    korean = AdviceEvaluationView.of(AdviceEvaluation(enough=False)).words.ko
    assert all("시험" in each or "자료" in each for each in korean)


def test_strengths_of_a_week_are_relative_to_its_strongest() -> None:
    market = Market.of([a_user(number).candidate(capacity=1) for number in (1, 2, 3)])
    one, two, three = market.ids
    assert strengths_of(market) == {}
    moved = market.with_adjustments({(one, two): 100, (one, three): -50})
    assert strengths_of(moved) == {(one, two): 1.0, (one, three): -0.5}


def test_an_interval_that_holds_zero_does_not_say_that_it_helps() -> None:
    assert AdviceEvaluation(enough=True, gain=Gain(0.01, 0.001, 0.02)).helps
    assert not AdviceEvaluation(enough=True, gain=Gain(0.01, -0.001, 0.02)).helps
    assert not AdviceEvaluation(enough=False, gain=Gain(0.01, 0.001, 0.02)).helps
