"""The sheet of targets and what its dialogs show. assets/targets.js moves and edits in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashboard.components import fields
from dashboard.components.base import note
from dashboard.components.still import still
from dashboard.figures.months import month_title
from dashboard.i18n import MINUS, NBSP, month_name, n, number, t
from dashboard.services.targets import Planned, Sheet, SheetRow, Subject
from dashboard.services.targets_file import ROLES, Look, Problem

#: Rows of a preview, and of the problems below it.
_SHOWN = 60


def subject_name(subject: Subject, locale: str) -> str:
    """Whose plan, as a person reads it."""
    return t("targets.account", locale) if subject.scope == "account" else subject.name or "–"


def sheet(data: Sheet, locale: str, marked: str = "") -> Any:
    """The year as a table: whose plan down, months across, sums at the right and at the foot of the people.

    ``marked``: key of the subject one came for.
    """
    months = [date(data.year, month, 1) for month in range(1, 13)]
    head = html.Tr(
        [html.Th(t("targets.whose", locale), scope="col")]
        + [html.Th(month_name(month, locale), scope="col", className="num") for month in months]
        + [html.Th(t("targets.total", locale), scope="col", className="num is-total")]
    )
    body: list[Any] = []
    for scope in ("account", "project", "member", "group"):
        rows = [row for row in data.rows if row.subject.scope == scope]
        if scope != "account" and rows:
            title = html.Th(t(f"targets.scope.{scope}", locale), colSpan=14, scope="rowgroup")
            body.append(html.Tr(title, className="is-scope"))
        body += [_row(row, data, locale, row.subject.key == marked) for row in rows]
        if scope == "member" and any(gap is not None for gap in data.gaps):
            body += _people(data, rows, locale)
    about = f"{t(f'metrics.{data.metric}', locale)}, {data.year}"
    table = html.Table(
        [html.Thead(head), html.Tbody(body)],
        className="tbl targets-table" + (" is-open" if data.may_write else ""),
        role="grid",
        **{"aria-label": about, "aria-readonly": "false" if data.may_write else "true"},
    )
    return still(html.Div(table, className="panel tbl-scroll", tabIndex=-1))


def _row(row: SheetRow, data: Sheet, locale: str, marked: bool) -> html.Tr:
    name = subject_name(row.subject, locale)
    label: list[Any] = [html.Span(name, className="cut", title=name)]
    if not row.subject.active:
        label.append(html.Span(f" {t('targets.gone', locale)}", className="t3 sm"))
    cells = [_cell(row, month, data, name, locale) for month in range(1, 13)]
    total = html.Td(_figure(row.total, locale), className="num b5 is-total")
    kind = " is-account" if row.subject.scope == "account" else ""
    kind += " is-marked" if marked else ""
    return html.Tr([html.Th(label, scope="row"), *cells, total], className=f"is-subject{kind}")


def _cell(row: SheetRow, month: int, data: Sheet, name: str, locale: str) -> html.Td:
    value = row.values[month - 1]
    label = f"{name}, {month_title(date(data.year, month, 1), locale)}: {_figure(value, locale) or '–'}"
    attributes = {"data-key": row.subject.key, "data-month": str(month), "data-raw": _raw(value), "aria-label": label}
    return html.Td(_figure(value, locale), className="num", tabIndex=-1, role="gridcell", **attributes)


def _people(data: Sheet, rows: Sequence[SheetRow], locale: str) -> list[html.Tr]:
    """The sum of the people's plans, and how far it is from the account's."""
    sums: list[Decimal | None] = []
    for month in range(12):
        known = [value for row in rows if (value := row.values[month]) is not None]
        sums.append(sum(known, Decimal(0)) if known else None)
    known = [value for value in sums if value is not None]
    gaps = [gap for gap in data.gaps if gap is not None]
    whole = html.Tr(
        [html.Th(t("targets.people_sum", locale), scope="row")]
        + [html.Td(_figure(value, locale), className="num") for value in sums]
        + [html.Td(_figure(sum(known, Decimal(0)), locale), className="num is-total")],
        className="is-sum",
    )
    gap = html.Tr(
        [html.Th(t("targets.gap", locale), scope="row", title=t("targets.gap_hint", locale))]
        + [_gap(value, locale) for value in data.gaps]
        + [_gap(sum(gaps, Decimal(0)), locale, " is-total")],
        className="is-gap",
    )
    return [whole, gap]


def _gap(value: Decimal | None, locale: str, more: str = "") -> html.Td:
    if value is None:
        return html.Td("", className=f"num{more}")
    if not value:
        return html.Td("0", className=f"num t3{more}")
    sign, tone = ("+", "good") if value > 0 else (MINUS, "bad")
    return html.Td(f"{sign}{_figure(abs(value), locale)}", className=f"num {tone}{more}")


def _figure(value: Decimal | None, locale: str) -> str:
    """Whole units; kopecks only where there are some."""
    if value is None:
        return ""
    return number(value, locale, 0 if value == int(value) else 2)


def _raw(value: Decimal | None) -> str:
    """The value as it is edited: digits and a point."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else f"{value:.2f}"


def planned(found: Sequence[Planned], year: int, locale: str, same: int = 0) -> list[Any]:
    """What a change would write: how many cells, and the first of them before and after."""
    if not found:
        return [note(t("targets.nothing_to_write", locale))]
    rows = [
        html.Tr(
            [
                html.Td(subject_name(item.subject, locale)),
                html.Td(month_title(date(year, item.month, 1), locale)),
                html.Td(_figure(item.before, locale) or "–", className="num t3"),
                html.Td(_figure(item.after, locale), className="num b5"),
            ]
        )
        for item in found[:_SHOWN]
    ]
    names = ("targets.whose", "targets.month", "targets.before", "targets.after")
    head = html.Tr([html.Th(t(name, locale), className="num" if place > 1 else "") for place, name in enumerate(names)])
    said = n("targets.will_write", len(found), locale)
    if same:
        said += f" · {n('targets.same', same, locale)}"
    parts: list[Any] = [html.P(said, className="b5"), html.Table([html.Thead(head), html.Tbody(rows)], className="tbl")]
    if len(found) > _SHOWN:
        parts.append(html.P(t("targets.and_more", locale, count=number(len(found) - _SHOWN, locale)), className="t3 sm"))
    return [still(html.Div(parts))]


def columns(look: Look, locale: str) -> Any:
    """The file's columns with a choice of what each holds, and its first rows below."""
    options = [("", t("targets.role.none", locale))]
    options += [(role, t(f"targets.role.{role}", locale)) for role in ROLES[:3]]
    options += [(role, month_title(date(2000, int(role), 1), locale).replace(" 2000", "")) for role in ROLES[3:]]
    choices = [{"label": label, "value": value} for value, label in options]
    head = [
        html.Th(
            fields.named(
                f"{t('targets.column', locale)} {name}",
                dbc.Select(id={"type": "targets-role", "column": place}, options=choices, value=look.mapping.get(place, "")),
            )
        )
        for place, name in enumerate(look.columns)
    ]
    rows = [html.Tr([html.Td(text, className="import-sample") for text in row]) for row in look.sample]
    names = html.Tr([html.Th(name) for name in look.columns])
    table = html.Table([html.Thead([html.Tr(head), names]), html.Tbody(rows)], className="tbl targets-columns")
    about = f"{look.name} · {n('targets.rows', look.rows, locale)}"
    return html.Div([html.P(about, className="b5"), html.Div(table, className="tbl-scroll", tabIndex=0)])


def problems(found: Sequence[Problem], words: Sequence[str], locale: str) -> list[Any]:
    """Rows and cells that are left out, each with its reason."""
    if not found:
        return []
    lines = [
        html.Li(f"{t('targets.line', locale, line=item.line)}{NBSP}· {item.column}: «{item.text[:60]}» – {why}")
        for item, why in zip(found[:_SHOWN], words, strict=False)
    ]
    return [
        note(n("targets.left_out", len(found), locale), html.Ul(lines, className="remarks"), "warn", "triangle-alert"),
    ]


