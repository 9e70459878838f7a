"""Where everything is kept.

``async with storage.write() as tx`` commits when the block ends and rolls back when it raises; ``storage.read()`` gives
the same questions without the commands, on a replica where there is one. `get` inside `write()` locks what it returns
until the end; `version` catches edits that span requests. Every storage orders texts by code point, so Hangul by its
syllables.

What is stored for the first time gets version 1, and every save raises it. A command that raises has changed nothing
and the transaction goes on. `Conflict` when something new has an id that is taken, or names a user, week or
introduction that is not there. All of it raises `Unavailable` when the store does not answer in time, and `InvalidText`
for text it could not keep.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ygs.domain.contacts import Contact
from ygs.domain.events import Event
from ygs.domain.ids import IntroductionId, SessionId, UserId, WeekId
from ygs.domain.introductions import Feedback, Introduction
from ygs.domain.match_weeks import IsoWeek, MatchWeek
from ygs.domain.matching.market import Market
from ygs.domain.users import Role, Status, User
from ygs.ports.accounts import (
    AccountReader,
    Accounts,
    AttemptCounters,
    Bearer,
    Caller,
    SessionReader,
    Sessions,
    Tickets,
)
from ygs.ports.audit import Audit, AuditReader, Commands
from ygs.ports.concerns import NoteReader, Notes, ReportReader, Reports
from ygs.ports.files import FileReader, Files

MOST_PAGE = 100


@dataclass(frozen=True, slots=True)
class IntroductionCounts:
    """How a week's introductions stand."""

    waiting: int = 0
    mutual: int = 0
    not_mutual: int = 0
    expired: int = 0
    cancelled: int = 0
    met: int = 0


@dataclass(frozen=True, slots=True)
class Breach:
    """An invariant that the stored data breaks: its name, the ids concerned, and what it says."""

    invariant: str
    ids: tuple[str, ...]
    explanation: str


@dataclass(frozen=True, slots=True)
class Likeness:
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
class Choosers:
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

    async def choosers(self, user: User) -> Mapping[str, Choosers]:
        """By attribute, who chooses by it among the active people whom this user could be introduced to, as far as
        gender and what each seeks say; what nobody chooses by is absent. In one statement."""
        ...

    async def alike(self, likeness: Likeness) -> Sequence[UserId]:
        """Live users who share a phone, or name, gender and birth year, with one described; ascending.

        Inside `write()` whoever asks waits for the others who asked until they commit: whom nobody is alike now, nobody
        who asks as well brings in meanwhile.
        """
        ...


class Users(UserReader, Protocol):
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

    async def save_all(self, users: Sequence[User]) -> None:
        """Like `save` for many; `StaleWrite` if any changed, and then none is stored."""
        ...


class WallReader(Protocol):
    """Pairs of people who must never be introduced to each other."""

    async def of(self, id: UserId) -> Sequence[UserId]:
        """Whom this user is kept apart from by id, whoever asked for it; ascending."""
        ...

    async def asked_by(self, id: UserId) -> Mapping[UserId, datetime]:
        """Whom this user asked to be kept apart from, by id, and when; ascending. All that may be told to them."""
        ...

    async def contacts_asked_by(self, id: UserId) -> Sequence[datetime]:
        """When this user asked to be kept apart from whoever has some contact; ascending. Of whom, nobody can tell."""
        ...


class Walls(WallReader, Protocol):
    """Walls, to be changed."""

    async def add(self, asked_by: UserId, other: UserId, at: datetime) -> None:
        """Keep two people apart; a second time changes nothing."""
        ...

    async def remove(self, asked_by: UserId, other: UserId) -> None:
        """Take back what this user asked for; a wall the other asked for stays. Nothing there is fine."""
        ...

    async def add_contact(self, asked_by: UserId, contact: Contact, at: datetime) -> None:
        """Keep a user apart from whoever has this contact, now or later; a second time changes nothing. Only a keyed
        hash of it is stored."""
        ...

    async def remove_contact(self, asked_by: UserId, contact: Contact) -> None:
        """Take that back. Nothing there is fine."""
        ...

    async def keep_contact(self, id: UserId, contact: Contact) -> None:
        """Let every wall by this contact, made before or after, stand around a user who gives the contact up: nobody
        gets out of a wall by another number. A second time changes nothing. Only a keyed hash of it is stored."""
        ...

    async def outlive(self, user: User) -> None:
        """Let every wall around a user who is leaving stand between the contacts they have or had and the others, so
        that it is there again should they come back with another id. A second time changes nothing."""
        ...


class MarketReader(Protocol):
    """The round's inputs, read as columns."""

    async def enrolled(self, *, capacity: int) -> Market:
        """Everybody active, with facts, wishes, the pairs met before and the walls, by id and by contact.

        `weeks_waited`: weeks published after the latest one the person was introduced in, or, when never, after they
        were activated (created, where that is not known). `introduced`: introductions so far. `capacity` is for those
        without their own.
        """
        ...


class WeekReader(Protocol):
    """Match weeks and what belongs to them."""

    async def get(self, id: WeekId) -> MatchWeek:
        """The week, or `NotFound`."""
        ...

    async def find(self, week: IsoWeek) -> MatchWeek | None:
        """The match week of that ISO week that is not cancelled."""
        ...

    async def latest(self, limit: int = MOST_PAGE) -> Sequence[MatchWeek]:
        """Match weeks, latest ISO week first, then latest created."""
        ...

    async def snapshot(self, id: WeekId) -> bytes:
        """The market as it was locked, or `NotFound`."""
        ...

    async def plan(self, id: WeekId) -> bytes:
        """The plan as it was last proposed, or `NotFound`."""
        ...


class Weeks(WeekReader, Protocol):
    """Match weeks, to be changed."""

    async def add(self, week: MatchWeek) -> None:
        """Store a new week; `WeekTaken` when that ISO week has one that is not cancelled."""
        ...

    async def save(self, week: MatchWeek) -> MatchWeek:
        """Store a changed week and return it with its new version; `StaleWrite` if it changed since it was read."""
        ...

    async def keep_snapshot(self, id: WeekId, snapshot: bytes) -> None:
        """Store the locked market, replacing an earlier one."""
        ...

    async def keep_plan(self, id: WeekId, plan: bytes) -> None:
        """Store the proposed plan, replacing an earlier one."""
        ...

    async def drop_inputs(self, id: WeekId) -> None:
        """Remove snapshot and plan; nothing there is fine."""
        ...


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


class Introductions(IntroductionReader, Protocol):
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


class OutboxReader(Protocol):
    """Events on their way out."""

    async def pending(self, limit: int = MOST_PAGE) -> Sequence[Event]:
        """Those not delivered yet, in the order they were written; at most `limit`."""
        ...


class Outbox(OutboxReader, Protocol):
    """Events to be delivered once this transaction has committed."""

    async def add(self, events: Iterable[Event], at: datetime) -> None:
        """Write them down with the change they tell of.

        One that is there already is not told twice; only a status can change to the same at another time.
        """
        ...


class Checks(Protocol):
    """The invariants the store itself can look over."""

    def breaches(self) -> AsyncIterator[Breach]:
        """Everything in the store that breaks an invariant: pairs introduced twice in any order, people beyond their
        slots, introductions of unknown users or weeks, weeks published that do not say when, versions below 1."""
        ...


class Erasing(Protocol):
    """Removing people who left, for good."""

    async def left_before(self, at: datetime, limit: int = MOST_PAGE) -> Sequence[UserId]:
        """Who left before then and is not erased, those who left first first; at most `limit`."""
        ...

    async def count_left_before(self, at: datetime) -> int:
        """How many left before then and are not erased."""
        ...

    async def erase(self, ids: Sequence[UserId], at: datetime) -> None:
        """Remove everything of these users, who have left: what was told of and by them, and the words others wrote
        about introductions to them. In whose introductions they were, an id that names nobody stays."""
        ...

    async def forget_inputs(self, before: datetime) -> int:
        """Remove snapshots and plans of match weeks created before then, and say of how many weeks."""
        ...


class Reading(Protocol):
    """What can be asked, of one consistent moment."""

    users: UserReader
    walls: WallReader
    markets: MarketReader
    weeks: WeekReader
    introductions: IntroductionReader
    outbox: OutboxReader
    accounts: AccountReader
    sessions: SessionReader
    files: FileReader
    reports: ReportReader
    notes: NoteReader
    audit: AuditReader
    checks: Checks


class Writing(Protocol):
    """What can be asked and changed in one transaction."""

    users: Users
    walls: Walls
    markets: MarketReader
    weeks: Weeks
    introductions: Introductions
    outbox: Outbox
    accounts: Accounts
    sessions: Sessions
    tickets: Tickets
    attempts: AttemptCounters
    files: Files
    reports: Reports
    notes: Notes
    audit: Audit
    commands: Commands
    erasing: Erasing


class Glances(Protocol):
    """What nearly every request asks: each answer is of one moment, of all that is committed by then, where a replica
    may be some moments behind. Outside any transaction, so two glances may see two moments."""

    async def bearer(self, id: SessionId) -> Bearer | None:
        """The session, ended or not, with its user as they are now; None when that user left."""
        ...

    async def user(self, id: UserId) -> User:
        """The live user with everything that is theirs, or `NotFound`."""
        ...

    async def caller(self, phone: str, address: str) -> Caller | None:
        """The live user with that E.164 phone, calling from a (blinded) address, if they have an account."""
        ...

    async def lines(
        self, *, status: Status | None = None, after: UserId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[UserLine]:
        """Live users, or those in one status, as lists show them: ascending by id, those after `after`; at most
        `limit`."""
        ...


class Storage(Protocol):
    """Gives transactions, and owns its connections."""

    @property
    def glances(self) -> Glances:
        """What needs no transaction."""
        ...

    def read(self, *, latest: bool = False) -> AbstractAsyncContextManager[Reading]:
        """A consistent, read-only view; a write through it fails in the database itself.

        `latest`: of all that is committed, where a replica may be some moments behind.
        """
        ...

    def write(self) -> AbstractAsyncContextManager[Writing]:
        """A serialisable read-modify-write: what `get` returned cannot change under it."""
        ...

    async def close(self) -> None:
        """Give all connections back; using the storage afterwards is a mistake."""
        ...
