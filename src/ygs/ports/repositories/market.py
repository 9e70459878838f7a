"""The inputs of a round, read as columns."""

from typing import Protocol

from ygs.domain.matching.market import Market


class MarketReader(Protocol):
    """The inputs of a round, read as columns."""

    async def enrolled(self, *, capacity: int) -> Market:
        """All active users with their facts and wishes, all pairs introduced before, and all blocks by id and contact.

        `weeks_waited` counts the weeks that were published after the person's latest introduction, or, without one,
        after their activation (their creation, where that is unknown). `introduced` counts introductions so far.
        `capacity` applies to people without a capacity of their own.
        """
        ...
