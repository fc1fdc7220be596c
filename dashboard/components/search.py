"""The search below the frame's field: its empty panel, and an answer as the browser draws it (assets/search.js)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html

from dashboard import i18n
from dashboard.pages import aria
from dashboard.pages.ids import SearchIds
from dashboard.search import marks, ranking
from dashboard.search.segment import EVERYBODY, Kind, Row, Segment, of_rows
from dashboard.services.actor import Actor
from dashboard.services.search import Answer, Found, Group

Drawn = dict[str, Any]

_ICONS = {
    "clients": "building-2", "persons": "user", "deals": "briefcase", "products": "package", "interactions": "sticky-note",
    "call": "phone", "email": "mail", "meeting": "users", "note": "sticky-note", "task": "square-check-big",
}  # fmt: skip
#: A page's name must answer at least so well: nobody looks for a room by four mistakes.
_PAGE_SCORE = 0.8
_MOST_PAGES = 5


@dataclass(frozen=True, slots=True)
class Command:
    """A page to go to or a thing to do. ``words``: what else it is called."""

    href: str
    text: str
    icon: str
    words: str = ""


def panel(locale: str) -> html.Div:
    """The panel that the script fills, its stores, and the keys that work in it."""
    keys = [
        html.Span([html.Kbd("↑"), html.Kbd("↓"), i18n.t("search.keys.choose", locale)]),
        html.Span([html.Kbd("Enter"), i18n.t("search.keys.open", locale)]),
        html.Span([html.Kbd("Esc"), i18n.t("search.keys.close", locale)]),
    ]
    return html.Div(
        [
            html.Div(className="search-status only-reader", role="status"),
            html.Div(className="search-list", role="listbox", id="search-list", **aria.label(i18n.t("search.found", locale))),
            html.Div(className="search-empty"),
            html.Div(keys, className="search-keys wide-only", **aria.HIDDEN),
            dcc.Store(id=SearchIds.SHOWN),
            dcc.Store(id=SearchIds.SEEN),
        ],
        id=SearchIds.PANEL,
        className="search-panel",
        hidden=True,
    )


def drawn(answer: Answer, commands: Sequence[Command], actor: Actor, there: Callable[[str], bool]) -> Drawn:
    """The answer to a question. ``there``: whether a page is registered."""
    groups = [_group(group, answer, actor, there) for group in answer.groups]
    pages, leading = _pages(answer.text, commands, actor.locale)
    groups = [*pages, *groups] if leading else [*groups, *pages]
    count = sum(len(group["rows"]) for group in groups)
    said = i18n.n("search.count", count, actor.locale) if count else i18n.t("search.nothing", actor.locale)
    empty = "" if count else i18n.t("search.preparing" if answer.preparing else "search.nothing_hint", actor.locale)
    return {"groups": groups, "status": said, "empty": [said, empty] if not count else None, "again": answer.preparing}


def beginning(recent: Sequence[Found], commands: Sequence[Command], actor: Actor, there: Callable[[str], bool]) -> Drawn:
    """What is offered before anything is typed: what one looked at last, where one can go."""
    rows = [_row(item, actor, there) for item in recent]
    groups = [{"title": i18n.t("search.recent", actor.locale), "rows": rows, "more": None}] if rows else []
    if commands:
        groups.append(_command_group([(command, [(command.text, False)]) for command in commands], actor.locale))
    return {"groups": groups, "status": "", "empty": None, "again": False}


def _group(group: Group, answer: Answer, actor: Actor, there: Callable[[str], bool]) -> Drawn:
    more = None
    if group.table != "persons" and there(f"/{group.table}"):
        address = f"/{group.table}?{urlencode({'search': group.listed})}"
        more = {"href": address, "text": i18n.t("search.show_all", actor.locale)}
    rows = [_row(item, actor, there) for item in group.rows]
    return {"title": i18n.t(f"search.groups.{group.table}", actor.locale), "rows": rows, "more": more}


def _row(item: Found, actor: Actor, there: Callable[[str], bool]) -> Drawn:
    about = [list(pieces) for pieces in item.about]
    right = ""
    title = item.title
    if item.table == "interactions":
        kind = i18n.t(f"search.kinds.{item.kind}", actor.locale)
        title = title or [(kind, False)]
        where = item.deal_name or item.client_name
        about = [*about, *([[(where, False)]] if where else [])]
        right = i18n.day(item.happened_at, actor.locale, actor.timezone)
    elif item.table == "deals" and item.amount is not None:
        right = i18n.money(item.amount, item.currency or actor.currency, actor.locale)
    return {
        "href": _address(item, there), "icon": _ICONS.get(item.kind or "", _ICONS[item.table]), "title": title,
        "about": about, "right": right,
    }  # fmt: skip


def _address(item: Found, there: Callable[[str], bool]) -> str:
    match item.table:
        case "persons":
            return f"/clients/{item.client_id}"
        case "interactions":
            return f"/deals/{item.deal_id}" if item.deal_id and item.deal_name else f"/clients/{item.client_id}"
        case "products" if not there("/products/1"):
            return f"/deals?{urlencode({'search': ''.join(part for part, _ in item.title)})}"
        case _:
            return f"/{item.table}/{item.id}"


def _pages(text: str, commands: Sequence[Command], locale: str) -> tuple[list[Drawn], bool]:
    """Pages and commands that answer, and whether they answer so well that they stand before the records."""
    if not commands:
        return [], False
    hits = ranking.find([_index(tuple(commands))], text, limit=_MOST_PAGES).get(Kind.PAGE, [])
    known = [hit for hit in hits if hit.score >= _PAGE_SCORE and hit.full]
    rows = []
    for hit in known:
        command = commands[hit.id]
        rows.append((command, marks.cut(command.text, marks.marks(command.text, hit.reading.words))))
    return ([_command_group(rows, locale)] if rows else []), bool(known) and known[0].score > 1.2


@lru_cache(maxsize=64)
def _index(commands: tuple[Command, ...]) -> Segment:
    return of_rows(Row(Kind.PAGE, at, EVERYBODY, command.text, command.words) for at, command in enumerate(commands))


def _command_group(rows: Sequence[tuple[Command, Sequence[tuple[str, bool]]]], locale: str) -> Drawn:
    drawn_rows = [
        {"href": command.href, "icon": command.icon, "title": list(title), "about": [], "right": ""} for command, title in rows
    ]
    return {"title": i18n.t("search.groups.pages", locale), "rows": drawn_rows, "more": None}
