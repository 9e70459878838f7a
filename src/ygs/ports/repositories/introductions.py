"""Introductions and the feedback on them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ygs.domain.ids import IntroductionId, Pair, UserId, WeekId
from ygs.domain.introductions import Feedback, Introduction
from ygs.domain.users import User
from ygs.ports.repositories import MOST_PAGE


@dataclass(frozen=True, slots=True)
class IntroductionCounts:
    """How many introductions of a week are in each state, and in how many the two met."""

    waiting: int = 0
    mutual: int = 0
    not_mutual: int = 0
    expired: int = 0
    cancelled: int = 0
    met: int = 0

    @property
    def answered(self) -> int:
        """How many both answered."""
        return self.mutual + self.not_mutual

    @property
    def introduced(self) -> int:
        """How many were not cancelled."""
        return self.answered + self.waiting + self.expired


class IntroductionReader(Protocol):
    """Introductions and the feedback on them, to be read."""

    async def get(self, id: IntroductionId) -> Introduction:
        """The introduction, or `NotFound`."""
        ...

    async def by_ids(self, ids: Collection[IntroductionId]) -> Sequence[Introduction]:
        """Those of these introductions that are stored, not locked, ascending by id, in one statement."""
        ...

    async def of_user(self, id: UserId) -> Sequence[Introduction]:
        """A user's introductions, latest first (by id)."""
        ...

    async def of_week(
        self, id: WeekId, *, after: IntroductionId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Introduction]:
        """At most `limit` introductions of a week with ids after `after`, ascending by id."""
        ...

    async def people_of(self, ids: Sequence[WeekId]) -> frozenset[UserId]:
        """Everybody on either side of an introduction of these weeks, in one statement."""
        ...

    async def count_by_week(self, ids: Sequence[WeekId]) -> Mapping[WeekId, IntroductionCounts]:
        """Count the introductions of each of these weeks by state, in one statement."""
        ...

    async def between(self, people: Collection[UserId]) -> frozenset[Pair]:
        """The pairs among these live users who were introduced before, under these ids or, if one of the two left and
        came back, under earlier ones. The market holds the same pairs."""
        ...

    async def have_met(self, one: UserId, other: UserId) -> bool:
        """Return whether the two were ever introduced to each other under these ids."""
        ...

    async def feedback_by(self, id: UserId, on: Collection[IntroductionId]) -> Sequence[Feedback]:
        """The feedback that a user gave on these introductions, in one statement."""
        ...

    async def feedback_on(self, id: IntroductionId) -> Sequence[Feedback]:
        """The feedback of either side, ascending by id."""
        ...


class IntroductionRepository(IntroductionReader, Protocol):
    """Introductions, to be changed."""

    async def add_all(self, introductions: Sequence[Introduction], capacity: Mapping[UserId, int]) -> None:
        """Store a week's introductions with their participant rows, in a bounded number of statements, or none of them.

        `capacity` limits the introductions of each person in the week; 1 for people who are not in it.
        `AlreadyIntroduced` when a pair was introduced before, in either order; `OverCapacity` when a person would
        exceed their capacity. Constraints of the store enforce both.
        """
        ...

    async def save(self, introduction: Introduction) -> Introduction:
        """Store a changed introduction and return it with its new version, or raise `StaleWrite`."""
        ...

    async def save_all(self, introductions: Sequence[Introduction]) -> None:
        """Store many changed introductions, or raise `StaleWrite` and store none."""
        ...

    async def add_feedback(self, feedback: Feedback) -> None:
        """Store one side's feedback; `AlreadyGiven` when that side gave some already."""
        ...

    async def add_feedbacks(self, feedbacks: Sequence[Feedback]) -> None:
        """Like `add_feedback` for many, in a bounded number of statements."""
        ...

    async def keep_after_withdrawal(self, user: User, at: datetime) -> None:
        """Keep the pairs of a user who leaves at `at` and each partner, by their contacts, current and former.

        The pairs apply if the user comes back with another id; introductions stay as they are. Pairs that were kept
        under one of these contacts are extended to all of them. Calling it twice changes nothing.
        """
        ...

    async def forget_kept_pairs(self, before: datetime) -> int:
        """Delete kept pairs of which the later of the two left before that moment; return how many."""
        ...
