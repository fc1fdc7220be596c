"""Pages of a past day: read the address, show what stood, put choices into the address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

from dash import ALL, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from dashboard.callbacks.choices import owner_options, values_of
from dashboard.callbacks.door import action, describe
from dashboard.components import asof as parts
from dashboard.components.base import error_block, link_button
from dashboard.components.still import still
from dashboard.i18n import day as day_words
from dashboard.pages.historyids import AsOfIds as IDS
from dashboard.services import asof, catalogue, history_words
from dashboard.services.actor import Actor
from dashboard.services.asof import Question
from dashboard.services.errors import DomainError, Invalid, NotFound
from dashboard.services.history import ENTITIES
from dashboard.services.permissions import Right
from dashboard.web.texts import tr

_NUMBERS = {"owner_id", "stage_id", "client_id"}
_FILTERS = {"deals": ("status", "stage_id", "owner_id"), "clients": ("segment", "region", "owner_id")}


def register(app: Dash) -> None:
    """Register the pages of a past day."""

    @action(
        app,
        Output(IDS.BODY, "children"),
        [Input(IDS.WHAT, "data"), Input(IDS.ADDRESS, "search")],
        right=Right.CLIENTS_READ,
        prevent_initial_call=False,
    )
    def show(actor: Actor, what: Any, search: Any) -> Any:
        entity, row_id, text = _asked(what)
        try:
            day = asof.day_of(actor, text)
            if day is None:
                raise PreventUpdate
            if row_id is None:
                return still(_list(actor, entity, day, _state(search, text)))
            return still(_record(actor, entity, row_id, day))
        except (Invalid, NotFound) as error:
            return _refused(actor, entity, row_id, error)

    @action(
        app,
        Output(IDS.GO, "href"),
        Input(IDS.DAY, "value"),
        [State(IDS.WHAT, "data"), State(IDS.ADDRESS, "search")],
        right=Right.CLIENTS_READ,
    )
    def go_to_day(actor: Actor, day: Any, what: Any, search: Any) -> str:
        return _address(what, search, {"asof": str(day or "")} if day else {})

    # A record has no such fields: they stand in a callback of their own.
    @action(
        app,
        Output(IDS.GO, "href", allow_duplicate=True),
        [Input(IDS.SEARCH, "value"), Input({"type": IDS.FILTER, "name": ALL}, "value")],
        [State(IDS.WHAT, "data"), State(IDS.ADDRESS, "search"), State({"type": IDS.FILTER, "name": ALL}, "id")],
        right=Right.CLIENTS_READ,
    )
    def narrow(actor: Actor, words: Any, filters: Any, what: Any, search: Any, ids: Any) -> str:
        pairs = zip(ids or [], filters or [], strict=False)
        chosen = {item["name"]: "" if value == "any" else str(value or "") for item, value in pairs}
        return _address(what, search, {**chosen, **({} if words is None else {"q": str(words)})})


def _address(what: Any, search: Any, chosen: Mapping[str, str]) -> str:
    """Where the page is with what was chosen; nothing to do where it is there already."""
    entity, row_id, text = _asked(what)
    before = _state(search, text)
    wanted = {**before, **chosen}
    if {name: value for name, value in wanted.items() if value} == {name: value for name, value in before.items() if value}:
        raise PreventUpdate
    return parts.address(_path(entity, row_id), {**wanted, "page": ""})


def _asked(what: Any) -> tuple[str, int | None, str]:
    if not isinstance(what, dict) or what.get("entity") not in ENTITIES:
        raise PreventUpdate
    row_id = what.get("id")
    return what["entity"], row_id if isinstance(row_id, int) else None, str(what.get("day") or "")


def _state(search: Any, day: str) -> dict[str, str]:
    """What the address holds, known names alone."""
    known = {"q", "sort", "page", "filter", *_FILTERS["deals"], *_FILTERS["clients"]}
    found = dict(parse_qsl(search.lstrip("?"), max_num_fields=50)) if isinstance(search, str) and len(search) < 10_000 else {}
    return {"asof": day[:10], **{name: value for name, value in found.items() if name in known}}


def _path(entity: str, row_id: int | None) -> str:
    room = f"/{entity}" if entity in ("clients", "deals") else f"/history/{entity}"
    return room if row_id is None else f"{room}/{row_id}"


def _record(actor: Actor, entity: str, row_id: int, day: date) -> list[Any]:
    found = asof.record(actor, entity, row_id, day)
    said = history_words.words(actor)
    says = tr("history.asof.record", what=said.table(entity).capitalize(), day=day_words(day, actor.locale))
    return [parts.banner(day, _path(entity, row_id), says), *parts.record_body(found, entity, said)]


def _list(actor: Actor, entity: str, day: date, state: Mapping[str, str]) -> list[Any]:
    if entity not in _FILTERS:
        raise PreventUpdate
    said, path = history_words.words(actor), f"/{entity}"
    equal = {name: _typed(name, state[name]) for name in _FILTERS[entity] if state.get(name)}
    question = Question(
        search=state.get("q", ""),
        equal={name: value for name, value in equal.items() if value is not None},
        sort=(state["sort"],) if state.get("sort") else (),
        limit=parts.BLOCK,
        offset=parts.page_of(state) * parts.BLOCK,
        filter=state.get("filter", "") if entity == "deals" else "",
    )
    says = tr(f"history.asof.{entity}", day=day_words(day, actor.locale))
    labels = {name: said.label(entity, name) for name in _FILTERS[entity]}
    tools = [parts.banner(day, path, says), parts.list_tools(state, _choices(actor, entity), labels)]
    if entity == "deals":
        deals = asof.list_deals(actor, day, question)
        rows = [parts.deal_row(deal, state, said) for deal in deals.rows]
        return [*tools, parts.list_table(_deal_heads(said), rows, path, state, deals, said)]
    clients = asof.list_clients(actor, day, question)
    rows = [parts.client_row(client, state, said) for client in clients.rows]
    return [*tools, parts.list_table(_client_heads(said), rows, path, state, clients, said)]


def _deal_heads(said: history_words.Words) -> list[tuple[str, str, bool]]:
    label = lambda name: said.label("deals", name)  # noqa: E731 - a name for the line below
    return [
        ("title", label("title"), False),
        ("", label("client_id"), False),
        ("stage_id", label("stage_id"), False),
        ("status", label("status"), False),
        ("amount", label("amount"), True),
        ("", label("owner_id"), False),
        ("opened_at", label("opened_at"), False),
        ("closed_at", label("closed_at"), False),
    ]


def _client_heads(said: history_words.Words) -> list[tuple[str, str, bool]]:
    names = [("name", False), ("segment", False), ("owner_id", False), ("region", False), ("city", False)]
    found = [("" if name == "owner_id" else name, said.label("clients", name), right) for name, right in names]
    return [*found, *(("", tr(f"fields.client.{name}"), True) for name in ("deals_open", "deals_won", "revenue"))]


def _choices(actor: Actor, entity: str) -> dict[str, list[tuple[str, str]]]:
    owners = [(str(option["value"]), str(option["label"])) for option in owner_options(actor)]
    if entity == "clients":
        return {name: [(value, value) for value in values_of(actor, name)] for name in ("segment", "region")} | {
            "owner_id": owners
        }
    stages = [(str(stage.id), stage.name) for pipeline in catalogue.pipelines(actor) for stage in pipeline.stages]
    return {
        "status": [(name, tr(f"statuses.{name}")) for name in ("open", "won", "lost")],
        "stage_id": stages,
        "owner_id": owners,
    }


def _typed(name: str, value: str) -> Any:
    if name in _NUMBERS:
        return int(value) if value.isdigit() and len(value) < 19 else None
    return value[:200].replace("\x00", "")


def _refused(actor: Actor, entity: str, row_id: int | None, error: DomainError) -> Any:
    """A day nobody can look back at, or a record that was not there then."""
    text, hint = describe(error)
    if isinstance(error, NotFound):
        text, hint = tr("history.asof.not_then"), tr("history.asof.not_then_hint")
    back = link_button(tr("history.asof.to_now"), _path(entity, row_id), small=True)
    return error_block(text, hint or "", locale=actor.locale, actions=[back])
