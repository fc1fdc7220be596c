"""The dashboard's editor (what is shown, in which order and size) and the gallery of saved dashboards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboard.components.base import icon, tag
from dashboard.components.dashboard import PANELS, usual
from dashboard.components.still import Node, tree_of
from dashboard.i18n import moment, t
from dashboard.services.dashboards import Arrangement, Board

#: What a size is called: a third, half, two thirds, the whole of the page.
_SIZE_WORDS = {4: "⅓", 6: "½", 8: "⅔", 12: "1"}
#: Earlier states shown in the gallery.
_VERSIONS = 5


def editor(arrangement: Arrangement, metrics: Sequence[str], panels: Sequence[str], locale: str) -> Node:
    """Two lists: what stands on the dashboard in its order, then what could. ``metrics``, ``panels``: all there are."""
    cards = [*arrangement.cards, *(name for name in metrics if name not in arrangement.cards)]
    sizes = dict(arrangement.panels)
    names = [*(name for name in arrangement.names if name in panels), *(name for name in panels if name not in sizes)]
    return [
        "", {},
        ["h3", {"key": "cards"}, t("dashboards.cards", locale)],
        *(_row("card", name, t(f"metrics.{name}", locale), name in arrangement.cards, None, locale) for name in cards),
        ["h3", {"key": "panels"}, t("dashboards.panels", locale)],
        *(_row("panel", name, t(PANELS[name].title, locale), name in sizes, sizes.get(name), locale) for name in names),
    ]  # fmt: skip


def _row(kind: str, name: str, words: str, shown: bool, size: int | None, locale: str) -> Node:
    box = html.Button(
        [html.Span(icon("check", "s"), className="tick"), words],
        type="button", className="plain grow ed-name", role="checkbox",
        **{"data-edit": "toggle", "aria-checked": "true" if shown else "false"},
    )  # fmt: skip
    parts: list[Any] = [html.Span(icon("menu", "s"), className="grip", title=t("dashboards.drag", locale)), box]
    if shown and size is not None:
        parts.append(_sizes(size, words, locale))
    if shown:
        parts += [_step("up", "arrow-up", words, locale), _step("down", "arrow-down", words, locale)]
    classes = "ed-row" + ("" if shown else " is-off")
    inside = tree_of(parts)
    return ["div", {"key": f"{kind}:{name}", "className": classes, "data-row": f"{kind}:{name}", "draggable": shown}, inside]


def _sizes(size: int, words: str, locale: str) -> html.Span:
    buttons = []
    for width in _SIZE_WORDS:
        label = f"{t(f'dashboards.size.{width}', locale)}: {words}"
        attributes = {"data-edit": "size", "data-value": str(width), "aria-label": label}
        pressed = "true" if width == size else "false"
        buttons.append(
            html.Button(
                _SIZE_WORDS[width], type="button", title=label, className="ed-size", **{**attributes, "aria-pressed": pressed}
            )
        )
    return html.Span(buttons, className="ed-sizes", role="group", **{"aria-label": t("dashboards.size", locale)})


def _step(what: str, picture: str, words: str, locale: str) -> html.Button:
    label = f"{t(f'dashboards.{what}', locale)}: {words}"
    return html.Button(
        icon(picture, "s"), type="button", className="btn btn-link btn-sm btn-icon", title=label,
        **{"data-edit": what, "aria-label": label},
    )  # fmt: skip


def gallery(boards: Sequence[Board], current: int | None, locale: str, timezone: str) -> Node:
    """The usual dashboard, one's own and the team's, each with a small picture of itself."""
    first = _card(
        None, t("dashboards.usual", locale), t("dashboards.usual_about", locale), usual(), current is None, locale, timezone
    )
    return ["", {}, first, *(_saved(board, board.id == current, locale, timezone) for board in boards)]


def _saved(board: Board, on: bool, locale: str, timezone: str) -> Node:
    about = t("dashboards.own" if board.own else "dashboards.by", locale, author=board.author)
    return _card(board, board.name, about, board.arrangement, on, locale, timezone)


def _card(board: Board | None, name: str, about: str, arrangement: Arrangement, on: bool, locale: str, timezone: str) -> Node:
    number = {"data-id": str(board.id if board else 0)}
    tags: list[Any] = []
    if board and board.shared:
        tags.append(tag(t("dashboards.team", locale), "accent", "users"))
    if board and board.is_default and board.own:
        tags.append(tag(t("dashboards.default", locale), "", "star"))
    opened = html.Button(
        [_picture(arrangement), html.B(name, className="cut"), html.Span(about, className="t3 sm cut")],
        type="button", className="plain board-open",
        **{**number, "data-board": "open", "aria-pressed": "true" if on else "false"},
    )  # fmt: skip
    foot: list[Any] = [html.Div(tags, className="line line-wrap grow")]
    foot += [_act(board, *item, locale) for item in _acts(board)] if board else []
    past = [_versions(board, locale, timezone)] if board and board.editable and board.versions else []
    inside = tree_of([opened, html.Div(foot, className="line board-foot"), *past])
    return ["div", {"key": number["data-id"], "className": "board-card-mini" + (" on" if on else "")}, inside]


def _acts(board: Board) -> list[tuple[str, str]]:
    found = []
    if board.own:
        found.append(("undefault" if board.is_default else "default", "star"))
    if board.editable:
        found += [("private" if board.shared else "share", "user" if board.shared else "users"), ("remove", "trash-2")]
    return found


def _act(board: Board, what: str, picture: str, locale: str) -> html.Button:
    label = f"{t(f'dashboards.do.{what}', locale)}: {board.name}"
    return html.Button(
        icon(picture, "s"), type="button", className="btn btn-link btn-sm btn-icon", title=label,
        **{"data-board": what, "data-id": str(board.id), "aria-label": label},
    )  # fmt: skip


def _versions(board: Board, locale: str, timezone: str) -> html.Details:
    lines = [
        html.Div(
            [
                html.Span(f"{moment(version.at, locale, timezone)} · {version.author}", className="t2 sm grow"),
                html.Button(
                    t("dashboards.restore", locale), type="button", className="btn btn-link btn-sm",
                    **{
                        "data-board": "restore", "data-id": str(board.id), "data-number": str(version.number),
                        "data-stamp": board.stamp,
                    },
                ),
            ],
            className="line",
        )
        for version in reversed(board.versions[-_VERSIONS:])
    ]  # fmt: skip
    return html.Details([html.Summary(t("dashboards.versions", locale), className="t3 sm"), *lines])


def _picture(arrangement: Arrangement) -> html.Span:
    """The dashboard in small: its cards, its panels in their widths."""
    cards = html.Span([html.I() for _ in arrangement.cards[:8]], className="mini-cards")
    panels = html.Span(
        [html.I(style={"gridColumn": f"span {size}"}) for _, size in arrangement.panels[:9]], className="mini-panels"
    )
    return html.Span([cards, panels], className="mini", **{"aria-hidden": "true"})
