"""The evaluation of the chance model: it sees signal where there is some, and nothing where there is none."""

from dataclasses import replace
from itertools import combinations
from math import exp, sqrt
from random import Random
from statistics import pstdev

import pytest

from ygs.adapters.learning.vectorised import VectorisedChanceModel
from ygs.application.learning import calibration
from ygs.application.learning.baselines import ScoreAlone, SmoothedRates
from ygs.application.learning.calibration import Calibration, calibrated_fit
from ygs.application.learning.evaluation import LEAST_WEEKS, evaluate, gain_over_weeks, reliability
from ygs.domain.learning.evaluation import Evaluation, Gain, wilson
from ygs.domain.learning.history import AnswerHistory, Said, Side
from ygs.domain.learning.parameters import ChanceParameters
from ygs.domain.matching.chance import GenderRates, PersonRates
from ygs.domain.matching.market import Genders
from ygs.entrypoints.testing.contracts.learning import random_history

MODEL = VectorisedChanceModel()


def answers(seed: int) -> tuple[list[Side], dict[str, Genders]]:
    """Two thousand answers of nine weeks by sixty people who differ."""
    return random_history(seed, people=60, introductions=1_000)


def shuffled(seed: int) -> AnswerHistory:
    """The same introductions with everybody's answers dealt out anew: nothing is left to learn."""
    sides, genders = answers(seed)
    said = [side.said for side in sides]
    Random(seed).shuffle(said)
    return AnswerHistory.of([side._replace(said=each) for side, each in zip(sides, said, strict=True)], genders)


def test_people_who_differ_are_predicted_better_than_by_the_score() -> None:
    found = evaluate(AnswerHistory.of(*answers(1)), MODEL)
    assert found.helps
    assert (found.weeks, found.enough) == (5, True)
    assert found.learned.log_loss < found.score.log_loss
    assert found.learned.auc > 0.65 > found.score.auc
    assert found.rates.auc > 0.6
    assert sum(each.introductions for each in found.reliability) > 500
    assert all(each.low <= each.high for each in found.reliability)


def _refusals(seeds: range) -> int:
    return sum(not evaluate(shuffled(seed), MODEL).helps for seed in seeds)


def test_answers_dealt_out_at_random_are_never_said_to_help() -> None:
    assert _refusals(range(3)) == 3


@pytest.mark.slow
def test_of_a_hundred_histories_without_signal_at_least_95_are_refused() -> None:
    assert _refusals(range(100)) >= 95


def test_no_prediction_knows_an_answer_of_its_own_week_or_a_later_one() -> None:
    seen: list[int] = []

    class Watching(VectorisedChanceModel):
        def fit(self, history: AnswerHistory) -> ChanceParameters:
            seen.append(max(history.week))
            return super().fit(history)

    evaluate(AnswerHistory.of(*answers(1)), Watching())
    # The tested weeks are 5 to 8, and 9, whose fit is calibrated by weeks 5 to 8.
    assert seen == [202_604, 202_604, 202_608]


def bold(history: AnswerHistory) -> ChanceParameters:
    """A fit whose log odds are twice what they should be."""
    return Calibration(stretch=2_000).of(MODEL.fit(history))


class BoldModel:
    def fit(self, history: AnswerHistory) -> ChanceParameters:
        return bold(history)


def test_log_odds_that_are_too_bold_are_drawn_together_and_their_order_hardly_changes() -> None:
    sides, genders = random_history(3, people=60, introductions=1_500)
    history = AnswerHistory.of(sides, genders)
    calibrated = calibrated_fit(history, BoldModel())
    people = sorted(calibrated.people)
    plain, drawn = bold(history), calibrated
    shares = [drawn.people[each].wanted / plain.people[each].wanted for each in people if plain.people[each].wanted]
    assert 0.2 < sum(shares) / len(shares) < 0.8
    for trait in ("says_yes", "wanted"):
        ordered = sorted(people, key=lambda each: getattr(plain.people[each], trait))
        values = [getattr(drawn.people[each], trait) for each in ordered]
        turned = sum(one > other for one, other in combinations(values, 2))
        assert turned < 0.05 * len(values) * (len(values) - 1) / 2
    assert all(each.slope >= 0 for each in drawn.rates.values())
    assert evaluate(history, BoldModel()).learned.log_loss < _judged_without_calibration(history)


def _judged_without_calibration(history: AnswerHistory) -> float:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ygs.application.learning.evaluation.calibrated_fit", lambda past, model: model.fit(past))
        return evaluate(history, BoldModel()).learned.log_loss


def test_each_of_a_persons_rates_is_stretched_and_moved_by_the_other() -> None:
    rates = {gender: GenderRates(base=-400, slope=1_000, centre=8_000, answering=9_000) for gender in Genders}
    people = {"m1": PersonRates(says_yes=600, wanted=-800, answering=9_500)}
    calibrated = Calibration(shift=100, stretch=500, cross=-250).of(ChanceParameters(rates=rates, people=people))
    assert calibrated.people["m1"] == PersonRates(says_yes=500, wanted=-550, answering=9_500)
    common = calibrated.rates[Genders.MALE]
    assert (common.base, common.slope, common.centre, common.answering) == (-100, 500, 8_000, 9_000)


def contrary(seed: int) -> AnswerHistory:
    """Two thousand answers of twelve weeks; who is wanted more says yes less."""
    rng = Random(seed)
    charm = {f"{gender}{k}": rng.gauss(0, 1) for gender in "mw" for k in range(50)}
    sides = []
    for at in range(1_000):
        pair = f"m{rng.randrange(50)}", f"w{rng.randrange(50)}"
        for me, them in (pair, pair[::-1]):
            yes = 1 / (1 + exp(charm[me] - charm[them]))
            sides.append(Side(202_601 + at // 84, me, them, 8_000, Said(rng.random() < yes)))
    return AnswerHistory.of(sides, {each: Genders.MALE if each[0] == "m" else Genders.FEMALE for each in charm})


def test_where_the_wanted_say_yes_less_often_calibration_learns_it(monkeypatch: pytest.MonkeyPatch) -> None:
    history = contrary(1)
    learned = evaluate(history, MODEL).learned.log_loss
    monkeypatch.setattr(calibration, "_FIRMNESS", (0.01, 25.0, 1e9))
    assert learned < evaluate(history, MODEL).learned.log_loss - 0.001


def test_a_short_history_is_not_calibrated_and_no_calibration_sees_a_later_week() -> None:
    sides, genders = answers(1)
    short = AnswerHistory.of([side for side in sides if side.week < 202_608], genders)
    assert calibrated_fit(short, MODEL) == MODEL.fit(short)
    assert Calibration().of(MODEL.fit(short)) == MODEL.fit(short)


class ContraryModel:
    """A fit that takes everybody for the opposite of what they are."""

    def fit(self, history: AnswerHistory) -> ChanceParameters:
        fitted = MODEL.fit(history)
        people = {
            person: replace(each, says_yes=-2 * each.says_yes, wanted=-2 * each.wanted)
            for person, each in fitted.people.items()
        }
        return replace(fitted, people=people)


def test_predictions_that_came_out_the_other_way_round_are_flattened_and_never_turned() -> None:
    sides, genders = random_history(3, people=60, introductions=1_500)
    calibrated = calibrated_fit(AnswerHistory.of(sides, genders), ContraryModel())
    assert [each.slope for each in calibrated.rates.values()] == [0, 0]


def test_silence_moves_no_prediction_and_is_not_judged() -> None:
    sides, genders = answers(1)
    silent = [side._replace(said=Said.NOTHING, satisfaction=10_000 - side.satisfaction) for side in sides[::3]]
    plain, more = (AnswerHistory.of(each, genders) for each in (sides, [*sides, *silent]))
    one, other = (calibrated_fit(each, MODEL).people for each in (plain, more))
    assert [(each.says_yes, each.wanted) for each in one.values()] == [
        (each.says_yes, each.wanted) for each in other.values()
    ]
    judged, rejudged = (evaluate(each, MODEL) for each in (plain, more))
    assert replace(rejudged, reliability=judged.reliability) == judged


def test_learning_helps_only_where_both_intervals_lie_above_zero() -> None:
    sure = Gain(0.05, 0.01, 0.09)
    unsure = Gain(0.05, -0.001, 0.1)
    judged = Evaluation(enough=True, log_loss_gain=sure, auc_gain=sure)
    assert judged.helps
    assert not replace(judged, log_loss_gain=unsure).helps
    assert not replace(judged, auc_gain=unsure).helps
    assert not replace(judged, enough=False).helps


def test_the_interval_of_a_gain_is_that_of_a_mean_of_so_many_weeks() -> None:
    weeks = range(1, 41)

    def mean(drawn: dict[int, int]) -> float:
        return sum(times * week for week, times in drawn.items()) / sum(drawn.values())

    gain = gain_over_weeks(weeks, mean)
    reach = 1.96 * pstdev(weeks) / sqrt(len(weeks))
    assert gain.mean == mean(dict.fromkeys(weeks, 1))
    assert (gain.low, gain.high) == pytest.approx((gain.mean - reach, gain.mean + reach), abs=0.3)


def test_a_short_history_is_not_judged() -> None:
    sides, genders = answers(1)
    few_weeks = AnswerHistory.of([side for side in sides if side.week < 202_601 + LEAST_WEEKS - 1], genders)
    assert not evaluate(few_weeks, MODEL).enough
    assert not evaluate(AnswerHistory.of(sides[::5], genders), MODEL).helps
    assert not evaluate(AnswerHistory.of([], {}), MODEL).enough


def test_a_share_has_the_interval_of_the_textbook_and_groups_are_large_enough() -> None:
    assert wilson(10, 50) == pytest.approx((0.1124, 0.3304), abs=0.0005)
    assert wilson(0, 30)[0] == 0.0
    groups = list(reliability([(1_000 * k, k % 4 == 0) for k in range(100)]))
    assert [each.introductions for each in groups] == [33, 33, 34]
    assert (groups[0].least, groups[-1].most) == (0, 99_000)
    assert list(reliability([])) == []


def test_what_the_model_must_beat_follows_the_shares_it_was_shown() -> None:
    sides = [Side(202_601, f"m{k}", f"w{k}", 9_000 if k % 2 else 5_000, Said(k % 2)) for k in range(200)]
    genders = {person: Genders.MALE if person[0] == "m" else Genders.FEMALE for s in sides for person in (s.me, s.them)}
    history = AnswerHistory.of(sides, genders)
    curve = ScoreAlone.of(history)
    assert curve.probability(Genders.MALE, 9_000) > 0.9
    assert curve.probability(Genders.MALE, 5_000) < 0.1
    rates = SmoothedRates.of(history)
    assert rates.probability(Genders.MALE, "m1", "w1") > 0.6 > 0.4 > rates.probability(Genders.MALE, "m2", "w2")
    assert rates.probability(Genders.MALE, "new", "newer") == pytest.approx(0.5, abs=0.02)
