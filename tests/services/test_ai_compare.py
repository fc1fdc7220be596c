"""Two sides held against each other: the figures are those of the rows, on either engine, for whoever asks."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest

from dashboard.analytics import sides
from dashboard.analytics.questions import ListQuery
from dashboard.analytics.spans import Span
from dashboard.services import ai_compare, analytics, context, reading
from dashboard.services.actor import Role
from dashboard.services.ai_compare import KINDS, Ask
from dashboard.services.errors import AiFailed, Invalid
from tests.conftest import Account, new_account
from tests.services import random_sales

START, END = date(2025, 1, 1), date(2027, 12, 31)


def _filled(account: Account, deals: int = 300) -> Account:
    random_sales.fill(context.database(), context.scope(account.actor), random.Random(5), deals)
    return account


def _ask(kind: str) -> Ask:
    if kind == "period":
        return Ask(kind, date(2026, 1, 1), END, other_start=START, other_end=date(2025, 12, 31))
    return Ask(kind, START, END)


@pytest.mark.parametrize("kind", KINDS)
def test_any_two_are_compared_and_every_figure_opens_its_rows(account: Account, kind: str) -> None:
    _filled(account)
    found = ai_compare.answer(account.actor, _ask(kind))
    assert found is not None and len(found.lines) == len(ai_compare.IMPORTANCE)
    for side in (0, 1):
        revenue, won = found.line("revenue"), found.line("deals_won")
        sums = analytics.totals(account.actor, "deals", ListQuery(filter=revenue.drills[side].filter))
        assert sums.sums["amount"] == round((revenue.found.first, revenue.found.second)[side] or 0)
        assert sums.count == (won.found.first, won.found.second)[side]
        hits = found.line("win_rate").hits
        assert hits is not None
        assert analytics.totals(
            account.actor, "deals", ListQuery(filter=found.line("win_rate").drills[side].filter)).count == hits[side][1]
        for group in found.goods:
            sold = analytics.totals(account.actor, "lines", ListQuery(filter=group.drills[side].filter))
            assert sold.sums["amount"] == (group.first, group.second)[side]


def test_the_sure_differences_come_first_each_part_by_weight(account: Account) -> None:
    found = ai_compare.answer(_filled(account).actor, _ask("period"))
    assert found is not None
    order = [(not line.found.sure, line.found.few, -line.weight) for line in found.lines]
    assert order == sorted(order)
    if found.more is not None and found.dearer is not None:
        revenue = found.line("revenue").found
        assert found.more + found.dearer == pytest.approx((revenue.first or 0) - (revenue.second or 0))


@pytest.mark.parametrize("text", ["", "client.region = \"Урал\"", "amount > 500"])
def test_both_engines_know_the_same_of_a_side(account: Account, text: str) -> None:
    _filled(account)
    answers = []
    for engine in ("duckdb", "postgres"):
        with reading.session(account.actor, engine=engine) as glass:
            answers.append([sides.evidence(glass, text, Span(START, END)), sides.goods(glass, text, Span(START, END)),
                            [sides.choices(glass, kind, text, Span(START, END)) for kind in KINDS if kind != "period"]])
    (one, one_goods, one_choices), (other, other_goods, other_choices) = answers
    assert one_goods == other_goods and one_choices == other_choices
    for name, left in one.items():
        right = other[name]
        for field in left.__dataclass_fields__:
            assert getattr(left, field) == pytest.approx(getattr(right, field), rel=1e-9), name


def test_a_person_of_their_own_records_sees_no_others(account: Account) -> None:
    _filled(account)
    whole = ai_compare.answer(account.actor, _ask("period"))
    own = replace(account.actor, role=Role.REP, only_own=True)
    found = ai_compare.answer(own, _ask("period"))
    assert whole is not None and found is not None
    mine = analytics.totals(own, "deals", ListQuery(filter=found.line("revenue").drills[0].filter))
    assert mine.sums["amount"] == round(found.line("revenue").found.first or 0)
    assert (found.line("deals_won").found.first or 0) < (whole.line("deals_won").found.first or 0)
    assert len(ai_compare.choices(own, _ask("owner"))) <= 1
    assert ai_compare.answer(replace(account.actor, role=Role.READER), _ask("period")) == whole


def test_another_accounts_client_is_not_found_and_an_empty_account_says_so(account: Account) -> None:
    _filled(account)
    key = ai_compare.choices(account.actor, _ask("client"))[0].key
    other = new_account()
    assert ai_compare.answer(other.actor, _ask("client")) is None
    with pytest.raises(Invalid):
        ai_compare.answer(other.actor, replace(_ask("client"), left=key, right="999999999"))
    with pytest.raises(Invalid):
        ai_compare.answer(account.actor, replace(_ask("client"), left="1 or 1", right=key))
    with pytest.raises(Invalid):
        ai_compare.answer(account.actor, replace(_ask("client"), kind="moon"))


def test_a_fault_within_is_the_ais(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("fell over")

    monkeypatch.setattr(sides, "evidence", broken)
    with pytest.raises(AiFailed):
        ai_compare.answer(account.actor, _ask("period"))


def test_clients_and_goods_are_found_by_name(account: Account) -> None:
    _filled(account)
    offered = ai_compare.choices(account.actor, _ask("product"))
    assert offered
    name = offered[-1].name
    assert any(choice.name == name for choice in ai_compare.choices(account.actor, _ask("product"), name[:4].upper()))
