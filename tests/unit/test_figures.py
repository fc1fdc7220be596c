"""Charts: from zero, in the reader's language, in the tokens' colours."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dashboard.figures import months
from dashboard.figures.palette import NAMES, THEMES, colour, layout, palette, series
from dashboard.figures.purchases import purchases_by_month
from dashboard.figures.revenue import MonthBar, revenue_by_month
from dashboard.services.purchases import Month

MILLION = 100_000_000  # kopecks


def _bars() -> list[MonthBar]:
    past = [
        MonthBar(date(2026, month, 1), month * MILLION, month, plan=5 * MILLION, filter=f"m{month}") for month in range(1, 11)
    ]
    return [
        *past,
        MonthBar(date(2026, 11, 1), 4 * MILLION, 4, expected=9 * MILLION, low=7 * MILLION, high=12 * MILLION, filter="m11"),
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


def test_revenue_bars_start_from_zero_and_carry_their_filter() -> None:
    figure = revenue_by_month(_bars(), "ru")
    bars = figure.data[0]
    assert list(bars.customdata) == [f"m{month}" for month in range(1, 12)]
    assert figure.layout.yaxis.range[0] == 0
    assert list(bars.y) == [*range(1, 11), 4]


def test_plan_and_forecast_are_drawn_beside_the_fact() -> None:
    figure = revenue_by_month(_bars(), "ru")
    kinds = [shape.type for shape in figure.layout.shapes]
    assert kinds.count("line") == 10
    assert kinds.count("rect") == 1
    whisker = figure.data[1].error_y
    assert (list(whisker.array), list(whisker.arrayminus)) == ([3.0], [2.0])


def test_a_negative_month_keeps_its_sign_and_the_axis_its_zero() -> None:
    figure = revenue_by_month([MonthBar(date(2026, 1, 1), -2 * MILLION), MonthBar(date(2026, 2, 1), 3 * MILLION)], "ru")
    assert figure.layout.yaxis.range[0] < 0 < figure.layout.yaxis.range[1]


@pytest.mark.parametrize(
    ("locale", "first", "hover"), [("ru", "янв<br>2026", "1\u00a0000\u00a0000\u00a0₽"), ("en", "Jan<br>2026", "₽1,000,000")]
)
def test_words_and_numbers_are_the_readers(locale: str, first: str, hover: str) -> None:
    figure = revenue_by_month(_bars(), locale)
    assert figure.layout.xaxis.ticktext[0] == first
    assert hover in figure.data[0].hovertext[0]


def test_no_months_make_an_empty_chart() -> None:
    assert len(revenue_by_month([], "ru").data[0].y or ()) == 0


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
