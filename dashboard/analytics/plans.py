"""Targets: who should reach how much in which month, and the part of it that any days take.

Under a filter there is a plan only where the filter is exactly one person or project: no plan was made for any other
part.  A product group's plan stands beside the group's own revenue alone, for a filter by group leaves whole deals.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import and_, func, not_, select

from dashboard.analytics.dialect import Glass, Row, kept_rows
from dashboard.analytics.dimensions import Dimension, Member, days_of, member_of
from dashboard.analytics.fields import ALL_FIELDS
from dashboard.analytics.scans import Scope, visible
from dashboard.analytics.schema import targets
from dashboard.analytics.spans import Span, month_of
from db.filters import EVERYTHING, Condition, Node, Op, combine, parse, to_sql

#: What stands for the whole account where it has no plan of its own: the first that has any.
_PARTS = ("member", "project", "group")
#: Dimensions plans are made for, and whose they are there.
SCOPES = {"owner": "member", "project": "project", "product_group": "group"}
#: Metrics with plans; all are stored in hundredths, as money is.
PLANNED = {"revenue": 1, "deals_won": 100, "deals_created": 100}


@dataclass(frozen=True, slots=True)
class Plans:
    """Targets in kopecks by (scope, subject, first day of the month); a product group is its name.

    ``whole``: the scope whose targets make the account's plan.
    """

    values: dict[tuple[str, Member, date], int] = field(default_factory=dict)
    whole: str = "account"
    mine: str = ""  # the targets of the one subject that is looked at, over targets
    none_made: bool = False  # under a filter that is nobody's

    def month(self, first: date) -> int | None:
        """The account's plan of a whole month."""
        return self.values.get(("account", None, first))

    def exact(self, kind: str, subject: Member, span: Span) -> float | None:
        """The plan for the days of ``span`` in kopecks; a month in part counts in part. None: there is no plan."""
        found, total = False, 0.0
        for (of, who, first), value in self.values.items():
            part = part_of(first, span)
            if of == kind and who == subject and part:
                found, total = True, total + value * part
        return total if found else None

    def of(self, kind: str, subject: Member, span: Span) -> int | None:
        """The same in whole kopecks."""
        found = self.exact(kind, subject, span)
        return None if found is None else round(found)

    def by(self, split: Dimension, span: Span) -> dict[Member, float]:
        """The plan of each member that has one: people, projects, product groups, parts of the calendar."""
        if split.name in SCOPES:
            kind = SCOPES[split.name]
            subjects = {subject for of, subject, _ in self.values if of == kind}
            found = {subject: self.exact(kind, subject, span) for subject in subjects}
        elif split.unit and split.column == "closed_on":
            members = {member_of(first, split.unit) for of, _, first in self.values if of == "account"}
            found = {member: self.exact("account", None, _cut(member, span)) for member in members}
        else:
            return {}
        return {member: value for member, value in found.items() if value is not None}

    def filter(self, split: Dimension | None = None, member: Member = None) -> str:
        """The targets behind the whole plan or a member's."""
        if self.none_made:
            return "id is null"
        if split is None or split.unit:
            within = "" if split is None else "month between {} and {}".format(*days_of(str(member)))
            return combine(self.mine or f"scope = {self.whole}", within)
        kind = SCOPES.get(split.name)
        subject = Dimension("", "scope_name" if kind == "group" else "scope_id").filter(member)
        return combine(self.mine, f"scope = {kind} and {subject}")


def part_of(first: date, span: Span) -> float:
    """Which part of the month that begins on ``first`` lies within ``span``."""
    month = month_of(first)
    common = (min(month.end, span.end) - max(month.start, span.start)).days + 1
    return max(common, 0) / ((month.end - month.start).days + 1)


def _cut(member: str | None, span: Span) -> Span:
    start, end = days_of(str(member))
    return Span(max(start, span.start), min(end, span.end))


def read_plans(scope: Scope, metric: str = "revenue") -> Plans:
    """Targets of one metric for the part of the account that ``scope`` shows."""
    subject = _subject_of(scope)
    if subject is None:
        return Plans(none_made=True)
    rows = kept_rows(
        scope.glass, "plans",
        lambda: select(
            targets.c.metric, targets.c.scope, targets.c.scope_id, targets.c.scope_name, targets.c.month, targets.c.value
        ).where(not_(targets.c.deleted)),
    )
    values: dict[tuple[str, Member, date], int] = {
        (kind, name if kind == "group" else row_id, month): int(value)
        for of, kind, row_id, name, month, value in rows if of == metric
    }
    if subject[0] != "account":  # the whole account is this one's part
        values = {key: value for key, value in values.items() if key[:2] == subject}
    kinds = {kind for kind, _, _ in values}
    whole = "account" if "account" in kinds else next((kind for kind in _PARTS if kind in kinds), "account")
    if whole != "account":
        for (kind, _, month), value in list(values.items()):
            if kind == whole:
                values["account", None, month] = values.get(("account", None, month), 0) + value
    mine = "" if subject[0] == "account" else f"scope = {subject[0]} and scope_id = {subject[1]}"
    return Plans(values, whole, mine)


def _subject_of(scope: Scope) -> tuple[str, int | None] | None:
    """Whose plan the filter asks for; none where it is not exactly one subject's."""
    only_owner, asked = scope.glass.only_owner, _named(scope.node)
    if only_owner is None:
        return asked
    # the whole account, for this person, is their own part
    return ("member", only_owner) if asked in (("account", None), ("member", only_owner)) else None


def _named(node: Node) -> tuple[str, int | None] | None:
    if node == EVERYTHING:
        return "account", None
    if not isinstance(node, Condition) or node.field not in ("owner", "project"):
        return None
    one = node.op in (Op.EQ, Op.IN) and len(node.values) == 1
    return (SCOPES[node.field], int(node.values[0])) if one else None  # type: ignore[arg-type]


def answer_targets(glass: Glass, filter_text: str, most: int = 200) -> tuple[list[Row], int]:
    """(scope, id, name, metric, month, value in hundredths) of the targets of a filter, by month; and how many there are.

    Raises FilterError.
    """
    node = parse(filter_text, ALL_FIELDS["targets"])
    where = and_(
        visible(glass, targets), to_sql(node, ALL_FIELDS["targets"], today=glass.today, timezone=glass.timezone),
    )
    columns = (targets.c.scope, targets.c.scope_id, targets.c.scope_name, targets.c.metric, targets.c.month, targets.c.value)
    ((count,),) = glass.rows(select(func.count()).select_from(targets).where(where))
    return glass.rows(select(*columns).where(where).order_by(targets.c.month, targets.c.id).limit(most)), int(count)
