"""The signed-in person of a request: Flask-Login over our own table of sessions."""

from __future__ import annotations

from flask import Flask, Request, g, request
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.exceptions import HTTPException

from dashboard.pages.ids import FrameIds
from dashboard.services import accounts
from dashboard.services.actor import Actor
from dashboard.services.errors import DatabaseGone, Unauthenticated
from dashboard.web import bodies, cookies, texts

_POLL = f"{FrameIds.CHANGES}.data"


class SessionUser(UserMixin):
    """What Flask-Login keeps for a request. The cookie's value never leaves the request."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def get_id(self) -> str:
        return str(self.actor.user_id)


def load(incoming: Request) -> SessionUser | None:
    """The session behind the cookie; none if there is none, it ended, or its user was disabled."""
    token = incoming.cookies.get(cookies.session_name())
    if not token or len(token) > 200:
        return None
    if "session_out_of_reach" in g:  # The error page asks again for the reader's language: no second wait.
        raise DatabaseGone()
    try:
        actor = accounts.actor_of_session(token, texts.request_id(), touch=not _is_poll(incoming))
    except Unauthenticated:
        return None
    except DatabaseGone:
        g.session_out_of_reach = True
        raise
    g.member_id, g.account_id = actor.member_id, actor.account_id
    return SessionUser(actor)


def _is_poll(incoming: Request) -> bool:
    # An open page asks every few seconds whether something changed: that is not a person at work,
    # and must not keep a session alive that nobody uses.
    if incoming.path != "/_dash-update-component":
        return False
    try:
        body = bodies.json_body()
    except HTTPException:  # Too large: refused where the body is needed, not where its reader is looked up.
        return False
    return isinstance(body, dict) and body.get("output") == _POLL


def is_signed_in() -> bool:
    return bool(current_user.is_authenticated)


def session_token() -> str | None:
    """The session's secret as the browser sent it, for closing it."""
    return request.cookies.get(cookies.session_name())


def init_app(server: Flask) -> None:
    manager = LoginManager()
    # The session lives in our table; Flask-Login's own cookie is never written or believed.
    manager.session_protection = None
    manager.request_loader(load)
    # Templates are told who reads them; looking it up there would fail where the session is out of reach.
    manager.init_app(server, add_context_processor=False)
