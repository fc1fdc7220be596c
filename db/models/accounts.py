"""Who: accounts, users, memberships, sessions, projects, API keys."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.models.base import metadata, ref, tenant_table, timestamp

accounts = Table(
    "accounts",
    metadata,
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("currency", String(3), nullable=False, server_default="RUB"),
    Column("timezone", String(64), nullable=False, server_default="Europe/Moscow"),
    Column("locale", String(5), nullable=False, server_default="ru"),
    # Whether a sales representative sees the whole account or their own records only.
    Column("rep_sees", String(8), nullable=False, server_default="all"),
    Column("settings", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    timestamp("created_at"),
    CheckConstraint("rep_sees in ('all', 'own')", name="rep_sees"),
    CheckConstraint("length(btrim(name)) > 0", name="name"),
)

# A sign-in identity. It belongs to nobody's account: a membership ties it to one.
users = Table(
    "users",
    metadata,
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    Column("email", String(254), nullable=False, unique=True),  # stored lower-case
    Column("name", String(200), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("locale", String(5), nullable=False, server_default="ru"),
    Column("theme", String(8), nullable=False, server_default="auto"),
    timestamp("created_at"),
    timestamp("disabled_at", required=False),
    CheckConstraint("email = lower(email)", name="email_lower"),
    CheckConstraint("theme in ('auto', 'light', 'dark')", name="theme"),
)

# A person of the account. Without user_id: known by name (imported reps), cannot sign in yet.
memberships = tenant_table(
    "memberships",
    Column("user_id", BigInteger, ForeignKey("users.id", ondelete="CASCADE")),
    Column("name", String(200), nullable=False),
    Column("email", String(254)),
    Column("role", String(16), nullable=False, server_default="rep"),
    Column("team", String(200)),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    timestamp("created_at"),
    UniqueConstraint("account_id", "user_id"),
    CheckConstraint("role in ('administrator', 'manager', 'rep', 'reader')", name="role"),
)

sessions = tenant_table(
    "sessions",
    Column("token_hash", LargeBinary, nullable=False, unique=True),  # SHA-256 of the cookie's value
    Column("user_id", BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("csrf_token", String(64), nullable=False),
    timestamp("created_at"),
    timestamp("last_seen_at"),
    timestamp("expires_at", default_now=False),
    timestamp("revoked_at", required=False),
    Column("address", String(64)),
    Column("user_agent", String(400)),
)

# Failed sign-ins by address and e-mail: throttling survives a restart and several processes.
sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    Column("subject", LargeBinary, nullable=False),  # keyed hash of an e-mail or an address
    timestamp("at"),
    Index("ix_sign_in_attempts_subject_at", "subject", "at"),
)

projects = tenant_table(
    "projects",
    Column("name", String(200), nullable=False),
    timestamp("created_at"),
    timestamp("archived_at", required=False),
    UniqueConstraint("account_id", "name"),
)

api_keys = tenant_table(
    "api_keys",
    Column("member_id", BigInteger, nullable=False),
    Column("name", String(200), nullable=False),
    Column("prefix", String(24), nullable=False, unique=True),
    Column("secret_hash", LargeBinary, nullable=False),  # SHA-256 of the whole key
    Column("scopes", ARRAY(String(16)), nullable=False),
    timestamp("created_at"),
    timestamp("expires_at", required=False),
    timestamp("revoked_at", required=False),
    timestamp("last_used_at", required=False),
    Column("calls", BigInteger, nullable=False, server_default=text("0")),
    ref("member_id", "memberships", ondelete="CASCADE"),
)
