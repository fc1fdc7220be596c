"""What stands on the pages of a past day: the banner, a record's fields, a list's rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components.base import icon, link_button, panel, tag
from dashboard.components.fields import named
from dashboard.i18n import day as day_words
from dashboard.i18n import moment, money, n, number, t
from dashboard.pages.historyids import AsOfIds as IDS
from dashboard.services.asof import Record, Standing
from dashboard.services.history import part_title
from dashboard.services.history_words import Words
from dashboard.services.records import Client, Deal
from dashboard.web import texts
from dashboard.web.texts import tr, trn

BLOCK = 50
#: What a part need not say: whose it is, and what it is called by.
_OF_PARTS = {"client_id", "deal_id", "position", "name", "notes"}
#: Fields in the order of the record's own page; the others follow.
_FIRST = (
    "name",
    "title",
    "kind",
    "status",
    "stage_id",
    "pipeline_id",
    "client_id",
    "amount",
    "currency",
    "owner_id",
    "segment",
    "industry",
    "region",
    "city",
    "address",
    "phone",
    "email",
    "website",
    "inn",
    "kpp",
    "ogrn",
    "source",
)
_SKIPPED = {
    "id",
    "account_id",
    "version",
    "txid",
    "changeset_id",
    "created_by",
    "updated_by",
    "deleted_at",
    "custom",
    "job_id",
    "source_system",
    "external_id",
    "reminded_at",
    "updated_at",
    "created_at",
}


def banner(day: date, today_href: str, says: str) -> html.Div:
    """It is a past day: which, that nothing can be changed, another day, the way back to now."""
    return html.Div(
        [
            icon("history"),
            html.Div(
                [html.B(says, className="b6"), html.Div(tr("history.asof.read_only"), className="t2 sm")], className="grow"
            ),
            named(tr("history.asof.day"), dbc.Input(id=IDS.DAY, type="date", value=day.isoformat())),
            link_button(tr("history.asof.to_now"), today_href, small=True),
        ],
        className="asof-banner",
        role="status",
    )


def record_body(found: Record, entity: str, said: Words) -> list[Any]:
    """A record's fields and parts as they stood."""
    row = found.row
    currency = row.get("currency")
    names = [name for name in _FIRST if name in row] + [name for name in row if name not in _FIRST and name not in _SKIPPED]
    pairs: list[Any] = []
    for name in names:
        known = found.names.get(name, {}).get(row[name] or 0) if name in found.names else None
        value = said.value(entity, name, row[name], known, currency)
        marked = name in found.fields_since
        pairs += [
            html.Dt(said.label(entity, name)),
            html.Dd([value, " ", tag(tr("history.asof.changed_since"), "warn") if marked else None]),
        ]
    for key, value in (row.get("custom") or {}).items():
        pairs += [html.Dt(said.label(entity, f"custom.{key}")), html.Dd(said.value(entity, key, value))]
    about = tr("history.was_in_force", number=found.version.number, at=moment(found.version.at, said.locale, said.timezone))
    title = str(row.get("name") or row.get("title") or row.get("subject") or said.table(entity).capitalize())
    head = html.Div([html.H1(title), html.Span(about, className="t2")], className="page-head")
    since = html.P(
        trn("history.edits_since", found.changes_since, fields=trn("history.fields", len(found.fields_since))),
        className="t2 mb-3",
        hidden=not found.changes_since,
    )
    blocks: list[Any] = [panel(tr("history.asof.fields"), html.Dl(pairs, className="facts-list"))]
    blocks += [_parts(found, table, said) for table in dict.fromkeys(table for table, _ in found.parts)]
    return [head, since, html.Div([*blocks], className="pile pile-gutter")]


def _parts(found: Record, table: str, said: Words) -> html.Section:
    rows = []
    for (name, _), row in found.parts.items():
        if name != table:
            continue
        names, shown = found.names, []
        for field, value in row.items():
            if field not in _SKIPPED | _OF_PARTS and value not in (None, "", [], {}):
                known = names[field].get(value) if field in names else None
                shown.append(f"{said.label(table, field)}: {said.value(table, field, value, known)}")
        rows.append(
            html.Li(
                [html.B(part_title(table, row, found.names), className="b5"), html.Div(" · ".join(shown), className="t2 sm")]
            )
        )
    return panel(tr(f"history.asof.parts.{table}"), html.Ul(rows, className="history-parts"), sub=str(len(rows)))


def list_tools(
    state: Mapping[str, str], choices: Mapping[str, Sequence[tuple[str, str]]], labels: Mapping[str, str]
) -> html.Div:
    """Search and filters; each change goes into the address."""
    found: list[Any] = [
        html.Div(
            [
                icon("search"),
                named(
                    tr("history.asof.search"),
                    dbc.Input(
                        id=IDS.SEARCH,
                        type="search",
                        value=state.get("q", ""),
                        debounce=True,
                        placeholder=tr("history.asof.search"),
                        maxlength=200,
                    ),
                ),
            ],
            className="search-box",
        )
    ]
    for name, options in choices.items():
        shown = [{"label": f"{labels[name]}: {tr('history.asof.any')}", "value": "any"}] + [
            {"label": text, "value": value} for value, text in options
        ]
        found.append(
            named(
                labels[name], dbc.Select(id={"type": IDS.FILTER, "name": name}, options=shown, value=state.get(name) or "any")
            )
        )
    return html.Div(found, className="asof-tools")


def list_table(
    heads: Sequence[tuple[str, str, bool]],
    rows: Sequence[html.Tr],
    path: str,
    state: Mapping[str, str],
    standing: Standing[Any],
    said: Words,
) -> html.Section:
    """The block of rows with heads that sort, the totals and the way to the other blocks."""
    head = html.Thead(html.Tr([_head(name, label, right, path, state) for name, label, right in heads]))
    body = html.Div(
        html.Table([head, html.Tbody(list(rows))], className="tbl asof-list"),
        className="tbl-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": tr("history.asof.rows")},
    )
    if not rows:
        body = html.Div(tr("history.asof.none"), className="p-3 t3")
    return html.Section([body, _foot(path, state, standing, said, len(rows))], className="panel")


def _head(name: str, label: str, right: bool, path: str, state: Mapping[str, str]) -> html.Th:
    now = state.get("sort", "")
    direction = "ascending" if now == name else "descending" if now == f"-{name}" else "none"
    wanted = f"-{name}" if now == name else name
    mark = [icon("arrow-up" if direction == "ascending" else "arrow-down", "s")] if direction != "none" else []
    link = dcc.Link([label, *mark], href=address(path, {**state, "sort": wanted, "page": ""}))
    return html.Th(link if name else label, className="num" if right else "", **({"aria-sort": direction} if name else {}))


def _foot(path: str, state: Mapping[str, str], standing: Standing[Any], said: Words, shown: int) -> html.Div:
    page = page_of(state)
    total = (
        n("ui.deals", standing.total, said.locale) if path == "/deals" else n("history.asof.count", standing.total, said.locale)
    )
    parts: list[Any] = [html.B(total, className="b5")]
    if path == "/deals":
        parts.append(
            html.Span(money(standing.amount, said.currency, said.locale, 0 if standing.amount == int(standing.amount) else 2))
        )
    first = page * BLOCK
    parts.append(
        html.Span(
            t(
                "history.asof.block",
                said.locale,
                first=number(first + 1 if shown else 0, said.locale),
                last=number(first + shown, said.locale),
            ),
            className="t3 grow",
        )
    )
    if page:
        parts.append(
            link_button(
                tr("history.bin.previous"), address(path, {**state, "page": str(page - 1) if page > 1 else ""}), small=True
            )
        )
    if first + shown < standing.total:
        parts.append(link_button(tr("history.bin.next"), address(path, {**state, "page": str(page + 1)}), small=True))
    return html.Div(parts, className="asof-foot")


def deal_row(deal: Deal, state: Mapping[str, str], said: Words) -> html.Tr:
    """A deal of the list as it stood."""
    client = dcc.Link(deal.client_name or "", href=f"/clients/{deal.client_id}?asof={state['asof']}") if deal.client_id else ""
    return html.Tr(
        [
            html.Td(dcc.Link(deal.title, href=f"/deals/{deal.id}?asof={state['asof']}"), className="b5"),
            html.Td(client),
            html.Td(deal.stage_name),
            html.Td(t(f"statuses.{deal.status}", said.locale)),
            html.Td(
                money(deal.amount, deal.currency, said.locale, 0 if deal.amount == int(deal.amount) else 2), className="num"
            ),
            html.Td(deal.owner_name or ""),
            html.Td(day_words(deal.opened_at, said.locale, said.timezone), className="keep"),
            html.Td(day_words(deal.closed_at, said.locale, said.timezone), className="keep"),
        ]
    )


def client_row(client: Client, state: Mapping[str, str], said: Words) -> html.Tr:
    """A client of the list as it stood, with the figures of its deals of then."""
    return html.Tr(
        [
            html.Td(dcc.Link(client.name, href=f"/clients/{client.id}?asof={state['asof']}"), className="b5"),
            html.Td(client.segment or ""),
            html.Td(client.owner_name or ""),
            html.Td(client.region or ""),
            html.Td(client.city or ""),
            html.Td(number(client.deals_open or 0, said.locale), className="num"),
            html.Td(number(client.deals_won or 0, said.locale), className="num"),
            html.Td(money(client.revenue or 0, said.currency, said.locale), className="num"),
        ]
    )


def asof_link(path: str) -> dcc.Link:
    """From a list to itself as it stood: the day is chosen there."""
    actor = texts.find_actor()
    today = datetime.now(ZoneInfo(actor.timezone if actor else "UTC")).date()
    return link_button(tr("history.asof.list"), f"{path}?asof={today}", "link", "history", small=True)


def address(path: str, state: Mapping[str, str]) -> str:
    """The page's address with everything that is chosen."""
    return f"{path}?{urlencode({name: value for name, value in state.items() if value})}"


def page_of(state: Mapping[str, str]) -> int:
    """The block's number, the first is 0."""
    text = state.get("page", "")
    return int(text) if text.isdigit() and len(text) < 7 else 0
