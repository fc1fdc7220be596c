"""The first tables, with row-level security, stamps and history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

from db.sql import history_sql, rls_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TENANT = (
    "memberships",
    "sessions",
    "projects",
    "api_keys",
    "clients",
    "persons",
    "products",
    "pipelines",
    "stages",
    "deals",
    "deal_lines",
    "stage_events",
    "interactions",
    "targets",
    "changesets",
    "history",
    "saved_views",
    "files",
    "jobs",
    "reports",
    "models",
    "deal_scores",
    "recommendations",
    "idempotency_keys",
)
VERSIONED = (
    "clients",
    "persons",
    "products",
    "pipelines",
    "stages",
    "deals",
    "deal_lines",
    "stage_events",
    "interactions",
    "targets",
    "reports",
)
OWNED = ("clients", "deals", "interactions")


def upgrade() -> None:
    _tables()
    for statement in rls_sql(TENANT, OWNED):
        op.execute(statement)
    for statement in history_sql(VERSIONED, ("deal_scores",)):
        op.execute(statement)
    op.execute("grant select, insert, update, delete on all tables in schema public to crm_app")
    op.execute("grant usage on all sequences in schema public to crm_app")
    # What the application may not rewrite: history, and the note of which migration ran.
    op.execute("revoke insert, update, delete on history, alembic_version from crm_app")
    op.execute("revoke update on changesets, stage_events from crm_app")
    op.execute("do $$ begin if exists (select 1 from pg_roles where rolname = 'crm_backup') then "
               "grant usage on schema public to crm_backup; grant select on all tables in schema public to crm_backup; end if; end $$")


def _tables() -> None:
    op.create_table('accounts',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('currency', sa.String(length=3), server_default='RUB', nullable=False),
    sa.Column('timezone', sa.String(length=64), server_default='Europe/Moscow', nullable=False),
    sa.Column('locale', sa.String(length=5), server_default='ru', nullable=False),
    sa.Column('rep_sees', sa.String(length=8), server_default='all', nullable=False),
    sa.Column('settings', postgresql.JSONB(astext_type=Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("rep_sees in ('all', 'own')", name=op.f('ck_accounts_rep_sees')),
    sa.CheckConstraint('length(btrim(name)) > 0', name=op.f('ck_accounts_name')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts'))
    )
    op.create_table('sign_in_attempts',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('subject', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_attempts'))
    )
    op.create_index('ix_sign_in_attempts_subject_at', 'sign_in_attempts', ['subject', 'at'], unique=False)
    op.create_table('users',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('locale', sa.String(length=5), server_default='ru', nullable=False),
    sa.Column('theme', sa.String(length=8), server_default='auto', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("theme in ('auto', 'light', 'dark')", name=op.f('ck_users_theme')),
    sa.CheckConstraint('email = lower(email)', name=op.f('ck_users_email_lower')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
    sa.UniqueConstraint('email', name=op.f('uq_users_email'))
    )
    op.create_table('changesets',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('title', sa.String(length=300), server_default='', nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=True),
    sa.Column('request_id', sa.String(length=64), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('reverts_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_changesets_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_changesets'))
    )
    op.create_table('files',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('storage_key', sa.String(length=300), nullable=False),
    sa.Column('media_type', sa.String(length=120), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.LargeBinary(), nullable=False),
    sa.Column('purpose', sa.String(length=32), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_files_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_files'))
    )
    op.create_table('history',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('table_name', sa.String(length=64), nullable=False),
    sa.Column('row_id', sa.BigInteger(), nullable=False),
    sa.Column('row_version', sa.Integer(), nullable=False),
    sa.Column('operation', sa.String(length=1), nullable=False),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('valid_to', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changeset_id', sa.BigInteger(), nullable=True),
    sa.Column('member_id', sa.BigInteger(), nullable=True),
    sa.Column('row', postgresql.JSONB(astext_type=Text()), nullable=False),
    sa.Column('txid', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_history_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_history'))
    )
    op.create_index('ix_history_changeset', 'history', ['account_id', 'changeset_id'], unique=False)
    op.create_index('ix_history_row', 'history', ['account_id', 'table_name', 'row_id', 'row_version'], unique=False)
    op.create_index('ix_history_txid', 'history', ['account_id', 'txid'], unique=False)
    op.create_table('idempotency_keys',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('request_hash', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('headers', postgresql.JSONB(astext_type=Text()), nullable=True),
    sa.Column('body', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_idempotency_keys_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_idempotency_keys')),
    sa.UniqueConstraint('account_id', 'member_id', 'key', name=op.f('uq_idempotency_keys_account_id_member_id_key'))
    )
    op.create_table('jobs',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('status', sa.String(length=16), server_default='queued', nullable=False),
    sa.Column('progress', sa.Float(), server_default=sa.text('0'), nullable=False),
    sa.Column('message', postgresql.JSONB(astext_type=Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('params', postgresql.JSONB(astext_type=Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('result', postgresql.JSONB(astext_type=Text()), nullable=True),
    sa.Column('error', postgresql.JSONB(astext_type=Text()), nullable=True),
    sa.Column('member_id', sa.BigInteger(), nullable=True),
    sa.Column('request_id', sa.String(length=64), nullable=True),
    sa.Column('cancel_requested', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("status in ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f('ck_jobs_status')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_jobs_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_jobs'))
    )
    op.create_index('ix_jobs_created', 'jobs', ['account_id', 'created_at'], unique=False)
    op.create_table('memberships',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=True),
    sa.Column('role', sa.String(length=16), server_default='rep', nullable=False),
    sa.Column('team', sa.String(length=200), nullable=True),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("role in ('administrator', 'manager', 'rep', 'reader')", name=op.f('ck_memberships_role')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_memberships_account_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_memberships_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_memberships')),
    sa.UniqueConstraint('account_id', 'user_id', name=op.f('uq_memberships_account_id_user_id'))
    )
    op.create_table('pipelines',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('position', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('is_default', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=True),
    sa.Column('updated_by', sa.BigInteger(), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('changeset_id', sa.BigInteger(), nullable=True),
    sa.Column('txid', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_pipelines_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_pipelines')),
    sa.UniqueConstraint('account_id', 'name', name=op.f('uq_pipelines_account_id_name'))
    )
    op.create_index('ix_pipelines_txid', 'pipelines', ['account_id', 'txid'], unique=False)
    op.create_table('products',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('sku', sa.String(length=64), nullable=True),
    sa.Column('kind', sa.String(length=16), server_default='good', nullable=False),
    sa.Column('group_name', sa.String(length=200), nullable=True),
    sa.Column('unit', sa.String(length=32), server_default='', nullable=False),
    sa.Column('price', sa.Numeric(precision=18, scale=2), nullable=True),
    sa.Column('cost', sa.Numeric(precision=18, scale=2), nullable=True),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('source_system', sa.String(length=64), nullable=True),
    sa.Column('external_id', sa.String(length=200), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=True),
    sa.Column('updated_by', sa.BigInteger(), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('changeset_id', sa.BigInteger(), nullable=True),
    sa.Column('txid', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint("kind in ('good', 'service')", name=op.f('ck_products_kind')),
    sa.CheckConstraint('length(btrim(name)) > 0', name=op.f('ck_products_name')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_products_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_products'))
    )
    op.create_index('ix_products_txid', 'products', ['account_id', 'txid'], unique=False)
    op.create_index('uq_products_external', 'products', ['account_id', 'source_system', 'external_id'], unique=True, postgresql_where=sa.text('external_id is not null'))
    op.create_index('uq_products_sku', 'products', ['account_id', 'sku'], unique=True, postgresql_where=sa.text('sku is not null and deleted_at is null'))
    op.create_table('projects',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_projects_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_projects')),
    sa.UniqueConstraint('account_id', 'name', name=op.f('uq_projects_account_id_name'))
    )
    op.create_table('sessions',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('csrf_token', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('address', sa.String(length=64), nullable=True),
    sa.Column('user_agent', sa.String(length=400), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_sessions_account_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_sessions_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_sessions')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_sessions_token_hash'))
    )
    op.create_table('targets',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('metric', sa.String(length=32), server_default='revenue', nullable=False),
    sa.Column('scope', sa.String(length=16), server_default='account', nullable=False),
    sa.Column('scope_id', sa.BigInteger(), nullable=True),
    sa.Column('scope_name', sa.String(length=200), nullable=True),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('value', sa.Numeric(precision=18, scale=2), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=True),
    sa.Column('updated_by', sa.BigInteger(), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('changeset_id', sa.BigInteger(), nullable=True),
    sa.Column('txid', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint("scope in ('account', 'project', 'member', 'group')", name=op.f('ck_targets_scope')),
    sa.CheckConstraint('extract(day from month) = 1', name=op.f('ck_targets_month')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_targets_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_targets'))
    )
    op.create_index('ix_targets_txid', 'targets', ['account_id', 'txid'], unique=False)
    op.create_index('uq_targets', 'targets', ['account_id', 'metric', 'scope', sa.literal_column('coalesce(scope_id, 0)'), sa.literal_column("coalesce(scope_name, '')"), 'month'], unique=True)
    op.create_table('api_keys',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('prefix', sa.String(length=24), nullable=False),
    sa.Column('secret_hash', sa.LargeBinary(), nullable=False),
    sa.Column('scopes', sa.ARRAY(sa.String(length=16)), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('calls', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.ForeignKeyConstraint(['account_id', 'member_id'], ['memberships.account_id', 'memberships.id'], name=op.f('fk_api_keys_account_id_member_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_api_keys_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_api_keys')),
    sa.UniqueConstraint('prefix', name=op.f('uq_api_keys_prefix'))
    )
    op.create_table('clients',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('project_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=16), server_default='company', nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('inn', sa.String(length=12), nullable=True),
    sa.Column('kpp', sa.String(length=9), nullable=True),
    sa.Column('ogrn', sa.String(length=15), nullable=True),
    sa.Column('email', sa.String(length=254), nullable=True),
    sa.Column('phone', sa.String(length=40), nullable=True),
    sa.Column('website', sa.String(length=300), nullable=True),
    sa.Column('address', sa.String(length=500), nullable=True),
    sa.Column('city', sa.String(length=120), nullable=True),
    sa.Column('region', sa.String(length=120), nullable=True),
    sa.Column('country', sa.String(length=120), nullable=True),
    sa.Column('industry', sa.String(length=120), nullable=True),
    sa.Column('segment', sa.String(length=120), nullable=True),
    sa.Column('source', sa.String(length=120), nullable=True),
    sa.Column('owner_id', sa.BigInteger(), nullable=True),
    sa.Column('tags', sa.ARRAY(sa.String(length=64)), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('notes', sa.Text(), server_default='', nullable=False),
    sa.Column('custom', postgresql.JSONB(astext_type=Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('source_system', sa.String(length=64), nullable=True),
    sa.Column('external_id', sa.String(length=200), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=True),
    sa.Column('updated_by', sa.BigInteger(), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('changeset_id', sa.BigInteger(), nullable=True),
    sa.Column('txid', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint("kind in ('company', 'person')", name=op.f('ck_clients_kind')),
    sa.CheckConstraint('length(btrim(name)) > 0', name=op.f('ck_clients_name')),
    sa.ForeignKeyConstraint(['account_id', 'owner_id'], ['memberships.account_id', 'memberships.id'], name=op.f('fk_clients_account_id_owner_id')),
    sa.ForeignKeyConstraint(['account_id', 'project_id'], ['projects.account_id', 'projects.id'], name=op.f('fk_clients_account_id_project_id')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_clients_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_clients'))
    )
    op.create_index('ix_clients_name', 'clients', ['account_id', sa.literal_column('lower(name)')], unique=False)
    op.create_index('ix_clients_owner', 'clients', ['account_id', 'owner_id'], unique=False)
    op.create_index('ix_clients_txid', 'clients', ['account_id', 'txid'], unique=False)
    op.create_index('uq_clients_external', 'clients', ['account_id', 'source_system', 'external_id'], unique=True, postgresql_where=sa.text('external_id is not null'))
    op.create_table('models',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('rung', sa.String(length=16), nullable=False),
    sa.Column('file_id', sa.BigInteger(), nullable=True),
    sa.Column('sha256', sa.LargeBinary(), nullable=True),
    sa.Column('manifest', postgresql.JSONB(astext_type=Text()), nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['account_id', 'file_id'], ['files.account_id', 'files.id'], name=op.f('fk_models_account_id_file_id')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_models_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_models'))
    )
    op.create_index('uq_models_active', 'models', ['account_id', 'kind'], unique=True, postgresql_where=sa.text('active'))
    op.create_table('reports',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('params', postgresql.JSONB(astext_type=Text()), nullable=False),
    sa.Column('format', sa.String(length=8), nullable=False),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.Column('job_id', sa.BigInteger(), nullable=True),
    sa.Column('file_id', sa.BigInteger(), nullable=True),
    sa.Column('data_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=True),
    sa.Column('updated_by', sa.BigInteger(), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('changeset_id', sa.BigInteger(), nullable=True),
    sa.Column('txid', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.ForeignKeyConstraint(['account_id', 'file_id'], ['files.account_id', 'files.id'], name=op.f('fk_reports_account_id_file_id')),
    sa.ForeignKeyConstraint(['account_id', 'job_id'], ['jobs.account_id', 'jobs.id'], name=op.f('fk_reports_account_id_job_id')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_reports_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_reports'))
    )
    op.create_table('saved_views',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=False),
    sa.Column('page', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('state', postgresql.JSONB(astext_type=Text()), nullable=False),
    sa.Column('shared', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['account_id', 'member_id'], ['memberships.account_id', 'memberships.id'], name=op.f('fk_saved_views_account_id_member_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_saved_views_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_saved_views')),
    sa.UniqueConstraint('account_id', 'member_id', 'page', 'name', name=op.f('uq_saved_views_account_id_member_id_page_name'))
    )
    op.create_table('stages',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('pipeline_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=8), server_default='open', nullable=False),
    sa.Column('rot_days', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=True),
    sa.Column('updated_by', sa.BigInteger(), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('changeset_id', sa.BigInteger(), nullable=True),
    sa.Column('txid', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint("kind in ('open', 'won', 'lost')", name=op.f('ck_stages_kind')),
    sa.ForeignKeyConstraint(['account_id', 'pipeline_id'], ['pipelines.account_id', 'pipelines.id'], name=op.f('fk_stages_account_id_pipeline_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_stages_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_stages')),
    sa.UniqueConstraint('account_id', 'pipeline_id', 'id', name=op.f('uq_stages_account_id_pipeline_id_id')),
    sa.UniqueConstraint('account_id', 'pipeline_id', 'name', name=op.f('uq_stages_account_id_pipeline_id_name'))
    )
    op.create_index('ix_stages_txid', 'stages', ['account_id', 'txid'], unique=False)
    op.create_table('deals',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('project_id', sa.BigInteger(), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('client_id', sa.BigInteger(), nullable=True),
    sa.Column('owner_id', sa.BigInteger(), nullable=True),
    sa.Column('pipeline_id', sa.BigInteger(), nullable=False),
    sa.Column('stage_id', sa.BigInteger(), nullable=False),
    sa.Column('status', sa.String(length=8), server_default='open', nullable=False),
    sa.Column('lost_reason', sa.String(length=200), nullable=True),
    sa.Column('amount', sa.Numeric(precision=18, scale=2), server_default=sa.text('0'), nullable=False),
    sa.Column('currency', sa.String(length=3), server_default='RUB', nullable=False),
    sa.Column('source', sa.String(length=120), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expected_close', sa.Date(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tags', sa.ARRAY(sa.String(length=64)), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('notes', sa.Text(), server_default='', nullable=False),
    sa.Column('custom', postgresql.JSONB(astext_type=Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('source_system', sa.String(length=64), nullable=True),
    sa.Column('external_id', sa.String(length=200), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=True),
    sa.Column('updated_by', sa.BigInteger(), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('changeset_id', sa.BigInteger(), nullable=True),
    sa.Column('txid', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint("(status = 'open') = (closed_at is null)", name=op.f('ck_deals_closed')),
    sa.CheckConstraint("status in ('open', 'won', 'lost')", name=op.f('ck_deals_status')),
    sa.CheckConstraint('length(btrim(title)) > 0', name=op.f('ck_deals_title')),
    sa.ForeignKeyConstraint(['account_id', 'client_id'], ['clients.account_id', 'clients.id'], name=op.f('fk_deals_account_id_client_id')),
    sa.ForeignKeyConstraint(['account_id', 'owner_id'], ['memberships.account_id', 'memberships.id'], name=op.f('fk_deals_account_id_owner_id')),
    sa.ForeignKeyConstraint(['account_id', 'pipeline_id'], ['pipelines.account_id', 'pipelines.id'], name=op.f('fk_deals_account_id_pipeline_id')),
    sa.ForeignKeyConstraint(['account_id', 'project_id'], ['projects.account_id', 'projects.id'], name=op.f('fk_deals_account_id_project_id')),
    sa.ForeignKeyConstraint(['account_id', 'stage_id'], ['stages.account_id', 'stages.id'], name=op.f('fk_deals_account_id_stage_id')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_deals_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_deals'))
    )
    op.create_index('ix_deals_client', 'deals', ['account_id', 'client_id'], unique=False)
    op.create_index('ix_deals_owner', 'deals', ['account_id', 'owner_id'], unique=False)
    op.create_index('ix_deals_stage', 'deals', ['account_id', 'stage_id'], unique=False)
    op.create_index('ix_deals_txid', 'deals', ['account_id', 'txid'], unique=False)
    op.create_index('uq_deals_external', 'deals', ['account_id', 'source_system', 'external_id'], unique=True, postgresql_where=sa.text('external_id is not null'))
    op.create_table('persons',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('client_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('position', sa.String(length=200), nullable=True),
    sa.Column('email', sa.String(length=254), nullable=True),
    sa.Column('phone', sa.String(length=40), nullable=True),
    sa.Column('is_main', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('notes', sa.Text(), server_default='', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=True),
    sa.Column('updated_by', sa.BigInteger(), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('changeset_id', sa.BigInteger(), nullable=True),
    sa.Column('txid', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint('length(btrim(name)) > 0', name=op.f('ck_persons_name')),
    sa.ForeignKeyConstraint(['account_id', 'client_id'], ['clients.account_id', 'clients.id'], name=op.f('fk_persons_account_id_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_persons_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_persons'))
    )
    op.create_index('ix_persons_client', 'persons', ['account_id', 'client_id'], unique=False)
    op.create_index('ix_persons_txid', 'persons', ['account_id', 'txid'], unique=False)
    op.create_table('deal_lines',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('deal_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('product_id', sa.BigInteger(), nullable=True),
    sa.Column('description', sa.String(length=500), server_default='', nullable=False),
    sa.Column('quantity', sa.Numeric(precision=14, scale=3), server_default=sa.text('1'), nullable=False),
    sa.Column('price', sa.Numeric(precision=18, scale=2), server_default=sa.text('0'), nullable=False),
    sa.Column('discount', sa.Numeric(precision=5, scale=2), server_default=sa.text('0'), nullable=False),
    sa.Column('amount', sa.Numeric(precision=18, scale=2), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=True),
    sa.Column('updated_by', sa.BigInteger(), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('changeset_id', sa.BigInteger(), nullable=True),
    sa.Column('txid', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint('discount between 0 and 100', name=op.f('ck_deal_lines_discount')),
    sa.ForeignKeyConstraint(['account_id', 'deal_id'], ['deals.account_id', 'deals.id'], name=op.f('fk_deal_lines_account_id_deal_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['account_id', 'product_id'], ['products.account_id', 'products.id'], name=op.f('fk_deal_lines_account_id_product_id')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_deal_lines_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_deal_lines'))
    )
    op.create_index('ix_deal_lines_deal', 'deal_lines', ['account_id', 'deal_id'], unique=False)
    op.create_index('ix_deal_lines_product', 'deal_lines', ['account_id', 'product_id'], unique=False)
    op.create_index('ix_deal_lines_txid', 'deal_lines', ['account_id', 'txid'], unique=False)
    op.create_table('deal_scores',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('deal_id', sa.BigInteger(), nullable=False),
    sa.Column('model_id', sa.BigInteger(), nullable=True),
    sa.Column('probability', sa.Float(), nullable=False),
    sa.Column('scored_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('is_latest', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('txid', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.ForeignKeyConstraint(['account_id', 'deal_id'], ['deals.account_id', 'deals.id'], name=op.f('fk_deal_scores_account_id_deal_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['account_id', 'model_id'], ['models.account_id', 'models.id'], name=op.f('fk_deal_scores_account_id_model_id')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_deal_scores_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_deal_scores'))
    )
    op.create_index('ix_deal_scores_txid', 'deal_scores', ['account_id', 'txid'], unique=False)
    op.create_index('uq_deal_scores_latest', 'deal_scores', ['account_id', 'deal_id'], unique=True, postgresql_where=sa.text('is_latest'))
    op.create_table('interactions',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('client_id', sa.BigInteger(), nullable=True),
    sa.Column('deal_id', sa.BigInteger(), nullable=True),
    sa.Column('person_id', sa.BigInteger(), nullable=True),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('subject', sa.String(length=300), server_default='', nullable=False),
    sa.Column('body', sa.Text(), server_default='', nullable=False),
    sa.Column('happened_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('owner_id', sa.BigInteger(), nullable=True),
    sa.Column('source_system', sa.String(length=64), nullable=True),
    sa.Column('external_id', sa.String(length=200), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=True),
    sa.Column('updated_by', sa.BigInteger(), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('changeset_id', sa.BigInteger(), nullable=True),
    sa.Column('txid', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint("kind in ('call', 'email', 'meeting', 'note', 'task')", name=op.f('ck_interactions_kind')),
    sa.CheckConstraint('client_id is not null or deal_id is not null', name=op.f('ck_interactions_subject_of')),
    sa.ForeignKeyConstraint(['account_id', 'client_id'], ['clients.account_id', 'clients.id'], name=op.f('fk_interactions_account_id_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['account_id', 'deal_id'], ['deals.account_id', 'deals.id'], name=op.f('fk_interactions_account_id_deal_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['account_id', 'owner_id'], ['memberships.account_id', 'memberships.id'], name=op.f('fk_interactions_account_id_owner_id')),
    sa.ForeignKeyConstraint(['account_id', 'person_id'], ['persons.account_id', 'persons.id'], name=op.f('fk_interactions_account_id_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_interactions_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_interactions'))
    )
    op.create_index('ix_interactions_client', 'interactions', ['account_id', 'client_id', 'happened_at'], unique=False)
    op.create_index('ix_interactions_deal', 'interactions', ['account_id', 'deal_id', 'happened_at'], unique=False)
    op.create_index('ix_interactions_txid', 'interactions', ['account_id', 'txid'], unique=False)
    op.create_index('uq_interactions_external', 'interactions', ['account_id', 'source_system', 'external_id'], unique=True, postgresql_where=sa.text('external_id is not null'))
    op.create_table('recommendations',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('deal_id', sa.BigInteger(), nullable=True),
    sa.Column('client_id', sa.BigInteger(), nullable=True),
    sa.Column('action', sa.String(length=64), nullable=False),
    sa.Column('params', postgresql.JSONB(astext_type=Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('gain', sa.Float(), nullable=True),
    sa.Column('model_id', sa.BigInteger(), nullable=True),
    sa.Column('status', sa.String(length=16), server_default='open', nullable=False),
    sa.Column('held_back', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("status in ('open', 'accepted', 'dismissed', 'snoozed', 'expired')", name=op.f('ck_recommendations_status')),
    sa.ForeignKeyConstraint(['account_id', 'client_id'], ['clients.account_id', 'clients.id'], name=op.f('fk_recommendations_account_id_client_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['account_id', 'deal_id'], ['deals.account_id', 'deals.id'], name=op.f('fk_recommendations_account_id_deal_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['account_id', 'model_id'], ['models.account_id', 'models.id'], name=op.f('fk_recommendations_account_id_model_id')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_recommendations_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_recommendations'))
    )
    op.create_table('stage_events',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('deal_id', sa.BigInteger(), nullable=False),
    sa.Column('from_stage_id', sa.BigInteger(), nullable=True),
    sa.Column('to_stage_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=True),
    sa.Column('updated_by', sa.BigInteger(), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('changeset_id', sa.BigInteger(), nullable=True),
    sa.Column('txid', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.ForeignKeyConstraint(['account_id', 'deal_id'], ['deals.account_id', 'deals.id'], name=op.f('fk_stage_events_account_id_deal_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['account_id', 'to_stage_id'], ['stages.account_id', 'stages.id'], name=op.f('fk_stage_events_account_id_to_stage_id')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_stage_events_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'id', name=op.f('pk_stage_events'))
    )
    op.create_index('ix_stage_events_deal', 'stage_events', ['account_id', 'deal_id', 'at'], unique=False)
    op.create_index('ix_stage_events_txid', 'stage_events', ['account_id', 'txid'], unique=False)
