"""All ids that layouts show, for the contract between callbacks and layouts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import dash
from flask import Flask

from tests.callbacks.visitor import Visitor

#: What comes with data rather than with a layout: pattern ids are made by callbacks.
Key = str


def key_of(component_id: Any) -> Key:
    """A plain id, or the type of a pattern id."""
    if isinstance(component_id, str) and component_id.startswith("{"):
        component_id = json.loads(component_id)
    return f"pattern:{component_id.get('type')}" if isinstance(component_id, dict) else str(component_id)


def _walk(node: Any) -> Iterator[Any]:
    if isinstance(node, (list, tuple)):
        for item in node:
            yield from _walk(item)
    elif hasattr(node, "_prop_names"):
        if getattr(node, "id", None) is not None:
            yield node.id
        for name in node._prop_names:
            if name != "id":
                yield from _walk(getattr(node, name, None))


def ids_of_layouts(server: Flask) -> set[Key]:
    """Ids of the frame and of every page, as an administrator sees them."""
    from dashboard.web import sessions

    visitor = Visitor(server)
    visitor.register()
    found: set[Key] = set()
    with server.test_request_context("/", headers={"Cookie": f"crm_session={visitor.cookie('crm_session')}"}):
        assert sessions.is_signed_in()
        app = server.extensions["dash_app"]
        found |= {key_of(item) for item in _walk(app.layout())}
        for page in dash.page_registry.values():
            names = [part.strip("<>") for part in (page.get("path_template") or "").split("/") if part.startswith("<")]
            found |= {key_of(item) for item in _walk(page["layout"](**dict.fromkeys(names, "1")))}
    return found


def ids_of_callbacks(server: Flask) -> set[Key]:
    """Plain ids that callbacks read or write. Pattern ids are made with data and are not asked for."""
    found: set[Key] = set()
    for entry in server.extensions["dash_app"].callback_map.values():
        found |= {key_of(spec["id"]) for spec in (*entry["inputs"], *entry["state"])}
        outputs = entry["output"] if isinstance(entry["output"], (list, tuple)) else [entry["output"]]
        found |= {key_of(one.component_id_str()) for one in outputs}
    return {key for key in found if not key.startswith(("pattern:", "_pages"))}
