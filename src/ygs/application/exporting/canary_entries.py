"""What a canary did: the made-up entry in sheets of introductions, memberships, consultations and reports.

Each is made beside a true entry of the sheet, so that it lies within the sheet's days and reads like its neighbours. It
came to nothing: cancelled, ended on its first day, dismissed. So no sum of money, meetings or answers differs.
"""

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from ygs.domain.consultations import Consultation, ConsultationState
from ygs.domain.ids import ULID_LENGTH, ConsultationId, IntroductionId, MembershipId, ReportId, UserId, pair_of, ulid
from ygs.domain.introductions import Introduction, IntroductionState
from ygs.domain.promises import MembershipRecord
from ygs.domain.reports import Report, Resolution
from ygs.domain.users import User

_RANDOM_BITS = 80


@dataclass(frozen=True, slots=True)
class CanaryPerson:
    """A canary as a person. `other`: the id of somebody made up as well, who seems to have left, for entries of two.
    `seed`: the canary's."""

    user: User
    other: UserId
    seed: int

    def number(self, near: str) -> int:
        """80 bits for the entry beside one with that id: always the same, and no other account's."""
        return int.from_bytes(hashlib.sha256(f"{self.seed}:{near}".encode()).digest()[: _RANDOM_BITS // 8])

    def share(self, near: str) -> float:
        """A number of 0.1 to 0.9 for that entry."""
        return 0.1 + 0.8 * (self.number(near) % 997) / 997


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


Entry = TypeVar("Entry", bound=_Identified)


def membership_of(canary: CanaryPerson, near: MembershipRecord) -> MembershipRecord:
    """One of the same plan and day, ended on that day, for which nothing was paid."""
    membership = near.membership
    created_at = membership.created_at + timedelta(minutes=40) * canary.share(membership.id)
    made_up = replace(
        membership,
        id=MembershipId(_id(created_at, canary, membership.id)),
        user_id=canary.user.id,
        starts_on=membership.contracted_on,
        created_at=created_at,
        payments=(),
        grants=(),
        pauses=(),
        fixed_dates=(),
        ended_on=membership.contracted_on,
    )
    return MembershipRecord(made_up, ())


def consultation_of(canary: CanaryPerson, near: Consultation) -> Consultation:
    """One of the same slot that was cancelled before somebody else booked it."""
    share = canary.share(near.id)
    booked_at = near.booked_at - timedelta(hours=40) * share
    return Consultation(
        id=ConsultationId(_id(booked_at, canary, near.id)),
        slot_id=near.slot_id,
        consultant=near.consultant,
        member=canary.user.id,
        starts_at=near.starts_at,
        ends_at=near.ends_at,
        booked_at=booked_at,
        changed_at=booked_at + (near.booked_at - booked_at) * share,
        state=ConsultationState.CANCELLED,
    )


def report_of(canary: CanaryPerson, near: Report) -> Report:
    """One about the canary, of about the same time, dismissed at once by nobody in particular."""
    share = canary.share(near.id)
    created_at = _within_quarter(near.created_at, share)
    return Report(
        id=ReportId(_id(created_at, canary, near.id)),
        reporter=canary.other,
        subject=canary.user.id,
        category=near.category,
        created_at=created_at,
        words=near.words,
        resolution=Resolution.DISMISSED,
        resolved_at=created_at + timedelta(minutes=20) * share,
    )


def introduction_of(canary: CanaryPerson, near: Introduction) -> Introduction:
    """One of the same week that was cancelled when the other person left."""
    a, b = pair_of(canary.user.id, canary.other)
    return Introduction(
        id=IntroductionId(_id(near.created_at, canary, near.id)),
        week_id=near.week_id,
        a=a,
        b=b,
        a_to_b=near.b_to_a,
        b_to_a=near.a_to_b,
        mutual=near.mutual,
        deadline=near.deadline,
        created_at=near.created_at,
        state=IntroductionState.CANCELLED,
        decided_at=near.created_at + timedelta(hours=1) * canary.share(near.id),
    )


def _id(at: datetime, canary: CanaryPerson, near: str) -> str:
    """An id of the same kind as that of the entry beside it."""
    return f"{near.partition('_')[0]}_{ulid(at, canary.number(near))}"


def _within_quarter(at: datetime, share: float) -> datetime:
    """A moment of the same quarter of an hour, which lies within one day wherever the service is."""
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0) + timedelta(minutes=15) * share


def rows_with(canary: CanaryPerson | None, count: int) -> int:
    """How many rows a sheet of so many true entries has; an empty one stays empty."""
    return count + bool(count and canary)


async def with_entry(
    pages: AsyncIterator[Sequence[Entry]], canary: CanaryPerson | None, made_up: Callable[[CanaryPerson, Entry], Entry]
) -> AsyncIterator[Sequence[Entry]]:
    """The pages with the canary's entry in its place on one of them; an empty sheet stays empty.

    It stands beside the first entry since the canary seems to be registered, or else beside the last one: so it is the
    same in the next sheet, which has the same entries and newer ones.
    """
    held: Sequence[Entry] = ()
    async for page in pages:
        if held:
            yield held
        held = page
        if canary and (near := next((each for each in page if _is_since(each.id, canary)), None)):
            held = _added(page, made_up(canary, near))
            canary = None
    if canary and held:
        held = _added(held, made_up(canary, held[-1]))
    if held:
        yield held


def _is_since(entry_id: str, canary: CanaryPerson) -> bool:
    """Whether an entry is younger than the canary: ids begin with the time."""
    return entry_id[-ULID_LENGTH:] > canary.user.id[-ULID_LENGTH:]


def _added(page: Sequence[Entry], made_up: Entry) -> Sequence[Entry]:
    return sorted([*page, made_up], key=lambda each: each.id)
