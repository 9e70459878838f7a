"""The round's inputs, read as columns."""

from typing import Protocol

from ygs.domain.matching.market import Market


class MarketReader(Protocol):
    """The round's inputs, read as columns."""

    async def enrolled(self, *, capacity: int) -> Market:
        """Everybody active, with facts, wishes, the pairs met before and the blocks, by id and by contact.

        `weeks_waited`: weeks published after the latest one the person was introduced in, or, when never, after they
        were activated (created, where that is not known). `introduced`: introductions so far. `capacity` is for those
        without their own.
        """
        ...
