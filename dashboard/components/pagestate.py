"""What a page's address holds: period, comparison, filter, search. Read and written in one place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import parse_qs, parse_qsl, urlencode

from dashboard.analytics import periods
from dashboard.analytics.funnel import SPLITS
from dashboard.analytics.periods import BEGINNING, PLAIN, PRESETS, STEPS, Calendar
from dashboard.analytics.questions import OverviewQuery

__all__ = [
    "BEGINNING", "COMPARISONS", "DEFAULT_COMPARISON", "DEFAULT_PERIOD", "PRESETS", "PageState", "past_day", "preset_dates",
    "question", "read_state",
]

COMPARISONS = ("year", "previous", "plan", "none")
DEFAULT_PERIOD, DEFAULT_COMPARISON = "year", "year"
_LONGEST = 8000


@dataclass(frozen=True, slots=True)
class PageState:
    """One page's address. ``start`` and ``end`` count only where ``period`` is ``own``."""

    period: str = DEFAULT_PERIOD
    compare: str = DEFAULT_COMPARISON
    start: date | None = None
    end: date | None = None
    filter: str = ""
    search: str = ""
    sort: str = ""  # of a grid: ``-amount,title``, by its columns' names
    pipeline: int | None = None  # of the board; none: the default one
    order: str = ""  # of the board's cards
    step: str | None = None  # what the chart of time is divided by; none: by the period's length
    board: int | None = None  # the saved dashboard; none: the reader's own default, 0: the usual one
    layout: str = ""  # its cards and panels, where they are not as saved
    asof: date | None = None  # the past day whose data are shown; none: today's
    due: str = ""  # of the pipeline's changes: ``quarter`` for what was to close in it
    split: str = ""  # of the table of stages: the dimension's name; none: people
    metric: str = ""  # of the forecast; none: revenue
    ahead: int | None = None  # how many steps the forecast reaches; none: the usual
    holidays: bool = False  # whether the forecast reckons with Russia's days off
    until: str = ""  # what the pipeline is forecast for: month, quarter, year; none: the month
    levers: str = ""  # of the forecast's scenario: ``earlier_5~wins_-3``; those that stand as things are are not in it
    kind: str = ""  # of the comparison: people, clients …; none: people
    left: str | None = None  # the two that are compared; none: those that sold most
    right: str | None = None

    def dates(self, today: date, calendar: Calendar = PLAIN) -> tuple[date, date]:
        """Both days of the period, included; on a past day it is that day's "today"."""
        today = self.asof or today
        if self.period == "own" and self.start and self.end:
            return self.start, max(self.start, self.end)
        return preset_dates(self.period, today, calendar)

    def compared(self, today: date, calendar: Calendar = PLAIN) -> tuple[date, date] | None:
        """The period to compare with; none where nothing is compared, or with the plan."""
        if self.compare in ("none", "plan") or self.period == "all":
            return None
        start, end = self.dates(today, calendar)
        if self.compare == "previous":
            if self.period.startswith("last_"):  # the whole one before: months differ in length
                step = self.period.removeprefix("last_")
                return periods.start_of(step, start - timedelta(days=1), calendar), start - timedelta(days=1)
            length = (end - start).days + 1
            return start - timedelta(days=length), start - timedelta(days=1)
        return periods.year_before(start, end, self.period)

    def query(self) -> str:
        """The address' query string; what stands at its default is left out."""
        pairs = {
            "period": "" if self.period == DEFAULT_PERIOD else self.period,
            "from": self.start.isoformat() if self.period == "own" and self.start else "",
            "to": self.end.isoformat() if self.period == "own" and self.end else "",
            "compare": "" if self.compare == DEFAULT_COMPARISON else self.compare,
            "filter": self.filter,
            "search": self.search,
            "sort": self.sort,
            "pipeline": str(self.pipeline or ""),
            "order": self.order,
            "step": self.step or "",
            "board": "" if self.board is None else str(self.board),
            "layout": self.layout,
            "asof": self.asof.isoformat() if self.asof else "",
            "due": self.due,
            "split": self.split,
            "metric": self.metric,
            "ahead": str(self.ahead or ""),
            "holidays": "ru" if self.holidays else "",
            "until": self.until,
            "levers": self.levers,
            "kind": self.kind,
        }
        text = urlencode({key: value for key, value in pairs.items() if value} | {
            key: value for key, value in (("left", self.left), ("right", self.right)) if value
        })
        return f"?{text}" if text else ""

    def saying(self, text: str) -> PageState:
        """With some of the address' parts said anew (``asof=2026-09-01``, ``due=``)."""
        said = dict(parse_qsl(text[:_LONGEST], keep_blank_values=True, max_num_fields=20))
        return read_state(urlencode({**dict(parse_qsl(self.query().lstrip("?"))), **said}))

    def with_filter(self, text: str) -> PageState:
        """Levers go back: what is usual for other deals is something else."""
        return replace(self, filter=text, levers="")


def question(state: PageState, today: date, calendar: Calendar = PLAIN) -> OverviewQuery:
    """The address as a question, on a day of the account's calendar."""
    start, end = state.dates(today, calendar)
    compared = state.compared(today, calendar) or (None, None)
    day = past_day(state, today)
    return OverviewQuery(
        start, end, compared[0], compared[1], state.filter, asof=day, due=state.due == "quarter", step=state.step,
        calendar=calendar, split=state.split or SPLITS[0], preset=state.period,
    )  # fmt: skip


def past_day(state: PageState, today: date) -> date | None:
    """The past day the page is at; none for today (a day to come is none: the address was typed)."""
    return state.asof if state.asof and state.asof < today else None


def read_state(query: str | None) -> PageState:
    """The state in a query string. What cannot be read falls back to its default: addresses are typed by hand."""
    given = (
        {key: values[0][:_LONGEST] for key, values in parse_qs((query or "").lstrip("?"), max_num_fields=20).items()}
        if _readable(query)
        else {}
    )
    start, end = _day(given.get("from")), _day(given.get("to"))
    period = given.get("period", DEFAULT_PERIOD)
    if period == "own" and not (start and end):
        period = DEFAULT_PERIOD
    return PageState(
        period=period if period in (*PRESETS, "own") else DEFAULT_PERIOD,
        compare=given["compare"] if given.get("compare") in COMPARISONS else DEFAULT_COMPARISON,
        start=start,
        end=end,
        filter=given.get("filter", ""),
        search=given.get("search", "")[:200],
        sort=given.get("sort", "")[:200],
        pipeline=_id(given.get("pipeline", "")),
        order=given.get("order", "")[:20],
        step=given["step"] if given.get("step") in STEPS else None,
        board=_id(given.get("board", "")),
        layout=given.get("layout", "")[:4000],
        asof=_day(given.get("asof")),
        due="quarter" if given.get("due") == "quarter" else "",
        split=given["split"] if given.get("split") in SPLITS[1:] else "",
        metric=given.get("metric", "")[:40],
        ahead=_id(given.get("ahead", "")[:3]),
        holidays=given.get("holidays") == "ru",
        until=given.get("until", "")[:10],
        levers=given.get("levers", "")[:100],
        kind=given.get("kind", "")[:20],
        left=_member(given.get("left")),
        right=_member(given.get("right")),
    )


def _readable(query: str | None) -> bool:
    return bool(query) and len(query or "") <= 4 * _LONGEST and (query or "").count("&") < 20


def preset_dates(preset: str, today: date, calendar: Calendar = PLAIN) -> tuple[date, date]:
    """The days of a named period. Running periods end today."""
    return periods.preset(preset, today, calendar)


def _member(text: str | None) -> str | None:
    return text[:200] if text else None


def _id(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2100 else None
