"""The client page's timeline: filtered by kind, author and period, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dash import Dash, Input, Output, Patch, State, ctx, html
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked
from dashboard.components import story as parts
from dashboard.components.still import still
from dashboard.pages.client import ClientIds as IDS
from dashboard.pages.ids import FrameIds
from dashboard.services import history_words, timeline
from dashboard.services.actor import Actor
from dashboard.services.errors import DomainError, FieldProblem, Invalid
from dashboard.services.permissions import Right, can
from dashboard.services.timeline import TimelineQuery

STORY = (
    (IDS.TIMELINE, "children"), (IDS.STORY_FOOT, "hidden"), (IDS.STORY_SHOWN, "data"), (IDS.STORY_PROBLEM, "children"),
)  # fmt: skip
_CHOICES = (IDS.STORY_KIND, IDS.STORY_AUTHOR, IDS.STORY_PERIOD, IDS.STORY_SINCE, IDS.STORY_UNTIL)


def register_story(app: Dash) -> None:
    """Register the timeline's rows, its next pages and its choices."""
    _register_choices(app)

    @action(
        app,
        [Output(item, name) for item, name in STORY],
        [Input(IDS.ADDED, "data"), Input(FrameIds.CHANGES, "data"), *(Input(item, "value") for item in _CHOICES)],
        [State(IDS.ID, "data"), State(IDS.STORY_SHOWN, "data")],
        right=Right.CLIENTS_READ,
    )
    def show(actor: Actor, added: Any, changes: Any, *rest: Any) -> Any:
        *chosen, client_id, shown = rest
        # Somebody's change elsewhere must not fold what the reader has opened.
        opened = shown["count"] if shown and ctx.triggered_id in (FrameIds.CHANGES, IDS.ADDED) else 0
        return story_of(actor, client_id, chosen, opened)

    @action(
        app,
        [Output(IDS.TIMELINE, "children", allow_duplicate=True), Output(IDS.STORY_FOOT, "hidden", allow_duplicate=True),
         Output(IDS.STORY_SHOWN, "data", allow_duplicate=True)],
        Input(IDS.MORE, "n_clicks"),
        [State(IDS.ID, "data"), *(State(item, "value") for item in _CHOICES), State(IDS.STORY_SHOWN, "data")],
        right=Right.CLIENTS_READ,
    )  # fmt: skip
    def show_more(actor: Actor, clicks: Any, client_id: Any, *rest: Any) -> Any:
        clicked()
        *chosen, shown = rest
        if not shown or not shown["after"]:
            raise PreventUpdate
        rows, place = _page(actor, client_id, asked(actor, chosen, shown["after"]), shown["month"])
        patch = Patch()
        patch.extend(rows)
        return patch, not place["after"], place | {"count": shown["count"] + place["count"]}


def story_of(actor: Actor, client_id: Any, chosen: Sequence[Any] = ("all", "all", "all", None, None), opened: int = 0) -> Any:
    """The timeline's first page (the outputs :data:`STORY`); ``opened``: rows the reader has opened already."""
    try:
        query = asked(actor, chosen)
        rows, place = _page(actor, client_id, replace(query, limit=max(query.limit, opened)), "")
    except Invalid as error:
        said = (i18n.t(f"problems.{item.code}", actor.locale, **item.params) for item in error.problems)
        return [], True, None, "; ".join(said)
    except DomainError:
        raise PreventUpdate from None  # The head says that the record cannot be read.
    plain = query == TimelineQuery()
    empty = html.Div(i18n.t("client.story_empty" if plain else "client.story_none", actor.locale), className="t3")
    return rows or [empty], not place["after"], place, ""


def _register_choices(app: Dash) -> None:
    @action(app, Output(IDS.STORY_DAYS, "hidden"), Input(IDS.STORY_PERIOD, "value"), right=Right.CLIENTS_READ)
    def ask_days(actor: Actor, period: Any) -> bool:
        return bool(period != "own")


def asked(actor: Actor, chosen: Sequence[Any], after: str | None = None) -> TimelineQuery:
    """The choices (in the order of the page) as a question. Raises :class:`Invalid` for days that are none."""
    kind, author, period, since, until = chosen
    kinds = timeline.KINDS if kind in (None, "all") else timeline.CONTACTS if kind == "contacts" else (str(kind),)
    member = int(author) if isinstance(author, str) and author.isdigit() and len(author) < 19 else None
    if period == "own":
        first, last = _day("since", since), _day("until", until)
    else:
        days = int(period) if period in ("30", "90", "365") else None
        today = datetime.now(ZoneInfo(actor.timezone)).date()
        first, last = (today - timedelta(days=days) if days else None), None
    return TimelineQuery(kinds=kinds, author_id=member, since=first, until=last, after=after)


def _day(name: str, value: Any) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise Invalid([FieldProblem(name, "not_a_date")]) from None


def _page(actor: Actor, client_id: Any, query: TimelineQuery, month: str) -> tuple[list[Any], dict[str, Any]]:
    """Rows of a page, and where the next one begins."""
    story = timeline.of_client(actor, client_id, query)
    done = IDS.DONE if can(actor, Right.CLIENTS_WRITE) else None
    rows, last = parts.rows(story.entries, history_words.words(actor), done, month)
    return [still(row) for row in rows], {"count": len(story.entries), "after": story.next, "month": last}
