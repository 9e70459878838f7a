"""Answers of a language model about pairs of members, and what the advice of each week has taken."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.advice import AdviceUsage, PairAdvice
from ygs.domain.ids import UserId, WeekId


class AdviceReader(Protocol):
    """Advice, to be read."""

    async def answers(self, hashes: Collection[str]) -> Sequence[PairAdvice]:
        """The stored answers under these content hashes, ascending by hash."""
        ...

    async def among(self, people: Collection[UserId]) -> Sequence[PairAdvice]:
        """The stored answers about two of these people, the latest first, then by hash."""
        ...

    async def usage(self, week: WeekId) -> AdviceUsage:
        """What the advice of a week has taken so far, over all attempts."""
        ...


class AdviceRepository(AdviceReader, Protocol):
    """Advice, to be stored."""

    async def add(self, week: WeekId, answers: Collection[PairAdvice], usage: AdviceUsage) -> None:
        """Store answers, of which those under a known hash are skipped, and add to what the week has taken.

        `Conflict` when the week or a member is not stored.
        """
        ...

    async def forget(self, person: UserId) -> None:
        """Delete all answers about a member."""
        ...

    async def purge(self, before: datetime) -> int:
        """Delete the answers stored before that moment; return their number."""
        ...
