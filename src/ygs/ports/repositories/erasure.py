"""Removing people who left, for good."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.ids import UserId
from ygs.ports.repositories import MOST_PAGE


class ErasureRepository(Protocol):
    """Removing people who left, for good."""

    async def left_before(self, at: datetime, limit: int = MOST_PAGE) -> Sequence[UserId]:
        """Who left before then and is not erased, those who left first first; at most `limit`."""
        ...

    async def count_left_before(self, at: datetime) -> int:
        """How many left before then and are not erased."""
        ...

    async def erase(self, ids: Sequence[UserId], at: datetime) -> None:
        """Remove everything of these users, who have left: what was told of and by them, and the words others wrote
        about introductions to them. In whose introductions they were, an id that names nobody stays."""
        ...

    async def forget_inputs(self, before: datetime) -> int:
        """Remove snapshots and plans of match weeks created before then, and say of how many weeks."""
        ...
