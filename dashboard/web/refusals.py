"""Plain routes beside Dash's callbacks: a refusal is answered as a callback says it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, current_app
from flask.typing import ResponseReturnValue

from dashboard.callbacks import door
from dashboard.services.errors import DatabaseGone, DomainError
from dashboard.web import errors, texts

log = logging.getLogger("dashboard.refusals")


def in_words(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """``view``, whose refusals carry the sentence, what is wrong with which field, and how loud it is."""

    @wraps(view)
    def answered(**given: Any) -> ResponseReturnValue:
        try:
            return view(**given)
        except DatabaseGone:
            raise
        except DomainError as error:
            return _refusal(error)

    return answered


def _refusal(error: DomainError) -> Response:
    log.info("refused: %s", error.code, extra={"code": error.code})
    text, detail = door.describe(error)
    answer = errors.answer(error.code, error.status, error.params)
    told = {
        "code": error.code, "kind": door.loudness(error), "text": text, "hint": detail, "request_id": texts.request_id(),
    }
    answer.set_data(current_app.json.dumps(told))
    return answer
