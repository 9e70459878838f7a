"""The chance of one pair, and what moves it: the same integers as a round counts, each trait made average in turn."""

from array import array
from itertools import combinations
from random import Random

from ygs.domain.learning.pair_chance import ChancePart, ChanceSide, ChanceTrait, chance_between, strongest_parts
from ygs.domain.learning.parameters import ChanceParameters
from ygs.domain.matching.chance import Chances, GenderRates, PersonRates
from ygs.domain.matching.market import Genders

COMMON = GenderRates(base=-200, slope=3_000, centre=8_000, answering=9_000)


def side(name: str, satisfaction: int = 8_000, **rates: int) -> ChanceSide:
    usual = {"says_yes": 0, "wanted": 0, "answering": COMMON.answering}
    return ChanceSide(name, COMMON, PersonRates(**{**usual, **rates}), satisfaction)


def test_two_average_people_have_no_part_worth_a_word() -> None:
    assert strongest_parts(side("a"), side("b")) == ()


def test_each_trait_of_both_is_a_part_and_only_the_three_strongest_are_told() -> None:
    one = side("a", 9_000, says_yes=1_500)
    other = side("b", wanted=-900, answering=4_000)
    parts = strongest_parts(one, other)
    assert [(part.person, part.trait) for part in parts] == [
        ("b", ChanceTrait.ANSWERING),
        ("a", ChanceTrait.SAYS_YES),
        ("b", ChanceTrait.WANTED),
    ]
    assert [part.effect > 0 for part in parts] == [False, True, False]
    assert abs(parts[0].effect) >= abs(parts[1].effect) >= abs(parts[2].effect)
    assert strongest_parts(one, other, 8)[-1].trait is ChanceTrait.SATISFACTION


def test_a_part_is_what_the_chance_loses_without_it() -> None:
    one = side("a", says_yes=2_000)
    other = side("b")
    lost = chance_between(one, other) - chance_between(side("a"), other)
    assert strongest_parts(one, other) == (ChancePart(ChanceTrait.SAYS_YES, "a", lost),)


def test_somebody_the_model_does_not_know_is_average() -> None:
    parameters = ChanceParameters(rates={Genders.MALE: COMMON})
    assert ChanceSide.of(parameters, "new", Genders.MALE, 8_000) == side("new")


def test_a_pair_has_the_chance_that_a_round_counts() -> None:
    rng = Random(3)
    sides = [side(name, rng.randint(0, 10_000), **_rates(rng)) for name in "abcdefgh"]
    genders = array("B", [Genders.MALE, Genders.FEMALE] * 4)
    rates = {int(gender): COMMON for gender in Genders}
    people = {each.id: each.rates for each in sides}
    chances = Chances.of(tuple("abcdefgh"), genders, version="1", rates=rates, people=people)
    for (a, one), (b, other) in combinations(enumerate(sides), 2):
        assert chances.pair(genders, a, b, one.satisfaction, other.satisfaction) == chance_between(one, other)


def _rates(rng: Random) -> dict[str, int]:
    return {
        "says_yes": rng.randint(-4_000, 4_000),
        "wanted": rng.randint(-3_000, 3_000),
        "answering": rng.randint(0, 10_000),
    }
