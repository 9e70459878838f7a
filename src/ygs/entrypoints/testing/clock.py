"""Time that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

# Monday of week 2026-W48, noon in Seoul.
NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


class FrozenClock:
    """A `Clock` that a test sets."""

    def __init__(self, at: datetime = NOON) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """The moment it was last set to."""
        return self._at

    def set(self, at: datetime) -> None:
        """Go to a moment, earlier or later."""
        self._at = at.astimezone(UTC)

    def advance(self, **time: float) -> datetime:
        """Let time pass, as in ``clock.advance(hours=3)``; the new moment."""
        self._at += timedelta(**time)
        return self._at
