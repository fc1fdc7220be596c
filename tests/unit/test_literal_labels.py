"""Names and values out of the data stand in charts letter by letter: plotly would make links and bold words of them."""

from __future__ import annotations

from dataclasses import replace

from dashboard.ai.diagnosis import Sample
from dashboard.figures import compare, pulls
from dashboard.reports.document import Bar
from dashboard.reports.render import charts
from tests.unit.test_report_render import document

EVIL = '<a href="//e.co">X</a>'
SHOWN = '&lt;a href="//e.co"&gt;X&lt;/a&gt;'


def test_a_name_below_a_bar_of_the_comparison_makes_no_link() -> None:
    told = compare._wrapped(EVIL)
    assert told.replace("<br>", " ") == SHOWN


def test_fields_and_values_a_model_has_learned_from_make_no_link() -> None:
    sample = Sample(("own",), ((EVIL,), ("b",)), ((1.0,), (-1.0,)))
    for figure in (pulls.swarm(sample, {"own": EVIL}, "ru"), pulls.dependence(sample, "own", EVIL, "ru")):
        told = figure.to_json()
        assert "\\u003ca" not in told and "<a" not in told and "&lt;a" in told
    numbers = Sample(("own",), ((1.0,), (2.0,)), ((1.0,), (-1.0,)))
    assert "&lt;a" in pulls.dependence(numbers, "own", EVIL, "ru").to_json()


def test_a_row_of_a_reports_chart_makes_no_link() -> None:
    made = document()
    chart = replace(made.charts[0], kind="rows", bars=(Bar(EVIL, 1.0),))
    axis = charts.figure(chart, made)["layout"]["yaxis"]
    assert axis["ticktext"] == [SHOWN]
