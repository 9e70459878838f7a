"""The tables of bounds are cut into pieces that a vector instruction can look up."""

import numpy as np
import pytest

from tests.integration.test_scoring_at_scale import a_crowd, column
from ygs.adapters.scoring.score_tables import Bounds, at_once, prepare
from ygs.adapters.scoring.simd_loop import LANES, PIECE
from ygs.domain.matching.policy import Policy

PEOPLE = 120


def bounds_with(years: int) -> Bounds:
    """The bounds of a market with so many years of birth, the unknown one included."""
    market = a_crowd(PEOPLE, seed=years)
    column(market.facts["birth_year"])[:] = np.arange(PEOPLE) % years
    return prepare(market, Policy(), at_once).tables.bounds


@pytest.mark.parametrize("years", [31, 32, 33, 64, 65, 72])
def test_every_code_lies_in_one_piece_of_its_group(years: int) -> None:
    bounds = bounds_with(years)
    pieces = bounds.pieces
    rows = bounds.rows.reshape(-1, bounds.groups)
    heights = np.ptp(rows, axis=0) + 1
    assert years in heights or years < PIECE
    for group in range(bounds.groups):
        first = pieces.first[pieces.group == group]
        own = rows[:, group, None]
        assert ((own >= first) & (own < first + PIECE)).sum(axis=1).tolist() == [1] * len(rows)
        assert len(first) == -(-heights[group] // PIECE)
    assert (heights[pieces.group[: pieces.single]] <= PIECE).all()
    assert (heights[pieces.group[pieces.single :]] > PIECE).all()


@pytest.mark.parametrize("years", [31, 72])
def test_codes_count_from_the_first_row_of_their_piece(years: int) -> None:
    bounds = bounds_with(years)
    pieces = bounds.pieces
    rows = bounds.rows.reshape(-1, bounds.groups)
    codes = pieces.codes.reshape(len(rows), pieces.width)
    assert (codes[:, : len(pieces.first)] == rows[:, pieces.group] - pieces.first).all()
    assert (codes[:, len(pieces.first) :] == 0).all()


def test_no_piece_reaches_beyond_the_table() -> None:
    bounds = bounds_with(72)
    people = len(bounds.rows) // bounds.groups
    assert people % LANES == 0
    assert (people - 1) * bounds.height + bounds.pieces.first.max() + PIECE <= len(bounds.table)
