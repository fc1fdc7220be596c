"""The start screen's answers, made of real data through the services."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from dash import dcc, html

from dashboard.callbacks import bar, overview, revenue
from dashboard.callbacks.words import chip_words
from dashboard.components.filterbar import BarIds
from dashboard.components.pagestate import PageState
from dashboard.components.still import Still, still
from dashboard.services import ai, analytics, clients, deals, filtering
from dashboard.services.errors import AiFailed
from tests.conftest import Account


def words(component: Any) -> str:
    if isinstance(component, (list, tuple)):
        return " ".join(words(item) for item in component)
    return words(component.children) if hasattr(component, "children") else str(component or "")


@pytest.fixture
def sold(account: Account) -> Account:
    """Two won deals this year, one lost, one open."""
    north = clients.create(account.actor, {"name": "Север", "region": "Северо-Запад", "segment": "Крупный"})
    south = clients.create(account.actor, {"name": "Юг", "region": "Юг", "segment": "Малый"})
    for client, amount, status in (
        (north, 300_000, "won"),
        (south, 100_000, "won"),
        (south, 50_000, "lost"),
        (north, 70_000, "open"),
    ):
        deals.create(
            account.actor, {"title": f"{client.name} {amount}", "client_id": client.id, "amount": amount, "status": status}
        )
    return account


def test_an_empty_account_is_told_what_to_do_first(account: Account) -> None:
    text = words(overview.first_steps(account.actor))
    assert "Сделок пока нет" in text
    assert "Загрузить файл" in text
    assert "Добавить клиента" in text


def test_figures_follow_the_filter_and_marks_know_that_they_are_picked(sold: Account) -> None:
    state = PageState(filter='client.region = "Северо-Запад"')
    data = analytics.overview(sold.actor, overview.question(sold.actor, state))
    assert data.card("revenue").value == 30_000_000
    assert any(
        "client.region" in text
        for text in overview.picked_marks(
            PageState(filter='client.region = "Северо-Запад" and client.segment = "Крупный"'), data
        )
    )
    blocks = overview.blocks_of(sold.actor, state, data)
    assert "300,0" in words(blocks[0])
    assert overview.subtitle(sold.actor, state, data).startswith("2\u00a0сделки из 4")


def test_the_drawer_holds_exactly_the_rows_of_the_figure(sold: Account) -> None:
    state = PageState()
    card = overview.card_of(sold.actor, state, "revenue")
    text = words(overview.drawer_of(sold.actor, state, card))
    assert "Всего 2" in text
    assert "400\u00a0000\u00a0₽" in text
    assert "Сходится с показателем" in text
    assert "Юг 50000" not in text


def test_a_failing_forecast_leaves_the_facts(sold: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise AiFailed(reason="test")

    monkeypatch.setattr(ai, "forecast_revenue", broken)
    asked = overview.question(sold.actor, PageState())
    data = analytics.overview(sold.actor, asked)
    bars, remark = revenue.with_forecast(sold.actor, asked, revenue.months_of(data, frozenset()))
    assert sum(item.revenue for item in bars) == 40_000_000
    assert remark == "прогноз сейчас недоступен"


def test_a_picked_month_mutes_the_others(sold: Account) -> None:
    data = analytics.overview(sold.actor, overview.question(sold.actor, PageState()))
    this_month = data.revenue_by_month[-1]
    bars = revenue.months_of(data, frozenset({this_month.filter}))
    assert [item.muted for item in bars][-1] is False
    assert all(item.muted for item in bars[:-1])


def test_chips_speak_in_names_and_forms(sold: Account) -> None:
    actor = sold.actor
    text = (
        f"owner = {actor.member_id} and amount >= 100000 and closed_on between 2026-01-01 and 2026-01-31"
        " and source is null and status in (open, won)"
    )
    said = [chip_words(actor, part)[1] for part in filtering.parts("deals", text)]
    assert said == ["Анна Климова", "от 100\u00a0000\u00a0₽", "01.01.2026\u00a0– 31.01.2026", "не указано", "Открыта, Выиграна"]


@pytest.mark.parametrize("pick", [None, 5, {}, {"toggle": 7}, {"remove": None}, []])
def test_a_made_up_click_changes_nothing(pick: Any) -> None:
    assert bar._picked("deals", PageState(), pick) is None


def test_a_chip_of_a_filter_that_cannot_be_read_removes_it() -> None:
    assert bar._less("deals", "status = = won", "status = = won") == ""


@pytest.mark.parametrize(
    "used", [{"type": "overview-preset", "name": "evil"}, {"type": "overview-choice", "field": "owner.secret"}, {"type": "x"}]
)
def test_made_up_controls_change_nothing(used: dict[str, Any]) -> None:
    assert bar._from_list("deals", PageState(), BarIds("overview"), ["owner"], used, ["1"]) is None


def test_an_own_period_is_asked_as_typed(account: Account) -> None:
    asked = overview.question(account.actor, PageState("own", "previous", date(2026, 3, 1), date(2026, 3, 31)))
    assert (asked.period_start, asked.period_end) == (date(2026, 3, 1), date(2026, 3, 31))
    assert (asked.compare_start, asked.compare_end) == (date(2026, 1, 29), date(2026, 2, 28))


def test_what_only_shows_goes_as_one_component(sold: Account) -> None:
    state = PageState()
    data = analytics.overview(sold.actor, overview.question(sold.actor, state))
    assert all(isinstance(block, Still) for block in map(still, overview.blocks_of(sold.actor, state, data)[1:]))
    drawer = still(overview.drawer_of(sold.actor, state, overview.card_of(sold.actor, state, "revenue")))
    assert [type(part) for part in drawer] == [Still]
    assert "Север 300000" in str(drawer[0].tree)


def test_still_keeps_what_has_an_id_and_the_order() -> None:
    button = html.Button("Готово", id="done", n_clicks=0)
    made = still(html.Div([html.B("а"), dcc.Link("б", href="/deals/1"), "в", button, html.I(className="i", n_clicks=0)]))
    assert isinstance(made, html.Div)
    first, kept, last = made.children
    assert first.tree == ["", {}, ["b", {}, "а"], ["a", {"href": "/deals/1", "data-inside": ""}, "б"], "в"]
    assert kept is button
    assert last.tree == ["", {}, ["i", {"className": "i"}]]


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("", False),
        ('client.region = "Юг" and source = Сайт', False),
        ("closed_on between 2026-01-01 and 2026-01-31", True),
        ("status = won", True),
    ],
)
def test_nothing_is_expected_of_days_that_are_over(text: str, bound: bool) -> None:
    assert revenue._bound_in_time(text) is bound
