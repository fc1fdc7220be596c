"""Where ``assets/drafts.js`` keeps what is typed: a plain route, so that a closing tab can still send it.

A callback would need the page alive; ``fetch`` with ``keepalive`` outlives it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, request
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
    return jsonify(at=_clock(actor, datetime.now(UTC)))


@blueprint.post("/_drafts/offer")
def offer() -> flask_types.ResponseReturnValue:
    """The draft to offer for a form that has just been opened, in words.

    ``local``: what this browser still has of it; one typed while the server was out of reach is newer than ours.
    """
    actor, body = texts.current_actor(), _body()
    return jsonify(offers=_offers(actor, body.get("form"), body.get("row"), _local(body.get("local"))))


def _offers(actor: Actor, form: Any, row_id: Any, local: dict[str, Any] | None) -> list[dict[str, Any]]:
    """None, the one there is, or both that a person has to choose from."""
    stored = drafts.find(actor, form, row_id)
    if local is None or local["kept"]:
        return [_told(actor, stored, stored.updated_at, _same(local, stored))] if stored else []
    other = stored if stored and not _same(local, stored) and not _newer(local, stored) else None
    if other is None:
        drafts.keep(actor, form, row_id, local["values"], local["version"], device())
        stored = drafts.find(actor, form, row_id)
        return [_told(actor, stored, local["at"], True)] if stored else []
    # Typed here and not sent, and meanwhile on another device: the person has both to choose from.
    mine = replace(
        other, values=local["values"], base_version=local["version"],
        stale=drafts.is_stale(actor, form, row_id, local["version"]),
    )
    return [_told(actor, other, other.updated_at, False), _told(actor, mine, local["at"], True)]


def _told(actor: Actor, draft: Draft, at: datetime, here: bool) -> dict[str, Any]:
    when = _clock(actor, at)
    if at.astimezone(ZoneInfo(actor.timezone)).date() != datetime.now(ZoneInfo(actor.timezone)).date():
        when = i18n.moment(at, actor.locale, actor.timezone)
    device_key = f"drafts.device_{draft.device}" if draft.device and not here else "drafts.device_here"
    return {
        "text": i18n.t("drafts.found", actor.locale, when=when, device=i18n.t(device_key, actor.locale)),
        "hint": i18n.t("drafts.stale", actor.locale) if draft.stale else "",
        "resume": i18n.t("drafts.compare" if draft.stale and draft.form in drafts.MERGED else "drafts.resume", actor.locale),
        "drop": i18n.t("drafts.drop", actor.locale),
        "values": draft.values,
        "version": draft.base_version,
        "here": here,
        "compare": draft.stale and draft.form in drafts.MERGED,
    }


def _clock(actor: Actor, at: datetime) -> str:
    return at.astimezone(ZoneInfo(actor.timezone)).strftime("%H:%M")


def _local(given: Any) -> dict[str, Any] | None:
    """The browser's own copy, if it is one: values, version and the moment it was typed (never in the future)."""
    if not isinstance(given, dict) or not isinstance(given.get("values"), dict) or not given["values"]:
        return None
    at = given.get("at")
    if not isinstance(at, int | float) or isinstance(at, bool) or not 0 < at < 1e14:
        return None
    return {
        "values": given["values"],
        "version": given.get("version"),
        "kept": given.get("kept") is True,  # the server has had exactly this: gone there means saved or dropped elsewhere
        "at": min(datetime.fromtimestamp(at / 1000, UTC), datetime.now(UTC)),
    }


def _newer(local: dict[str, Any], stored: Draft) -> bool:
    # Of the same kind of machine what was not sent is the later: its clock need not agree with ours.
    return local["at"] > stored.updated_at or stored.device == device()


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

