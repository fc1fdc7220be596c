"""What the product does with the data: changesets, history, views, files, jobs, reports, models."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.models.base import ref, tenant_table, timestamp

# A named, undoable change: one edit, one import, one bulk operation. One transaction each.
changesets = tenant_table(
    "changesets",
    Column("kind", String(64), nullable=False),  # e.g. deals.edit, import.clients
    Column("title", String(300), nullable=False, server_default=""),
    Column("member_id", BigInteger),
    Column("request_id", String(64)),
    timestamp("at"),
    Column("reverts_id", BigInteger),
    # The transaction's number, as its rows carry it: finds what a change made by their index.
    Column("txid", BigInteger, server_default=text("pg_current_xact_id()::text::bigint")),
)

# Replaced and deleted rows, written by the trigger keep_history() and by nobody else.
history = tenant_table(
    "history",
    Column("table_name", String(64), nullable=False),
    Column("row_id", BigInteger, nullable=False),
    Column("row_version", Integer, nullable=False),
    Column("operation", String(1), nullable=False),  # U: replaced, D: deleted
    timestamp("valid_from", default_now=False),
    timestamp("valid_to", default_now=False),
    Column("changeset_id", BigInteger),  # the change that ended this version
    Column("member_id", BigInteger),
    Column("row", JSONB, nullable=False),
    Column("txid", BigInteger, nullable=False),
    Index("ix_history_row", "account_id", "table_name", "row_id", "row_version"),
    Index("ix_history_changeset", "account_id", "changeset_id"),
    Index("ix_history_txid", "account_id", "txid"),
    Index("ix_history_moment", "account_id", "table_name", "valid_to"),  # what has changed since a moment
)

saved_views = tenant_table(
    "saved_views",
    Column("member_id", BigInteger, nullable=False),
    Column("page", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("state", JSONB, nullable=False),
    Column("shared", Boolean, nullable=False, server_default=text("false")),
    Column("is_default", Boolean, nullable=False, server_default=text("false")),  # what its page opens with
    timestamp("created_at"),
    ref("member_id", "memberships", ondelete="CASCADE"),
    UniqueConstraint("account_id", "member_id", "page", "name"),
)

# What a member set for themselves: a grid's columns, a page's choices.
preferences = tenant_table(
    "preferences",
    Column("member_id", BigInteger, nullable=False),
    Column("name", String(100), nullable=False),
    Column("value", JSONB, nullable=False),
    timestamp("updated_at"),
    ref("member_id", "memberships", ondelete="CASCADE"),
    UniqueConstraint("account_id", "member_id", "name"),
)

# What was typed into a form and not saved yet; row_id 0: a new record.
drafts = tenant_table(
    "drafts",
    Column("member_id", BigInteger, nullable=False),
    Column("form", String(64), nullable=False),
    Column("row_id", BigInteger, nullable=False, server_default=text("0")),
    Column("base_version", Integer),
    Column("values", JSONB, nullable=False),
    Column("device", String(64), nullable=False, server_default=""),
    timestamp("updated_at"),
    ref("member_id", "memberships", ondelete="CASCADE"),
    UniqueConstraint("account_id", "member_id", "form", "row_id"),
)

# The bell: what a member is told. ``subject``: what it is about, so that nothing is told twice.
notices = tenant_table(
    "notices",
    Column("member_id", BigInteger, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("params", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("link", String(300), nullable=False, server_default=""),
    Column("subject", String(200), nullable=False),
    timestamp("created_at"),
    timestamp("read_at", required=False),
    ref("member_id", "memberships", ondelete="CASCADE"),
    UniqueConstraint("account_id", "member_id", "subject"),
    Index("ix_notices_member", "account_id", "member_id", "created_at"),
)

files = tenant_table(
    "files",
    Column("name", String(300), nullable=False),  # what the person calls it; never a path
    Column("storage_key", String(300), nullable=False),  # made by the server
    Column("media_type", String(120), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("purpose", String(32), nullable=False),  # import, report, model
    Column("created_by", BigInteger),
    timestamp("created_at"),
)

jobs = tenant_table(
    "jobs",
    Column("kind", String(64), nullable=False),
    Column("status", String(16), nullable=False, server_default="queued"),
    Column("progress", Float, nullable=False, server_default=text("0")),  # 0..1
    Column("message", JSONB, nullable=False, server_default=text("'{}'::jsonb")),  # {"key", "params"}: translated when shown
    Column("params", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("result", JSONB),
    Column("error", JSONB),  # {"code", "params", "request_id"}
    Column("member_id", BigInteger),
    Column("request_id", String(64)),
    Column("cancel_requested", Boolean, nullable=False, server_default=text("false")),
    timestamp("created_at"),
    timestamp("started_at", required=False),
    timestamp("finished_at", required=False),
    CheckConstraint("status in ('queued', 'running', 'done', 'failed', 'cancelled')", name="status"),
    Index("ix_jobs_created", "account_id", "created_at"),
)

reports = tenant_table(
    "reports",
    Column("kind", String(64), nullable=False),
    Column("name", String(200), nullable=False),  # what the person calls it
    Column("params", JSONB, nullable=False),
    Column("format", String(8), nullable=False),
    Column("language", String(5), nullable=False),
    Column("job_id", BigInteger),
    Column("file_id", BigInteger),
    timestamp("data_at", required=False),
    ref("job_id", "jobs"),
    ref("file_id", "files"),
    versioned=True,
)

models = tenant_table(
    "models",
    Column("kind", String(32), nullable=False),  # win
    Column("rung", String(16), nullable=False),  # base_rate, logistic, xgboost
    Column("file_id", BigInteger),
    Column("sha256", LargeBinary),
    Column("manifest", JSONB, nullable=False),
    Column("active", Boolean, nullable=False, server_default=text("false")),
    # a person went back to it: newer ones are trained and kept, but do not take its place
    Column("pinned", Boolean, nullable=False, server_default=text("false")),
    timestamp("created_at"),
    ref("file_id", "files"),
    Index("uq_models_active", "account_id", "kind", unique=True, postgresql_where=text("active")),
)

# The latest score of each open deal (and its history: one row per scoring that changed it).
deal_scores = tenant_table(
    "deal_scores",
    Column("deal_id", BigInteger, nullable=False),
    Column("model_id", BigInteger),
    Column("probability", Float, nullable=False),
    timestamp("scored_at"),
    Column("is_latest", Boolean, nullable=False, server_default=text("true")),
    Column("txid", BigInteger, nullable=False, server_default=text("0")),
    Column("base", Float),  # the share the contributions start from
    Column("parts", JSONB),  # contribution of each feature, in points of probability: "why did it change?"
    Column("expected_on", Date),  # the likely day of closing
    ref("deal_id", "deals", ondelete="CASCADE"),
    ref("model_id", "models"),
    Index("uq_deal_scores_latest", "account_id", "deal_id", unique=True, postgresql_where=text("is_latest")),
    Index("ix_deal_scores_txid", "account_id", "txid"),
    Index("ix_deal_scores_deal", "account_id", "deal_id", "scored_at"),
)

# The latest figures of each client, and those before them.
client_scores = tenant_table(
    "client_scores",
    Column("client_id", BigInteger, nullable=False),
    Column("model_id", BigInteger),
    Column("buys", Float, nullable=False),  # chance of another purchase within the horizon
    Column("leaves", Float, nullable=False),  # chance of never buying again
    Column("value_year", Float, nullable=False),  # expected purchases of twelve months, in the account's currency
    Column("next_on", Date),  # the likely day of the next purchase
    Column("details", JSONB, nullable=False, server_default=text("'{}'::jsonb")),  # reasons, next goods
    timestamp("scored_at"),
    Column("is_latest", Boolean, nullable=False, server_default=text("true")),
    Column("txid", BigInteger, nullable=False, server_default=text("0")),
    ref("client_id", "clients", ondelete="CASCADE"),
    ref("model_id", "models"),
    Index("uq_client_scores_latest", "account_id", "client_id", unique=True, postgresql_where=text("is_latest")),
    Index("ix_client_scores_txid", "account_id", "txid"),
)

recommendations = tenant_table(
    "recommendations",
    Column("deal_id", BigInteger),
    Column("client_id", BigInteger),
    Column("action", String(64), nullable=False),
    Column("params", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("gain", Float),  # expected, in the account's currency
    Column("model_id", BigInteger),
    Column("status", String(16), nullable=False, server_default="open"),
    Column("held_back", Boolean, nullable=False, server_default=text("false")),
    timestamp("created_at"),
    timestamp("decided_at", required=False),
    Column("decided_by", BigInteger),
    Column("evidence", JSONB, nullable=False, server_default=text("'{}'::jsonb")),  # similar cases, counts
    Column("before", Float),  # the probability when it was given
    Column("reason", String(500)),  # why it was dismissed
    Column("snoozed_until", Date),
    Column("outcome", JSONB),  # what came of it
    ref("deal_id", "deals", ondelete="CASCADE"),
    ref("client_id", "clients", ondelete="CASCADE"),
    ref("model_id", "models"),
    CheckConstraint("status in ('open', 'accepted', 'dismissed', 'snoozed', 'expired')", name="status"),
)

idempotency_keys = tenant_table(
    "idempotency_keys",
    Column("member_id", BigInteger, nullable=False),
    Column("key", String(200), nullable=False),
    Column("request_hash", LargeBinary, nullable=False),  # method, path and body
    Column("status", Integer),  # none while the first request is in flight
    Column("headers", JSONB),
    Column("body", Text),
    timestamp("created_at"),
    UniqueConstraint("account_id", "member_id", "key"),
)
