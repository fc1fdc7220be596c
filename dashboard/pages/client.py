"""One client: facts left, the story in the middle, purchases and advice right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard.components import clientahead, customfields, fields
from dashboard.components.base import bone, button, icon, link_button, panel, panel_skeleton
from dashboard.components.conflict import watch_place
from dashboard.components.drafts import draft_area
from dashboard.components.history import history_tab
from dashboard.components.neighbours import neighbours
from dashboard.components.records import INTERACTION_KINDS
from dashboard.pages.asof import record_page
from dashboard.pages.clientpeople import dialogs
from dashboard.services.permissions import Right, can
from dashboard.services.records import CustomField
from dashboard.services.timeline import KINDS
from dashboard.web import texts
from dashboard.web.texts import tr

PAGE = "client"
FORM = "client"
FIELDS = (
    "name",
    "kind",
    "country",
    "inn",
    "kpp",
    "ogrn",
    "segment",
    "industry",
    "region",
    "city",
    "address",
    "phone",
    "email",
    "website",
    "source",
    "owner_id",
    "tags",
    "notes",
)
TABS = ("overview", "deals", "purchases", "history")
SUGGESTED = ("segment", "region", "industry", "source")


class ClientIds:
    """Ids of the page."""

    ID = "client-id"
    VERSION = "client-version"
    HEAD = "client-head"
    NOTE = "client-note"
    FACTS = "client-facts"
    SAVE = "client-save"
    SAVED = "client-saved"
    DELETE = "client-delete"
    DELETE_DIALOG = "client-delete-dialog"
    DELETE_YES = "client-delete-yes"
    DELETE_NO = "client-delete-no"
    PERSONS = "client-persons"
    PERSONS_MOVED = "client-persons-moved"
    PERSON_NEW = "client-person-new"
    PERSON_DIALOG = "client-person-dialog"
    PERSON_ADD = "client-person-add"
    PERSON_CANCEL = "client-person-cancel"
    PERSON_REMOVE = "client-person-remove"  # pattern: {"type", "id", "version"}
    PERSON_EDIT = "client-person-edit"  # pattern: {"type", "id"}
    PERSON_BODY = "client-person-body"
    PERSON_TITLE = "client-person-title"
    PERSON_WHICH = "client-person-which"  # {"id", "version"} of the person that is edited
    POINTS = "client-points"
    POINT_NEW = "client-point-new"
    POINT_EDIT = "client-point-edit"  # pattern: {"type", "id"}
    POINT_REMOVE = "client-point-remove"  # pattern: {"type", "id", "version"}
    POINT_DIALOG = "client-point-dialog"
    POINT_BODY = "client-point-body"
    POINT_TITLE = "client-point-title"
    POINT_WHICH = "client-point-which"
    POINT_SAVE = "client-point-save"
    POINT_CANCEL = "client-point-cancel"
    HEALTH = "client-health"
    SUGGEST = "client-suggest"
    SUGGEST_WANTED = "client-suggest-wanted"  # when one first stands in a field with suggestions
    TAB_NOW = "client-tab-now"
    PANEL = "client-panel"
    TAB = "client-tab"
    STORY_KIND = "client-story-kind"
    STORY_AUTHOR = "client-story-author"
    STORY_PERIOD = "client-story-period"
    STORY_SINCE = "client-story-since"
    STORY_UNTIL = "client-story-until"
    STORY_DAYS = "client-story-days"
    STORY_PROBLEM = "client-story-problem"
    STORY_FOOT = "client-story-foot"
    STORY_SHOWN = "client-story-shown"  # {"count", "after", "month"}: what the reader has opened
    MORE = "client-story-more"
    PERSON = "client-note-person"
    BOUGHT = "client-bought"
    GOOD = "client-good"  # pattern: {"type", "product"}
    GOOD_ROWS = "client-good-rows"  # pattern: {"type", "product"}
    DEALS = "client-deals"
    TIMELINE = "client-timeline"
    KIND = "client-note-kind"
    TEXT = "client-note-text"
    DUE = "client-note-due"
    DUE_LINE = "client-note-due-line"
    ADD = "client-note-add"
    ADDED = "client-note-added"
    DONE = "client-task-done"  # pattern
    PURCHASES = "client-purchases"
    ADVICE = "client-advice"
    GO = "client-go"


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page(PAGE, path_template="/clients/<client_id>", title="client.title", layout=layout)


def layout(client_id: str = "", asof: str = "", **_: Any) -> html.Div:
    """The skeleton of one client; what may be seen is decided by the service that reads it."""
    actor = texts.find_actor()
    writable = actor is None or can(actor, Right.CLIENTS_WRITE)
    ids = ClientIds
    wanted = int(client_id) if client_id.isdigit() and len(client_id) < 19 else 0
    if asof:
        return record_page("clients", wanted, asof)
    crumbs = html.Nav(
        dcc.Link([icon("chevron-left", "s"), tr("clients.title")], href="/clients"),
        className="crumbs",
        **{"aria-label": tr("ui.path")},
    )
    return html.Div(
        [
            *_stores(ids, wanted),
            crumbs,
            watch_place("clients"),
            neighbours("clients", wanted),
            html.Div(html.Div(bone(24, "50%"), className="record-head is-waiting"), id=ids.HEAD),
            html.Div(id=ids.NOTE),
            html.Div(html.Div(bone(92), className="figures-wait"), id=ids.HEALTH),
            html.Div([html.Datalist(id=f"{ids.SUGGEST}-{name}") for name in SUGGESTED]),
            _tabs(ids),
            *_panels(ids, wanted, writable),
            *(dialogs(ids) if writable else []),
        ],
        className="page",
    )


def _stores(ids: Any, wanted: int) -> list[Any]:
    return [
        dcc.Store(id=ids.ID, data=wanted),
        dcc.Store(id=ids.VERSION),
        dcc.Store(id=ids.SAVED),
        dcc.Store(id=ids.PERSONS_MOVED),
        dcc.Store(id=ids.ADDED),
        dcc.Store(id=ids.TAB_NOW, data="overview"),
        dcc.Store(id=ids.STORY_SHOWN),
        dcc.Store(id=ids.PERSON_WHICH),
        dcc.Store(id=ids.POINT_WHICH),
        dcc.Store(id=ids.SUGGEST_WANTED),
        dcc.Location(id=ids.GO, refresh="callback-nav"),
    ]


def _panels(ids: Any, wanted: int, writable: bool) -> list[html.Div]:
    """What stands under the tabs, one at a time."""
    inside = {
        "overview": _overview(ids, wanted, writable),
        "deals": html.Div(panel_skeleton(320), id=ids.DEALS),
        "purchases": html.Div(panel_skeleton(320), id=ids.BOUGHT),
        "history": history_tab("clients", wanted, opened=False),
    }
    return [
        html.Div(
            inside[name], id=f"{ids.PANEL}-{name}", role="tabpanel", hidden=name != "overview",
            **{"aria-labelledby": f"{ids.TAB}-{name}"},
        )
        for name in TABS
    ]


def _overview(ids: Any, wanted: int, writable: bool) -> html.Div:
    """Who the client is, what happened, what is ahead."""
    left = html.Div(
        [
            html.Div(panel_skeleton(520), id=ids.FACTS),
            html.Div(panel_skeleton(120), id=ids.PERSONS),
            html.Div(panel_skeleton(60), id=ids.POINTS),
        ],
        className="pile pile-gutter r-1",
    )
    middle = html.Div(
        [*([draft_area("client-contact", wanted, None, quick_add(ids))] if writable else []), _story(ids, wanted)],
        className="pile pile-gutter r-2",
    )
    right = html.Div(
        [*clientahead.place(texts.current_locale()), html.Div(panel_skeleton(140), id=ids.ADVICE),
         html.Div(panel_skeleton(220), id=ids.PURCHASES)],
        className="pile pile-gutter r-3",
    )
    return html.Div([left, middle, right], className="three")


def _tabs(ids: Any) -> html.Div:
    """The page's parts; the counts come with the figures of the head."""
    return html.Div(
        [
            html.Button(
                [tr(f"client.tab_{name}"), html.Span(id=f"{ids.TAB}-{name}-count", className="t3 sm ms-1")],
                id=f"{ids.TAB}-{name}", type="button", role="tab", className="record-tab", n_clicks=0,
                **{"aria-selected": str(name == "overview").lower(), "aria-controls": f"{ids.PANEL}-{name}"},
            )
            for name in TABS
        ],
        className="record-tabs", role="tablist", **{"aria-label": tr("client.tabs")},
    )  # fmt: skip


def _story(ids: Any, wanted: int) -> html.Section:
    """The timeline's frame: what is shown of it, its rows, the way on."""
    kinds = [{"label": tr(f"client.story_{kind}"), "value": kind} for kind in ("all", "contacts", *KINDS)]
    periods = [{"label": tr(f"client.period_{name}"), "value": name} for name in ("all", "30", "90", "365", "own")]
    anyone = [{"label": tr("client.story_anyone"), "value": "all"}]
    choices = [
        fields.named(tr("client.story_kind"), dbc.Select(id=ids.STORY_KIND, options=kinds, value="all", size="sm")),
        fields.named(tr("client.story_author"), dbc.Select(id=ids.STORY_AUTHOR, options=anyone, value="all", size="sm")),
        fields.named(tr("client.story_period"), dbc.Select(id=ids.STORY_PERIOD, options=periods, value="all", size="sm")),
    ]
    days = [
        html.Div([html.Label(tr(f"client.{name}"), htmlFor=item, className="lab"), dbc.Input(id=item, type="date", size="sm")])
        for name, item in (("since", ids.STORY_SINCE), ("until", ids.STORY_UNTIL))
    ]
    body = [
        html.Div(choices, className="story-choices"),
        html.Div(days, id=ids.STORY_DAYS, className="story-choices", hidden=True),
        html.Div(id=ids.STORY_PROBLEM, className="hint bad", role="alert"),
        html.Div(html.Div(bone(320)), id=ids.TIMELINE, className="timeline"),
        html.Div(button(tr("client.story_more"), ids.MORE, small=True), id=ids.STORY_FOOT, hidden=True),
    ]
    every = link_button(tr("repday.all_contacts"), f"/interactions?filter=client+%3D+{wanted}", "link", small=True)
    return panel(tr("client.story"), body, corner=html.Span(every, className="records"))


def quick_add(ids: Any) -> html.Section:
    """Write down a contact or a task at once; the text stays in the browser until it is saved."""
    kinds = dbc.RadioItems(
        id=ids.KIND,
        value="note",
        options=[{"label": tr(f"interactions.{kind}"), "value": kind} for kind in INTERACTION_KINDS],
        inline=True,
        className="segmented",
    )
    text = fields.named(
        tr("timeline.placeholder"),
        dbc.Textarea(id=ids.TEXT, placeholder=tr("timeline.placeholder"), rows=2),
    )
    due = html.Div(
        [
            html.Label(tr("timeline.due_label"), htmlFor=ids.DUE, className="lab"),
            dbc.Input(id=ids.DUE, type="date", size="sm", style={"width": "160px"}),
        ],
        id=ids.DUE_LINE,
        className="line",
        hidden=True,
    )
    whom = []
    if hasattr(ids, "PERSON"):  # A deal's page does not know its client's persons.
        nobody = [{"label": tr("client.nobody"), "value": "0"}]
        whom = [fields.named(tr("client.with_whom"), dbc.Select(id=ids.PERSON, options=nobody, value="0", size="sm"))]
    foot = html.Div(
        [
            due, *whom, html.Span(tr("client.keys"), className="t3 sm grow quick-keys"),
            button(tr("timeline.add"), ids.ADD, "primary", small=True, **{"data-quick-save": "1"}),
        ],
        className="line line-wrap",
    )  # fmt: skip
    return html.Section(
        html.Div([kinds, text, foot], className="pile pile-12 p-3"),
        className="panel quick-add", **{"aria-label": tr("timeline.new")},
    )  # fmt: skip


def facts_panel(
    values: dict[str, Any],
    owners: list[dict[str, Any]],
    writable: bool,
    own: Sequence[CustomField] = (),
) -> html.Section:
    """The form of the client's fields. One explicit «Сохранить» below it."""
    rows: list[Any] = []
    for name in FIELDS:
        rows += fields.fact(FORM, name, tr(f"fields.client.{name}"), _control(name, values.get(name), owners, writable))
    rows += customfields.facts(FORM, own, values.get("custom") or {}, writable)
    foot = [html.Div(button(tr("ui.save"), ClientIds.SAVE, "primary"), className="line mt-3")] if writable else []
    body = draft_area(FORM, values["id"], values["version"], html.Div(rows, className="facts"))
    return panel(tr("client.facts"), [body, *foot])


def _control(name: str, value: Any, owners: list[dict[str, Any]], writable: bool) -> Any:
    if name == "kind":
        kinds = [{"label": tr(f"clients.kind_{kind}"), "value": kind} for kind in ("company", "person")]
        return fields.select(FORM, name, kinds, value, disabled=not writable)
    if name == "owner_id":
        return fields.select(FORM, name, owners, value, empty="–", disabled=not writable)
    if name == "notes":
        return fields.text_area(FORM, name, value, readonly=not writable)
    more = {"list": f"client-suggest-{name}"} if name in SUGGESTED else {}
    return fields.text_input(
        FORM,
        name,
        ", ".join(value or ()) if name == "tags" else value,
        kind={"email": "email", "phone": "tel", "website": "text"}.get(name, "text"),
        readonly=not writable,
        placeholder="–",
        **more,
    )
