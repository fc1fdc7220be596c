"""The rows a drill opens, read from the tables as they are, with what the formulas need to make the figure again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Any

from sqlalchemy import select

from dashboard.analytics import lists, schema
from dashboard.analytics.dialect import Glass
from dashboard.analytics.fields import ALL_FIELDS
from dashboard.analytics.metrics import Metric
from dashboard.analytics.plans import part_of
from dashboard.analytics.questions import Drill, ListQuery, OverviewQuery
from dashboard.analytics.scans import probability, with_scores
from dashboard.analytics.spans import Span

Row = dict[str, Any]


class Rows:
    """Rows behind the figures of ``query``; each table is read once."""

    def __init__(self, glass: Glass, query: OverviewQuery) -> None:
        self._glass, self._query = glass, query
        self._span = Span(query.period_start, query.period_end)
        self._tables: dict[str, dict[int, Row]] = {}
        self._enriched: set[str] = set()

    def of(self, drill: Drill) -> list[Row]:
        """The rows, in the order of the list."""
        found = lists.find(self._glass, drill.entity, ListQuery(filter=drill.filter, limit=1000))
        table = self._table(drill.entity)
        return [table[row_id] for row_id in found.ids]

    def figure(self, metric: Metric, drill: Drill, dimension: str = "", member: Any = None) -> float | None:
        """The metric's figure made of the drill's rows alone."""
        rows = self.of(drill)
        if metric.name == "stage_conversion" and dimension == "stage":
            position = self._plain("stages")[member]["position"]
            return sum(row["reached"] > position for row in rows) / len(rows)
        if metric.name == "stage_days" and dimension == "stage":
            return median([days for row in rows for stage, days in row["stays_on"] if stage == member])
        if metric.name == "plan_fulfilment":  # of two kinds of rows
            return self._fulfilment(rows, dimension, member)
        made = metric.from_rows(rows)
        if metric.name == "plan":
            return round(made or 0) if rows else None
        return made

    def _fulfilment(self, rows: Sequence[Mapping[str, Any]], dimension: str, member: Any) -> float | None:
        owner = self._glass.only_owner
        whole = ("account", None) if owner is None else ("member", owner)
        wanted = {
            "": whole, "owner": ("member", member), "project": ("project", member), "product_group": ("group", member),
        }.get(dimension, whole if dimension.startswith("closed_") else ("none", None))
        mine = [
            row for row in self._table("targets").values()
            if not self._query.filter and (row["scope"], row["scope_id"] or row["scope_name"]) == wanted
            and (owner is None or row["scope_id"] == owner)
            and (not dimension.startswith("closed_") or _calendar(row["month"], dimension) == member)
        ]
        planned = sum(row["planned"] for row in mine)
        return sum(row["amount"] for row in rows) / planned if planned else None

    def _plain(self, name: str) -> dict[int, Row]:
        table = schema.metadata.tables[f"{schema.SCHEMA}.{name}"]
        if name not in self._tables:
            names = [column.name for column in table.columns]
            self._tables[name] = {row[0]: dict(zip(names, row, strict=True)) for row in self._glass.rows(select(table))}
        return self._tables[name]

    def _table(self, entity: str) -> dict[int, Row]:
        name = ALL_FIELDS[entity].table.name
        if name not in self._enriched:
            self._enriched.add(name)
            enrich = getattr(self, f"_enrich_{name}", None)
            if enrich is not None:
                enrich(self._plain(name))
        return self._plain(name)

    def _enrich_deals(self, deals: dict[int, Row]) -> None:
        chances = dict(self._glass.rows(select(schema.deals.c.id, probability(self._glass)).select_from(with_scores())))
        steps = defaultdict(list)
        for stage in self._plain("stages").values():
            if stage["kind"] == "open" and not stage["deleted"]:
                steps[stage["pipeline_id"]].append(stage["position"])
        known: dict[int, int] = defaultdict(int)
        for line in self._plain("lines").values():
            if not line["deleted"] and self._cost(line) is not None:
                known[line["deal_id"]] += line["amount"]
        for deal in deals.values():
            way = steps[deal["pipeline_id"]]
            deal["probability"], deal["known"] = chances[deal["id"]], known[deal["id"]]
            deal["steps_reached"] = sum(deal["reached"] >= position for position in way)
            deal["steps_passed"] = sum(deal["reached"] > position for position in way)
        self._enrich_ways(deals)

    def _enrich_ways(self, deals: dict[int, Row]) -> None:
        """Days of the stays that ended in the period, by stage, and how far the planned day was put off in it."""
        last, kinds = min(self._span.end, self._glass.today), {row["id"]: row["kind"] for row in self._plain("stages").values()}
        ways: dict[int, list[Row]] = defaultdict(list)
        for move in sorted(self._plain("moves").values(), key=lambda row: (row["day"], row["id"])):
            if not move["deleted"]:
                ways[move["deal_id"]].append(move)
        pushed: dict[int, int] = defaultdict(int)
        put_off = schema.slips.c
        for deal_id, day, planned, moved_to in self._glass.rows(
            select(put_off.deal_id, put_off.day, put_off.planned, put_off.moved_to)
        ):
            if self._span.start <= day <= last:
                pushed[deal_id] += (moved_to - planned).days
        for deal in deals.values():
            way, closed = ways[deal["id"]], deal["closed_on"]
            deal["stays_on"] = []
            for at, move in enumerate(way):
                left = way[at + 1]["day"] if at + 1 < len(way) else closed if closed and closed >= move["day"] else None
                if left is not None and self._span.start <= left <= last and kinds[move["stage_id"]] == "open":
                    deal["stays_on"].append((move["stage_id"], (left - move["day"]).days))
            deal["stays"] = [days for _, days in deal["stays_on"]]
            deal["slip_days"], deal["slipped"] = pushed[deal["id"]], pushed[deal["id"]] > 0

    def _enrich_lines(self, lines: dict[int, Row]) -> None:
        deals = self._table("deals")
        for line in lines.values():
            deal, cost = deals[line["deal_id"]], self._cost(line)
            line |= {name: deal[name] for name in ("status", "probability", "closed_on", "opened_on")}
            line["margin"], line["known"] = (0, 0) if cost is None else (line["amount"] - cost, line["amount"])

    def _enrich_clients(self, clients: dict[int, Row]) -> None:
        owner = self._glass.only_owner
        earlier = {
            deal["client_id"] for deal in self._plain("deals").values()
            if deal["status"] == "won" and not deal["deleted"] and deal["closed_on"] < self._span.start
            and owner in (None, deal["owner_id"])
        }
        for client in clients.values():
            client["bought_before"] = client["id"] in earlier

    def _enrich_targets(self, targets: dict[int, Row]) -> None:
        for target in targets.values():
            target["planned"] = target["value"] * part_of(target["month"], self._span)

    def _cost(self, line: Row) -> int | None:
        product = self._plain("products").get(line["product_id"])
        if product is None or product["cost"] is None:
            return None
        exact = Decimal(line["quantity"]) * product["cost"] / 1000
        return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def _calendar(month: Any, dimension: str) -> str:
    quarter = f"{month.year}-Q{(month.month + 2) // 3}"
    return {"closed_month": f"{month:%Y-%m}", "closed_quarter": quarter}.get(dimension, str(month.year))
