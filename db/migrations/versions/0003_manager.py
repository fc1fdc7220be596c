"""The manager's view and the AI: rates of currencies, scores of clients, what a score is made of, what advice came to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from db.sql import keep_sql, stamps_sql, tenant_sql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TENANT = ("currency_rates", "client_scores")
VERSIONED = ("currency_rates",)


def upgrade() -> None:
    _rates()
    _client_scores()
    _columns()
    _task_indexes()
    op.execute(stamps_sql())  # replaced states follow each other without a gap, and a story may bring its own dates
    for statement in (*tenant_sql(TENANT), *keep_sql(VERSIONED)):
        op.execute(statement)
    names = ", ".join(TENANT)
    op.execute(f"grant select, insert, update, delete on {names} to crm_app")
    op.execute("grant usage on all sequences in schema public to crm_app")
    grant = f"grant select on {names} to crm_backup"
    op.execute(f"do $$ begin if exists (select 1 from pg_roles where rolname = 'crm_backup') then {grant}; end if; end $$")  # noqa: S608


def _rates() -> None:
    op.create_table(
        "currency_rates",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("base", sa.String(length=3), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=24, scale=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("changeset_id", sa.BigInteger(), nullable=True),
        sa.Column("txid", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("rate > 0 and rate < 1000000000", name=op.f("ck_currency_rates_rate")),
        sa.CheckConstraint("currency <> base", name=op.f("ck_currency_rates_currency")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_currency_rates_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_currency_rates")),
    )
    op.create_index("ix_currency_rates_txid", "currency_rates", ["account_id", "txid"])
    op.create_index(
        "uq_currency_rates", "currency_rates", ["account_id", "base", "currency", "day"],
        unique=True, postgresql_where=sa.text("deleted_at is null"),
    )
    op.create_index("ix_deals_currency", "deals", ["account_id", "currency"])


def _client_scores() -> None:
    op.create_table(
        "client_scores",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("model_id", sa.BigInteger(), nullable=True),
        sa.Column("buys", sa.Float(), nullable=False),
        sa.Column("leaves", sa.Float(), nullable=False),
        sa.Column("value_year", sa.Float(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("details", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("is_latest", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("txid", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_client_scores_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["account_id", "client_id"], ["clients.account_id", "clients.id"],
            name=op.f("fk_client_scores_account_id_client_id"), ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "model_id"], ["models.account_id", "models.id"], name=op.f("fk_client_scores_account_id_model_id"),
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_client_scores")),
    )
    op.create_index("ix_client_scores_txid", "client_scores", ["account_id", "txid"])
    op.create_index(
        "uq_client_scores_latest", "client_scores", ["account_id", "client_id"], unique=True, postgresql_where=sa.text("is_latest")
    )


def _columns() -> None:
    op.add_column("deal_scores", sa.Column("base", sa.Float(), nullable=True))
    op.add_column("deal_scores", sa.Column("parts", postgresql.JSONB(), nullable=True))
    op.add_column("deal_scores", sa.Column("expected_on", sa.Date(), nullable=True))
    op.create_index("ix_deal_scores_deal", "deal_scores", ["account_id", "deal_id", "scored_at"])
    op.add_column("models", sa.Column("pinned", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("recommendations", sa.Column("evidence", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False))
    op.add_column("recommendations", sa.Column("before", sa.Float(), nullable=True))
    op.add_column("recommendations", sa.Column("reason", sa.String(length=500), nullable=True))
    op.add_column("recommendations", sa.Column("snoozed_until", sa.Date(), nullable=True))
    op.add_column("recommendations", sa.Column("outcome", postgresql.JSONB(), nullable=True))


def _task_indexes() -> None:
    """A calendar's span with what is done in it, and the next reminder."""
    op.create_index(
        "ix_interactions_due", "interactions", ["account_id", "due_at", "owner_id"],
        postgresql_where=sa.text("kind = 'task' and deleted_at is null"),
    )
    op.create_index(
        "ix_interactions_remind", "interactions", ["account_id", "remind_at"],
        postgresql_where=sa.text("remind_at is not null and done_at is null and deleted_at is null"),
    )
