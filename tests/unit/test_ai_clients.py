"""Clients ahead: nothing later changes a feature, answers are ordered and add up, few purchases are said plainly."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.ai.clientpast import HORIZON, Past, client_names, client_snapshots, training_clients
from dashboard.ai.clients import (
    ClientCases,
    TrainedClients,
    answer,
    causes,
    clients_from_bytes,
    clients_to_bytes,
    gains,
    moved,
    train_clients,
)
from dashboard.ai.frames import Frames, OwnField, empty_frame
from dashboard.ai.ladder import folds
from dashboard.ai.registry import DamagedModel, fingerprint

NOW = pd.Timestamp("2026-06-01", tz="UTC")
YEARS = 4


def made(clients: int, seed: int = 0) -> Frames:
    """Clients who buy at their own rates until they leave, open deals, lost deals and contacts, and an edited amount."""
    random = np.random.default_rng(seed)
    start = NOW - pd.Timedelta(days=YEARS * 365)
    rows, calls = [], []
    for client in range(1, clients + 1):
        rate, day = random.gamma(0.8, 1 / 60) + 1 / 900, random.uniform(0, YEARS * 365 - 10)
        stop = min(day + random.exponential(900), YEARS * 365.0)
        while day < stop:
            rows.append((client, day - 20, day, "won", float(np.exp(random.normal(8, 0.7)))))
            day += random.exponential(1 / rate)
        rows.append((client, random.uniform(0, YEARS * 365), None, "open", 500.0))
        calls += [(client, random.uniform(0, YEARS * 365)) for _ in range(3)]
    deals = pd.DataFrame(rows, columns=["client_id", "from", "to", "status", "amount"])
    deals["id"] = np.arange(1, len(deals) + 1)
    deals["opened_at"] = start + pd.to_timedelta(deals["from"], unit="D")
    deals["closed_at"] = start + pd.to_timedelta(deals["to"].astype(float), unit="D")
    for name in ("owner_id", "pipeline_id", "stage_id", "source", "expected_close"):
        deals[name] = None
    talks = pd.DataFrame(calls, columns=["client_id", "day"]).assign(deal_id=None, kind="call", due_at=pd.NaT, done_at=pd.NaT)
    talks["happened_at"] = start + pd.to_timedelta(talks["day"], unit="D")
    people = pd.DataFrame({"id": np.arange(1, clients + 1), "region": "Юг", "industry": "", "source": "", "owner_id": None,
                           "segment": np.where(np.arange(clients) % 2, "A", "B"), "created_at": start})
    edits = pd.DataFrame({"deal_id": deals["id"], "at": deals["closed_at"] + pd.Timedelta(days=200), "field": "amount",
                          "old": "100", "new": None})
    none = {name: empty_frame(name) for name in ("stages", "stage_events", "lines")}
    frames = Frames(deals=deals, clients=people, interactions=talks, amount_changes=edits, **none)
    return described(frames, random)


def described(frames: Frames, random: np.random.Generator) -> Frames:
    """With fields of the account's own, and edits of them and of the segment at any time."""
    count = len(frames.clients)

    def own() -> list[str]:
        return [json.dumps({"fleet": int(random.integers(1, 9)), "vip": bool(random.integers(2)),
                            "ends": f"202{random.integers(3, 7)}-0{random.integers(1, 9)}-15"}) for _ in range(count)]

    who, stands = frames.clients["id"].to_numpy(), frames.clients["segment"].to_numpy(dtype=object)
    edits = [
        pd.DataFrame({"client_id": who, "field": field, "old": old,
                      "at": NOW - pd.to_timedelta(random.uniform(0, YEARS * 365, count), unit="D")})
        for field, old in (("custom", own()), ("custom", [None] * count), ("segment", np.where(stands == "A", "B", "A")))
    ]
    fields = (OwnField("fleet", "number"), OwnField("vip", "boolean"), OwnField("ends", "date"))
    return replace(frames, clients=frames.clients.assign(custom=own()), own_clients=fields,
                   client_changes=pd.concat(edits, ignore_index=True))


@pytest.fixture(scope="module")
def many() -> Frames:
    return made(300)


@pytest.fixture(scope="module")
def model(many: Frames) -> TrainedClients:
    return train_clients(Past.of(many), NOW)


def cut(frames: Frames, at: pd.Timestamp) -> Frames:
    """The same account with everything after ``at`` undone."""
    deals = frames.deals[frames.deals["opened_at"] <= at].copy()
    later = deals["closed_at"] > at
    deals.loc[later, ["status", "closed_at"]] = ["open", pd.NaT]
    deals["closed_at"] = pd.to_datetime(deals["closed_at"], utc=True)
    edits = frames.amount_changes
    undone = edits[edits["at"] > at].drop_duplicates("deal_id").set_index("deal_id")["old"].astype(float)
    deals["amount"] = deals["id"].map(undone).fillna(deals["amount"])
    talks = frames.interactions
    people, changes = frames.clients.copy(), frames.client_changes
    for field in ("custom", "segment"):
        first = changes[(changes["at"] > at) & (changes["field"] == field)].sort_values("at").drop_duplicates("client_id")
        before = first.set_index("client_id")["old"]
        people[field] = np.where(people["id"].isin(before.index), people["id"].map(before), people[field])
    return replace(frames, deals=deals, interactions=talks[talks["happened_at"] <= at], amount_changes=edits[edits["at"] <= at],
                   clients=people, client_changes=changes[changes["at"] <= at])


@settings(max_examples=8, deadline=None)
@given(st.integers(30, YEARS * 365))
def test_nothing_after_the_moment_changes_a_feature(many: Frames, days: int) -> None:
    at = NOW - pd.Timedelta(days=days)
    told, known = client_snapshots(Past.of(many), at), client_snapshots(Past.of(cut(many, at)), at)
    assert not len(told) or len(told) == len(known)
    pd.testing.assert_frame_equal(told, known)


def test_own_fields_are_told_as_they_stood(many: Frames) -> None:
    past, names = Past.of(many), [field.name for field in many.own_clients]
    now, then = (client_snapshots(past, NOW - pd.Timedelta(days=days)).set_index("client_id") for days in (0, 700))
    stands = many.clients.set_index("id")["custom"].map(json.loads)
    assert (now["own:number:fleet"] == stands.reindex(now.index).map(lambda row: row["fleet"])).all()
    assert set(now["own:boolean:vip"]) == {"yes", "no"} and set(client_names(many)) >= set(names)
    both = then.index.intersection(now.index)
    assert (then.loc[both, "own:number:fleet"].fillna(0) != now.loc[both, "own:number:fleet"]).mean() > 0.2
    assert then["own:number:fleet"].isna().any()  # filled in only later


def test_what_moved_is_all_that_is_named_and_adds_up(many: Frames, model: TrainedClients) -> None:
    table = client_snapshots(Past.of(many), NOW, model.rates)
    for row in range(0, len(table), 29):
        one = table.iloc[[row]].reset_index(drop=True)
        changes = {"c_contact": 0.0, "c_contacts": float(one["c_contacts"].iloc[0]) + 1, "c_open": float(one["c_open"].iloc[0])}
        before, after, parts = causes(model, one, changes)
        assert set(parts) <= {"c_contact", "c_contacts"} and "c_contacts" in parts
        assert after - before == pytest.approx(sum(parts.values()), abs=1e-12)
        assert before == pytest.approx(float(model.buys.chances(one)[0]))
        assert after == pytest.approx(float(model.buys.chances(moved(one, changes))[0]))
    assert causes(model, one, {}) == (before, before, {})


def test_an_outcome_lies_wholly_after_its_snapshot(many: Frames) -> None:
    table = training_clients(Past.of(many), NOW, HORIZON)
    assert table["at"].nunique() == 8
    for at, rows in table.groupby("at"):
        bought = Past.of(many).purchases(int(NOW.value // 1000))
        day = int(at) // 86_400_000_000
        after = set(bought.loc[(bought["day"] > day) & (bought["day"] <= day + HORIZON), "client_id"])
        assert set(rows.loc[rows["won"] == 1, "client_id"]) == after & set(rows["client_id"])


def test_a_learnt_rung_answers_and_its_reasons_add_up(many: Frames, model: TrainedClients) -> None:
    assert model.buys.rung in ("logistic", "xgboost")
    metrics = {row.rung: row.log_loss.value for row in model.buys.manifest.metrics}
    assert metrics[model.buys.rung] < metrics["base"]
    table = client_snapshots(Past.of(many), NOW, model.rates)
    told = answer(model, table)
    chance, parts, names = model.buys.contributions(table)
    assert set(names) <= set(client_names(many))
    assert np.allclose(model.buys.start + parts.sum(axis=1), chance, atol=1e-9)
    assert np.allclose(told.buys, chance)
    assert ((told.buys > 0) & (told.buys < 1) & (told.leaves >= 0) & (told.leaves <= 1 - told.buys + 1e-12)).all()
    assert (told.value_year >= 0).all() and (told.value > 0).all()


def test_more_to_do_never_lowers_the_chance(many: Frames, model: TrainedClients) -> None:
    table = client_snapshots(Past.of(many), NOW, model.rates)
    for change in ({"c_contact": 0.0}, {"c_contacts": 40.0}, {"c_open": 50.0}):
        if model.buys.rung == "xgboost":
            assert (model.buys.chances(moved(table, change)) >= model.buys.chances(table) - 1e-9).all()


def test_no_more_is_promised_than_the_cases_show(many: Frames, model: TrainedClients) -> None:
    table = client_snapshots(Past.of(many), NOW, model.rates)
    lessons = training_clients(Past.of(many), NOW, HORIZON)
    contact = model.cases[0]
    alone = lessons[(lessons["c_contact"] > 30) & (lessons["c_open"] == 0)]
    assert contact.did + contact.rest == len(alone) and contact.did_bought + contact.rest_bought == alone["won"].sum()
    found = gains(replace(model, cases=(ClientCases("contact", 100, 30, 100, 28, ()),)), table)
    assert (found <= 0.02 + 1e-12).all() and (found >= 0).all() and not found[table["c_contact"] <= 30].any()
    for few in ((), (ClientCases("contact", 3, 3, 100, 1, ()),)):
        assert not gains(replace(model, cases=few), table).any()


@pytest.mark.parametrize("clients", [1, 2, 20])
def test_few_purchases_are_answered_and_said(clients: int) -> None:
    past = Past.of(made(clients))
    few = train_clients(past, NOW)
    assert (few.buys.rung, few.buys.manifest.reason.code) == ("base", "too_few")
    told = answer(few, client_snapshots(past, NOW, few.rates))
    assert len(told.buys) == clients and np.isfinite(told.value_year).all()


def test_an_account_without_purchases() -> None:
    frames = made(3)
    past = Past.of(replace(frames, deals=frames.deals.iloc[:0]))
    assert len(answer(train_clients(past, NOW), client_snapshots(past, NOW)).buys) == 0


def test_the_document_and_its_damage(many: Frames, model: TrainedClients) -> None:
    data = clients_to_bytes(model)
    again = clients_from_bytes(data, fingerprint(data))
    table = client_snapshots(Past.of(many), NOW, model.rates)
    assert np.array_equal(answer(again, table).buys, answer(model, table).buys)
    with pytest.raises(DamagedModel):
        clients_from_bytes(data[:-1] + b" ", fingerprint(data))
    with pytest.raises(DamagedModel):
        clients_from_bytes(b"{}", fingerprint(b"{}"))


def test_three_years_are_enough_to_test_a_years_horizon(many: Frames) -> None:
    """Every outcome is known a year after its question: the questions are cut, or nothing would lie later."""
    born = NOW - pd.Timedelta(days=3 * 365)
    late = replace(many, deals=many.deals[many.deals["opened_at"] > born])
    table = training_clients(Past.of(late), NOW, 365)
    parts = [(before, after) for _, before, after in folds(table, 0) if len(before) and len(after)]
    assert len({int(table["at"].iloc[after].min()) for _, after in parts}) >= 3
    for before, after in parts:
        assert table["closed_at"].iloc[before].max() < table["at"].iloc[after].min()
        assert not set(table["client_id"].iloc[before]) & set(table["client_id"].iloc[after])
