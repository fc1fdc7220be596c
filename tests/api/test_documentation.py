"""The document describes exactly what is served; the page shows exactly the document."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from dashboard.api import docs, problems
from dashboard.api.accepted import FIELDS
from dashboard.api.components import definitions
from dashboard.api.examples import examples
from dashboard.api.openapi import document
from dashboard.api.operations import OPERATIONS, PREFIX
from dashboard.api.shapes import mismatches
from dashboard.i18n import LOCALES, catalogue
from dashboard.services import inputs, reports, targets_list
from dashboard.services.permissions import RIGHT_SCOPE, Right

OUR_PROBLEMS = (
    "not_text", "not_a_number", "not_a_list", "not_an_object", "not_boolean", "unknown_field", "required", "too_many",
    "too_long", "not_allowed", "out_of_range", "bad_characters", "not_a_date", "not_a_time", "unknown_reference",
    "no_body", "too_deep", "repeated", "number_size",
)  # fmt: skip


def test_every_route_is_documented_and_has_a_right(server: Flask) -> None:
    served = {
        (method, str(rule.rule).replace("<id>", "{id}"))
        for rule in server.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.elsewhere"
        for method in (rule.methods or set()) - {"HEAD"}
    }
    documented = {
        (method.upper(), PREFIX + path)
        for path, item in document("en")["paths"].items()
        for method in item
    }
    public = {("GET", path) for path in docs.PATHS}
    assert served == documented | public
    for operation in OPERATIONS:
        assert isinstance(operation.right, Right) and operation.right in RIGHT_SCOPE, operation.name
        assert operation.handler.__name__ == operation.name


def test_operations_are_few_lines(server: Flask) -> None:
    for operation in OPERATIONS:
        assert operation.handler.__code__.co_firstlineno
        lines = {line for _, _, line in operation.handler.__code__.co_lines() if line}
        assert max(lines) - min(lines) < 15, operation.name


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_of_the_document_exists(locale: str) -> None:
    text = repr(document(locale))
    assert not re.findall(r"'api\.[a-z_.0-9]+'", text)
    known = catalogue(locale).single
    for code, status in problems.CODES.items():
        assert f"errors.{code}" in known or f"api.errors.{code}" in known, code
        assert f"api.titles.{status}" in known, status
    for code in OUR_PROBLEMS:
        assert f"problems.{code}" in known or f"api.problems.{code}" in known, code


@pytest.mark.parametrize("name", sorted(examples()))
def test_examples_are_valid(name: str) -> None:
    assert mismatches(examples()[name], definitions()[name], definitions()) == []


def test_every_field_with_rules_in_code_has_its_schema() -> None:
    models = (inputs.ClientInput, inputs.DealInput, inputs.LineInput, reports.ReportInput, targets_list.TargetInput)
    fields = {name for model in models for name in model.model_fields}
    assert set(FIELDS) <= fields
    for name in ("ClientInput", "DealInput", "LineInput", "ReportInput", "TargetInput"):
        for field, schema in definitions()[name]["properties"].items():
            options = schema.get("anyOf", [schema])
            assert all("type" in option or "enum" in option or "$ref" in option for option in options), (name, field)
            for option in options:
                if option.get("type") == "string":
                    assert {"pattern", "enum", "format"} & set(option), (name, field)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_page_shows_everything_and_runs_no_script(server: Flask, locale: str) -> None:
    answer = server.test_client().get(f"/api/docs?lang={locale}")
    assert answer.status_code == 200 and answer.mimetype == "text/html"
    page = answer.text
    assert "<script" not in page and not re.search(r"\son[a-z]+=|\sstyle=|(?:src|href)=.https?:", page)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for operation in OPERATIONS:
        assert f'id="{operation.name}"' in page
        assert catalogue(locale).single[f"api.operations.{operation.name}"] in page
    for code in problems.CODES:
        assert f'id="problem-{code}"' in page
    assert not re.findall(r">\s*api\.[a-z_.]+\s*<", page)
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets <= set(re.findall(r'id="([^"]+)"', page))


def test_the_document_and_the_style_are_served(server: Flask) -> None:
    http = server.test_client()
    answer = http.get("/api/v1/openapi.json", headers={"Accept-Language": "en"})
    assert answer.json is not None and answer.json["openapi"] == "3.1.0"
    assert answer.json["paths"]["/clients"]["get"]["summary"] == "List clients"
    assert http.get("/api/docs/style.css").mimetype == "text/css"
    assert http.get("/api/docs", headers={"Accept-Language": "en"}).text.count("Ground rules")
