"""The list of advice and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.ai.clients import ClientCases
from dashboard.ai.worklist import Cases
from dashboard.components.advice import points
from dashboard.components.base import button, empty, icon, icon_button, link_button, panel
from dashboard.components.clientahead import cases_line
from dashboard.i18n import n, number, percent, t
from dashboard.pages.aiadvice import AdviceIds as IDS
from dashboard.services.ai_advice import SNOOZE_DAYS, Item, Worklist, Worth
from dashboard.services.ai_records import ModelCard

_ICONS = {
    "contact": "phone", "meet": "users", "fix_date": "calendar", "set_date": "calendar", "finish_tasks": "square-check-big",
    "add_lines": "package",
    "client_contact": "phone", "client_deal": "briefcase",
}
#: Deals of a list opened with one click: more ids make the address too long.
_OPENED = 60
Money = Callable[[Decimal], str]


def list_panel(found: Worklist, locale: str, money: Money, may_decide: bool) -> html.Section:
    """Advice, most money first."""
    title, sub = t("advice.list", locale), t("advice.by_money", locale)
    if not found.items:
        body = empty(t("advice.none_title", locale), t("advice.none_text", locale), icon_name="sparkles")
        return panel(title, body)
    rows = [_row(item, locale, money, may_decide) for item in found.items]
    some = [item.gain for item in found.items if item.gain]
    foot: list[Any] = []
    if some:
        total = html.B(f"+{money(sum(some, Decimal()))}", className="good")
        foot.append(html.Span([t("advice.expected", locale, count=len(found.items)), " ", total]))
    corner = t("advice.first_of", locale, shown=len(found.items), count=number(found.count, locale))
    last = [html.Div(foot, className="line advice-foot")] if foot else []
    return panel(title, [*rows, *last], sub=sub, corner=corner, flush=True)


def _row(item: Item, locale: str, money: Money, may_decide: bool) -> html.Article:
    about: list[Any] = [dcc.Link(item.title, href=f"/deals/{item.deal_id}" if item.deal_id else f"/clients/{item.client_id}")]
    beside = (item.client_name, item.stage_name, item.owner_name)
    about += [html.Span(f" · {part}", className="t3") for part in beside if part]
    words = [
        html.Div([html.B(item.heading), " ", html.Span(about, className="sm")]),
        html.Div(_reason(item, locale), className="t2 sm"),
    ]
    gain = []
    if item.gain:
        gain = [
            html.Div(f"+{money(item.gain)}", className="good b5"),
            html.Div(points(item.points or 0, locale), className="t3 sm"),
        ]
    actions = _actions(item, locale) if may_decide else []
    return html.Article(
        [
            html.Span(icon(_ICONS.get(item.action, "sparkles")), className="spot spot-accent"),
            html.Div(words, className="grow"),
            html.Div(gain, className="advice-gain"),
            html.Div(actions, className="line advice-do"),
        ],
        className="advice-row",
        **{"aria-label": f"{item.heading}: {item.title}"},
    )


def _reason(item: Item, locale: str) -> list[Any]:
    said: list[Any] = [item.reason]
    if item.cases is not None:
        said += [" ", _cases(item.cases, locale) if item.deal_id else _client_cases(item.cases, locale)]
    return said


def _cases(cases: Cases, locale: str) -> html.Span:
    """What came of it in closed deals that looked like this; the deals that did it can be opened."""
    did, rest = cases.did_won / cases.did, cases.rest_won / cases.rest
    text = t("advice.cases", locale, did=percent(did, locale, 0), rest=percent(rest, locale, 0))
    opened = ", ".join(map(str, cases.ids[:_OPENED]))
    href = f"/deals?{urlencode({'filter': f'id in ({opened})'})}"
    return html.Span([text, " ", dcc.Link(n("advice.alike", cases.did, locale), href=href)])


def _client_cases(cases: Cases, locale: str) -> Any:
    seen = ClientCases("", cases.did, cases.did_won, cases.rest, cases.rest_won, cases.ids)
    return cases_line(seen, locale)


def _actions(item: Item, locale: str) -> list[Any]:
    def do(what: str) -> dict[str, Any]:
        return {"type": IDS.DO, "do": what, "id": item.id}

    later = dbc.DropdownMenu(
        [dbc.DropdownMenuItem(n("advice.days", days, locale), id=do(f"snooze-{days}"), n_clicks=0) for days in SNOOZE_DAYS],
        label=[icon("clock"), html.Span(t("advice.snooze", locale), className="only-reader")],
        color="link", size="sm", align_end=True, caret=False, class_name="advice-later",
    )
    return [
        button(t("advice.accept", locale), do("accept"), "secondary", small=True),
        later,
        icon_button("x", f"{t('advice.dismiss', locale)}: {item.heading}", do("dismiss")),
    ]


def worth_panel(found: Worth, of_clients: Worth, locale: str) -> html.Section:
    """What came of the advice, against the deals and the clients held back."""
    parts = [
        html.Div([html.H3(t(f"{room}.worth_of", locale), className="b5 mb-1"), *_worth(item, locale, room)], className="mb-3")
        for room, item in (("advice", found), ("clientai", of_clients)) if item.given or room == "advice"
    ]
    return panel(t("advice.worth", locale), parts)


def _worth(found: Worth, locale: str, room: str) -> list[Any]:
    pairs = [
        (t("advice.accepted", locale), number(found.accepted, locale),
         t("advice.of_given", locale, count=number(found.given, locale))),
        (t(f"{room}.won_with", locale), _share(found.shown_won, found.shown_closed, locale),
         t(f"{room}.of_closed", locale, won=number(found.shown_won, locale), count=number(found.shown_closed, locale))),
        (t(f"{room}.won_without", locale), _share(found.held_won, found.held_closed, locale),
         t(f"{room}.of_closed", locale, won=number(found.held_won, locale), count=number(found.held_closed, locale))),
    ]
    figures = [
        html.Div(
            [
                html.Div(name, className="t3 sm"),
                html.Div(value, className="b5 advice-figure"),
                html.Div(sub, className="t3 sm"),
            ]
        )
        for name, value, sub in pairs
    ]
    days = html.Div(t("clientai.worth_days", locale, days=n("advice.days", found.days, locale)), className="t3 sm")
    verdict = html.P(_verdict(found, locale, room), className="mt-2 mb-0")
    return [days, html.Div(figures, className="pile mt-2"), verdict]


def _share(won: int, of: int, locale: str) -> str:
    return percent(won / of, locale) if of else "–"


def _verdict(found: Worth, locale: str, room: str) -> str:
    if found.difference is None:
        return t(f"{room}.too_early", locale)
    value, low, high = (points(100 * part, locale) for part in found.difference)
    sure = found.difference[1] > 0 or found.difference[2] < 0
    return t("advice.sure" if sure else "advice.chance", locale, difference=value, low=low, high=high)


def model_panel(card: ModelCard | None, locale: str) -> html.Section:
    """Which model stands behind the advice, in a sentence."""
    text = t("advice.no_model", locale) if card is None else f"{t(f'ai.rung.{card.rung}', locale)}. {card.reason_text}"
    quiet = [html.P(t(key, locale), className="t3 sm") for key in ("ai.association", "advice.held_back")]
    said = [html.P(text), *quiet]
    link = html.Div(link_button(t("advice.to_model", locale), "/ai/models", small=True), className="mt-2")
    return panel(t("advice.behind", locale), [*said, link])


def names(items: Sequence[Item]) -> dict[int, str]:
    """What each piece of advice is called in a dialog."""
    return {item.id: f"{item.heading} — {item.title}" for item in items}
