"""The policies that a club has set, the latest of which is in force."""

from collections.abc import Sequence
from typing import Protocol

from ygs.domain.club_policy import ClubPolicy
from ygs.ports.repositories import MOST_PAGE


class PolicyReader(Protocol):
    """The club's policies, to be read."""

    async def current(self) -> ClubPolicy:
        """The policy in force: the one set last, or the default with version 0 when none has been set."""
        ...

    async def history(self, limit: int = MOST_PAGE, *, after: int | None = None) -> Sequence[ClubPolicy]:
        """At most `limit` policies that were set, of versions below `after`, the latest first, without the default."""
        ...


class PolicyRepository(PolicyReader, Protocol):
    """The club's policies, to which another can be added. None is ever changed or removed."""

    async def add(self, policy: ClubPolicy) -> ClubPolicy:
        """Put a policy in force and return it with the next version.

        `policy.version` is the version of the policy that it replaces; `StaleWrite` if that is no longer in force.
        """
        ...
