"""Reasons, advice and similar deals: in words that exist, and with sums that hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dashboard import i18n
from dashboard.ai import advice as rules
from dashboard.ai.advice import advise
from dashboard.ai.explain import REST, Plural, Translate, reasons
from dashboard.ai.features import FEATURE_NAMES, FEATURES
from dashboard.ai.frames import Frames
from dashboard.ai.score import Contribution, Value, WinScore
from dashboard.ai.similar import similar_deals
from dashboard.ai.win import train_win
from tests.unit.ai_frames import linear, make_frames, noise
from tests.unit.scoring import score_deals

NOW = pd.Timestamp("2025-01-01", tz="UTC")


def texts(locale: str) -> tuple[Translate, Plural]:
    def t(key: str, /, **params: object) -> str:
        found = i18n.t(key, locale, **params)
        assert found != key, f"no text {key} ({locale})"
        assert "{" not in found, found
        return found

    def n(key: str, count: int, /, **params: object) -> str:
        found = i18n.n(key, count, locale, **params)
        assert key not in found, f"no plural {key} ({locale})"
        assert "{" not in found, found
        return found

    return t, n


def made_up(**points: tuple[Value, float]) -> WinScore:
    parts = tuple(Contribution(name, value, p) for name, (value, p) in points.items())
    total = sum(part.points for part in parts)
    at = NOW.to_pydatetime()
    return WinScore(1, 0.4 + total / 100, 0.4, 0.3, 0.6, parts, {"amount": 1_250_000.0, **{p.feature: p.value for p in parts}},
                    "xgboost", "best", 100, 300, at, at)


@pytest.mark.parametrize("locale", ["ru", "en"])
@pytest.mark.parametrize("name", FEATURE_NAMES)
def test_every_feature_value_and_direction_has_words(name: str, locale: str) -> None:
    t, n = texts(locale)
    kind = next(feature.kind for feature in FEATURES if feature.name == name)
    numbers: list[Value] = [0.0, 0.5, 1.0, 2.0, 5.0, 21.0, None]
    values: list[Value] = ["7"] if name == "month" else ["Юг", ""] if kind == "category" else numbers
    if name == "days_to_close":
        values += [-1.0, -3.0, -11.0]
    for value in values:
        for points in (3.0, -3.0):
            reason = reasons(made_up(**{name: (value, points)}), locale, t, n)[0]
            assert reason.title and reason.detail
            assert reason.direction == ("up" if points > 0 else "down")
            assert reason.detail in reason.sentence
            assert ("+3" if points > 0 else "−3") in reason.sentence


@pytest.mark.parametrize(("name", "value", "said"), [
    ("own:number:budget", 12.0, "Бюджет: 12"), ("own:number:budget", None, "Бюджет: не заполнено"),
    ("own:date:budget", 3.0, "Бюджет: через 3 дня"), ("own:date:budget", -21.0, "Бюджет: 21 день назад"),
    ("own:date:budget", 0.0, "Бюджет: сегодня"), ("own:boolean:budget", "yes", "Бюджет: да"),
    ("own:boolean:budget", "no", "Бюджет: нет"), ("own:choice:budget", "малый", "Бюджет: малый"),
    ("own:choice:budget", "", "Бюджет: не заполнено"),
])
def test_own_fields_have_words(name: str, value: Value, said: str) -> None:
    t, n = texts("ru")

    def say(key: str, /, **params: object) -> str:
        return "Бюджет" if key == f"ai.feature.{name}.title" else t(key, **params)

    (reason,) = reasons(made_up(**{name: (value, 3.0)}), "ru", say, n)
    assert (reason.title, reason.detail) == ("Бюджет", said)


def test_the_sentences_of_the_design() -> None:
    score = made_up(days_since_contact=(24.3, -11.04), owner_win_rate=(0.47, 6.0), n_meeting=(2.0, 3.0),
                    moves=(1.0, 0.3), n_note=(5.0, -0.1), month=("4", 0.2), discount=(12.5, 0.05), log_amount=(14.0, 0.01))
    ru = reasons(score, "ru", *texts("ru"))
    assert [r.sentence for r in ru[:3]] == [
        "Нет контактов 24 дня: −11,0 п.п.", "Ответственный выигрывает 47\u00a0% сделок: +6,0 п.п.", "2 встречи: +3,0 п.п."]
    assert ru[-1].feature == REST and ru[-1].detail == "Ещё 5 признаков"
    en = reasons(score, "en", *texts("en"))
    assert en[0].sentence == "No contact for 24 days: −11.0 pp"
    assert en[-1].detail == "The remaining 5 factors"
    for row in (ru, en):
        assert 40 + sum(r.points for r in row) == pytest.approx(score.probability * 100, abs=1e-9)


def test_plurals_agree_in_russian() -> None:
    t, n = texts("ru")
    said = {days: reasons(made_up(days_since_contact=(days, -5.0)), "ru", t, n)[0].detail for days in (1.0, 3.0, 11.0, 21.0)}
    assert list(said.values()) == [f"Нет контактов {days}" for days in ("1 день", "3 дня", "11 дней", "21 день")]


@pytest.fixture(scope="module")
def account() -> Frames:
    """Calls decide, and contacts go on while a deal lives."""
    return make_frames(900, seed=1, signal=linear)


def test_real_scores_read_well_and_add_up(account: Frames) -> None:
    model = train_win(account, NOW)
    ids = [int(i) for i in account.deals.loc[account.deals["status"] == "open", "id"].head(30)]
    for score in score_deals(model, account, ids, NOW):
        for locale in ("ru", "en"):
            told = reasons(score, locale, *texts(locale), top=4)
            assert len(told) <= 5
            assert score.base * 100 + sum(r.points for r in told) == pytest.approx(score.probability * 100, abs=1e-9)
            assert [abs(r.points) for r in told if r.feature != REST] == sorted(
                (abs(r.points) for r in told if r.feature != REST), reverse=True)


def test_advice_is_what_the_model_says(account: Frames) -> None:
    model = train_win(account, NOW)
    assert model.model is not None
    given = 0
    for deal in account.deals.loc[account.deals["status"] == "open"].head(40).itertuples():
        for advice in advise(model, account, int(deal.id), NOW):
            given += 1
            assert advice.action in {action.name for action in rules._ACTIONS}
            # writing a date down promises nothing by itself
            assert advice.basis == ("rule" if advice.action in ("fix_date", "set_date", "add_lines") else "association")
            if advice.basis == "rule":
                assert advice.gain == 0
                continue
            evidence = advice.evidence
            assert advice.gain == pytest.approx((evidence.probability_then - evidence.probability) * deal.amount)
            assert advice.gain > 0
            for locale in ("ru", "en"):
                t, n = texts(locale)
                params = dict(advice.params)
                assert t(f"ai.advice.{advice.action}.title")
                key = f"ai.advice.{advice.action}.detail"
                assert n(key, params["count"]) if params else t(key)
    assert given > 10  # a call more does raise the chance here


def test_without_a_model_only_rules_of_thumb(account: Frames) -> None:
    plain = train_win(make_frames(30, seed=1, signal=noise), NOW)
    open_ids = account.deals.loc[account.deals["status"] == "open", "id"]
    rules = [advice for deal in open_ids.head(20) for advice in advise(plain, account, int(deal), NOW)]
    assert rules
    assert {(advice.basis, advice.gain) for advice in rules} == {("rule", 0.0)}
    closed = account.deals.loc[account.deals["status"] == "won", "id"].iloc[0]
    assert advise(plain, account, int(closed), NOW) == []


def test_similar_deals_are_won_alike_and_known() -> None:
    frames = make_frames(600, seed=3)
    at = pd.Timestamp("2024-03-01", tz="UTC")
    deal = frames.deals[(frames.deals["opened_at"] < at) & (frames.deals["status"] == "open")].iloc[-1]
    twin = frames.deals[(frames.deals["status"] == "won") & (frames.deals["closed_at"] < at)].iloc[0]
    same = frames.deals["id"] == twin["id"]  # make one deal the same in everything a person sees
    frames = replace(frames, deals=frames.deals.assign(
        client_id=frames.deals["client_id"].where(~same, deal["client_id"]),
        amount=frames.deals["amount"].where(~same, deal["amount"]),
        source=frames.deals["source"].where(~same, deal["source"])),
        amount_changes=frames.amount_changes[~frames.amount_changes["deal_id"].isin([deal["id"], twin["id"]])])
    found = similar_deals(frames, int(deal["id"]), at, 5)
    assert int(twin["id"]) in found
    rows = frames.deals.set_index("id").loc[found]
    assert (rows["status"] == "won").all() and (rows["closed_at"] <= at).all()
    gaps = np.abs(np.log(rows["amount"].astype(float)) - np.log(float(deal["amount"])))
    everyone = np.abs(np.log(frames.deals["amount"]) - np.log(float(deal["amount"])))
    assert gaps.mean() < everyone.mean()
    with pytest.raises(KeyError):
        similar_deals(frames, 1, at, 5)
