"""Reports of one member by another, and their resolution by staff. The subject never learns who the reporter is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from ygs.domain.errors import N_, WrongStatus
from ygs.domain.ids import ReportId, UserId
from ygs.domain.matching.attribute import Language
from ygs.domain.text import NOTE_LENGTH, checked_text, required_text


class Category(StrEnum):
    """The category of a report."""

    FALSE_PROFILE = "false_profile"
    HARASSMENT = "harassment"
    NO_SHOW = "no_show"
    INAPPROPRIATE_CONTACT = "inappropriate_contact"
    MONEY_OR_FRAUD = "money_or_fraud"
    OTHER = "other"

    def label(self, language: Language) -> str:
        """The category in words."""
        return _CATEGORIES[self][language is Language.EN]


class Resolution(StrEnum):
    """The decision of staff on a report."""

    DISMISSED = "dismissed"
    WARNED = "warned"
    SUSPENDED = "suspended"

    def label(self, language: Language) -> str:
        """The resolution in words."""
        return _RESOLUTIONS[self][language is Language.EN]


_CATEGORIES: Mapping[Category, tuple[str, str]] = {
    Category.FALSE_PROFILE: ("프로필이 사실과 다름", "The profile is not true"),
    Category.HARASSMENT: ("괴롭힘·위협", "Harassment or threats"),
    Category.NO_SHOW: ("약속에 나오지 않음", "Did not come to the meeting"),
    Category.INAPPROPRIATE_CONTACT: ("부적절한 연락·접촉", "Inappropriate messages or touching"),
    Category.MONEY_OR_FRAUD: ("금전 요구·사기", "Asked for money, or fraud"),
    Category.OTHER: ("기타", "Something else"),
}
_RESOLUTIONS: Mapping[Resolution, tuple[str, str]] = {
    Resolution.DISMISSED: ("조치 없음", "Nothing to be done"),
    Resolution.WARNED: ("경고", "Warned"),
    Resolution.SUSPENDED: ("이용 정지", "Suspended"),
}


class ReportState(StrEnum):
    """Whether staff have decided on a report."""

    OPEN = "open"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report of one member by another.

    `words` are the reporter's, required for the category `other`. `staff_words` are by `resolved_by` (None: the
    operator), for staff only.
    """

    id: ReportId
    reporter: UserId
    subject: UserId
    category: Category
    created_at: datetime
    words: str = ""
    resolution: Resolution | None = None
    staff_words: str = ""
    resolved_by: UserId | None = None
    resolved_at: datetime | None = None

    def __post_init__(self) -> None:
        check = required_text if self.category is Category.OTHER else checked_text
        object.__setattr__(self, "words", check("words", self.words, at_most=NOTE_LENGTH))
        object.__setattr__(self, "staff_words", checked_text("words", self.staff_words, at_most=NOTE_LENGTH))

    @property
    def state(self) -> ReportState:
        """Whether staff have decided on the report."""
        return ReportState.OPEN if self.resolution is None else ReportState.RESOLVED

    def resolve(self, resolution: Resolution, words: str, *, by: UserId | None, at: datetime) -> Self:
        """Resolve the report, with the reason of staff; `WrongStatus` when it was resolved before."""
        if self.state is not ReportState.OPEN:
            raise WrongStatus(N_("somebody has decided on this report already: read it again"))
        words = required_text("words", words, at_most=NOTE_LENGTH)
        return replace(self, resolution=resolution, staff_words=words, resolved_by=by, resolved_at=at)
