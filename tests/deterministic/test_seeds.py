"""No seed breaks an invariant.

A seed that does is printed with the command that replays it alone.
"""

import pytest

from tests.deterministic.simulation import simulate

AT_ONCE = 25
SEEDS = 200
MANY_AT_ONCE = 250
MANY_SEEDS = 10_000


def broken(seeds: range) -> str:
    """The first seed of these that breaks an invariant, and what it breaks; "" for none."""
    return next((str(run) for run in map(simulate, seeds) if run.violations), "")


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_no_seed_breaks_an_invariant(first: int) -> None:
    assert not broken(range(first, first + AT_ONCE))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(SEEDS, SEEDS + MANY_SEEDS, MANY_AT_ONCE))
def test_none_of_ten_thousand_seeds_breaks_an_invariant(first: int) -> None:
    """``.venv/bin/pytest -n 2 -m slow tests/deterministic/test_seeds.py``: some half an hour on two cores."""
    assert not broken(range(first, first + MANY_AT_ONCE))
