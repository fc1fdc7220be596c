"""The whole OpenAPI document put to the test by schemathesis: in process, all checks, good and bad data."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from schemathesis.transport.wsgi import WSGITransport

from dashboard.api.examples import example
from dashboard.api.operations import OPERATIONS
from dashboard.services import catalogue, clients, deals, reports
from db.engine import Database
from tests.api.conftest import key_of
from tests.conftest import Account, new_account

EXAMPLES = 25

_FILTERS = {
    "clients": ["", 'name ~ "а"', 'region = "Москва" and not kind = person', 'owner.name = "Анна" or inn is null'],
    "deals": ["", "amount > 100.5", "status in (open, won)", 'client.region = "Москва"', "opened_on >= today-30d"],
    "products": ["", "price between 1 and 5", "kind = good"],
}
for _entity, _texts in _FILTERS.items():
    schemathesis.openapi.format(f"crm-filter-{_entity}", st.sampled_from(_texts))
# Their check digits are beyond any schema.
_NUMBERS = {"inn": "7707083893", "kpp": "773601001", "ogrn": "1027700132195", "currency": "RUB"}
for _name, _format in (("inn", "ru-inn"), ("kpp", "ru-kpp"), ("ogrn", "ru-ogrn"), ("currency", "iso-currency")):
    schemathesis.openapi.format(_format, st.just(_NUMBERS[_name]))
schemathesis.openapi.format("date", st.dates(min_value=date(1900, 1, 1)).map(str))
schemathesis.openapi.format("date-time", st.sampled_from(["2026-01-31T23:59:59Z", "2024-02-29T00:00:00.5+03:00"]))
schemathesis.openapi.format("crm-cursor", st.just("cursor"))


class World:
    """An account with something of everything, whose ids take the place of made-up ones."""

    def __init__(self, account: Account) -> None:
        self.actor = account.actor
        self.stages = catalogue.pipelines(self.actor)[0].stages
        self.client = clients.create(self.actor, {"name": "А"}).id
        report = reports.create(self.actor, example("ReportInput"))
        self.ids = {"reports": report.id, "jobs": report.job_id}

    def id_for(self, case: schemathesis.Case) -> int:
        """A record that exists; a fresh one where the request may remove it."""
        word = case.operation.path.removeprefix("/ai").split("/")[1]
        if word == "clients":
            return clients.create(self.actor, {"name": "А"}).id
        if word == "products":
            return catalogue.create(self.actor, {"name": "А"}).id
        if word == "deals":
            return deals.create(self.actor, {"title": "А"}).id
        return int(self.ids[word] or 0)

    def make_sense(self, case: schemathesis.Case) -> None:
        """What no schema can say: references must exist, a cursor must be one we gave, states must agree."""
        if case.path_parameters:
            case.path_parameters["id"] = self.id_for(case)
        if case.query:
            case.query.pop("cursor", None)
        if case.headers and "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = uuid.uuid4().hex
        if isinstance(case.body, dict):
            self._body(case.body)
            if case.media_type == "application/xml":
                # The generator writes null as a word and makes one name of all that are no names in XML.
                case.body = _without_nulls({name: item for name, item in case.body.items() if name != "custom"})

    def _body(self, body: dict[str, Any]) -> None:
        known = {"client_id": self.client, "owner_id": self.actor.member_id, "stage_id": self.stages[0].id}
        for name in ("client_id", "owner_id", "project_id", "pipeline_id", "stage_id"):
            if body.get(name) is not None:
                body[name] = known.get(name)
        if "title" in body or "amount" in body or "stage_id" in body:
            for name in ("status", "closed_at", "opened_at", "lost_reason", "lost_comment", "lines"):
                body.pop(name, None)
        for name in ("status", "closed_at", "opened_at", "lost_reason", "lost_comment"):
            if name in body:
                body.pop(name)
        for name, value in _NUMBERS.items():
            if body.get(name) is not None:
                body[name] = value
        if "period_start" in body or "period_end" in body:
            body.update(period_start="2026-01-01", period_end="2026-03-31", filter="status = won")
            body.update(compare_start="2025-01-01", compare_end="2025-03-31")
            body.update({"asof": "2026-03-15"} if body.get("asof") else {})  # a day to look back from is over
        if "targets" in body:  # whole counts, of somebody who is there
            body["metric"] = "revenue"
        for target in body.get("targets") or []:
            target.update(scope="account", scope_id=None, scope_name=None)
        for line in body.get("lines") or []:
            line.update(id=None, product_id=None, description="А", price="10.00")


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _is_good(case: schemathesis.Case) -> bool:
    return case.meta is None or case.meta.generation.mode is GenerationMode.POSITIVE


def _plain_send(self: Any, case: schemathesis.Case, *, session: Any = None, **kwargs: Any) -> Any:
    """Settings of a network that the transport in process does not drop by itself for follow-up requests."""
    for name in ("max_redirects", "verify", "cert"):
        kwargs.pop(name, None)
    return _SEND(self, case, session=session, **kwargs)


_SEND = WSGITransport.send


@pytest.fixture
def hooks(database: Database) -> Iterator[World]:
    """References that exist in what schemathesis sends; its one unfair judgement dropped."""
    world = World(new_account())

    def before_call(context: Any, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
        if _is_good(case):
            world.make_sense(case)

    def filter_failure(context: Any, failure: Any, case: schemathesis.Case, response: Any) -> bool:
        # An XML element has a text and no type: "5" for a name is no wrong data there.
        untyped = case.media_type == "application/xml" and not _is_good(case)
        return not (untyped and isinstance(failure, AcceptedNegativeData))

    schemathesis.hook(before_call)
    schemathesis.hook(filter_failure)
    yield world
    schemathesis.hooks.unregister_all()


def test_nothing_is_found(server: Flask, hooks: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WSGITransport, "send", _plain_send)
    config = SchemathesisConfig.from_dict(
        {
            "headers": {"Authorization": f"Bearer {key_of(hooks.actor)}"},
            "seed": 20261122,
            "continue-on-failure": True,
            "generation": {"max-examples": EXAMPLES, "database": "none", "with-security-parameters": False},
            "phases": {"stateful": {"max-steps": 6}},
            # 412 is an answer about the record's state, not about the data.
            "checks": {"positive_data_acceptance": {"expected-statuses": [200, 201, 202, 204, 304, 404, 409, 412]}},
        }
    )
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", server, config=config)
    found, tested = [], set()
    for event in from_schema(schema).execute():
        if isinstance(event, (NonFatalError, FatalError)):
            found.append(str(event))
        if isinstance(event, ScenarioFinished):
            tested.add(event.label)
            found += _failures(event)
    assert not found, "\n\n".join(list(dict.fromkeys(found))[:20])
    assert {f"{operation.method} {operation.path}" for operation in OPERATIONS} <= tested


def _failures(event: ScenarioFinished) -> list[str]:
    found = []
    for case_id, checks in event.recorder.checks.items():
        answer = event.recorder.interactions[case_id].response
        for check in checks:
            if (info := check.failure_info) is not None:
                told = answer.text[:400] if answer else ""
                found.append(f"{event.phase} {event.label}: {check.name}\n{info.failure.message}\n{info.code_sample}\n{told}")
    return found
