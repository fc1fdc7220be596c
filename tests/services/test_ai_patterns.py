"""Patterns: planted ones are found, their rows add up, both engines agree, whoever may not see rows sees no patterns."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from dashboard.analytics import findings
from dashboard.analytics.questions import ListQuery
from dashboard.analytics.spans import Span
from dashboard.jobs import runner
from dashboard.services import ai_patterns, ai_patterns_job, analytics, context, jobs, reading
from dashboard.services.actor import Role
from dashboard.services.ai_patterns import KIND, Pattern
from dashboard.services.errors import AiFailed, Forbidden
from dashboard.services.jobs import Silent
from db import models
from tests.conftest import Account, new_account, today_there

SPAN = Span(today_there() - timedelta(days=1200), today_there())
PARAMS = {"period": "own", "start": SPAN.start.isoformat(), "end": SPAN.end.isoformat(), "filter": ""}


def plant(account: Account) -> None:
    """Three years of sales: more each December, box with tape, «Сайт» wins less, one mad week, one dear deal."""
    rng, scope = random.Random(3), context.scope(account.actor)
    own = {"account_id": scope.account_id}
    with context.database().unit_of_work(scope, change="test.fill") as work:
        def add(table: Any, rows: list[dict[str, Any]]) -> list[int]:
            return list(work.execute(insert(table).returning(table.c.id, sort_by_parameter_order=True), rows).scalars())

        pipeline = work.execute(select(models.pipelines.c.id).order_by(models.pipelines.c.id)).scalars().first()
        project = work.execute(select(models.projects.c.id)).scalars().first()
        stage = {row.kind: row.id for row in work.execute(select(models.stages.c.kind, models.stages.c.id))}
        whose = own | {"owner_id": account.actor.member_id, "project_id": project}
        clients = add(models.clients, [whose | {"name": f"Клиент {at}"} for at in range(90)])
        goods = add(models.products, [own | {"name": name, "kind": "good", "price": 100} for name in
                                      ("Коробка", "Скотч", "Плёнка", "Нож")])
        rows, start = [], SPAN.end - timedelta(days=1150)
        for at in range(1150):
            day = start + timedelta(days=at)
            count = rng.choice((1, 1, 2)) + (3 if day.month == 12 else 0) + (9 if 700 <= at < 707 else 0)
            for _ in range(count):
                source = rng.choice(("Сайт", "Выставка"))
                won = at == 900 or rng.random() < (0.25 if source == "Сайт" else 0.75)
                client = clients[min(int(rng.expovariate(0.06)), 89)]
                moment = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
                amount = 5_000_000 if at == 900 else rng.randrange(900, 1200)
                rows.append(own | {
                    "title": f"Сделка {len(rows)}", "client_id": client, "owner_id": account.actor.member_id,
                    "pipeline_id": pipeline, "project_id": project, "stage_id": stage["won" if won else "lost"],
                    "status": "won" if won else "lost", "amount": amount, "currency": "RUB", "source": source,
                    "opened_at": moment - timedelta(days=5), "closed_at": moment, "stage_since": moment})
        ids = add(models.deals, rows)
        lines = []
        for deal, row in zip(ids, rows, strict=True):
            chosen = {goods[0], goods[1]} if rng.random() < 0.3 else {rng.choice(goods[2:])}
            price = row["amount"] // len(chosen)
            lines += [own | {"deal_id": deal, "product_id": good, "quantity": 1, "price": price, "amount": price}
                      for good in sorted(chosen)]
        add(models.deal_lines, lines)


def found(account: Account) -> list[Pattern]:
    result = ai_patterns_job.run(account.actor, PARAMS, Silent())
    return list(ai_patterns._read(result, None).patterns)


def test_what_was_planted_is_found_and_opens_rows_that_add_up(account: Account) -> None:
    plant(account)
    patterns = found(account)
    by_family = {name: [item for item in patterns if item.family == name] for name in ai_patterns.FAMILIES}
    assert all(by_family.values()), {name: len(items) for name, items in by_family.items()}
    pair = by_family["rules"][0].params
    assert {pair["one"], pair["other"]} == {"Коробка", "Скотч"} and pair["lift"] > 2
    year = next(item for item in by_family["seasons"] if item.kind == "season_year")
    assert year.params["best"] == 11 and year.level <= 0.05
    drivers = {item.params["member"]: item for item in by_family["drivers"]}
    assert drivers["Сайт"].kind == "driver_down" and (drivers["Сайт"].high or 0) < 0
    assert any(item.kind == "week_more" for item in by_family["anomalies"])
    dear = next(item for item in by_family["anomalies"] if item.kind == "dear")
    assert dear.params["count"] >= 1
    assert sum(item.params["share"] for item in by_family["segments"]) == pytest.approx(1)
    for item in patterns:
        totals = analytics.totals(account.actor, item.drill.entity, ListQuery(filter=item.drill.filter))
        if item.count:
            assert totals.count == item.count, item
        if item.total is not None:
            assert totals.sums["amount"] == item.total, item
        if item.family == "anomalies" and item.params.get("metric", "") in ("deals_created", "deals_lost"):
            assert totals.count == item.params["value"]


def test_both_engines_are_asked_the_same(account: Account) -> None:
    plant(account)
    answers = []
    for engine in ("duckdb", "postgres"):
        with reading.session(account.actor, engine=engine) as glass:
            known = findings.days(glass, "", ("won_sum", "created", "lost"), SPAN)
            answers.append([
                findings.purchases(glass, ""), findings.baskets(glass, "", SPAN, 10**6)[1], findings.marks(glass, "", SPAN),
                sorted(map(sorted, findings.baskets(glass, "", SPAN, 500)[0])), findings.first_day(glass, ""),
                findings.by_amount(glass, "", SPAN), sorted(findings.won_amounts(glass, "", SPAN)),
                [series.within(SPAN) for series in known.values()],
            ])
    assert answers[0] == answers[1]


def test_the_job_keeps_what_it_found_for_those_who_may_see_it(account: Account) -> None:
    plant(account)
    job = jobs.enqueue(account.actor, KIND, dict(PARAMS), deferred=False)
    runner.run(account.account_id, job.id)
    state = ai_patterns.read(account.actor, "own", SPAN, "")
    assert state.found is not None and state.found.patterns and not state.failed and state.running is None
    own = replace(account.actor, role=Role.REP, only_own=True)
    assert ai_patterns.read(own, "own", SPAN, "").found is None
    assert ai_patterns.read(replace(account.actor, role=Role.READER), "own", SPAN, "").found == state.found
    assert ai_patterns.read(account.actor, "own", SPAN, "amount > 5").found is None
    assert ai_patterns.read(new_account().actor, "own", SPAN, "").found is None
    with pytest.raises(Forbidden):
        ai_patterns.start(replace(account.actor, role=Role.READER), "own", SPAN, "")


def test_a_look_that_ended_badly_is_told_and_the_last_good_one_stays(account: Account) -> None:
    good = jobs.enqueue(account.actor, KIND, dict(PARAMS), deferred=False)
    runner.run(account.account_id, good.id)
    ai_patterns.start(account.actor, "own", SPAN, "")
    waiting = ai_patterns.read(account.actor, "own", SPAN, "").running
    assert waiting is not None and ai_patterns.start(account.actor, "own", SPAN, "").id == waiting.id  # a double click
    runner.fail(account.account_id, waiting.id, AiFailed(part="patterns"))
    state = ai_patterns.read(account.actor, "own", SPAN, "")
    assert state.failed and state.found is not None and state.running is None


def test_an_empty_account_says_what_is_missing(account: Account) -> None:
    result = ai_patterns_job.run(account.actor, PARAMS, Silent())
    assert result["patterns"] == [] and set(result["missing"]) == set(ai_patterns.FAMILIES)


def test_a_fault_within_is_the_ais(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("fell over")

    monkeypatch.setattr(findings, "purchases", broken)
    with pytest.raises(AiFailed):
        ai_patterns_job.run(account.actor, PARAMS, Silent())
