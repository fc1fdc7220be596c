"""The history of one record: its versions, two of them side by side, what can be given back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components.base import bone, button, icon, note, tag
from dashboard.components.fields import named
from dashboard.i18n import day, moment, n, t
from dashboard.pages.historyids import HistoryIds as IDS
from dashboard.services.history import Compared, Comparison, FieldChange, PartChange, Version
from dashboard.services.history_words import Words, kind_words
from dashboard.web.texts import tr, trn

#: Operations that have a tone of their own.
TONES = {"create": "good", "delete": "bad", "purge": "bad", "restore": "accent"}
_NAMED = 3
_PAGES = {"clients": "/clients/{}", "deals": "/deals/{}", "products": "/products/{}"}


def history_tab(entity: str, row_id: int, *, opened: bool = True) -> html.Div:
    """The history of a record, to be put on its page once. ``opened``: whether it is read at once."""
    head = html.Div(
        [
            html.Label(tr("history.how_was"), htmlFor=IDS.DAY, className="b5"),
            dbc.Input(id=IDS.DAY, type="date", className="history-day"),
            html.Div(id=IDS.DAY_SAYS, className="t2 grow", role="status"),
        ],
        className="panel history-head",
    )
    compared = html.Div(
        [
            html.Div(
                [
                    html.H2(tr("history.what_changed")),
                    named(tr("history.older"), dbc.Select(id=IDS.OLDER, options=[], className="history-choice")),
                    icon("arrow-right"),
                    named(tr("history.newer"), dbc.Select(id=IDS.NEWER, options=[], className="history-choice")),
                    html.Div(className="grow"),
                    dbc.RadioItems(
                        id=IDS.ALL,
                        value="changed",
                        inline=True,
                        className="segmented",
                        options=[{"label": tr(f"history.show_{what}"), "value": what} for what in ("changed", "all")],
                    ),
                ],
                className="panel-head history-compare-head",
            ),
            html.Div(bone(180), id=IDS.COMPARED),
            html.Div(id=IDS.PROBLEM, role="alert"),
        ],
        className="panel",
    )
    return html.Div(
        [
            dcc.Store(id=IDS.RECORD, data={"entity": entity, "id": row_id}),
            dcc.Store(id=IDS.OPENED, data=1 if opened else None),
            dcc.Store(id=IDS.PICK),
            dcc.Store(id=IDS.DONE),
            head,
            html.Div([html.Div(bone(320), id=IDS.LIST, className="panel"), compared], className="history-two"),
        ],
        className="pile pile-gutter history",
    )


def with_history(entity: str, row_id: int, content: Any) -> list[Any]:
    """A page's content under the tabs «Обзор» and «История»; the history is read when it is opened."""
    names = ((IDS.TAB_MAIN, IDS.MAIN, "history.tab_main", True), (IDS.TAB, IDS.PLACE, "history.tab", False))
    tabs = html.Div(
        [
            html.Button(
                tr(label),
                id=item,
                type="button",
                role="tab",
                className="record-tab",
                n_clicks=0,
                **{"aria-selected": str(chosen).lower(), "aria-controls": place},
            )
            for item, place, label, chosen in names
        ],
        id=IDS.TABS,
        className="record-tabs",
        role="tablist",
    )
    return [
        tabs,
        html.Div(content, id=IDS.MAIN, role="tabpanel", **{"aria-labelledby": IDS.TAB_MAIN}),
        html.Div(
            history_tab(entity, row_id, opened=False),
            id=IDS.PLACE,
            role="tabpanel",
            hidden=True,
            **{"aria-labelledby": IDS.TAB},
        ),
    ]


def version_list(versions: Sequence[Version], older: int, newer: int, said: Words, entity: str) -> list[Any]:
    """All versions, the latest first; a press compares one with the latest."""
    head = html.Div([html.H2(tr("history.versions")), html.Span(str(len(versions)), className="sub")], className="panel-head")
    rows = [_version(version, version.point == versions[0].point, older, newer, said, entity) for version in versions]
    return [head, html.Div(rows, className="history-versions", role="group", **{"aria-label": tr("history.versions")})]


def _version(version: Version, latest: bool, older: int, newer: int, said: Words, entity: str) -> html.Button:
    marks = []
    if latest:
        marks.append(tag(tr("history.now"), "accent"))
    if version.operation in TONES:
        marks.append(tag(tr(f"history.operation.{version.operation}"), TONES[version.operation]))
    picked = "is-older" if version.point == older else "is-newer" if version.point == newer else ""
    return html.Button(
        [
            html.Span(str(version.number), className="history-number"),
            html.Span(
                [
                    html.Span([html.Span(who(version, said.locale), className="b5"), *marks], className="history-who"),
                    html.Span(summary(version, said, entity), className="history-what"),
                    html.Span(moment(version.at, said.locale, said.timezone), className="t3 sm"),
                ],
                className="history-said",
            ),
        ],
        id={"type": IDS.VERSION, "point": version.point},
        type="button",
        n_clicks=0,
        className=f"history-version {picked}",
        **{"aria-pressed": "true" if picked else "false"},
    )


def who(version: Version, locale: str) -> str:
    """Who made a version; imports and the like are named by what they are."""
    if version.author:
        return version.author
    return kind_words(version.kind, locale) if version.kind else t("history.nobody", locale)


def summary(version: Version, said: Words, entity: str) -> str:
    """What a version changed, in a line: the fields, or how many; the parts; what it came from."""
    names = [said.label(entity, change.field) for change in version.changes]
    found = []
    if version.operation == "create":
        found.append(t("history.created", said.locale))
    elif names:
        found.append(", ".join(names) if len(names) <= _NAMED else n("history.fields", len(names), said.locale))
    if version.parts and version.operation != "create":
        found += dict.fromkeys(said.table(part.table).capitalize() for part in version.parts)
    if version.kind and (
        version.kind in ("revert", "demo") or version.kind.startswith(("import.", "bulk.")) or version.kind.endswith(".version")
    ):
        found.append(kind_words(version.kind, said.locale) + (f" · {version.title}" if version.title else ""))
    return " · ".join(found) or kind_words(version.kind, said.locale)


def timeline(versions: Sequence[Version], chosen: datetime | None, said: Words) -> html.Div:
    """The versions as dots in time; decoration: the list says the same."""
    if len(versions) < 2:
        return html.Div(className="history-line is-empty")
    first, last = versions[-1].at, versions[0].at
    length = max((last - first).total_seconds(), 1.0)

    def place(at: datetime) -> str:
        return f"{min(100.0, max(0.0, (at - first).total_seconds() / length * 100)):.2f}%"

    dots: list[Any] = [html.I(style={"left": place(version.at)}) for version in versions[:200]]
    if chosen is not None:
        dots.append(html.B(style={"left": place(chosen)}))
    ends = [html.Span(day(first, said.locale, said.timezone)), html.Span(day(last, said.locale, said.timezone))]
    return html.Div(
        [html.Div(dots, className="history-dots"), html.Div(ends, className="history-ends t3 sm")],
        className="history-line",
        **{"aria-hidden": "true"},
    )


def compared(found: Comparison, choice: Sequence[str], said: Words, entity: str, everything: bool, writable: bool) -> list[Any]:
    """Two versions side by side, field by field, with what can be given back."""
    shown = [change for change in found.fields if change.changed or everything]
    rows = [_compared(change, change.field in choice and writable, said, entity, _currency(found)) for change in shown]
    heads: list[Any] = [html.Th(html.Span(tr("history.choose"), className="only-reader"))] if writable else []
    heads += [html.Th(tr("history.field")), html.Th(_when(found.older, said)), html.Th(_when(found.newer, said))]
    heads += [html.Th(html.Span(tr("history.give_back"), className="only-reader"))] if writable else []
    body: list[Any] = []
    if rows:
        table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="tbl history-table")
        body.append(
            html.Div(table, className="tbl-scroll", tabIndex=0, role="region", **{"aria-label": tr("history.what_changed")})
        )
    if found.parts:
        body.append(parts(found.parts, said, entity, writable))
    if not body:
        body.append(html.Div(tr("history.no_difference"), className="t3 p-3"))
    if "lines" in choice and writable:
        body.append(_check_lines())
    return body


def _when(version: Version, said: Words) -> str:
    return tr("history.version_of", number=version.number, at=moment(version.at, said.locale, said.timezone))


def _currency(found: Comparison) -> str | None:
    return next((str(change.new or change.old) for change in found.fields if change.field == "currency"), None)


def _compared(change: Compared, possible: bool, said: Words, entity: str, currency: str | None) -> html.Tr:
    label = said.label(entity, change.field)
    old = said.value(entity, change.field, change.old, change.old_name, currency)
    new = said.value(entity, change.field, change.new, change.new_name, currency)
    cells: list[Any] = [html.Td(label, className="b5"), html.Td(html.Span(old, className="history-old"))]
    now: list[Any] = [html.Span(new, className="history-new" if change.changed else "")]
    if change.changed:
        now += [" ", html.Span(tr("history.set_by", number=change.number), className="t3 sm keep")]
    cells.append(html.Td(now))
    if possible:
        check = dbc.Checkbox(
            id={"type": IDS.CHECK, "field": change.field}, value=False, label=html.Span(label, className="only-reader")
        )
        back = button(
            tr("history.back"),
            {"type": IDS.BACK, "field": change.field},
            "link",
            "undo-2",
            small=True,
            **{"aria-label": tr("history.back_field", field=label, value=old)},
        )
        cells = [html.Td(check), *cells, html.Td(back, className="num")]
    else:
        cells = [html.Td(), *cells, html.Td()]
    return html.Tr(cells)


def _check_lines() -> html.Div:
    check = dbc.Checkbox(id={"type": IDS.CHECK, "field": "lines"}, value=False, label=tr("history.lines_back"))
    return html.Div(check, className="p-3 rule")


def foot(count: int, older: Version | None, number: int, whole: bool) -> html.Div:
    """What is chosen, and the two buttons that give it back. Always there: the ids belong to callbacks."""
    said = trn("history.chosen", count) if count else tr("history.none_chosen")
    return html.Div(
        [
            html.Div(
                [html.Div(said, className="b5"), html.Div(tr("history.will_be", number=number + 1), className="t2 sm")],
                className="grow",
            ),
            button(tr("history.back_whole", number=older.number if older else 0), IDS.BACK_WHOLE, disabled=not whole),
            button(
                trn("history.back_chosen", count) if count else tr("history.back_none"),
                IDS.BACK_CHOSEN,
                "primary",
                "undo-2",
                disabled=not count,
            ),
        ],
        className="history-foot",
    )


def parts(found: Sequence[PartChange], said: Words, entity: str, writable: bool = False) -> html.Div:
    """Lines, stage moves, persons: what became of each, in words."""
    rows = []
    for part in found:
        text: list[Any] = [
            tag(tr(f"history.operation.{part.operation}"), TONES.get(part.operation, "")),
            " ",
            html.Span(said.table(part.table).capitalize(), className="t2"),
            " ",
            html.B(part.title, className="b5"),
        ]
        if part.operation != "delete":
            text.append(changes_list(part.changes, said, part.table, created=part.operation == "create"))
        if writable and part.table == "persons" and part.operation != "create":
            text.append(
                button(
                    tr("history.back"),
                    {"type": IDS.PERSON, "id": part.row_id},
                    "link",
                    "undo-2",
                    small=True,
                    **{"aria-label": tr("history.back_person", name=part.title)},
                )
            )
        rows.append(html.Li(text))
    return html.Div(
        [html.H3(tr(f"history.parts.{entity}"), className="mb-2"), html.Ul(rows, className="history-parts")],
        className="p-3 rule",
    )


def changes_list(changes: Sequence[FieldChange], said: Words, table: str, *, created: bool = False) -> html.Ul:
    """Field: old → new, each in words."""
    items = []
    for change in changes:
        new = said.value(table, change.field, change.new, change.new_name)
        label = said.label(table, change.field)
        if created:
            items.append(html.Li([html.Span(f"{label}: ", className="t2"), html.Span(new, dir="auto")]))
            continue
        old = said.value(table, change.field, change.old, change.old_name)
        items.append(
            html.Li(
                [
                    html.Span(f"{label}: ", className="t2"),
                    html.Span(old, className="history-was", dir="auto"),
                    html.Span(" → ", **{"aria-label": tr("history.became")}),
                    html.Span(new, dir="auto"),
                ]
            )
        )
    return html.Ul(items, className="history-changes")


def changeset_note(version: Version, said: Words) -> Any:
    """The change a version came with, and the way to it."""
    if version.changeset_id is None:
        return None
    title = kind_words(version.kind, said.locale) + (f" · {version.title}" if version.title else "")
    about = " · ".join(part for part in (moment(version.at, said.locale, said.timezone), version.author) if part)
    link = dcc.Link(
        tr("history.open_change"), href=f"/settings/changes?change={version.changeset_id}", className="btn btn-secondary btn-sm"
    )
    return html.Div(note(title, about, icon_name="history", actions=[link]), className="p-3")


def record_link(table: str, row_id: int, title: str) -> Any:
    """A record's name, as a link where it has a page; its history where it has not."""
    if table in _PAGES:
        return dcc.Link(title, href=_PAGES[table].format(row_id))
    if table in ("interactions", "reports"):
        return dcc.Link(title, href=f"/history/{table}/{row_id}")
    return html.Span(title)
