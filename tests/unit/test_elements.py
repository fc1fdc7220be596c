"""The quick elements are Dash's own in everything but their price."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dash import dcc, html
from dash.development.base_component import Component, ComponentRegistry
from hypothesis import given
from hypothesis import strategies as st
from plotly.utils import PlotlyJSONEncoder

from dashboard.components import elements
from dashboard.components.still import Still, still, tree_of

_NAMES = sorted(kind.__name__ for kind in elements.TAGS)
_GIVEN = st.fixed_dictionaries({}, optional={
    "className": st.sampled_from(["mark", ""]), "title": st.none() | st.text(max_size=5), "hidden": st.booleans(),
    "style": st.just({"width": "3%"}), "tabIndex": st.integers(-1, 1), "data-pick": st.text(max_size=5),
    "aria-label": st.just("x"), "key": st.just("k"),
})
_TREES = st.recursive(
    st.text(max_size=4) | st.integers(0, 3) | st.none(),
    lambda inside: st.tuples(st.sampled_from(_NAMES), st.lists(inside, max_size=3) | inside, _GIVEN), max_leaves=8,
)


def _made(tree: Any, kinds: Any) -> Any:
    if isinstance(tree, list):
        return [_made(one, kinds) for one in tree]
    if isinstance(tree, tuple):
        name, children, given = tree
        return getattr(kinds, name)(_made(children, kinds), **given)
    return tree


def _json(node: Any) -> Any:
    return json.loads(json.dumps(node, cls=PlotlyJSONEncoder))


@given(_TREES)
def test_they_are_sent_as_dashs_own(tree: Any) -> None:
    quick, own = _made(tree, elements), _made(tree, html)
    assert _json(quick) == _json(own)
    assert _json(tree_of(quick)) == _json(tree_of(own))
    assert _json(still(quick)) == _json(still(own))


@pytest.mark.parametrize("name", _NAMES)
def test_each_is_a_kind_of_dashs(name: str) -> None:
    quick, own = getattr(elements, name), getattr(html, name)
    made = quick("text", id="known")
    assert isinstance(made, own) and isinstance(made, Component)
    assert (made.children, made.id, made._type, made._namespace) == ("text", "known", own._type, own._namespace)
    assert set(own()._prop_names) == set(quick()._prop_names)


def test_dash_looks_for_scripts_where_it_did() -> None:
    assert ComponentRegistry.namespace_to_package["dash_html_components"] == "dash"


@pytest.mark.parametrize("node", [
    elements.Div(id="a"), elements.Div(["b", elements.Span(id="a")]), html.Div(id="a"), dcc.Interval(),
    dcc.Link("a", href="/", id="b"), [elements.P(dcc.Input())], Still("a", id="b"),
])  # fmt: skip
def test_what_a_callback_may_want_is_not_made_still(node: Any) -> None:
    with pytest.raises(ValueError, match="cannot be still"):
        tree_of(node)


def test_a_tree_within_a_tree_is_taken_over() -> None:
    node = elements.Div([Still(["b", {}, "x"]), dcc.Link("y", href="/deals")], className="c")
    assert tree_of(node) == ["div", {"className": "c"}, ["b", {}, "x"], ["a", {"href": "/deals", "data-inside": ""}, "y"]]
