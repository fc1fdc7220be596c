"""What a panel's builder knows beside its answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

from dashboard.analytics.questions import OverviewQuery
from dashboard.services import crossfilter
from dashboard.services.crossfilter import Picks
from dashboard.services.errors import Invalid


@dataclass(frozen=True)
class Marks:
    """Which marks of a panel are picked: ``text in marks`` for those that count, ``marks.out(text)`` for those that do not."""

    picks: Picks = Picks()

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and bool(text) and self.picks.has(_mark(text))

    def out(self, text: str) -> bool:
        return bool(text) and self.picks.excludes(_mark(text))

    @property
    def any(self) -> bool:
        return bool(self.picks.alternatives)  # where something is only left out, the others stay as they are


def _mark(text: str) -> crossfilter.Mark:
    try:
        return crossfilter.mark_of("deals", text)
    except Invalid:  # a mark over another entity: it is never part of the page's filter
        return frozenset()


@dataclass(frozen=True)
class Seen:
    """What a builder knows beside its answer. ``query``: the page's question; ``marks``: what is picked in this panel."""

    query: OverviewQuery
    compare: str
    marks: Marks
    currency: str
    locale: str
    timezone: str
    today: date

    @property
    def key(self) -> str:
        """Names the question, the same in every request that asks it."""
        told = repr((self.query, self.compare, self.locale, self.today))
        return blake2b(told.encode(), digest_size=9).hexdigest()
