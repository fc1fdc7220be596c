"""Dashboards: what stands on them, who may see and change them, their versions, their files."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest

from dashboard.callbacks.exports import ordered
from dashboard.components.pagestate import read_state
from dashboard.reports.render import pdf, sheet
from dashboard.services import clients, dashboards, deals, reports, today
from dashboard.services.actor import Role
from dashboard.services.dashboards import Arrangement, edited, read_arrangement
from dashboard.services.errors import Conflict, Forbidden, Invalid, NotFound
from tests.conftest import Account, today_there
from tests.services.past_sales import State, tell

ONE = Arrangement(("revenue", "win_rate"), (("revenue", 8), ("funnel", 4)))
OTHER = Arrangement(("deals_won",), (("leaders", 12),))
SIZES = {"revenue": 8, "funnel": 4, "leaders": 6}


def test_an_arrangement_is_read_as_it_was_written() -> None:
    for arrangement in (ONE, OTHER, Arrangement((), (("funnel", 12),)), Arrangement(("revenue",), ())):
        assert read_arrangement(arrangement.text()) == arrangement
    assert read_arrangement("") is None
    assert read_arrangement("evil,revenue,revenue;evil.8,funnel.9,funnel.8") == Arrangement(("revenue",), (("funnel", 8),))


@pytest.mark.parametrize(
    ("step", "cards", "panels"),
    [
        (("toggle", "card:deals_won", ""), ("revenue", "win_rate", "deals_won"), ONE.panels),
        (("toggle", "card:revenue", ""), ("win_rate",), ONE.panels),
        (("down", "card:revenue", ""), ("win_rate", "revenue"), ONE.panels),
        (("up", "card:revenue", ""), ONE.cards, ONE.panels),
        (("toggle", "panel:leaders", ""), ONE.cards, (*ONE.panels, ("leaders", 6))),
        (("size", "panel:funnel", "12"), ONE.cards, (("revenue", 8), ("funnel", 12))),
        (("size", "panel:funnel", "9"), ONE.cards, ONE.panels),
        (("to", "panel:funnel", "panel:revenue"), ONE.cards, (("funnel", 4), ("revenue", 8))),
        (("to", "panel:revenue", "panel:funnel"), ONE.cards, (("funnel", 4), ("revenue", 8))),
        (("toggle", "panel:evil", ""), ONE.cards, ONE.panels),
        (("evil", "card:revenue", ""), ONE.cards, ONE.panels),
    ],
)
def test_the_editor_moves_one_thing(
    step: tuple[str, str, str], cards: tuple[str, ...], panels: tuple[tuple[str, int], ...]
) -> None:
    assert edited(ONE, *step, SIZES) == Arrangement(cards, panels)


def test_a_private_dashboard_is_nobody_elses_and_a_shared_one_is_the_teams(account: Account) -> None:
    rep, reader = account.actor_as(Role.REP), account.actor_as(Role.READER)
    mine = dashboards.create(account.actor, "Мой", "?period=month", ONE)
    assert [board.id for board in dashboards.list_boards(rep)] == []
    for refused in (
        lambda: dashboards.get(rep, mine),
        lambda: dashboards.remove(rep, mine),
        lambda: dashboards.share(rep, mine, True),
    ):
        with pytest.raises(NotFound):
            refused()
    dashboards.share(account.actor, mine, True)
    seen = dashboards.get(reader, mine)
    assert (seen.own, seen.editable, seen.shared, seen.arrangement) == (False, False, True, ONE)
    for denied in (
        lambda: dashboards.change(rep, mine, "", OTHER, seen.stamp),
        lambda: dashboards.rename(reader, mine, "Чужой"),
        lambda: dashboards.remove(rep, mine),
        lambda: dashboards.make_default(rep, mine, True),
    ):
        with pytest.raises(Forbidden):
            denied()
    dashboards.share(account.actor, mine, False)
    with pytest.raises(NotFound):
        dashboards.get(reader, mine)


def test_a_manager_keeps_the_teams_dashboards_in_order(account: Account) -> None:
    rep = account.actor_as(Role.REP)
    shared, private = (dashboards.create(rep, name, "", ONE, shared=name == "Общий") for name in ("Общий", "Личный"))
    dashboards.rename(account.actor, shared, "Общий, прежний")
    assert dashboards.get(rep, shared).name == "Общий, прежний"
    with pytest.raises(NotFound):
        dashboards.remove(account.actor, private)
    dashboards.remove(account.actor, shared)
    assert [board.name for board in dashboards.list_boards(rep)] == ["Личный"]


def test_another_accounts_dashboard_does_not_exist(account: Account) -> None:
    theirs = dashboards.create(account.other().actor, "Их", "", ONE, shared=True)
    assert dashboards.list_boards(account.actor) == []
    with pytest.raises(NotFound):
        dashboards.remove(account.actor, theirs)


def test_who_saves_over_an_unseen_state_gets_a_conflict(account: Account) -> None:
    board = dashboards.create(account.actor, "План", "", ONE)
    seen = dashboards.get(account.actor, board)
    dashboards.change(account.actor, board, "?period=month", OTHER, seen.stamp)
    with pytest.raises(Conflict):
        dashboards.change(account.actor, board, "", ONE, seen.stamp)
    assert dashboards.get(account.actor, board).arrangement == OTHER


def test_an_earlier_version_comes_back_and_nothing_is_lost(account: Account) -> None:
    board = dashboards.create(account.actor, "План", "?period=month", ONE)
    dashboards.change(account.actor, board, "", OTHER, dashboards.get(account.actor, board).stamp)
    found = dashboards.get(account.actor, board)
    assert [version.arrangement for version in found.versions] == [ONE]
    dashboards.restore(account.actor, board, 0, found.stamp)
    back = dashboards.get(account.actor, board)
    assert (back.arrangement, back.query) == (ONE, "?period=month")
    assert [version.arrangement for version in back.versions] == [ONE, OTHER]
    with pytest.raises(Conflict):
        dashboards.restore(account.actor, board, 0, found.stamp)
    with pytest.raises(NotFound):
        dashboards.restore(account.actor, board, 7, back.stamp)


def test_the_usual_dashboard_can_be_kept_as_it_is(account: Account) -> None:
    from dashboard.components.dashboard import usual

    assert read_arrangement(usual().text()) == usual()
    board = dashboards.create(account.actor, "Как у всех", "", usual())
    assert dashboards.get(account.actor, board).arrangement == usual()


def test_one_default_at_most(account: Account) -> None:
    first, second = (dashboards.create(account.actor, name, "", ONE, is_default=True) for name in ("Раз", "Два"))
    assert (found := dashboards.default(account.actor)) is not None and found.id == second
    dashboards.make_default(account.actor, first, True)
    assert [board.is_default for board in dashboards.list_boards(account.actor)].count(True) == 1
    dashboards.make_default(account.actor, first, False)
    assert dashboards.default(account.actor) is None


@pytest.mark.parametrize(
    ("name", "arrangement"),
    [
        ("", ONE),
        ("x" * 201, ONE),
        ("Пустой", Arrangement((), ())),
        ("Чужое", Arrangement(("evil",), ())),
        ("Ширина", Arrangement((), (("funnel", 9),))),
    ],
)
def test_what_makes_no_sense_is_refused(account: Account, name: str, arrangement: Arrangement) -> None:
    with pytest.raises(Invalid):
        dashboards.create(account.actor, name, "", arrangement)


def test_a_name_is_taken_once(account: Account) -> None:
    dashboards.create(account.actor, "План", "", ONE)
    with pytest.raises(Invalid):
        dashboards.create(account.actor, " План ", "", OTHER)


def test_the_page_as_a_file_says_what_the_screen_says(account: Account) -> None:
    client = clients.create(account.actor, {"name": "Север", "region": "Урал"})
    deals.create(account.actor, {"title": "Линия", "client_id": client.id, "amount": 1500, "status": "won"})
    day = today_there()
    wanted = reports.prepare(
        account.actor,
        {
            "kind": "dashboard", "period_start": day.replace(day=1), "period_end": day, "format": "xlsx",
            "filter": "client.region = Урал", "layout": "revenue,deals_won;revenue.8,regions.6,today.4",
        },
    )  # fmt: skip
    document = reports.build(account.actor, wanted)
    assert [figure.value for figure in document.figures] == [1500, 1]
    assert [table.title for table in document.tables] == ["Выручка по месяцам", "Регионы и сегменты", "На сегодня"]
    assert document.tables[1].total is not None and document.tables[1].total[2] == 1500
    book = openpyxl.load_workbook(io.BytesIO(sheet.render(document)))
    said = " ".join(str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value)
    assert "client.region = Урал" in said and str(day.year) in said
    assert any(len(word) == 64 for word in said.replace("…", " ").replace(".", " ").split())  # the hash
    assert pdf.render(replace(document, charts=()), {}).startswith(b"%PDF")


def test_a_file_of_a_past_day_stands_at_that_day(account: Account) -> None:
    """A deal of 100 that became 300 since: the file of the day before knows of neither its new sum nor the one of today."""
    ids = tell(account, [[State(1, 100)]], [account.actor.member_id])
    deals.edit(account.actor, ids[0], {"amount": 300})
    day = today_there() - timedelta(days=2)
    state = read_state(f"?asof={day}&period=year&step=quarter&split=region&due=quarter&layout=open_pipeline;revenue.8")
    wanted = ordered(account.actor, state, "xlsx")
    assert (wanted["asof"], wanted["step"], wanted["split"], wanted["due"], wanted["preset"]) == (
        day, "quarter", "region", True, "year",
    )  # fmt: skip
    document = reports.build(account.actor, reports.prepare(account.actor, wanted))
    assert [figure.value for figure in document.figures] == [100]
    assert f"по состоянию на {day:%d.%m.%Y}" in document.subtitle
    assert "квартал" in str(document.tables[0].rows[0][0]) and "кварталам" in document.tables[0].title
    assert "кв" in document.charts[0].bars[0].label
    with pytest.raises(Invalid):
        reports.prepare(account.actor, {**wanted, "asof": today_there() + timedelta(days=2)})


def test_a_file_of_nothing_is_refused(account: Account) -> None:
    with pytest.raises(Invalid):
        reports.build(account.actor, reports.prepare(account.actor, {
            "kind": "dashboard", "period_start": date(2026, 1, 1), "period_end": date(2026, 1, 31), "layout": ";evil.8",
        }))  # fmt: skip


def test_free_places_of_today_go_to_whoever_has_more() -> None:
    def items(kind: str, count: int) -> list[today.Item]:
        return [today.Item(kind, str(place), "/", "", Decimal(1)) for place in range(count)]

    def kinds(*counts: int) -> list[str]:
        return [item.kind for item in today.chosen([items(kind, count) for kind, count in zip("ats", counts, strict=True)])]

    assert kinds(9, 9, 9) == list("aatts")
    assert kinds(0, 1, 9) == list("tssss")
    assert kinds(9, 0, 1) == list("aaaas")
    assert kinds(0, 0, 0) == []
