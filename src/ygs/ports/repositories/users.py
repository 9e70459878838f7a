"""Users: the live ones, each loaded whole."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ygs.domain.contacts import ContactKind
from ygs.domain.ids import UserId
from ygs.domain.matching.market import Genders
from ygs.domain.users import Role, Status, User
from ygs.ports.repositories import MOST_PAGE


@dataclass(frozen=True, slots=True)
class DuplicateKey:
    """The values by which likely duplicates are found: phones, and names with gender and birth year."""

    phones: frozenset[str] = frozenset()
    people: frozenset[tuple[str, int, int]] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides what somebody may do: their role and their status."""

    role: Role
    status: Status


@dataclass(frozen=True, slots=True)
class WishCounts:
    """How many people have a wish of fair importance or more about an attribute, and how many have a must."""

    people: int
    must: int


# Enough to tell the share of those who meet a wish to about three points.
WISHES_MET_AMONG = 500


@dataclass(frozen=True, slots=True)
class WishMet:
    """How many people told the values that a wish is about, and how many of them meet the wish."""

    told: int
    met: int


@dataclass(frozen=True, slots=True)
class MemberGroup:
    """How many members are alike in status, gender, birth year and region.

    `region`: the code of the fact, 0 while unknown. `joined`: how many of them joined since each of some moments.
    """

    status: Status
    gender: Genders
    birth_year: int
    region: int
    count: int
    joined: tuple[int, ...]


class UserReader(Protocol):
    """Live users, each loaded whole in a constant number of statements."""

    async def get(self, id: UserId) -> User:
        """The live user, or `NotFound`."""
        ...

    async def role(self, id: UserId) -> Role:
        """The role of the live user, or `NotFound`; inside `write()` the user is locked, as by `get`."""
        ...

    async def staff(self) -> Sequence[UserId]:
        """The ids of the live consultants and administrators who are not suspended, ascending."""
        ...

    async def administrators(self) -> Sequence[UserId]:
        """The ids of the live administrators who are not suspended, ascending."""
        ...

    async def reachable(self, ids: Collection[UserId], kind: ContactKind) -> Collection[UserId]:
        """The live users among these who have proven that such a contact is theirs, in one statement that does not read
        the contact."""
        ...

    async def find_by_phone(self, phone: str) -> User | None:
        """The live user with that E.164 phone, or None."""
        ...

    async def by_ids(self, ids: Sequence[UserId]) -> Sequence[User]:
        """The live users among these, ascending by id; at most 10,000 ids a call. Inside `write()` they are locked."""
        ...

    async def page(self, *, after: UserId | None = None, limit: int = MOST_PAGE) -> Sequence[User]:
        """At most `limit` live users with ids after `after`, ascending by id."""
        ...

    async def with_status(
        self, status: Status, *, after: UserId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[User]:
        """At most `limit` live users of one status with ids after `after`, ascending by id."""
        ...

    async def count_by_status(self) -> Mapping[Status, int]:
        """The number of live users by status, without statuses that nobody has."""
        ...

    async def member_groups(self, since: Sequence[datetime]) -> Sequence[MemberGroup]:
        """Count live members (not staff) by status, gender, birth year and region, ascending, in one statement; and how
        many of each group joined at each of these moments or later."""
        ...

    async def waiting_since(self) -> datetime | None:
        """When the member who has waited longest for review sent in the profile; None when nobody waits."""
        ...

    async def wish_counts(self, user: User) -> Mapping[str, WishCounts]:
        """Count wishes by attribute among active people whose gender and sought gender fit this user, in one statement.

        Attributes without such a wish are absent.
        """
        ...

    async def set_wishes_met(self, user: User, *, among: int = WISHES_MET_AMONG) -> Mapping[str, WishMet]:
        """For each of the user's wishes for any one of some values of a set, such as interests: count who told theirs,
        and who has one of those wished for, in one statement.

        Counted `among` the latest active people whose gender and sought gender fit this user: the page of a member
        asks, and must not take longer the more members there are.
        """
        ...

    async def find_duplicates(self, duplicate_key: DuplicateKey) -> Sequence[UserId]:
        """The ids of live users who share a phone, or name, gender and birth year, with the key; ascending.

        Inside `write()` this holds a lock until commit, so two concurrent imports cannot both find no duplicate.
        """
        ...


class UserRepository(UserReader, Protocol):
    """Users, to be changed."""

    async def add(self, user: User) -> None:
        """Store a new user; `PhoneTaken` when a live user has the phone."""
        ...

    async def add_all(self, users: Sequence[User]) -> None:
        """Store many new users in a bounded number of statements, or raise `PhoneTaken` and store none."""
        ...

    async def save(self, user: User) -> User:
        """Store a changed user and return it with its new version, or raise `StaleWrite`.

        A user with `deleted_at` is no longer live.
        """
        ...

    async def standings(self, ids: Collection[UserId], *, shared: bool = False) -> Mapping[UserId, Standing]:
        """The standings of the live users among these, in one statement that locks them in ascending order, as `get`.

        `shared`: others may lock them so too. Whoever would change one of them waits all the same.
        """
        ...

    async def lock_administrators(self) -> None:
        """Hold a lock on the set of administrators until commit.

        Every transaction that adds, demotes or suspends an administrator takes it before it locks anything else, so
        two of them can neither add two first administrators nor remove the last two.
        """
        ...

    async def save_all(self, users: Sequence[User]) -> None:
        """Store many changed users, or raise `StaleWrite` and store none."""
        ...
