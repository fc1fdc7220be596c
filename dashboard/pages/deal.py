"""One deal: stages above, goods and story left, chance and advice right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard import i18n
from dashboard.components import customfields, fields, outlook
from dashboard.components.base import bone, button, icon, icon_button, panel, panel_skeleton
from dashboard.components.conflict import watch_place
from dashboard.components.drafts import draft_area
from dashboard.components.history import with_history
from dashboard.components.lost import lost_dialog
from dashboard.components.neighbours import neighbours
from dashboard.components.rates import currency_choices
from dashboard.pages.asof import record_page
from dashboard.pages.client import quick_add
from dashboard.services.permissions import Right, can
from dashboard.services.records import CustomField, DealLine
from dashboard.web import texts
from dashboard.web.texts import current_locale, own_currency, tr

PAGE = "deal"
FORM = "deal"
LOST_FORM = "deal-lost"
FIELDS = ("title", "client_id", "owner_id", "pipeline_id", "amount", "currency", "expected_close", "source", "tags", "notes")
#: What a line's inputs are called in their ids.
LINE = "deal-line"
LINE_FIELDS = ("quantity", "price", "discount")


class DealIds:
    """Ids of the page."""

    ID = "deal-id"
    VERSION = "deal-version"
    HEAD = "deal-head"
    STAGES = "deal-stages"
    STAGE = "deal-stage"  # pattern: {"type", "stage"}
    WON = "deal-won"
    LOST = "deal-lost"
    LOST_DIALOG = "deal-lost-dialog"
    LOST_YES = "deal-lost-yes"
    LOST_NO = "deal-lost-no"
    REOPEN = "deal-reopen"
    DELETE = "deal-delete"
    DELETE_DIALOG = "deal-delete-dialog"
    DELETE_YES = "deal-delete-yes"
    DELETE_NO = "deal-delete-no"
    FACTS = "deal-facts"
    SAVE = "deal-save"
    SAVED = "deal-saved"
    LINES = "deal-lines"
    LINE_ROWS = "deal-line-rows"
    CURRENCY = "deal-lines-currency"
    LINE_ADD = "deal-line-add"
    LINE_REMOVE = "deal-line-remove"  # pattern: {"type", "row"}
    LINES_SAVE = "deal-lines-save"
    LINES_DRAFT = "deal-lines-draft"
    LINE_KEY = "deal-line-key"  # pattern: {"type", "row"}: the stored line's id, for drafts
    LINES_TOTAL = "deal-lines-total"
    LINES_DISCOUNT = "deal-lines-discount"
    LINES_PROBLEM = "deal-lines-problem"
    PRODUCT = "deal-line-product"  # pattern: {"type", "row"}
    DESCRIPTION = "deal-line-description"
    AMOUNT = "deal-line-amount"
    STORED = "deal-line-stored"
    GOODS_TOO = "deal-goods-too"
    GOOD_TOO = "deal-good-too"  # pattern: {"type", "product"}
    TIMELINE = "deal-timeline"
    KIND = "deal-note-kind"
    TEXT = "deal-note-text"
    DUE = "deal-note-due"
    DUE_LINE = "deal-note-due-line"
    ADD = "deal-note-add"
    ADDED = "deal-note-added"
    DONE = "deal-task-done"  # pattern
    ADVICE = "deal-advice"
    GO = "deal-go"


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page(PAGE, path_template="/deals/<deal_id>", title="deal.title", layout=layout)


def layout(deal_id: str = "", asof: str = "", **_: Any) -> html.Div:
    """The skeleton of one deal; what may be seen is decided by the service that reads it."""
    actor = texts.find_actor()
    writable = actor is None or can(actor, Right.DEALS_WRITE)
    ids = DealIds
    wanted = int(deal_id) if deal_id.isdigit() and len(deal_id) < 19 else 0
    if asof:
        return record_page("deals", wanted, asof)
    stores = [
        dcc.Store(id=ids.ID, data=wanted),
        dcc.Store(id=ids.VERSION),
        dcc.Store(id=ids.SAVED),
        dcc.Store(id=ids.LINES_DRAFT),
        dcc.Store(id=ids.ADDED),
        dcc.Location(id=ids.GO, refresh="callback-nav"),
    ]
    crumbs = html.Nav(
        dcc.Link([icon("chevron-left", "s"), tr("deals.title")], href="/deals"),
        className="crumbs",
        **{"aria-label": tr("ui.path")},
    )
    left = html.Div(
        [
            html.Div(panel_skeleton(180), id=ids.LINES),
            html.Div(panel_skeleton(260), id=ids.FACTS),
            *([draft_area("deal-contact", wanted, None, quick_add(ids))] if writable else []),
            html.Div(panel_skeleton(240), id=ids.TIMELINE),
        ],
        className="pile pile-gutter",
    )
    advice = html.Div(html.Div(panel_skeleton(380), className="pile pile-gutter"), id=ids.ADVICE, className="pile pile-gutter")
    right = html.Div([advice, *outlook.place(texts.current_locale())], className="pile pile-gutter")
    why = lost_dialog(LOST_FORM, ids.LOST_DIALOG, ids.LOST_YES, ids.LOST_NO, wanted)
    dialogs = [why, _delete_dialog(ids)] if writable else []
    return html.Div(
        [
            *stores,
            crumbs,
            watch_place("deals"),
            neighbours("deals", wanted),
            html.Div(html.Div(bone(24, "50%"), className="record-head is-waiting"), id=ids.HEAD),
            html.Div(html.Div(bone(48), className="stages"), id=ids.STAGES),
            *with_history("deals", wanted, html.Div([left, right], className="two")),
            *dialogs,
        ],
        className="page",
    )


def _delete_dialog(ids: Any) -> dbc.Modal:
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(tr("deal.delete_title")), close_button=False),
            dbc.ModalBody(html.P(tr("deal.delete_text"))),
            dbc.ModalFooter(
                [button(tr("ui.cancel"), ids.DELETE_NO), button(tr("ui.delete"), ids.DELETE_YES, "danger", "trash-2")]
            ),
        ],
        id=ids.DELETE_DIALOG,
        is_open=False,
        centered=True,
    )


def facts_panel(
    values: dict[str, Any],
    owners: list[dict[str, Any]],
    client: list[dict[str, Any]],
    has_lines: bool,
    writable: bool,
    pipelines: Sequence[dict[str, Any]] = (),
    own: Sequence[CustomField] = (),
) -> html.Section:
    """The form of the deal's fields. With lines the amount is their sum and cannot be typed."""
    make = {
        "client_id": lambda: fields.lookup(
            fields.control_id(FORM, "client_id"),
            tr("deals.find_client"),
            values.get("client_id"),
            client,
            disabled=not writable,
        ),
        "owner_id": lambda: fields.select(FORM, "owner_id", owners, values.get("owner_id"), empty="–", disabled=not writable),
        "pipeline_id": lambda: fields.select(FORM, "pipeline_id", pipelines, values.get("pipeline_id"), disabled=not writable),
        "amount": lambda: fields.sum_input(
            FORM, "amount", values.get("amount"), current_locale(), readonly=has_lines or not writable
        ),
        "currency": lambda: fields.select(
            FORM, "currency", currency_choices(own_currency(), current_locale()), values.get("currency"), disabled=not writable
        ),
        "expected_close": lambda: fields.text_input(
            FORM, "expected_close", values.get("expected_close"), kind="date", readonly=not writable
        ),
        "notes": lambda: fields.text_area(FORM, "notes", values.get("notes"), readonly=not writable),
        "tags": lambda: fields.text_input(FORM, "tags", ", ".join(values.get("tags") or ()), readonly=not writable),
    }
    parts = [
        fields.labelled(
            FORM,
            name,
            tr(f"fields.deal.{name}"),
            make[name]() if name in make else fields.text_input(FORM, name, values.get(name), readonly=not writable),
            wide=name in ("title", "notes"),
        )
        for name in FIELDS
        if name != "pipeline_id" or len(pipelines) > 1
    ]
    for field in own:
        control = customfields.control(FORM, field, values.get("custom") or {}, writable)
        parts.append(fields.labelled(FORM, customfields.control_name(field), field.name, control, required=field.required))
    foot = [html.Div(button(tr("ui.save"), DealIds.SAVE, "primary"), className="line mt-3")] if writable else []
    body = draft_area(FORM, values["id"], values["version"], html.Div(parts, className="field-grid"))
    return panel(tr("deal.facts"), [body, *foot])


def lines_panel(
    lines: Sequence[DealLine], total: str, currency: str, writable: bool, deal_id: int = 0, version: int | None = None
) -> html.Section:
    """Goods and services: an editable table, sums as one types, one «Сохранить»."""
    head = html.Thead(
        html.Tr(
            [
                html.Th(tr("fields.line.product_name")),
                html.Th(tr("fields.line.quantity"), className="num"),
                html.Th(tr("fields.line.price"), className="num"),
                html.Th(tr("deal.discount"), className="num"),
                html.Th(tr("fields.line.amount"), className="num"),
                html.Th(html.Span(tr("ui.delete"), className="only-reader")),
            ]
        )
    )
    rows = [line_row(index, line, writable) for index, line in enumerate(lines)]
    foot = html.Tfoot(
        html.Tr(
            [
                html.Td(tr("deal.lines_total")),
                html.Td(),
                html.Td(),
                html.Td(id=DealIds.LINES_DISCOUNT, className="num t2 keep"),
                html.Td(total, id=DealIds.LINES_TOTAL, className="num"),
                html.Td(),
            ]
        )
    )
    table = html.Table([head, html.Tbody(rows, id=DealIds.LINE_ROWS), foot], className="tbl lines-edit")
    body: list[Any] = [html.Div(table, className="tbl-scroll"), dcc.Store(id=DealIds.CURRENCY, data=currency)]
    corner = None
    if writable:
        corner = html.Span(button(tr("deal.line_add"), DealIds.LINE_ADD, "link", "plus", small=True), className="records")
        body.append(html.Div(id=DealIds.GOODS_TOO, role="status"))
        body.append(
            html.Div(
                [
                    html.Div(id=DealIds.LINES_PROBLEM, className="hint bad grow", role="alert"),
                    button(tr("ui.save"), DealIds.LINES_SAVE, small=True),
                ],
                className="line line-between px-3 py-2",
            )
        )
    area = draft_area("deal-lines", deal_id, version, body, restore=DealIds.LINES_DRAFT) if writable else body
    return panel(tr("deal.lines"), area, corner=corner, flush=True)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The good of a new line that was taken from a suggestion; ``price`` of the catalogue, in the deal's currency."""

    product_id: int
    name: str
    price: Decimal | None


def line_row(index: int, line: DealLine | None, writable: bool = True, chosen: Chosen | None = None) -> html.Tr:
    """One line; a new one (none) has a choice of goods, a stored one keeps its good."""
    values = {
        "quantity": line.quantity if line else 1,
        "price": line.price if line else chosen.price if chosen else None,
        "discount": line.discount if line else 0,
    }
    cells = [
        html.Td(_number(index, name, values[name], writable), className="w-sum" if name == "price" else "w-num")
        for name in LINE_FIELDS
    ]
    stored: dict[str, Any] = {"id": line.id, "product_id": line.product_id, "description": line.description} if line else {}
    if chosen and chosen.price is not None:
        stored = {"taken": i18n.written_sum(chosen.price, current_locale())}
    key = dcc.Input(type="hidden", id={"type": DealIds.LINE_KEY, "row": index}, value=str(line.id) if line else "")
    remove = icon_button("x", tr("ui.delete"), {"type": DealIds.LINE_REMOVE, "row": index}) if writable else None
    return html.Tr(
        [
            html.Td([_good(index, line, chosen), dcc.Store(id={"type": DealIds.STORED, "row": index}, data=stored), key]),
            *cells,
            html.Td("", id={"type": DealIds.AMOUNT, "row": index}, className="num b5 keep"),
            html.Td(remove),
        ]
    )


def _good(index: int, line: DealLine | None, chosen: Chosen | None) -> Any:
    if line is not None:
        name = line.product_name or line.description
        sub = [html.Div(line.description, className="t3 sm")] if line.product_name and line.description else []
        return html.Div([html.Div(name, className="b5"), *sub])
    offered = [{"label": chosen.name, "value": chosen.product_id}] if chosen else []
    value = chosen.product_id if chosen else None
    return html.Div(
        [
            fields.lookup({"type": DealIds.PRODUCT, "row": index}, tr("deal.find_product"), value, offered),
            fields.named(
                tr("fields.line.description"),
                dbc.Input(
                    id={"type": DealIds.DESCRIPTION, "row": index},
                    placeholder=tr("fields.line.description"),
                    size="sm",
                    className="mt-1",
                ),
            ),
        ],
        style={"minWidth": "220px"},
    )


def _number(index: int, name: str, value: Any, writable: bool) -> html.Label:
    control = dbc.Input(
        id={"type": LINE, "name": name, "row": index},
        value=None if value is None else i18n.written_sum(Decimal(value), current_locale(), 2 if name == "price" else 0),
        inputmode="decimal",
        maxlength=40,
        autocomplete="off",
        size="sm",
        readonly=not writable,
        className="num",
        # Left empty, a new line takes the price of the catalogue.
        placeholder=tr("deal.list_price") if name == "price" and value is None else None,
    )
    return fields.named(tr("deal.discount" if name == "discount" else f"fields.line.{name}"), control)
