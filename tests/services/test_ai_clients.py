"""A client's outlook from the first purchase on, its stored scores, and a damaged model."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from dash import html
from sqlalchemy import text

from dashboard import i18n
from dashboard.ai.clientpast import Past, client_snapshots
from dashboard.analytics import lists
from dashboard.callbacks import clientahead, clientmodel
from dashboard.components.clientahead import ahead_panel
from dashboard.config import Settings
from dashboard.services import (
    ai_client_jobs,
    ai_client_models,
    ai_client_quality,
    ai_clients,
    ai_history,
    ai_quality,
    analytics,
    clients,
    context,
    custom_fields,
    deals,
    reading,
)
from dashboard.services.ai_words import client_titles
from dashboard.services.analytics import ListQuery
from dashboard.services.errors import AiFailed, Forbidden, Invalid, NotFound
from dashboard.services.jobs import Silent
from db.queries.client_scores import ClientScore
from tests.callbacks.test_overview import words
from tests.conftest import Account


def bought(account: Account, client_id: int, *days_ago: int, amount: int = 90_000) -> None:
    """Won deals of the client, closed so many days ago."""
    for days in days_ago:
        closed = datetime.now(UTC) - timedelta(days=days)
        deals.create(account.actor, {
            "title": f"{days} дней назад", "client_id": client_id, "amount": amount, "status": "won",
            "opened_at": (closed - timedelta(days=5)).isoformat(), "closed_at": closed.isoformat()})


@pytest.fixture
def regular(account: Account) -> int:
    client = clients.create(account.actor, {"name": "Постоянный"})
    bought(account, client.id, 300, 240, 180, 120, 60)
    return client.id


def test_before_the_first_purchase_nothing_is_invented(account: Account) -> None:
    client = clients.create(account.actor, {"name": "Новый"})
    assert ai_clients.outlook(account.actor, client.id) is None
    said = words(ahead_panel(None, account.actor))
    assert i18n.t("clientai.no_purchases", account.actor.locale) in said
    with pytest.raises(NotFound):
        ai_clients.what_if(account.actor, client.id, {"contact": True})
    with pytest.raises(NotFound):
        ai_clients.outlook(account.actor, 10**12)


def test_the_first_purchase_is_answered_before_any_training(account: Account) -> None:
    client = clients.create(account.actor, {"name": "Первая покупка"})
    bought(account, client.id, 20)
    found = ai_clients.outlook(account.actor, client.id)
    assert found is not None and not found.trained and found.state == "new"
    assert 0 < found.buys < 1 and 0 <= found.leaves < 1 and found.value_purchase > 0
    assert i18n.t("clientai.by_untrained", account.actor.locale) in words(ahead_panel(found, account.actor))


def test_a_training_stores_the_scores_and_the_page_says_the_same(account: Account, regular: int) -> None:
    for number in range(6):
        other = clients.create(account.actor, {"name": f"Другой {number}"})
        bought(account, other.id, 200 + 30 * number)
    result = ai_client_jobs.run_training(account.actor, {}, Silent())
    assert result["scored"] == 7 and result["moved"] == 7
    with context.database().unit_of_work(context.scope(account.actor)) as connection:
        row = connection.execute(text("select * from client_scores where client_id = :id and is_latest"), {"id": regular}
                                 ).mappings().one()
    found = ai_clients.outlook(account.actor, regular)
    assert found is not None and found.trained and found.model_id == result["model_id"] == row["model_id"]
    assert found.buys == pytest.approx(row["buys"]) and found.leaves == pytest.approx(row["leaves"])
    assert float(found.value_year) == pytest.approx(row["value_year"], abs=0.01) and found.next_on == row["next_on"]
    assert 100 * (found.buys - found.base) == pytest.approx(sum(item.points for item in found.reasons), abs=0.05)
    again = ai_client_jobs.run_scoring(account.actor, {}, Silent())
    assert (again["scored"], again["moved"]) == (7, 0)


def test_a_clients_own_fields_speak_as_they_stood(account: Account) -> None:
    field = custom_fields.add_field(account.actor, "clients", {"name": "Парк машин", "kind": "number"})
    client = clients.create(account.actor, {"name": "С парком", "segment": "A", "custom": {field.key: 4}})
    bought(account, client.id, 90, 30)
    before = pd.Timestamp.now(tz="UTC")
    now = clients.get(account.actor, client.id)
    clients.edit(account.actor, client.id, {"segment": "B", "custom": {field.key: 9}}, now.version)
    for frames in (ai_history.whole(account.actor), ai_history.of_client(account.actor, client.id)):
        past = Past.of(frames)
        then, later = (client_snapshots(past, at).iloc[0] for at in (before, pd.Timestamp.now(tz="UTC")))
        name = f"own:number:{field.key}"
        assert (then[name], later[name], then["segment"], later["segment"]) == (4, 9, "A", "B")
    said = ai_clients._said(account.actor, name, 9.0, client_titles(account.actor))
    assert "Парк машин" in said and "9" in said


def test_what_if_checks_what_it_is_given(account: Account, regular: int) -> None:
    found = ai_clients.what_if(account.actor, regular, {"contact": True, "deal": True, "contacts": 3})
    assert found.before == found.after and not found.informed  # the plain rung knows the state alone
    for wrong in ({"contacts": 51}, {"contacts": "many"}, {"price": 1}):
        with pytest.raises(Invalid):
            ai_clients.what_if(account.actor, regular, wrong)


def test_a_rep_who_sees_only_own_does_not_reach_anothers_client(account: Account, regular: int) -> None:
    with pytest.raises(NotFound):
        ai_clients.outlook(account.actor_as("rep", only_own=True), regular)


def test_a_damaged_model_gives_way_to_the_one_before_and_then_says_so(
    account: Account, regular: int, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = (ai_client_jobs.run_training(account.actor, {}, Silent())["trained_model_id"] for _ in range(2))
    with context.database().unit_of_work(context.scope(account.actor)) as connection:
        keys = connection.execute(text("select f.storage_key from models m join files f on f.id = m.file_id order by m.id"))
        older, newer = (settings.data_dir / "files" / key for key in keys.scalars())

    def forget() -> None:
        ai_client_models._shelf.clear()

    def serves() -> int | None:
        found = ai_clients.outlook(account.actor, regular)
        assert found is not None
        return found.model_id

    forget()
    assert serves() == second
    newer.write_bytes(newer.read_bytes()[:-1] + b" ")
    forget()
    with caplog.at_level(logging.ERROR):
        assert serves() == first
    older.unlink()
    forget()
    with pytest.raises(AiFailed):
        ai_clients.outlook(account.actor, regular)
    monkeypatch.setattr(clientahead, "request_id", lambda: "abc")
    assert "Внутренняя ошибка модуля AI — перезапустите сервис" in words(clientahead.shown(account.actor, regular)[0])


def test_who_may_not_train_does_not_start_it(account: Account) -> None:
    from dashboard.services import ai

    with pytest.raises(Forbidden):
        ai.train(account.actor_as("rep"))


def test_one_goes_back_to_an_earlier_model_of_the_clients(account: Account, regular: int) -> None:
    assert ai_client_quality.client_model_page(account.actor_as("reader")).versions == ()
    first, second = (ai_client_jobs.run_training(account.actor, {}, Silent())["trained_model_id"] for _ in range(2))
    with pytest.raises(Forbidden):
        ai_quality.go_back(account.actor_as("rep"), first)
    with pytest.raises(NotFound):
        ai_quality.go_back(account.other().actor, first)
    assert ai_quality.go_back(account.actor, first) == "clients"
    assert ai_quality.running(account.actor).kind == "score_clients"  # type: ignore[union-attr]
    third = ai_client_jobs.run_training(account.actor, {}, Silent())
    page = ai_client_quality.client_model_page(account.actor)
    assert page.active is not None and (page.active.id, page.active.pinned, third["model_id"]) == (first, True, first)
    assert [item.id for item in page.versions] == [third["trained_model_id"], second, first]
    assert ai_quality.model_page(account.actor).versions == ()  # of deals there is none
    texts = words(html.Div(clientmodel.shown(account.actor)[1:3] + clientmodel.shown(account.actor)[-1]))
    for key in ("clientai.model_buys", "clientai.model_stays", "models.history", "models.drift", "models.pinned"):
        assert i18n.t(key, account.actor.locale) in texts
    assert ai_quality.release(account.actor, "clients").kind == "train_clients"
    fourth = ai_client_jobs.run_training(account.actor, {}, Silent())
    assert fourth["model_id"] == fourth["trained_model_id"]


def test_the_scores_of_a_quarter_ago_are_held_against_what_came(account: Account) -> None:
    ids = [clients.create(account.actor, {"name": f"К {number}"}).id for number in range(30)]
    with context.database().unit_of_work(context.scope(account.actor), write=True) as connection:
        for place, client in enumerate(ids):
            connection.execute(
                text("insert into client_scores (account_id, client_id, buys, leaves, value_year, scored_at, is_latest)"
                     " values (:account, :client, :buys, 0.1, 1, now() - make_interval(days => :days), :latest)"),
                [{"account": account.account_id, "client": client, "buys": buys, "days": days, "latest": days == 10}
                 for buys, days in ((0.9 if place < 12 else 0.1, 120), (0.5, 10))])
    assert ai_client_quality.client_model_page(account.actor).live is not None
    for client in ids[:12]:
        bought(account, client, 60)
    for client in ids[20:]:
        bought(account, client, 20)  # later than 90 days after its score
    live = ai_client_quality.client_model_page(account.actor).live
    assert live is not None and (live.deals, live.auc) == (30, 1.0)
    assert live.said == pytest.approx((12 * 0.9 + 18 * 0.1) / 30) and live.seen == pytest.approx(0.4)


def test_the_list_shows_sorts_and_filters_by_what_is_expected(account: Account, settings: Settings) -> None:
    ids = [clients.create(account.actor, {"name": f"К {number}"}).id for number in range(4)]
    told = [ClientScore(client, 0.2 * place, 0.9 - 0.2 * place, 1_000.5 * place, date(2026, 12, 1 + place))
            for place, client in enumerate(ids[:3])]

    def listed(**query: Any) -> list[int]:
        found = {}
        for engine in ("duckdb", "postgres"):
            with reading.session(account.actor, engine=engine) as glass:
                found[engine] = lists.find(glass, "clients", ListQuery(**query)).ids
        assert found["duckdb"] == found["postgres"]
        return found["duckdb"]

    ai_client_models.store_scores(account.actor, None, told)  # type: ignore[arg-type]
    assert listed(sort=("-buys",)) == [*ids[2::-1], ids[3]]  # who has not bought yet comes last
    assert listed(filter="leaves > 0.6", sort=("name",)) == ids[:2]
    assert listed(filter="value_year >= 1000.5 and next_purchase < 2026-12-03") == [ids[1]]
    shown = analytics.list_clients(account.actor, ListQuery(sort=("-value_year",), limit=1)).rows[0]
    assert (shown.buys, shown.leaves, shown.next_purchase, shown.value_year) == (0.4, 0.5, date(2026, 12, 3), 2001.0)
    # the copy does not follow the scores: new ones are seen all the same
    ai_client_models.store_scores(account.actor, None, [ClientScore(ids[0], 0.95, 0.01, 9_000.0, None)])  # type: ignore[arg-type]
    assert listed(filter="buys > 0.9") == [ids[0]] and listed(filter="buys > 0") == [ids[0]]
