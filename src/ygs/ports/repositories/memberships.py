"""Plans, memberships with what was delivered for them, and assessed refunds.

Contracts outlive accounts: nothing here is deleted with a user, and an unknown user is no `Conflict`.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from ygs.domain.ids import MembershipId, PlanId, RefundId, UserId
from ygs.domain.memberships import Membership, MembershipPlan, RefundAssessment
from ygs.domain.promises import MembershipRecord
from ygs.ports.repositories import MOST_PAGE


class MembershipReader(Protocol):
    """Plans, memberships and assessed refunds, to be read."""

    async def plan(self, id: PlanId) -> MembershipPlan:
        """The plan, or `NotFound`."""
        ...

    async def plans(self, *, after: PlanId | None = None, limit: int = MOST_PAGE) -> Sequence[MembershipPlan]:
        """At most `limit` plans, offered or not, with ids after `after`, ascending by id."""
        ...

    async def get(self, id: MembershipId) -> Membership:
        """The membership, or `NotFound`."""
        ...

    async def of_user(self, id: UserId) -> Sequence[Membership]:
        """A user's memberships, ascending by id."""
        ...

    async def record(self, id: MembershipId) -> MembershipRecord:
        """The membership with the introductions of its member and their conditions, in one statement; `NotFound`."""
        ...

    async def records_of(self, id: UserId) -> Sequence[MembershipRecord]:
        """The same for all memberships of a user, ascending by id, in one statement."""
        ...

    async def open_records(
        self, *, after: MembershipId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[MembershipRecord]:
        """The same for at most `limit` memberships that staff have not ended, with ids after `after`, ascending by id,
        in one statement. Conditions are read only for memberships that agreed on some."""
        ...

    async def records_between(
        self,
        since: date | None,
        until: date | None,
        *,
        after: MembershipId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[MembershipRecord]:
        """As `open_records`, ended or not, contracted from `since` on and before `until`; None for no bound."""
        ...

    async def refund(self, id: RefundId) -> RefundAssessment:
        """The assessed refund, or `NotFound`."""
        ...

    async def refunds_of(self, ids: Collection[MembershipId]) -> Sequence[RefundAssessment]:
        """The refunds assessed for these memberships, ascending by id, in one statement."""
        ...


class MembershipRepository(MembershipReader, Protocol):
    """Plans, memberships and assessed refunds, to be changed."""

    async def add_plan(self, plan: MembershipPlan) -> MembershipPlan:
        """Store a new plan and return it as stored."""
        ...

    async def save_plan(self, plan: MembershipPlan) -> MembershipPlan:
        """Store a changed plan and return it with its new version, or raise `StaleWrite`."""
        ...

    async def add(self, membership: Membership) -> Membership:
        """Store a new membership and return it as stored; `Conflict` while its member has one that has not ended."""
        ...

    async def save(self, membership: Membership) -> Membership:
        """Store a changed membership and return it with its new version, or raise `StaleWrite`."""
        ...

    async def add_refund(self, refund: RefundAssessment) -> None:
        """Store an assessed refund; `Conflict` when there is no such membership."""
        ...

    async def purge(self, before: date) -> int:
        """Delete memberships whose last day, or without one the day at which their time was over, is before that day,
        with their refunds and forecasts; return how many."""
        ...

    async def purge_refunds(self, before: datetime) -> int:
        """Delete refunds that were assessed before that moment; return how many."""
        ...
