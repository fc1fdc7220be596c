"""The real file sets: a seller's CRM with its dirty names, and a wholesaler's invoices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from dashboard.jobs import runner
from dashboard.services import context, imports, jobs
from dashboard.services.actor import Actor
from tests.conftest import Account

pytestmark = pytest.mark.realdata


def load(actor: Actor, path: Path, **changes: Any) -> dict[str, Any]:
    """Upload, inspect and load one file the way the page does; return the job's result."""
    with path.open("rb") as stream:
        stored = imports.upload(actor, path.name, stream)
    seen = imports.inspect(actor, stored.id)
    data = {
        "file_id": stored.id,
        "entity": seen.entity,
        "mapping": seen.mapping,
        "shape": seen.shape,
        "profile": seen.profile,
        **changes,
    }
    job = imports.start(actor, data, deferred=False)
    runner.run(actor.account_id, job.id)
    ended = jobs.get(actor, job.id)
    assert ended.status == "done", ended.error
    assert ended.result is not None
    return ended.result


def ask(actor: Actor, query: str) -> Any:
    with context.database().unit_of_work(context.scope(actor)) as connection:
        return connection.execute(text(query)).one()


def test_the_seller_with_all_four_tables(account: Account, real_data: Path) -> None:
    folder = real_data / "crm_sales_opportunities"
    people = load(account.actor, folder / "sales_teams.csv")
    assert people["entity"] == "members" and people["created"] == 35 + 6
    goods = load(account.actor, folder / "products.csv")
    assert goods["entity"] == "products" and goods["created"] == 7
    clients = load(account.actor, folder / "accounts.csv")
    assert clients["entity"] == "clients" and clients["created"] == 85
    spelling = {(item["value"], item["suggestion"]) for item in clients["suggestions"]}
    assert {("technolgy", "technology"), ("Philipines", "Philippines")} <= spelling
    deals = load(account.actor, folder / "sales_pipeline.csv")
    assert deals["entity"] == "deals" and deals["created"] == 8800 and deals["rejected"] == 0
    assert deals["products"] == 0, "GTXPro is GTX Pro"
    assert deals["clients"] == 0 and deals["members"] == 0
    assert any(notice["params"].get("value") == "GTXPro" for notice in deals["notices"])

    counts = ask(
        account.actor,
        "select count(*), count(*) filter (where client_id is null), count(*) filter (where status = 'won'),"
        "sum(amount) filter (where status = 'won') from deals",
    )
    assert tuple(counts) == (8800, 1425, 4238, 10005534)
    lines = ask(account.actor, "select count(*), count(product_id) from deal_lines")
    assert tuple(lines) == (8800, 8800)
    events = ask(account.actor, "select count(distinct deal_id) from stage_events")
    assert events[0] == 8800


def test_loading_again_changes_nothing(account: Account, real_data: Path) -> None:
    folder = real_data / "crm_sales_opportunities"
    for name in ("products.csv", "accounts.csv", "sales_pipeline.csv"):
        load(account.actor, folder / name)
    again = [load(account.actor, folder / name) for name in ("products.csv", "accounts.csv", "sales_pipeline.csv")]
    assert [(item["created"], item["updated"], item["rejected"]) for item in again] == [(0, 0, 0)] * 3


def test_invoices_become_purchases(account: Account, real_data: Path) -> None:
    result = load(account.actor, real_data / "online_retail" / "online_retail.csv.gz")
    print(result)
    assert result["entity"] == "sales" and result["rows"] == 271_639 and result["rejected"] == 0
    assert result["lines"] == 271_639, "doubled lines are kept: the file knows no better"
    assert result["lines_per_second"] >= 5_000
    sold = ask(
        account.actor,
        "select count(*), count(*) filter (where amount < 0), count(*) filter (where client_id is null) "
        "from deals where status = 'won'",
    )
    assert sold[0] == result["created"] and sold[1] > 1000 and sold[2] > 0
    client = ask(account.actor, "select name, country, region from clients where external_id = '13047'")
    assert tuple(client) == ("Клиент 13047", "United Kingdom", "United Kingdom")
    sums = ask(account.actor, "select sum(amount), (select sum(amount) from deal_lines) from deals")
    assert sums[0] == sums[1]
