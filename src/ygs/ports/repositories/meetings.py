"""Meetings of people who both accepted an introduction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.ids import IntroductionId, UserId
from ygs.domain.meetings import Meeting
from ygs.ports.repositories import MOST_PAGE


class MeetingReader(Protocol):
    """Meetings, to be read."""

    async def find(self, id: IntroductionId) -> Meeting | None:
        """The meeting of an introduction, or None while nobody has begun to arrange it. Locked like `get` inside
        `write()`."""
        ...

    async def of_user(self, id: UserId) -> Sequence[Meeting]:
        """A user's meetings, ascending by id; locked inside `write()`."""
        ...

    async def fixed_between(
        self, since: datetime, until: datetime, *, after: IntroductionId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Meeting]:
        """At most `limit` fixed meetings that begin from `since` on and before `until`, with ids after `after`,
        ascending by id; locked inside `write()`."""
        ...

    async def with_no_show(self, *, after: IntroductionId | None = None, limit: int = MOST_PAGE) -> Sequence[Meeting]:
        """At most `limit` meetings of which one side reported that the other did not come, with ids after `after`,
        ascending by id."""
        ...


class MeetingRepository(MeetingReader, Protocol):
    """Meetings, to be changed."""

    async def add(self, meeting: Meeting) -> Meeting:
        """Store a new meeting and return it with version 1; `Conflict` when its introduction has one or is unknown."""
        ...

    async def save(self, meeting: Meeting) -> Meeting:
        """Store a changed meeting and return it with its new version, or raise `StaleWrite`."""
        ...
