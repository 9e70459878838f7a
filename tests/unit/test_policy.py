"""What the agency may decide: policies, affinities and overrides that do not contradict themselves."""

from typing import Any

import pytest

from ygs.domain.errors import InvalidPolicy, OverrideInTheWay, RoundRefused
from ygs.domain.matching.plan import Overrides, ordered_pair
from ygs.domain.matching.policy import Affinity, Nearness, Policy

SAME_REGION = Affinity(attribute="region", nearness=Nearness.SAME, weight=1)


@pytest.mark.parametrize(
    "changes",
    [
        {"unknown_fit": -1},
        {"unknown_fit": 10_001},
        {"floor": 10_001},
        {"wait_bonus": 2_001},
        {"wait_bonus": -1},
        {"longest_wait": 0},
        {"longest_wait": 53},
        {"capacity": 0},
        {"capacity": 8},
        {"affinities": (SAME_REGION, SAME_REGION)},
    ],
)
def test_a_policy_does_not_contradict_itself(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidPolicy):
        Policy(**changes)


@pytest.mark.parametrize(
    ("attribute", "nearness", "weight", "span"),
    [
        ("region", Nearness.NEAR, 1, 1),
        ("birth_year", Nearness.SAME, 1, 1),
        ("interests", Nearness.NEAR, 1, 1),
        ("region", Nearness.SHARED, 1, 1),
        ("region", Nearness.SAME, 0, 1),
        ("region", Nearness.SAME, 101, 1),
        ("birth_year", Nearness.NEAR, 1, 0),
        ("birth_year", Nearness.NEAR, 1, 256),
    ],
)
def test_an_affinity_compares_what_can_be_compared(attribute: str, nearness: Nearness, weight: int, span: int) -> None:
    with pytest.raises(InvalidPolicy):
        Affinity(attribute=attribute, nearness=nearness, weight=weight, span=span)


class TestOverrides:
    def test_pairs_are_given_in_either_order(self) -> None:
        assert Overrides.of(pins=[("b", "a")], forbids=[("c", "d"), ("d", "c")]) == Overrides(
            pins=frozenset({("a", "b")}), forbids=frozenset({("c", "d")})
        )
        assert ordered_pair("b", "a") == ("a", "b")

    @pytest.mark.parametrize(
        "said",
        [
            {"pins": [("a", "a")]},
            {"forbids": [("a", "a")]},
            {"pins": [("a", "b")], "forbids": [("b", "a")]},
            {"pins": [("a", "b")], "left_out": ["b"]},
            {"swaps": [(("a", "b"), ("b", "c"))]},
            {"swaps": [(("a", "b"), ("c", "d"))], "left_out": ["d"]},
            {"swaps": [(("a", "b"), ("c", "d"))], "pins": [("a", "b")]},
        ],
    )
    def test_staff_do_not_contradict_themselves(self, said: dict[str, Any]) -> None:
        with pytest.raises(RoundRefused):
            Overrides.of(**said)

    def test_a_swap_is_one_act_however_it_is_written(self) -> None:
        swap = Overrides.of(swaps=[(("a", "x"), ("b", "y"))])
        assert swap.pins == {("a", "y"), ("b", "x")}
        assert swap.forbids == {("a", "x"), ("b", "y")}
        (one,) = swap.each()
        assert one.key == "swap.a.x.b.y"
        for pairs in ((("b", "y"), ("a", "x")), (("x", "a"), ("y", "b")), (("y", "b"), ("x", "a"))):
            assert Overrides.of(swaps=[pairs]).each() == (one,)
        assert swap.without(one) == Overrides()

    def test_what_is_taken_back_takes_no_other_with_it(self) -> None:
        swap = Overrides.of(swaps=[(("a", "x"), ("b", "y"))])
        apart = Overrides.of(pins=[("c", "z")], left_out=["d"])
        both = apart.added(swap)
        assert both.without(swap.each()[0]) == apart
        for part in (Overrides.of(pins=[("a", "y")]), Overrides.of(forbids=[("b", "y")])):
            for earlier, later in ((part, swap), (swap, part)):
                with pytest.raises(OverrideInTheWay):
                    earlier.added(later)
        with pytest.raises(OverrideInTheWay, match=r"swap\.a\.x\.b\.y"):
            both.added(Overrides.of(left_out=["y"]))
