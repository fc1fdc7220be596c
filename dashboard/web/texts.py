"""Who is asking and in which language: the glue between a request and the texts.

Pages and callbacks use :func:`current_actor`, :func:`tr` and :func:`trn`; they never
read the session, a cookie or a header themselves.
"""

from __future__ import annotations

from flask import g, has_request_context, request
from flask_login import current_user

from dashboard import i18n
from dashboard.services.actor import Actor
from dashboard.services.errors import DatabaseGone, Unauthenticated

#: Keeps the language chosen on the sign-in page until the profile's own is known.
LANGUAGE_COOKIE = "crm_lang"


def own_currency() -> str:
    """The currency of the signed-in person's account."""
    actor = find_actor()
    return actor.currency if actor is not None else "RUB"


def find_actor() -> Actor | None:
    """The signed-in person of this request; none for a visitor and outside a request."""
    if not has_request_context():
        return None
    user = current_user._get_current_object()
    return getattr(user, "actor", None)


def current_actor() -> Actor:
    """The signed-in person of this request. Raises :class:`Unauthenticated`."""
    actor = find_actor()
    if actor is None:
        raise Unauthenticated()
    return actor


def request_id() -> str:
    """The number of this request, as in the log and in ``X-Request-ID``."""
    return g.get("request_id", "") if has_request_context() else ""


def current_locale() -> str:
    """The profile's language; for a visitor the chosen one, else the browser's."""
    if not has_request_context():
        return i18n.DEFAULT_LOCALE
    actor = _actor_if_reachable()
    if actor is not None:
        return i18n.normalise_locale(actor.locale)
    chosen = request.args.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    if chosen in i18n.LOCALES:
        return chosen
    return request.accept_languages.best_match(list(i18n.LOCALES)) or i18n.DEFAULT_LOCALE


def _actor_if_reachable() -> Actor | None:
    # An error page is also made when the database, and with it the session, is out of reach.
    try:
        return find_actor()
    except DatabaseGone:
        return None


def tr(key: str, /, **params: object) -> str:
    """The text of ``key`` in the reader's language."""
    return i18n.t(key, current_locale(), **params)


def trn(key: str, count: int, /, **params: object) -> str:
    """The text of ``key`` for ``count`` things in the reader's language."""
    return i18n.n(key, count, current_locale(), **params)


def has_text(key: str, locale: str) -> bool:
    """Whether the catalogues have ``key``: optional hints are looked up with it."""
    return key in i18n.catalogue(i18n.normalise_locale(locale)).single
