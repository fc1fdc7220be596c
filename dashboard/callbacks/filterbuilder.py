"""The filter builder: its fields, and what its tree would show while one builds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, html

from dashboard import i18n
from dashboard.callbacks import door
from dashboard.callbacks.choices import owner_options, stage_options, values_of
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked
from dashboard.callbacks.gridwork import GridWork
from dashboard.callbacks.words import chip_words
from dashboard.components.filterbuilder import builder_schema, builder_words
from dashboard.components.pagestate import read_state
from dashboard.services import analytics, catalogue, filtering
from dashboard.services.actor import Actor
from dashboard.services.analytics import ListQuery
from dashboard.services.errors import Invalid

#: Texts whose values repeat so much that they are chosen, not typed.
_REPEATED = {
    ("clients", "segment"): "segment",
    ("clients", "region"): "region",
    ("clients", "industry"): "industry",
    ("clients", "source"): "source",
    ("deals", "source"): "source",
}
#: Conditions counted one by one.
_COUNTED = 8


def register(app: Dash, work: GridWork) -> None:
    """Register the builder of one grid."""
    ids = work.ids

    @action(
        app,
        Output(ids.builder_schema, "data"),
        Input(ids.builder_open, "n_clicks"),
        State(ids.address, "search"),
        right=work.read,
    )
    def open_it(actor: Actor, clicks: Any, search: str | None) -> dict[str, Any]:
        clicked()
        try:
            tree = filtering.tree(work.entity, read_state(search).filter)
        except Invalid as error:
            door.toast_error(error)
            tree = {"all": []}
        schema = builder_schema(
            analytics.fields_of(work.entity), lambda entity, field: choices(actor, entity, field), actor.locale
        )
        return {"page": ids.page, "schema": schema, "tree": tree, "words": builder_words(actor.locale), "clicks": clicks}

    @action(
        app,
        Output(ids.builder_said, "children"),
        Input(ids.builder_draft, "data"),
        State(ids.address, "search"),
        right=work.read,
    )
    def say(actor: Actor, draft: Any, search: str | None) -> Any:
        return foretold(actor, work.entity, draft, read_state(search).search)

    app.clientside_callback(
        ClientsideFunction("filterBuilder", "show"),
        Output(ids.rows_values, "data", allow_duplicate=True),
        Input(ids.builder_schema, "data"),
        prevent_initial_call=True,
    )


def choices(actor: Actor, entity: str, field: str) -> list[list[Any]] | None:
    """The values to choose from; none where one types."""
    if field == "owner":
        return [[int(item["value"]), item["label"]] for item in owner_options(actor)]
    if field == "stage":
        return [[int(item["value"]), item["label"]] for item in stage_options(actor)]
    if field == "pipeline":
        return [[pipeline.id, pipeline.name] for pipeline in catalogue.pipelines(actor)]
    if (entity, field) in _REPEATED:
        return [[value, value] for value in values_of(actor, _REPEATED[entity, field], entity)] or None
    fields = analytics.find_fields(entity)  # what is only reached through a record (its stays on stages) has no list of its own
    known = fields.fields.get(field) if fields is not None else None
    if known is None or not known.choices:
        return None
    return [[value, i18n.t(f"grids.choice.{value}", actor.locale)] for value in known.choices]


def foretold(actor: Actor, entity: str, draft: Any, search: str) -> Any:
    """How many records the tree takes and how it reads; or what is not right with it yet."""
    if not isinstance(draft, dict) or not isinstance(draft.get("tree"), dict):
        return None
    try:
        text = filtering.from_tree(entity, draft["tree"])
        sums = analytics.totals(actor, entity, ListQuery(filter=text, search=search))
        everything = analytics.totals(actor, entity, ListQuery()).count
        parts = filtering.parts(entity, text)
    except Invalid as error:
        unfinished = (
            error.problems[0].code in ("filter_expected_value", "filter_bad_value") or "values" in error.problems[0].params
        )
        said = i18n.t("grids.builder.unfinished", actor.locale) if unfinished else door.describe(error)[1]
        return html.P(said, className="t3")
    count, whole = (i18n.number(value, actor.locale) for value in (sums.count, everything))
    words = [" ".join(word for word in chip_words(actor, part) if word) for part in parts]
    alone = _each_alone(actor, entity, [part.text for part in parts], search)
    return [
        html.Div(i18n.t("grids.builder.fits", actor.locale), className="t3"),
        html.Div([html.B(count, className="fb-count"), " ", i18n.t("grids.builder.of", actor.locale, count=whole)]),
        html.Ul([_condition(*pair) for pair in zip(words, alone, strict=True)], className="fb-words") if words else None,
    ]


def _condition(word: str, count: str) -> html.Li:
    return html.Li([html.Span(word, className="grow"), html.Span(count, className="t3")])


def _each_alone(actor: Actor, entity: str, parts: Sequence[str], search: str) -> list[str]:
    """How many records each condition takes by itself: shows which of them leaves nothing."""
    if len(parts) < 2:
        return [""] * len(parts)
    counted = parts[:_COUNTED]
    counts = [analytics.totals(actor, entity, ListQuery(filter=text, search=search)).count for text in counted]
    return [*(i18n.number(count, actor.locale) for count in counts), *[""] * (len(parts) - len(counted))]
