"""The page that Dash lives in: language, theme and texts are in it before any script runs."""

from __future__ import annotations

import html
import json
from typing import Any

from dash import Dash

from dashboard import i18n
from dashboard.callbacks import door
from dashboard.config import ROOT
from dashboard.web import assets, texts

#: Texts that ``assets/frame.js`` shows when the server cannot be asked for them.
_SCRIPT_TEXTS = (
    "server_down",
    "server_down_hint",
    "check_now",
    "database_gone",
    "database_gone_hint",
    "session_over",
    "session_over_hint",
    "sign_in_again",
    "slow",
    "slow_hint",
    "draft_kept",
    "draft_local",
    "close",
    "request",
    "failed",
    "failed_hint",
    "copied",
    "copy_failed",
)

_PAGE = """<!doctype html>
<html lang="{lang}" data-bs-theme="{shown_theme}" data-theme="{theme}">
<head>
<meta name="viewport" content="width=device-width, initial-scale=1">
{metas}
<title>{title}</title>
<script src="{theme_script}"></script>
{favicon}
{css}
</head>
<body>
{app_entry}
<script type="application/json" id="frame-texts">{texts}</script>
<footer>
{config}
{scripts}
{renderer}
</footer>
</body>
</html>"""

#: What stands on the screen until the scripts have run: the frame's outline, nothing that jumps.
_ENTRY = """<div id="react-entry-point"><div class="_dash-loading shell" aria-busy="true">
<div class="rail"></div><div class="shell-main"><div class="topbar"></div></div></div></div>"""


class Shell(Dash):
    """Dash with our own index page, in the reader's language and theme."""

    def interpolate_index(self, **parts: Any) -> str:  # type: ignore[override]  # Dash calls it by keywords
        actor = texts.find_actor()
        theme = actor.theme if actor else "auto"
        own = {key: texts.tr(f"web.frame.{key}") for key in _SCRIPT_TEXTS}
        said = {**own, "currency_signs": i18n.currency_signs(texts.current_locale())}
        parts["app_entry"] = _ENTRY
        return _PAGE.format(
            **{**parts, "title": html.escape(texts.tr("web.product"))},
            lang=texts.current_locale(),
            theme=theme,
            shown_theme="dark" if theme == "dark" else "light",
            theme_script=assets.url("theme.head.js"),
            # ``<`` could end the element; the browser reads the rest of JSON literally.
            texts=json.dumps(said, ensure_ascii=False).replace("<", "\\u003c"),
        )


def make(server: Any) -> Shell:
    """Dash on ``server``: nothing from other hosts, nothing inline, nothing served before the guard."""
    return Shell(
        __name__,
        server=server,
        assets_folder=str(ROOT / "assets"),
        assets_ignore=assets.LEFT_OUT,
        use_pages=True,
        pages_folder="",
        include_pages_meta=False,
        serve_locally=True,
        suppress_callback_exceptions=True,
        update_title=None,  # type: ignore[arg-type]  # Dash's way to leave the title alone
        title="CRM",
        add_log_handler=False,
        enable_mcp=False,
        # Otherwise Dash guesses from what is installed, and each callback would take a detour through an event loop.
        use_async=False,
        on_error=_on_error,
    )


def _on_error(error: Exception) -> None:
    """What ends a callback outside the door: Dash's own page router."""
    door.handle(error)
