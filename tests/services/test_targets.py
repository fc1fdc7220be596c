"""Targets: who may write and see which, cells checked against what was seen, last year plus some per cent, files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dashboard.analytics.questions import OverviewQuery
from dashboard.services import analytics, catalogue, history, imports, targets, targets_file
from dashboard.services.actor import Role
from dashboard.services.errors import Forbidden, Invalid, StaleVersion
from dashboard.services.targets import Cell
from tests.conftest import Account

YEAR = 2026


def _me(account: Account) -> str:
    return f"member:{account.actor.member_id}"


def test_cells_are_written_cleared_and_taken_back(account: Account) -> None:
    me = _me(account)
    done = targets.put(account.actor, YEAR, "revenue", [
        Cell("account", 1, "1 200 000,50", None), Cell("account", 2, "2 млн"), Cell(me, 1, "1 000 000"),
    ])
    assert (done.changed, done.refused) == (3, ())
    sheet = targets.sheet(account.actor, YEAR)
    assert sheet.row("account").values[:3] == (Decimal("1200000.50"), Decimal(2_000_000), None)
    assert sheet.row("account").total == Decimal("3200000.50")
    assert sheet.gaps[:2] == (Decimal("-200000.50"), None)  # nobody has a plan for February
    cleared = targets.put(account.actor, YEAR, "revenue", [Cell("account", 1, "", Decimal("1200000.50"))])
    assert targets.sheet(account.actor, YEAR).row("account").values[0] is None
    assert cleared.changeset_id is not None
    history.revert_changeset(account.actor, cleared.changeset_id)
    assert targets.sheet(account.actor, YEAR).row("account").values[0] == Decimal("1200000.50")
    targets.put(account.actor, YEAR, "revenue", [Cell(me, 1, "")])
    back = targets.put(account.actor, YEAR, "revenue", [Cell(me, 1, "7")])  # the same row, out of the recycle bin
    assert back.changed == 1 and targets.sheet(account.actor, YEAR).row(me).values[0] == 7


def test_what_changes_nothing_leaves_no_change(account: Account) -> None:
    targets.put(account.actor, YEAR, "deals_won", [Cell("account", 5, "12")])
    again = targets.put(account.actor, YEAR, "deals_won", [Cell("account", 5, "12", Decimal(12))])
    assert (again.changed, again.changeset_id) == (0, None)


def test_a_cell_changed_meanwhile_and_a_bad_one_hold_nothing_back(account: Account) -> None:
    targets.put(account.actor, YEAR, "revenue", [Cell("account", 3, "10")])
    done = targets.put(account.actor, YEAR, "revenue", [
        Cell("account", 3, "11", Decimal(9)), Cell("account", 4, "много"), Cell("account", 13, "1"),
        Cell("member:999999", 1, "1"), Cell("account", 5, "-1"), Cell("account", 6, "6"),
    ])
    assert done.changed == 1
    assert [type(item.error) for item in done.refused] == [StaleVersion, Invalid, Invalid, Invalid, Invalid]
    assert targets.sheet(account.actor, YEAR).row("account").values[2] == 10
    # what somebody else wrote in the meantime is what was meant: no conflict
    assert targets.put(account.actor, YEAR, "revenue", [Cell("account", 3, "10", Decimal(9))]).refused == ()
    half = targets.put(account.actor, YEAR, "deals_won", [Cell("account", 1, "1,5")])
    assert half.refused[0].error.problems[0].code == "not_whole"  # type: ignore[attr-defined]


def test_a_representative_sees_the_account_and_themselves_and_writes_nothing(account: Account) -> None:
    rep = account.actor_as(Role.REP)
    own = f"member:{rep.member_id}"
    catalogue.create(account.actor, {"name": "Станок", "group_name": "Станки"})
    cells = [Cell("account", 1, "5"), Cell(_me(account), 1, "3"), Cell(own, 1, "2"), Cell("group:Станки", 1, "4")]
    targets.put(account.actor_as(Role.MANAGER), YEAR, "revenue", cells)
    whole = targets.sheet(account.actor, YEAR)
    assert whole.may_write and whole.row("group:Станки").values[0] == 4 and whole.gaps[0] == 0
    mine = targets.sheet(rep, YEAR)
    assert [row.subject.key for row in mine.rows] == ["account", own] and not mine.may_write
    assert [row.values[0] for row in mine.rows] == [5, 2] and mine.gaps[0] is None
    assert not targets.sheet(account.actor_as(Role.READER), YEAR).may_write
    for role in (Role.REP, Role.READER):
        with pytest.raises(Forbidden):
            targets.put(account.actor_as(role), YEAR, "revenue", [Cell(own, 1, "9")])


def test_last_year_plus_some_per_cent_is_what_was_shown(account: Account) -> None:
    me = _me(account)
    before = [Cell("account", 1, "1000"), Cell("account", 2, "333.33"), Cell(me, 1, "10")]
    targets.put(account.actor, YEAR - 1, "revenue", before)
    targets.put(account.actor, YEAR, "revenue", [Cell("account", 1, "1")])
    shown = targets.preview_copy(account.actor, YEAR, "revenue", "10")
    assert [(item.subject.key, item.month, item.before, item.after) for item in shown] == [
        ("account", 2, None, Decimal("366.66")), (me, 1, None, Decimal("11.00")),
    ]
    over = targets.preview_copy(account.actor, YEAR, "revenue", "-50", overwrite=True)
    assert [item.after for item in over] == [Decimal("500.00"), Decimal("166.67"), Decimal("5.00")]
    done = targets.copy_last_year(account.actor, YEAR, "revenue", 10)
    assert done.changed == 2 and done.refused == ()
    with pytest.raises(Invalid):
        targets.preview_copy(account.actor, YEAR, "revenue", "2000")


def test_another_accounts_targets_are_not_seen(account: Account) -> None:
    targets.put(account.actor, YEAR, "revenue", [Cell("account", 1, "5")])
    assert targets.sheet(account.other().actor, YEAR).row("account").values == (None,) * 12
    with pytest.raises(Invalid):
        targets.sheet(account.actor, YEAR, "win_rate")


def _file(account: Account, text: str, name: str = "план.csv") -> int:
    return imports.upload(account.actor, name, text.encode("utf-8")).id


def test_a_file_with_a_column_per_month(account: Account) -> None:
    name = account.actor.name
    text = f"Менеджер;Январь 2026;фев.;Комментарий\nВся компания;1 000,50;;да\n{name};500;много;\nНикто;1;2;\n{name};7;;\n"
    found = targets_file.look(account.actor, _file(account, text))
    assert dict(found.mapping) == {0: "subject", 1: "1", 2: "2"} and found.rows == 4
    shown = targets_file.preview(account.actor, found.file_id, YEAR, "revenue", found.mapping)
    assert [(item.subject.key, item.month, item.after) for item in shown.planned] == [
        ("account", 1, Decimal("1000.50")), (_me(account), 1, Decimal(500)),
    ]
    assert [(item.line, item.error.problems[0].code) for item in shown.problems] == [  # type: ignore[attr-defined]
        (3, "unreadable"), (4, "unknown_word"), (5, "given_twice"),
    ]
    saved, problems = targets_file.load(account.actor, found.file_id, YEAR, "revenue", found.mapping)
    assert saved.changed == 2 and len(problems) == 3 and saved.changeset_id is not None
    assert targets_file.preview(account.actor, found.file_id, YEAR, "revenue", found.mapping).same == 2
    history.revert_changeset(account.actor, saved.changeset_id)
    assert targets.sheet(account.actor, YEAR).row("account").total is None


def test_a_file_with_a_row_per_month(account: Account) -> None:
    text = "who,month,value\nTotal,2026-03,10\nTotal,2025-04,11\ntotal,May,12\n,5x,1\n"
    file_id = _file(account, text)
    found = targets_file.look(account.actor, file_id)
    assert dict(found.mapping) == {0: "subject", 1: "month", 2: "value"}
    saved, problems = targets_file.load(account.actor, file_id, YEAR, "deals_won", found.mapping)
    assert saved.changed == 2 and [item.line for item in problems] == [5]
    assert targets.sheet(account.actor, YEAR, "deals_won").row("account").values[2:5] == (10, None, 12)
    with pytest.raises(Invalid):
        targets_file.preview(account.actor, file_id, YEAR, "revenue", {0: "subject"})
    with pytest.raises(Forbidden):
        targets_file.look(account.actor_as(Role.REP), file_id)


@pytest.mark.parametrize(("text", "month"), [
    ("2026-03", (2026, 3)), ("март 2026 г.", (2026, 3)), ("Mar", (None, 3)), ("03.2026", (2026, 3)), ("01.03.2026", (2026, 3)),
    ("12", (None, 12)), ("Мая", (None, 5)), ("13", None), ("Маркетинг", None), ("2026", None),
])
def test_months_as_people_write_them(text: str, month: tuple[int | None, int] | None) -> None:
    assert targets_file.month_of(text) == month


def _card(account: Account, metric: str, page_filter: str = "") -> Any:
    year = OverviewQuery(date(YEAR, 1, 1), date(YEAR, 12, 31), filter=page_filter)
    return next(card for card in analytics.overview(account.actor, year).cards if card.metric == metric)


def test_a_part_has_a_plan_only_where_the_filter_is_exactly_that_part(account: Account) -> None:
    me, project = account.actor.member_id, account.project_id
    cells = [Cell("account", 1, "100"), Cell(_me(account), 1, "30"), Cell(f"project:{project}", 2, "20")]
    targets.put(account.actor, YEAR, "revenue", cells)
    targets.put(account.actor, YEAR, "deals_won", [Cell("account", 1, "7")])
    assert (_card(account, "revenue").plan, _card(account, "deals_won").plan) == (10_000, 7)
    assert _card(account, "revenue", f"owner = {me}").plan == 3_000
    assert _card(account, "revenue", f"project = {project}").plan == 2_000
    assert _card(account, "deals_won", f"owner = {me}").plan is None
    for nobodys in (f"owner = {me} and source is null", f"owner != {me}", "client.region = Урал", "owner is null"):
        assert _card(account, "revenue", nobodys).plan is None
    rep = account.actor_as(Role.REP, only_own=True)
    targets.put(account.actor, YEAR, "revenue", [Cell(f"member:{rep.member_id}", 1, "5")])
    year = OverviewQuery(date(YEAR, 1, 1), date(YEAR, 12, 31))
    assert analytics.overview(rep, year).card("revenue").plan == 500  # the whole, for them, is their own part
    other = replace(year, filter=f"owner = {me}")
    assert analytics.overview(rep, other).card("revenue").plan is None
