"""Users: the live ones, each loaded whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ygs.domain.ids import UserId
from ygs.domain.users import Role, Status, User
from ygs.ports.repositories import MOST_PAGE


@dataclass(frozen=True, slots=True)
class DuplicateKey:
    """What marks a likely duplicate: the same phone, or the same name, gender and birth year."""

    phones: frozenset[str] = frozenset()
    people: frozenset[tuple[str, int, int]] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class UserLine:
    """What a list shows of a user."""

    id: UserId
    name: str
    birth_year: int
    role: Role
    status: Status
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class WishCounts:
    """How many people choose by one attribute, a wish that is fair or more, and for how many of them it is a must."""

    people: int
    must: int


class UserReader(Protocol):
    """Live users, each loaded whole in a constant number of statements."""

    async def get(self, id: UserId) -> User:
        """The live user, or `NotFound`."""
        ...

    async def role(self, id: UserId) -> Role:
        """What the live user is, or `NotFound`; while writing, the user does not change under it, as with `get`."""
        ...

    async def find_by_phone(self, phone: str) -> User | None:
        """The live user with that E.164 phone."""
        ...

    async def by_ids(self, ids: Sequence[UserId]) -> Sequence[User]:
        """The live users among these, ascending by id; at most 10,000 ids a call."""
        ...

    async def page(self, *, after: UserId | None = None, limit: int = MOST_PAGE) -> Sequence[User]:
        """Live users ascending by id, those after `after`; at most `limit`."""
        ...

    async def with_status(
        self, status: Status, *, after: UserId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[User]:
        """Like `page`, of those in one status."""
        ...

    async def count_by_status(self) -> Mapping[Status, int]:
        """How many live users are in each status; those with none are absent."""
        ...

    async def wish_counts(self, user: User) -> Mapping[str, WishCounts]:
        """By attribute, who chooses by it among the active people whom this user could be introduced to, as far as
        gender and what each seeks say; what nobody chooses by is absent. In one statement."""
        ...

    async def find_duplicates(self, duplicate_key: DuplicateKey) -> Sequence[UserId]:
        """The ids of live users who share a phone, or name, gender and birth year, with the key; ascending.

        Inside `write()` this holds a lock until commit, so two concurrent imports cannot both find no duplicate.
        """
        ...


class UserRepository(UserReader, Protocol):
    """Users, to be changed."""

    async def add(self, user: User) -> None:
        """Store a new user; `PhoneTaken` when a live one has the phone."""
        ...

    async def add_all(self, users: Sequence[User]) -> None:
        """Store many new users, in a bounded number of statements; `PhoneTaken` as for one, and then none is stored."""
        ...

    async def save(self, user: User) -> User:
        """Store a changed user and return it with its new version, or raise `StaleWrite` if it changed since it was
        read.

        A user whose `deleted_at` is set is no longer live from then on.
        """
        ...

    async def lock_administrators(self) -> None:
        """Hold a lock on the set of administrators until commit.

        Every transaction that adds, demotes or suspends an administrator takes it before it locks anything else, so
        two of them can neither add two first administrators nor remove the last two.
        """
        ...

    async def save_all(self, users: Sequence[User]) -> None:
        """Like `save` for many; `StaleWrite` if any changed, and then none is stored."""
        ...
