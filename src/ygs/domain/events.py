"""Events that members are notified of: stored in the transaction of the change, delivered at least once."""

from dataclasses import dataclass

from ygs.domain.ids import IntroductionId, UserId, WeekId


@dataclass(frozen=True, slots=True)
class IntroductionPublished:
    """A user has a new introduction to answer."""

    user_id: UserId
    introduction_id: IntroductionId
    week_id: WeekId


@dataclass(frozen=True, slots=True)
class IntroductionDecided:
    """An introduction is decided, and the user may read the result. Both people get the same event."""

    user_id: UserId
    introduction_id: IntroductionId


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """Staff changed whether a user may take part."""

    user_id: UserId
    status: str


Event = IntroductionPublished | IntroductionDecided | StatusChanged
