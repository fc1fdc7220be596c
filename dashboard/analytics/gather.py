"""Atoms gathered by the members of a dimension, for one or more spans of days at once; the same on either engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, and_, cast, func, literal_column, not_, or_, select

from dashboard.analytics.atoms import ATOMS, SUMS_OF_DEALS, Atom, Ground
from dashboard.analytics.dialect import Glass
from dashboard.analytics.dimensions import Dimension, Member, member_of
from dashboard.analytics.fields import DEAL_FIELDS, INTERACTION_FIELDS
from dashboard.analytics.scans import Scope, own, visible
from dashboard.analytics.schema import SCHEMA, clients, deals, interactions, lines, metadata, products, scores, slips
from dashboard.analytics.spans import Span
from db.filters import parse, to_sql

Number = int | float


@dataclass(slots=True)
class Found:
    """One member: its name, and each atom's total in each span."""

    name: str | None
    totals: dict[str, list[Number]]


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one member of a dimension."""

    split: Dimension
    member: Member


@dataclass(slots=True)
class Standing:
    """A statement being put together: what it stands on, its rows, and how they are told apart."""

    ground: Ground
    source: Any
    where: list[Any]
    raw: Any = None  # column the rows are gathered by at first
    other: Any = None  # table with the members' names or attributes, by ``raw``
    key: Any = None
    caption: Any = None


def gather(
    scope: Scope, atoms: Sequence[str], spans: Sequence[Span], split: Dimension | None = None, within: Part | None = None
) -> dict[Member, Found]:
    """``atoms`` over ``spans`` by the members of ``split`` (one member, none, without it). One scan for each base."""
    found: dict[Member, Found] = {}
    for base in dict.fromkeys(ATOMS[name].base for name in atoms):
        here = [name for name in dict.fromkeys(atoms) if ATOMS[name].base == base]
        for member, name, *values in scope.glass.rows(_statement(scope, base, here, spans, split, within)):
            entry = found.setdefault(key_text(member, split), Found(name, {}))
            for index, atom in enumerate(here):
                entry.totals[atom] = [number(value) for value in values[index * len(spans) : (index + 1) * len(spans)]]
    for entry in found.values():
        for atom in atoms:
            entry.totals.setdefault(atom, [0] * len(spans))
    return found


def key_text(member: Any, split: Dimension | None) -> Member:
    """A group's key as a member."""
    return member_of(member, split.unit) if split is not None and split.unit else member


def number(value: Any) -> Number:
    """An aggregate as a Python number; nothing is zero."""
    if value is None:
        return 0
    return int(value) if isinstance(value, Decimal) else value  # type: ignore[no-any-return]


def ground_for(
    scope: Scope, base: str, atoms: Sequence[str], split: Dimension | None, within: Part | None = None
) -> Standing:
    """What ``atoms`` of one base stand on."""
    bought = not {"buyers_new", "buyers_back"}.isdisjoint(atoms)
    only_sums = all(name in SUMS_OF_DEALS for name in atoms)
    return stand(scope, base, split, weighted="weighted_sum" in atoms, bought=bought, only_sums=only_sums, within=within)


def _statement(
    scope: Scope, base: str, atoms: Sequence[str], spans: Sequence[Span], split: Dimension | None, within: Part | None
) -> Any:
    standing = ground_for(scope, base, atoms, split, within)
    return by_members(standing, totals_of(standing, atoms, spans), additive=base != "buyers")


def totals_of(standing: Standing, atoms: Sequence[str], spans: Sequence[Span]) -> list[Any]:
    """Each atom over each span, as columns ``v<atom>_<span>``; the statement is narrowed to the rows of any of them."""
    defined = [ATOMS[name] for name in atoms]
    conditions = [[atom.when(standing.ground, span) for span in spans] for atom in defined]
    flat = [condition for row in conditions for condition in row]
    alone = len(flat) == 1
    values = [
        atom.total(standing.ground, None if alone else condition).label(f"v{row}_{column}")
        for row, atom in enumerate(defined)
        for column, condition in enumerate(conditions[row])
    ]
    standing.where += narrowed(atoms, spans, flat)
    return values


def narrowed(atoms: Sequence[str], spans: Sequence[Span], conditions: Sequence[Any]) -> list[Any]:
    """The rows of any of ``conditions``; of flows the days by themselves as well, which one table knows alone."""
    if len(conditions) == 1:
        return list(conditions)
    days = [ATOMS[name].day for name in atoms]
    if any(day is None for day in days):
        return [or_(*conditions)]
    within = [day.between(span.start, span.end) for day in dict.fromkeys(days) for span in spans]
    return [or_(*within), or_(*conditions)]


def by_members(standing: Standing, values: list[Any], *, additive: bool) -> Any:
    """Group by the members. Numbers are gathered much faster than texts: by id first, by name or attribute afterwards."""
    nobody: Any = literal_column("null")
    if standing.key is None:
        whole = select(nobody.label("member"), nobody.label("caption"), *values)
        return whole.select_from(standing.source).where(*standing.where)
    if standing.other is None or (standing.caption is None and not additive):
        source = standing.source
        if standing.other is not None:
            source = source.outerjoin(standing.other, _tie(standing, standing.raw))
        chosen = select(standing.key.label("member"), nobody.label("caption"), *values).select_from(source)
        return chosen.where(*standing.where).group_by(standing.key)
    inner = (
        select(standing.raw.label("raw"), *values).select_from(standing.source).where(*standing.where)
        .group_by(standing.raw).subquery("gathered")
    )
    source = inner.outerjoin(standing.other, _tie(standing, inner.c.raw))
    columns = [inner.c[value.name] for value in values]
    if standing.caption is not None:
        return select(inner.c.raw, standing.caption, *columns).select_from(source)
    totals = [func.sum(column) for column in columns]
    return select(standing.key, nobody.label("caption"), *totals).select_from(source).group_by(standing.key)


def _tie(standing: Standing, raw: Any) -> Any:
    return and_(standing.other.c.id == raw, own(standing.ground.glass, standing.other))


def stand(
    scope: Scope, base: str, split: Dimension | None, *, weighted: bool = False, bought: bool = False,
    only_sums: bool = False, within: Part | None = None,
) -> Standing:
    """Rows of ``base`` within the page's filter and the actor's rights, ready to be split.

    ``only_sums``: nothing but deals' sums is asked for, which product groups give line by line; ``within``: the rows
    of one member of another dimension alone.
    """
    glass, ground = scope.glass, Ground(scope.glass)
    if base == "lines":
        source = lines.join(deals, deals.c.id == lines.c.deal_id).outerjoin(products, products.c.id == lines.c.product_id)
        # lines are what was sold: said of the deals alone, so that few of them are looked for
        standing = Standing(ground, source, [scope.where, not_(lines.c.deleted), deals.c.status == "won"])
    elif base == "activities":
        standing = Standing(ground, interactions, [scope.of_interactions()])
    elif base == "slips":
        standing = Standing(ground, slips.join(deals, deals.c.id == slips.c.deal_id), [scope.where])
    else:
        standing = Standing(ground, deals, [scope.where])
    if base == "buyers":
        standing.source = deals.join(clients, and_(clients.c.id == deals.c.client_id, visible(glass, clients)))
        if bought:
            firsts = _first_purchases(glass)
            standing.source = standing.source.join(firsts, firsts.c.client_id == deals.c.client_id)
            ground.first = firsts.c.first_on
    if weighted:
        standing.source = standing.source.outerjoin(scores, and_(scores.c.deal_id == deals.c.id, not_(scores.c.deleted)))
    by_lines = base == "deals" and only_sums and _is_group(split, within)
    if by_lines:
        tie = and_(lines.c.deal_id == deals.c.id, not_(lines.c.deleted))
        standing.source = standing.source.join(lines, tie).outerjoin(products, products.c.id == lines.c.product_id)
        ground.amount = lines.c.amount
    if split is not None:
        _split(standing, "lines" if by_lines else base, split)
    if within is not None:
        standing.where.append(part_of(scope, "lines" if by_lines else base, within))
    return standing


def _is_group(split: Dimension | None, within: Part | None) -> bool:
    return (split is not None and split.is_group) or (within is not None and within.split.is_group)


def part_of(scope: Scope, base: str, within: Part) -> Any:
    """The rows of one member."""
    if within.split.is_group and base == "lines":
        return products.c.group_name.is_not_distinct_from(within.member)
    if base != "activities":
        return scope.expression(parse(within.split.filter(within.member), DEAL_FIELDS))
    glass, node = scope.glass, parse(within.split.filter(within.member, "interactions"), INTERACTION_FIELDS)
    return to_sql(node, INTERACTION_FIELDS, today=glass.today, timezone=glass.timezone, only_owner=glass.only_owner)


def _first_purchases(glass: Glass) -> Any:
    """Each client's day of the first purchase, whatever the page's filter: who is new is new to the house."""
    return (
        select(deals.c.client_id, func.min(deals.c.closed_on).label("first_on"))
        .where(visible(glass, deals), deals.c.status == "won").group_by(deals.c.client_id).subquery("firsts")
    )


_ITS_OWN = frozenset({"owner_id", "client_id"})


def _split(standing: Standing, base: str, split: Dimension) -> None:
    glass = standing.ground.glass
    raw_name = split.relation or split.column
    of_deal = base != "activities" or raw_name not in _ITS_OWN
    if base == "activities" and of_deal:
        tie = and_(deals.c.id == interactions.c.deal_id, own(glass, deals))
        standing.source = interactions.join(deals, tie, isouter=not split.is_group)
    if split.is_group:
        _split_by_group(standing, base)
        return
    standing.raw = (deals if of_deal else interactions).c[raw_name]
    if split.unit:
        standing.key = cast(func.date_trunc(split.unit, standing.raw), Date)
    elif not split.table:
        standing.key = standing.raw
    else:
        standing.other = metadata.tables[f"{SCHEMA}.{split.table}"].alias("other")
        standing.caption = standing.other.c[split.caption] if split.caption else None
        standing.key = standing.raw if split.caption else standing.other.c[split.column]


def _split_by_group(standing: Standing, base: str) -> None:
    if base == "lines":  # product by product at first, far fewer rows meet the names of groups
        standing.raw = lines.c.product_id
        standing.other = products.alias("other")
        standing.key = standing.other.c.group_name
        return
    # each deal once for every group among its lines, with the sum of those lines
    sold, goods = lines.alias("sold"), products.alias("goods")
    pairs = (
        select(sold.c.deal_id, goods.c.group_name, func.sum(sold.c.amount).label("amount"))
        .select_from(sold.outerjoin(goods, goods.c.id == sold.c.product_id)).where(not_(sold.c.deleted))
        .group_by(sold.c.deal_id, goods.c.group_name).subquery("pairs")
    )
    standing.source = standing.source.join(pairs, pairs.c.deal_id == deals.c.id)
    standing.ground.amount = pairs.c.amount
    standing.key = pairs.c.group_name


def per_day(scope: Scope, atoms: Sequence[str], reach: Span) -> dict[str, list[tuple[date, int]]]:
    """Flows by day within ``reach``: one scan for each base and kind of day."""
    found: dict[str, list[tuple[date, int]]] = {name: [] for name in atoms}
    groups: dict[tuple[str, str], list[str]] = {}
    for name in atoms:
        groups.setdefault((ATOMS[name].base, ATOMS[name].day.name), []).append(name)
    for (base, _), names in groups.items():
        standing = stand(scope, base, None)
        defined: list[Atom] = [ATOMS[name] for name in names]
        day, ground = defined[0].day, standing.ground
        tests = [atom.test(ground) for atom in defined]
        values = [atom.total(ground, test) for atom, test in zip(defined, tests, strict=True)]
        statement = (
            select(day, *values).select_from(standing.source)
            .where(*standing.where, day.between(reach.start, reach.end), or_(*tests)).group_by(day)
        )
        for when, *totals in scope.glass.rows(statement):
            for name, total in zip(names, totals, strict=True):
                found[name].append((when, int(number(total))))
    return found


def buyers(scope: Scope, spans: Sequence[Span]) -> dict[str, list[Number]]:
    """The atoms of ``buyers`` over many spans at once: one scan, client by client."""
    glass = scope.glass
    flags = [
        func.bool_or(and_(scope.where, deals.c.closed_on.between(span.start, span.end))).label(f"s{at}")
        for at, span in enumerate(spans)
    ]
    each = (
        select(deals.c.client_id, func.min(deals.c.closed_on).label("first_on"), *flags)
        .where(visible(glass, deals), deals.c.status == "won").group_by(deals.c.client_id).subquery("each_client")
    )
    values = []
    for at, span in enumerate(spans):
        bought, first = each.c[f"s{at}"], each.c.first_on
        values += [
            func.count().filter(bought), func.count().filter(and_(bought, first >= span.start)),
            func.count().filter(and_(bought, first < span.start)),
        ]
    source = each.join(clients, and_(clients.c.id == each.c.client_id, visible(glass, clients)))
    (row,) = glass.rows(select(*values).select_from(source))
    return {name: list(row[at::3]) for at, name in enumerate(("buyers", "buyers_new", "buyers_back"))}
