"""What a pattern says, in words: its heading, its sentence, how sure it is, its chart's labels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from babel.dates import get_day_names, get_month_names

from dashboard.figures.forecastwords import written
from dashboard.i18n import NBSP, day, number, percent, t
from dashboard.services.ai_patterns import Pattern


@dataclass(frozen=True, slots=True)
class Sayer:
    """Says patterns in one language and currency."""

    currency: str
    locale: str

    def heading(self, item: Pattern) -> str:
        """What the pattern is about."""
        params = item.params
        match item.kind:
            case "segment":
                return self._segment(params["name"])
            case "together":
                return t("patterns.together", self.locale, one=params["one"], other=params["other"])
            case "season_year" | "season_week":
                return t(f"patterns.{item.kind}", self.locale, metric=self._metric(params))
            case "week_more" | "week_less":
                return t("patterns.week", self.locale, metric=self._metric(params), start=self._day(params["start"]),
                         end=self._day(params["end"]))
            case "dear":
                return t("patterns.dear", self.locale)
        return t("patterns.driver", self.locale, mark=self._mark(params["mark"]), member=self._member(params))

    def sentence(self, item: Pattern) -> str:
        """The pattern in a sentence or two."""
        params, percents = item.params, self._percent
        match item.kind:
            case "segment":
                return t("patterns.segment.text", self.locale, bounds=self._bounds(params["bounds"]),
                         share=percents(params["share"]), money=percents(params["money_share"]),
                         purchases=number(params["purchases"], self.locale, 1), days=number(params["days"], self.locale),
                         revenue=self.money(params["revenue"]))
            case "together":
                return t("patterns.together.text", self.locale, one=params["one"], other=params["other"],
                         share=percents(params["share"]), usual=percents(params["usual"]),
                         lift=number(params["lift"], self.locale, 1))
            case "season_year" | "season_week":
                return t(f"patterns.{item.kind}.text", self.locale, best=self.part(item, params["best"]),
                         worst=self.part(item, params["worst"]), high=percents(params["high"]), low=percents(params["low"]),
                         strength=number(params["strength"], self.locale, 2))
            case "week_more" | "week_less":
                scale = self._scale(item)
                return t(f"patterns.{item.kind}.text", self.locale, value=scale.full(params["value"]),
                         usual=scale.full(params["usual"]), z=number(abs(params["z"]), self.locale, 1))
            case "dear":
                return t("patterns.dear.text", self.locale, count=number(params["count"], self.locale),
                         bound=self.money(params["bound"]), usual=self.money(params["usual"]), share=percents(params["share"]))
        return t(f"patterns.{item.kind}.text", self.locale, rate=percents(params["rate"]), rest=percents(params["rest"]),
                 gap=number(abs(100 * params["gap"]), self.locale, 1), won=number(params["won"], self.locale),
                 closed=number(params["closed"], self.locale))

    def rows(self, item: Pattern) -> str:
        """What the link to the rows is called."""
        if item.drill.entity == "clients":
            return t("patterns.clients", self.locale, count=number(item.count, self.locale))
        return t("patterns.deals", self.locale, count=number(item.count, self.locale)) if item.count else t(
            "patterns.rows", self.locale)

    def label(self, item: Pattern, name: str) -> str:
        """A chart's mark in full."""
        if item.kind.startswith("season"):
            return self.part(item, int(name))
        if item.kind.startswith("week"):
            start = date.fromisoformat(name)
            return f"{day(start, self.locale)} – {day(start + timedelta(days=6), self.locale)}"
        return t(f"patterns.bar.{item.family}.{name}", self.locale)

    def short(self, item: Pattern, name: str) -> str:
        """The same below the mark."""
        if item.kind.startswith("week"):
            return ""
        if item.kind == "season_year":
            return self.part(item, int(name))[:1]
        return str(get_day_names("short", context="stand-alone", locale=self.locale)[int(name)])

    def value(self, item: Pattern, value: float) -> str:
        """A chart's figure."""
        if item.kind.startswith("season"):
            return self._percent(value)
        return self._scale(item).full(value)

    def part(self, item: Pattern, at: int) -> str:
        """A month's or a weekday's name."""
        if item.kind == "season_year":
            return str(get_month_names("wide", context="stand-alone", locale=self.locale)[at + 1])
        return str(get_day_names("wide", context="stand-alone", locale=self.locale)[at])

    def money(self, kopecks: float) -> str:
        """Money in a unit that can be read."""
        return written("money", [kopecks], self.currency, self.locale).said(kopecks)

    def _scale(self, item: Pattern) -> Any:
        unit = "money" if item.params["metric"] == "revenue" else "count"
        return written(unit, [item.params["value"]], self.currency, self.locale)

    def _metric(self, params: dict[str, Any]) -> str:
        return t(f"metrics.{params['metric']}", self.locale)

    def _mark(self, name: str) -> str:
        return t("patterns.amount", self.locale) if name == "amount" else t(f"dimensions.{name}", self.locale)

    def _member(self, params: dict[str, Any]) -> str:
        if params["mark"] != "amount":
            return params["member"] or t("patterns.unset", self.locale)
        low, high = params["member"].split(":")
        if not low:
            return t("patterns.up_to", self.locale, high=self.money(int(high)))
        if not high:
            return t("patterns.above", self.locale, low=self.money(int(low)))
        return t("patterns.between", self.locale, low=self.money(int(low)), high=self.money(int(high)))

    def _segment(self, name: str) -> str:
        plain, _, twin = name.partition(".")
        title = t(f"rfm.segment.{plain}", self.locale)
        return f"{title}, {t(f'patterns.twin.{twin}', self.locale)}" if twin else title

    def _bounds(self, bounds: list[dict[str, Any]]) -> str:
        said = []
        for bound in bounds:
            for edge, way in ((bound["low"], "more"), (bound["high"], "most")):
                if edge is not None:
                    shown = self.money(edge) if bound["feature"] == "revenue" else number(edge, self.locale)
                    said.append(t(f"patterns.bound.{bound['feature']}.{way}", self.locale, edge=shown))
        words = ", ".join(said)
        return words[:1].upper() + words[1:]

    def _percent(self, share: float) -> str:
        return percent(share, self.locale, 0 if abs(share) >= 0.1 else 1)

    def _day(self, text: str) -> str:
        return day(date.fromisoformat(text), self.locale)


def sure_words(item: Pattern, locale: str) -> tuple[str, str]:
    """How sure a pattern is: in a word or two, and with the figure behind it."""
    if item.sure == "stability":
        level = "stable" if item.level >= 0.75 else "doubtful" if item.level >= 0.6 else "unstable"
        return t(f"patterns.sure.{level}", locale), t("patterns.sure.stability", locale, share=percent(item.level, locale, 0))
    if item.sure == "robust":
        return t("patterns.sure.rare", locale), t("patterns.sure.robust", locale, z=number(item.level, locale, 1))
    level = "hardly" if item.level <= 0.01 else "likely"
    q = t("patterns.sure.below", locale) if item.level < 0.001 else f"q{NBSP}={NBSP}{number(item.level, locale, 3)}"
    if item.low is not None and item.high is not None:
        low, high = (number(100 * edge, locale, 1) for edge in (item.low, item.high))
        return t(f"patterns.sure.{level}", locale), t("patterns.sure.interval", locale, low=low, high=high, q=q)
    return t(f"patterns.sure.{level}", locale), q
