"""Next goods: habits and like-minded clients are found, answers are repeatable and whole."""

from __future__ import annotations

import numpy as np

from dashboard.ai.basket import BasketModel

GOODS = 60


def clients(count: int, seed: int = 0) -> tuple[list[list[list[int]]], list[list[int]]]:
    """Each client buys two staples in most baskets and some of their circle's ten goods."""
    chance = np.random.default_rng(seed)
    histories, nexts = [], []
    for client in range(count):
        circle = 20 + 10 * (client % 4)
        staples = chance.choice(20, 2, replace=False).tolist()
        made = []
        for _ in range(int(chance.integers(3, 9)) + 1):
            basket = [good for good in staples if chance.random() < 0.8]
            basket += (circle + chance.choice(10, 3, replace=False)).tolist()
            made.append([int(good) for good in basket])
        histories.append(made[:-1])
        nexts.append(made[-1])
    return histories, nexts


def test_staples_and_the_circles_goods_come_first() -> None:
    histories, nexts = clients(600)
    model = BasketModel.fit(histories, nexts, GOODS)
    asked, wanted = clients(100, seed=9)
    for history, basket, answer in zip(asked, wanted, model.recommend(asked, 10), strict=True):
        goods = [good for good, _ in answer]
        scores = [score for _, score in answer]
        assert len(set(goods)) == 10 and scores == sorted(scores, reverse=True)
        circle = {good // 10 for good in basket if good >= 20}
        assert sum(good // 10 in circle or good < 20 for good in goods) >= 8
        assert history
    hits = [len({good for good, _ in answer} & set(basket)) / len(set(basket))
            for answer, basket in zip(model.recommend(asked, 10), wanted, strict=True)]
    assert np.mean(hits) > 0.6


def test_same_data_same_answer() -> None:
    histories, nexts = clients(120)
    first, second = (BasketModel.fit(histories, nexts, GOODS, seed=4).recommend(histories[:20]) for _ in range(2))
    assert first == second


def test_a_client_without_a_past_gets_what_sells() -> None:
    histories, nexts = clients(200)
    (answer,) = BasketModel.fit(histories, nexts, GOODS).recommend([[]], 5)
    assert len(answer) == 5
