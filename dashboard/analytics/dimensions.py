"""The ways to split a figure: members of a dimension as a filter's text, and their key in SQL's terms.

Every dimension is one of deals. Rows of other kinds follow their deal, except that an interaction
has an owner and a client of its own.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from db.filters import quote

Member = str | int | None
#: What an interaction has itself; all else is its deal's.
_OF_INTERACTIONS = frozenset({"owner", "team", "client", "region", "segment", "industry"})


@dataclass(frozen=True, slots=True)
class Dimension:
    """A way to split figures. ``path``: the grammar's field of its members, over deals; text: ``dimensions.<name>``.

    ``relation``: column of deals that leads to ``table``, whose ``column`` tells the members apart; ``caption``:
    column with the member's name where the member is an id.  ``unit``: members are months, quarters or years of
    the day in ``column``.
    """

    name: str
    path: str
    relation: str = ""
    table: str = ""
    column: str = ""
    caption: str = ""
    unit: str = ""

    @property
    def label(self) -> str:
        return f"dimensions.{self.name}"

    @property
    def is_group(self) -> bool:
        """Whether members overlap: a deal belongs to as many as its lines do."""
        return self.name == "product_group"

    def filter(self, member: Member, entity: str = "deals") -> str:
        """The rows of one member, over ``entity`` (deals, lines or interactions)."""
        if self.is_group:
            inside = equals("product.group", member)
            return {"deals": f"lines has ({inside})", "lines": inside}.get(entity, f"deal has (lines has ({inside}))")
        path = self.path
        if entity == "lines" or (entity == "interactions" and self.name not in _OF_INTERACTIONS):
            path = f"deal.{path}"
        if not self.unit or member is None:
            return equals(path, member)
        first, last = days_of(str(member))
        return f"{path} between {first} and {last}"


def equals(field: str, value: Member) -> str:
    """The filter of one value."""
    if value is None:
        return f"{field} is null"
    return f"{field} = {quote(value) if isinstance(value, str) else value}"


def member_of(day: date | None, unit: str) -> str | None:
    """``2026-04``, ``2026-Q2`` or ``2026``: the part of the calendar that begins on ``day``."""
    if day is None:
        return None
    return {"month": f"{day:%Y-%m}", "quarter": f"{day.year}-Q{(day.month + 2) // 3}"}.get(unit, str(day.year))


def days_of(member: str) -> tuple[date, date]:
    """First and last day of a member such as ``2026-Q2``."""
    year, _, part = member.partition("-")
    start, length = (1, 12) if not part else (int(part[1:]) * 3 - 2, 3) if part[0] == "Q" else (int(part), 1)
    end = start + length - 1
    return date(int(year), start, 1), date(int(year), end, monthrange(int(year), end)[1])


def _calendar(what: str, column: str) -> list[Dimension]:
    return [Dimension(f"{what}_{unit}", column, column=column, unit=unit) for unit in ("month", "quarter", "year")]


DIMENSIONS: dict[str, Dimension] = {
    item.name: item
    for item in (
        Dimension("owner", "owner", column="owner_id", table="members", caption="name"),
        Dimension("team", "owner.team", "owner_id", "members", "team"),
        Dimension("source", "source", column="source"),
        Dimension("lost_reason", "lost_reason", column="lost_reason"),
        Dimension("stage", "stage", column="stage_id", table="stages", caption="name"),
        Dimension("pipeline", "pipeline", column="pipeline_id", table="pipelines", caption="name"),
        Dimension("project", "project", column="project_id", table="projects", caption="name"),
        Dimension("region", "client.region", "client_id", "clients", "region"),
        Dimension("segment", "client.segment", "client_id", "clients", "segment"),
        Dimension("industry", "client.industry", "client_id", "clients", "industry"),
        Dimension("client", "client", column="client_id", table="clients", caption="name"),
        Dimension("product_group", "lines.product.group"),
        *_calendar("closed", "closed_on"),
        *_calendar("opened", "opened_on"),
    )
}
