"""What advice may do and take: its bound is exact for both signs, and no limit of a budget may be passed."""

from dataclasses import replace
from decimal import Decimal

import pytest

from ygs.domain.advice import FULL_STRENGTH, AdviceBudget, AdviceUsage, PairAdvice, Prices
from ygs.domain.ids import UserId
from ygs.entrypoints.testing.clock import NOON

PRICES = Prices(input=Decimal(1), output=Decimal(10))
BUDGET = AdviceBudget(calls=10, tokens=1_000, seconds=60, cost=Decimal("0.002"))
WITHIN = AdviceUsage(calls=10, input_tokens=888, output_tokens=111)


@pytest.mark.parametrize(
    ("strength", "most", "share"),
    [(100, 100, 100), (-100, 100, -100), (100, 2_000, 2_000), (50, 100, 50), (-33, 100, -33), (1, 50, 0), (0, 500, 0)],
)
def test_the_strongest_advice_moves_a_pair_by_the_whole_share_and_no_further(
    strength: int, most: int, share: int
) -> None:
    advice = PairAdvice(
        content_hash="", a=UserId("usr_1"), b=UserId("usr_2"), strength=strength, reason="", created_at=NOON
    )
    assert FULL_STRENGTH == 100
    assert advice.share(most) == share


def test_a_budget_allows_all_of_each_limit() -> None:
    assert PRICES.cost(WITHIN) == Decimal("0.001998")
    assert BUDGET.allows(WITHIN, PRICES)


@pytest.mark.parametrize("beyond", [{"calls": 11}, {"input_tokens": 890}, {"input_tokens": 0, "output_tokens": 201}])
def test_a_budget_allows_no_more_of_any(beyond: dict[str, int]) -> None:
    assert not BUDGET.allows(replace(WITHIN, **beyond), PRICES)
