"""What the import page is built of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashboard.components.base import button, icon, note, panel
from dashboard.i18n import n, number, percent, t
from dashboard.pages.jobids import ImportIds
from dashboard.services.importing import encodings
from dashboard.services.importing.targets import CUSTOM, ENTITIES, Entity, Target
from dashboard.services.imports import Inspection

STEPS = ("file", "columns", "check", "load")
PREVIEW_ROWS = 8
PREVIEW_COLUMNS = 10
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}


def dom_id(key: Mapping[str, Any]) -> str:
    """How Dash writes a pattern id into the document (numbers stay numbers)."""
    return json.dumps(key, sort_keys=True, separators=(",", ":"))


def steps(current: str, locale: str) -> html.Ol:
    """Where one is: file, columns, check, loading."""
    at = STEPS.index(current)
    return html.Ol(
        [
            html.Li(
                [
                    html.Span(icon("check", "s") if place < at else str(place + 1), className="num"),
                    html.Span(t(f"imports.step.{name}", locale)),
                ],
                className="done" if place < at else "now" if place == at else "",
                **({"aria-current": "step"} if place == at else {}),
            )
            for place, name in enumerate(STEPS)
        ],
        className="steps",
    )


def drop_zone(limit_mb: int, locale: str) -> html.Div:
    """Where a file goes; assets/import.js does the sending."""
    idle = [
        html.Span(icon("upload", "l"), className="spot spot-l spot-accent"),
        html.H2(t("imports.drop.title", locale)),
        html.P(t("imports.drop.about", locale, limit=limit_mb)),
        button(t("imports.drop.choose", locale), ImportIds.CHOOSE, "primary", "upload"),
        html.Div(id=ImportIds.PROBLEM, className="drop-problem", role="alert"),
    ]
    busy = [
        html.Div([t("imports.drop.uploading", locale), " ", html.B(id=ImportIds.NAME)]),
        html.Div(html.I(style={"width": "0%"}), id=ImportIds.BAR, className="track-bar"),
    ]
    return html.Div(
        [html.Div(idle, className="drop-idle pile", style={"justifyItems": "center"}), html.Div(busy, className="drop-busy")],
        id=ImportIds.DROP,
        className="drop",
        **{
            "data-limit": str(limit_mb << 20),
            "data-failed": t("imports.drop.failed", locale),
            "data-toolarge": t("imports.drop.too_large", locale, limit=limit_mb),
            "data-label": t("imports.drop.choose", locale),
        },
    )


def options_bar(seen: Inspection, locale: str) -> html.Section:
    """The file and how it is read; each choice reads it anew."""
    size = f"{number(seen.file.size / 1024, locale, 1 if seen.file.size < 10_240 else 0)} {t('imports.kb', locale)}"
    facts = t("imports.file.facts", locale, size=size, columns=n("imports.file.columns", len(seen.columns), locale))
    choices: list[Any] = [
        _choice(
            "entity",
            "imports.option.entity",
            [(name, t(f"imports.entity.{name}", locale)) for name in ENTITIES],
            seen.entity,
            locale,
        )
    ]
    if seen.shape["format"] == "csv":
        names = list(dict.fromkeys([seen.encoding, *encodings.CHOICES]))
        choices.append(
            _choice("encoding", "imports.option.encoding", [(name, name.upper()) for name in names], seen.encoding, locale)
        )
        marks = {**{mark: t(f"imports.delimiter.{name}", locale) for mark, name in _DELIMITERS.items()}}
        marks.setdefault(seen.delimiter, seen.delimiter)
        choices.append(_choice("delimiter", "imports.option.delimiter", list(marks.items()), seen.delimiter, locale))
    if len(seen.sheets) > 1:
        choices.append(
            _choice("sheet", "imports.option.sheet", [(name, name) for name in seen.sheets], seen.shape["sheet"], locale)
        )
    choices.append(
        _choice(
            "decimal",
            "imports.option.decimal",
            [(".", t("imports.decimal.dot", locale)), (",", t("imports.decimal.comma", locale))],
            seen.profile["decimal"],
            locale,
        )
    )
    choices.append(
        _choice(
            "dates",
            "imports.option.dates",
            [(name, t(f"imports.dates.{name}", locale)) for name in ("auto", "dmy", "mdy")],
            "auto",
            locale,
        )
    )
    about = html.Div([html.Div(seen.file.name, className="b6"), html.Div(facts, className="t2 sm")], className="grow")
    return html.Section(
        html.Div([html.Span(icon("file-text"), className="file-mark"), about, *choices], className="file-bar"),
        className="panel",
    )


def _choice(name: str, label: str, options: Sequence[tuple[str, str]], value: str, locale: str) -> html.Div:
    key = {"type": ImportIds.OPTION, "name": name}
    control = dbc.Select(id=key, options=[{"value": item, "label": text} for item, text in options], value=value)
    return html.Div([html.Label(t(label, locale), className="form-label", htmlFor=dom_id(key)), control], className="field")


def doubts(seen: Inspection, locale: str) -> Any:
    """What is uncertain about the file: the exact warning, then each doubt."""
    if not seen.doubts:
        return ""
    lines = [html.Div(t(f"imports.doubt.{item['code']}", locale, **item["params"])) for item in seen.doubts]
    return note(t("imports.doubt.title", locale), lines, "warn", "triangle-alert")


def columns_table(seen: Inspection, locale: str) -> html.Section:
    """One row per column of the file: an example, the field it goes to, how full it is."""
    entity = ENTITIES[seen.entity]
    matched = sum(bool(name) and name != CUSTOM for name in seen.mapping.values())
    rows = [_column_row(seen, entity, place, column, locale) for place, column in enumerate(seen.columns)]
    head = html.Tr([html.Th(t(f"imports.columns.{key}", locale)) for key in ("in_file", "example", "field", "check")])
    table = html.Div(html.Table([html.Thead(head), html.Tbody(rows)], className="tbl"), className="tbl-scroll")
    sub = t("imports.columns.matched", locale, matched=matched, total=len(seen.columns))
    parts: list[Any] = [table]
    missing = [group[0] for group in entity.required if not set(group) & set(seen.mapping.values())]
    for name in missing:
        target = entity.target(name)
        assert target is not None
        parts.insert(
            0,
            html.Div(
                note(
                    t("imports.columns.required", locale, field=t(target.label, locale)), tone="bad", icon_name="triangle-alert"
                ),
                className="p-3",
            ),
        )
    return panel(t("imports.columns.title", locale), parts, sub=sub, flush=True)


def _column_row(seen: Inspection, entity: Entity, place: int, column: str, locale: str) -> html.Tr:
    example = next((row[place] for row in seen.preview if row[place]), "")
    fields = [("", t("imports.columns.skip", locale))]
    fields += [(item.name, _label(item, locale)) for item in entity.targets]
    if entity.custom:
        fields.append((CUSTOM, t("imports.columns.custom", locale)))
    key = {"type": ImportIds.FIELD, "column": place}
    control = dbc.Select(
        id=key, options=[{"value": name, "label": text} for name, text in fields], value=seen.mapping.get(column, "")
    )
    share = seen.filled[place] / seen.sampled if seen.sampled else 0
    check = (
        [icon("check", "s"), " ", t("imports.columns.filled", locale, share=percent(share, locale, 0))]
        if share
        else t("imports.columns.empty", locale)
    )
    used = bool(seen.mapping.get(column))
    return html.Tr(
        [
            html.Td(html.Label(column, className="b6", htmlFor=dom_id(key))),
            html.Td(html.Div(example, className="import-sample", title=example)),
            html.Td(control),
            html.Td(check, className="good" if used and share > 0.5 else "t2"),
        ]
    )


def _label(target: Target, locale: str) -> str:
    return t(target.label, locale)


def preview(seen: Inspection, locale: str) -> html.Section:
    """The first rows as they were read."""
    shown = [place for place, column in enumerate(seen.columns) if seen.mapping.get(column)][:PREVIEW_COLUMNS] or list(
        range(min(len(seen.columns), PREVIEW_COLUMNS))
    )
    entity = ENTITIES[seen.entity]

    def title(place: int) -> str:
        target = entity.target(seen.mapping.get(seen.columns[place], ""))
        return _label(target, locale) if target else seen.columns[place]

    head = html.Tr([html.Th(title(place)) for place in shown])
    rows = [
        html.Tr([html.Td(html.Div(row[place], className="import-sample", title=row[place])) for place in shown])
        for row in seen.preview[:PREVIEW_ROWS]
    ]
    table = html.Div(html.Table([html.Thead(head), html.Tbody(rows)], className="tbl"), className="tbl-scroll")
    return panel(t("imports.preview.title", locale), table, sub=t("imports.preview.about", locale), flush=True)


def plan_panel(seen: Inspection, locale: str) -> html.Div:
    """What will happen: new and known records, trial run, undo."""
    entity = ENTITIES[seen.entity]
    keys = ", ".join(_label(target, locale) for key in entity.keys if (target := entity.target(key)))
    mode = dbc.RadioItems(
        id=ImportIds.MODE,
        value="both",
        options=[{"value": name, "label": t(f"imports.plan.mode.{name}", locale)} for name in ("both", "create", "update")],
    )
    body = [
        html.Div(t("imports.plan.mode", locale), className="form-label"),
        mode,
        html.Div(t("imports.plan.keys", locale, keys=keys), className="t2 sm"),
        html.Div(
            [
                button(t("imports.action.dry_run", locale), ImportIds.DRY, "secondary", "play"),
                button(t("imports.action.load", locale), ImportIds.LOAD, "primary", "upload"),
            ],
            className="line line-wrap",
        ),
        html.Div(t("imports.plan.dry_about", locale), className="t2 sm"),
    ]
    another = button(
        t("imports.action.another", locale), {"type": ImportIds.ACTION, "do": "another", "id": 0}, "link", "undo-2", small=True
    )
    return html.Div(
        [
            panel(t("imports.plan.title", locale), html.Div(body, className="pile pile-12")),
            html.Div(id=ImportIds.RESULT, **{"aria-live": "polite"}),
            note(t("imports.plan.undo", locale), icon_name="undo-2"),
            another,
        ],
        className="pile pile-gutter",
    )


def start_page(zone: Any, past: Any) -> html.Div:
    return html.Div([zone, past], className="pile pile-gutter")


def look_page(seen: Inspection, locale: str) -> html.Div:
    """Everything about a file that was read."""
    left = html.Div(columns_table(seen, locale), id=ImportIds.COLUMNS)
    return html.Div(
        [
            options_bar(seen, locale),
            html.Div(doubts(seen, locale), id=ImportIds.DOUBTS, **{"aria-live": "polite"}),
            html.Div([left, plan_panel(seen, locale)], className="import-grid"),
            html.Div(preview(seen, locale), id=ImportIds.PREVIEW),
        ],
        className="pile pile-gutter",
    )
