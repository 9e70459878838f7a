"""Optimistic locking of edits that span requests."""

from ygs.domain.club_policy import ClubPolicy
from ygs.domain.errors import N_, StaleWrite
from ygs.domain.notes import Note
from ygs.domain.users import User
from ygs.domain.webhooks import WebhookEndpoint
from ygs.domain.week_schedule import WeekSchedule


def require_version(stored: User | Note | ClubPolicy | WeekSchedule | WebhookEndpoint, version: int | None) -> None:
    """`StaleWrite` unless the edit was made from the stored version (None: whatever it is)."""
    if version is not None and version != stored.version:
        raise StaleWrite(
            N_("somebody changed this meanwhile: read it again and repeat the edit"), version=stored.version
        )
