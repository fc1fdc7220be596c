"""How a comparison's figures and differences are said."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.components.pagestate import PageState
from dashboard.figures.forecastwords import Written, written
from dashboard.i18n import MINUS, NBSP, day, number, t
from dashboard.services import reading
from dashboard.services.actor import Actor
from dashboard.services.ai_compare import KINDS, Answer, Ask, Line


@dataclass(frozen=True, slots=True)
class Words:
    """``names``: of the two; ``even``: over days as many, so that sums may be held against each other as they are."""

    names: tuple[str, str]
    even: bool
    days: int
    currency: str
    locale: str
    revenue: Written

    def metric(self, line: Line) -> str:
        return t(f"metrics.{line.metric}", self.locale)

    def _scale(self, line: Line) -> Written:
        return written(line.unit, (line.found.first, line.found.second), self.currency, self.locale)

    def full(self, line: Line, value: float | None) -> str:
        """The figure to its end."""
        if value is not None and line.unit == "days":
            return t("compare.days", self.locale, count=number(value, self.locale, 0 if value == round(value) else 1))
        if value is not None and line.unit == "count":
            return number(round(value), self.locale)
        return self._scale(line).full(value)

    def short(self, line: Line, value: float | None) -> str:
        """The figure in a unit that suits both sides: ``38,6 млн ₽``."""
        if line.unit in ("days", "share", "count"):
            return self.full(line, value)
        return self._scale(line).said(value)

    def table(self, line: Line, side: int, value: float | None) -> str:
        """The figure in the table: shares with how many of how many."""
        if line.hits is not None and value is not None:
            hits, cases = line.hits[side]
            of = t("compare.of", self.locale, hits=number(hits, self.locale), cases=number(cases, self.locale))
            return f"{self.full(line, value)} · {of}"
        return self.short(line, value)

    def suffix(self, line: Line) -> str:
        """The unit of money at its scale."""
        return self._scale(line).suffix

    def amount(self, line: Line, value: float) -> str:
        """A difference without its sign."""
        size = abs(value)
        if line.unit == "share":
            return t("compare.points", self.locale, count=number(100 * size, self.locale, 1))
        if line.unit == "days":
            return t("compare.days", self.locale, count=number(size, self.locale, 0 if size == round(size) else 1))
        if line.unit == "count":
            return number(round(size), self.locale)
        return self._scale(line).said(size)

    def signed(self, line: Line, value: float) -> str:
        """A difference with its sign."""
        return f"{MINUS if value < 0 else '+'}{self.amount(line, value)}" if value else self.amount(line, value)

    def gap(self, line: Line) -> str:
        """«на 4,8 п.п. выше» of the first; over unequal days, brought to the first's."""
        value = line.found.value
        if value is None:
            return "–"
        if abs(value) < 1e-12:
            return t("compare.alike", self.locale)
        way = "more" if value > 0 else "less"
        said = t(f"compare.{line.unit}.{way}", self.locale, size=self.amount(line, value))
        summed = line.unit in ("money", "count") and line.metric != "average_deal"
        return f"{said}{NBSP}*" if summed and not self.even else said

    def sentence(self, line: Line) -> str:
        """«доля побед на 4,8 п.п. выше»."""
        name = self.metric(line)
        return f"{name[0].lower()}{name[1:]} {self.gap(line)}"

    def money(self, value: float) -> str:
        return self.revenue.full(value)

    def scaled(self, value: float) -> str:
        """Money in the revenue's own unit."""
        return self.revenue.short(value)


def asked(actor: Actor, state: PageState) -> Ask:
    """The address as a question; what there is not falls back to the usual."""
    today = reading.today(actor)
    start, end = state.dates(today, actor.calendar)
    other = state.compared(today, actor.calendar) or (None, None)
    kind = state.kind if state.kind in KINDS else KINDS[0]
    return Ask(kind, start, end, state.left, state.right, state.filter, *other)


def names_of(found: Answer, locale: str) -> tuple[str, str]:
    """What the two are called; periods by their days."""
    if found.ask.kind != "period":
        return found.first.name, found.second.name
    first, second = (f"{day(side.span.start, locale)} – {day(side.span.end, locale)}" for side in (found.first, found.second))
    return first, second


def words_of(found: Answer, names: tuple[str, str], currency: str, locale: str) -> Words:
    """The words of one answer."""
    line = found.line("revenue")
    scale = written("money", (line.found.first, line.found.second), currency, locale)
    days = (found.first.span.end - found.first.span.start).days + 1
    return Words(names, found.even_days, days, currency, locale, scale)
