"""The bell: how much is unread, its list, what becomes read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import door
from dashboard.callbacks.door import SIGNED_IN, action
from dashboard.components import bell as parts
from dashboard.pages.ids import BellIds as IDS
from dashboard.pages.ids import FrameIds
from dashboard.services import notices
from dashboard.services.actor import Actor
from dashboard.services.errors import DomainError
from dashboard.services.notices import Bell

_SHOWN = [
    Output(IDS.COUNT, "children"),
    Output(IDS.COUNT, "hidden"),
    Output(IDS.LIST, "children"),
    Output(IDS.SAID, "children"),
    Output(IDS.SEEN, "data"),
]


def register(app: Dash) -> None:
    """Register the bell's callbacks."""

    @action(
        app,
        _SHOWN,
        Input(FrameIds.CHANGES_POLL, "n_intervals"),
        State(IDS.SEEN, "data"),
        right=SIGNED_IN,
        prevent_initial_call=False,
    )
    def follow(actor: Actor, _: Any, seen: Any) -> list[Any]:
        try:
            counted = list(notices.count(actor))
        except DomainError:  # The frame says what is wrong; the bell asks again in a moment.
            raise PreventUpdate from None
        if counted == seen:
            raise PreventUpdate
        return _drawn(actor, seen)

    @action(
        app,
        [Output(item.component_id, item.component_property, allow_duplicate=True) for item in _SHOWN],
        Input(IDS.ACT, "data"),
        State(IDS.SEEN, "data"),
        right=SIGNED_IN,
    )
    def read(actor: Actor, asked: Any, seen: Any) -> list[Any]:
        given = asked if isinstance(asked, dict) else {}
        number = given.get("id")
        if type(number) is not int or given.get("do") not in ("one", "all"):
            raise PreventUpdate
        (notices.mark_read if given["do"] == "one" else notices.mark_all_read)(actor, number)
        return _drawn(actor, seen)


def _drawn(actor: Actor, seen: Any) -> list[Any]:
    """The badge, the list, what is read out, and what was seen, in the order of the outputs."""
    found = notices.bell(actor)
    shown = parts.notice_list(found, actor.locale, actor.timezone, datetime.now(UTC))
    said = _announce(actor, found, seen)
    return [parts.badge(found.unread), not found.unread, shown, said, [found.unread, found.latest]]


def _announce(actor: Actor, found: Bell, seen: Any) -> str:
    """What came since the page last looked: reminders as messages, all of it for those who listen."""
    if not (isinstance(seen, list) and len(seen) == 2 and all(type(part) is int for part in seen)):
        return i18n.n("bell.count", found.unread, actor.locale) if found.unread else ""
    new = [notice for notice in found.notices if notice.id > seen[1] and notice.read_at is None]
    for notice in new[:3]:
        if notice.kind == "task_due":
            words = parts.sentence(notice, actor.locale, actor.timezone)
            door.toast("info", words, link=(notice.link, i18n.t("bell.open", actor.locale)))
    return parts.sentence(new[0], actor.locale, actor.timezone) if new else ""
