"""The AI's comparison: any two clients, people, segments, goods or periods side by side. Callbacks fill it."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, html

from dashboard.components import airoom, fields
from dashboard.components.base import icon_button, panel_skeleton
from dashboard.components.fields import named
from dashboard.components.filterbar import BarIds, filter_bar
from dashboard.pages.overview import MENUS
from dashboard.services.ai_compare import KINDS
from dashboard.web.texts import current_locale, tr

PAGE = "compare"
PATH = "/ai/compare"

__all__ = ["IDS", "MENUS", "PAGE", "PATH", "CompareIds", "register"]


class CompareIds(BarIds):
    """Ids of the page; those of its bar come with ``BarIds``."""

    KIND, LEFT, RIGHT, SWAP, MEMBERS = "compare-kind", "compare-left", "compare-right", "compare-swap", "compare-members"
    ANSWER = "compare-answer"
    DRAWER, DRAWER_TITLE, DRAWER_BODY = "compare-drawer", "compare-drawer-title", "compare-drawer-body"


IDS = CompareIds(PAGE)


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page("aicompare", path=PATH, title="compare.title", layout=layout)


def layout(**_: Any) -> html.Div:
    """The skeleton."""
    locale = current_locale()
    kinds = [{"label": tr(f"compare.kind.{name}"), "value": name} for name in KINDS]
    members = html.Div(
        [
            html.Div(named(tr("compare.left"), fields.lookup(IDS.LEFT, tr("compare.choose"))), className="sides-member"),
            icon_button("arrow-right-left", tr("compare.swap"), IDS.SWAP),
            html.Div(named(tr("compare.right"), fields.lookup(IDS.RIGHT, tr("compare.choose"))), className="sides-member"),
        ],
        id=IDS.MEMBERS, className="sides-members",
    )
    kind = named(tr("compare.what"), dbc.Select(id=IDS.KIND, options=kinds, value=KINDS[0], size="sm"))
    page = [
        airoom.heading(locale),
        html.Div([html.Div(kind, className="sides-kind"), members], className="panel sides-bar"),
        html.Div([panel_skeleton(90), panel_skeleton(420)], id=IDS.ANSWER),
    ]
    return html.Div([filter_bar(PAGE, MENUS, locale), html.Div(page, className="page"), _drawer()], **{"data-page": PAGE})


def _drawer() -> dbc.Offcanvas:
    return dbc.Offcanvas(
        html.Div(id=IDS.DRAWER_BODY, className="drawer-body"), id=IDS.DRAWER, title=tr("overview.records"),
        labelledby=IDS.DRAWER_TITLE, placement="end", is_open=False, scrollable=True, backdrop=False,
    )
