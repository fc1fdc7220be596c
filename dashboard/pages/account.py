"""What holds for the whole account: /settings/account."""

from __future__ import annotations

from typing import Any

import dash
from dash import Dash, dcc, html

from dashboard.components import fields
from dashboard.components.base import bone, button, note, panel
from dashboard.components.drafts import draft_area
from dashboard.pages.settings import PATH, subnav
from dashboard.services import account_settings, rates
from dashboard.services.account_settings import AccountSettings, Consequences
from dashboard.services.permissions import Right, can
from dashboard.web import texts
from dashboard.web.texts import tr, trn

FORM = "account"
FIELDS = ("name", "currency", "timezone", "first_weekday", "fiscal_month")


class AccountIds:
    """Ids of the page."""

    BODY = "account-body"
    READY = "account-ready"
    CONSEQUENCES = "account-consequences"
    NOW = "account-now"
    SAVE = "account-save"


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page("account", path=f"{PATH}/account", title="account.title", layout=layout)


def layout(**_: Any) -> html.Div:
    """The frame; the form comes with the account's values. Administrators alone change them."""
    actor, ids = texts.find_actor(), AccountIds
    admin = actor is None or can(actor, Right.ACCOUNT_ADMIN)
    waiting = html.Div([bone(36) for _ in range(5)], className="pile")
    body = panel(tr("account.panel"), html.Div(waiting, id=ids.BODY))
    return html.Div(
        [
            html.Div(html.H1(tr("account.title")), className="page-head"),
            html.Div([subnav("account", admin), html.Div(body, className="pile pile-gutter")], className="settings"),
            dcc.Store(id=ids.READY),
        ],
        className="page",
    )


def form(found: AccountSettings, writable: bool, locale: str) -> html.Div:
    """The fields; without the right to change them they are shown alone."""
    currencies = [{"label": f"{code} – {name}", "value": code} for code, name in rates.currencies(locale)]
    zones = [{"label": name.replace("_", " "), "value": name} for name in account_settings.zones()]
    days = [{"label": tr(f"weekdays.{number}"), "value": number} for number in range(1, 8)]
    months = [{"label": tr(f"account.month_{number}"), "value": number} for number in range(1, 13)]
    off = not writable

    def choice(name: str, options: list[dict[str, Any]]) -> Any:
        return fields.labelled(
            FORM, name, tr(f"account.{name}"), fields.select(FORM, name, options, getattr(found, name), disabled=off)
        )

    name = fields.text_input(FORM, "name", found.name, maxlength=200, disabled=off)
    parts = [
        fields.labelled(FORM, "name", tr("account.name"), name),
        choice("currency", currencies),
        html.Div(id=AccountIds.CONSEQUENCES, role="status"),
        choice("timezone", zones),
        html.Div(tr("account.timezone_hint"), className="hint"),
        choice("first_weekday", days),
        choice("fiscal_month", months),
        html.Div(id=AccountIds.NOW, className="hint", role="status"),
    ]
    parts.append(
        html.Div(button(tr("web.save"), AccountIds.SAVE, "primary")) if writable
        else html.Div(tr("account.readonly"), className="t3")
    )
    body = html.Div(parts, className="settings-form")
    return draft_area(FORM, 0, None, body) if writable else body


def warning(old: str, new: str, found: Consequences) -> html.Div:
    """What another currency means, before it is saved."""
    points = [tr("account.means_sums", new=new), tr("account.means_deals", old=old, deals=trn("ui.deals", found.deals))]
    if found.prices or found.targets:
        prices, plans = trn("account.prices", found.prices), trn("account.plans", found.targets)
        points.append(tr("account.means_numbers", new=new, prices=prices, plans=plans))
    points.append(tr("account.means_rates" if found.rated else "account.means_no_rates", old=old, new=new))
    body = html.Ul([html.Li(point) for point in points], className="mb-0 ps-3")
    return note(tr("account.means", new=new), body, "" if found.rated else "warn", "info" if found.rated else "circle-alert")
