"""The callbacks: thin, one service each, all behind the door (``door.py``)."""

from __future__ import annotations

import importlib

from dash import Dash

MODULES = (
    "frame", "search", "overview", "changed", "dashboards", "exports", "timemachine", "clients", "client", "deals",
    "interactions", "products", "product", "neighbours", "board", "deal", "pipelines", "targets", "imports", "reports",
    "keys", "settings", "customfields", "drafts", "conflict", "history", "changes", "bin", "asof", "models", "tasks",
    "bell", "aiadvice", "rates", "account", "outlook", "clientahead", "clientmodel", "dealgoods",
    "aiforecast", "aiscenario", "aicompare", "aipatterns",
)


def register_all(app: Dash) -> None:
    """Register the callbacks of every page."""
    for name in MODULES:
        importlib.import_module(f"dashboard.callbacks.{name}").register(app)
