"""Looking for patterns, in the worker: segments, goods together, seasons, unusual weeks and deals, won against lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import numpy as np

from dashboard.ai import patterns as found_in
from dashboard.ai.compare import chance_of_shares
from dashboard.ai.patterns import Season
from dashboard.ai.quality import newcombe
from dashboard.ai.rules import TooManyItemsets, association_rules, false_discovery, frequent_itemsets
from dashboard.ai.segments import FEWEST, Segment, segments
from dashboard.analytics import findings
from dashboard.analytics.dialect import Glass
from dashboard.analytics.dimensions import DIMENSIONS
from dashboard.analytics.metrics import METRICS
from dashboard.analytics.questions import Drill
from dashboard.analytics.rfm import FREQUENCY, RECENCY, segment_of
from dashboard.analytics.spans import Span, last_months
from dashboard.services import reading
from dashboard.services.actor import Actor
from dashboard.services.ai import guarded
from dashboard.services.ai_patterns import Pattern
from dashboard.services.jobs import Reporter
from db.filters import combine

#: Lines looked at for goods bought together; deals and pairs that are too few.
MOST_LINES, FEWEST_BASKETS, FEWEST_TOGETHER = 1_000_000, 50, 10
SURE = 0.05
_LIFT = 1.2
_TOLD = {"rules": 8, "anomalies": 8, "drivers": 8}
_FEWEST_CLOSED, _FEWEST_MEMBER = 40, 15
_YEARS = 5
_WEEK = timedelta(days=7)
_FLOWS = {"revenue": "won_sum", "deals_created": "created", "deals_lost": "lost"}


class Nothing(Exception):
    """A family has nothing to tell; the reason is its text's key."""


def run(actor: Actor, params: dict[str, Any], progress: Reporter) -> dict[str, Any]:
    """The job: every family by itself; one that has too little data says so."""
    span = Span(date.fromisoformat(params["start"]), date.fromisoformat(params["end"]))
    text = str(params["filter"])
    told: list[Pattern] = []
    missing: dict[str, str] = {}
    with guarded("patterns"), reading.session(actor) as glass:
        span = Span(span.start, min(span.end, glass.today))
        seek = _Search(glass, text, span)
        families: tuple[tuple[str, Callable[[], list[Pattern]]], ...] = (
            ("segments", seek.segments), ("rules", seek.rules), ("seasons", seek.seasons),
            ("anomalies", seek.anomalies), ("drivers", seek.drivers),
        )
        for at, (name, look) in enumerate(families):
            progress.report(0.05 + 0.9 * at / len(families), f"patterns.job.{name}")
            try:
                told += look()
            except Nothing as reason:
                missing[name] = str(reason)
    return {"start": span.start.isoformat(), "end": span.end.isoformat(), "filter": text, "owner": actor.owner_filter,
            "deals": seek.deals, "patterns": [asdict(item) for item in told], "missing": missing}


class _Search:
    """One look at one state of the data."""

    def __init__(self, glass: Glass, text: str, span: Span) -> None:
        self._glass, self._text, self._span = glass, text, span
        self.deals = 0
        self._year: Season | None = None

    # --- clients ---------------------------------------------------------------------------------------------

    def segments(self) -> list[Pattern]:
        rows = findings.purchases(self._glass, self._text)
        if len(rows) < FEWEST:
            raise Nothing("few_clients")
        days = np.array([(self._glass.today - last).days for last, _, _ in rows], np.int64)
        often = np.array([count for _, count, _ in rows], np.int64)
        money = np.array([total for _, _, total in rows], np.int64)
        found = segments(days, often, money)
        if not found:
            raise Nothing("alike_clients")
        names = _segment_names(found)
        whole = float(money.sum()) or 1.0
        return [
            Pattern(
                "segments", "segment", {
                    "name": name, "clients": item.clients, "share": item.clients / len(rows),
                    "money_share": item.revenue * item.clients / whole, "days": item.days, "purchases": item.purchases,
                    "revenue": item.revenue, "bounds": [asdict(bound) for bound in item.bounds],
                }, "stability", item.stability, self._clients(item), item.clients,
                (("clients", item.clients / len(rows), False), ("money", item.revenue * item.clients / whole, True)),
            )
            for name, item in zip(names, found, strict=True)
        ]

    def _clients(self, item: Segment) -> Drill:
        parts = []
        for bound in item.bounds:
            for edge, upper in ((bound.low, False), (bound.high, True)):
                if edge is None:
                    continue
                if bound.feature == "days":
                    day = self._glass.today - timedelta(days=edge)
                    parts.append(f"last_purchase {'>=' if upper else '<'} {day}")
                elif bound.feature == "purchases":
                    parts.append(f"deals_won {'<=' if upper else '>'} {edge}")
                else:
                    parts.append(f"revenue {'<=' if upper else '>'} {edge / 100:.2f}")
        return Drill("clients", combine(" and ".join(parts), f"deals has ({combine(self._text, 'status = won')})"))

    # --- goods -----------------------------------------------------------------------------------------------

    def rules(self) -> list[Pattern]:
        baskets, span = findings.baskets(self._glass, self._text, self._span, MOST_LINES)
        if len(baskets) < FEWEST_BASKETS:
            raise Nothing("few_baskets")
        support = max(0.002, FEWEST_TOGETHER / len(baskets))
        while True:
            try:
                sets = frequent_itemsets(baskets, min(support, 1.0), max_size=2, most=50_000)
                break
            except TooManyItemsets:
                support *= 2
        # all rules are tested, not those alone that look good: else the rate of false ones would not hold
        rules = association_rules(sets, len(baskets), min_lift=0.0, max_q=SURE)
        pairs: dict[tuple[int, ...], Any] = {}
        for rule in rules:
            pair = tuple(sorted((*rule.antecedent, *rule.consequent)))
            if rule.lift >= _LIFT and (pair not in pairs or rule.confidence > pairs[pair].confidence):
                pairs[pair] = rule
        best = sorted(pairs.values(), key=lambda rule: (-rule.leverage, rule.antecedent, rule.consequent))[: _TOLD["rules"]]
        if not best:
            raise Nothing("no_rules")
        goods = {good for rule in best for good in (*rule.antecedent, *rule.consequent)}
        names = findings.names_of_products(self._glass, goods)
        told = []
        for rule in best:
            one, other = rule.antecedent[0], rule.consequent[0]
            usual = rule.confidence / rule.lift
            drill = METRICS["revenue"].drill_span(
                span, combine(self._text, f"lines has (product = {one}) and lines has (product = {other})"), self._glass.today)
            told.append(Pattern(
                "rules", "together", {"one": names.get(one, "?"), "other": names.get(other, "?"), "share": rule.confidence,
                                      "usual": usual, "lift": rule.lift, "count": rule.count}, "q", rule.q, drill, rule.count,
                (("with", rule.confidence, True), ("without", usual, False))))
        return told

    # --- time ------------------------------------------------------------------------------------------------

    def seasons(self) -> list[Pattern]:
        first = findings.first_day(self._glass, self._text)
        end = self._span.end
        last = end if end == last_months(end, 1)[0].end else last_months(end, 1)[0].start - timedelta(days=1)
        if first is None:
            raise Nothing("short_history")
        months = [month for month in last_months(last, 12 * _YEARS) if month.start >= first.replace(day=1)][1:]
        reach = Span(months[0].start if months else end, last)
        weeks = Span(max(first, end - 52 * _WEEK + timedelta(days=1)), end)
        known = findings.days(self._glass, self._text, ("won_sum", "created"), Span(min(reach.start, weeks.start), end))
        told: list[tuple[str, str, Season, Drill]] = []
        for metric in ("revenue", "deals_created"):
            series = known[_FLOWS[metric]]
            monthly = [series.within(month) for month in months]
            season = found_in.season_of_year(monthly, months[0].start.month) if months else None
            if season is not None:
                told.append((metric, "year", season, self._of_month(metric, season, months)))
                if metric == "revenue":
                    self._year = season
            days = [weeks.start + timedelta(days=at) for at in range((weeks.end - weeks.start).days + 1)]
            weekly = found_in.season_of_week([series.within(Span(day, day)) for day in days], days[0].weekday())
            if weekly is not None:
                told.append((metric, "week", weekly, METRICS[metric].drill_span(weeks, self._text, self._glass.today)))
        if not told:
            raise Nothing("short_history")
        rates = false_discovery([season.p for _, _, season, _ in told])
        sure = [(*item, float(q)) for item, q in zip(told, rates, strict=True) if q <= SURE and item[2].strength >= 0.1]
        if self._year is not None and not any(metric == "revenue" and what == "year" for metric, what, *_ in sure):
            self._year = None
        if not sure:
            raise Nothing("no_season")
        return [self._season(*item) for item in sure]

    def _season(self, metric: str, what: str, season: Season, drill: Drill, q: float) -> Pattern:
        best, worst = int(np.argmax(season.profile)), int(np.argmin(season.profile))
        params = {"metric": metric, "best": best, "worst": worst, "high": season.profile[best] - 1,
                  "low": 1 - season.profile[worst], "strength": season.strength, "cycles": season.cycles}
        chart = tuple((str(at), value, at == best) for at, value in enumerate(season.profile))
        return Pattern("seasons", f"season_{what}", params, "q", q, drill, 0, chart)

    def _of_month(self, metric: str, season: Season, months: list[Span]) -> Drill:
        """The rows of the best month of all years looked at."""
        best = int(np.argmax(season.profile)) + 1
        day = "closed_on" if metric == "revenue" else "opened_on"
        spans = " or ".join(f"({month.between(day)})" for month in months if month.start.month == best)
        status = "status = won" if metric == "revenue" else ""
        return Drill("deals", combine(self._text, status, f"({spans})"))

    # --- what stands out -------------------------------------------------------------------------------------

    def anomalies(self) -> list[Pattern]:
        first = findings.first_day(self._glass, self._text)
        if first is None:
            raise Nothing("short_history")
        start = max(first, self._span.end - 104 * _WEEK, self._span.start)
        start += timedelta(days=-start.weekday() % 7)
        starts = [start + at * _WEEK for at in range(max(((self._span.end - start).days + 1) // 7, 0))]
        if len(starts) < found_in.WEEKS:
            raise Nothing("short_history")
        known = findings.days(self._glass, self._text, tuple(_FLOWS.values()), Span(start, self._span.end))
        told: list[Pattern] = []
        for metric, atom in _FLOWS.items():
            values = [float(known[atom].within(Span(day, day + _WEEK - timedelta(days=1)))) for day in starts]
            profile = self._year.profile if self._year is not None and metric == "revenue" else None
            for odd in found_in.odd_weeks(values, starts, profile):
                week = Span(starts[odd.at], starts[odd.at] + _WEEK - timedelta(days=1))
                drill = METRICS[metric].drill_span(week, self._text, self._glass.today)
                around = range(max(0, odd.at - 8), min(len(values), odd.at + 9))
                chart = tuple((starts[at].isoformat(), values[at], at == odd.at) for at in around)
                params = {"metric": metric, "start": week.start.isoformat(), "end": week.end.isoformat(), "value": odd.value,
                          "usual": odd.usual, "z": odd.z}
                way = "week_more" if odd.z > 0 else "week_less"
                total = round(odd.value) if METRICS[metric].unit == "money" else None
                told.append(Pattern("anomalies", way, params, "q", odd.q, drill, 0, chart, total))
        told.sort(key=lambda item: (-abs(item.params["z"]), item.params["start"], item.params["metric"]))
        told = [*self._dear(), *told][: _TOLD["anomalies"]]
        if not told:
            raise Nothing("no_anomalies")
        return told

    def _dear(self) -> list[Pattern]:
        """Deals won for unusually much."""
        amounts = findings.won_amounts(self._glass, self._text, self._span)
        found = found_in.odd_amounts([amount for amount, count in amounts for _ in range(count)])
        if found is None:
            return []
        bound, usual = found
        dear = [(amount, count) for amount, count in amounts if amount >= bound]
        total, whole = (sum(amount * count for amount, count in rows) for rows in (dear, amounts))
        text = combine(self._text, f"amount >= {bound / 100:.2f}")
        drill = METRICS["revenue"].drill_span(self._span, text, self._glass.today)
        count = sum(count for _, count in dear)
        params = {"count": count, "bound": bound, "usual": usual, "share": total / whole}
        chart = (("dear", total / whole, True), ("rest", 1 - total / whole, False))
        return [Pattern("anomalies", "dear", params, "robust", found_in.FAR, drill, count, chart, total)]

    # --- won and lost ----------------------------------------------------------------------------------------

    def drivers(self) -> list[Pattern]:
        known = findings.marks(self._glass, self._text, self._span)
        won, closed = next(((won, closed) for _, _, won, closed in known[""]), (0, 0))
        self.deals = closed
        if closed < _FEWEST_CLOSED or won in (0, closed):
            raise Nothing("few_closed")
        tested: list[tuple[str, str | None, str, int, int]] = []
        for name in findings.MARKS:
            for member, title, hits, cases in known[name]:
                if cases >= _FEWEST_MEMBER and closed - cases >= _FEWEST_MEMBER:
                    shown = title if DIMENSIONS[name].caption else (None if member is None else str(member))
                    tested.append((name, shown, DIMENSIONS[name].filter(member), hits, cases))
        tested += self._quarters(closed)
        if not tested:
            raise Nothing("few_closed")
        p = [chance_of_shares(hits, cases, won - hits, closed - cases) for *_, hits, cases in tested]
        told = []
        for (name, shown, text, hits, cases), q in zip(tested, false_discovery(p), strict=True):
            if q > SURE:
                continue
            gap, low, high = newcombe(hits, cases, won - hits, closed - cases)
            rest = (won - hits) / (closed - cases)
            drill = METRICS["win_rate"].drill_span(self._span, combine(self._text, text), self._glass.today)
            params = {"mark": name, "member": shown, "rate": hits / cases, "rest": rest, "won": hits, "closed": cases,
                      "gap": gap, "weight": abs(gap) * cases / closed}
            told.append(Pattern("drivers", "driver_up" if gap > 0 else "driver_down", params, "q", float(q), drill, cases,
                                (("with", hits / cases, True), ("without", rest, False)), None, low, high))
        if not told:
            raise Nothing("no_drivers")
        told.sort(key=lambda item: (-item.params["weight"], item.params["mark"], str(item.params["member"])))
        return told[: _TOLD["drivers"]]

    def _quarters(self, closed: int) -> list[tuple[str, str | None, str, int, int]]:
        edges, counts = findings.by_amount(self._glass, self._text, self._span)
        found: list[tuple[str, str | None, str, int, int]] = []
        for at, (hits, cases) in enumerate(counts):
            if not _FEWEST_MEMBER <= cases <= closed - _FEWEST_MEMBER:
                continue
            low, high = (edges[at - 1] if at else None), (edges[at] if at < 3 else None)
            parts = [f"amount > {low / 100:.2f}" if low is not None else "",
                     f"amount <= {high / 100:.2f}" if high is not None else ""]
            found.append(("amount", f"{low if low is not None else ''}:{high if high is not None else ''}",
                          " and ".join(part for part in parts if part), hits, cases))
        return found


def _segment_names(found: list[Segment]) -> list[str]:
    """The name of the recency × frequency band a segment's means lie in; twins are told apart by their money."""
    plain = [segment_of(_band(RECENCY, item.days), _band(FREQUENCY, item.purchases)) for item in found]
    names = []
    for name, item in zip(plain, found, strict=True):
        twins = sorted((one.revenue for one, other in zip(found, plain, strict=True) if other == name), reverse=True)
        names.append(name if len(twins) == 1 else f"{name}.{1 + twins.index(item.revenue)}")
    return names


def _band(bands: dict[int, tuple[int, int | None]], value: float) -> int:
    return next(score for score, (low, high) in bands.items() if high is None or low <= round(value) <= high or value < low)
