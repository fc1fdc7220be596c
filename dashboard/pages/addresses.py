"""From an address to a page and what it may be told: only named keys, the path before the query."""

from __future__ import annotations

import functools
import inspect
import logging
import re
from collections.abc import Callable
from typing import Any

import dash
from dash import Dash, ctx, html
from dash.exceptions import MissingCallbackContextException
from flask import Flask, abort, request

from dashboard.components.base import error_block
from dashboard.web import texts

log = logging.getLogger("dashboard.pages")

_LONGEST_VALUE = 8000


@functools.lru_cache(maxsize=64)
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"<(\w+)>", template.strip("/"))
    return re.compile("".join(f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts)))


def find_page(path: str) -> tuple[dict[str, Any], dict[str, str]] | None:
    """The registered page of ``path`` and its path variables."""
    for page in dash.page_registry.values():
        template = page.get("path_template")
        if template:
            match = _pattern(template).fullmatch(path.strip("/"))
            if match:
                return page, match.groupdict()
        elif page["path"].strip("/") == path.strip("/"):
            return page, {}
    return None


def strict(layout: Any) -> Callable[..., Any]:
    """``layout`` behind a filter: known keys only, path variables from the path, no failure without words.

    Dash hands every key of the query string on, and lets it replace a path variable
    (``/clients/5?client_id=9``); repeated keys arrive as lists.
    """
    names = _names(layout)

    @functools.wraps(layout if callable(layout) else html.Div)
    def filtered(**given: Any) -> Any:
        try:
            found = find_page(_asked_path())
            known = {key: value for key, value in given.items() if key in names and _plain(value)}
            return layout(**{**known, **(found[1] if found else {})}) if callable(layout) else layout
        except Exception as error:  # noqa: BLE001 - a page that cannot be built must say so
            log.error("page failed", exc_info=error)
            return html.Div(
                error_block(
                    texts.tr("errors.internal"),
                    texts.tr("errors.internal.hint"),
                    request_id=texts.request_id(),
                    locale=texts.current_locale(),
                ),
                className="page",
            )

    return filtered


def _asked_path() -> str:
    try:
        return str(ctx.inputs.get("_pages_location.pathname") or "/")
    except MissingCallbackContextException:  # asked for outside a request, by a test for instance
        return "/"


def _names(layout: Any) -> frozenset[str]:
    if not callable(layout):
        return frozenset()
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return frozenset(name for name, item in inspect.signature(layout).parameters.items() if item.kind in named)


def _plain(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_VALUE


def finish(app: Dash) -> None:
    """Put the filter before every registered page, translate titles, answer 404 where there is no page."""
    for page in dash.page_registry.values():
        if not getattr(page["layout"], "is_strict", False):
            page["layout"] = strict(page["layout"])
            page["layout"].is_strict = True
            page["title"] = _title(page["title"])
    server: Flask = app.server

    def only_pages() -> None:
        if request.endpoint == "/<path:path>" and find_page(request.path) is None:
            abort(404)

    server.before_request(only_pages)


def _title(title: Any) -> Callable[..., str]:
    """A page's title in the reader's language; pages give a text's key, a text or a function."""

    def translated(**variables: Any) -> str:
        if callable(title):
            return str(title(**variables))
        known = texts.has_text(str(title), texts.current_locale())
        return f"{texts.tr(str(title)) if known else title} · CRM"

    return translated
