"""The small parts all pages are made of: icons, panels, badges, notes, empty states, skeletons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
from dash import dcc

from dashboard.components import elements as html
from dashboard.i18n import t

Children = Any


def page_paths() -> frozenset[str]:
    """The addresses of the pages that are there; links to others are not shown."""
    return frozenset(page["path"] for page in dash.page_registry.values())


def icon(name: str, size: str = "", label: str | None = None) -> html.I:
    """An icon of ``assets/20-icons.css``. Without ``label`` it is decoration and readers skip it."""
    classes = f"i i-{name}" + (f" i-{size}" if size else "")
    if label is None:
        return html.I(className=classes, **{"aria-hidden": "true"})
    return html.I(className=classes, role="img", **{"aria-label": label})


def initials(name: str | None) -> str:
    """Two letters that stand for a name: ``Анна Климова`` → ``АК``."""
    words = [word for word in (name or "").replace("«", "").replace("»", "").replace('"', "").split() if word[0].isalnum()]
    if not words:
        return "–"
    return (words[0][0] + (words[1][0] if len(words) > 1 else words[0][1:2])).upper()


def avatar(name: str | None, size: str = "s") -> html.Span:
    """A person's or client's initials; decoration beside the written name."""
    return html.Span(initials(name), className=f"avatar avatar-{size}", **{"aria-hidden": "true"})


def tag(text: str, tone: str = "", icon_name: str | None = None) -> html.Span:
    """A short word with a background; ``tone``: good, bad, warn, accent, line."""
    parts: list[Children] = [icon(icon_name, "s")] if icon_name else []
    return html.Span([*parts, text], className="tag" + (f" tag-{tone}" if tone else ""))


def panel(
    title: str,
    body: Children,
    sub: Children = None,
    corner: Children = None,
    width: str = "",
    flush: bool = False,
    **attributes: Any,
) -> html.Section:
    """A card with a title, a quiet remark beside it and something in the corner."""
    head: list[Children] = [html.H2(title)]
    if sub is not None:
        head.append(html.Span(sub, className="sub"))
    if corner is not None:
        head.append(html.Span(corner, className="records") if isinstance(corner, str) else corner)
    return html.Section(
        [html.Div(head, className="panel-head"), html.Div(body, className="panel-body" + (" panel-flush" if flush else ""))],
        className=f"panel {width}".strip(),
        **{"aria-label": title, **attributes},
    )


def records_link(text: str, metric: str, member: str, locale: str) -> html.Button:
    """«412 сделок ›»: opens exactly the rows behind a figure (assets/crm.js sends the click)."""
    return html.Button(
        [text, icon("chevron-right")],
        className="records plain",
        type="button",
        title=t("overview.show_records", locale),
        **{"data-drill": metric, "data-member": member, "aria-label": f"{t('overview.show_records', locale)}: {text}"},
    )


def note(
    title: str,
    text: Children = None,
    tone: str = "",
    icon_name: str = "info",
    actions: Sequence[Children] = (),
    role: str = "status",
) -> html.Div:
    """A framed remark: what happened, what was kept, what to do."""
    body: list[Children] = [html.Div(title, className="b5")]
    if text:
        body.append(html.Div(text, className="t2 sm"))
    if actions:
        body.append(html.Div(list(actions), className="line line-wrap mt-2"))
    return html.Div(
        [icon(icon_name), html.Div(body, className="grow")], className="note" + (f" note-{tone}" if tone else ""), role=role
    )


def error_block(
    title: str, text: str, retry_id: Any = None, request_id: str = "", locale: str = "ru", actions: Sequence[Children] = ()
) -> html.Div:
    """A failed part of a page: the rest goes on working."""
    actions = list(actions)
    if retry_id is not None:
        actions.append(
            html.Button(
                [icon("rotate-cw", "s"), t("ui.retry", locale)],
                id=retry_id,
                type="button",
                className="btn btn-secondary btn-sm",
            )
        )
    if request_id:
        actions.append(html.Span(t("ui.request", locale, id=request_id), className="t3 sm"))
    return html.Div(note(title, text, "bad", "triangle-alert", actions, role="alert"), className="panel p-3")


def empty(title: str, text: str, actions: Sequence[Children] = (), icon_name: str = "users") -> html.Div:
    """An empty place that says what to do first."""
    return html.Div(
        [
            html.Span(icon(icon_name, "l"), className="spot spot-l spot-accent"),
            html.H2(title),
            html.P(text),
            html.Div(list(actions), className="line"),
        ],
        className="nothing",
    )


def bone(height: int, width: str = "100%", **style: str) -> html.Span:
    """One grey piece of a skeleton."""
    return html.Span(className="bone", style={"height": f"{height}px", "width": width, **style}, **{"aria-hidden": "true"})


def panel_skeleton(height: int, width: str = "") -> html.Div:
    """A panel while its data is on the way; ``height`` is that of the finished body in pixels."""
    return html.Div(
        [
            html.Div(bone(16, "38%"), className="panel-head"),
            html.Div(bone(height), className="panel-body"),
        ],
        className=f"panel {width}".strip(),
        **{"aria-busy": "true"},
    )


def link_button(text: str, href: str, tone: str = "secondary", icon_name: str | None = None, small: bool = False) -> dcc.Link:
    """A link that looks like a button."""
    parts: list[Children] = [icon(icon_name)] if icon_name else []
    return dcc.Link([*parts, text], href=href, className=f"btn btn-{tone}" + (" btn-sm" if small else ""))


def button(
    text: Children, id: Any, tone: str = "secondary", icon_name: str | None = None, small: bool = False, **attributes: Any
) -> html.Button:
    """A button with an optional icon."""
    parts: list[Children] = [icon(icon_name, "s" if small else "")] if icon_name else []
    classes = f"btn btn-{tone}" + (" btn-sm" if small else "")
    return html.Button([*parts, text], id=id, type="button", className=classes, n_clicks=0, **attributes)


def undo_bar(id: str, text: str, yes: str, no: str, undone: str | None, locale: str) -> html.Div:
    """What was just done, and the way back. ``undone``: id of the store of the change; none where the page has it already."""
    return html.Div(
        [
            html.Span(id=text, className="b5", role="status"),
            button(t("ui.undo", locale), yes, "link", "undo-2"),
            icon_button("x", t("ui.close", locale), no),
            *([dcc.Store(id=undone)] if undone else []),
        ],
        id=id,
        className="bulk-bar",
        hidden=True,
    )


def icon_link(name: str, label: str, href: str, tone: str = "link") -> dcc.Link:
    """A link that shows an icon alone; ``label`` is read out and shown on hover."""
    inner = [icon(name), html.Span(label, className="only-reader")]
    return dcc.Link(inner, href=href, className=f"btn btn-{tone} btn-icon", title=label)


def icon_button(name: str, label: str, id: Any, tone: str = "link", **attributes: Any) -> html.Button:
    """A button that shows an icon alone; ``label`` is read out and shown on hover."""
    return html.Button(
        icon(name),
        id=id,
        type="button",
        className=f"btn btn-{tone} btn-icon",
        title=label,
        n_clicks=0,
        **{"aria-label": label, **attributes},
    )
