"""Keyset pages: the rows that come before or after a given one in an order of several columns."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, select, tuple_


def precedes(order: Sequence[Column[Any]], which: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition that a row comes before the one that `which` selects, ascending by `order`; none does if that
    selects no row."""
    # The subquery has its own FROM: it reads the table that the statement itself reads.
    return tuple_(*order) < select(*order).where(which).correlate(None).scalar_subquery()


def follows(order: Sequence[Column[Any]], which: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition that a row comes after the one that `which` selects, as for `precedes`."""
    return tuple_(*order) > select(*order).where(which).correlate(None).scalar_subquery()
