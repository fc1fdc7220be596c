"""Where ``assets/search.js`` asks with every letter: a plain route, as the grids' rows have (``docs/decisions/0020``).

A question that went through Dash's stores took longer on its way there and back than its answer took to be found.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from dashboard.callbacks import search
from dashboard.services.permissions import Right, require
from dashboard.web import bodies, texts
from dashboard.web.dispatch import BadRequest
from dashboard.web.refusals import in_words

blueprint = Blueprint("searching", __name__)


@blueprint.post("/_search")
@in_words
def found() -> ResponseReturnValue:
    """What is found for a text, ready to be drawn; for an empty one what to begin with."""
    actor, text = texts.current_actor(), _text(bodies.json_body())
    require(actor, Right.CLIENTS_READ)
    return jsonify(text=text, **search.answer(actor, text))


def _text(body: Any) -> str:
    text = body.get("text") if isinstance(body, dict) else None
    if not isinstance(text, str):
        raise BadRequest()
    return text
