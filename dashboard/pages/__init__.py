"""The pages: skeletons without data. Callbacks fill them, behind the door."""

from __future__ import annotations

import importlib

from dash import Dash

from dashboard.pages import addresses

MODULES = (
    "overview", "clients", "client", "deals", "interactions", "products", "product", "board", "deal", "pipelines",
    "targets", "imports", "reports", "keys", "settings", "customfields", "history", "bin",
    "models",
    "rates", "account",
    "tasks",
    "aiadvice", "aiforecast", "aicompare", "aipatterns",
)


def register_all(app: Dash) -> None:
    """Register every page with its address."""
    from dashboard.pages import frame

    for name in MODULES:
        importlib.import_module(f"dashboard.pages.{name}").register(app)
    app.layout = frame.layout


def finish(app: Dash) -> None:
    """After all pages are registered: filters, titles, 404."""
    addresses.finish(app)
