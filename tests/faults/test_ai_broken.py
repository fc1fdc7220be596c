"""A damaged model, a failing AI module: the rest goes on, and what is wrong is said and logged."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from dashboard import api, i18n
from dashboard.ai import forecast, pipeline_sim, score
from dashboard.callbacks import advice, aicompare, aiforecast, aipatterns, aiscenario, models, overview
from dashboard.callbacks import deal as deal_page
from dashboard.components.dashboard import PANELS, section
from dashboard.components.pagestate import PageState
from dashboard.config import Settings
from dashboard.jobs import runner
from dashboard.services import (
    ai,
    ai_compare,
    ai_models,
    ai_patterns,
    ai_quality,
    ai_scenario,
    ai_training,
    clients,
    context,
    deals,
    jobs,
    keys,
    notices,
    panels,
)
from dashboard.services.errors import AiFailed
from dashboard.services.jobs import Silent
from tests.callbacks.test_overview import words
from tests.conftest import Account

SAID = "Внутренняя ошибка модуля AI — перезапустите сервис"


@pytest.fixture
def sold(account: Account) -> Account:
    """An account with enough closed deals for a model that has learnt something."""
    rng = random.Random(7)
    client = clients.create(account.actor, {"name": "Заря"})
    won, lost = (next(stage.id for stage in account.pipeline.stages if stage.kind == kind) for kind in ("won", "lost"))
    now = datetime.now(UTC)
    for number in range(12):
        opened = now - timedelta(days=400 - 5 * number)
        deal = deals.create(account.actor, {
            "title": f"Сделка {number}", "client_id": client.id, "amount": rng.randint(1, 900) * 100,
            "opened_at": opened.isoformat(),
        })
        reason = {} if number % 2 else {"lost_reason": "Цена"}
        deals.move(account.actor, deal.id, won if number % 2 else lost, deal.version, **reason)
    return account


@pytest.fixture
def open_deal(sold: Account) -> int:
    return deals.create(sold.actor, {"title": "Открытая", "amount": 500_000}).id


@pytest.fixture
def empty_shelf() -> Callable[[], None]:
    """Forget the loaded models, as a new process has none."""
    return ai_models._shelf.clear


def files_of(account: Account, settings: Settings) -> list[Path]:
    """The stored models, the oldest first."""
    with context.database().unit_of_work(context.scope(account.actor)) as connection:
        found = connection.execute(
            text("select f.storage_key from models m join files f on f.id = m.file_id order by m.id")
        ).scalars()
        return [settings.data_dir / "files" / key for key in found]


def train_twice(account: Account) -> list[int]:
    return [ai_training.run_training(account.actor, {}, Silent())["model_id"] for _ in range(2)]


def test_a_damaged_model_gives_way_to_the_last_good_one_and_that_to_the_base_rate(
    sold: Account, open_deal: int, settings: Settings, empty_shelf: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    first, second = train_twice(sold)
    empty_shelf()
    assert ai.deal_advice(sold.actor, open_deal).model_id == second
    older, newer = files_of(sold, settings)

    content = newer.read_bytes()
    newer.write_bytes(content[:-20] + bytes([content[-20] ^ 1]) + content[-19:])  # one bit, the length as it was
    empty_shelf()
    with caplog.at_level(logging.ERROR, "dashboard.services.ai_shelf"):
        assert ai.deal_advice(sold.actor, open_deal).model_id == first
    said = [record.getMessage() for record in caplog.records if record.name == "dashboard.services.ai_shelf"]
    assert len(said) == 1 and said[0].startswith(f"model {second} ")

    older.unlink()
    empty_shelf()
    caplog.clear()
    with caplog.at_level(logging.ERROR, "dashboard.services.ai_shelf"):
        found = ai.deal_advice(sold.actor, open_deal)
    assert found.model_id is None and found.rung == "base" and 0 < found.probability < 1
    assert f"model {second} " in caplog.text and f"model {first} " in caplog.text

    newer.write_bytes(content)  # restored from a backup: it serves again without a restart
    assert ai.deal_advice(sold.actor, open_deal).model_id == second


def test_a_model_whose_registered_hash_is_another_is_never_loaded(
    sold: Account, open_deal: int, settings: Settings, empty_shelf: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    ai_training.run_training(sold.actor, {}, Silent())
    with context.database().unit_of_work(context.scope(sold.actor), write=True) as connection:
        connection.execute(text("update models set sha256 = decode(repeat('00', 32), 'hex')"))
    empty_shelf()
    with caplog.at_level(logging.ERROR, "dashboard.services.ai_shelf"):
        assert ai.deal_advice(sold.actor, open_deal).model_id is None
    assert "cannot be used" in caplog.text


def test_a_loaded_model_outlives_its_file(
    sold: Account, open_deal: int, settings: Settings, empty_shelf: Callable[[], None]
) -> None:
    model = ai_training.run_training(sold.actor, {}, Silent())["model_id"]
    empty_shelf()
    before = ai.deal_advice(sold.actor, open_deal)
    files_of(sold, settings)[0].write_bytes(b"{}")
    after = ai.deal_advice(sold.actor, open_deal)
    assert (after.model_id, after.probability) == (model, before.probability)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """An AI that falls over wherever it is asked."""

    def fall(*_: Any, **__: Any) -> Any:
        raise FloatingPointError("secret inner detail")

    monkeypatch.setattr(score, "score_snapshots", fall)
    monkeypatch.setattr(forecast, "forecast_series", fall)


@pytest.mark.usefixtures("broken")
def test_a_failing_ai_is_said_in_the_words_of_the_requirements(
    sold: Account, open_deal: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(AiFailed) as raised:
        ai.deal_advice(sold.actor, open_deal)
    assert i18n.t(f"errors.{raised.value.code}", "ru") == SAID
    assert raised.value.status == 503
    assert any(record.exc_info and record.exc_info[0] is FloatingPointError for record in caplog.records), "the cause is logged"


@pytest.mark.usefixtures("broken")
def test_the_interface_answers_with_a_problem_document(sold: Account, open_deal: int) -> None:
    flask = Flask("tests.faults")
    api.register(flask, calls_per_minute=1_000_000)
    key = keys.create_key(sold.actor, "faults", ("read", "ai"))[1]
    headers = {"Authorization": f"Bearer {key}", "Accept-Language": "ru"}
    with flask.test_client() as caller:
        failed = caller.get(f"/api/v1/ai/deals/{open_deal}", headers=headers)
        deal = caller.get(f"/api/v1/deals/{open_deal}", headers=headers)
    body = failed.get_json(force=True)
    assert failed.status_code == 503 and failed.mimetype == "application/problem+json"
    assert (body["code"], body["detail"]) == ("ai_failed", SAID)
    assert body["request_id"] and "secret inner detail" not in failed.get_data(as_text=True)
    assert deal.status_code == 200, "the deal itself is there"


@pytest.mark.usefixtures("broken")
def test_the_pages_keep_the_rest_of_themselves(sold: Account, open_deal: int) -> None:
    actor = sold.actor
    card = words(advice.deal_advice(actor, open_deal))
    assert SAID in card and "secret inner detail" not in card
    head, *_, version = deal_page.deal_parts(actor, deals.get(actor, open_deal))
    assert "Открытая" in words(head) and version == 1
    data, _ = panels.answers(actor, overview.question(actor, PageState()), ["revenue"])
    found = panels.late_answers(actor, overview.question(actor, PageState()), ["revenue"])
    seen = overview.seen_by(actor, PageState(), overview.question(actor, PageState()))("revenue")
    chart = section(PANELS["revenue"], found["revenue"], seen, "ru")
    assert data.deals_total == 13 and found["revenue"].failed
    assert i18n.t("overview.no_forecast", "ru") in words(chart)


def test_the_forecast_page_keeps_what_does_not_need_the_broken_part(
    sold: Account, open_deal: int, broken: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = PageState()
    shown = words(aiforecast.series(sold.actor, aiforecast.asked(state), ""))
    assert SAID in shown and "secret inner detail" not in shown
    rest = repr(aiforecast.pipeline(sold.actor, state))
    assert i18n.t("forecast.promises", "ru") in rest and SAID not in rest

    def fall(*_: Any, **__: Any) -> Any:
        raise FloatingPointError("secret inner detail")

    monkeypatch.setattr(pipeline_sim, "simulate", fall)
    assert SAID in words(aiforecast.pipeline(sold.actor, PageState(until="year")))


def test_a_killed_search_for_patterns_is_said_and_the_last_findings_stay(
    sold: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, state = sold.actor, PageState(period="all")
    span = aipatterns.span_of(actor, state)
    with monkeypatch.context() as here:  # the first search needs no process of its own
        here.setattr(runner, "ISOLATED", frozenset())
        runner.run(actor.account_id, ai_patterns.start(actor, "all", span, "").id)
    kept = repr(aipatterns.shown(actor, state)[0])
    assert SAID not in kept and i18n.t("patterns.family.drivers", "ru") in kept

    monkeypatch.setitem(runner.HANDLERS, ai_patterns.KIND, "tests.faults.dying:killed")
    runner.run(actor.account_id, ai_patterns.start(actor, "all", span, "").id)
    body, _, waiting, settled, _ = aipatterns.shown(actor, state)
    assert repr(body).count(SAID) == 1 and i18n.t("patterns.family.drivers", "ru") in repr(body)
    assert not waiting and settled, "one may look again"


OVER_MEMORY = "Превышено ограничение памяти, операция прервана"


@pytest.mark.parametrize(
    ("end", "said"),
    [("killed", OVER_MEMORY), ("hungry", OVER_MEMORY), ("hungry_inside", OVER_MEMORY), ("shattered", SAID)],
)
def test_a_training_that_comes_to_nothing_is_said_until_one_succeeds_and_the_last_model_serves(
    end: str, said: str, sold: Account, open_deal: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, page = sold.actor, lambda: words(models.shown(sold.actor, ai_quality.model_page(sold.actor)))
    monkeypatch.setattr(runner, "ISOLATED", frozenset({"train_win"}))
    learn = runner.HANDLERS["train_win"]
    good = ai_training.run_training(actor, {}, Silent())["model_id"]
    assert "Последнее обучение не удалось" not in page()

    monkeypatch.setitem(runner.HANDLERS, "train_win", f"tests.faults.dying:{end}")
    runner.run(actor.account_id, ai.train(actor).id)
    shown = page()
    assert "Последнее обучение не удалось" in shown and said in shown
    assert ("CRM_JOB_MEMORY_MB" in shown) == (said == OVER_MEMORY) and "период поменьше" not in shown
    assert ai.deal_advice(actor, open_deal).model_id == good

    monkeypatch.setitem(runner.HANDLERS, "train_win", learn)
    monkeypatch.setattr(runner, "ISOLATED", frozenset())
    runner.run(actor.account_id, ai.train(actor).id)
    assert "Последнее обучение не удалось" not in page()


def test_a_nightly_training_that_fails_is_told_in_the_bell_and_one_that_succeeds_is_not(
    sold: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = sold.actor
    before = notices.count(actor)[0]
    monkeypatch.setattr(runner, "ISOLATED", frozenset())
    runner.run(actor.account_id, jobs.enqueue(actor, "train_win", {}, once=True, unasked=True).id)
    assert notices.count(actor)[0] == before
    monkeypatch.setattr(runner, "ISOLATED", frozenset({"train_win"}))
    monkeypatch.setitem(runner.HANDLERS, "train_win", "tests.faults.dying:killed")
    runner.run(actor.account_id, jobs.enqueue(actor, "train_win", {}, once=True, unasked=True).id)
    told = notices.bell(actor).notices[0]
    assert (told.kind, told.params["job"], told.link) == ("job_failed", "train_win", "/ai/models")


def test_the_comparison_and_the_scenario_say_nothing_of_what_broke_inside(
    sold: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall(*_: Any, **__: Any) -> Any:
        raise FloatingPointError("secret inner detail")

    state = PageState(kind="period", period="all")
    assert SAID not in repr(aicompare.shown(sold.actor, state)[0])
    monkeypatch.setattr(ai_compare, "held_together", fall)
    shown = repr(aicompare.shown(sold.actor, PageState(kind="period"))[0])
    assert SAID in shown and "secret inner detail" not in shown
    assert aiscenario.set_to(sold.actor, state, None, None)[0] is False
    monkeypatch.setattr(ai_scenario, "_reckoned", fall)
    assert aiscenario.set_to(sold.actor, state, None, None)[0] is True, "nothing to move: the pipeline's panel says the rest"
