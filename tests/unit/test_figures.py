"""Charts: from zero, in the reader's language, in the tokens' colours."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dashboard.components.seen import Marks
from dashboard.components.timechart import MonthBar, time_chart
from dashboard.figures import months
from dashboard.figures.palette import NAMES, THEMES, colour, layout, palette, series
from dashboard.figures.purchases import purchases_by_month
from dashboard.services.crossfilter import Picks, mark_of
from dashboard.services.purchases import Month

MILLION = 100_000_000  # kopecks


def _bars() -> list[MonthBar]:
    past = [
        MonthBar(date(2026, month, 1), month * MILLION, month, plan=5 * MILLION, filter=f"reached = {month}")
        for month in range(1, 11)
    ]
    return [
        *past,
        MonthBar(
            date(2026, 11, 1), 4 * MILLION, 4, expected=9 * MILLION, low=7 * MILLION, high=12 * MILLION, filter="reached = 11"
        ),
    ]


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_of_the_charts_is_a_token(theme: str) -> None:
    assert set(palette(theme)) == set(NAMES)
    assert len(set(series(theme))) == 8
    assert colour("chart-1", "light") != colour("chart-1", "dark")


def test_layout_names_the_token_of_each_colour() -> None:
    names = layout()["meta"]["colours"]
    assert names[colour("chart-1")] == "--app-chart-1"
    assert layout()["template"] == "none"


def _chart(bars: list[MonthBar], locale: str = "ru", picked: str = "") -> list[Any]:
    marks = Marks(Picks((mark_of("deals", picked),))) if picked else Marks()
    return time_chart(bars, marks, "RUB", locale).children[1].children[-1].children


def _classes(column: Any) -> list[str]:
    return [part.className.split()[0] for part in column.children if getattr(part, "className", None)]


def test_revenue_bars_are_buttons_from_zero_with_their_filter_and_days() -> None:
    columns = _chart(_bars())
    given = [column.to_plotly_json()["props"] for column in columns]
    assert [props["data-pick"] for props in given] == [f"reached = {month}" for month in range(1, 12)]
    assert (given[1]["data-from"], given[1]["data-to"]) == ("2026-02-01", "2026-02-28")
    assert [props["tabIndex"] for props in given].count(0) == 1  # one tab stop, arrows do the rest
    heights = [float(column.children[0].style["height"].rstrip("%")) for column in columns[:10]]
    assert heights == pytest.approx([heights[0] * month for month in range(1, 11)], rel=0.01)
    assert {column.children[0].style["bottom"] for column in columns[:10]} == {"0.00%"}


def test_plan_and_forecast_are_drawn_beside_the_fact() -> None:
    columns = _chart(_bars())
    assert _classes(columns[0]) == ["tc-bar", "tc-plan", "tc-value", "tc-name"]
    assert _classes(columns[10]) == ["tc-ahead", "tc-bar", "tc-whisker", "tc-value", "tc-name"]


def test_a_negative_month_lies_under_the_zero() -> None:
    columns = _chart([MonthBar(date(2026, 1, 1), -2 * MILLION), MonthBar(date(2026, 2, 1), 3 * MILLION)])
    below, above = (column.children[0].style for column in columns)
    assert float(below["bottom"][:-1]) + float(below["height"][:-1]) == pytest.approx(float(above["bottom"][:-1]), abs=0.02)


def test_a_picked_month_is_the_tab_stop() -> None:
    columns = _chart(_bars(), picked="reached = 3")
    props = [column.to_plotly_json()["props"] for column in columns]
    assert [item["aria-pressed"] for item in props].index("true") == 2
    assert [item["tabIndex"] for item in props].index(0) == 2


@pytest.mark.parametrize(
    ("locale", "first", "said"), [("ru", "янв", "1\u00a0000\u00a0000\u00a0₽"), ("en", "Jan", "₽1,000,000")]
)
def test_words_and_numbers_are_the_readers(locale: str, first: str, said: str) -> None:
    january = _chart(_bars(), locale)[0]
    assert january.children[-1].children[0].children == first
    assert said in january.title


def test_no_months_make_an_empty_chart() -> None:
    assert _chart([]) == []


@pytest.mark.parametrize("greatest", [0, 0.003, 0.9, 7, 55.1, 99, 100, 12345])
def test_ticks_are_round_and_cover_the_greatest(greatest: float) -> None:
    ticks = months.nice_ticks(greatest)
    assert ticks[0] == 0
    assert ticks[-1] >= greatest
    assert 2 <= len(ticks) <= 7


def test_scale_and_scaled_agree() -> None:
    divisor, unit = months.money_scale(186.4 * MILLION, "₽", "ru")
    assert unit == "млн ₽"
    assert months.scaled(186.4 * MILLION, divisor, "ru") == "186,4"


def test_purchases_stand_in_their_months() -> None:
    bought = [Month(date(2026, 11, 1), 1, Decimal("1500.00"), ""), Month(date(2025, 11, 1), 2, Decimal(9), "")]
    figure = purchases_by_month(bought, "ru", "RUB", "Europe/Moscow", today=date(2026, 11, 22))
    assert [index for index, value in enumerate(figure.data[0].y) if value] == [11]
