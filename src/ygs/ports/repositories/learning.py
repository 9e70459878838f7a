"""What was learned from answers, and the answers to learn from."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from ygs.domain.ids import UserId
from ygs.domain.learning.history import AnswerHistory
from ygs.domain.learning.versions import LearnedVersion
from ygs.domain.matching.chance import PersonRates
from ygs.ports.repositories import MOST_PAGE


class LearningReader(Protocol):
    """What was learned, to be read."""

    async def history(self, through: int | None = None) -> AnswerHistory:
        """Both sides of every decided or expired introduction of closed weeks, of two people who are not erased.

        `through`: of no later week than this, year * 100 + week. A bounded number of statements.
        """
        ...

    async def versions(self, limit: int = MOST_PAGE, *, after: int | None = None) -> Sequence[LearnedVersion]:
        """At most `limit` versions of numbers below `after`, the latest first."""
        ...

    async def get(self, number: int) -> LearnedVersion:
        """The version, or `NotFound`."""
        ...

    async def in_use(self) -> LearnedVersion | None:
        """The version in use, or None."""
        ...

    async def people(self, number: int, only: Collection[str] | None = None) -> Mapping[str, PersonRates]:
        """What a version says of each person who is not erased, by id; `only` of these, where they are given."""
        ...

    async def count_about(self, id: UserId) -> int:
        """In how many versions something is said of a user."""
        ...


class LearningRepository(LearningReader, Protocol):
    """What was learned, to be added to."""

    async def add(self, version: LearnedVersion, people: Mapping[str, PersonRates]) -> LearnedVersion:
        """Store a version and what it says of people; return it with its number. People who were erased meanwhile are
        left out."""
        ...

    async def use(self, number: int | None) -> None:
        """Make a version the only one in use, or none. `NotFound` when there is no such version."""
        ...
