"""How well a value fits: worked examples with real answers, and laws that hold for all of them."""

from collections.abc import Callable
from fractions import Fraction
from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ygs.domain.errors import InvalidWish, UnknownValue
from ygs.domain.matching.attribute import UNKNOWN, Kind
from ygs.domain.matching.fit import NEIGHBOUR_FIT, affinity_fit, falling, fit, neighbour_mask, refuses
from ygs.domain.matching.policy import Affinity, Nearness, Policy
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import FULL, LEAST_COUNTED, Importance, Wish
from ygs.entrypoints.testing.builders import coded

POLICY = Policy()
FAIR, MUST = Importance.FAIR, Importance.MUST
LENIENT, STRICT = Policy(strict_unknown=False), Policy(strict_unknown=True)


def code(attribute: str, answer: str | int | list[str]) -> int:
    return coded(**{attribute: answer})[attribute]


TALL = Wish.between("height_cm", 170, 180, FAIR)
BORN = Wish.between("birth_year", 1988, 1992, FAIR)
SCHOOLED = Wish.between("education", "bachelor", "master", FAIR)
NON_SMOKER = Wish.between("smoking", "no", "quitting", FAIR)
CAPITAL = Wish.among("region", ["seoul"], FAIR)
FAITH = Wish.among("religion", ["protestant"], FAIR)
HOBBIES = Wish.among("interests", ["hiking", "movies"], FAIR)


@pytest.mark.parametrize(
    ("wish", "answer", "expected"),
    [
        # Inside, both ends included.
        (TALL, 170, 10_000),
        (TALL, 175, 10_000),
        (TALL, 180, 10_000),
        # 5 cm of slack: each centimetre outside costs a fifth.
        (TALL, 169, 8_000),
        (TALL, 181, 8_000),
        (TALL, 166, 2_000),
        (TALL, 165, 0),
        (TALL, 185, 0),
        (TALL, 130, 0),
        (TALL, 220, 0),
        # 3 years of slack: thirds, rounded up.
        (BORN, 1988, 10_000),
        (BORN, 1987, 6_667),
        (BORN, 1986, 3_334),
        (BORN, 1985, 0),
        (BORN, 1995, 0),
        # Levels with slack 2: the next one is half accepted.
        (SCHOOLED, "bachelor", 10_000),
        (SCHOOLED, "associate", 5_000),
        (SCHOOLED, "doctorate", 5_000),
        (SCHOOLED, "high_school", 0),
        # No slack: whoever smokes sometimes smokes.
        (NON_SMOKER, "no", 10_000),
        (NON_SMOKER, "quitting", 10_000),
        (NON_SMOKER, "sometimes", 0),
        (NON_SMOKER, "daily", 0),
        # Regions that touch are half accepted, others not at all.
        (CAPITAL, "seoul", 10_000),
        (CAPITAL, "gyeonggi", 5_000),
        (CAPITAL, "incheon", 5_000),
        (CAPITAL, "gangwon", 0),
        (CAPITAL, "jeju", 0),
        # Nothing is near a faith.
        (FAITH, "protestant", 10_000),
        (FAITH, "catholic", 0),
        (FAITH, "none", 0),
        # One shared value is enough of a set.
        (HOBBIES, ["hiking"], 10_000),
        (HOBBIES, ["movies", "golf"], 10_000),
        (HOBBIES, ["golf"], 0),
    ],
)
def test_a_value_fits_as_well_as_it_is_near_to_what_is_wished(
    wish: Wish, answer: str | int | list[str], expected: int
) -> None:
    assert fit(wish, code(wish.attribute, answer), POLICY) == expected


@pytest.mark.parametrize("wish", [TALL, SCHOOLED, CAPITAL, FAITH, HOBBIES])
@pytest.mark.parametrize("unknown_fit", [0, 5_000, 10_000])
def test_what_nobody_told_fits_as_the_policy_says(wish: Wish, unknown_fit: int) -> None:
    assert fit(wish, UNKNOWN, Policy(unknown_fit=unknown_fit)) == unknown_fit


ATTRIBUTES = st.sampled_from(list(VOCABULARY.values()))


@st.composite
def wishes_and_values(draw: st.DrawFn) -> tuple[Wish, int]:
    """Any wish, and any known value of its attribute."""
    attribute = draw(ATTRIBUTES)
    importance = draw(st.sampled_from(Importance))
    codes = st.integers(1, attribute.size)
    if attribute.kind is Kind.ORDINAL:
        low, high = sorted((draw(codes), draw(codes)))
        return Wish(attribute=attribute.code, importance=importance, low=low, high=high), draw(codes)
    masks = st.integers(1, (1 << attribute.size) - 1)
    value = draw(masks if attribute.kind is Kind.SET else codes)
    accepts = draw(masks)
    counted = st.sampled_from([0, *range(LEAST_COUNTED, accepts.bit_count() + 1)])
    low = draw(counted) if attribute.kind is Kind.SET else 0
    return Wish(attribute=attribute.code, importance=importance, low=low, accepts=accepts), value


def plain_fit(wish: Wish, value: int) -> int:
    """The rule in words: on answers rather than codes, in fractions rather than integers."""
    attribute = VOCABULARY[wish.attribute]
    if attribute.kind is Kind.ORDINAL:
        outside = min(abs(value - inside) for inside in range(wish.low, wish.high + 1))
        near = 1 - Fraction(outside, attribute.slack or 1)
        return ceil(FULL * max(near, Fraction(0)))
    accepted = set(attribute.values_in(wish.accepts))
    answers = set(attribute.values_in(value)) if attribute.kind is Kind.SET else {attribute.value_of(value)}
    if accepted & answers:
        return int(min(Fraction(len(accepted & answers), wish.low or 1), Fraction(1)) * FULL)
    beside = {near for answer in accepted for near in attribute.neighbours.get(answer, ())}
    return NEIGHBOUR_FIT if attribute.kind is Kind.CATEGORY and beside & answers else 0


@given(wishes_and_values())
def test_fits_are_what_the_rule_says_in_words(drawn: tuple[Wish, int]) -> None:
    wish, value = drawn
    assert fit(wish, value, POLICY) == plain_fit(wish, value)


@given(wishes_and_values())
def test_only_a_deal_breaker_refuses_and_only_what_fits_not_at_all(drawn: tuple[Wish, int]) -> None:
    wish, value = drawn
    for policy in (LENIENT, STRICT):
        refused = wish.importance is MUST and plain_fit(wish, value) == 0
        assert refuses(wish, value, policy) is refused
        # How well an unknown fits is no matter of how it is refused.
        assert refuses(wish, UNKNOWN, policy) is (wish.importance is MUST and policy.strict_unknown)


def test_an_unknown_that_fits_not_at_all_is_still_no_refusal() -> None:
    must = Wish.among("religion", ["protestant"], MUST)
    assert not refuses(must, UNKNOWN, Policy(unknown_fit=0))
    assert refuses(must, UNKNOWN, Policy(unknown_fit=10_000, strict_unknown=True))


@given(st.integers(0, 300), st.integers(0, 100))
def test_falling_starts_full_never_rises_and_ends_at_nothing(steps: int, span: int) -> None:
    here, next_one = falling(steps, span), falling(steps + 1, span)
    assert 0 <= next_one <= here <= FULL
    assert falling(0, span) == FULL
    assert (here == 0) is (steps >= max(span, 1))


@given(ATTRIBUTES)
def test_neighbours_are_mutual_and_nobody_is_their_own(attribute: Any) -> None:
    if attribute.kind is Kind.CATEGORY:
        for one in range(1, attribute.size + 1):
            beside = neighbour_mask(attribute, one)
            assert not beside >> (one - 1) & 1
            for other in range(1, attribute.size + 1):
                if beside >> (other - 1) & 1:
                    assert neighbour_mask(attribute, other) >> (one - 1) & 1


def affinity(attribute: str, nearness: Nearness, span: int = 1) -> Affinity:
    return Affinity(attribute=attribute, nearness=nearness, weight=1, span=span)


@pytest.mark.parametrize(
    ("term", "mine", "theirs", "expected"),
    [
        (affinity("birth_year", Nearness.NEAR, 10), 1990, 1990, 10_000),
        (affinity("birth_year", Nearness.NEAR, 10), 1990, 1993, 7_000),
        (affinity("birth_year", Nearness.NEAR, 10), 1990, 2000, 0),
        (affinity("birth_year", Nearness.NEAR, 3), 1990, 1991, 6_667),
        (affinity("region", Nearness.SAME), "busan", "busan", 10_000),
        (affinity("region", Nearness.SAME), "busan", "ulsan", 5_000),
        (affinity("region", Nearness.SAME), "busan", "seoul", 0),
        (affinity("interests", Nearness.SHARED, 3), ["hiking"], ["golf"], 0),
        (affinity("interests", Nearness.SHARED, 3), ["hiking", "golf"], ["golf", "movies"], 3_333),
        (affinity("interests", Nearness.SHARED, 3), ["hiking", "golf"], ["golf", "hiking"], 6_666),
        (affinity("interests", Nearness.SHARED, 1), ["hiking", "golf"], ["golf", "hiking"], 10_000),
    ],
)
def test_people_are_near_by_age_place_and_what_they_share(
    term: Affinity, mine: Any, theirs: Any, expected: int
) -> None:
    one, other = code(term.attribute, mine), code(term.attribute, theirs)
    assert affinity_fit(term, one, other, POLICY) == expected == affinity_fit(term, other, one, POLICY)


@st.composite
def affinities_and_values(draw: st.DrawFn) -> tuple[Affinity, int, int]:
    """Any affinity, and two values of its attribute, either of which may be unknown."""
    attribute = draw(ATTRIBUTES)
    nearness = {Kind.ORDINAL: Nearness.NEAR, Kind.CATEGORY: Nearness.SAME, Kind.SET: Nearness.SHARED}[attribute.kind]
    most = (1 << attribute.size) - 1 if attribute.kind is Kind.SET else attribute.size
    values = st.integers(0, most)
    return affinity(attribute.code, nearness, draw(st.integers(1, 255))), draw(values), draw(values)


@given(affinities_and_values())
def test_nearness_is_symmetric_and_a_share(drawn: tuple[Affinity, int, int]) -> None:
    term, mine, theirs = drawn
    near = affinity_fit(term, mine, theirs, POLICY)
    assert near == affinity_fit(term, theirs, mine, POLICY)
    assert 0 <= near <= FULL
    if UNKNOWN in (mine, theirs):
        assert near == POLICY.unknown_fit


def test_a_deal_breaker_weighs_as_much_as_a_strong_wish() -> None:
    assert [importance.weight for importance in Importance] == [0, 1, 3, 9, 9]
    assert [importance.code for importance in Importance] == ["ignore", "slight", "fair", "strong", "must"]


@pytest.mark.parametrize(
    "values",
    [
        {"attribute": "height_cm"},  # nothing accepted
        {"attribute": "height_cm", "low": 40, "high": 30},
        {"attribute": "height_cm", "low": 0, "high": 30},
        {"attribute": "height_cm", "low": 1, "high": 92},
        {"attribute": "height_cm", "low": 1, "high": 2, "accepts": 1},
        {"attribute": "region"},
        {"attribute": "region", "accepts": -1},
        {"attribute": "region", "accepts": 1 << 18},
        {"attribute": "region", "accepts": 1, "low": 1, "high": 1},
        {"attribute": "interests", "accepts": 0},
        {"attribute": "interests", "accepts": 0b11, "low": 3},
        {"attribute": "interests", "accepts": 0b11, "low": 1},
        {"attribute": "interests", "accepts": 0b11, "low": -1},
        {"attribute": "interests", "accepts": 0b11, "high": 2},
        {"attribute": "region", "accepts": 0b11, "low": 2},
    ],
)
def test_a_wish_accepts_somebody_and_is_of_its_kind(values: dict[str, Any]) -> None:
    with pytest.raises(InvalidWish):
        Wish(importance=FAIR, **values)


def test_wishes_are_made_of_answers() -> None:
    assert Wish.between("education", "associate", "master", FAIR) == Wish(
        attribute="education", importance=FAIR, low=2, high=4
    )
    assert Wish.among("region", ["busan", "seoul"], FAIR).accepts == 0b11
    assert Wish.among("interests", ["hiking", "movies"], FAIR, at_least=2).low == 2
    assert Wish.among("interests", ["hiking", "movies"], FAIR, at_least=1).low == 0
    wrongs: list[Callable[[], Wish]] = [
        lambda: Wish.among("region", ["atlantis"], FAIR),
        lambda: Wish.between("height_cm", 100, 300, FAIR),
        lambda: Wish.between("shoe_size", 1, 2, FAIR),
        lambda: Wish.among("interests", [], FAIR),
        lambda: Wish.among("height_cm", ["170"], FAIR),
        lambda: Wish.between("height_cm", 180, 170, FAIR),
    ]
    for wrong in wrongs:
        with pytest.raises((UnknownValue, InvalidWish)):
            wrong()
