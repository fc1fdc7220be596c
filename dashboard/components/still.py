"""Plain elements as one Dash component.

Every Dash component listens to the page's whole state, so each change of the page costs
time in proportion to their number: a drawer of 200 rows made of ``html.Td`` kept the
browser busy for five seconds.  What needs no callback of its own (tables, marks, heat
maps) is therefore sent as one component that holds the tree as data
(``assets/75-still.js`` draws it).  Clicks in it are heard by the document.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dash import dcc
from dash.development.base_component import Component

from dashboard.components.elements import TAGS

#: What Dash adds to elements for callbacks; an element without an id has no use for it.
_FOR_CALLBACKS = frozenset({"children", "n_clicks", "n_clicks_timestamp", "disable_n_clicks", "key"})
#: What Dash keeps in every component about itself.
_ABOUT = frozenset({"available_properties", "available_wildcard_properties", "available_wildcard_attributes"})
_ELEMENTS = "dash_html_components"

Node = Any


class Still(Component):
    """A tree of plain elements: a text, ``[tag, properties, children…]``, or a list of those without a tag (``""``)."""

    _children_props: list[str] = []
    _base_nodes = ["children"]
    _namespace = "crm_parts"
    _type = "Still"
    _valid_wildcard_attributes: list[str] = []

    def __init__(self, tree: Node = None, id: str | None = None) -> None:
        self._prop_names = ["id", "tree"]
        self.available_properties = ["id", "tree"]
        self.available_wildcard_attributes: list[str] = []
        super().__init__(**({"tree": tree} if id is None else {"id": id, "tree": tree}))


def plot(figure: dict[str, Any], height: int, config: dict[str, Any], label: str) -> Still:
    """A plotly figure (``to_plotly_json``) among still elements: repainted in place, in the theme's colours.

    A click on a point whose ``customdata`` is a filter's text picks it as a mark does.
    """
    return Still(["plot", {"figure": figure, "height": height, "config": config, "label": label}])


def tree_of(node: Any) -> Node:
    """Plain elements as data, for a :class:`Still` that stands in the layout. Raises ValueError for what has an id."""
    return _tree(node)


def still(node: Any) -> Any:
    """``node`` with everything in it that needs no callback made still; elements with an id stay as they are."""
    if isinstance(node, list | tuple):
        return _parts(node)
    if not isinstance(node, Component):
        return node
    if _is_plain(node):
        return Still(_tree(node))
    if getattr(node, "id", None) is None and node._namespace == _ELEMENTS:
        node.children = still(getattr(node, "children", None))
    return node


def _parts(nodes: Iterable[Any]) -> list[Any]:
    """Neighbours that are still become one."""
    parts: list[Any] = []
    waiting: list[Any] = []
    for node in nodes:
        if _is_plain(node):
            waiting.append(node)
            continue
        parts += _joined(waiting)
        waiting = []
        parts.append(still(node))
    return parts + _joined(waiting)


def _joined(nodes: list[Any]) -> list[Any]:
    return [Still(["", {}, *map(_tree, nodes)])] if any(isinstance(node, Component) for node in nodes) else nodes


def _is_plain(node: Any) -> bool:
    """Whether nothing below has an id or does more than show."""
    if isinstance(node, list | tuple):
        return all(map(_is_plain, node))
    if type(node) is str or (type(node) not in TAGS and not isinstance(node, Component)):
        return True
    return _shows_only(node) and (isinstance(node, Still) or _is_plain(getattr(node, "children", None)))


def _shows_only(node: Any) -> bool:
    """The same of the component itself."""
    if getattr(node, "id", None) is not None:
        return False
    return type(node) in TAGS or node._namespace == _ELEMENTS or isinstance(node, dcc.Link | Still)


def _tree(node: Any) -> Node:
    """Raises ValueError for what is not plain."""
    kind = type(node)
    if kind is str:
        return node
    if kind is list or kind is tuple:
        return ["", {}, *map(_tree, node)]
    tag = TAGS.get(kind)
    if tag is None and not isinstance(node, Component):
        return node
    if not _shows_only(node):
        raise ValueError("an element with an id, or one that does more than show, cannot be still")
    if isinstance(node, Still):
        return getattr(node, "tree", None)
    # what was given to it; to_plotly_json looks for it among all properties there are, and costs most of a page's time
    properties = {name: value for name, value in vars(node).items() if value is not None and name not in _FOR_CALLBACKS}
    if tag is None:
        tag = node._type.lower()
        properties = {name: value for name, value in properties.items() if name[0] != "_" and name not in _ABOUT}
        if isinstance(node, dcc.Link):  # The page is not loaded anew: the document hears the click.
            tag, properties = "a", {**properties, "data-inside": ""}
    children = getattr(node, "children", None)
    inner = children if isinstance(children, list | tuple) else [] if children is None else [children]
    return [tag, properties, *map(_tree, inner)]
