"""Every table, by topic. Importing this package fills `metadata`."""

from collections.abc import Iterator

from sqlalchemy import Column

from ygs.adapters.sql.tables.accounts import accounts, links, one_time_tokens, rate_limits, sessions
from ygs.adapters.sql.tables.advice import advice_usage, draft_usage, drafts, pair_advice
from ygs.adapters.sql.tables.audit import audit, audit_head, audit_subjects, idempotency_records
from ygs.adapters.sql.tables.blocks import blocks, contact_blocks
from ygs.adapters.sql.tables.canaries import export_canaries
from ygs.adapters.sql.tables.column_types import Retention, Sensitivity, metadata
from ygs.adapters.sql.tables.consultations import (
    calendar_feeds,
    closed_days,
    consultations,
    slot_quarters,
    slots,
    working_hours,
)
from ygs.adapters.sql.tables.deliveries import deliveries, delivery_attempts
from ygs.adapters.sql.tables.exports import exports
from ygs.adapters.sql.tables.files import documents, pending_deletions, photos, uploads
from ygs.adapters.sql.tables.imports import import_verdicts, imported_members, imports
from ygs.adapters.sql.tables.jobs import jobs
from ygs.adapters.sql.tables.learning import learned_people, learned_versions
from ygs.adapters.sql.tables.meetings import meetings
from ygs.adapters.sql.tables.memberships import forecasts, membership_plans, memberships, refunds
from ygs.adapters.sql.tables.moderation import notes, reports
from ygs.adapters.sql.tables.outbox import notice_settings, notices, outbox, push_devices
from ygs.adapters.sql.tables.read_budgets import read_addresses, read_budgets, read_lifts, read_people
from ygs.adapters.sql.tables.rounds import (
    feedback,
    introductions,
    match_weeks,
    met_contacts,
    participants,
    policies,
    week_plans,
    week_schedules,
    week_snapshots,
)
from ygs.adapters.sql.tables.users import (
    consents,
    former_contacts,
    suspended_contacts,
    users,
    wishes,
)
from ygs.adapters.sql.tables.webhooks import webhooks

__all__ = [
    "Retention",
    "Sensitivity",
    "accounts",
    "advice_usage",
    "audit",
    "audit_head",
    "audit_subjects",
    "blocks",
    "calendar_feeds",
    "closed_days",
    "consents",
    "consultations",
    "contact_blocks",
    "deliveries",
    "delivery_attempts",
    "directory",
    "documents",
    "draft_usage",
    "drafts",
    "export_canaries",
    "exports",
    "feedback",
    "forecasts",
    "former_contacts",
    "idempotency_records",
    "import_verdicts",
    "imported_members",
    "imports",
    "introductions",
    "jobs",
    "learned_people",
    "learned_versions",
    "links",
    "match_weeks",
    "meetings",
    "membership_plans",
    "memberships",
    "met_contacts",
    "metadata",
    "name_keys",
    "notes",
    "notice_settings",
    "notices",
    "one_time_tokens",
    "outbox",
    "pair_advice",
    "participants",
    "pending_deletions",
    "photos",
    "policies",
    "push_devices",
    "rate_limits",
    "read_addresses",
    "read_budgets",
    "read_lifts",
    "read_people",
    "refunds",
    "reports",
    "saved_filters",
    "sealed_columns",
    "sessions",
    "slot_quarters",
    "slots",
    "suspended_contacts",
    "uploads",
    "users",
    "webhooks",
    "week_plans",
    "week_schedules",
    "week_snapshots",
    "wishes",
    "working_hours",
]


def sealed_columns() -> Iterator[Column[bytes]]:
    """Every column that holds sealed values."""
    for table in metadata.sorted_tables:
        yield from (column for column in table.columns if "sealed" in column.info)
