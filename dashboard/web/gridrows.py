"""Where ``assets/64-grid-rows.js`` fetches a grid's rows: a plain route, because a block is asked for with every scroll.

Through a callback each block passes Dash's store in the browser and draws the grid's component again, before and
after; here it is one request, and one that is out of date can be called off (``docs/decisions/0020``).
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, Response, current_app, jsonify
from flask.typing import ResponseReturnValue

from dashboard.callbacks import door, grids
from dashboard.components.pagestate import read_state
from dashboard.services.errors import DatabaseGone, DomainError, NotFound
from dashboard.services.permissions import require
from dashboard.web import bodies, errors, texts
from dashboard.web.dispatch import BadRequest

log = logging.getLogger("dashboard.gridrows")

blueprint = Blueprint("gridrows", __name__)

#: An address longer than this is none of our pages'.
_LONGEST_ADDRESS = 16_000


@blueprint.post("/_grids/<page>/rows")
def rows(page: str) -> ResponseReturnValue:
    """A block of one grid's rows and how many there are in all, for whoever may read them."""
    work = current_app.extensions.get(grids.SERVED, {}).get(page)
    if work is None:
        raise NotFound(entity="grids")
    try:
        actor, asked = texts.current_actor(), _asked(bodies.json_body())
        require(actor, work.read)
        found, total = work.rows(actor, grids.list_query(asked, read_state(asked.get("search")), work))
    except DatabaseGone:
        raise
    except DomainError as error:
        return _refusal(error)
    return jsonify(rows=found, total=total)


def _asked(body: Any) -> dict[str, Any]:
    """The request, as far as its shape goes; what it asks for is judged where it is read."""
    search = body.get("search") if isinstance(body, dict) else 0
    if not (search is None or isinstance(search, str) and len(search) < _LONGEST_ADDRESS):
        raise BadRequest()
    return dict(body)


def _refusal(error: DomainError) -> Response:
    """As a callback says it: the sentence, what is wrong with which field, how loud."""
    log.info("refused: %s", error.code, extra={"code": error.code})
    text, detail = door.describe(error)
    answer = errors.answer(error.code, error.status, error.params)
    kind = door.loudness(error)
    answer.set_data(
        current_app.json.dumps(
            {"code": error.code, "kind": kind, "text": text, "hint": detail, "request_id": texts.request_id()}
        )
    )
    return answer
