"""The directory: search, filters and lists of live users, as answers rather than entities."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol, Self

from ygs.domain.ids import UserId
from ygs.domain.matching.market import Genders
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.name_search import NameQuery
from ygs.domain.users import PROFILE_TEXTS, Role, Status, User
from ygs.ports.repositories import MOST_PAGE


class MemberOrder(StrEnum):
    """The order of a list; people who are equal in it follow by id, in the same direction."""

    NEWEST = "newest"  # by id, which is in the order of joining: the latest first
    WAITING = "waiting"  # by the last submission of the profile: the earliest first, who never submitted it last
    NAME = "name"  # by code point
    BIRTH_YEAR = "birth_year"  # the oldest first
    ACTIVITY = "activity"  # by the last sign-in or refresh of a session: the latest first


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberFilter:
    """Whom a list shows: everybody who fits all of it. An empty part restricts nothing.

    `whole_name`: the name as it is stored. `last_four`: of the phone; `email` is compared without case. `facts`:
    the codes that are accepted for an attribute, 0 for unknown; of a set one of them is enough. `wishes`:
    attributes about which there is a wish that matters. `verified`: facts that a document proves. `seen_*` and
    `submitted_*`: from a moment on, and before a moment. `membership`: whether there is a membership that has not
    ended; `due`: whether staff must look at it, as last marked. `assigned`: whether there is a consultant.
    """

    name: NameQuery | None = None
    whole_name: str | None = None
    phone: str | None = None
    last_four: str | None = None
    email: str | None = None
    ids: Collection[UserId] | None = None
    statuses: frozenset[Status] = frozenset()
    roles: frozenset[Role] = frozenset()
    genders: Genders | None = None
    born_from: int | None = None
    born_to: int | None = None
    facts: Mapping[str, frozenset[int]] = field(default_factory=dict)
    wishes: frozenset[str] = frozenset()
    verified: frozenset[str] = frozenset()
    due: bool | None = None
    seen_since: datetime | None = None
    seen_before: datetime | None = None
    submitted_since: datetime | None = None
    submitted_before: datetime | None = None
    membership: bool | None = None
    consultant: UserId | None = None
    assigned: bool | None = None


EVERYBODY = MemberFilter()


class DirectoryLine(NamedTuple):
    """A line of the directory: a tuple, since pages of a hundred are read all day.

    `seen_at`: the last sign-in or refresh of a session, at first the registration.
    """

    id: UserId
    name: str
    gender: Genders
    birth_year: int
    role: Role
    status: Status
    region: int
    consultant_id: UserId | None
    submitted_at: datetime | None
    seen_at: datetime
    updated_at: datetime


class SheetLine(NamedTuple):
    """What a sheet of members shows of one: a tuple, since a sheet has a hundred thousand of them.

    `phone` and `email`: None as well when they were not asked for. `facts`: the code of each coded fact but the birth
    year, or the mask of a set, in vocabulary order, 0 while unknown. `texts`: those of `PROFILE_TEXTS`, in its order.
    """

    id: UserId
    name: str
    gender: Genders
    seeks: Genders
    birth_year: int
    status: Status
    phone: str | None
    email: str | None
    facts: tuple[int, ...]
    texts: tuple[str, ...]
    created_at: datetime
    activated_at: datetime | None

    @classmethod
    def of(cls, user: User, *, contacts: bool) -> Self:
        """The line of a user."""
        facts = user.facts
        return cls(
            id=user.id,
            name=user.name,
            gender=user.gender,
            seeks=user.seeks,
            birth_year=user.birth_year,
            status=user.status,
            phone=user.phone if contacts else None,
            email=user.email if contacts else None,
            facts=tuple(facts.get(code, 0) for code in VOCABULARY if code != "birth_year"),
            texts=tuple(getattr(user.profile, name) for name in PROFILE_TEXTS),
            created_at=user.created_at,
            activated_at=user.activated_at,
        )


class DirectoryReader(Protocol):
    """The directory of live users. Its statements, and their cost, do not grow with the depth of a page."""

    async def page(
        self,
        wanted: MemberFilter,
        order: MemberOrder = MemberOrder.NEWEST,
        *,
        after: UserId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[DirectoryLine]:
        """At most `limit` lines of those wanted, in order, that follow the live user `after`, who need not be wanted.

        `NotFound` when `after` is no live user any more: where to go on is then unknown.
        """
        ...

    async def find(self, id: UserId) -> DirectoryLine | None:
        """The line of one live user, or None."""
        ...

    async def lines(self, ids: Collection[UserId]) -> Sequence[DirectoryLine]:
        """The lines of the live users among these, ascending by id; at most 10,000 ids a call."""
        ...

    async def ids(self, wanted: MemberFilter) -> Sequence[UserId]:
        """The ids of all those wanted, ascending, in one statement."""
        ...

    async def names(self, ids: Collection[UserId]) -> Mapping[UserId, str]:
        """The names of the live users among these; at most 10,000 ids a call."""
        ...

    async def sheet_lines(self, ids: Sequence[UserId], *, contacts: bool) -> Sequence[SheetLine]:
        """What a sheet shows of the live users among these, ascending by id; at most 10,000 ids a call. Phones and
        e-mail addresses are read only for `contacts`."""
        ...

    async def assigned(self, consultant: UserId) -> Sequence[UserId]:
        """The ids of the live users who are assigned to a consultant, ascending."""
        ...

    async def count(self, wanted: MemberFilter) -> int:
        """The exact number of those wanted."""
        ...


class DirectoryRepository(DirectoryReader, Protocol):
    """The directory, to be changed where it holds what no other repository does."""

    async def assign(self, ids: Collection[UserId], consultant: UserId | None) -> None:
        """Assign users to a consultant, or to nobody; who is not live is passed over."""
        ...

    async def release(self, consultant: UserId) -> None:
        """Assign to nobody whoever is assigned to a consultant."""
        ...

    async def mark_due(self, ids: Collection[UserId]) -> None:
        """Mark exactly these users as those whose membership is due; who is not live is passed over."""
        ...

    async def mark_seen(self, id: UserId, at: datetime) -> None:
        """Note that the user signed in or refreshed a session; an earlier time than the noted one changes nothing."""
        ...
