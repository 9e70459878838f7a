"""The real clock, and real ids."""

import threading
from datetime import UTC, datetime

from ulid import ULID

from ygs.ports.clock_and_ids import SharedTime


class SystemClock(SharedTime):
    """The machine's time."""

    def now(self) -> datetime:
        """This moment, UTC, to the microsecond."""
        return datetime.now(UTC)


class UlidIds:
    """Ids that ascend as they are made by this process, even when the machine's clock is set back; thread-safe."""

    def __init__(self) -> None:
        self._latest = 0
        self._lock = threading.Lock()

    def make(self, prefix: str) -> str:
        """``prefix_`` and a new ULID."""
        with self._lock:
            self._latest = max(int(ULID()), self._latest + 1)
            return f"{prefix}_{ULID.from_int(self._latest)}"
