"""A dashboard's panels: how each looks, which stand on it, in which order and size.

To add one: its question in ``services/panels.py`` (one line in ``QUESTIONS``), its looks here (one line in
``PANELS``).  A builder gets the answer and what is known of the page, and gives ``components.base.panel(...)``
of plain elements without ids: all of them travel as one component (``components/still.py``), so that a repaint
neither flickers nor takes the focus away.  ``plot(figure)`` stands for a plotly figure in it.
A mark is a button with ``data-pick`` (its filter), a link to the rows has ``data-drill``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from dashboard.components import customers, panels, pipelinechanges, stagetimes, today
from dashboard.components import elements as html
from dashboard.components.base import icon, note, panel_skeleton
from dashboard.components.base import panel as base_panel
from dashboard.components.seen import Seen
from dashboard.components.still import Node, Still, tree_of
from dashboard.i18n import t
from dashboard.services import dashboards
from dashboard.services.dashboards import Arrangement
from dashboard.services.panels import LATE, QUESTIONS, Failed, First
from dashboard.services.revenue_ahead import RevenueAhead

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Panel:
    """``size``: columns of twelve; ``height``: pixels of the finished body, for the skeleton;
    ``usual``: on the dashboard of somebody who has not chosen."""

    name: str
    build: Callable[[Any, Seen], Any]
    size: int = 6
    height: int = 220
    usual: bool = True

    @property
    def title(self) -> str:
        """Text key."""
        return QUESTIONS[self.name].title


#: In the order of the usual dashboard.
PANELS: dict[str, Panel] = {
    item.name: item
    for item in (
        Panel("revenue", panels.revenue, size=8, height=290),
        Panel("today", today.build, size=4, height=290),
        Panel("funnel", panels.funnel, size=4, height=236),
        Panel("changes", pipelinechanges.build, size=8, height=310),
        Panel("leaders", panels.leaders, height=300),
        Panel("regions", panels.regions, height=300),
        Panel("groups", panels.groups),
        Panel("activity", panels.activity),
        Panel("stages", stagetimes.build, size=12, height=400),
        Panel("cohorts", customers.cohorts, size=7, height=520),
        Panel("rfm", customers.rfm, size=5, height=520),
    )
}


def usual() -> Arrangement:
    """The dashboard of somebody who has not chosen."""
    return dashboards.usual([(item.name, item.size) for item in PANELS.values() if item.usual])


def skeleton(arrangement: Arrangement) -> Node:
    """The panels while their answers are on the way, each of its final height."""
    shown = [(PANELS[name], size) for name, size in arrangement.panels if name in PANELS]
    return ["", {}, *(_slot(panel.name, size, tree_of(panel_skeleton(panel.height))) for panel, size in shown)]


def sheet(arrangement: Arrangement, answers: Mapping[str, Any], seen: Callable[[str], Seen], locale: str) -> Node:
    """The panels with their answers; one that broke says so in its place."""
    return [
        "", {},
        *(
            _slot(name, size, _node(PANELS[name], answers[name], seen(name), locale), _comes(answers[name]))
            for name, size in arrangement.panels
            if name in PANELS and name in answers
        ),
    ]  # fmt: skip


def late(arrangement: Arrangement, answers: Mapping[str, Any], seen: Callable[[str], Seen], locale: str) -> dict[str, Any]:
    """The panels whose answers came after the others, by name: each with the question it answers."""
    return {
        name: [_whole_key(answers[name], seen(name)), _node(PANELS[name], answers[name], seen(name), locale)]
        for name in arrangement.names
        if name in PANELS and name in answers
    }


def _whole_key(answer: Any, seen: Seen) -> str:
    """The question, and where facts stand already those that its whole answer must stand beside: after an edit the same
    question has another answer."""
    if not isinstance(answer, RevenueAhead):
        return seen.key
    facts = [(month.month, month.revenue, month.deals, month.plan) for month in answer.months]
    return f"{seen.key}:{blake2b(repr(facts).encode(), digest_size=9).hexdigest()}"


def section(panel: Panel, answer: Any, seen: Seen, locale: str) -> Any:
    """One panel in its frame; of a late one the place it will be put into, which what is known of it already holds."""
    if answer is LATE:
        return Still(["late", {"name": panel.name, "asked": seen.key}, tree_of(panel_skeleton(panel.height))])
    if isinstance(answer, First):
        wanted = "" if answer.whole else _whole_key(answer.answer, seen)
        return Still(["late", {"name": panel.name, "wanted": wanted}, tree_of(section(panel, answer.answer, seen, locale))])
    if isinstance(answer, Failed):
        return broken(panel, locale)
    try:
        made = panel.build(answer, seen)
        head = made.children[0]
        head.children = [*head.children, _tools(panel, locale)]
    except Exception:  # noqa: BLE001 - a panel that cannot be built leaves the others alone
        log.exception("panel %s cannot be built", panel.name)
        return broken(panel, locale)
    return made


def _node(panel: Panel, answer: Any, seen: Seen, locale: str) -> Node:
    """The same as data."""
    try:
        return tree_of(section(panel, answer, seen, locale))
    except Exception:  # noqa: BLE001 - nor does one that cannot be drawn
        log.exception("panel %s cannot be drawn", panel.name)
        return tree_of(broken(panel, locale))


def broken(panel: Panel, locale: str) -> html.Section:
    """What stands in place of a panel that could not be asked or drawn."""
    words = note(t("dashboards.broken", locale), t("dashboards.broken.hint", locale), "bad", "triangle-alert", role="alert")
    return base_panel(t(panel.title, locale), words)


def _comes(answer: Any) -> bool:
    """Whether (more of) it comes by itself."""
    return answer is LATE or (isinstance(answer, First) and not answer.whole)


def _slot(name: str, size: int, inside: Node, late: bool = False) -> Node:
    more = {"data-late": ""} if late else {}  # asked for by assets/dashboard.js
    return ["div", {"key": name, "className": f"w{size} fill slot", "data-panel": name, **more}, inside]


def _tools(panel: Panel, locale: str) -> html.Button:
    """Opens the panel's menu (assets/dashboard.js): its rows, full screen, files."""
    label = t("dashboards.panel_menu", locale, name=t(panel.title, locale))
    return html.Button(
        icon("ellipsis"), type="button", className="panel-tools", title=label,
        **{"data-panel-menu": panel.name, "aria-label": label, "aria-haspopup": "menu", "aria-expanded": "false"},
    )  # fmt: skip
