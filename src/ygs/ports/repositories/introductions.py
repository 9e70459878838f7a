"""Introductions and the feedback on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ygs.domain.ids import IntroductionId, UserId, WeekId
from ygs.domain.introductions import Feedback, Introduction
from ygs.ports.repositories import MOST_PAGE


@dataclass(frozen=True, slots=True)
class IntroductionCounts:
    """How a week's introductions stand."""

    waiting: int = 0
    mutual: int = 0
    not_mutual: int = 0
    expired: int = 0
    cancelled: int = 0
    met: int = 0


class IntroductionReader(Protocol):
    """Introductions and the feedback to them."""

    async def get(self, id: IntroductionId) -> Introduction:
        """The introduction, or `NotFound`."""
        ...

    async def of_user(self, id: UserId) -> Sequence[Introduction]:
        """A user's introductions, latest first (by id)."""
        ...

    async def of_week(
        self, id: WeekId, *, after: IntroductionId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Introduction]:
        """A week's introductions ascending by id, those after `after`; at most `limit`."""
        ...

    async def count_in_week(self, id: WeekId) -> IntroductionCounts:
        """How a week's introductions stand, in one statement."""
        ...

    async def have_met(self, one: UserId, other: UserId) -> bool:
        """Whether the two were ever introduced, in either order."""
        ...

    async def feedback_on(self, id: IntroductionId) -> Sequence[Feedback]:
        """What the two sides told, ascending by id."""
        ...


class IntroductionRepository(IntroductionReader, Protocol):
    """Introductions, to be changed."""

    async def add_all(self, introductions: Sequence[Introduction], capacity: Mapping[UserId, int]) -> None:
        """Store a week's introductions with their participant rows, in a bounded number of statements, or none of them.

        `AlreadyIntroduced` when a pair was introduced before, in either order; `OverCapacity` when a person would be in
        more of the week's introductions than `capacity` says (1 for whom it does not name). The database itself forbids
        both.
        """
        ...

    async def save(self, introduction: Introduction) -> Introduction:
        """Store a changed introduction and return it with its new version; `StaleWrite` if it changed since it was
        read."""
        ...

    async def save_all(self, introductions: Sequence[Introduction]) -> None:
        """Like `save` for many; `StaleWrite` if any changed, and then none is stored."""
        ...

    async def add_feedback(self, feedback: Feedback) -> None:
        """Store one side's feedback; `Conflict` when that side has told already."""
        ...

    async def add_feedbacks(self, feedbacks: Sequence[Feedback]) -> None:
        """Like `add_feedback` for many, in a bounded number of statements."""
        ...
