"""Reports from the order to the file, jobs, and what the AI says."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from dashboard.jobs import runner
from dashboard.services import clients, deals
from tests.api.conftest import Caller
from tests.api.test_formats import XML, parsed
from tests.conftest import Account, today_there

ORDER = {"kind": "clients_deals", "period_start": "2026-01-01", "period_end": "2026-03-31", "format": "csv"}


def test_a_report_is_ordered_made_and_fetched(call: Caller, account: Account) -> None:
    ordered = call("POST", "/reports", ORDER, Idempotency_Key="once", Accept_Language="en")
    assert ordered.status_code == 202 and ordered.json is not None, ordered.text
    assert ordered.json["status"] == "queued" and ordered.json["language"] == "en" and ordered.json["file"] is None
    job_path = ordered.headers["Location"].removeprefix("/api/v1")
    assert job_path == f"/jobs/{ordered.json['job_id']}"
    path = f"/reports/{ordered.json['id']}"
    assert call("GET", f"{path}/file").status_code == 409

    runner.run(account.account_id, ordered.json["job_id"])

    job = call("GET", job_path).json
    assert job is not None and job["status"] == "done" and job["progress"] == 1, job
    assert job["result_url"] == f"/api/v1{path}"
    report = call("GET", path)
    assert report.json is not None and report.json["status"] == "done"
    assert parsed(call("GET", path, Accept=XML), "Report") == report.json
    file = call("GET", f"{path}/file")
    assert file.status_code == 200 and file.mimetype == "text/csv" and file.headers["X-Request-ID"]
    assert len(file.data) == report.json["file"]["size"] and "attachment" in file.headers["Content-Disposition"]
    assert call("GET", f"{path}/file", Accept="application/pdf").status_code == 406
    listed = call("GET", "/reports").json
    assert listed is not None and [item["id"] for item in listed["data"]] == [report.json["id"]]


def test_a_report_is_renamed_binned_and_taken_out(call: Caller) -> None:
    ordered = call("POST", "/reports", {**ORDER, "name": "Март"}).json
    assert ordered is not None and ordered["name"] == "Март"
    path, tag = f"/reports/{ordered['id']}", f'"{ordered["version"]}"'
    assert call("GET", path).headers["ETag"].startswith(f'"{ordered["version"]}.')
    renamed = call("PATCH", path, {"name": "Первый квартал"}, If_Match=tag)
    assert renamed.status_code == 200 and renamed.json is not None and renamed.json["name"] == "Первый квартал"
    stale = call("PATCH", path, {"name": "Другое"}, If_Match=tag)
    assert stale.status_code == 412 and stale.json is not None and stale.json["current"]["name"] == "Первый квартал"
    assert parsed(call("GET", path, Accept=XML), "Report") == renamed.json
    for body, pointer in (({"name": ""}, "/name"), ({"name": "x" * 201}, "/name"), ({"kind": "dashboard"}, "/kind")):
        refused = call("PATCH", path, body)
        assert refused.status_code == 422 and refused.json is not None
        assert [item["pointer"] for item in refused.json["errors"]] == [pointer]
    assert call("DELETE", path).status_code == 204 and call("GET", path).status_code == 404
    assert call("DELETE", path).status_code == 404
    back = call("POST", f"{path}/restore")
    assert back.status_code == 200 and back.json is not None and back.json["name"] == "Первый квартал"


def test_a_waiting_job_can_be_stopped_once(call: Caller) -> None:
    ordered = call("POST", "/reports", ORDER)
    assert ordered.json is not None
    path = f"/jobs/{ordered.json['job_id']}"
    stopped = call("DELETE", path)
    assert stopped.status_code == 202 and stopped.json is not None and stopped.json["status"] == "cancelled"
    assert parsed(call("GET", path, Accept=XML), "Job") == call("GET", path).json
    assert call("DELETE", path).status_code == 409


def test_a_wrong_order_is_refused(call: Caller) -> None:
    for change, pointer in (
        ({"period_end": "2025-01-01"}, ""), ({"filter": "colour = 1"}, "/filter"), ({"format": "docx"}, "/format"),
        ({"clients": "50"}, "/clients"), ({"period_start": "01.01.2026"}, "/period_start"),
    ):  # fmt: skip
        answer = call("POST", "/reports", {**ORDER, **change})
        assert answer.status_code == 422 and answer.json is not None
        assert [item["pointer"] for item in answer.json["errors"]] == [pointer], answer.text


def test_the_ai_answers_from_the_first_deal_on(call: Caller, account: Account) -> None:
    deal = deals.create(account.actor, {"title": "Станки", "amount": "5000.00"})
    answer = call("GET", f"/ai/deals/{deal.id}", Accept_Language="en")
    assert answer.status_code == 200 and answer.json is not None, answer.text
    advice = answer.json
    assert advice["deal_id"] == deal.id and 0 < advice["probability"] < 1 and advice["rung"] and advice["reason_text"]
    total = advice["base"] + sum(item["contribution"] for item in advice["factors"]) / 100
    assert abs(total - advice["probability"]) < 1e-6
    assert call("GET", f"/ai/deals/{deal.id}", Accept=XML).status_code == 200


def test_a_clients_outlook_is_answered_before_and_after_the_first_purchase(call: Caller, account: Account) -> None:
    client = clients.create(account.actor, {"name": "Заря"})
    nothing = call("GET", f"/ai/clients/{client.id}")
    assert nothing.status_code == 200 and nothing.json is not None, nothing.text
    assert nothing.json["buys"] is None and nothing.json["reason_text"] and nothing.json["factors"] == []
    deals.create(account.actor, {"title": "Станки", "amount": "5000.00", "client_id": client.id, "status": "won"})
    answer = call("GET", f"/ai/clients/{client.id}")
    assert answer.status_code == 200 and answer.json is not None, answer.text
    assert 0 < answer.json["buys"] < 1 and float(answer.json["value_purchase"]) > 0
    assert call("GET", f"/ai/clients/{client.id}", Accept=XML).status_code == 200
    assert call("GET", "/ai/clients/999999999").status_code == 404


def test_the_pipeline_and_another_way_of_working(call: Caller, account: Account) -> None:
    nothing = call("GET", "/ai/pipeline?wins=5")
    assert nothing.status_code == 200 and nothing.json is not None
    assert (nothing.json["reason"], nothing.json["p50"], nothing.json["scenario"]) == ("empty", None, None)
    today = today_there()
    for back in range(1, 60):
        day = (today - timedelta(days=5 * back)).isoformat()
        ended = {"status": "won" if back % 2 else "lost", "opened_at": day, "closed_at": day}
        deals.create(account.actor, {"title": "С", "amount": 1000, **ended})
    deals.create(account.actor, {"title": "О", "amount": 5000, "opened_at": today.isoformat()})
    found = call("GET", "/ai/pipeline?until=year").json
    assert found is not None and found["reason"] is None and found["deals"] == 1 and found["scenario"] is None
    assert [Decimal(found[name]) for name in ("p10", "p50", "p90")] == sorted(
        Decimal(found[name]) for name in ("p10", "p50", "p90"))
    other = call("GET", "/ai/pipeline?until=year&wins=10&weekly=3").json
    assert other is not None
    before, after = (Decimal(other["scenario"][side]["mean"]) for side in ("before", "after"))
    gains = [Decimal(row["gain"]) for row in other["scenario"]["gains"]]
    assert abs(sum(gains) - (after - before)) <= Decimal("0.03") and [row["lever"] for row in other["scenario"]["gains"]] == [
        "weekly", "wins"]
    assert parsed(call("GET", "/ai/pipeline?wins=2", Accept=XML), "PipelineForecast") == call("GET", "/ai/pipeline?wins=2").json
    assert call("GET", "/ai/pipeline?filter=status+%3D+won").json["reason"] == "bound"  # type: ignore[index]
    for query in ("until=century", "wins=21", "earlier=-1", "discount=61", "weekly=1000001", "filter=evil+%3D+1", "evil=1"):
        assert call("GET", f"/ai/pipeline?{query}").status_code == 422, query


def test_a_forecast_has_its_bands_and_says_when_there_is_nothing(call: Caller, account: Account) -> None:
    nothing = call("GET", "/ai/forecast")
    assert nothing.status_code == 200 and nothing.json is not None
    assert (nothing.json["reason"], nothing.json["steps"]) == ("empty", [])
    today = today_there()
    for back in range(1, 9):
        day = (today.replace(day=1) - timedelta(days=31 * back - 15)).isoformat()
        deals.create(account.actor, {"title": "С", "status": "won", "amount": 1000, "opened_at": day, "closed_at": day})
    found = call("GET", "/ai/forecast?metric=deals_won&ahead=2&holidays=true").json
    assert found is not None and found["unit"] == "count" and len(found["steps"]) == 3 and found["method"] == "combination"
    step = found["steps"][1]
    bounds = [Decimal(step[name]) for name in ("low95", "low80", "expected", "high80", "high95")]
    assert bounds == sorted(bounds) and found["steps"][0]["start"] == today.replace(day=1).isoformat()
    assert parsed(call("GET", "/ai/forecast", Accept=XML), "Forecast") == call("GET", "/ai/forecast").json
    furthest = call("GET", "/ai/forecast?ahead=90").json
    assert furthest is not None and len(furthest["steps"]) == 13, "twelve months beside the running one, and no further"
    for query in ("metric=buyers", "step=hour", "ahead=0", "ahead=91", "filter=evil+%3D+1", "evil=1"):
        assert call("GET", f"/ai/forecast?{query}").status_code == 422, query
