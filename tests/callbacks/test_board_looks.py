"""What the board's cards and the settings of stages show: the chance of winning, the days the won deals say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dashboard.components import board as looks
from dashboard.components import pipelines as settings
from dashboard.services import board, clients, deals
from dashboard.services.board import BoardQuery
from dashboard.services.pipelines import StageSetup
from dashboard.services.stage_pace import Pace
from tests.conftest import Account


@pytest.mark.parametrize(("chance", "said"), [(0.624, "62 %"), (0.004, "0 %"), (None, "")])
def test_a_card_shows_how_likely_its_deal_is_won(account: Account, chance: float | None, said: str) -> None:
    client = clients.create(account.actor, {"name": "Север"})
    deals.create(account.actor, {"title": "Поставка", "amount": 1500, "client_id": client.id})
    lane = board.read(account.actor, BoardQuery()).lanes[0]
    card = replace(lane.cards[0], deal=replace(lane.cards[0].deal, probability=chance))
    shown: Any = looks._card(card, lane, account.actor).to_plotly_json()["props"]
    texts, aloud = (str(shown[name]).replace("\\xa0", " ").replace("\u00a0", " ") for name in ("children", "aria-label"))
    assert "Поставка" in texts and "Север" in texts and "1 500" in texts
    assert ("%" in texts) is (chance is not None) and said in texts
    assert (f"вероятность победы {said}" in aloud) is (chance is not None)


@pytest.mark.parametrize(("own", "offered"), [(None, True), (10, True), (19, False)])
def test_the_days_of_the_won_deals_are_offered_beside_ones_own(own: int | None, offered: bool) -> None:
    stage = StageSetup(1, 1, 1, "Новая", "open", own, pace=Pace(usual=10, stale=19, deals=20))
    shown = str(settings._rot(stage, "ru", writable=True))
    assert "по выигранным: 19" in shown
    assert (str(settings.act("take", 1)) in shown) is offered
    assert "по выигранным" not in str(settings._rot(replace(stage, pace=None), "ru", writable=True))
    assert settings._rot(replace(stage, kind="won"), "ru", writable=True) == ""
