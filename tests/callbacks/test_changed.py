"""«What changed» on the overview: said in words, in both languages, with the way to its rows."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from typing import Any

import pytest

from dashboard.analytics.drivers import Driver, Row
from dashboard.analytics.effects import Effect
from dashboard.analytics.metrics import METRICS
from dashboard.analytics.questions import Drill
from dashboard.callbacks import changed as callback
from dashboard.components import changed
from dashboard.components.pagestate import read_state
from dashboard.services import context
from tests.services import random_sales

ADDRESS = "?period=own&from=2025-07-01&to=2026-03-31&compare=previous"


@pytest.fixture(scope="module")
def sales(database: Any) -> Any:
    from tests.conftest import new_account

    account = new_account()
    random_sales.fill(database, context.scope(account.actor), random.Random(5))
    return account


@pytest.mark.parametrize("locale", ["ru", "en"])
def test_every_figure_is_said_in_words(sales: Any, locale: str) -> None:
    actor = replace(sales.actor, locale=locale)
    for metric in changed.CHOICES:
        tree, days = callback.panel_of(actor, read_state(ADDRESS), metric)
        text = json.dumps(tree, ensure_ascii=False)
        assert "2026" in days
        assert not re.search(r"(changed|metrics|dimensions)[.][a-z]", text)  # every key has its text
        assert ("data-rows" in text) == ("changed-list" in text)
        said = {"ru": "сегодняшним суммам", "en": "amounts of today"}[locale] in text
        assert said == (metric == "open_pipeline" and "changed-list" in text), "the card's sum of a past day is another"


def test_without_a_comparison_it_says_what_to_do(sales: Any) -> None:
    tree, days = callback.panel_of(sales.actor, read_state("?compare=none"), "revenue")
    assert "Выберите, с каким периодом сравнить" in json.dumps(tree, ensure_ascii=False)
    assert days == ""


def test_an_unknown_figure_is_the_first_one(sales: Any) -> None:
    first = callback.panel_of(sales.actor, read_state(ADDRESS), changed.CHOICES[0])
    assert callback.panel_of(sales.actor, read_state(ADDRESS), "no such figure") == first
    assert callback.panel_of(sales.actor, read_state(ADDRESS), None) == first


def test_sentences() -> None:
    nothing = Drill("deals", "")
    row = Row("Урал", "Урал", 8_420_000_00, 9_760_000_00, Effect(1_340_000_00), 0.5, 0.5)
    data = changed.Changed("revenue", "money", 1, 0.0, 0.0, 2_680_000_00)
    driver = Driver("region", row, "", nothing, nothing, (row,))
    said = changed.sentence(driver, data, "RUB", "ru").replace("\u00a0", " ")
    assert said == "Было 8,4 млн ₽, стало 9,8 млн ₽: 50 % всего изменения."
    assert changed.who("region", row, "ru") == "Регион: Урал"
    share = replace(row, then=0.301, now=0.41, effect=Effect(0.012, 0.009, 0.003), weight_then=0.12, weight_now=0.18)
    rates = changed.Changed("win_rate", "share", 1, 0.3, 0.32, 0.02, is_ratio=True)
    said = changed.sentence(replace(driver, row=share), rates, "RUB", "en").replace("\u00a0", " ")
    assert said == "Figure 30.1% → 41.0% (+0.9 pp), weight 12.0% → 18.0% (+0.3 pp)."
    assert set(changed.CHOICES) < set(METRICS)
