"""The release of a match week's inputs to an auditor: two administrators agree to it, and it ends after seven days."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from ygs.domain.errors import N_, Forbidden, WrongStatus
from ygs.domain.ids import UserId, WeekId
from ygs.domain.text import LINE_LENGTH, required_text

OPEN_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRelease:
    """A release that one administrator requested and another approves. Times are UTC."""

    week_id: WeekId
    requested_by: UserId
    reason: str
    requested_at: datetime
    approved_by: UserId | None = None
    approved_at: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", required_text("reason", self.reason, at_most=LINE_LENGTH))

    def is_open(self, at: datetime) -> bool:
        """Whether the inputs may be read: for seven days after the approval."""
        return self.approved_at is not None and at < self.approved_at + OPEN_FOR

    def approved(self, *, by: UserId, at: datetime) -> Self:
        """The release with its approval. `Forbidden` for whoever requested it, `WrongStatus` when it is approved."""
        if by == self.requested_by:
            raise Forbidden(N_("another administrator must approve what you requested"))
        if self.approved_at is not None:
            raise WrongStatus(N_("this release is approved already; request another when it is over"))
        return replace(self, approved_by=by, approved_at=at)

    def require_open(self, at: datetime) -> None:
        """`WrongStatus`, which says what to do first, unless the inputs may be read."""
        if self.approved_at is None:
            raise WrongStatus(N_("another administrator must approve this release first"))
        if not self.is_open(at):
            raise WrongStatus(N_("this release was open for seven days, which are over: request another"))
