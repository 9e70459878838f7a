"""Answers of a language model: about pairs of members, and drafts for staff; and what both have taken."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from ygs.domain.advice import AdviceUsage, Draft, PairAdvice
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

    async def find_draft(self, content_hash: str) -> Draft | None:
        """The draft stored under this content hash, or None."""
        ...

    async def drafting(self, day: date) -> AdviceUsage:
        """What drafts have taken on a day."""
        ...


class AdviceRepository(AdviceReader, Protocol):
    """Advice, to be stored."""

    async def add(self, week: WeekId, answers: Collection[PairAdvice], usage: AdviceUsage) -> None:
        """Store answers, of which those under a known hash are skipped, and add to what the week has taken.

        `Conflict` when the week or a member is not stored.
        """
        ...

    async def add_draft(self, draft: Draft) -> None:
        """Store a draft, unless one is stored under its hash. `Conflict` when a member of it is not stored."""
        ...

    async def count_drafting(self, day: date, usage: AdviceUsage) -> AdviceUsage:
        """Add to what drafts have taken on a day, and return the total. Locks that day until commit."""
        ...

    async def forget(self, person: UserId) -> None:
        """Delete all answers and drafts about a member."""
        ...

    async def purge(self, before: datetime) -> int:
        """Delete the answers and drafts stored before that moment; return their number."""
        ...
