"""Targets of revenue: who should sell how much in which month, and the part of it that any days take."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import not_, select

from dashboard.analytics.dialect import kept_rows
from dashboard.analytics.dimensions import Dimension, Member, days_of, member_of
from dashboard.analytics.scans import Scope
from dashboard.analytics.schema import targets
from dashboard.analytics.spans import Span, month_of
from db.filters import EVERYTHING, combine

#: What stands for the whole account where it has no plan of its own: the first that has any.
_PARTS = ("member", "project", "group")
#: Dimensions plans are made for, and whose they are there.
SCOPES = {"owner": "member", "project": "project", "product_group": "group"}


@dataclass(frozen=True, slots=True)
class Plans:
    """Targets in kopecks by (scope, subject, first day of the month); a product group is its name.

    ``whole``: the scope whose targets make the account's plan.
    """

    values: dict[tuple[str, Member, date], int] = field(default_factory=dict)
    whole: str = "account"
    only_owner: int | None = None
    none_made: bool = False  # under a filter

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
        mine = "" if self.only_owner is None else f"scope = member and scope_id = {self.only_owner}"
        if split is None or split.unit:
            within = "" if split is None else "month between {} and {}".format(*days_of(str(member)))
            return combine(mine or f"scope = {self.whole}", within)
        kind = SCOPES.get(split.name)
        subject = Dimension("", "scope_name" if kind == "group" else "scope_id").filter(member)
        return combine(mine, f"scope = {kind} and {subject}")


def part_of(first: date, span: Span) -> float:
    """Which part of the month that begins on ``first`` lies within ``span``."""
    month = month_of(first)
    common = (min(month.end, span.end) - max(month.start, span.start)).days + 1
    return max(common, 0) / ((month.end - month.start).days + 1)


def _cut(member: str | None, span: Span) -> Span:
    start, end = days_of(str(member))
    return Span(max(start, span.start), min(end, span.end))


def read_plans(scope: Scope) -> Plans:
    """Targets of revenue; none under a filter: no plan was made for that part."""
    only_owner = scope.glass.only_owner
    if scope.node != EVERYTHING:
        return Plans(only_owner=only_owner, none_made=True)
    rows = kept_rows(
        scope.glass, "plans",
        select(targets.c.scope, targets.c.scope_id, targets.c.scope_name, targets.c.month, targets.c.value).where(
            not_(targets.c.deleted), targets.c.metric == "revenue"
        ),
    )
    values: dict[tuple[str, Member, date], int] = {
        (kind, name if kind == "group" else subject, month): int(value) for kind, subject, name, month, value in rows
    }
    kinds = {kind for kind, _, _ in values}
    if only_owner is not None:  # the whole account, for this person, is their own part
        values = {key: value for key, value in values.items() if key[:2] == ("member", only_owner)}
        kinds = {"member"}
    whole = "account" if "account" in kinds else next((kind for kind in _PARTS if kind in kinds), "account")
    if whole != "account":
        for (kind, _, month), value in list(values.items()):
            if kind == whole:
                values["account", None, month] = values.get(("account", None, month), 0) + value
    return Plans(values, whole, only_owner)
