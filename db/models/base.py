"""What every table shares: metadata, keys, version stamps.

A *tenant* table has ``account_id`` first in its primary key, composite foreign
keys and FORCE ROW LEVEL SECURITY.  A *versioned* table also carries the stamps
that the database's own triggers keep (``db/sql/history.sql``): nobody writes
``version``, ``txid``, ``changeset_id``, ``updated_*`` by hand.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    text,
)
from sqlalchemy.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: Names of tables with row-level security by account, in the order of their definition.
TENANT_TABLES: list[str] = []
#: Names of tables whose changes are kept in ``history`` and stamped with ``txid``.
VERSIONED_TABLES: list[str] = []


def timestamp(name: str, *, required: bool = True, default_now: bool = True) -> Column:
    """A moment in time (timestamptz, UTC on the wire)."""
    server_default = text("now()") if required and default_now else None
    return Column(name, DateTime(timezone=True), nullable=not required, server_default=server_default)


def ref(column: str, target: str, *, ondelete: str | None = None) -> ForeignKeyConstraint:
    """A composite foreign key that cannot leave the account.

    ``ondelete`` takes PostgreSQL's action; ``SET NULL`` must name the column, as the
    account's column may never become null.
    """
    return ForeignKeyConstraint(["account_id", column], [f"{target}.account_id", f"{target}.id"], ondelete=ondelete)


def tenant_table(name: str, *items: SchemaItem, versioned: bool = False) -> Table:
    """Define a table of one account's rows; ``versioned`` adds the stamps history needs."""
    stamps: Sequence[SchemaItem] = ()
    if versioned:
        stamps = (
            timestamp("created_at"),
            timestamp("updated_at"),
            Column("created_by", BigInteger),
            Column("updated_by", BigInteger),
            timestamp("deleted_at", required=False),
            Column("version", Integer, nullable=False, server_default=text("1")),
            Column("changeset_id", BigInteger),
            Column("txid", BigInteger, nullable=False, server_default=text("0")),
        )
        VERSIONED_TABLES.append(name)
    TENANT_TABLES.append(name)
    return Table(
        name,
        metadata,
        Column("account_id", BigInteger, nullable=False),
        Column("id", BigInteger, Identity(always=False), nullable=False),
        *(item for item in items if isinstance(item, Column)),
        *stamps,
        *(item for item in items if not isinstance(item, Column)),
        PrimaryKeyConstraint("account_id", "id"),
        ForeignKeyConstraint(["account_id"], ["accounts.id"], ondelete="CASCADE"),
    )
