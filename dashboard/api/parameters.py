"""Query parameters of lists, as JSON Schema: what is not named here is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel

from dashboard.api.operations import Call
from dashboard.services import analytics
from dashboard.services.analytics import ListQuery
from dashboard.services.records import Page

DEFAULT_LIMIT, MAX_LIMIT = 100, 500
_MAX_TEXT = 8000
#: Kinds of fields that have no order of their own.
_UNSORTABLE = {"tags"}

Schema = dict[str, Any]


def list_parameters(entity: str, shown: type[BaseModel]) -> dict[str, Schema]:
    """Parameters of the list of ``entity``, whose rows are shown as ``shown``."""
    known = analytics.fields_of(entity).fields
    sortable = [name for name, field in known.items() if field.kind.value not in _UNSORTABLE]
    return {
        "filter": {"type": "string", "maxLength": _MAX_TEXT, "format": f"crm-filter-{entity}"},
        "search": {"type": "string", "maxLength": 200},
        "sort": _choice([sign + name for name in sorted(sortable) for sign in ("", "-")], 5),
        "fields": _choice(list(shown.model_fields), 50),
        "limit": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        "cursor": {"type": "string", "minLength": 1, "maxLength": _MAX_TEXT, "format": "crm-cursor"},
        "count": {"type": "boolean", "default": False},
    }


def _choice(names: list[str], limit: int) -> Schema:
    return {"type": "array", "minItems": 1, "maxItems": limit, "items": {"type": "string", "enum": names}}


def list_query(call: Call) -> ListQuery:
    """The services' question of a list call."""
    given = call.query
    return ListQuery(
        filter=given.get("filter", ""),
        search=given.get("search", ""),
        sort=tuple(given.get("sort", ())),
        limit=given.get("limit", DEFAULT_LIMIT),
        cursor=given.get("cursor"),
        count=given.get("count", False),
        figures=False,  # sums beside a record are the pages' affair
    )


def next_link(call: Call, page: Page[Any]) -> Mapping[str, str]:
    """The ``Link`` header to the next block; none after the last one."""
    if page.next_cursor is None:
        return {}
    given = {name: _written(value) for name, value in call.query.items() if name != "cursor"}
    address = f"{call.url}?{urlencode({**given, 'cursor': page.next_cursor})}"
    return {"Link": f'<{address}>; rel="next"'}


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, list) else str(value)
