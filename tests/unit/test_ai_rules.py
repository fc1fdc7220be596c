"""Goods bought together: every itemset and rule, and no others; beside mlxtend."""

from __future__ import annotations

from itertools import combinations
from math import ceil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlxtend.frequent_patterns import association_rules as their_rules
from mlxtend.frequent_patterns import fpgrowth

from dashboard.ai.rules import TooManyItemsets, association_rules, false_discovery, frequent_itemsets

_BASKETS = st.lists(st.lists(st.integers(0, 6), max_size=7), min_size=1, max_size=40)


@given(_BASKETS, st.floats(0.02, 1.0), st.sampled_from([None, 1, 2, 3]))
def test_itemsets_are_those_a_count_by_hand_finds(baskets: list[list[int]], support: float, most: int | None) -> None:
    found = frequent_itemsets(baskets, support, max_size=most)
    least = max(1, ceil(support * len(baskets) - 1e-9))
    sets = [set(basket) for basket in baskets]
    by_hand = {
        goods: count
        for size in range(1, (most or 7) + 1)
        for goods in combinations(range(7), size)
        if (count := sum(set(goods) <= basket for basket in sets)) >= least
    }
    assert found == by_hand


@settings(max_examples=25, deadline=None)
@given(_BASKETS)
def test_rules_are_those_of_mlxtend(baskets: list[list[int]]) -> None:
    table = pd.DataFrame([[good in basket for good in range(7)] for basket in baskets])
    theirs = fpgrowth(table, min_support=0.2, use_colnames=True)
    ours = association_rules(frequent_itemsets(baskets, 0.2), len(baskets))
    if theirs.empty or theirs["itemsets"].map(len).max() < 2:
        assert ours == []
        return
    rows = their_rules(theirs, metric="lift", min_threshold=0.0)
    rows = rows[rows["lift"] >= 1 - 1e-12]
    expected = {
        (tuple(sorted(left)), tuple(sorted(right))): (support, confidence, lift)
        for left, right, support, confidence, lift in zip(
            rows["antecedents"], rows["consequents"], rows["support"], rows["confidence"], rows["lift"], strict=True)
    }
    assert {(rule.antecedent, rule.consequent) for rule in ours} == set(expected)
    for rule in ours:
        assert (rule.support, rule.confidence, rule.lift) == pytest.approx(expected[rule.antecedent, rule.consequent])


def test_chance_alone_makes_few_discoveries() -> None:
    chance = np.random.default_rng(3)
    baskets = [[good for good in range(20) if chance.random() < 0.3] for _ in range(500)]
    rules = association_rules(frequent_itemsets(baskets, 0.05, max_size=2), len(baskets), min_lift=0.0)
    assert len(rules) > 300
    assert sum(rule.q <= 0.05 for rule in rules) <= 4
    with_a_pair = [[*basket, 98, 99] if number % 7 == 0 else basket for number, basket in enumerate(baskets)]
    sure = association_rules(frequent_itemsets(with_a_pair, 0.05, max_size=2), len(baskets), max_q=0.01)
    assert {sure[0].antecedent, sure[1].antecedent} == {(98,), (99,)}


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_q_values_keep_the_order_and_never_fall_below_p(p: list[float]) -> None:
    q = false_discovery(p)
    assert (q >= np.array(p) - 1e-12).all() and (q <= 1).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(q[order]) >= -1e-12).all()


def test_a_support_that_is_too_low_is_told() -> None:
    with pytest.raises(TooManyItemsets):
        frequent_itemsets([list(range(18))] * 3, 0.5, most=1000)
    for wrong in (0.0, -1.0, 1.5):
        with pytest.raises(ValueError, match="min_support"):
            frequent_itemsets([[1]], wrong)
