"""What members must hear of: written with the change itself, delivered at least once after it."""

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
    """An introduction is decided: the user may read how. Sent to both, alike."""

    user_id: UserId
    introduction_id: IntroductionId


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """Staff changed whether a user may take part."""

    user_id: UserId
    status: str


Event = IntroductionPublished | IntroductionDecided | StatusChanged
