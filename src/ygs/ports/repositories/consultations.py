"""Consultants' slots, and the consultations that members booked."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.consultations import CalendarEntry, Consultation, ConsultationState, Slot
from ygs.domain.ids import ConsultationId, SlotId, UserId
from ygs.ports.repositories import MOST_PAGE


class ConsultationReader(Protocol):
    """Slots and consultations, to be read."""

    async def slot(self, id: SlotId) -> Slot:
        """The slot, or `NotFound`; locked inside `write()`."""
        ...

    async def get(self, id: ConsultationId) -> Consultation:
        """The consultation, or `NotFound`; locked inside `write()`."""
        ...

    async def free_slots(
        self,
        since: datetime,
        *,
        consultant: UserId | None = None,
        but: UserId | None = None,
        after: SlotId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[Slot]:
        """At most `limit` slots that begin after `since`, are not closed and not booked: all, one consultant's, or
        those of all `but` one.

        Ascending by beginning, then id; those after the slot `after` in that order.
        """
        ...

    async def slots_between(self, consultant: UserId | None, since: datetime, until: datetime) -> Sequence[Slot]:
        """The slots of a consultant, None for all, that are not closed and begin from `since` on and before `until`,
        ascending by beginning; locked inside `write()`."""
        ...

    async def calendar(
        self,
        since: datetime,
        until: datetime,
        *,
        consultant: UserId | None = None,
        after: SlotId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[CalendarEntry]:
        """At most `limit` slots, each with the consultation that takes it, in the order of `free_slots`: those that are
        not closed and begin from `since` on and before `until`. Notes and questions are left out."""
        ...

    async def of_member(
        self, member: UserId, *, after: ConsultationId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Consultation]:
        """At most `limit` consultations of a member with ids before `after`, the latest first (by id), without notes
        and questions."""
        ...

    async def booked_of(self, user: UserId, since: datetime) -> Sequence[Consultation]:
        """The booked consultations that begin after `since` and whose member or consultant this user is, ascending by
        id; locked inside `write()`."""
        ...

    async def booked_between(
        self, since: datetime, until: datetime, *, after: ConsultationId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Consultation]:
        """At most `limit` booked consultations that begin from `since` on and before `until`, with ids after `after`,
        ascending by id; locked inside `write()`."""
        ...

    async def all_between(
        self,
        since: datetime | None,
        until: datetime | None,
        *,
        after: ConsultationId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[Consultation]:
        """At most `limit` consultations of any state that begin from `since` on and before `until` (None: no bound),
        with ids after `after`, ascending by id, without notes and questions."""
        ...

    async def count_between(self, since: datetime, until: datetime) -> Mapping[ConsultationState, int]:
        """The number of consultations that begin from `since` on and before `until`, by those states that occur."""
        ...


class ConsultationRepository(ConsultationReader, Protocol):
    """Slots and consultations, to be changed."""

    async def add_slots(self, slots: Sequence[Slot]) -> None:
        """Store new slots in a bounded number of statements; `SlotOverlap`, and none of them, when one overlaps another
        of the same consultant that is not closed."""
        ...

    async def close_slots(self, ids: Collection[SlotId]) -> None:
        """Close slots: their time is free for others. A consultation in one of them stays."""
        ...

    async def add(self, consultation: Consultation) -> Consultation:
        """Store a new consultation and return it with version 1.

        `SlotTaken` when its slot has one that is not cancelled; `Conflict` when the slot or the member is unknown.
        """
        ...

    async def save(self, consultation: Consultation) -> Consultation:
        """Store a changed consultation and return it with its new version; `StaleWrite`, or `SlotTaken` as for
        `add`."""
        ...

    async def purge(self, before: datetime) -> int:
        """Delete the slots that ended before that moment and that nobody ever booked; return how many."""
        ...
