"""The named schemas of the OpenAPI document, made from the models that validate and show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

from dashboard.api import accepted, ahead_schemas, presenters, schemas
from dashboard.services import inputs, reports, targets, targets_list

Schema = dict[str, Any]

#: Shown records: component → (model, XML name).
_SHOWN: dict[str, tuple[type[BaseModel], str]] = {
    "Client": (schemas.Client, "client"),
    "Person": (schemas.Person, "person"),
    "ContactPoint": (schemas.ContactPoint, "contact_point"),
    "CustomField": (schemas.CustomField, "custom_field"),
    "Price": (schemas.Price, "price"),
    "Target": (schemas.Target, "target"),
    "Deal": (schemas.Deal, "deal"),
    "DealLine": (schemas.DealLine, "line"),
    "DealLines": (schemas.DealLines, "deal_lines"),
    "Product": (schemas.Product, "product"),
    "Job": (schemas.Job, "job"),
    "JobError": (schemas.JobError, "error"),
    "File": (schemas.File, "file"),
    "Report": (schemas.Report, "report"),
    "FieldError": (schemas.FieldError, "error"),
    "Problem": (schemas.Problem, "problem"),
    "Advice": (schemas.Advice, "advice"),
    "ClientAdvice": (schemas.ClientAdvice, "client_advice"),
    "ClientFactor": (schemas.ClientFactor, "factor"),
    "Factor": (schemas.Factor, "factor"),
    "NextAction": (schemas.NextAction, "action"),
    "Forecast": (ahead_schemas.Forecast, "forecast"),
    "ForecastStep": (ahead_schemas.ForecastStep, "step"),
    "ForecastPart": (ahead_schemas.ForecastPart, "part"),
    "PipelineForecast": (ahead_schemas.PipelineForecast, "pipeline_forecast"),
    "PipelineMonth": (ahead_schemas.PipelineMonth, "month"),
    "PipelineMember": (ahead_schemas.PipelineMember, "member"),
    "PipelineScenario": (ahead_schemas.PipelineScenario, "scenario"),
    "PipelineOutcome": (ahead_schemas.PipelineOutcome, "outcome"),
    "PipelineGain": (ahead_schemas.PipelineGain, "gain"),
}
#: Lists: component → (record, XML name).
_LISTS = {"ClientList": ("Client", "clients"), "DealList": ("Deal", "deals"), "ProductList": ("Product", "products")}
#: Lists without a count; all but the reports are always answered as a whole.
_WHOLE = {
    "PersonList": ("Person", "persons"), "ContactPointList": ("ContactPoint", "contact_points"),
    "CustomFieldList": ("CustomField", "custom_fields"), "PriceList": ("Price", "prices"), "ReportList": ("Report", "reports"),
    "TargetList": ("Target", "targets"),
}  # fmt: skip
_SINGULAR = {"choices": "choice", "tags": "tag", "errors": "error", "lines": "line"}
PRESENTERS: Mapping[str, Callable[[Any, str], Schema]] = {
    "Client": presenters.client,
    "Deal": presenters.deal,
    "DealLines": presenters.deal,
    "Job": presenters.job,
    "Report": presenters.report,
}


@cache
def definitions() -> dict[str, Schema]:
    """``#/components/schemas``: name → schema."""
    found: dict[str, Schema] = {}
    for name, (model, xml) in _SHOWN.items():
        found[name] = _shown(model, xml)
    for name, (record, xml) in _LISTS.items():
        row = f"{record}Row"
        found[row] = {**found[record], "required": ["id", "version"]}
        found[name] = _list(row, xml)
    for name, (record, xml) in _WHOLE.items():
        found[name] = _list(record, xml, counted=False)
    for record in ("Client", "Deal", "Report"):
        found[f"{record}Problem"] = _with_current(found["Problem"], record)
    found["DealLinesProblem"] = found["DealProblem"]
    found |= _inputs()
    return found


def _inputs() -> dict[str, Schema]:
    line = accepted.input_schema(inputs.LineInput)
    whole = {
        "ClientInput": ("client", accepted.input_schema(inputs.ClientInput)),
        "ClientPatch": ("client", accepted.input_schema(inputs.ClientInput, partial=True)),
        "DealInput": ("deal", accepted.input_schema(inputs.DealInput)),
        "DealPatch": ("deal", accepted.input_schema(inputs.DealInput, partial=True, without=frozenset({"lines"}))),
        "PersonInput": ("person", accepted.input_schema(inputs.PersonInput)),
        "LineInput": ("line", line),
        "LinesInput": ("deal_lines", _lines()),
        "TargetInput": ("target", accepted.input_schema(targets_list.TargetInput)),
        "TargetsInput": ("targets", _targets()),
        "ReportInput": ("report", accepted.input_schema(reports.ReportInput)),
        "ReportPatch": ("report", accepted.input_schema(inputs.ReportChange, partial=True)),
    }
    return {name: {**schema, "xml": {"name": xml}} for name, (xml, schema) in whole.items()}


def _lines() -> Schema:
    items = {"$ref": "#/components/schemas/LineInput"}
    lines = {"type": "array", "maxItems": inputs.LINES, "items": items, "xml": {"wrapped": True}}
    return {"type": "object", "properties": {"lines": lines}, "required": ["lines"], "additionalProperties": False}


def _targets() -> Schema:
    items = {"$ref": "#/components/schemas/TargetInput"}
    properties = {
        "year": {"type": "integer", "minimum": targets.FIRST_YEAR, "maximum": targets.LAST_YEAR},
        "metric": {"type": "string", "enum": list(targets.METRICS), "default": "revenue"},
        "targets": {"type": "array", "maxItems": inputs.LINES, "items": items, "xml": {"wrapped": True}},
    }
    return {"type": "object", "properties": properties, "required": ["year", "targets"], "additionalProperties": False}


def _shown(model: type[BaseModel], xml: str) -> Schema:
    drawn = model.model_json_schema(mode="validation", ref_template="#/components/schemas/{model}")
    schema: Schema = {key: drawn[key] for key in ("type", "properties", "required", "additionalProperties") if key in drawn}
    schema["properties"] = {name: _bare(item, name) for name, item in drawn["properties"].items()}
    return {**schema, "xml": {"name": xml}}


def _bare(drawn: Any, name: str = "") -> Any:
    """pydantic's schema without titles, and with names for the items of lists in XML."""
    if not isinstance(drawn, dict):
        return drawn
    schema = {key: value for key, value in drawn.items() if key not in ("title", "default")}
    if "anyOf" in schema:
        schema["anyOf"] = [_bare(option, name) for option in schema["anyOf"]]
    if schema.get("type") == "array":
        items = _bare(schema["items"], name)
        if "$ref" not in items:
            items["xml"] = {"name": _SINGULAR.get(name, "item")}
        schema |= {"items": items, "xml": {"wrapped": True}}
    return schema


def _list(row: str, xml: str, *, counted: bool = True) -> Schema:
    items = {"$ref": f"#/components/schemas/{row}"}
    properties: Schema = {
        "data": {"type": "array", "items": items, "xml": {"wrapped": True}},
        "next_cursor": {"type": ["string", "null"]},
    }
    if counted:
        properties["total"] = {"type": "integer", "minimum": 0}
    return {
        "type": "object", "properties": properties, "required": ["data", "next_cursor"],
        "additionalProperties": False, "xml": {"name": xml},
    }  # fmt: skip


def _with_current(problem: Schema, record: str) -> Schema:
    current = {"$ref": f"#/components/schemas/{record}"}
    return {**problem, "properties": {**problem["properties"], "current": current}}


def present(name: str, record: Any, locale: str) -> Schema | None:
    """A services' record as the component ``name`` shows it; none where there is nothing to show."""
    show = PRESENTERS.get(name)
    return show(record, locale) if show is not None and record is not None else None
