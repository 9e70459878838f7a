"""What a commit changed, and who is who: what the invariants look at."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.domain.ids import UserId, WeekId


@dataclass
class People:
    """Which person is behind each user id. Somebody who left and came back with the same phone is the same person."""

    person_of: dict[UserId, str] = field(default_factory=dict)
    met: dict[frozenset[str], str] = field(default_factory=dict)
    # Week and fencing token -> the step that took the lease.
    leases: dict[tuple[WeekId, int], str] = field(default_factory=dict)
    # The key of a command that acted -> when the command that acted began.
    commands: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Commit:
    """One committed transaction: the rows before and after it, when, and whose step it was."""

    before: SnapshotTables
    after: SnapshotTables
    now: datetime
    step: str
    _changed: dict[str, list[tuple[Any, Any, Any]]] = field(default_factory=dict)

    def changed(self, table: str) -> Sequence[tuple[Any, Any, Any]]:
        """The key, the row before and the row after, of each row that is new or changed."""
        if table not in self._changed:
            earlier: dict[Any, Any] = getattr(self.before, table)._rows
            later: dict[Any, Any] = getattr(self.after, table)._rows
            rows = later.items() if earlier is not later else ()
            self._changed[table] = [(key, earlier.get(key), row) for key, row in rows if earlier.get(key) is not row]
        return self._changed[table]

    def touches(self, *tables: str) -> bool:
        """Whether any of these tables changed."""
        return any(getattr(self.before, each)._rows is not getattr(self.after, each)._rows for each in tables)
