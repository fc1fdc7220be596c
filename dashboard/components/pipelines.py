"""The settings of pipelines: a table of stages per pipeline, and the reasons of losses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashboard.components import fields
from dashboard.components.base import button, icon_button, panel, tag
from dashboard.components.drafts import draft_area
from dashboard.i18n import n, number, t
from dashboard.services.lost_reasons import LostReason
from dashboard.services.pipelines import PipelineSetup, StageSetup

KINDS = ("open", "won", "lost")
#: Rows of the forms that add: a pipeline, a reason; a stage's form has its pipeline's id.
NEW_PIPELINE, NEW_REASON = 0, -1
#: The draft's name of the cells of one pipeline's stages; its row is the pipeline.
CELLS = "stage-cells"


def cell(name: str, row: Any) -> dict[str, Any]:
    """The id of a field that is saved as soon as one leaves it; ``name``: what of the row it is."""
    return {"type": "pipe-cell", "name": name, "row": row}


def act(name: str, row: Any) -> dict[str, Any]:
    """The id of a button in a row."""
    return {"type": "pipe-act", "name": name, "row": row}


def new_text(row: Any) -> dict[str, Any]:
    """The id of the field for a new row's name."""
    return {"type": "pipe-new", "row": row}


def add(row: Any) -> dict[str, Any]:
    """The id of the button that adds a row."""
    return {"type": "pipe-add", "row": row}


def page_body(
    pipelines: Sequence[PipelineSetup], reasons: Sequence[LostReason], locale: str, writable: bool
) -> list[Any]:
    """Everything under the page's head."""
    note = [] if writable else [html.P(t("pipelines.read_only", locale), className="t3")]
    parts = [_pipeline(item, locale, writable) for item in pipelines]
    more = [_new_pipeline(locale)] if writable else []
    return [*note, *parts, *more, _reasons(reasons, locale, writable)]


def _pipeline(item: PipelineSetup, locale: str, writable: bool) -> html.Div:
    head: list[Any] = [t("pipelines.stage", locale), t("pipelines.kind", locale), t("pipelines.rot", locale)]
    table = html.Table(
        [
            html.Thead(
                html.Tr(
                    [
                        html.Th(html.Span(t("pipelines.up", locale), className="only-reader")),
                        *[html.Th(text) for text in head],
                        html.Th(t("pipelines.deals", locale), className="num"),
                        html.Th(html.Span(t("ui.delete", locale), className="only-reader")),
                    ]
                )
            ),
            html.Tbody([_stage(stage, place, len(item.stages), locale, writable) for place, stage in enumerate(item.stages)]),
        ],
        className="tbl pipe-table",
    )
    body: list[Any] = [html.Div(table, className="tbl-scroll")]
    if writable:
        # What is typed into a cell is kept until one leaves it and it is stored.
        body = [draft_area(CELLS, item.id, None, body)]
        body.append(_adding(item.id, t("pipelines.stage_new", locale), locale))
    return html.Div(panel(item.name, body, corner=_corner(item, locale, writable), flush=True), className="settings-part")


def _corner(item: PipelineSetup, locale: str, writable: bool) -> html.Div:
    mark: list[Any] = [tag(t("pipelines.default", locale), "accent")] if item.is_default else []
    if not writable:
        return html.Div(mark, className="ms-auto")
    name = fields.named(
        t("pipelines.name_of", locale, name=item.name),
        dbc.Input(id=cell("pipeline", item.id), value=item.name, debounce=True, maxlength=200, size="sm", autocomplete="off"),
    )
    if not item.is_default:
        label = f"{t('pipelines.delete', locale)}: {item.name}"
        mark = [
            button(t("pipelines.make_default", locale), act("default", item.id), small=True),
            icon_button("trash-2", label, act("drop-pipeline", item.id)),
        ]
    return html.Div([name, *mark], className="line ms-auto pipe-corner")


def _stage(stage: StageSetup, place: int, count: int, locale: str, writable: bool) -> html.Tr:
    name: Any = stage.name
    kind: Any = t(f"pipelines.kind_{stage.kind}", locale)
    moves: list[Any] = []
    drop: list[Any] = []
    if writable:
        moves = _arrows("stage", stage.id, stage.name, place, count, locale)
        drop = [icon_button("x", f"{t('pipelines.delete_stage', locale)}: {stage.name}", act("drop-stage", stage.id))]
        name = fields.named(
            f"{t('pipelines.stage', locale)}: {stage.name}",
            dbc.Input(id=cell("name", stage.id), value=stage.name, debounce=True, maxlength=200, size="sm", autocomplete="off"),
        )
        kinds = [{"label": t(f"pipelines.kind_{item}", locale), "value": item} for item in KINDS]
        kind = fields.named(
            f"{t('pipelines.kind', locale)}: {stage.name}",
            dbc.Select(id=cell("kind", stage.id), options=kinds, value=stage.kind, size="sm"),
        )
    return html.Tr(
        [
            html.Td(moves, className="pipe-moves"),
            html.Td(name),
            html.Td(kind),
            html.Td(_rot(stage, locale, writable)),
            html.Td(number(stage.deals, locale), className="num"),
            html.Td(drop),
        ]
    )


def _arrows(what: str, row: int, name: str, place: int, count: int, locale: str) -> list[Any]:
    return [
        icon_button(f"arrow-{way}", f"{t(f'pipelines.{way}', locale)}: {name}", act(f"{what}-{way}", row), disabled=ended)
        for way, ended in (("up", place == 0), ("down", place == count - 1))
    ]


def _rot(stage: StageSetup, locale: str, writable: bool) -> Any:
    """Days one sets, and beside them what the won deals say."""
    if stage.kind != "open":
        return ""
    parts: list[Any] = []
    if writable:
        parts.append(
            fields.named(
                f"{t('pipelines.rot', locale)}: {stage.name}",
                dbc.Input(
                    id=cell("rot_days", stage.id), value=stage.rot_days, debounce=True, size="sm", inputmode="numeric",
                    maxlength=6, className="num pipe-days", autocomplete="off",
                    placeholder=t("pipelines.auto", locale, days=stage.pace.stale) if stage.pace else "–",
                ),
            )
        )
    elif stage.rot_days:
        parts.append(html.Span(number(stage.rot_days, locale)))
    if stage.pace:
        hint = t("pipelines.learned_hint", locale, usual=stage.pace.usual, deals=number(stage.pace.deals, locale))
        parts.append(html.Span(t("pipelines.learned", locale, days=stage.pace.stale), className="t3 sm", title=hint))
        if writable and stage.rot_days != stage.pace.stale:
            take = t("pipelines.take", locale, days=stage.pace.stale)
            parts.append(button(take, act("take", stage.id), "link", small=True, **{"aria-label": f"{take}: {stage.name}"}))
    return html.Div(parts, className="line pipe-rot")


def _adding(row: int, label: str, locale: str, hint: str = "") -> html.Div:
    """A field and a button that adds what it names."""
    text = dbc.Input(id=new_text(row), placeholder=label, maxlength=200, size="sm", autocomplete="off")
    parts = [fields.named(label, text), button(t("pipelines.add", locale), add(row), icon_name="plus", small=True)]
    if hint:
        parts.append(html.Span(hint, className="t3 sm"))
    return draft_area(draft_of(row), max(row, 0), None, html.Div(parts, className="line line-wrap pipe-add"))


def draft_of(row: int) -> str:
    """The draft's name of the form that adds to ``row``."""
    return {NEW_PIPELINE: "pipeline-new", NEW_REASON: "reason-new"}.get(row, "stage-new")


def _new_pipeline(locale: str) -> html.Div:
    form = _adding(NEW_PIPELINE, t("pipelines.new", locale), locale, t("pipelines.new_hint", locale))
    return html.Div(panel(t("pipelines.new", locale), form, flush=True), className="settings-part")


def _reasons(reasons: Sequence[LostReason], locale: str, writable: bool) -> html.Div:
    rows = []
    for place, reason in enumerate(reasons):
        name: Any = reason.name
        moves: list[Any] = []
        drop: list[Any] = []
        if writable:
            moves = _arrows("reason", reason.id, reason.name, place, len(reasons), locale)
            drop = [icon_button("x", f"{t('ui.delete', locale)}: {reason.name}", act("drop-reason", reason.id))]
            name = fields.named(
                f"{t('pipelines.reason', locale)}: {reason.name}",
                dbc.Input(
                    id=cell("reason", reason.id), value=reason.name, debounce=True, maxlength=200, size="sm", autocomplete="off"
                ),
            )
        rows.append(html.Tr([html.Td(moves, className="pipe-moves"), html.Td(name), html.Td(drop)]))
    body: list[Any] = [html.P(t("pipelines.reasons_hint", locale), className="t3 sm px-3 pt-2 mb-2")]
    body.append(html.Div(html.Table(html.Tbody(rows), className="tbl pipe-table pipe-reasons"), className="tbl-scroll"))
    if writable:
        body.append(_adding(NEW_REASON, t("pipelines.reason_new", locale), locale))
    return html.Div(panel(t("pipelines.reasons", locale), body, flush=True), className="settings-part")


def question(name: str, count: int, pipeline: bool, locale: str) -> tuple[str, str]:
    """Title and text of the dialog before a stage (or a pipeline) is removed."""
    title = t("pipelines.delete_title" if pipeline else "pipelines.delete_stage_title", locale, name=name)
    if not count:
        return title, t("pipelines.delete_empty", locale)
    how = t("pipelines.delete_moves_all" if pipeline else "pipelines.delete_moves", locale)
    return title, f"{n('pipelines.delete_has', count, locale)} {how}"
