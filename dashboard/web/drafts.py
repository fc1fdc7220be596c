"""Where ``assets/drafts.js`` keeps what is typed: a plain route, so that a closing tab can still send it.

A callback would need the page alive; ``fetch`` with ``keepalive`` outlives it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, jsonify, request
from flask import typing as flask_types

from dashboard import i18n
from dashboard.services import drafts
from dashboard.services.actor import Actor
from dashboard.services.drafts import Draft
from dashboard.services.errors import FieldProblem, Invalid
from dashboard.web import bodies, texts

blueprint = Blueprint("drafts", __name__)


@blueprint.post("/_drafts/keep")
def keep() -> flask_types.ResponseReturnValue:
    """Keep a form's values; empty ones forget the draft."""
    actor, body = texts.current_actor(), _body()
    form, row_id = body.get("form"), body.get("row")
    if body.get("values"):
        drafts.keep(actor, form, row_id, body["values"], body.get("version"), device())  # type: ignore[arg-type]
    else:
        drafts.drop(actor, form, row_id)  # type: ignore[arg-type]
    return jsonify(at=i18n.clock(datetime.now(UTC), actor.locale, actor.timezone))


@blueprint.post("/_drafts/offer")
def offer() -> flask_types.ResponseReturnValue:
    """The draft to offer for a form that has just been opened, in words.

    ``local``: what this browser still has of it; one typed while the server was out of reach is newer than ours.
    """
    actor, body = texts.current_actor(), _body()
    form, row_id = body.get("form"), body.get("row")
    stored = drafts.find(actor, form, row_id)  # type: ignore[arg-type]
    local = _local(body.get("local"))
    here = local is not None and (stored is None or local["at"] > stored.updated_at)
    if local is not None and here:
        drafts.keep(actor, form, row_id, local["values"], local["version"], device())  # type: ignore[arg-type]
        stored = drafts.find(actor, form, row_id)  # type: ignore[arg-type]
    if stored is None:
        return jsonify(offer=None)
    at = local["at"] if local is not None and here else stored.updated_at
    return jsonify(offer=_told(actor, stored, at, bool(here or _same(local, stored))))


def _told(actor: Actor, draft: Draft, at: datetime, here: bool) -> dict[str, Any]:
    when = i18n.clock(at, actor.locale, actor.timezone)
    if at.astimezone(ZoneInfo(actor.timezone)).date() != datetime.now(ZoneInfo(actor.timezone)).date():
        when = i18n.moment(at, actor.locale, actor.timezone)
    device_key = f"drafts.device_{draft.device}" if draft.device and not here else "drafts.device_here"
    return {
        "text": i18n.t("drafts.found", actor.locale, when=when, device=i18n.t(device_key, actor.locale)),
        "hint": i18n.t("drafts.stale", actor.locale) if draft.stale else "",
        "resume": i18n.t("drafts.compare" if draft.stale else "drafts.resume", actor.locale),
        "drop": i18n.t("drafts.drop", actor.locale),
        "values": draft.values,
        "version": draft.base_version,
        "stale": draft.stale,
    }


def _local(given: Any) -> dict[str, Any] | None:
    """The browser's own copy, if it is one: values, version and the moment it was typed (never in the future)."""
    if not isinstance(given, dict) or not isinstance(given.get("values"), dict) or not given["values"]:
        return None
    at = given.get("at")
    if not isinstance(at, int | float) or isinstance(at, bool) or not 0 < at < 1e14:
        return None
    return {**given, "at": min(datetime.fromtimestamp(at / 1000, UTC), datetime.now(UTC)), "version": given.get("version")}


def _same(local: dict[str, Any] | None, stored: Draft) -> bool:
    return local is not None and local["values"] == stored.values


def _body() -> dict[str, Any]:
    body = bodies.json_body()
    if not isinstance(body, dict):
        raise Invalid([FieldProblem("", "not_allowed")])
    return body


def device() -> str:
    """What kind of machine asks, as far as it says so."""
    agent = request.headers.get("User-Agent", "")
    if "iPad" in agent or ("Android" in agent and "Mobile" not in agent):
        return "tablet"
    return "phone" if "Mobi" in agent or "iPhone" in agent else "computer"


def init_app(server: Flask) -> None:
    server.register_blueprint(blueprint)
