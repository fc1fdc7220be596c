"""Where ``assets/64-grid-rows.js`` fetches a grid's rows: a plain route, because a block is asked for with every scroll.

Through a callback each block passes Dash's store in the browser and draws the grid's component again, before and
after; here it is one request, and one that is out of date can be called off (``docs/decisions/0020``).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from dashboard.callbacks import grids
from dashboard.components.pagestate import read_state
from dashboard.services.errors import NotFound
from dashboard.services.permissions import require
from dashboard.web import bodies, texts
from dashboard.web.dispatch import BadRequest
from dashboard.web.refusals import in_words

blueprint = Blueprint("gridrows", __name__)

#: An address longer than this is none of our pages'.
_LONGEST_ADDRESS = 16_000


@blueprint.post("/_grids/<page>/rows")
@in_words
def rows(page: str) -> ResponseReturnValue:
    """A block of one grid's rows and how many there are in all, for whoever may read them."""
    work = current_app.extensions.get(grids.SERVED, {}).get(page)
    if work is None:
        raise NotFound(entity="grids")
    actor, asked = texts.current_actor(), _asked(bodies.json_body())
    require(actor, work.read)
    found, total = work.rows(actor, grids.list_query(asked, read_state(asked.get("search")), work))
    return jsonify(rows=found, total=total)


def _asked(body: Any) -> dict[str, Any]:
    """The request, as far as its shape goes; what it asks for is judged where it is read."""
    search = body.get("search") if isinstance(body, dict) else 0
    if not (search is None or isinstance(search, str) and len(search) < _LONGEST_ADDRESS):
        raise BadRequest()
    return dict(body)
