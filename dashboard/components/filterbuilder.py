"""The filter builder's panel, and what its script has to know: fields, operators, words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dash import dcc, html

from dashboard.components.base import button, icon
from dashboard.i18n import t
from db.filter_tree import FieldSet, Kind, Op

#: Operators in the order in which they are offered.
_ORDER = (Op.CONTAINS, Op.EQ, Op.NE, Op.GE, Op.LE, Op.GT, Op.LT, Op.BETWEEN, Op.IN, Op.NOT_IN, Op.NULL, Op.NOT_NULL)
#: How far relations are followed from the list's own records.
_DEPTH = 3
_WORDS = (
    "all_of",
    "any_of",
    "all_hint",
    "any_hint",
    "condition",
    "group",
    "relation",
    "has",
    "not",
    "field",
    "operator",
    "value",
    "remove",
    "remove_group",
)

Options = Callable[[str, str], list[list[Any]] | None]


def builder_panel(ids: Any, locale: str) -> html.Div:
    """The closed panel; its script fills it when the button is pressed."""
    foot = [
        html.Span(t("grids.builder.esc", locale), className="t3"),
        html.Div(className="grow"),
        button(t("ui.reset", locale), f"{ids.builder}-reset", **{"data-builder": "reset"}),
        button(t("ui.apply", locale), f"{ids.builder}-apply", "primary", **{"data-builder": "apply"}),
    ]
    return html.Div(
        [
            html.H2([icon("filter", "s"), " ", t("grids.builder.title", locale)], className="b5"),
            html.Div(
                [
                    html.Div(id=f"{ids.builder}-body", className="fb-body"),
                    html.Div(id=ids.builder_said, className="fb-side", role="status"),
                ],
                className="fb-main",
            ),
            html.Div(foot, className="line fb-foot"),
            dcc.Store(id=ids.builder_schema),
            dcc.Store(id=ids.builder_draft),
        ],
        id=ids.builder,
        className="panel filter-builder",
        hidden=True,
    )


def builder_words(locale: str) -> dict[str, Any]:
    """The script's texts."""
    operators = {op.value: t(f"grids.op.{op.name.lower()}", locale) for op in _ORDER}
    return {**{name: t(f"grids.builder.{name}", locale) for name in _WORDS}, "operators": operators}


def builder_schema(start: FieldSet, options: Options, locale: str) -> dict[str, Any]:
    """Every field set that can be reached, by its entity. ``options``: (entity, field) → choices, where there are some."""
    found: dict[str, Any] = {"entity": start.name}
    ahead = [(start, 0)]
    while ahead:
        fields, depth = ahead.pop(0)
        if fields.name in found:
            continue
        relations = [item for item in fields.relations.values() if depth < _DEPTH]
        found[fields.name] = {
            "fields": [_field(fields, item, options, locale) for item in fields if item.name != "external_id"],
            "relations": [
                {
                    "name": item.name,
                    "label": t(item.label, locale),
                    "target": item.target().name,
                    "many": item.many,
                    "options": None if item.many else options(fields.name, item.name),
                }
                for item in relations
            ],
        }
        ahead += [(item.target(), depth + 1) for item in relations]
    return _closed(found)


def _closed(found: dict[str, Any]) -> dict[str, Any]:
    """Relations to field sets that were not reached fall away."""
    for name, entry in found.items():
        if name != "entity":
            entry["relations"] = [item for item in entry["relations"] if item["target"] in found]
    return found


def _field(fields: FieldSet, item: Any, options: Options, locale: str) -> Mapping[str, Any]:
    choices = options(fields.name, item.name)
    if choices is None and item.kind is Kind.BOOLEAN:
        choices = [["true", t("ui.yes", locale)], ["false", t("ui.no", locale)]]
    return {
        "name": item.name,
        "label": t(item.label, locale),
        "kind": item.kind.value,
        "options": choices,
        "operators": [op.value for op in _ORDER if op in item.operators],
    }
