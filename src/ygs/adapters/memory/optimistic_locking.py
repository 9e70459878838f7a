"""Optimistic locking in memory: a row is replaced only by an edit of its current version."""

from collections.abc import Mapping
from typing import Any

from ygs.domain.errors import N_, StaleWrite


def require_version(rows: Mapping[Any, Any], id: str, version: int) -> None:
    """`StaleWrite` unless the row of that id is stored at that version."""
    if id not in rows or rows[id].version != version:
        raise StaleWrite(N_("this changed since it was read: read it again and repeat the edit"))
