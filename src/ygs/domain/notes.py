"""Notes on members, by staff for staff. Members never read them."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from ygs.domain.ids import NoteId, UserId
from ygs.domain.text import NOTE_LENGTH, required_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One note about `subject`. `corrected_at`: when its text was last changed; `version`: how often it was saved."""

    id: NoteId
    subject: UserId
    author: UserId
    text: str
    created_at: datetime
    corrected_at: datetime | None = None
    version: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", required_text("text", self.text, at_most=NOTE_LENGTH))

    def correct(self, text: str, *, at: datetime) -> Self:
        """The note with another text."""
        return replace(self, text=text, corrected_at=at)
