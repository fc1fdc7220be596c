"""Sign-in, registration and sign-out: plain forms that work before any script has loaded."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, g, make_response, redirect, render_template, request
from flask import typing as flask_types
from werkzeug.wrappers import Response

from dashboard import i18n
from dashboard.services import accounts
from dashboard.services.accounts import Identity
from dashboard.services.errors import Conflict, DomainError, Invalid, InvalidSignIn, TooManyAttempts
from dashboard.web import assets, cookies, csrf, guard, sessions, texts

blueprint = Blueprint("entry", __name__, template_folder="templates")

#: Longer than any honest value; what is longer is cut before it costs anything.
_LONGEST = 600
_YEAR = 31_536_000


@blueprint.get("/sign-in")
def sign_in_page() -> flask_types.ResponseReturnValue:
    if sessions.is_signed_in():
        return redirect(_next())
    return _page("sign_in", focus="email")


@blueprint.post("/sign-in")
def sign_in() -> flask_types.ResponseReturnValue:
    try:
        identity = accounts.authenticate(_given("email"), _given("password"), request.remote_addr)
    except (InvalidSignIn, TooManyAttempts, Invalid) as error:
        return _page("sign_in", error)
    return _enter(identity)


@blueprint.get("/register")
def register_page() -> flask_types.ResponseReturnValue:
    if sessions.is_signed_in():
        return redirect(_next())
    return _page("register", focus="account_name")


@blueprint.post("/register")
def register() -> flask_types.ResponseReturnValue:
    try:
        identity = accounts.register(
            _given("account_name"),
            _given("name"),
            _given("email"),
            _given("password"),
            texts.current_locale(),
            request.remote_addr,
        )
    except (Invalid, Conflict, TooManyAttempts) as error:
        return _page("register", error)
    return _enter(identity)


@blueprint.post("/sign-out")
def sign_out() -> flask_types.ResponseReturnValue:
    """Close the session in the database: a copied cookie is worth nothing afterwards."""
    token = sessions.session_token()
    if token:
        accounts.close_session(token)
    response = redirect("/sign-in", 303)
    cookies.drop_cookie(response, cookies.session_name())
    cookies.drop_cookie(response, csrf.COOKIE)
    return response


def _enter(identity: Identity) -> Response:
    """A fresh session for whoever proved who they are; the one before it, if any, ends."""
    before = sessions.session_token()
    if before:
        accounts.close_session(before)
    session = accounts.open_session(identity, address=request.remote_addr, user_agent=request.headers.get("User-Agent"))
    g.new_session = session.token
    response = redirect(_next(), 303)
    cookies.set_cookie(response, cookies.session_name(), session.token)
    cookies.drop_cookie(response, cookies.visitor_name())
    return response


def _given(name: str) -> str:
    return request.form.get(name, "")[:_LONGEST]


def _next() -> str:
    return guard.local_path(request.values.get("next"))


def _page(name: str, error: DomainError | None = None, focus: str = "") -> Response:
    """The form, with what was typed (never the password) and what was wrong with it."""
    problems = _problems(error)
    path = {"sign_in": "/sign-in", "register": "/register"}
    target = {"next": _next()} if _next() != "/" else {}
    page = render_template(
        f"{name}.html",
        action=path[name],
        next=_next(),
        lead=texts.tr(f"web.{name}.lead"),
        other=_link(path["register" if name == "sign_in" else "sign_in"], target),
        language_link=lambda code: _link(path[name], {**target, "lang": code}),
        message=_message(error),
        problems=problems,
        focus=next(iter(problems), focus),
        values={field: _given(field) for field in ("email", "name", "account_name")},
        request_id=texts.request_id() if isinstance(error, TooManyAttempts) else "",
        csrf_token=csrf.token(),
        locale=texts.current_locale(),
        tr=texts.tr,
        asset=assets.url,
        stylesheets=assets.stylesheets(),
    )
    response = make_response(page, error.status if error else 200)
    if isinstance(error, TooManyAttempts):
        response.headers["Retry-After"] = str(error.params.get("retry_after", 60))
    if request.args.get("lang") in i18n.LOCALES:
        cookies.set_cookie(response, texts.LANGUAGE_COOKIE, request.args["lang"], max_age=_YEAR)
    return response


def _link(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _message(error: DomainError | None) -> str:
    """The sentence above the form; problems of single fields stand at the fields instead."""
    if error is None or isinstance(error, Invalid):
        return ""
    if isinstance(error, TooManyAttempts):
        minutes = -(-int(error.params.get("retry_after", 60)) // 60)
        return texts.trn("web.too_many_attempts", minutes)
    if isinstance(error, Conflict):
        taken = error.params.get("reason") == "email_taken"
        return texts.tr("web.register.email_taken" if taken else "errors.conflict")
    return texts.tr(f"errors.{error.code}")


def _problems(error: DomainError | None) -> dict[str, str]:
    if not isinstance(error, Invalid):
        return {}
    return {problem.pointer: texts.tr(f"problems.{problem.code}", **problem.params) for problem in error.problems}
