"""Components: what a reader sees for given answers; sums add up; words exist in both languages."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import i18n
from dashboard.analytics.questions import Card, Cell, Drill, Funnel, FunnelStage, Leader, OverviewQuery, Point
from dashboard.components import advice, cards, changed, forecastscenario, marks, timechart
from dashboard.components.base import empty, error_block, initials
from dashboard.components.pagestate import COMPARISONS, PRESETS, PageState, preset_dates, read_state
from dashboard.components.seen import Marks, Seen
from dashboard.i18n import LOCALES, catalogue
from dashboard.services import filtering
from dashboard.services.ai_records import ForecastMonth
from dashboard.services.ai_scenario import MOST_DAYS, Moves, Usual
from dashboard.services.crossfilter import Picks, mark_of
from dashboard.services.errors import Invalid
from dashboard.services.revenue_ahead import RevenueAhead

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 22)
NOWHERE = Drill("deals", "")


def words(component: Any) -> str:
    """All text of a component."""
    if component is None:
        return ""
    if isinstance(component, (str, int, float)):
        return str(component)
    if isinstance(component, (list, tuple)):
        return " ".join(filter(None, (words(item) for item in component)))
    return words(getattr(component, "children", None))


def _card(**given: Any) -> Card:
    base: dict[str, Any] = {
        "metric": "revenue",
        "label": "metrics.revenue",
        "unit": "money",
        "value": 18_640_000_000.0,
        "compare": 16_420_000_000.0,
        "change": 0.135,
        "good": True,
        "drill": NOWHERE,
    }
    return Card(**base | given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, ["186,4", "млн", "+13,5", "рост с", "164,2"]),
        ({"unit": "share", "value": 0.343, "compare": 0.326, "change": 0.017}, ["34,3", "%", "+1,7", "п.п.", "32,6"]),
        ({"unit": "days", "value": 41.0, "compare": 44.0, "change": -0.07}, ["41", "день", "−3", "быстрее"]),
        ({"unit": "count", "value": 412.0, "compare": 381.0}, ["412", "+31"]),
        ({"value": None, "compare": None, "change": None, "good": None}, ["–", "не с чем сравнить"]),
    ],
)
def test_a_card_says_value_change_and_words(given: dict[str, Any], said: list[str]) -> None:
    text = words(cards.figure_card(_card(**given), "RUB", "ru"))
    for part in said:
        assert part in text


def test_a_change_that_rounds_to_nothing_has_no_sign() -> None:
    nearly = {"value": 41.2, "compare": 41.0, "change": 0.0004}
    assert cards.change_text(_card(unit="days", **nearly), "ru") == "0\u00a0дней"
    assert cards.change_text(_card(**nearly), "en") == "0.0%"
    assert cards.change_text(_card(unit="days", **nearly | {"value": 40.0}), "en").startswith("\u22121")


@pytest.mark.parametrize("locale", ["ru", "en"])
@pytest.mark.parametrize("currency", ["RUB", "USD", "GBP", "KZT", "XAF"])
def test_a_card_and_a_table_write_one_sign(currency: str, locale: str) -> None:
    sign = i18n.currency_sign(currency, locale)
    card = words(cards.figure_card(_card(), currency, locale))
    assert sign in card and sign in i18n.money(1, currency, locale)
    assert sign in changed.figure(12_345_678.0, "money", currency, locale)
    assert i18n.currency_signs(locale).get(currency, currency) == sign


def test_plan_progress_stops_at_the_cards_edge() -> None:
    text = cards.figure_card(_card(plan=10_000_000_000.0), "RUB", "ru")
    assert "186" in words(text)
    assert text.children[-1].style == {"width": "100.0%"}


def test_a_sparkline_needs_two_points() -> None:
    assert cards.sparkline([None, 3.0]) is None
    line = cards.sparkline([1.0, None, 3.0])
    assert line is not None
    assert "polyline" in line.style["--spark"]


def _funnel() -> Funnel:
    stages = tuple(
        FunnelStage(index, name, "open", count, count * 100, None if index == 0 else 0.5, f"reached >= {index}", NOWHERE)
        for index, (name, count) in enumerate((("Новая", 100), ("Договор", 50)))
    )
    return Funnel(1, "Продажи", stages, won=30, lost=50, open=20)


def test_marks_are_buttons_with_their_filter_and_state() -> None:
    shown = marks.funnel(_funnel(), Marks(Picks((mark_of("deals", "reached >= 1"),))), "RUB", "ru")
    buttons = shown.children[:2]
    assert [button.to_plotly_json()["props"]["data-pick"] for button in buttons] == ["reached >= 0", "reached >= 1"]
    assert [button.to_plotly_json()["props"]["aria-pressed"] for button in buttons] == ["false", "true"]
    assert "Из 100: 30 выиграно, 50 проиграно, 20 в работе." in words(shown)


def test_heat_totals_are_the_sums_of_all_cells() -> None:
    cells = [Cell(f"Р{index}", "Крупный", 1_000_000, 1, f"r{index}", NOWHERE) for index in range(12)]
    text = words(marks.regions(cells, Marks(), "RUB", "ru"))
    assert text.rstrip().endswith("120,0 120,0")  # 12 × 10 тыс.; rows beyond the shown ones count as well


def test_a_leader_without_plan_has_no_judgement() -> None:
    text = words(marks.leaderboard([Leader(1, "Анна", 100, 1, 0, 1.0, None, "owner = 1", NOWHERE)], Marks(), "RUB", "ru"))
    assert "▲" not in text
    assert "▼" not in text


def test_many_leaders_scroll_within_their_panel_and_none_is_lost() -> None:
    people = [Leader(at, f"Менеджер {at:02}", 100 - at, 1, 0, 1.0, None, f"owner = {at}", NOWHERE) for at in range(40)]
    few, many = (marks.leaderboard(people[:count], Marks(), "RUB", "ru") for count in (12, 40))
    assert (few.className, many.className) == ("leaders", "leaders is-long")
    assert len(many.children[1].children) == 40 and "Менеджер 39" in words(many)


@pytest.mark.parametrize(("locale", "said"), [("ru", "45,5\xa0млн\xa0₽"), ("en", "₽45.5M")])
def test_a_remark_has_short_sums(locale: str, said: str) -> None:
    assert i18n.short_money(45_528_418, "RUB", locale) == said
    assert i18n.short_money(-45_528_418, "RUB", locale).startswith("−")
    ahead = (ForecastMonth(date(2026, 11, 1), 4_552_841_800, 1, 2, 3, 4),)
    data = RevenueAhead((), date(2026, 11, 1), ahead)
    seen = Seen(OverviewQuery(TODAY, TODAY), "", Marks(), "RUB", locale, "Europe/Moscow", TODAY)
    assert said in timechart.forecast_words(data, seen)


def test_the_waterfall_goes_from_the_usual_chance_to_the_deals() -> None:
    view = advice.ChanceView(
        0.64, 0.34, 0.55, 0.72, "", "", [advice.ReasonRow("a", "A", 38.0), advice.ReasonRow("b", "B", -8.0)]
    )
    rows = advice.waterfall(view, "ru")
    lanes = [row.children[1].children for row in rows]
    assert [lane.className for lane in lanes] == ["from", "up", "down", "whole"]
    assert lanes[1].style["left"] == "47.22%"  # 34 of 72, the highest point on the way
    assert "+38" in words(rows[1])
    assert "−8" in words(rows[2])


@pytest.mark.parametrize(
    ("name", "letters"), [("Анна Климова", "АК"), ("ООО «Балтик Пак»", "ОБ"), ("Заря", "ЗА"), ("", "–"), (None, "–")]
)
def test_initials(name: str | None, letters: str) -> None:
    assert initials(name) == letters


def test_blocks_tell_what_to_do() -> None:
    assert "r-1" in words(error_block("Заголовок", "Что делать", request_id="r-1"))
    assert "Начните" in words(empty("Пусто", "Начните с файла"))


@pytest.mark.parametrize("preset", PRESETS)
def test_periods_are_ordered_and_end_by_today(preset: str) -> None:
    start, end = preset_dates(preset, TODAY)
    assert start <= end <= TODAY


def test_the_address_is_read_as_it_was_written() -> None:
    for state in (
        PageState(),
        PageState("own", "previous", date(2026, 1, 5), date(2026, 2, 6), 'client.region = "a&b=c#"', "тест"),
        PageState("all", "none"),
        PageState(until="year", levers="earlier_5~wins_-3"),
    ):
        assert read_state(state.query()) == state


@given(
    st.builds(
        Moves, st.none() | st.integers(1, MOST_DAYS), st.none() | st.integers(0, 27), st.none() | st.integers(-20, -1),
        st.none() | st.integers(11, 120).map(lambda halves: halves / 2),
    )
)  # fmt: skip
def test_levers_are_read_from_the_address_as_they_were_written(moves: Moves) -> None:
    start = Usual(9.3, 50.0, 5.0)
    written = read_state(PageState(levers=forecastscenario.write_levers(moves)).query()).levers
    assert forecastscenario.moves_of(start, forecastscenario.read_levers(written)) == moves
    ends = forecastscenario.stand(start, moves)
    assert ends[3::4] == [value if value is not None else now for value, now in
                          zip((moves.earlier, moves.weekly, moves.wins, moves.discount), (0, 9.3, 0, 5), strict=True)]


@pytest.mark.parametrize("text", ["wins_nan", "wins_inf~earlier_-inf", "weekly_", "~~_", "x_5", "wins_0", "wins_" + 90 * "9"])
def test_made_up_levers_move_nothing_or_as_far_as_they_go(text: str) -> None:
    moves = forecastscenario.moves_of(Usual(9.3, 50.0, 5.0), forecastscenario.read_levers(text))
    assert moves in (Moves(), Moves(wins=20.0))


@pytest.mark.parametrize(
    "query",
    [
        "?period=evil",
        "?period=own&from=x&to=y",
        "?from=2026-13-40",
        "?" + "a=1&" * 100,
        "?compare=%00",
        None,
        "?filter=" + "x" * 100_000,
    ],
)
def test_a_made_up_address_falls_back(query: str | None) -> None:
    state = read_state(query)
    assert state.period in PRESETS
    assert state.compare in COMPARISONS


def test_comparison_of_a_leap_day_exists() -> None:
    state = PageState("own", "year", date(2024, 2, 29), date(2024, 2, 29))
    assert state.compared(TODAY) == (date(2023, 2, 28), date(2023, 2, 28))


def test_a_choice_replaces_what_was_chosen() -> None:
    text = filtering.with_choice("deals", "owner in (1, 2) and status = won", "owner", [3])
    assert filtering.chosen("deals", text, "owner") == [3]
    assert filtering.chosen("deals", text, "status") == ["won"]


def test_an_unreadable_filter_is_refused_with_a_problem() -> None:
    with pytest.raises(Invalid):
        filtering.parts("deals", "status = = won")


def test_both_languages_have_the_same_texts() -> None:
    books = [catalogue(locale) for locale in LOCALES]
    assert books[0].single.keys() == books[1].single.keys()
    assert books[0].plural.keys() == books[1].plural.keys()


def test_every_text_named_in_our_code_exists() -> None:
    """Literal keys of this room's code stand in the catalogues."""
    book = catalogue("ru")
    known = book.single.keys() | book.plural.keys()
    pattern = re.compile(r'\b(?:t|n|tr|trn)\(\s*"([a-z_]+\.[a-z_.]+)"')
    files = [
        *ROOT.glob("dashboard/components/*.py"),
        *ROOT.glob("dashboard/figures/*.py"),
        *(
            ROOT / "dashboard" / "callbacks" / f"{name}.py"
            for name in ("overview", "clients", "client", "deals", "deal", "advice", "grids")
        ),
    ]
    missing = {key for path in files for key in pattern.findall(path.read_text(encoding="utf-8")) if key not in known}
    assert not missing


def test_point_is_a_month_of_a_sparkline() -> None:
    shown = cards.figure_card(_card(sparkline=(Point(date(2026, 1, 1), 1.0), Point(date(2026, 2, 1), 2.0))), "RUB", "ru")
    assert shown.children[2].className == "spark"
