"""Every table, by topic. Importing this package fills `metadata`."""

from ygs.adapters.sql.tables.columns import Retention, Sensitivity, metadata
from ygs.adapters.sql.tables.outbox import outbox
from ygs.adapters.sql.tables.rounds import (
    feedback,
    introductions,
    match_weeks,
    participants,
    week_plans,
    week_snapshots,
)
from ygs.adapters.sql.tables.users import consents, users, walls, wishes

__all__ = [
    "Retention",
    "Sensitivity",
    "consents",
    "feedback",
    "introductions",
    "match_weeks",
    "metadata",
    "outbox",
    "participants",
    "users",
    "walls",
    "week_plans",
    "week_snapshots",
    "wishes",
]
