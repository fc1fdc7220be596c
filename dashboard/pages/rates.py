"""Rates of currencies: /settings/rates."""

from __future__ import annotations

from typing import Any

import dash
from dash import Dash, dcc, html

from dashboard.components import fields
from dashboard.components import rates as parts
from dashboard.components.base import bone, button, panel
from dashboard.components.drafts import draft_area
from dashboard.pages.settings import PATH, subnav
from dashboard.services.permissions import Right, can
from dashboard.web import texts
from dashboard.web.texts import tr

FORM = "rate"
FIELDS = ("currency", "day", "rate")
FILE_FORM = "rate-file"
FILE_FIELDS = ("day", "currency")
#: The largest file taken at once, in bytes.
FILE_LIMIT = 10 << 20


class RateIds:
    """Ids of the page."""

    KNOWN = "rates-known"
    CHOSEN = "rates-chosen"
    WRITTEN = "rates-written"
    DETAILS = "rates-details"
    CHART = "rates-chart"
    CHART_DATA = "rates-chart-data"
    PICK = "rates-pick"  # patterns
    EDIT = "rates-edit"
    REMOVE = "rates-remove"
    EDITED = "rates-edited"
    SAVE = "rates-save"
    CANCEL = "rates-cancel"
    FILE = "rates-file"
    FILE_SAID = "rates-file-said"


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page("rates", path=f"{PATH}/rates", title="rates.title", layout=layout)


def layout(**_: Any) -> html.Div:
    """The frame of the lists; who may write gets the form and the file."""
    actor, ids = texts.find_actor(), RateIds
    writable = actor is None or can(actor, Right.IMPORT)
    admin = actor is None or can(actor, Right.ACCOUNT_ADMIN)
    own = actor.currency if actor else "RUB"
    waiting = html.Div([bone(20) for _ in range(3)], className="pile p-3")
    known = panel(tr("rates.known"), html.Div(waiting, id=ids.KNOWN, className="tbl-scroll"), flush=True)
    parts_ = [html.P(tr("rates.intro", own=own), className="t2 settings-lead"), known, html.Div(id=ids.DETAILS)]
    if writable:
        parts_ += [panel(tr("rates.add_title"), _form(own)), panel(tr("rates.file_title"), _file())]
    return html.Div(
        [
            html.Div(html.H1(tr("rates.title")), className="page-head"),
            html.Div([subnav("rates", admin), html.Div(parts_, className="pile pile-gutter")], className="settings"),
            dcc.Store(id=ids.CHOSEN), dcc.Store(id=ids.WRITTEN), dcc.Store(id=ids.EDITED),
            dcc.Store(id=ids.CHART_DATA),
        ],
        className="page",
    )  # fmt: skip


def currency_options(own: str) -> list[dict[str, str]]:
    """All currencies but the account's, those of most businesses first."""
    return [option for option in parts.currency_choices("", texts.current_locale()) if option["value"] != own]


def _form(own: str) -> html.Div:
    ids, choice = RateIds, fields.select(FORM, "currency", currency_options(own), "EUR" if own == "USD" else "USD")
    form = html.Div(
        [
            fields.labelled(FORM, "currency", tr("rates.currency"), choice),
            fields.labelled(FORM, "day", tr("rates.day"), fields.text_input(FORM, "day", kind="date")),
            fields.labelled(FORM, "rate", tr("rates.value_in", own=own), fields.text_input(FORM, "rate", inputmode="decimal")),
            html.Div(
                [button(tr("rates.save"), ids.SAVE, "primary"), parts.cancel_button(ids, tr("ui.cancel"))], className="line"
            ),
        ],
        className="rates-form",
    )
    return draft_area(FORM, 0, None, form)


def _file() -> list[Any]:
    ids = RateIds
    own = texts.find_actor()
    options = currency_options(own.currency if own else "RUB")
    drop = dcc.Upload(
        html.Button([html.Span(tr("rates.file_choose"))], type="button", className="btn btn-secondary"),
        id=ids.FILE, accept=".csv,.tsv,.txt,.xlsx,.xls,.ods", max_size=FILE_LIMIT, multiple=False,
    )  # fmt: skip
    choice = fields.select(FILE_FORM, "currency", options, None, tr("rates.file_currency_in"))
    return [
        html.P(tr("rates.file_intro"), className="t2"),
        draft_area(FILE_FORM, 0, None, html.Div(
            [
                fields.labelled(FILE_FORM, "day", tr("rates.file_day"), fields.text_input(FILE_FORM, "day", kind="date")),
                fields.labelled(FILE_FORM, "currency", tr("rates.file_currency"), choice),
                html.Div(drop),
            ],
            className="rates-form",
        )),
        html.Div(id=ids.FILE_SAID, className="pile mt-3", role="status"),
    ]


def details_panel(title: str, body: list[Any], sub: str) -> html.Section:
    """One currency's chart and rates."""
    return panel(title, body, sub=sub, flush=True)

