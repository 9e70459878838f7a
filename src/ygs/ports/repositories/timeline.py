"""The timelines of members."""

from collections.abc import Collection, Sequence
from typing import Protocol

from ygs.domain.ids import UserId
from ygs.domain.timeline import TimelineEvent, TimelineItem, TimelineKey
from ygs.ports.repositories import MOST_PAGE


class TimelineReader(Protocol):
    """What happened to members. Nothing of it is stored twice: it is read from what each event left behind."""

    async def of_member(
        self,
        id: UserId,
        events: Collection[TimelineEvent],
        *,
        before: TimelineKey | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[TimelineItem]:
        """At most `limit` of these events of a live member, latest first, those before a key; in one statement."""
        ...
