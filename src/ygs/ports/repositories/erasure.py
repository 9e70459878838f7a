"""Erasure: removes the data of people who left, for good."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.ids import UserId
from ygs.ports.repositories import MOST_PAGE


class ErasureRepository(Protocol):
    """Erasure: removes the data of people who left, for good."""

    async def left_before(self, at: datetime, limit: int = MOST_PAGE) -> Sequence[UserId]:
        """At most `limit` users who left before that moment and are not erased; the earliest first."""
        ...

    async def count_left_before(self, at: datetime) -> int:
        """The number of users who left before that moment and are not erased."""
        ...

    async def erase(self, ids: Sequence[UserId], at: datetime) -> None:
        """Delete everything of users who have left, also what others wrote about introductions to them.

        Only their ids stay, in the introductions of others.
        """
        ...

    async def forget_inputs(self, before: datetime) -> int:
        """Delete snapshots, plans and keys of match weeks created before that moment; return of how many weeks."""
        ...
