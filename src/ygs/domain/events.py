"""Events that members are notified of: stored in the transaction of the change, delivered at least once."""

from dataclasses import dataclass

from ygs.domain.ids import IntroductionId, UserId, WeekId
from ygs.domain.introductions import Introduction


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


def decided(introduction: Introduction) -> tuple[IntroductionDecided, IntroductionDecided]:
    """The events of both people, alike, once an introduction is decided."""
    return IntroductionDecided(introduction.a, introduction.id), IntroductionDecided(introduction.b, introduction.id)


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """Staff changed whether a user may take part."""

    user_id: UserId
    status: str


Event = IntroductionPublished | IntroductionDecided | StatusChanged
