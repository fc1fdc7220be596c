"""The index's SQL: what is found by what, and which rows were changed since the last look."""

# ruff: noqa: S608  (names of tables and columns are this module's own; values are bound or numbers)
from __future__ import annotations

from dataclasses import dataclass

from dashboard.search.segment import EVERYBODY, NOBODY, Kind

_DIGITS = r"regexp_replace({0}, '\D', '', 'g')"
_POINTS = (
    "(select string_agg(case p.kind when 'phone' then " + _DIGITS.format("p.value") + " else p.value end, ' ')"
    " from public.contact_points p where p.account_id = {0}.account_id and p.client_id = {1} and {2} and p.deleted_at is null)"
)
_CUSTOM = "case when {0}.custom <> '{{}}' then (select string_agg(v.value, ' ') from jsonb_each_text({0}.custom) v) end"

#: Kind → the records that can be found: id, owner, name, everything else they are found by.
ROWS: dict[Kind, str] = {
    Kind.CLIENT: f"""
select r.id, coalesce(r.owner_id, {NOBODY}) as owner, r.name, concat_ws(' ', r.inn, r.kpp, r.ogrn, r.email,
    {_DIGITS.format("r.phone")}, r.website, r.city, r.region, r.address, r.external_id, array_to_string(r.tags, ' '), r.notes,
    {_CUSTOM.format("r")}, {_POINTS.format("r", "r.id", "p.person_id is null")}) as other
from public.clients r where r.deleted_at is null""",
    Kind.PERSON: f"""
select r.id, coalesce(c.owner_id, {NOBODY}) as owner, r.name, concat_ws(' ', r.position, r.email,
    {_DIGITS.format("r.phone")}, r.notes, {_POINTS.format("r", "r.client_id", "p.person_id = r.id")}) as other
from public.persons r join public.clients c on c.account_id = r.account_id and c.id = r.client_id and c.deleted_at is null
where r.deleted_at is null""",
    Kind.DEAL: f"""
select r.id, coalesce(r.owner_id, {NOBODY}) as owner, r.title as name, concat_ws(' ', r.external_id,
    array_to_string(r.tags, ' '), r.notes, r.lost_comment, {_CUSTOM.format("r")}) as other
from public.deals r where r.deleted_at is null""",
    Kind.PRODUCT: f"""
select r.id, {EVERYBODY}::bigint as owner, r.name, concat_ws(' ', r.sku, r.group_name, r.description) as other
from public.products r where r.deleted_at is null""",
    Kind.NOTE: f"""
select r.id, coalesce(r.owner_id, {NOBODY}) as owner, r.subject as name, concat_ws(' ', r.body, r.outcome) as other
from public.interactions r where r.deleted_at is null""",
}
TABLES: dict[Kind, str] = {
    Kind.CLIENT: "clients", Kind.PERSON: "persons", Kind.DEAL: "deals", Kind.PRODUCT: "products", Kind.NOTE: "interactions",
}  # fmt: skip
#: Changed rows up to which they are put in one by one; beyond, all is made anew.
MAX_CHANGED = 5000

# What committed since the last snapshot and could not be seen in it. The upper bound keeps out
# stamps of another life of the database (a dump restored into a younger server).
_CHANGED = (
    "{0}.account_id = :account and {0}.txid >= :since and {0}.txid < pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
    " and not pg_visible_in_snapshot({0}.txid::text::xid8, cast(:snapshot as pg_snapshot))"
)
LOOK = "select pg_current_snapshot()::text, pg_postmaster_start_time()::text"


@dataclass(frozen=True, slots=True)
class Mark:
    """Up to where the index has read: PostgreSQL's snapshot and which life of the server it is of."""

    snapshot: str
    server_start: str

    @property
    def xmin(self) -> int:
        return int(self.snapshot.split(":")[0])

    @property
    def xmax(self) -> int:
        return int(self.snapshot.split(":")[1])


def _parts() -> list[str]:
    changed, gone = _CHANGED.format, _CHANGED.format("h") + " and h.operation = 'D' and h.table_name = "
    # a client's owner is its persons' owner, and contact points belong to a row of either
    parts = [f"select {kind:d}, r.id from public.{table} r where {changed('r')}" for kind, table in TABLES.items()]
    parts += [f"select {kind:d}, h.row_id from public.history h where {gone}'{table}'" for kind, table in TABLES.items()]
    parts += [
        f"select {Kind.PERSON:d}, p.id from public.clients r join public.persons p"
        f" on p.account_id = r.account_id and p.client_id = r.id where {changed('r')}",
        f"select {Kind.CLIENT:d}, r.client_id from public.contact_points r where {changed('r')}",
        f"select {Kind.PERSON:d}, r.person_id from public.contact_points r where {changed('r')} and r.person_id is not null",
        f"select {Kind.CLIENT:d}, (h.row->>'client_id')::bigint from public.history h where {gone}'contact_points'",
        f"select {Kind.PERSON:d}, (h.row->>'person_id')::bigint from public.history h where {gone}'contact_points'"
        " and h.row->>'person_id' is not null",
    ]
    return [f"({part} limit {MAX_CHANGED + 1})" for part in parts]


#: (kind, id) of the rows that changed; more than ``MAX_CHANGED`` of them say only that there are too many.
LOOK_AGAIN = " union ".join(_parts())


def changed_rows(kind: Kind) -> str:
    """The rows of some ids as they are now; those gone are missing."""
    return f"{ROWS[kind]} and r.account_id = :account and r.id = any(:ids)"


def block(kind: Kind, account_id: int, bounds: tuple[int, int]) -> str:
    """The rows of a range of ids."""
    return f"{ROWS[kind]} and r.account_id = {account_id:d} and r.id between {bounds[0]:d} and {bounds[1]:d}"


def bounds(kind: Kind) -> str:
    """The smallest and the greatest id."""
    return f"select min(id), max(id) from public.{TABLES[kind]} where account_id = :account"
