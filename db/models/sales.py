"""What is sold, to whom, how far: clients, persons, products, pipelines, deals, interactions."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.models.base import ref, tenant_table, timestamp


def _external() -> tuple[Column, Column]:
    """Where a record came from: the other system's name and its key there."""
    return Column("source_system", String(64)), Column("external_id", String(200))


def _extras() -> tuple[Column, Column, Column]:
    return (
        Column("tags", ARRAY(String(64)), nullable=False, server_default=text("'{}'")),
        Column("notes", Text, nullable=False, server_default=""),
        Column("custom", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    )


def _external_unique(table: str) -> Index:
    return Index(
        f"uq_{table}_external", "account_id", "source_system", "external_id",
        unique=True, postgresql_where=text("external_id is not null"),
    )


def _by_txid(table: str) -> Index:
    """Lets the columnar copy find what changed since its watermark."""
    return Index(f"ix_{table}_txid", "account_id", "txid")


clients = tenant_table(
    "clients",
    Column("project_id", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False, server_default="company"),
    Column("name", String(300), nullable=False),
    Column("inn", String(12)),
    Column("kpp", String(9)),
    Column("ogrn", String(15)),
    Column("email", String(254)),
    Column("phone", String(40)),
    Column("website", String(300)),
    Column("address", String(500)),
    Column("city", String(120)),
    Column("region", String(120)),
    Column("country", String(120)),
    Column("industry", String(120)),
    Column("segment", String(120)),
    Column("source", String(120)),
    Column("owner_id", BigInteger),
    *_extras(),
    *_external(),
    ref("project_id", "projects"),
    ref("owner_id", "memberships"),
    CheckConstraint("length(btrim(name)) > 0", name="name"),
    CheckConstraint("kind in ('company', 'person')", name="kind"),
    Index("ix_clients_owner", "account_id", "owner_id"),
    Index("ix_clients_name", "account_id", text("lower(name)")),
    _external_unique("clients"),
    _by_txid("clients"),
    versioned=True,
)

persons = tenant_table(
    "persons",
    Column("client_id", BigInteger, nullable=False),
    Column("name", String(200), nullable=False),
    Column("position", String(200)),
    Column("email", String(254)),
    Column("phone", String(40)),
    Column("role", String(32)),  # in the purchase: decides, influences, uses, pays, …
    Column("is_main", Boolean, nullable=False, server_default=text("false")),
    Column("notes", Text, nullable=False, server_default=""),
    ref("client_id", "clients", ondelete="CASCADE"),
    CheckConstraint("length(btrim(name)) > 0", name="name"),
    Index("ix_persons_client", "account_id", "client_id"),
    _by_txid("persons"),
    versioned=True,
)

# Further phones, e-mails, addresses, messengers of a client or of one of its persons; the main ones stand in their rows.
contact_points = tenant_table(
    "contact_points",
    Column("client_id", BigInteger, nullable=False),
    Column("person_id", BigInteger),
    Column("kind", String(16), nullable=False),
    Column("label", String(100), nullable=False, server_default=""),
    Column("value", String(500), nullable=False),
    ref("client_id", "clients", ondelete="CASCADE"),
    ref("person_id", "persons", ondelete="CASCADE"),
    CheckConstraint("kind in ('phone', 'email', 'address', 'messenger', 'website')", name="kind"),
    CheckConstraint("length(btrim(value)) > 0", name="value"),
    Index("ix_contact_points_client", "account_id", "client_id"),
    _by_txid("contact_points"),
    versioned=True,
)

# The account's own fields of clients and deals; values stand in their ``custom`` under ``key``.
custom_fields = tenant_table(
    "custom_fields",
    Column("entity", String(16), nullable=False),
    Column("key", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("choices", ARRAY(String(200)), nullable=False, server_default=text("'{}'")),
    Column("required", Boolean, nullable=False, server_default=text("false")),
    Column("position", Integer, nullable=False, server_default=text("0")),
    Column("archived_at", DateTime(timezone=True)),
    CheckConstraint("entity in ('clients', 'deals')", name="entity"),
    CheckConstraint("kind in ('text', 'number', 'date', 'boolean', 'choice')", name="kind"),
    UniqueConstraint("account_id", "entity", "key"),
    versioned=True,
)

products = tenant_table(
    "products",
    Column("name", String(300), nullable=False),
    Column("sku", String(64)),
    Column("kind", String(16), nullable=False, server_default="good"),
    Column("group_name", String(200)),
    Column("unit", String(32), nullable=False, server_default=""),
    Column("price", Numeric(18, 2)),
    Column("cost", Numeric(18, 2)),
    Column("description", Text, nullable=False, server_default=""),
    Column("archived_at", DateTime(timezone=True)),
    *_external(),
    CheckConstraint("length(btrim(name)) > 0", name="name"),
    CheckConstraint("kind in ('good', 'service')", name="kind"),
    Index("uq_products_sku", "account_id", "sku", unique=True, postgresql_where=text("sku is not null and deleted_at is null")),
    _external_unique("products"),
    _by_txid("products"),
    versioned=True,
)

# Prices besides the product's own: in a currency, from a day on.
product_prices = tenant_table(
    "product_prices",
    Column("product_id", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("price", Numeric(18, 2), nullable=False),
    ref("product_id", "products", ondelete="CASCADE"),
    CheckConstraint("price >= 0", name="price"),
    Index(
        "uq_product_prices", "account_id", "product_id", "currency", "valid_from",
        unique=True, postgresql_where=text("deleted_at is null"),
    ),
    versioned=True,
)

pipelines = tenant_table(
    "pipelines",
    Column("name", String(200), nullable=False),
    Column("position", Integer, nullable=False, server_default=text("0")),
    Column("is_default", Boolean, nullable=False, server_default=text("false")),
    Index("uq_pipelines_name", "account_id", "name", unique=True, postgresql_where=text("deleted_at is null")),
    _by_txid("pipelines"),
    versioned=True,
)

stages = tenant_table(
    "stages",
    Column("pipeline_id", BigInteger, nullable=False),
    Column("name", String(200), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", String(8), nullable=False, server_default="open"),
    Column("rot_days", Integer),
    ref("pipeline_id", "pipelines", ondelete="CASCADE"),
    CheckConstraint("kind in ('open', 'won', 'lost')", name="kind"),
    Index(
        "uq_stages_name", "account_id", "pipeline_id", "name",
        unique=True, postgresql_where=text("deleted_at is null"),
    ),
    UniqueConstraint("account_id", "pipeline_id", "id"),
    _by_txid("stages"),
    versioned=True,
)

# Why deals are lost, as the account says it: the list to choose from; a deal keeps the words.
lost_reasons = tenant_table(
    "lost_reasons",
    Column("name", String(200), nullable=False),
    Column("position", Integer, nullable=False, server_default=text("0")),
    Index("uq_lost_reasons_name", "account_id", "name", unique=True, postgresql_where=text("deleted_at is null")),
    versioned=True,
)

deals = tenant_table(
    "deals",
    Column("project_id", BigInteger, nullable=False),
    Column("title", String(300), nullable=False),
    Column("client_id", BigInteger),  # real data has deals whose client is not known yet
    Column("owner_id", BigInteger),
    Column("pipeline_id", BigInteger, nullable=False),
    Column("stage_id", BigInteger, nullable=False),
    Column("status", String(8), nullable=False, server_default="open"),
    Column("lost_reason", String(200)),
    Column("lost_comment", String(2000)),
    # since when it stands on its stage; kept by the database (db/sql/stage_since.sql)
    timestamp("stage_since", required=False),
    Column("amount", Numeric(18, 2), nullable=False, server_default=text("0")),
    Column("currency", String(3), nullable=False, server_default="RUB"),
    Column("source", String(120)),
    # opened_at: when the business began (may lie before created_at, the row's own birth)
    timestamp("opened_at"),
    Column("expected_close", Date),
    timestamp("closed_at", required=False),
    *_extras(),
    *_external(),
    ref("project_id", "projects"),
    ref("client_id", "clients"),
    ref("owner_id", "memberships"),
    ref("pipeline_id", "pipelines"),
    ref("stage_id", "stages"),
    CheckConstraint("length(btrim(title)) > 0", name="title"),
    CheckConstraint("status in ('open', 'won', 'lost')", name="status"),
    CheckConstraint("(status = 'open') = (closed_at is null)", name="closed"),
    Index("ix_deals_client", "account_id", "client_id"),
    Index("ix_deals_owner", "account_id", "owner_id"),
    Index("ix_deals_stage", "account_id", "stage_id"),
    # whether all are in the account's currency must be known without reading them
    Index("ix_deals_currency", "account_id", "currency"),
    _external_unique("deals"),
    _by_txid("deals"),
    versioned=True,
)

deal_lines = tenant_table(
    "deal_lines",
    Column("deal_id", BigInteger, nullable=False),
    Column("position", Integer, nullable=False, server_default=text("0")),
    Column("product_id", BigInteger),
    Column("description", String(500), nullable=False, server_default=""),
    Column("quantity", Numeric(14, 3), nullable=False, server_default=text("1")),  # negative: a return
    Column("price", Numeric(18, 2), nullable=False, server_default=text("0")),
    Column("discount", Numeric(5, 2), nullable=False, server_default=text("0")),  # per cent
    Column("amount", Numeric(18, 2), nullable=False),  # round(quantity * price * (1 - discount / 100), 2)
    ref("deal_id", "deals", ondelete="CASCADE"),
    ref("product_id", "products"),
    CheckConstraint("discount between 0 and 100", name="discount"),
    Index("ix_deal_lines_deal", "account_id", "deal_id"),
    Index("ix_deal_lines_product", "account_id", "product_id"),
    _by_txid("deal_lines"),
    versioned=True,
)

# One row per move of a deal; the first has no from_stage_id. Never edited.
stage_events = tenant_table(
    "stage_events",
    Column("deal_id", BigInteger, nullable=False),
    Column("from_stage_id", BigInteger),
    Column("to_stage_id", BigInteger, nullable=False),
    timestamp("at"),
    Column("member_id", BigInteger),
    ref("deal_id", "deals", ondelete="CASCADE"),
    ref("to_stage_id", "stages"),
    Index("ix_stage_events_deal", "account_id", "deal_id", "at"),
    _by_txid("stage_events"),
    versioned=True,
)

interactions = tenant_table(
    "interactions",
    Column("client_id", BigInteger),
    Column("deal_id", BigInteger),
    Column("person_id", BigInteger),
    Column("kind", String(16), nullable=False),
    Column("subject", String(300), nullable=False, server_default=""),
    Column("body", Text, nullable=False, server_default=""),
    timestamp("happened_at"),
    timestamp("due_at", required=False),  # tasks
    timestamp("done_at", required=False),
    timestamp("remind_at", required=False),
    timestamp("reminded_at", required=False),
    Column("outcome", String(2000)),
    Column("owner_id", BigInteger),
    *_external(),
    ref("client_id", "clients", ondelete="CASCADE"),
    ref("deal_id", "deals", ondelete="CASCADE"),
    ref("person_id", "persons", ondelete="CASCADE"),
    ref("owner_id", "memberships"),
    CheckConstraint("kind in ('call', 'email', 'meeting', 'note', 'task')", name="kind"),
    CheckConstraint("client_id is not null or deal_id is not null", name="subject_of"),
    Index("ix_interactions_client", "account_id", "client_id", "happened_at"),
    Index("ix_interactions_deal", "account_id", "deal_id", "happened_at"),
    Index(
        "ix_interactions_open", "account_id", "owner_id", "due_at",
        postgresql_where=text("kind = 'task' and done_at is null and deleted_at is null"),
    ),
    # The calendar shows what was done beside what is open.
    Index(
        "ix_interactions_due", "account_id", "due_at", "owner_id",
        postgresql_where=text("kind = 'task' and deleted_at is null"),
    ),
    Index(
        "ix_interactions_remind", "account_id", "remind_at",
        postgresql_where=text("remind_at is not null and done_at is null and deleted_at is null"),
    ),
    _external_unique("interactions"),
    _by_txid("interactions"),
    versioned=True,
)

# The plan: a sum (or count) for one month and one subject.
targets = tenant_table(
    "targets",
    Column("metric", String(32), nullable=False, server_default="revenue"),
    Column("scope", String(16), nullable=False, server_default="account"),
    Column("scope_id", BigInteger),  # project, member; none for the whole account
    Column("scope_name", String(200)),  # product group
    Column("month", Date, nullable=False),  # its first day
    Column("value", Numeric(18, 2), nullable=False),
    CheckConstraint("scope in ('account', 'project', 'member', 'group')", name="scope"),
    CheckConstraint("extract(day from month) = 1", name="month"),
    Index(
        "uq_targets", "account_id", "metric", "scope", text("coalesce(scope_id, 0)"), text("coalesce(scope_name, '')"),
        "month", unique=True,
    ),
    _by_txid("targets"),
    versioned=True,
)

# What one unit of a currency was worth on a day, in ``base``: the account's currency when the rate was entered.
# Rates of another base wait, unused, for the account to come back to it.
currency_rates = tenant_table(
    "currency_rates",
    Column("base", String(3), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("day", Date, nullable=False),
    Column("rate", Numeric(24, 10), nullable=False),
    CheckConstraint("rate > 0 and rate < 1000000000", name="rate"),
    CheckConstraint("currency <> base", name="currency"),
    Index(
        "uq_currency_rates", "account_id", "base", "currency", "day", unique=True, postgresql_where=text("deleted_at is null")
    ),
    _by_txid("currency_rates"),
    versioned=True,
)
