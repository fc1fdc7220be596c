"""The rep's day: contact points, own fields, prices, lost reasons, drafts, notices, preferences."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

from db.sql import keep_sql, stage_since_sql, tenant_sql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TENANT = ("contact_points", "custom_fields", "product_prices", "lost_reasons", "preferences", "drafts", "notices")
VERSIONED = ("contact_points", "custom_fields", "product_prices", "lost_reasons")

#: Every account's stages' dates come from the moves that are known; no trigger may see it as a change.
_BACKFILL = (
    "alter table deals no force row level security",
    "alter table stage_events no force row level security",
    "alter table deals disable trigger user",
    "update deals d set stage_since = coalesce((select max(e.at) from stage_events e where e.account_id = d.account_id"
    " and e.deal_id = d.id and e.to_stage_id = d.stage_id and e.deleted_at is null), d.closed_at, d.opened_at)",
    "alter table deals enable trigger user",
    "alter table stage_events force row level security",
    "alter table deals force row level security",
)


def upgrade() -> None:
    _tables()
    for statement in (*tenant_sql(TENANT), *keep_sql(VERSIONED)):
        op.execute(statement)
    names = ", ".join(TENANT)
    op.execute(f"grant select, insert, update, delete on {names} to crm_app")
    op.execute("grant usage on all sequences in schema public to crm_app")
    grant = f"grant select on {names} to crm_backup"
    op.execute(f"do $$ begin if exists (select 1 from pg_roles where rolname = 'crm_backup') then {grant}; end if; end $$")  # noqa: S608
    for statement in (*_BACKFILL, *stage_since_sql()):
        op.execute(statement)


def _tables() -> None:
    op.create_table('custom_fields',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('entity', sa.String(length=16), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('choices', sa.ARRAY(sa.String(length=200)), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('required', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('position', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=True),
    sa.Column('updated_by', sa.BigInteger(), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('changeset_id', sa.BigInteger(), nullable=True),
    sa.Column('txid', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint("entity in ('clients', 'deals')", name=op.f('ck_custom_fields_entity')),
    sa.CheckConstraint("kind in ('text', 'number', 'date', 'boolean', 'choice')", name=op.f('ck_custom_fields_kind')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_custom_fields_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_custom_fields')),
    sa.UniqueConstraint('account_id', 'entity', 'key', name=op.f('uq_custom_fields_account_id_entity_key'))
    )
    op.create_table('lost_reasons',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('position', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=True),
    sa.Column('updated_by', sa.BigInteger(), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('changeset_id', sa.BigInteger(), nullable=True),
    sa.Column('txid', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_lost_reasons_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_lost_reasons'))
    )
    op.create_index('uq_lost_reasons_name', 'lost_reasons', ['account_id', 'name'], unique=True, postgresql_where=sa.text('deleted_at is null'))
    op.create_table('drafts',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=False),
    sa.Column('form', sa.String(length=64), nullable=False),
    sa.Column('row_id', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('base_version', sa.Integer(), nullable=True),
    sa.Column('values', postgresql.JSONB(astext_type=Text()), nullable=False),
    sa.Column('device', sa.String(length=64), server_default='', nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['account_id', 'member_id'], ['memberships.account_id', 'memberships.id'], name=op.f('fk_drafts_account_id_member_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_drafts_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_drafts')),
    sa.UniqueConstraint('account_id', 'member_id', 'form', 'row_id', name=op.f('uq_drafts_account_id_member_id_form_row_id'))
    )
    op.create_table('notices',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('params', postgresql.JSONB(astext_type=Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('link', sa.String(length=300), server_default='', nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id', 'member_id'], ['memberships.account_id', 'memberships.id'], name=op.f('fk_notices_account_id_member_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_notices_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_notices')),
    sa.UniqueConstraint('account_id', 'member_id', 'subject', name=op.f('uq_notices_account_id_member_id_subject'))
    )
    op.create_index('ix_notices_member', 'notices', ['account_id', 'member_id', 'created_at'], unique=False)
    op.create_table('preferences',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('value', postgresql.JSONB(astext_type=Text()), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['account_id', 'member_id'], ['memberships.account_id', 'memberships.id'], name=op.f('fk_preferences_account_id_member_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_preferences_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_preferences')),
    sa.UniqueConstraint('account_id', 'member_id', 'name', name=op.f('uq_preferences_account_id_member_id_name'))
    )
    op.create_table('product_prices',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('product_id', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('price', sa.Numeric(precision=18, scale=2), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=True),
    sa.Column('updated_by', sa.BigInteger(), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('changeset_id', sa.BigInteger(), nullable=True),
    sa.Column('txid', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint('price >= 0', name=op.f('ck_product_prices_price')),
    sa.ForeignKeyConstraint(['account_id', 'product_id'], ['products.account_id', 'products.id'], name=op.f('fk_product_prices_account_id_product_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_product_prices_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_product_prices'))
    )
    op.create_index('uq_product_prices', 'product_prices', ['account_id', 'product_id', 'currency', 'valid_from'], unique=True, postgresql_where=sa.text('deleted_at is null'))
    op.create_table('contact_points',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('client_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=True),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('label', sa.String(length=100), server_default='', nullable=False),
    sa.Column('value', sa.String(length=500), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=True),
    sa.Column('updated_by', sa.BigInteger(), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('changeset_id', sa.BigInteger(), nullable=True),
    sa.Column('txid', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint("kind in ('phone', 'email', 'address', 'messenger', 'website')", name=op.f('ck_contact_points_kind')),
    sa.CheckConstraint('length(btrim(value)) > 0', name=op.f('ck_contact_points_value')),
    sa.ForeignKeyConstraint(['account_id', 'client_id'], ['clients.account_id', 'clients.id'], name=op.f('fk_contact_points_account_id_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['account_id', 'person_id'], ['persons.account_id', 'persons.id'], name=op.f('fk_contact_points_account_id_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_contact_points_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_contact_points'))
    )
    op.create_index('ix_contact_points_client', 'contact_points', ['account_id', 'client_id'], unique=False)
    op.create_index('ix_contact_points_txid', 'contact_points', ['account_id', 'txid'], unique=False)
    op.add_column('deals', sa.Column('lost_comment', sa.String(length=2000), nullable=True))
    op.add_column('deals', sa.Column('stage_since', sa.DateTime(timezone=True), nullable=True))
    op.add_column('interactions', sa.Column('remind_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('interactions', sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('interactions', sa.Column('outcome', sa.String(length=2000), nullable=True))
    op.create_index('ix_interactions_open', 'interactions', ['account_id', 'owner_id', 'due_at'], unique=False, postgresql_where=sa.text("kind = 'task' and done_at is null and deleted_at is null"))
    op.add_column('changesets', sa.Column('txid', sa.BigInteger(), nullable=True))  # none for the changes made before
    op.alter_column('changesets', 'txid', server_default=sa.text('pg_current_xact_id()::text::bigint'))
    op.create_index('ix_history_moment', 'history', ['account_id', 'table_name', 'valid_to'], unique=False)
    op.add_column('persons', sa.Column('role', sa.String(length=32), nullable=True))
    op.drop_constraint(op.f('uq_pipelines_account_id_name'), 'pipelines', type_='unique')
    op.create_index('uq_pipelines_name', 'pipelines', ['account_id', 'name'], unique=True, postgresql_where=sa.text('deleted_at is null'))
    op.add_column('products', sa.Column('description', sa.Text(), server_default='', nullable=False))
    op.add_column('saved_views', sa.Column('is_default', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.drop_constraint(op.f('uq_stages_account_id_pipeline_id_name'), 'stages', type_='unique')
    op.create_index('uq_stages_name', 'stages', ['account_id', 'pipeline_id', 'name'], unique=True, postgresql_where=sa.text('deleted_at is null'))
