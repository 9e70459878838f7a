"""Erasure: the permanent deletion of the data of people who left, and of match weeks' inputs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.ids import UserId
from ygs.ports.repositories import MOST_PAGE


class ErasureRepository(Protocol):
    """Deletes the data of people who left, and match weeks' inputs, for good."""

    async def left_before(self, at: datetime, limit: int = MOST_PAGE) -> Sequence[UserId]:
        """At most `limit` users who left before that moment and are not erased; the earliest first."""
        ...

    async def count_left_before(self, at: datetime) -> int:
        """The number of users who left before that moment and are not erased."""
        ...

    async def erase(self, ids: Sequence[UserId], at: datetime) -> None:
        """Delete the data of users who have left, and the words that others wrote about introductions to them.

        Only their ids stay, in the introductions of others.
        """
        ...

    async def forget_inputs(self, before: datetime) -> int:
        """Delete snapshots, plans, keys and releases of weeks created before that moment; return of how many weeks."""
        ...
