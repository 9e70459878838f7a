"""The budget of a round's advice: each of its bounds holds by itself."""

from dataclasses import replace
from decimal import Decimal

import pytest

from ygs.domain.advice import AdviceBudget, AdviceUsage, Prices

PRICES = Prices(input=Decimal(1), output=Decimal(10))
USED = AdviceUsage(calls=3, input_tokens=100, output_tokens=20)
ENOUGH = AdviceBudget(calls=3, tokens=120, seconds=60, cost=Decimal("0.0003"))


def test_what_fits_exactly_is_allowed() -> None:
    assert ENOUGH.allows(USED, PRICES)


@pytest.mark.parametrize(
    "short", [replace(ENOUGH, calls=2), replace(ENOUGH, tokens=119), replace(ENOUGH, cost=Decimal("0.0002"))]
)
def test_each_bound_holds_alone(short: AdviceBudget) -> None:
    assert not short.allows(USED, PRICES)
