"""What a forecast says of somebody who is not a member yet."""

from dataclasses import replace
from random import Random

import pytest

from tests.support.forecast_clubs import POLICY, Life, outcomes
from ygs.adapters.scoring.reference import PlainScorer
from ygs.adapters.solving.reference import PlainSolver
from ygs.application.forecasts.forecast import ForecastInputs, ForecastResult, make_forecast
from ygs.application.forecasts.pool import MOST_IN_POOL, candidates_of, pool_of
from ygs.application.simulation.simulated_club import SimulatedClub
from ygs.domain.forecasts import ClubRecord, ForecastTerms, MutualTally
from ygs.domain.matching.eligibility import compatible
from ygs.domain.matching.market import Candidate, Genders, Market
from ygs.domain.matching.wishes import Importance, Wish

TERMS = ForecastTerms(weeks=4, promised=3)


@pytest.fixture(scope="module")
def market() -> Market:
    return SimulatedClub(men=9, women=9, seed=2).market(capacity=1)


def newcomer(market: Market, place: int = 3, **changes: object) -> Candidate:
    """Somebody like a member, without an id."""
    return replace(market.person(place), id="", **changes)  # type: ignore[arg-type]


def forecast_in(market: Market, person: Candidate, *, seed: int = 0, terms: ForecastTerms = TERMS) -> ForecastResult:
    return make_forecast(person, ForecastInputs(market, POLICY, ClubRecord()), terms, seed=seed, scorer=PlainScorer())


def test_the_candidates_are_those_whom_the_specification_allows(market: Market) -> None:
    person = newcomer(market)
    found = candidates_of(person, PlainScorer().scores(market, POLICY), POLICY)
    assert found == [place for place in range(len(market)) if compatible(person, market.person(place), POLICY)]
    assert found


def test_the_same_inputs_and_seed_give_the_same_forecast(market: Market) -> None:
    person = newcomer(market)
    assert forecast_in(market, person) == forecast_in(market, person)
    assert forecast_in(market, person) != forecast_in(market, person, seed=1)


def test_nobody_suits_whom_everybody_refuses(market: Market) -> None:
    nobody = newcomer(market, seeks=Genders.MALE, gender=Genders.MALE)
    result = forecast_in(market, nobody)
    assert (result.forecast.candidates, result.candidates) == (None, [])
    for count in (result.forecast.introductions, result.forecast.mutual):
        assert (count.tenths, count.low, count.high) == (0, 0, 0)
    assert result.forecast.kept_percent == 0


def test_relaxations_open_candidates_to_a_narrow_wish(market: Market) -> None:
    narrow = Wish.between("height_cm", 205, 220, Importance.MUST)
    result = forecast_in(market, newcomer(market, wishes={"height_cm": narrow}))
    assert not result.candidates
    assert result.relaxations
    assert all(each.opens > 0 for each in result.relaxations)


def test_without_a_promise_none_is_kept(market: Market) -> None:
    assert forecast_in(market, newcomer(market), terms=ForecastTerms(weeks=2)).forecast.kept_percent is None


def test_rivals_take_introductions_away() -> None:
    few_women = SimulatedClub(men=15, women=3, seed=2).market(capacity=1)
    as_many = SimulatedClub(men=9, women=9, seed=2).market(capacity=1)
    man = newcomer(few_women, few_women.genders.index(Genders.MALE), wishes={})
    alone, usual = (forecast_in(market, man).forecast.introductions for market in (few_women, as_many))
    assert alone.tenths < usual.tenths


def test_in_a_sample_few_candidates_are_kept_and_genders_stay_in_proportion() -> None:
    large = SimulatedClub(men=120, women=80, seed=1).market(capacity=1)
    person = newcomer(large)
    suiting = candidates_of(person, PlainScorer().scores(large, POLICY), POLICY)
    few = suiting[:5]
    pool = pool_of(person, few, large, POLICY, PlainScorer(), Random(1))
    assert len(pool) <= MOST_IN_POOL + 2
    assert pool.used_up == pytest.approx(MOST_IN_POOL / 200)
    assert len(pool.mutual[0]) >= len(few)


def test_a_record_with_few_mutual_answers_lowers_the_forecast(market: Market) -> None:
    person = newcomer(market)
    refusing = ClubRecord(tallies=(MutualTally(introductions=10, mutual=0, people=200),))
    inputs = ForecastInputs(market, POLICY, refusing)
    low = make_forecast(person, inputs, TERMS, scorer=PlainScorer()).forecast
    young = forecast_in(market, person).forecast
    assert low.introductions == young.introductions
    assert low.mutual.tenths < young.mutual.tenths
    assert low.mutual.high < young.mutual.high


def test_newcomers_of_living_clubs_get_about_what_was_forecast() -> None:
    life = Life(people=20, willing=-0.5, joining=0.04, leaving=0.02, weeks_before=2)
    found = outcomes(life, ForecastTerms(weeks=4), 6, 1, PlainScorer(), PlainSolver())
    assert sum(each.introductions_covered for each in found) >= 5
    assert sum(each.mutual_covered for each in found) >= 5
