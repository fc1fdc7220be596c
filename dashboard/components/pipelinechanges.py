"""«What became of the pipeline»: a waterfall whose bars are buttons; on a phone the bars lie down."""

from __future__ import annotations

from datetime import date
from typing import Any

from dash import dcc

from dashboard.components import elements as html
from dashboard.components.base import icon, panel
from dashboard.components.seen import Seen
from dashboard.figures.months import money_scale, scaled
from dashboard.figures.waterfall import Step, steps
from dashboard.i18n import MINUS, NBSP, currency_sign, day, money, n, number, t
from dashboard.services.pipeline_changes import EFFECTS, ChangedDeal, Changes, Effect, Opened

#: Shown even where nothing happened: a reader looks for them. The others only where they are.
_ALWAYS = frozenset({"new", "grew", "shrank", "won", "lost"})


def build(data: Changes, seen: Seen) -> html.Section:
    """The panel: which days, whole pipeline or what is due, the bars, and what does not change the sum."""
    locale = seen.locale
    effects = [(one.kind, one.count, one.amount) for one in data.effects if one.count or one.kind in _ALWAYS]
    bars = steps((data.opening.count, data.opening.amount), effects, (data.closing.count, data.closing.amount))
    sign = currency_sign(seen.currency, locale)
    # a tenth of the greatest bar still has its digits
    divisor, unit = money_scale(max(abs(bar.amount) for bar in bars) / 10, sign, locale)
    days = f"{day(data.query.start, locale)} → {day(data.query.end, locale)}"
    body = html.Div([_bar(bar, data, divisor, seen) for bar in bars], className="flow", role="group",
                    **{"aria-label": t("flow.title", locale)})  # fmt: skip
    nothing = not (data.opening.count or data.closing.count or any(effect.count for effect in data.effects))
    inside: Any = html.P(t("flow.nothing", locale), className="t3") if nothing else [body, *_remarks(data, seen)]
    return panel(t("flow.title", locale), inside, sub=f"{days}, {unit}", corner=_switch(data, seen))


def _switch(data: Changes, seen: Seen) -> html.Div:
    """The whole pipeline, or the deals expected to close within the quarter."""
    due = data.query.horizon is not None
    choices = (("due=", t("flow.whole", seen.locale), not due), ("due=quarter", t("flow.due", seen.locale), due))
    return html.Div(
        [
            html.Button(label, type="button", className=f"flow-choice{' is-on' if on else ''}",
                        **{"data-say": says, "aria-pressed": "true" if on else "false"})
            for says, label, on in choices
        ],
        className="flow-switch", role="group", **{"aria-label": t("flow.scope", seen.locale)},
    )  # fmt: skip


def _bar(bar: Step, data: Changes, divisor: float, seen: Seen) -> html.Button:
    locale = seen.locale
    name = name_of(bar.kind, data, locale)
    signed = bar.kind not in ("opening", "closing")
    value = signed_number(bar.amount, divisor, locale) if signed else scaled(bar.amount, divisor, locale)
    label = f"{name}: {signed_money(bar.amount, seen.currency, locale, signed)}, {n('ui.deals', bar.count, locale)}"
    place = {"--lo": f"{max(0.0, bar.low) * 100:.3f}", "--hi": f"{max(0.0, bar.high) * 100:.3f}",
             "--level": f"{max(0.0, bar.level) * 100:.3f}"}  # fmt: skip
    return html.Button(
        [
            html.Span(name, className="flow-name"),
            html.Span(
                [html.I(className=f"flow-fill is-{bar.tone}"), html.U(), html.Span(value, className="flow-value num b5")],
                className="flow-track", style=place,
            ),
        ],
        type="button", className="flow-bar", title=label, disabled=not bar.count,
        **{"data-change": bar.kind, "aria-label": label},
    )  # fmt: skip


def _remarks(data: Changes, seen: Seen) -> list[Any]:
    locale = seen.locale
    change = data.closing.amount - data.opening.amount
    words: list[Any] = [
        t("flow.sum", locale, before=_amount(data.opening.amount, seen.currency, locale),
          after=_amount(data.closing.amount, seen.currency, locale), change=signed_money(change, seen.currency, locale))
    ]  # fmt: skip
    if data.postponed.count:
        deals = n("ui.deals", data.postponed.count, locale)
        amount = money(data.postponed.amount / 100, seen.currency, locale)
        words += [" ", html.Button(t("flow.postponed", locale, deals=deals, amount=amount), type="button",
                                   className="flow-link", **{"data-change": "postponed"})]  # fmt: skip
    return [html.P(words, className="small-print")]


def name_of(kind: str, data: Changes, locale: str) -> str:
    """What a bar is called; the whole ones by their day."""
    if kind == "opening":
        return t("flow.kind.opening", locale, day=_short(data.query.start, data, locale))
    if kind == "closing":
        return t("flow.kind.closing", locale, day=_short(data.query.end, data, locale))
    return t(f"flow.kind.{kind}", locale)


def _short(value: date, data: Changes, locale: str) -> str:
    text = day(value, locale)
    return text[:5] if locale == "ru" and data.query.start.year == data.query.end.year else text


def signed_number(kopecks: int, divisor: float, locale: str) -> str:
    """A change in the axis' unit, with its sign."""
    text = scaled(abs(kopecks), divisor, locale) if kopecks else "0"
    return f"+{text}" if kopecks > 0 else f"{MINUS}{text}" if kopecks < 0 else text


def signed_money(kopecks: int, currency: str, locale: str, signed: bool = True) -> str:
    """A change of money in words, with its sign; kopecks only where there are any."""
    text = money(abs(kopecks) / 100, currency, locale, 2 if kopecks % 100 else 0)
    return (f"+{text}" if kopecks > 0 and signed else f"{MINUS}{text}" if kopecks < 0 else text).replace(" ", NBSP)


def title_of(data: Opened, about: Changes, locale: str) -> str:
    return name_of(data.effect.kind, about, locale)


def drawer(found: Opened, changes: Changes, currency: str, locale: str) -> list[Any]:
    """The deals of a bar: what each stood at on both days and its part of the bar; their sum is the bar."""
    head = html.Thead(
        html.Tr([html.Th(t("overview.col_deal", locale)), html.Th(t("flow.part", locale), className="num")])
    )
    rows = [_row(deal, found.effect.kind, currency, locale) for deal in found.deals]
    effect = found.effect
    whole = len(found.deals) == effect.count and sum(deal.amount for deal in found.deals) == effect.amount
    foot: list[Any] = [_total(effect, currency, locale)]
    if whole and effect.count:
        agree = t("overview.rows_agree", locale, figure=signed_money(effect.amount, currency, locale))
        foot.append(html.Div([icon("check", "s"), f"{NBSP}{agree}"], className="good sm"))
    elif len(found.deals) < effect.count:
        foot.append(_pages(found, locale))
    about = f"{day(changes.query.start, locale)} → {day(changes.query.end, locale)}"
    hint = html.Div(t(f"flow.hint.{effect.kind}", locale), className="t3 sm")
    return [
        html.Div([html.Div(about), hint], className="drawer-note"),
        html.Div(html.Table([head, html.Tbody(rows)], className="tbl"), className="drawer-rows", tabIndex=0),
        html.Div(foot, className="drawer-foot"),
    ]


def _pages(found: Opened, locale: str) -> html.Div:
    """Which block of the bar's deals is shown, and the way to the others."""
    first, step = found.offset, found.block
    words = t("flow.block", locale, first=number(first + 1, locale), last=number(first + len(found.deals), locale))
    parts: list[Any] = [html.Span(words, className="t3 sm grow")]
    for key, place, on in (
        ("flow.previous", first // step - 1, first > 0), ("flow.next", first // step + 1, first + step < found.effect.count),
    ):
        parts.append(html.Button(t(key, locale), type="button", className="btn btn-secondary btn-sm", disabled=not on,
                                 **{"data-change": found.effect.kind, "data-block": str(max(0, place))}))  # fmt: skip
    return html.Div(parts, className="line", **{"data-page": "overview"})  # the drawer stands outside of its page


def _total(effect: Effect, currency: str, locale: str) -> html.Div:
    count = html.B(t("overview.rows_total", locale, count=number(effect.count, locale)))
    total = html.B(signed_money(effect.amount, currency, locale, effect.kind in EFFECTS), className="num")
    return html.Div([count, total], className="line line-between")


def _row(deal: ChangedDeal, kind: str, currency: str, locale: str) -> html.Tr:
    about = " · ".join(part for part in (deal.client_name, deal.owner_name) if part)
    then: list[Any] = []
    if deal.was is not None and deal.now is not None and deal.was != deal.now:
        then = [html.Div(f"{_amount(deal.was, currency, locale)} → {_amount(deal.now, currency, locale)}", className="t2 sm")]
    if kind in ("postponed", "slipped", "moved_in") and deal.expected_was != deal.expected_now:
        dates = [day(each, locale) or "—" for each in (deal.expected_was, deal.expected_now)]
        then.append(html.Div(" → ".join(dates), className="t2 sm"))
    gone = kind == "removed"
    title: Any = deal.title if gone else dcc.Link(deal.title, href=f"/deals/{deal.id}")
    return html.Tr([
        html.Td([title, html.Div(about, className="t3 sm"), *then]),
        html.Td(signed_money(deal.amount, currency, locale, kind in EFFECTS), className="num"),
    ])  # fmt: skip


def _amount(kopecks: int | None, currency: str, locale: str) -> str:
    return "—" if kopecks is None else money(kopecks / 100, currency, locale, 2 if kopecks % 100 else 0)
