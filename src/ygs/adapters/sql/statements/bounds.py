"""Conditions of a column with or without bounds."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement


def within(column: ColumnElement[Any], since: date | None, until: date | None) -> Iterator[ColumnElement[bool]]:
    """The conditions that a day or a moment is from `since` on and before `until`; none for None."""
    if since is not None:
        yield column >= since
    if until is not None:
        yield column < until
