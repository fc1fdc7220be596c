"""Reports have names of their own, which can be changed, compared and given back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: What a report of a kind was called on its page when names were not kept.
_NAMES = {
    "sales_summary": ("Сводка продаж", "Sales summary"),
    "clients_deals": ("Клиенты и сделки", "Clients and deals"),
    "dashboard": ("Обзор продаж", "Sales overview"),
}


def upgrade() -> None:
    op.add_column("reports", sa.Column("name", sa.String(length=200), nullable=False, server_default=""))
    # Nobody edited them: the names come without versions and without a change of their own, in every account.
    op.execute("alter table reports no force row level security")
    op.execute("alter table reports disable trigger user")
    reports = sa.table("reports", sa.column("kind"), sa.column("language"), sa.column("name"))
    named = sa.case(
        *((sa.and_(reports.c.kind == kind, reports.c.language == "en"), english) for kind, (_, english) in _NAMES.items()),
        *((reports.c.kind == kind, russian) for kind, (russian, _) in _NAMES.items()),
        else_=reports.c.kind,
    )
    op.execute(reports.update().values(name=named))
    op.execute("alter table reports enable trigger user")
    op.execute("alter table reports force row level security")
    op.alter_column("reports", "name", server_default=None)


def downgrade() -> None:
    op.drop_column("reports", "name")
