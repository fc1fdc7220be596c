"""Charts for paper, drawn by a Chrome through kaleido. Worker only.

Without a Chrome kaleido would wait for ever: it is looked for first, every wait has a
limit, and a Chrome that died is started again once.
"""

from __future__ import annotations

import html
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from dashboard import i18n
from dashboard.reports.document import Chart, Document

log = logging.getLogger(__name__)

#: Seconds for the first picture (Chrome starts) and for each after it.
FIRST_S, NEXT_S = 25.0, 8.0
#: Seconds a Chrome that hung is left alone.
PAUSE_S = 600.0
STOP_S = 5.0
_INK, _QUIET, _GRID, _BLUE, _PALE = "#17181c", "#6b6e76", "#e6e6e2", "#2f54d6", "#b9c6f3"
_FONT = "Inter"


class NoChrome(Exception):
    """Charts cannot be drawn on this machine, or not now."""


class _Hand:
    """One thread that does one thing after the other. A daemon, unlike those of ThreadPoolExecutor:
    a Chrome that hangs must not keep the whole process from ending."""

    def __init__(self) -> None:
        self._work: SimpleQueue[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]] | None] = SimpleQueue()
        threading.Thread(target=self._run, name="charts", daemon=True).start()

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._work.put((future, function, arguments))
        return future

    def dismiss(self) -> None:
        """No more work; does not wait for what is under way."""
        self._work.put(None)

    def _run(self) -> None:
        while (item := self._work.get()) is not None:
            future, function, arguments = item
            try:
                future.set_result(function(*arguments))
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the result
                future.set_exception(error)


class Painter:
    """One Chrome of this process, started at the first chart and kept warm."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: _Hand | None = None
        self._warm = False
        self._tried_at = 0.0

    def svg(self, figure: Mapping[str, Any], width: int, height: int, chrome: Path | None = None) -> str:
        """The figure as SVG. Raises NoChrome."""
        with self._lock:
            if self._tried_at and time.monotonic() - self._tried_at < PAUSE_S:
                raise NoChrome  # one that hung a moment ago hangs again: no report should wait for it
            for attempt in (1, 2):
                try:
                    return self._draw(figure, width, height, chrome)
                except NoChrome:
                    raise
                except Exception as error:  # noqa: BLE001 - Chrome dies in many ways; one new one is tried
                    self._stop()
                    log.warning("charts: attempt %s failed: %s", attempt, error)
            raise NoChrome

    def stop(self) -> None:
        """Let Chrome go."""
        with self._lock:
            self._stop()

    def _draw(self, figure: Mapping[str, Any], width: int, height: int, chrome: Path | None) -> str:
        if self._thread is None:
            found = chrome or find_chrome()
            if found is None:
                raise NoChrome
            self._thread = _Hand()
            self._thread.submit(_start, found)
        options = {"format": "svg", "width": width, "height": height}
        future = self._thread.submit(_calculate, figure, options)
        try:
            content = future.result(NEXT_S if self._warm else FIRST_S)
        except FutureTimeout:
            self._thread.dismiss()
            self._thread, self._warm, self._tried_at = None, False, time.monotonic()
            raise NoChrome from None
        self._warm = True
        return content.decode("utf-8")

    def _stop(self) -> None:
        if self._thread is not None:
            stopped = self._thread.submit(_halt)
            with suppress(Exception):  # a Chrome that does not end in time ends with this process
                stopped.result(STOP_S)
            self._thread.dismiss()
        self._thread, self._warm = None, False


def find_chrome() -> Path | None:
    """An installed Chrome, Edge or Chromium that kaleido can use."""
    from choreographer.browsers.chromium import Chromium  # start-up cost: charts are rare

    try:
        found = Chromium.find_browser(skip_local=False)
    except Exception:  # noqa: BLE001 - the library's own search may fail in many ways; then there is none
        return None
    return Path(found) if found else None


def _start(chrome: Path) -> None:
    import kaleido  # start-up cost

    page = kaleido.PageGenerator(mathjax=False)
    kaleido.start_sync_server(n=1, path=str(chrome), page_generator=page, timeout=20, silence_warnings=True)


def _calculate(figure: Mapping[str, Any], options: dict[str, Any]) -> bytes:
    import kaleido

    result: bytes = kaleido.calc_fig_sync(dict(figure), opts=options)
    return result


def _halt() -> None:
    import kaleido

    kaleido.stop_sync_server(silence_warnings=True)


def figure(chart: Chart, document: Document) -> dict[str, Any]:
    """The chart as a plotly figure (a plain dictionary: building one needs no plotly)."""
    unit, divisor = unit_of([bar.value for bar in chart.bars], document.locale)
    values = [bar.value / divisor for bar in chart.bars]
    # Beyond the bar and beyond its plan, so that no number is crossed out by a line.
    ends = [max(bar.value, bar.tick or bar.value) / divisor for bar in chart.bars]
    upright = chart.kind == "columns"
    # plotly reads tags in texts: names of members and regions are shown letter by letter
    labels = [bar.label if upright else html.escape(bar.label, quote=False) for bar in chart.bars]
    names, scale = _names(labels), _scale(values, ends, upright)
    layout = {
        "template": "none",
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "showlegend": False,
        "font": {"family": _FONT, "size": 11, "color": _INK},
        "separators": ",\u00a0" if document.locale == "ru" else ".,",
        "margin": {"l": 44, "r": 16, "t": 22, "b": 26},
        "bargap": 0.3,
        "xaxis": names if upright else scale,
        "yaxis": scale if upright else {**names, "autorange": "reversed", "ticklabelstandoff": 6},
        "shapes": _plans(chart, divisor, upright),
        "annotations": [_unit(unit, upright)],
    }
    texts = [i18n.number(value, document.locale, 1) for value in values]
    return {"data": [_bars(chart, values, upright), _words(texts, ends, upright)], "layout": layout}


def _bars(chart: Chart, values: list[float], upright: bool) -> dict[str, Any]:
    places = list(range(len(values)))
    colours = [_PALE if bar.muted else _BLUE for bar in chart.bars]
    return {
        "type": "bar",
        "orientation": "v" if upright else "h",
        "marker": {"color": colours, "line": {"width": 0}},
        "x": places if upright else values,
        "y": values if upright else places,
        "hoverinfo": "skip",
        "width": 0.62,
    }


def _words(texts: list[str], ends: list[float], upright: bool) -> dict[str, Any]:
    """The values, written where the bars and their plans end."""
    places = list(range(len(texts)))
    return {
        "type": "scatter",
        "mode": "text",
        "text": texts,
        "textposition": "top center" if upright else "middle right",
        "x": places if upright else ends,
        "y": ends if upright else places,
        "textfont": {"size": 11, "color": _INK},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _names(labels: list[str]) -> dict[str, Any]:
    """The axis that names the bars."""
    return {
        "tickmode": "array",
        "tickvals": list(range(len(labels))),
        "ticktext": labels,
        "tickfont": {"size": 11, "color": _QUIET},
        "showgrid": False,
        "zeroline": False,
        "automargin": True,
    }


def _scale(values: list[float], ends: list[float], upright: bool) -> dict[str, Any]:
    """The axis of values, with room for the words beyond the bars."""
    least, most = min([0.0, *values]), max([0.0, *ends])
    reach = (most - least) * (0.12 if upright else 0.14) or 1
    return {
        "range": [least - (reach if least < 0 else 0), most + reach],
        "gridcolor": _GRID,
        "zeroline": True,
        "zerolinecolor": "#c9c9c4",
        "tickfont": {"size": 11, "color": _QUIET},
        "nticks": 5,
        "separatethousands": True,
        "ticklen": 0,
    }


def _unit(text: str, upright: bool) -> dict[str, Any]:
    return {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": 1,
        "xanchor": "right" if upright else "left",
        "yanchor": "bottom",
        "yshift": 6,
        "showarrow": False,
        "font": {"size": 11, "color": _QUIET},
    }


def size(chart: Chart) -> tuple[int, int]:
    """Width and height in pixels."""
    return (720, 250) if chart.kind == "columns" else (720, 56 + 24 * len(chart.bars))


def _plans(chart: Chart, divisor: float, upright: bool) -> list[dict[str, Any]]:
    shapes: list[dict[str, Any]] = []
    for place, bar in enumerate(chart.bars):
        if bar.tick is None:
            continue
        ends, at = (place - 0.4, place + 0.4), bar.tick / divisor
        line = {"type": "line", "line": {"color": "#3a3c42", "width": 2}}
        shapes.append(
            {**line, "x0": ends[0], "x1": ends[1], "y0": at, "y1": at}
            if upright
            else {**line, "y0": ends[0], "y1": ends[1], "x0": at, "x1": at}
        )
    return shapes


def unit_of(values: list[float], locale: str) -> tuple[str, float]:
    """One unit (word, divisor) for many sums, from the greatest of them."""
    most = max((abs(value) for value in values), default=0)
    for limit, key in ((1e9, "billions"), (1e6, "millions"), (1e3, "thousands")):
        if most >= limit * 2 or (most >= limit and limit > 1e3):
            return i18n.t(f"reports.unit.{key}", locale), limit
    return "", 1.0
