"""Makes the web server: Flask outside, Dash inside, the API beside it."""

from __future__ import annotations

import os

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from dashboard import api, callbacks, config, pages
from dashboard.callbacks import door
from dashboard.config import Settings
from dashboard.jobs.app import install_schema
from dashboard.services import context
from dashboard.web import (
    assets,
    csrf,
    dispatch,
    drafts,
    entry,
    errors,
    exports,
    gridrows,
    guard,
    headers,
    health,
    logs,
    requestlog,
    searching,
    sessions,
    shell,
    uploads,
)
from db import runtime
from db.engine import Database

#: What the sum of a form's fields may hold beside files.
_FORM_MEMORY = 2 * 2**20


class UndeclaredCallback(Exception):
    """A callback was registered past the door, so nobody asks for a right."""


def create_app(settings: Settings | None = None, database: Database | None = None) -> Flask:
    """The WSGI application, ready to answer.

    Without arguments: settings from the environment, the database as the supervising
    process named it, else as the settings say (embedded or ``DATABASE_URL``).
    """
    settings = settings or config.load_settings()
    logs.configure(settings)
    context.configure(settings, database or _database(settings))
    server = _server(settings)
    app = shell.make(server)
    dispatch.init_app(server, app)
    pages.register_all(app)
    callbacks.register_all(app)
    api.register(server)
    _finish(server, app)
    return server


def _database(settings: Settings) -> Database:
    owner_url, app_url = os.environ.get(config.INTERNAL_OWNER_URL), os.environ.get(config.INTERNAL_APP_URL)
    if owner_url and app_url:
        return Database(owner_url, app_url)
    opened = runtime.open_database(
        data_dir=settings.data_dir,
        secret=settings.secret_key,
        database_url=settings.database_url,
        after_upgrade=install_schema,
    )
    return opened.database


def _server(settings: Settings) -> Flask:
    """Flask with everything that must stand before Dash: the order is the order of work on a request."""
    server = Flask("dashboard.web", static_folder=None)
    server.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 2**20,
        MAX_FORM_MEMORY_SIZE=_FORM_MEMORY,
        CRM_TLS=settings.tls_cert is not None or settings.trusted_proxies > 0,
        CRM_SETTINGS=settings,
    )
    if settings.trusted_proxies:
        behind = settings.trusted_proxies
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=behind, x_proto=behind, x_host=behind)  # type: ignore[method-assign]
    # Answers pass these in the opposite order: headers first, compression late, the log line last.
    requestlog.init_app(server)
    assets.init_app(server)
    headers.init_app(server)
    csrf.init_app(server)
    sessions.init_app(server)
    guard.init_app(server)
    errors.init_app(server)
    server.register_blueprint(entry.blueprint)
    server.register_blueprint(health.blueprint)
    server.register_blueprint(uploads.blueprint)
    server.register_blueprint(exports.blueprint)
    server.register_blueprint(drafts.blueprint)
    server.register_blueprint(gridrows.blueprint)
    server.register_blueprint(searching.blueprint)
    return server


def _finish(server: Flask, app: shell.Shell) -> None:
    """Warm up and check: Dash finishes its set-up in its first request, and several at once would race."""
    pages.finish(app)
    server.extensions["dash_app"] = app
    with server.test_client() as client:
        client.get("/healthz")
    past_the_door = door.undeclared(app)
    if past_the_door:
        raise UndeclaredCallback(", ".join(past_the_door))
    # Only now are all inline scripts known, Dash's own among them.
    server.config["CRM_PAGE_POLICY"] = headers.page_policy(list(app.csp_hashes()))
