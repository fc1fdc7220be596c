"""The AI's patterns: segments, goods bought together, seasons, what stands out, what wins. Callbacks fill it."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard.components import airoom
from dashboard.components.base import button, icon, panel_skeleton
from dashboard.components.filterbar import BarIds, filter_bar
from dashboard.i18n import t
from dashboard.pages.overview import MENUS
from dashboard.web.texts import current_locale, tr

PAGE = "patterns"
PATH = "/ai/patterns"

__all__ = ["IDS", "MENUS", "PAGE", "PATH", "PatternIds", "register"]


class PatternIds(BarIds):
    """Ids of the page; those of its bar come with ``BarIds``."""

    ANSWER, FIND, STATE, POLL = "patterns-answer", "patterns-find", "patterns-state", "patterns-poll"
    DRAWER, DRAWER_TITLE, DRAWER_BODY = "patterns-drawer", "patterns-drawer-title", "patterns-drawer-body"


IDS = PatternIds(PAGE)


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page("aipatterns", path=PATH, title="patterns.title", layout=layout)


def layout(**_: Any) -> html.Div:
    """The skeleton."""
    locale = current_locale()
    state = html.Span(id=IDS.STATE, className="t2 sm", role="status")
    find = button("", IDS.FIND, "secondary", small=True, disabled=True)
    find.children = find_words(again=False, locale=locale)
    page = [
        airoom.heading(locale, state, find),
        html.Div([panel_skeleton(220), panel_skeleton(220)], id=IDS.ANSWER),
        dcc.Interval(id=IDS.POLL, interval=1500, disabled=True),
    ]
    return html.Div([filter_bar(PAGE, MENUS, locale), html.Div(page, className="page"), _drawer()], **{"data-page": PAGE})


def find_words(*, again: bool, locale: str) -> list[Any]:
    """What stands on the button: the first search, or one more."""
    return [icon("rotate-cw" if again else "search", "s"), t("patterns.find_again" if again else "patterns.find", locale)]


def _drawer() -> dbc.Offcanvas:
    return dbc.Offcanvas(
        html.Div(id=IDS.DRAWER_BODY, className="drawer-body"), id=IDS.DRAWER, title=tr("overview.records"),
        labelledby=IDS.DRAWER_TITLE, placement="end", is_open=False, scrollable=True, backdrop=False,
    )
