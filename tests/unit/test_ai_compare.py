"""The arithmetic of comparisons: against the textbooks' own, and alike from either side."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dashboard.ai.compare import Count, Mean, Median, Ratio, Share, Total, chance_of_shares, difference, held_together


def _mean(values: np.ndarray) -> Mean:
    return Mean(len(values), float(values.sum()), float((values**2).sum()))


def test_means_are_welchs() -> None:
    rng = np.random.default_rng(4)
    one, other = rng.gamma(2, 50, 40), rng.gamma(2, 80, 25)
    found, book = difference(_mean(one), _mean(other)), stats.ttest_ind(one, other, equal_var=False)
    assert found.p == pytest.approx(book.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(book.confidence_interval()))


def test_counts_over_unequal_days_are_rates() -> None:
    found = difference(Count(100, 100), Count(50, 50))
    assert found.value == 0 and found.p == pytest.approx(1)
    assert difference(Count(150, 100), Count(50, 50)).p == pytest.approx(stats.binomtest(150, 200, 2 / 3).pvalue)


def test_chance_alone_is_seldom_called_sure_and_a_real_difference_mostly_is() -> None:
    """Of 300 comparisons of twins hardly any kind of figure errs more than its one in twenty, with room for luck."""
    rng = np.random.default_rng(11)

    def draw(shift: float) -> list[object]:
        amounts = rng.lognormal(4 + shift, 1, rng.poisson(120))
        days = rng.geometric(1 / (20 * (1 + shift)), 120)
        tops, bottoms = rng.gamma(2, 5 * (1 + shift), 90), rng.gamma(2, 50, 90)
        ratio = Ratio(90, tops.sum(), bottoms.sum(), (tops**2).sum(), (tops * bottoms).sum(), (bottoms**2).sum())
        values, often = np.unique(days, return_counts=True)
        return [
            Share(int(rng.binomial(150, 0.3 + shift / 3)), 150), Count(len(amounts), 365), _mean(amounts),
            Total(len(amounts), float(amounts.sum()), float((amounts**2).sum()), 365), ratio,
            Median(dict(zip(values.tolist(), often.tolist(), strict=True))),
        ]

    for shift, least, most in ((0.0, 0.0, 0.09), (0.9, 0.6, 1.0)):
        wrong = np.mean([[difference(a, b).p <= 0.05 for a, b in zip(draw(shift), draw(0.0), strict=True)]  # type: ignore[arg-type]
                         for _ in range(300)], axis=0)
        assert (wrong <= most).all(), wrong
        assert (np.delete(wrong, 1) >= least).all(), wrong  # as many deals on both sides: their number is no different


SHARES = st.tuples(st.integers(5, 400), st.integers(0, 400)).map(lambda pair: Share(min(pair), max(pair)))


@given(SHARES, SHARES)
def test_exchanging_the_sides_turns_the_signs_alone(one: Share, other: Share) -> None:
    there, back = difference(one, other), difference(other, one)
    assert there.p == pytest.approx(back.p) and there.effect == pytest.approx(back.effect) and there.few == back.few
    if not there.few:
        assert there.value == pytest.approx(-(back.value or 0)) and there.low == pytest.approx(-(back.high or 0))
        assert (there.low or 0) <= (there.value or 0) <= (there.high or 0)


@given(st.lists(st.tuples(SHARES, SHARES), min_size=1, max_size=12))
def test_the_more_is_tested_the_less_is_sure(pairs: list[tuple[Share, Share]]) -> None:
    found = [difference(*pair) for pair in pairs]
    for before, after in zip(found, held_together(found), strict=True):
        assert after.q >= before.p - 1e-12
        assert not (after.few and after.sure)


def test_few_cases_say_nothing() -> None:
    for one, other in ((Share(4, 4), Share(0, 400)), (Mean(2, 10, 60), Mean(300, 9000, 900000)),
                       (Median({3: 2}), Median({9: 50})), (Count(3, 10), Count(0, 10)),
                       (Total(2, 9, 40, 10), Total(1, 100, 10000, 10))):
        assert difference(one, other).few and not held_together([difference(one, other)])[0].sure
    assert chance_of_shares(0, 20, 0, 30) == 1
