"""The chance of a mutual yes is exact, symmetric, and never falls when a wish is met better."""

import hashlib
from array import array
from dataclasses import replace
from math import exp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ygs.domain.errors import BadFile, InvalidFact
from ygs.domain.matching.chance import (
    MILLION,
    MOST_LOGIT,
    GenderRates,
    PersonRates,
    logit,
    mutual_chance,
    probability,
    sigmoid_table,
)
from ygs.domain.matching.market import Candidate, Genders, Market

logits = st.integers(-MOST_LOGIT, MOST_LOGIT)
shares = st.integers(0, 10_000)
gender_rates = st.builds(GenderRates, base=logits, slope=st.integers(0, 100_000), centre=shares, answering=shares)
MEN = GenderRates(base=-400, slope=900, centre=7_000, answering=8_000)
WOMEN = GenderRates(base=-1_100, slope=300, centre=7_500, answering=9_000)
RATES = {Genders.MALE: MEN, Genders.FEMALE: WOMEN}


def couple() -> Market:
    man = Candidate(id="a", gender=Genders.MALE, seeks=Genders.FEMALE)
    return Market.of([man, Candidate(id="b", gender=Genders.FEMALE, seeks=Genders.MALE)])


def test_the_sigmoid_table_has_the_same_bytes_on_every_machine() -> None:
    big_endian = b"".join(each.to_bytes(4, "big") for each in sigmoid_table())
    assert hashlib.sha256(big_endian).hexdigest() == "c8ca80cfd9f64cf2bf4896faf6f91fa72c50b11fc001ab8fab7662e3801a84b2"


def test_the_sigmoid_table_is_the_sigmoid() -> None:
    table = sigmoid_table()
    assert len(table) == 2 * MOST_LOGIT + 1
    for step, share in enumerate(table, start=-MOST_LOGIT):
        assert abs(share - MILLION / (1 + exp(-step / 1_000))) <= 0.5 + 1e-6
    assert list(table) == sorted(table)
    assert all(one + other == MILLION for one, other in zip(table, reversed(table), strict=True))


@given(gender_rates, logits, logits, shares, shares)
def test_a_better_met_wish_never_lowers_a_probability(
    rates: GenderRates, says_yes: int, wanted: int, one: int, other: int
) -> None:
    least, most = sorted((one, other))
    assert probability(logit(rates, says_yes, wanted, least)) <= probability(logit(rates, says_yes, wanted, most))


@given(st.integers(0, MILLION), st.integers(0, MILLION), shares, shares)
def test_a_chance_is_symmetric_and_within_its_rounding_of_the_product(p: int, q: int, one: int, other: int) -> None:
    exact = p * q * one * other / 10**14
    assert mutual_chance(p, q, one, other) == mutual_chance(q, p, other, one)
    assert exact - 2 < mutual_chance(p, q, one, other) <= exact + 1e-6


def test_a_chance_by_hand() -> None:
    people = {"a": PersonRates(says_yes=300, wanted=-200, answering=5_000)}
    market = couple().with_chances("1", RATES, people)
    assert market.chances is not None
    there = probability(-400 + 300 + 0 + 900 * 1_000 // 10_000)
    back = probability(-1_100 + 0 - 200 + 300 * -2_501 // 10_000)
    assert market.chances.pair(market.genders, 0, 1, 8_000, 4_999) == there * back // MILLION * 45_000_000 // 10**8


def test_a_person_of_whom_nothing_was_learned_has_the_rates_of_their_gender() -> None:
    market = couple().with_chances("1", RATES, {})
    average = {
        "a": PersonRates(says_yes=0, wanted=0, answering=8_000),
        "b": PersonRates(says_yes=0, wanted=0, answering=9_000),
    }
    assert market == couple().with_chances("1", RATES, average)


def test_a_stored_market_keeps_its_chances() -> None:
    people = {"b": PersonRates(says_yes=-1_500, wanted=700, answering=6_500)}
    market = couple().with_chances("7", RATES, people)
    assert Market.from_bytes(market.to_bytes()) == market


def test_a_market_without_chances_is_stored_as_before() -> None:
    assert couple().input_hash() == "63763e86e58027f37bfaa87c959fe4375c078280b10d619fd535032cb0e9478b"
    assert Market.from_bytes(couple().to_bytes()).chances is None


@pytest.mark.parametrize(
    "changed",
    [
        couple().with_chances("2", RATES, {}),
        couple().with_chances("1", RATES | {Genders.MALE: replace(MEN, slope=901)}, {}),
        couple().with_chances("1", RATES, {"a": PersonRates(says_yes=1, wanted=0, answering=8_000)}),
        couple().with_chances("1", RATES, {"a": PersonRates(says_yes=0, wanted=1, answering=8_000)}),
        couple().with_chances("1", RATES, {"a": PersonRates(says_yes=0, wanted=0, answering=8_001)}),
        couple(),
    ],
)
def test_the_input_hash_tells_what_was_learned(changed: Market) -> None:
    assert changed.input_hash() != couple().with_chances("1", RATES, {}).input_hash()


def test_stored_chances_of_other_people_are_damaged() -> None:
    market = couple().with_chances("1", RATES, {})
    assert market.chances is not None
    shorter = replace(market, chances=replace(market.chances, wanted=array("i", [0])))
    with pytest.raises(BadFile):
        Market.from_bytes(shorter.to_bytes())


@pytest.mark.parametrize("slope", [-1, 100_001])
def test_a_slope_that_would_punish_a_met_wish_is_refused(slope: int) -> None:
    with pytest.raises(InvalidFact):
        replace(MEN, slope=slope)


@settings(max_examples=50)
@given(gender_rates, gender_rates, shares, shares, shares)
def test_a_pair_never_loses_by_a_better_met_wish(
    men: GenderRates, women: GenderRates, there: int, back: int, more: int
) -> None:
    market = couple().with_chances("1", {Genders.MALE: men, Genders.FEMALE: women}, {})
    assert market.chances is not None
    before = market.chances.pair(market.genders, 0, 1, there, back)
    assert before <= market.chances.pair(market.genders, 0, 1, max(there, more), back)
    assert before <= market.chances.pair(market.genders, 0, 1, there, max(back, more))
