"""The schema of the first release: every table, index and constraint of `ygs.adapters.sql.tables`."""

import sqlalchemy as sa
from alembic import op

from ygs.adapters.sql.tables.column_types import Json, Moment, Words

# Not "0001": databases of the development before the first release bear that number.
revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create all tables in an empty database."""
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", Words(), nullable=False),
        sa.Column("role", Words(), nullable=False),
        sa.Column("action", Words(), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("what", Words(), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("address", Words(), nullable=False),
        sa.Column("subject_count", sa.Integer(), nullable=False),
        sa.Column("subjects_digest", Words(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="audit_key"),
    )
    op.create_index("audit_about", "audit", ["subject", "number"], unique=False)
    op.create_index("audit_by", "audit", ["actor", "number"], unique=False)
    op.create_index("audit_action", "audit", ["action", "number"], unique=False)
    op.create_index("audit_at", "audit", ["at"], unique=False)
    op.create_table(
        "audit_subjects",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", Words(), nullable=False),
        sa.PrimaryKeyConstraint("entry", "user_id", name="audit_subjects_key"),
    )
    op.create_index("audit_subjects_about", "audit_subjects", ["user_id", "entry"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("base_number", sa.BigInteger(), nullable=False),
        sa.Column("base_digest", sa.LargeBinary(), nullable=False),
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name="audit_head_one"),
        sa.PrimaryKeyConstraint("id", name="audit_head_key"),
    )
    op.create_table(
        "contact_blocks",
        sa.Column("asked_by", Words(), nullable=False),
        sa.Column("other", Words(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("asked_by", "other", name="contact_blocks_key"),
    )
    op.create_index("contact_blocks_by_other", "contact_blocks", ["other"], unique=False)
    op.create_table(
        "membership_plans",
        sa.Column("id", Words(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.SmallInteger(), nullable=False),
        sa.Column("promised", sa.SmallInteger(), nullable=False),
        sa.Column("service", sa.SmallInteger(), nullable=False),
        sa.Column("unit", Words(), nullable=False),
        sa.Column("basis", Words(), nullable=False),
        sa.Column("agreed", Json(), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 1", name="membership_plans_version"),
        sa.PrimaryKeyConstraint("id", name="membership_plans_key"),
    )
    op.create_table(
        "memberships",
        sa.Column("id", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("plan", Words(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.SmallInteger(), nullable=False),
        sa.Column("promised", sa.SmallInteger(), nullable=False),
        sa.Column("service", sa.SmallInteger(), nullable=False),
        sa.Column("unit", Words(), nullable=False),
        sa.Column("basis", Words(), nullable=False),
        sa.Column("agreed", Json(), nullable=False),
        sa.Column("rules", Words(), nullable=False),
        sa.Column("contracted_on", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("payments", Json(), nullable=False),
        sa.Column("grants", Json(), nullable=False),
        sa.Column("pauses", Json(), nullable=False),
        sa.Column("fixed_dates", Json(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("over_on", sa.Date(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 1", name="memberships_version"),
        sa.PrimaryKeyConstraint("id", name="memberships_key"),
    )
    op.create_index("memberships_of_user", "memberships", ["user_id", "id"], unique=False)
    op.create_index("memberships_over", "memberships", ["over_on"], unique=False)
    op.create_index(
        "memberships_open",
        "memberships",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("ended_on IS NULL"),
        sqlite_where=sa.text("ended_on IS NULL"),
    )
    op.create_index(
        "memberships_open_page",
        "memberships",
        ["id"],
        unique=False,
        postgresql_where=sa.text("ended_on IS NULL"),
        sqlite_where=sa.text("ended_on IS NULL"),
    )
    op.create_table(
        "refunds",
        sa.Column("id", Words(), nullable=False),
        sa.Column("membership_id", Words(), nullable=False),
        sa.Column("cancelled_on", sa.Date(), nullable=False),
        sa.Column("figures", Json(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("assessed_by", Words(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["membership_id"], ["memberships.id"], name="refunds_membership", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="refunds_key"),
    )
    op.create_index("refunds_of_membership", "refunds", ["membership_id", "id"], unique=False)
    op.create_index("refunds_assessed", "refunds", ["created_at"], unique=False)
    op.create_table(
        "forecasts",
        sa.Column("id", Words(), nullable=False),
        sa.Column("statement", Words(), nullable=False),
        sa.Column("signature", Words(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("made_by", Words(), nullable=True),
        sa.Column("membership_id", Words(), nullable=True),
        sa.ForeignKeyConstraint(["membership_id"], ["memberships.id"], name="forecasts_membership", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="forecasts_key"),
    )
    op.create_index("forecasts_of_membership", "forecasts", ["membership_id", "id"], unique=False)
    op.create_index("forecasts_made", "forecasts", ["made_at"], unique=False)
    op.create_table(
        "met_contacts",
        sa.Column("one", Words(), nullable=False),
        sa.Column("other", Words(), nullable=False),
        sa.Column("parted_at", Moment(), nullable=False),
        sa.CheckConstraint("one < other", name="met_contacts_order"),
        sa.PrimaryKeyConstraint("one", "other", name="met_contacts_key"),
    )
    op.create_index("met_contacts_by_other", "met_contacts", ["other"], unique=False)
    op.create_index("met_contacts_parted", "met_contacts", ["parted_at"], unique=False)
    op.create_table(
        "suspended_contacts",
        sa.Column("contact", Words(), nullable=False),
        sa.Column("left_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("contact", name="suspended_contacts_key"),
    )
    op.create_index("suspended_contacts_left", "suspended_contacts", ["left_at"], unique=False)
    op.create_table(
        "idempotency_records",
        sa.Column("id", Words(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="idempotency_records_key"),
    )
    op.create_index("idempotency_records_started", "idempotency_records", ["started_at"], unique=False)
    op.create_table(
        "jobs",
        sa.Column("id", Words(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("arguments", Json(), nullable=False),
        sa.Column("unique_key", Words(), nullable=True),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("requested_by", Words(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("run_at", Moment(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("stage", Words(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("result", Json(), nullable=False),
        sa.Column("error", Words(), nullable=False),
        sa.Column("error_details", Json(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 1", name="jobs_version"),
        sa.PrimaryKeyConstraint("id", name="jobs_key"),
    )
    op.create_index("jobs_unique", "jobs", ["unique_key"], unique=True)
    op.create_index("jobs_subject", "jobs", ["subject", "id"], unique=False)
    op.create_index(
        "jobs_failed",
        "jobs",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'failed'"),
        sqlite_where=sa.text("state = 'failed'"),
    )
    op.create_index(
        "jobs_open",
        "jobs",
        ["run_at", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'running')"),
        sqlite_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_table(
        "match_weeks",
        sa.Column("id", Words(), nullable=False),
        sa.Column("iso_year", sa.SmallInteger(), nullable=False),
        sa.Column("iso_week", sa.SmallInteger(), nullable=False),
        sa.Column("deadline", Moment(), nullable=False),
        sa.Column("policy", Json(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("overrides", Json(), nullable=False),
        sa.Column("input_hash", Words(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("failure", Json(), nullable=False),
        sa.Column("published_at", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 1", name="match_weeks_version"),
        sa.PrimaryKeyConstraint("id", name="match_weeks_key"),
    )
    op.create_index(
        "match_weeks_standing",
        "match_weeks",
        ["iso_year", "iso_week"],
        unique=True,
        postgresql_where=sa.text("state <> 'cancelled'"),
        sqlite_where=sa.text("state <> 'cancelled'"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", Words(), nullable=False),
        sa.Column("channel", Words(), nullable=False),
        sa.Column("recipient_id", Words(), nullable=False),
        sa.Column("lane", Words(), nullable=False),
        sa.Column("type", Words(), nullable=False),
        sa.Column("event_key", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=True),
        sa.Column("ids", Json(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", Words(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="deliveries_key"),
        sa.UniqueConstraint("recipient_id", "event_key", "channel", name="deliveries_event"),
    )
    op.create_index(
        "deliveries_failed",
        "deliveries",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'failed'"),
        sqlite_where=sa.text("state = 'failed'"),
    )
    op.create_index("deliveries_of_recipient", "deliveries", ["recipient_id", "id"], unique=False)
    op.create_index(
        "deliveries_waiting",
        "deliveries",
        ["lane", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
        sqlite_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "delivery_attempts",
        sa.Column("delivery_id", Words(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", Words(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name="delivery_attempts_delivery", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("delivery_id", "number", name="delivery_attempts_key"),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", Words(), nullable=False),
        sa.Column("url", sa.LargeBinary(), nullable=False),
        sa.Column("description", Words(), nullable=False),
        sa.Column("types", Json(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_until", Moment(), nullable=True),
        sa.Column("disabled_by", Words(), nullable=True),
        sa.Column("disabled_at", Moment(), nullable=True),
        sa.Column("failing_since", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 1", name="webhooks_version"),
        sa.PrimaryKeyConstraint("id", name="webhooks_key"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("type", Words(), nullable=False),
        sa.Column("dedupe_key", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=True),
        sa.Column("ids", Json(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("dispatched_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="outbox_key"),
        sa.UniqueConstraint("dedupe_key", name="outbox_dedupe_key"),
    )
    op.create_index(
        "outbox_waiting",
        "outbox",
        ["id"],
        unique=False,
        postgresql_where=sa.text("dispatched_at IS NULL"),
        sqlite_where=sa.text("dispatched_at IS NULL"),
    )
    op.create_table(
        "pending_deletions",
        sa.Column("id", Words(), nullable=False),
        sa.Column("object_key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pending_deletions_key"),
    )
    op.create_table(
        "policies",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("policy", Json(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.CheckConstraint("version >= 1", name="policies_version"),
        sa.PrimaryKeyConstraint("version", name="policies_key"),
    )
    op.create_table(
        "learned_versions",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("rates", Json(), nullable=False),
        sa.Column("through", sa.Integer(), nullable=False),
        sa.Column("answers", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("evaluation", Json(), nullable=False),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.CheckConstraint("number >= 1", name="learned_versions_number"),
        sa.PrimaryKeyConstraint("number", name="learned_versions_key"),
    )
    op.create_table(
        "week_schedules",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("weekday", Words(), nullable=False),
        sa.Column("hour", sa.SmallInteger(), nullable=False),
        sa.Column("deadline_weekday", Words(), nullable=False),
        sa.Column("deadline_hour", sa.SmallInteger(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.CheckConstraint("version >= 1", name="week_schedules_version"),
        sa.PrimaryKeyConstraint("version", name="week_schedules_key"),
    )
    op.create_table(
        "rate_limits",
        sa.Column("key", Words(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("waits", sa.Integer(), nullable=False),
        sa.Column("blocked_until", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("key", name="rate_limits_key"),
    )
    op.create_index("rate_limits_since", "rate_limits", ["since"], unique=False)
    op.create_table(
        "read_budgets",
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("recent", sa.Integer(), nullable=False),
        sa.Column("recent_since", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "day", "kind", name="read_budgets_key"),
    )
    op.create_index("read_budgets_day", "read_budgets", ["day"], unique=False)
    op.create_table(
        "read_people",
        sa.Column("account", Words(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=False),
        sa.PrimaryKeyConstraint("account", "day", "kind", "user_id", name="read_people_key"),
    )
    op.create_index("read_people_day", "read_people", ["day"], unique=False)
    op.create_index("read_people_about", "read_people", ["user_id"], unique=False)
    op.create_table(
        "read_lifts",
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("lifted_by", Words(), nullable=True),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "day", name="read_lifts_key"),
    )
    op.create_index("read_lifts_day", "read_lifts", ["day"], unique=False)
    op.create_table(
        "read_addresses",
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("address", Words(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "address", name="read_addresses_key"),
    )
    op.create_index("read_addresses_at", "read_addresses", ["at"], unique=False)
    op.create_table(
        "users",
        sa.Column("id", Words(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("gender", sa.SmallInteger(), nullable=False),
        sa.Column("seeks", sa.SmallInteger(), nullable=False),
        sa.Column("birth_year", sa.SmallInteger(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", Words(), nullable=True),
        sa.Column("phone_tail_index", Words(), nullable=True),
        sa.Column("phone_proven_at", Moment(), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", Words(), nullable=True),
        sa.Column("email_proven_at", Moment(), nullable=True),
        sa.Column("role", Words(), nullable=False),
        sa.Column("status", Words(), nullable=False),
        sa.Column("status_reason", Words(), nullable=False),
        sa.Column("height_cm", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("region", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("education", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("job_group", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("income_band", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("religion", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("marital_history", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("children", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("wants_children", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("body_type", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("mbti", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("nationality", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("marriage_timing", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("work_after_marriage", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("living", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("languages", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("smoking", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("drinking", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("exercise", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("diet", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("pets", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("weekend", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("sleep", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("contact_style", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("spending_style", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("interests", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("personality", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("district", Words(), server_default="", nullable=False),
        sa.Column("school", Words(), server_default="", nullable=False),
        sa.Column("job_title", Words(), server_default="", nullable=False),
        sa.Column("introduction", Words(), server_default="", nullable=False),
        sa.Column("ideal_partner", Words(), server_default="", nullable=False),
        sa.Column("verified", sa.BigInteger(), nullable=False),
        sa.Column("capacity", sa.SmallInteger(), nullable=True),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("suspended_from", Words(), nullable=True),
        sa.Column("submitted_at", Moment(), nullable=True),
        sa.Column("activated_at", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("deleted_at", Moment(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("erased_at", Moment(), nullable=True),
        sa.CheckConstraint("gender IN (1, 2)", name="users_gender"),
        sa.CheckConstraint("seeks BETWEEN 1 AND 3", name="users_seeks"),
        sa.CheckConstraint("version >= 1", name="users_version"),
        sa.PrimaryKeyConstraint("id", name="users_key"),
        postgresql_with={"autovacuum_vacuum_scale_factor": 0.02, "autovacuum_vacuum_insert_scale_factor": 0.02},
    )
    op.create_index(
        "users_email",
        "users",
        ["email_index"],
        unique=False,
        postgresql_where=sa.text("email_index IS NOT NULL"),
        sqlite_where=sa.text("email_index IS NOT NULL"),
    )
    op.create_index(
        "users_phone_tail",
        "users",
        ["phone_tail_index"],
        unique=False,
        postgresql_where=sa.text("phone_tail_index IS NOT NULL"),
        sqlite_where=sa.text("phone_tail_index IS NOT NULL"),
    )
    op.create_index(
        "users_groups",
        "users",
        ["status", "gender", "birth_year", "region", "created_at", "role", "deleted_at"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL AND role = 'member'"),
        sqlite_where=sa.text("deleted_at IS NULL AND role = 'member'"),
    )
    op.create_index(
        "users_leaving",
        "users",
        ["deleted_at", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NOT NULL AND erased_at IS NULL"),
        sqlite_where=sa.text("deleted_at IS NOT NULL AND erased_at IS NULL"),
    )
    op.create_index(
        "users_live_name",
        "users",
        ["name"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
        sqlite_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "users_live_phone",
        "users",
        ["phone_index"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
        sqlite_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "users_waiting",
        "users",
        ["updated_at"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL AND status = 'pending'"),
        sqlite_where=sa.text("deleted_at IS NULL AND status = 'pending'"),
    )
    op.create_index(
        "users_live_status",
        "users",
        ["status", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
        sqlite_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "accounts",
        sa.Column("id", Words(), nullable=False),
        sa.Column("password", Words(), nullable=True),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_confirmed_at", Moment(), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 1", name="accounts_version"),
        sa.ForeignKeyConstraint(["id"], ["users.id"], name="accounts_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="accounts_key"),
    )
    op.create_table(
        "blocks",
        sa.Column("asked_by", Words(), nullable=False),
        sa.Column("other", Words(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.CheckConstraint("asked_by <> other", name="blocks_two_people"),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name="blocks_asked_by", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other"], ["users.id"], name="blocks_other", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("asked_by", "other", name="blocks_key"),
    )
    op.create_index("blocks_by_other", "blocks", ["other"], unique=False)
    op.create_table(
        "consents",
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("purpose", Words(), nullable=False),
        sa.Column("version", Words(), nullable=False),
        sa.Column("given_at", Moment(), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="consents_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "purpose", name="consents_key"),
    )
    op.create_table(
        "directory",
        sa.Column("id", Words(), nullable=False),
        sa.Column("status", Words(), nullable=False),
        sa.Column("role", Words(), nullable=False),
        sa.Column("gender", sa.SmallInteger(), nullable=False),
        sa.Column("birth_year", sa.SmallInteger(), nullable=False),
        sa.Column("consultant_id", Words(), nullable=True),
        sa.Column("contracted", sa.Boolean(), nullable=False),
        sa.Column("due", sa.Boolean(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("submitted_at", Moment(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("verified", sa.BigInteger(), nullable=False),
        sa.Column("wished", sa.BigInteger(), nullable=False),
        sa.Column("height_cm", sa.SmallInteger(), nullable=False),
        sa.Column("region", sa.SmallInteger(), nullable=False),
        sa.Column("education", sa.SmallInteger(), nullable=False),
        sa.Column("job_group", sa.SmallInteger(), nullable=False),
        sa.Column("income_band", sa.SmallInteger(), nullable=False),
        sa.Column("religion", sa.SmallInteger(), nullable=False),
        sa.Column("marital_history", sa.SmallInteger(), nullable=False),
        sa.Column("children", sa.SmallInteger(), nullable=False),
        sa.Column("wants_children", sa.SmallInteger(), nullable=False),
        sa.Column("body_type", sa.SmallInteger(), nullable=False),
        sa.Column("mbti", sa.SmallInteger(), nullable=False),
        sa.Column("nationality", sa.SmallInteger(), nullable=False),
        sa.Column("marriage_timing", sa.SmallInteger(), nullable=False),
        sa.Column("work_after_marriage", sa.SmallInteger(), nullable=False),
        sa.Column("living", sa.SmallInteger(), nullable=False),
        sa.Column("languages", sa.BigInteger(), nullable=False),
        sa.Column("smoking", sa.SmallInteger(), nullable=False),
        sa.Column("drinking", sa.SmallInteger(), nullable=False),
        sa.Column("exercise", sa.SmallInteger(), nullable=False),
        sa.Column("diet", sa.SmallInteger(), nullable=False),
        sa.Column("pets", sa.SmallInteger(), nullable=False),
        sa.Column("weekend", sa.SmallInteger(), nullable=False),
        sa.Column("sleep", sa.SmallInteger(), nullable=False),
        sa.Column("contact_style", sa.SmallInteger(), nullable=False),
        sa.Column("spending_style", sa.SmallInteger(), nullable=False),
        sa.Column("interests", sa.BigInteger(), nullable=False),
        sa.Column("personality", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("name_parts", Words(), nullable=False),
        sa.Column("initial_parts", Words(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["users.id"], name="directory_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="directory_key"),
    )
    op.create_index("directory_by_activity", "directory", ["seen_at", "id"], unique=False)
    op.create_index("directory_by_birth_year", "directory", ["birth_year", "id"], unique=False)
    op.create_index("directory_by_name", "directory", ["name", "id"], unique=False)
    op.create_index("directory_by_submission", "directory", ["submitted_at", "id"], unique=False)
    op.create_index(
        "directory_of_consultant",
        "directory",
        ["consultant_id", "id"],
        unique=False,
        postgresql_where=sa.text("consultant_id IS NOT NULL"),
        sqlite_where=sa.text("consultant_id IS NOT NULL"),
    )
    op.create_table(
        "name_keys",
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("part", sa.SmallInteger(), nullable=False),
        sa.Column("text", Words(), nullable=False),
        sa.Column("initials", Words(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="name_keys_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "part", name="name_keys_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("name_keys_initials", "name_keys", ["initials", "text", "user_id"], unique=False)
    op.create_index("name_keys_text", "name_keys", ["text", "user_id"], unique=False)
    op.create_table(
        "documents",
        sa.Column("id", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("content_type", Words(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="documents_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="documents_key"),
    )
    op.create_index("documents_decided", "documents", ["decided_at"], unique=False)
    op.create_index("documents_expiring", "documents", ["expires_at"], unique=False)
    op.create_index("documents_of_user", "documents", ["user_id"], unique=False)
    op.create_index(
        "documents_waiting",
        "documents",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'submitted'"),
        sqlite_where=sa.text("state = 'submitted'"),
    )
    op.create_table(
        "former_contacts",
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("contact", Words(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="former_contacts_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "contact", name="former_contacts_key"),
    )
    op.create_index("former_contacts_by_contact", "former_contacts", ["contact"], unique=False)
    op.create_table(
        "introductions",
        sa.Column("id", Words(), nullable=False),
        sa.Column("week_id", Words(), nullable=False),
        sa.Column("a", Words(), nullable=False),
        sa.Column("b", Words(), nullable=False),
        sa.Column("a_to_b", sa.SmallInteger(), nullable=False),
        sa.Column("b_to_a", sa.SmallInteger(), nullable=False),
        sa.Column("mutual", sa.SmallInteger(), nullable=False),
        sa.Column("proof_of_a", Json(), nullable=False),
        sa.Column("proof_of_b", Json(), nullable=False),
        sa.Column("origin", Words(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("choice_of_a", Words(), nullable=True),
        sa.Column("answered_at_of_a", Moment(), nullable=True),
        sa.Column("reason_of_a", Words(), nullable=True),
        sa.Column("words_of_a", sa.LargeBinary(), nullable=True),
        sa.Column("choice_of_b", Words(), nullable=True),
        sa.Column("answered_at_of_b", Moment(), nullable=True),
        sa.Column("reason_of_b", Words(), nullable=True),
        sa.Column("words_of_b", sa.LargeBinary(), nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("met", sa.Boolean(), nullable=True),
        sa.Column("deadline", Moment(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("a < b", name="introductions_order"),
        sa.CheckConstraint("version >= 1", name="introductions_version"),
        sa.ForeignKeyConstraint(["a"], ["users.id"], name="introductions_a"),
        sa.ForeignKeyConstraint(["b"], ["users.id"], name="introductions_b"),
        sa.ForeignKeyConstraint(["week_id"], ["match_weeks.id"], name="introductions_week"),
        sa.PrimaryKeyConstraint("id", name="introductions_key"),
        sa.UniqueConstraint("a", "b", name="introductions_pair"),
    )
    op.create_index("introductions_of_b", "introductions", ["b"], unique=False)
    op.create_index("introductions_of_week", "introductions", ["week_id", "id"], unique=False)
    op.create_table(
        "notes",
        sa.Column("id", Words(), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("author", Words(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("corrected_at", Moment(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 1", name="notes_version"),
        sa.ForeignKeyConstraint(["subject"], ["users.id"], name="notes_subject", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="notes_key"),
    )
    op.create_index("notes_about", "notes", ["subject", "id"], unique=False)
    op.create_table(
        "notice_settings",
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("language", Words(), nullable=False),
        sa.Column("channels", Json(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="notice_settings_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name="notice_settings_key"),
    )
    op.create_table(
        "notices",
        sa.Column("id", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("type", Words(), nullable=False),
        sa.Column("event_key", Words(), nullable=False),
        sa.Column("ids", Json(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("read_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="notices_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="notices_key"),
        sa.UniqueConstraint("user_id", "event_key", name="notices_event"),
    )
    op.create_index("notices_of_user", "notices", ["user_id", "id"], unique=False)
    op.create_index(
        "notices_unread",
        "notices",
        ["user_id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
        sqlite_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "exports",
        sa.Column("id", Words(), nullable=False),
        sa.Column("data", Words(), nullable=False),
        sa.Column("requested_by", Words(), nullable=False),
        sa.Column("requested_at", Moment(), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("filters", sa.LargeBinary(), nullable=False),
        sa.Column("contacts", sa.Boolean(), nullable=False),
        sa.Column("language", Words(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=True),
        sa.Column("state", Words(), nullable=False),
        sa.Column("decided_by", Words(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("refusal", Words(), nullable=False),
        sa.Column("job_id", Words(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 1", name="exports_version"),
        sa.PrimaryKeyConstraint("id", name="exports_key"),
    )
    op.create_index("exports_requested_at", "exports", ["requested_at"], unique=False)
    op.create_table(
        "export_canaries",
        sa.Column("id", Words(), nullable=False),
        sa.Column("account", Words(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", Words(), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="export_canaries_key"),
        sa.UniqueConstraint("account", name="export_canaries_account"),
        sa.UniqueConstraint("phone_index", name="export_canaries_phone"),
    )
    op.create_table(
        "imports",
        sa.Column("id", Words(), nullable=False),
        sa.Column("requested_by", Words(), nullable=False),
        sa.Column("sheet_type", Words(), nullable=True),
        sa.Column("mapping", sa.LargeBinary(), nullable=True),
        sa.Column("job_id", Words(), nullable=True),
        sa.Column("state", Words(), nullable=False),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("stored_at", Moment(), nullable=True),
        sa.Column("undone_at", Moment(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 1", name="imports_version"),
        sa.PrimaryKeyConstraint("id", name="imports_key"),
    )
    op.create_table(
        "import_verdicts",
        sa.Column("id", Words(), nullable=False),
        sa.Column("import_id", Words(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="import_verdicts_import", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="import_verdicts_key"),
        sa.UniqueConstraint("import_id", "number", name="import_verdicts_number"),
    )
    op.create_table(
        "imported_members",
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("import_id", Words(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="imported_members_import", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="imported_members_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name="imported_members_key"),
    )
    op.create_index("imported_members_of_import", "imported_members", ["import_id", "user_id"], unique=False)
    op.create_table(
        "push_devices",
        sa.Column("id", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("token_index", Words(), nullable=False),
        sa.Column("registered_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="push_devices_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="push_devices_key"),
        sa.UniqueConstraint("token_index", name="push_devices_token"),
    )
    op.create_index("push_devices_of_user", "push_devices", ["user_id", "id"], unique=False)
    op.create_table(
        "saved_filters",
        sa.Column("id", Words(), nullable=False),
        sa.Column("owner", Words(), nullable=True),
        sa.Column("name", Words(), nullable=False),
        sa.Column("criteria", Json(), nullable=False),
        sa.Column("sort", Words(), nullable=False),
        sa.Column("saved_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["users.id"], name="saved_filters_owner", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="saved_filters_key"),
    )
    op.create_index("saved_filters_of", "saved_filters", ["owner", "name"], unique=True)
    op.create_table(
        "one_time_tokens",
        sa.Column("id", Words(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("user_id", Words(), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("code", Words(), nullable=False),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="one_time_tokens_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="one_time_tokens_key"),
    )
    op.create_index("one_time_tokens_expiring", "one_time_tokens", ["expires_at"], unique=False)
    op.create_table(
        "photos",
        sa.Column("id", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("cover", sa.Boolean(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.CheckConstraint("position BETWEEN 0 AND 5", name="photos_position"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="photos_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="photos_key"),
    )
    op.create_index("photos_order", "photos", ["user_id", "position"], unique=True)
    op.create_index(
        "photos_waiting",
        "photos",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'uploaded'"),
        sqlite_where=sa.text("state = 'uploaded'"),
    )
    op.create_table(
        "reports",
        sa.Column("id", Words(), nullable=False),
        sa.Column("reporter", Words(), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("category", Words(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("resolution", Words(), nullable=True),
        sa.Column("staff_words", sa.LargeBinary(), nullable=True),
        sa.Column("resolved_by", Words(), nullable=True),
        sa.Column("resolved_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["reporter"], ["users.id"], name="reports_reporter", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["subject"], ["users.id"], name="reports_subject", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="reports_key"),
    )
    op.create_index("reports_about", "reports", ["subject", "id"], unique=False)
    op.create_index("reports_by_reporter", "reports", ["reporter", "id"], unique=False)
    op.create_index(
        "reports_open",
        "reports",
        ["reporter", "subject"],
        unique=True,
        postgresql_where=sa.text("resolution IS NULL"),
        sqlite_where=sa.text("resolution IS NULL"),
    )
    op.create_index(
        "reports_waiting",
        "reports",
        ["id"],
        unique=False,
        postgresql_where=sa.text("resolution IS NULL"),
        sqlite_where=sa.text("resolution IS NULL"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("presented", sa.Integer(), nullable=False),
        sa.Column("repeated", sa.Integer(), nullable=True),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        sa.Column("device", Words(), nullable=False),
        sa.Column("address", Words(), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("refreshed_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("idle_seconds", sa.Integer(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("ending", Words(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="sessions_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="sessions_key"),
    )
    op.create_index("sessions_expiring", "sessions", ["expires_at"], unique=False)
    op.create_index(
        "sessions_ended",
        "sessions",
        ["ended_at"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NOT NULL"),
        sqlite_where=sa.text("ended_at IS NOT NULL"),
    )
    op.create_index("sessions_of_user", "sessions", ["user_id", "address"], unique=False)
    op.create_index(
        "sessions_standing",
        "sessions",
        ["user_id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "uploads",
        sa.Column("id", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("content_type", Words(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("made", Words(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="uploads_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="uploads_key"),
    )
    op.create_index("uploads_created", "uploads", ["created_at"], unique=False)
    op.create_index("uploads_of_user", "uploads", ["user_id", "created_at"], unique=False)
    op.create_table(
        "audit_releases",
        sa.Column("week_id", Words(), nullable=False),
        sa.Column("requested_by", Words(), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("requested_at", Moment(), nullable=False),
        sa.Column("approved_by", Words(), nullable=True),
        sa.Column("approved_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["week_id"], ["match_weeks.id"], name="audit_releases_week"),
        sa.PrimaryKeyConstraint("week_id", name="audit_releases_key"),
    )
    op.create_table(
        "week_commitments",
        sa.Column("week_id", Words(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("locked_at", Moment(), nullable=False),
        sa.Column("code_version", Words(), nullable=False),
        sa.Column("input_root", Words(), nullable=False),
        sa.Column("plan_input", Words(), nullable=False),
        sa.Column("result_root", Words(), nullable=False),
        sa.Column("published_at", Moment(), nullable=True),
        sa.Column("input_leaves", sa.LargeBinary(), nullable=False),
        sa.Column("result_leaves", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("number >= 1", name="week_commitments_number"),
        sa.ForeignKeyConstraint(["week_id"], ["match_weeks.id"], name="week_commitments_week"),
        sa.PrimaryKeyConstraint("week_id", "number", name="week_commitments_key"),
    )
    op.create_index("week_commitments_latest", "week_commitments", ["locked_at"], unique=False)
    op.create_table(
        "week_keys",
        sa.Column("id", Words(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["match_weeks.id"], name="week_keys_week"),
        sa.PrimaryKeyConstraint("id", name="week_keys_key"),
    )
    op.create_table(
        "week_plans",
        sa.Column("week_id", Words(), nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["week_id"], ["match_weeks.id"], name="week_plans_week"),
        sa.PrimaryKeyConstraint("week_id", name="week_plans_key"),
    )
    op.create_table(
        "week_snapshots",
        sa.Column("week_id", Words(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["week_id"], ["match_weeks.id"], name="week_snapshots_week"),
        sa.PrimaryKeyConstraint("week_id", name="week_snapshots_key"),
    )
    op.create_table(
        "wishes",
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("attribute", sa.SmallInteger(), nullable=False),
        sa.Column("importance", sa.SmallInteger(), nullable=False),
        sa.Column("low", sa.SmallInteger(), nullable=False),
        sa.Column("high", sa.SmallInteger(), nullable=False),
        sa.Column("accepts", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("importance BETWEEN 0 AND 4", name="wishes_importance"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="wishes_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "attribute", name="wishes_key"),
    )
    op.create_table(
        "feedback",
        sa.Column("id", Words(), nullable=False),
        sa.Column("introduction_id", Words(), nullable=False),
        sa.Column("by_user", Words(), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=True),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("reasons", Words(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name="feedback_rating"),
        sa.ForeignKeyConstraint(["by_user"], ["users.id"], name="feedback_user"),
        sa.ForeignKeyConstraint(["introduction_id"], ["introductions.id"], name="feedback_introduction"),
        sa.PrimaryKeyConstraint("id", name="feedback_key"),
        sa.UniqueConstraint("introduction_id", "by_user", name="feedback_side"),
    )
    op.create_table(
        "links",
        sa.Column("provider", Words(), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("linked_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.id"], name="links_account", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("provider", "subject", name="links_key"),
        sa.UniqueConstraint("user_id", "provider", name="links_one_a_provider"),
    )
    op.create_table(
        "meetings",
        sa.Column("id", Words(), nullable=False),
        sa.Column("a", Words(), nullable=False),
        sa.Column("b", Words(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("starts_at", Moment(), nullable=True),
        sa.Column("district_code", Words(), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=True),
        sa.Column("proposals", sa.SmallInteger(), nullable=False),
        sa.Column("refused", Json(), nullable=False),
        sa.Column("fixed_at", Moment(), nullable=True),
        sa.Column("half_days_of_a", Json(), nullable=False),
        sa.Column("district_code_of_a", Words(), nullable=False),
        sa.Column("times_given_of_a", sa.SmallInteger(), nullable=False),
        sa.Column("times_asked_of_a", sa.SmallInteger(), nullable=False),
        sa.Column("accepted_of_a", sa.Boolean(), nullable=False),
        sa.Column("no_show_at_of_a", Moment(), nullable=True),
        sa.Column("no_show_words_of_a", sa.LargeBinary(), nullable=True),
        sa.Column("half_days_of_b", Json(), nullable=False),
        sa.Column("district_code_of_b", Words(), nullable=False),
        sa.Column("times_given_of_b", sa.SmallInteger(), nullable=False),
        sa.Column("times_asked_of_b", sa.SmallInteger(), nullable=False),
        sa.Column("accepted_of_b", sa.Boolean(), nullable=False),
        sa.Column("no_show_at_of_b", Moment(), nullable=True),
        sa.Column("no_show_words_of_b", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 1", name="meetings_version"),
        sa.ForeignKeyConstraint(["a"], ["users.id"], name="meetings_a", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["b"], ["users.id"], name="meetings_b", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["id"], ["introductions.id"], name="meetings_introduction"),
        sa.PrimaryKeyConstraint("id", name="meetings_key"),
    )
    op.create_index(
        "meetings_fixed",
        "meetings",
        ["starts_at"],
        unique=False,
        postgresql_where=sa.text("state = 'fixed'"),
        sqlite_where=sa.text("state = 'fixed'"),
    )
    op.create_index("meetings_of_a", "meetings", ["a"], unique=False)
    op.create_index("meetings_of_b", "meetings", ["b"], unique=False)
    op.create_table(
        "learned_people",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("says_yes", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("answering", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["learned_versions.number"], name="learned_people_version"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="learned_people_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", "user_id", name="learned_people_key"),
    )
    op.create_index("learned_people_user_id", "learned_people", ["user_id"], unique=False)
    op.create_table(
        "participants",
        sa.Column("week_id", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.Column("capacity", sa.SmallInteger(), nullable=False),
        sa.Column("introduction_id", Words(), nullable=False),
        sa.CheckConstraint("slot BETWEEN 1 AND capacity AND capacity <= 7", name="participants_slot"),
        sa.ForeignKeyConstraint(["introduction_id"], ["introductions.id"], name="participants_introduction"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="participants_user"),
        sa.ForeignKeyConstraint(["week_id"], ["match_weeks.id"], name="participants_week"),
        sa.PrimaryKeyConstraint("week_id", "user_id", "slot", name="participants_key"),
        sa.UniqueConstraint("introduction_id", "user_id", name="participants_once"),
    )
    op.create_index("participants_of_user", "participants", ["user_id"], unique=False)
    op.create_table(
        "slots",
        sa.Column("id", Words(), nullable=False),
        sa.Column("consultant", Words(), nullable=False),
        sa.Column("starts_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="slots_key"),
    )
    op.create_index(
        "slots_by_time",
        "slots",
        ["starts_at", "id"],
        unique=False,
        postgresql_where=sa.text("NOT closed"),
        sqlite_where=sa.text("NOT closed"),
    )
    op.create_index(
        "slots_of_consultant",
        "slots",
        ["consultant", "starts_at", "id"],
        unique=False,
        postgresql_where=sa.text("NOT closed"),
        sqlite_where=sa.text("NOT closed"),
    )
    op.create_table(
        "slot_quarters",
        sa.Column("consultant", Words(), nullable=False),
        sa.Column("starts_at", Moment(), nullable=False),
        sa.Column("slot_id", Words(), nullable=False),
        sa.ForeignKeyConstraint(["slot_id"], ["slots.id"], name="slot_quarters_slot", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("consultant", "starts_at", name="slot_quarters_key"),
    )
    op.create_index("slot_quarters_of_slot", "slot_quarters", ["slot_id"], unique=False)
    op.create_table(
        "consultations",
        sa.Column("id", Words(), nullable=False),
        sa.Column("slot_id", Words(), nullable=False),
        sa.Column("consultant", Words(), nullable=False),
        sa.Column("member", Words(), nullable=False),
        sa.Column("starts_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("booked_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("moves", sa.SmallInteger(), nullable=False),
        sa.Column("notes", sa.LargeBinary(), nullable=True),
        sa.Column("questions", Json(), nullable=False),
        sa.Column("questions_at", Moment(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 1", name="consultations_version"),
        sa.ForeignKeyConstraint(["member"], ["users.id"], name="consultations_member", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["slot_id"], ["slots.id"], name="consultations_of_slot"),
        sa.PrimaryKeyConstraint("id", name="consultations_key"),
    )
    op.create_index("consultations_by_time", "consultations", ["starts_at", "id"], unique=False)
    op.create_index("consultations_of_consultant", "consultations", ["consultant", "starts_at"], unique=False)
    op.create_index("consultations_of_member", "consultations", ["member", "id"], unique=False)
    op.create_index(
        "consultations_slot",
        "consultations",
        ["slot_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'cancelled'"),
        sqlite_where=sa.text("state <> 'cancelled'"),
    )
    op.create_table(
        "working_hours",
        sa.Column("consultant", Words(), nullable=False),
        sa.Column("days", Json(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 1", name="working_hours_version"),
        sa.ForeignKeyConstraint(["consultant"], ["users.id"], name="working_hours_consultant", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("consultant", name="working_hours_key"),
    )
    op.create_table(
        "closed_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="closed_days_key"),
    )
    op.create_table(
        "calendar_feeds",
        sa.Column("consultant", Words(), nullable=False),
        sa.Column("digest", Words(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["consultant"], ["users.id"], name="calendar_feeds_consultant", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("consultant", name="calendar_feeds_key"),
        sa.UniqueConstraint("digest", name="calendar_feeds_digest"),
    )
    op.create_table(
        "pair_advice",
        sa.Column("id", Words(), nullable=False),
        sa.Column("a", Words(), nullable=False),
        sa.Column("b", Words(), nullable=False),
        sa.Column("strength", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.CheckConstraint("a < b", name="pair_advice_order"),
        sa.CheckConstraint("strength BETWEEN -100 AND 100", name="pair_advice_strength"),
        sa.ForeignKeyConstraint(["a"], ["users.id"], name="pair_advice_a", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["b"], ["users.id"], name="pair_advice_b", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pair_advice_key"),
    )
    op.create_index("pair_advice_age", "pair_advice", ["created_at"], unique=False)
    op.create_index("pair_advice_of_a", "pair_advice", ["a"], unique=False)
    op.create_index("pair_advice_of_b", "pair_advice", ["b"], unique=False)
    op.create_table(
        "advice_usage",
        sa.Column("week_id", Words(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["week_id"], ["match_weeks.id"], name="advice_usage_week"),
        sa.PrimaryKeyConstraint("week_id", name="advice_usage_key"),
    )
    op.create_table(
        "drafts",
        sa.Column("id", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=True),
        sa.Column("other", Words(), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["other"], ["users.id"], name="drafts_other", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="drafts_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="drafts_key"),
    )
    op.create_index("drafts_age", "drafts", ["created_at"], unique=False)
    op.create_index("drafts_of_other", "drafts", ["other"], unique=False)
    op.create_index("drafts_of_user", "drafts", ["user_id"], unique=False)
    op.create_table(
        "draft_usage",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="draft_usage_key"),
    )
