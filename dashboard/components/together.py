"""Goods bought together with a product."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html

from dashboard.components.base import button, panel
from dashboard.components.clientparts import rows_link
from dashboard.i18n import number, percent, t
from dashboard.pages.deal import DealIds
from dashboard.services.goods_together import Together, TogetherList


def together_panel(found: TogetherList, locale: str) -> html.Section:
    """A row a companion: how often, how much more than by chance, and the deals behind it."""
    title = t("clientai.together", locale)
    if not found.items:
        return panel(title, html.Div(t("clientai.together_none", locale), className="t3"))
    names = ("product", "share", "lift", "deals")
    head = html.Thead(html.Tr([html.Th(t(f"clientai.together_{name}", locale), className="" if name == "product" else "num")
                               for name in names]))
    rows = [
        html.Tr([
            html.Td(dcc.Link(item.name, href=f"/products/{item.product_id}")),
            html.Td(percent(item.share, locale, 0), className="num"),
            html.Td(t("clientai.together_times", locale, value=number(item.lift, locale, 1)), className="num"),
            html.Td(rows_link(number(item.deals, locale), item.filter, locale, item.name), className="num"),
        ])
        for item in found.items
    ]
    table = html.Div(html.Table([head, html.Tbody(rows)], className="tbl"), className="model-scroll")
    about = html.P(t("clientai.together_about", locale, deals=number(found.deals, locale)), className="small-print p-3 mb-0")
    return panel(title, [table, about], flush=True)


def suggestions(found: Sequence[Together], locale: str) -> html.Div | None:
    """Goods that are often bought with those of the lines, to be taken with one press."""
    if not found:
        return None
    goods = [
        button(item.name, {"type": DealIds.GOOD_TOO, "product": item.product_id}, "secondary", "plus", small=True,
               title=t("clientai.too_why", locale, share=percent(item.share, locale, 0), value=number(item.lift, locale, 1)))
        for item in found
    ]
    said = html.Span(t("clientai.too", locale), className="t2 sm")
    return html.Div([said, *goods], className="line line-wrap px-3 py-2")
