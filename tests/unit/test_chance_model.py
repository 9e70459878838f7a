"""The chance model: it finds the mode of its posterior, in the readable and in the fast way alike."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from scipy.optimize import minimize

from benchmarks.learning import measured_fit
from ygs.adapters.learning.reference import PlainChanceModel
from ygs.adapters.learning.vectorised import VectorisedChanceModel
from ygs.domain.learning.chance_model import BETA, IS_WANTED, MU, SAYS_YES, answering, fit
from ygs.domain.learning.history import AnswerHistory, Said, Side
from ygs.domain.matching.market import Genders
from ygs.entrypoints.testing.contracts.learning import (
    agrees_with_the_specification,
    ignores_the_order,
    numbers,
    random_history,
)

few = settings(max_examples=8, deadline=None)

test_the_vectorised_model_agrees = agrees_with_the_specification(VectorisedChanceModel(), 40)
test_the_vectorised_model_agrees_on_a_thousand_histories = pytest.mark.slow(
    agrees_with_the_specification(VectorisedChanceModel(), 1_000)
)
test_the_vectorised_model_ignores_the_order = few(ignores_the_order(VectorisedChanceModel()))
test_the_plain_model_ignores_the_order = few(ignores_the_order(PlainChanceModel()))

MALE, FEMALE = Genders.MALE, Genders.FEMALE
BOTH = {"m": MALE, "w": FEMALE}


@pytest.mark.parametrize("seed", range(2))
def test_the_fit_is_the_mode_that_another_optimiser_finds(seed: int) -> None:
    history = AnswerHistory.of(*random_history(seed, people=10, introductions=40))
    answered = history.answered()
    me, them = np.array(answered.me), np.array(answered.them)
    woman = (np.array(answered.genders) == FEMALE)[me].astype(int)
    satisfaction = np.array(answered.satisfaction, float)
    fitted = fit(history)
    centre = np.array([fitted.rates[MALE].centre, fitted.rates[FEMALE].centre])[woman]
    spread = np.array([max(satisfaction[woman == which].std(), 500) for which in (0, 1)])[woman]
    z = (satisfaction - centre) / spread
    yes = np.array(answered.said, float)
    people = len(history.ids)
    priors = np.array([MU] * 2 + [BETA] * 2 + [SAYS_YES] * people + [IS_WANTED] * people)

    def value(at: Any) -> float:
        logits = at[woman] + at[2 + woman] * z + at[4 + me] + at[4 + people + them]
        away = ((at - priors[:, 0]) / priors[:, 1]) ** 2 / 2
        return float((np.logaddexp(0, logits) - yes * logits).sum() + away.sum())

    bounds = [(None, None)] * 2 + [(0, None)] * 2 + [(None, None)] * (2 * people)
    found = minimize(value, priors[:, 0], bounds=bounds, options={"ftol": 1e-15, "gtol": 1e-9, "maxfun": 1_000_000}).x
    assert fitted.rates[MALE].base == pytest.approx(1_000 * found[0], abs=3)
    assert fitted.rates[FEMALE].base == pytest.approx(1_000 * found[1], abs=3)
    for place, person in enumerate(history.ids):
        assert fitted.people[person].says_yes == pytest.approx(1_000 * found[4 + place], abs=3)
        assert fitted.people[person].wanted == pytest.approx(1_000 * found[4 + people + place], abs=3)


def test_satisfaction_that_turned_people_away_counts_for_nothing_rather_than_against() -> None:
    sides = [
        Side(202_601, f"m{k}", f"w{k}", 9_500 if k % 2 else 6_000, Said.NO if k % 2 else Said.YES) for k in range(400)
    ]
    genders = {person: MALE if person[0] == "m" else FEMALE for side in sides for person in (side.me, side.them)}
    history = AnswerHistory.of(sides, genders)
    assert fit(history).rates[MALE].slope == 0
    assert VectorisedChanceModel().fit(history) == fit(history)


def test_silence_teaches_how_often_one_answers_and_nothing_about_whom_one_wants() -> None:
    answers = [Side(202_601, "m", "w", 9_000, Said.YES), Side(202_601, "w", "m", 8_000, Said.NO)]
    silent = [Side(202_602, "m", "v", 7_000, Said.NOTHING), Side(202_602, "v", "m", 7_000, Said.YES)]
    genders = BOTH | {"v": FEMALE}
    spoken = fit(AnswerHistory.of([*answers, silent[1]], genders))
    both = fit(AnswerHistory.of([*answers, *silent], genders))
    assert both.people["m"].answering < spoken.people["m"].answering == 10_000
    assert replace(both.people["m"], answering=0) == replace(spoken.people["m"], answering=0)
    assert both.people["v"].wanted == 0


def test_a_gender_that_always_said_yes_and_an_empty_history_have_a_fit() -> None:
    always = [Side(202_601, "m", "w", 9_000, Said.YES)]
    assert 0 < fit(AnswerHistory.of(always, BOTH)).rates[MALE].base < 12_000
    nothing = fit(AnswerHistory.of([], {}))
    assert (nothing.answers, nothing.through, dict(nothing.people)) == (0, 0, {})
    assert list(numbers(VectorisedChanceModel().fit(AnswerHistory.of([], {})))) == list(numbers(nothing))


def test_an_answering_rate_begins_at_what_is_usual_and_moves_to_what_a_person_does() -> None:
    assert answering(0, 0, 8_800) == 8_800
    assert answering(4, 0, 8_800) < answering(4, 2, 8_800) < answering(4, 4, 8_800) < 10_000
    assert answering(1_000, 500, 8_800) == pytest.approx(5_000, abs=50)


@pytest.mark.slow
def test_half_a_million_answers_of_57412_people_are_fitted_in_a_minute() -> None:
    seconds, mebibytes = measured_fit()
    assert seconds < 60
    assert mebibytes < 2_048
