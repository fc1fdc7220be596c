"""The reading schema: what questions and lists are asked of, on both engines.

The columnar copy has these as tables, PostgreSQL has views of the same names and columns
(``db/sql/reading.sql``).  Money is whole kopecks, days are dates in the account's time
zone, ``deleted`` marks rows in the recycle bin (every question leaves them out),
``search`` is lower-case text with ё as е, ``sort_*`` gives the Russian order by code points,
``tags`` is ``\\x1f``-separated with one at each end.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
)
from sqlalchemy.types import TypeEngine

SCHEMA = "reading"
metadata = MetaData(schema=SCHEMA)

_ID, _TEXT, _DAY, _MOMENT = BigInteger(), String(), Date(), DateTime(timezone=True)


#: Texts of a fixed set of words, in alphabetical order: whole numbers to the columnar copy.
WORDS: dict[str, tuple[str, ...]] = {
    "deals.status": ("lost", "open", "won"),
    "stages.kind": ("lost", "open", "won"),
    "interactions.kind": ("call", "email", "meeting", "note", "task"),
}


#: Texts with few different words: what the copy packs when it has the time. Packed columns of
#: other kinds would take even less room, but more time to search.
REPEATED = frozenset({
    "lost_reason", "currency", "source", "tags", "source_system", "external_id", "kind", "inn", "city", "region", "country",
    "industry", "segment", "group_name", "unit",
})


#: Whole numbers that few questions ask for and that take few different values: packed as well.
PACKED_NUMBERS = frozenset({"project_id", "quantity", "given", "amount_own"})
#: Tables that few questions ask for: all of their columns are packed.
PACKED_TABLES = frozenset({"moves"})


def _table(name: str, /, **columns: TypeEngine) -> Table:
    return Table(
        name, metadata, Column("id", BigInteger, primary_key=True, autoincrement=False),
        *(Column(key, kind, info={"words": WORDS.get(f"{name}.{key}")}) for key, kind in columns.items()),
        Column("deleted", Boolean, nullable=False),
    )


deals = _table(
    "deals", title=_TEXT, search=_TEXT, sort_title=_TEXT, client_id=_ID, owner_id=_ID,
    project_id=_ID, pipeline_id=_ID, stage_id=_ID, status=_TEXT, lost_reason=_TEXT,
    stage_since=_MOMENT,
    amount=_ID,  # in the account's currency; 0 where no rate is known
    amount_own=_ID, currency=_TEXT, unrated=Boolean(), source=_TEXT,
    opened_at=_MOMENT, opened_on=_DAY, expected_close=_DAY, closed_at=_MOMENT, closed_on=_DAY,
    # furthest open stage's position the deal ever stood on; WON_POSITION once it is won
    reached=Integer(), tags=_TEXT, source_system=_TEXT, external_id=_TEXT, created_at=_MOMENT, updated_at=_MOMENT,
)
clients = _table(
    "clients", name=_TEXT, search=_TEXT, sort_name=_TEXT, kind=_TEXT, inn=_TEXT, email=_TEXT,
    phone=_TEXT, city=_TEXT, region=_TEXT, country=_TEXT, industry=_TEXT, segment=_TEXT, source=_TEXT, owner_id=_ID,
    tags=_TEXT, source_system=_TEXT, external_id=_TEXT, created_at=_MOMENT, created_on=_DAY, updated_at=_MOMENT,
)
products = _table(
    "products", name=_TEXT, search=_TEXT, sort_name=_TEXT, sku=_TEXT, kind=_TEXT, group_name=_TEXT, unit=_TEXT,
    price=_ID, cost=_ID, archived=Boolean(), source_system=_TEXT, external_id=_TEXT, created_at=_MOMENT,
    updated_at=_MOMENT,
)
#: ``quantity`` in thousandths; ``given``: kopecks given away, the full price less ``amount``.
lines = _table("lines", deal_id=_ID, product_id=_ID, amount=_ID, quantity=_ID, given=_ID)
#: Stages that deals came to; ``day`` in the account's time zone. A deal's way begins with its first one.
moves = _table("moves", deal_id=_ID, stage_id=_ID, day=_DAY)
projects = _table("projects", name=_TEXT)
pipelines = _table("pipelines", name=_TEXT, position=Integer(), is_default=Boolean())
stages = _table(
    "stages", pipeline_id=_ID, name=_TEXT, position=Integer(), kind=_TEXT, rot_days=Integer(),
)
members = _table("members", name=_TEXT, role=_TEXT, team=_TEXT, active=Boolean())
interactions = _table(
    "interactions", client_id=_ID, deal_id=_ID, kind=_TEXT, subject=_TEXT, search=_TEXT, happened_at=_MOMENT,
    happened_on=_DAY, weekday=SmallInteger(),  # 1 Monday … 7 Sunday
    hour=SmallInteger(), due_at=_MOMENT, due_on=_DAY, done_on=_DAY, owner_id=_ID, created_at=_MOMENT,
    updated_at=_MOMENT,
)
targets = _table(
    "targets", metric=_TEXT, scope=_TEXT, scope_id=_ID, scope_name=_TEXT, month=_DAY, value=_ID,
)
#: Latest score of each deal; replaced scores are marked deleted.
scores = _table("scores", deal_id=_ID, probability=Float())

#: How long deals stood on their stages: one stay for each time a deal came to an open stage, ``left_on`` none while it stands
#: there. Like ``slips`` put beside the copy when somebody asks (``late``): so they are of no schema.
stays = Table(
    "stays", MetaData(),
    Column("deal_id", BigInteger), Column("stage_id", BigInteger), Column("came_on", Date), Column("left_on", Date),
    Column("deleted", Boolean, nullable=False),
)
#: Closing days that were put off while the deal was open: on which ``day``, from which one to which, by how many days.
#: Found in the history of deals.
slips = Table(
    "slips", MetaData(),
    Column("id", BigInteger, primary_key=True, autoincrement=False), Column("deal_id", BigInteger), Column("day", Date),
    Column("planned", Date), Column("moved_to", Date), Column("days", Integer), Column("deleted", Boolean, nullable=False),
)
#: What is expected of the clients: chance of a purchase within 90 days, of none within a year, the likely day of the next
#: one, and the money of twelve months in kopecks.
outlooks = Table(
    "outlooks", MetaData(),
    Column("client_id", BigInteger), Column("buys", Float), Column("leaves", Float), Column("next_on", Date),
    Column("value_year", BigInteger), Column("deleted", Boolean, nullable=False),
)

#: ``deals.reached`` of a won deal: beyond every stage.
WON_POSITION = 1_000_000
TABLES: tuple[Table, ...] = tuple(metadata.sorted_tables)
#: What the copy has put beside it when it is asked for.
BESIDE = (stays, slips, outlooks)
