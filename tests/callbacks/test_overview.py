"""The start screen's answers, made of real data through the services."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from dash import dcc, html

from dashboard.analytics import scans
from dashboard.callbacks import bar, overview
from dashboard.callbacks.words import chip_words
from dashboard.components import dashboard
from dashboard.components.dashboard import PANELS, section
from dashboard.components.filterbar import BarIds
from dashboard.components.pagestate import PageState
from dashboard.components.seen import Marks
from dashboard.components.still import Still, still, tree_of
from dashboard.components.timechart import bars_of
from dashboard.services import ai, analytics, clients, crossfilter, deals, filtering, panels, targets
from dashboard.services.errors import AiFailed, BadFilter
from dashboard.services.revenue_ahead import RevenueAhead, bound_in_time
from tests.conftest import Account, today_there


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


def _shown(actor: Any, state: PageState, *names: str) -> tuple[Any, dict[str, Any]]:
    """The cards' answer and the panels as they are drawn."""
    query = overview.question(actor, state)
    data, found = panels.answers(actor, query, names)
    seen = overview.seen_by(actor, state, query)
    return data, {name: section(PANELS[name], found[name], seen(name), actor.locale) for name in names}


def _tree_words(node: Any) -> str:
    if isinstance(node, list):
        return " ".join(_tree_words(item) for item in (node[2:] if node and isinstance(node[0], str) else node))
    return str(node if node is not None else "")


def test_figures_follow_the_filter_and_the_panel_it_was_picked_in_keeps_its_marks(sold: Account) -> None:
    state = PageState(filter='client.region = "Северо-Запад" and client.segment = "Крупный"')
    data, shown = _shown(sold.actor, state, "regions", "leaders")
    assert data.card("revenue").value == 30_000_000
    assert "300,0" in _tree_words(tree_of(shown["leaders"]))
    cells = {item["title"]: item for item in _marks(tree_of(shown["regions"]))}
    assert len(cells) == 2  # the South is still there, to be picked as well
    assert sorted(item["aria-pressed"] for item in cells.values()) == ["false", "true"]
    assert overview.subtitle(sold.actor, state, data).startswith("2\u00a0сделки из 4")


def _marks(node: Any) -> list[dict[str, Any]]:
    if not isinstance(node, list):
        return []
    own = [node[1]] if len(node) > 1 and isinstance(node[1], dict) and "data-pick" in node[1] else []
    return own + [mark for child in node[2:] for mark in _marks(child)]


def test_a_panel_that_is_not_shown_is_not_asked(sold: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    real = analytics.overview

    def spy(actor: Any, query: Any, parts: Any, cards: Any) -> Any:
        asked.append(parts)
        return real(actor, query, parts, cards)

    monkeypatch.setattr(analytics, "overview", spy)
    _shown(sold.actor, PageState(), "funnel")
    assert [sorted(parts) for parts in asked] == [["cards", "funnel"]]


def test_a_broken_panel_says_so_and_leaves_the_others(sold: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("secret inner detail")

    monkeypatch.setattr(scans, "by_region", broken)
    _, shown = _shown(sold.actor, PageState(), "regions", "leaders")
    text = words(shown["regions"])
    assert "не удалось" in text and "secret" not in text
    assert "Анна" in words(shown["leaders"])


def test_the_drawer_holds_exactly_the_rows_of_the_figure(sold: Account) -> None:
    state = PageState()
    card = overview.card_of(sold.actor, state, "revenue")
    text = words(overview.drawer_of(sold.actor, state, card))
    assert "Всего 2" in text
    assert "400\u00a0000\u00a0₽" in text
    assert "Сходится с показателем" in text
    assert "Юг 50000" not in text


def test_the_rows_of_a_mark_are_held_against_its_sum(sold: Account) -> None:
    cell = analytics.overview(sold.actor, overview.question(sold.actor, PageState())).regions[0]
    wanted = {"rows": cell.drill.filter, "entity": "deals", "sum": str(cell.revenue)}
    assert "Сходится с показателем" in words(overview.rows_of(sold.actor, PageState(), wanted))
    assert "Сходится" not in words(overview.rows_of(sold.actor, PageState(), {**wanted, "sum": "1"}))


def test_a_plans_rows_lead_to_the_sheet_of_targets(sold: Account) -> None:
    year, me = today_there().year, sold.actor.member_id
    cells = [targets.Cell("account", 1, "900000"), targets.Cell(f"member:{me}", 1, "500000")]
    targets.put(sold.actor, year, "revenue", cells)
    state = PageState(period="own", start=date(year, 1, 1), end=date(year, 1, 31))
    shown = overview.drawer_of(sold.actor, state, overview.card_of(sold.actor, state, "plan"))
    assert "900 000" in words(shown).replace("\u00a0", " ") and "500 000" not in words(shown).replace("\u00a0", " ")
    assert f"/settings/targets?year={year}&metric=revenue&row=account" in str(shown)
    mine = PageState(period="own", start=date(year, 1, 1), end=date(year, 1, 31), filter=f"owner = {me}")
    shown = overview.drawer_of(sold.actor, mine, overview.card_of(sold.actor, mine, "plan"))
    assert f"row=member%3A{me}" in str(shown)


def test_a_failing_forecast_leaves_the_facts(sold: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise AiFailed(reason="test")

    monkeypatch.setattr(ai, "forecast_revenue", broken)
    query = overview.question(sold.actor, PageState())
    found = panels.late_answers(sold.actor, query, ["revenue"])["revenue"]
    shown = section(PANELS["revenue"], found, overview.seen_by(sold.actor, PageState(), query)("revenue"), "ru")
    assert "прогноз сейчас недоступен" in words(shown)


def test_late_answers_are_kept_until_something_changes(sold: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """A click taken back is not counted anew; an edit, another person's rows, another filter and what broke are."""
    names = ["changes", "stages", "cohorts", "rfm"]

    def ask(actor: Any, text: str = "") -> dict[str, Any]:
        return panels.late_answers(actor, overview.question(actor, PageState(filter=text)), names)

    first, others = ask(sold.actor), ask(sold.actor, "amount > 1")
    again = ask(sold.actor)
    assert all(again[name] is first[name] for name in names)
    assert all(others[name] is not first[name] for name in names)
    own = ask(sold.actor_as("rep", only_own=True))
    assert own["cohorts"] != first["cohorts"] and own["changes"].closing.count == 0
    opened = first["changes"].closing.count
    deals.create(sold.actor, {"title": "Ещё одна", "amount": 5, "client_id": None})
    assert ask(sold.actor)["changes"].closing.count == opened + 1

    def broken(*_: Any) -> Any:
        raise RuntimeError("no stages")

    with monkeypatch.context() as patched:
        patched.setattr(analytics, "stages", broken)
        assert isinstance(ask(sold.actor, "amount > 2")["stages"], panels.Failed)
    assert not isinstance(ask(sold.actor, "amount > 2")["stages"], panels.Failed)


def test_a_click_does_not_wait_for_the_forecast(sold: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes by itself and changes no width; the second time it is there at once, until something changes."""
    made: list[str] = []
    real = ai.forecast_revenue

    def slow(actor: Any, months: int, text: str) -> Any:
        made.append(text)
        return real(actor, months, text)

    monkeypatch.setattr(ai, "forecast_revenue", slow)
    actor, state = sold.actor, PageState(filter=f"owner = {sold.actor.member_id}")
    query = overview.question(actor, state)
    first = panels.answers(actor, query, ["revenue"])[1]["revenue"]
    assert not first.whole and not first.answer.ahead and not made
    whole = panels.late_answers(actor, query, ["revenue"])["revenue"]
    assert made == [query.filter]
    assert [bar.month for bar in bars_of(first.answer, Marks())] == [bar.month for bar in bars_of(whole, Marks())]
    if whole.ahead:
        assert panels.answers(actor, query, ["revenue"])[1]["revenue"] == panels.First(whole, whole=True)
    seen = overview.seen_by(actor, state, query)("revenue")
    place = section(PANELS["revenue"], first, seen, "ru").tree
    assert place[0] == "late" and place[1]["name"] == "revenue" and place[1]["wanted"].startswith(f"{seen.key}:")
    edited = replace(whole, months=tuple(replace(month, revenue=month.revenue + 1) for month in whole.months))
    keys = [
        dashboard.late(dashboard.usual(), {"revenue": answer}, lambda _: seen, "ru")["revenue"][0] for answer in (whole, edited)
    ]
    assert keys[0] == place[1]["wanted"] != keys[1], "the answer to an earlier state of the account does not take its place"
    other = overview.seen_by(actor, state, replace(query, filter=""))("revenue")
    assert other.key != seen.key
    deals.create(actor, {"title": "Новая"})
    assert not panels.answers(actor, query, ["revenue"])[1]["revenue"].whole


def test_a_picked_month_mutes_the_others(sold: Account) -> None:
    months = analytics.overview(sold.actor, overview.question(sold.actor, PageState())).revenue_by_month
    marks = Marks(crossfilter.picks("deals", months[-1].filter, ("closed_on",)))
    bars = bars_of(RevenueAhead(months, months[-1].month), marks)
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
    assert bar._picked("deals", PageState(), pick, "ru") is None


def test_a_chip_of_a_filter_that_cannot_be_read_removes_it() -> None:
    assert bar._less("deals", "status = = won", "status = = won") == ""


@pytest.mark.parametrize(
    "used", [{"type": "overview-preset", "name": "evil"}, {"type": "overview-step", "name": "evil"}, {"type": "x"}]
)
def test_made_up_controls_change_nothing(used: dict[str, Any]) -> None:
    assert bar._from_menu(PageState(), BarIds("overview"), used, 1) is None


def test_an_own_period_is_asked_as_typed(account: Account) -> None:
    asked = overview.question(account.actor, PageState("own", "previous", date(2026, 3, 1), date(2026, 3, 31)))
    assert (asked.period_start, asked.period_end) == (date(2026, 3, 1), date(2026, 3, 31))
    assert (asked.compare_start, asked.compare_end) == (date(2026, 1, 29), date(2026, 2, 28))


def test_what_only_shows_goes_as_one_component(sold: Account) -> None:
    drawer = still(overview.drawer_of(sold.actor, PageState(), overview.card_of(sold.actor, PageState(), "revenue")))
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
        ("closed_on between 2026-01-01 and 2026-01-31 or closed_on between 2026-03-01 and 2026-03-31", True),
    ],
)
def test_nothing_is_expected_of_days_that_are_over(text: str, bound: bool) -> None:
    assert bound_in_time(text) is bound


@pytest.mark.parametrize(
    ("text", "said"),
    [("status = = won", "Ожидалось значение поля «status» (знак 10)."), ("nonsense = 1", "Поля «nonsense» нет.")],
)
def test_an_address_whose_filter_cannot_be_read_says_so_and_leads_out(account: Account, text: str, said: str) -> None:
    state = PageState(filter=text, period="months_12")
    with pytest.raises(BadFilter) as broken:
        overview._figures(account.actor, state)
    shown = overview.broken_filter(account.actor, state, broken.value)
    assert said in words(shown)
    assert "href='/?period=months_12'" in str(shown)
