"""The same atoms by many dimensions in few scans: one over all of a deal's own columns, one by client, one by line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, String, and_, cast, func, literal_column, null, or_, select, true, tuple_, union_all

from dashboard.analytics.atoms import ATOMS
from dashboard.analytics.dialect import Glass
from dashboard.analytics.dimensions import Dimension, Member
from dashboard.analytics.gather import Found, Number, Part, gather, ground_for, number, part_of, totals_of
from dashboard.analytics.scans import Scope, own, visible
from dashboard.analytics.schema import SCHEMA, clients, deals, interactions, metadata
from dashboard.analytics.spans import Span

Members = dict[Member, Found]
#: Clients looked at one by one: those whose figures moved most.
MOST_CLIENTS = 40
#: Columns by which a deal's rows are told apart at once; attributes of what they point to are put together after it.
_CLIENT = frozenset({"region", "segment", "industry", "client"})


def by_many(
    scope: Scope, atoms: Sequence[str], spans: Sequence[Span], splits: Sequence[Dimension], within: Part | None = None
) -> dict[str, Members]:
    """``atoms`` over ``spans`` by each of ``splits``, by their names. Of clients only those that moved most."""
    bases = {ATOMS[name].base for name in atoms}
    if len(bases) > 1:
        return of_several(partial(_by_many, scope, spans), atoms, len(spans), splits, within)
    if "buyers" in bases:  # a client is in one region, but buys of several people
        attributes = [split for split in splits if split.name in _CLIENT - {"client"}]
        rest = [split for split in splits if split.name not in _CLIENT]
        one_by_one = {split.name: gather(scope, atoms, spans, split, within) for split in rest}
        return one_by_one | (_buyers(scope, atoms, spans, attributes, within) if attributes else {})
    found: dict[str, Members] = {}
    together = [split for split in splits if split.name not in _CLIENT and not split.is_group]
    if together:
        found |= _by_columns(scope, atoms, spans, together, within)
    of_clients = [split for split in splits if split.name in _CLIENT]
    if of_clients:
        found |= _by_clients(scope, atoms, spans, of_clients, within)
    return found | {split.name: gather(scope, atoms, spans, split, within) for split in splits if split.is_group}


def _by_many(
    scope: Scope, spans: Sequence[Span], atoms: Sequence[str], splits: Sequence[Dimension], within: Part | None
) -> dict[str, Members]:
    return by_many(scope, atoms, spans, splits, within)


def of_several(
    ask: Callable[[Sequence[str], Sequence[Dimension], Part | None], dict[str, Members]], atoms: Sequence[str], spans: int,
    splits: Sequence[Dimension], within: Part | None,
) -> dict[str, Members]:
    """Atoms of different kinds of rows, each kind asked by itself (``ask``); of clients nothing is said."""
    splits = [split for split in splits if split.name != "client"]
    found: dict[str, Members] = {split.name: {} for split in splits}
    for base in dict.fromkeys(ATOMS[name].base for name in atoms):
        here = [name for name in atoms if ATOMS[name].base == base]
        for split, members in ask(here, splits, within).items():
            for member, item in members.items():
                found[split].setdefault(member, Found(item.name, {})).totals.update(item.totals)
    for members in found.values():
        for item in members.values():
            for atom in atoms:
                item.totals.setdefault(atom, [0] * spans)
    return found


def _buyers(
    scope: Scope, atoms: Sequence[str], spans: Sequence[Span], splits: Sequence[Dimension], within: Part | None
) -> dict[str, Members]:
    """Clients that bought, by what they are: one scan client by client, then their attributes."""
    glass = scope.glass
    counts = [scope.where] if within is None else [scope.where, part_of(scope, "buyers", within)]
    bought = [
        func.bool_or(and_(*counts, deals.c.closed_on.between(span.start, span.end))).label(f"s{at}")
        for at, span in enumerate(spans)
    ]
    each = (
        select(deals.c.client_id, func.min(deals.c.closed_on).label("first_on"), *bought)
        .where(visible(glass, deals), deals.c.status == "won").group_by(deals.c.client_id).subquery("each_client")
    )
    values = []
    for name in atoms:
        for at, span in enumerate(spans):
            known = {"buyers_new": each.c.first_on >= span.start, "buyers_back": each.c.first_on < span.start}
            values.append(func.count().filter(each.c[f"s{at}"], known.get(name, true())))
    columns: list[Any] = [clients.c[split.column] for split in splits]
    source = each.join(clients, and_(clients.c.id == each.c.client_id, visible(glass, clients)))
    sets = func.grouping_sets(*(tuple_(column) for column in columns))
    found: dict[str, Members] = {split.name: {} for split in splits}
    for which, *row in glass.rows(select(func.grouping(*columns), *columns, *values).select_from(source).group_by(sets)):
        at = next(place for place in range(len(columns)) if not which >> (len(columns) - 1 - place) & 1)
        totals = row[len(columns) :]
        if any(totals):
            found[splits[at].name][row[at]] = one_of(None, totals, atoms, spans)
    return found


def _by_columns(
    scope: Scope, atoms: Sequence[str], spans: Sequence[Span], splits: Sequence[Dimension], within: Part | None
) -> dict[str, Members]:
    """One scan with a grouping set for each column."""
    names = list(dict.fromkeys(split.relation or split.column for split in splits))
    gathered: dict[str, dict[Any, list[Number]]] = {name: {} for name in names}
    for which, *row in scope.glass.rows(_sets(scope, atoms, spans, names, within)):
        # a bit for each column that does not group, the first column's the highest
        at = next(place for place in range(len(names)) if not which >> (len(names) - 1 - place) & 1)
        gathered[names[at]][row[at]] = [number(value) for value in row[len(names) :]]
    return {split.name: named(scope.glass, split, gathered[split.relation or split.column], atoms, spans) for split in splits}


def _sets(scope: Scope, atoms: Sequence[str], spans: Sequence[Span], names: Sequence[str], within: Part | None) -> Any:
    base = ATOMS[atoms[0]].base
    standing = ground_for(scope, base, atoms, None, within)
    if base == "activities":
        standing.source = interactions.outerjoin(deals, and_(deals.c.id == interactions.c.deal_id, own(scope.glass, deals)))
    columns = [_column(base, name).label(f"k{at}") for at, name in enumerate(names)]
    values = totals_of(standing, atoms, spans)
    if base in ("deals", "activities"):  # one row each: quicker at once
        sets = func.grouping_sets(*(tuple_(column.element) for column in columns))
        which = func.grouping(*(column.element for column in columns))
        return select(which, *columns, *values).select_from(standing.source).where(*standing.where).group_by(sets)
    # several rows of each deal: by all columns first, few combinations are left to be put together by each
    statement = select(*columns, *values).select_from(standing.source).where(*standing.where)
    each = statement.group_by(*(column.element for column in columns)).cte("each_mix")
    keys, totals = [each.c[column.name] for column in columns], [func.sum(each.c[value.name]) for value in values]
    return select(func.grouping(*keys), *keys, *totals).group_by(func.grouping_sets(*(tuple_(key) for key in keys)))


def _column(base: str, name: str) -> Any:
    return interactions.c[name] if base == "activities" and name in ("owner_id", "client_id") else deals.c[name]


def attributes_of(glass: Glass, split: Dimension) -> dict[Any, str | None] | None:
    """By id the attribute that the dimension puts together by; none where ids are its members."""
    if not split.table or split.caption:
        return None
    return _known(glass, split)


def _known(glass: Glass, split: Dimension) -> dict[Any, str | None]:
    table = metadata.tables[f"{SCHEMA}.{split.table}"]
    return dict(glass.rows(select(table.c.id, table.c[split.caption or split.column])))  # type: ignore[arg-type]


def named(
    glass: Glass, split: Dimension, gathered: dict[Any, list[Number]], atoms: Sequence[str], spans: Sequence[Span]
) -> Members:
    """Members with their names; ids put together by the attribute they stand for."""
    if not split.table:
        return {member: one_of(None, values, atoms, spans) for member, values in gathered.items()}
    known = _known(glass, split)
    if split.caption:
        return {member: one_of(known.get(member), values, atoms, spans) for member, values in gathered.items()}
    summed: dict[Any, list[Number]] = {}
    for member, values in gathered.items():
        before = summed.get(known.get(member))
        summed[known.get(member)] = values if before is None else [a + b for a, b in zip(before, values, strict=True)]
    return {member: one_of(None, values, atoms, spans) for member, values in summed.items()}


def one_of(name: str | None, values: Sequence[Number], atoms: Sequence[str], spans: Sequence[Span]) -> Found:
    """A member with its totals: each atom in each span, in that order."""
    width = len(spans)
    return Found(name, {atom: list(values[at * width : (at + 1) * width]) for at, atom in enumerate(atoms)})


def _by_clients(
    scope: Scope, atoms: Sequence[str], spans: Sequence[Span], splits: Sequence[Dimension], within: Part | None
) -> dict[str, Members]:
    """One scan by client; then what clients are, and those that moved most."""
    glass, base = scope.glass, ATOMS[atoms[0]].base
    standing = ground_for(scope, base, atoms, None, within)
    raw = _column(base, "client_id")
    values = totals_of(standing, atoms, spans)
    each = (
        select(raw.label("client_id"), *values).select_from(standing.source).where(*standing.where).group_by(raw)
        .cte("each_client")
    )
    attributes = [split for split in splits if split.name != "client"]
    parts = ([_by_attributes(glass, each, attributes, values)] if attributes else []) + (
        [_moved_most(glass, each, len(attributes), values, len(spans))] if len(attributes) < len(splits) else []
    )
    found: dict[str, Members] = {split.name: {} for split in splits}
    width = len(attributes)
    for which, *row in glass.rows(union_all(*parts)):
        totals = [number(value) for value in row[width + 2 :]]
        if which < 0:
            found["client"][row[width]] = one_of(row[width + 1], totals, atoms, spans)
        else:
            at = next(place for place in range(width) if not which >> (width - 1 - place) & 1)
            found[attributes[at].name][row[at]] = one_of(None, totals, atoms, spans)
    return found


def _by_attributes(glass: Glass, each: Any, attributes: Sequence[Dimension], values: Sequence[Any]) -> Any:
    columns: list[Any] = [clients.c[split.column] for split in attributes]
    sets = func.grouping_sets(*(tuple_(column) for column in columns))
    nobody: list[Any] = [cast(null(), BigInteger).label("client_id"), cast(null(), String).label("name")]
    totals = [func.sum(each.c[value.name]).label(value.name) for value in values]
    source = each.outerjoin(clients, and_(clients.c.id == each.c.client_id, own(glass, clients)))
    which = cast(func.grouping(*columns), BigInteger).label("which")
    return select(which, *columns, *nobody, *totals).select_from(source).group_by(sets)


def _moved_most(glass: Glass, each: Any, attributes: int, values: Sequence[Any], width: int) -> Any:
    """The clients with the greatest differences between the first two spans, by each atom."""
    sums = [each.c[value.name] for value in values]
    ranks = []
    for at in range(len(sums) // width):
        before, after = (func.coalesce(sums[at * width + span], 0) for span in (0, 1))
        ranks.append(func.row_number().over(order_by=(func.abs(after - before).desc(), each.c.client_id)).label(f"r{at}"))
    ranked = select(each.c.client_id, *sums, *ranks).subquery("ranked")
    source = ranked.outerjoin(clients, and_(clients.c.id == ranked.c.client_id, own(glass, clients)))
    blanks = [cast(null(), String).label(f"a{at}") for at in range(attributes)]
    chosen: list[Any] = [cast(literal_column("-1"), BigInteger).label("which"), *blanks, ranked.c.client_id, clients.c.name]
    return select(*chosen, *(ranked.c[value.name] for value in values)).select_from(source).where(
        or_(*(ranked.c[rank.name] <= MOST_CLIENTS for rank in ranks))
    )
