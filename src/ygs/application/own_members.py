"""Consultants who see only their own members, where the operator says so.

The check itself is in `Actor.require_own`: every audit entry of staff passes it, so nothing is shown or changed of a
member who is not theirs. Lists leave such members out by `own_page`.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ygs.application.actors import Actor
from ygs.domain.ids import UserId

Item = TypeVar("Item")
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class OwnMembersOnly:
    """Whether consultants see only the members who are assigned to them."""

    applies: bool


async def own_page(
    actor: Actor,
    read: Callable[[Key | None, int], Awaitable[Sequence[Item]]],
    *,
    key: Callable[[Item], Key],
    people: Callable[[Item], Iterable[UserId]],
    after: Key | None,
    limit: int,
) -> Sequence[Item]:
    """At most `limit` items after a key of which the actor may see all people; `read` gives the next ones in order."""
    if actor.members is None:
        return await read(after, limit)
    found: list[Item] = []
    while len(found) < limit and (page := await read(after, limit)):
        found += [each for each in page if all(map(actor.sees, people(each)))]
        after = key(page[-1])
    return found[:limit]
