# ruff: noqa: E741  (an element of HTML is called I)
"""Dash's own HTML elements, made several times quicker: for what is built by the hundred at every click.

A generated element checks each of its arguments against all it may have and keeps lists of them in every instance, which
takes seven microseconds: a third of what a click on the start screen cost the server.  These are the same classes (a
subclass each: ``isinstance``, ``children``, JSON), whose instances take over what they are given.  What an argument may be
called is checked by mypy, which sees Dash's own signatures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html
from dash.development.base_component import Component

if TYPE_CHECKING:
    from dash.html import H1, H2, H3, A, B, Button, Details, Div, I, Label, Li, Nav, Ol, P, S, Section, Small, Span, Strong
    from dash.html import Summary, Table, Tbody, Td, Tfoot, Th, Thead, Tr, U, Ul  # isort: skip
else:

    def _quickly(self: Component, children: Any = None, id: Any = None, **given: Any) -> None:
        own = self.__dict__
        own["children"] = children
        if id is not None:
            own["id"] = id
        own.update(given)

    def _quick(kind: type[Component]) -> type[Component]:
        known = kind()
        about = {
            name: getattr(known, name)
            for name in ("_prop_names", "_valid_wildcard_attributes", "available_properties", "available_wildcard_properties")
        }
        # Dash looks for an element's scripts by its class's module, and for what holds its children by its namespace
        place = {"__module__": kind.__module__, "_namespace": kind._namespace, "_children_props": kind._children_props}
        return type(kind)(kind.__name__, (kind,), {**place, **about, "__init__": _quickly, "__doc__": kind.__doc__})

    A, B, Button, Details, Div, H1, H2, H3 = map(
        _quick, (html.A, html.B, html.Button, html.Details, html.Div, html.H1, html.H2, html.H3)
    )
    I, Label, Li, Nav, Ol, P, S, Section = map(
        _quick, (html.I, html.Label, html.Li, html.Nav, html.Ol, html.P, html.S, html.Section)
    )
    Small, Span, Strong, Summary, Table, Tbody, Td = map(
        _quick, (html.Small, html.Span, html.Strong, html.Summary, html.Table, html.Tbody, html.Td)
    )
    Tfoot, Th, Thead, Tr, U, Ul = map(
        _quick, (html.Tfoot, html.Th, html.Thead, html.Tr, html.U, html.Ul)
    )

#: The HTML tag of each class.
TAGS: dict[type[Any], str] = {
    kind: kind.__name__.lower()
    for kind in (
        A, B, Button, Details, Div, H1, H2, H3, I, Label, Li, Nav, Ol, P, S, Section, Small, Span, Strong, Summary,
        Table, Tbody, Td, Tfoot, Th, Thead, Tr, U, Ul,
    )
}
