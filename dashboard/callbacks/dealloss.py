"""Deals that become lost from the grid: one cell, a pasted block, many at once. First it is asked why, then done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from dash import Dash, Input, Output, State, no_update, set_props
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import door, grids, many, pasting
from dashboard.callbacks.board import checked_move
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked
from dashboard.callbacks.gridwork import GridWork, Row
from dashboard.callbacks.lost import asked_of, given_reason, offered_reasons, reason_problem, register_reason
from dashboard.callbacks.lost import told as reason_told
from dashboard.components.fields import control_id, problem_id
from dashboard.pages import deals as page
from dashboard.services import board, bulk, deals
from dashboard.services import pasting as pasted
from dashboard.services.actor import Actor
from dashboard.services.bulk import Change
from dashboard.services.permissions import Right
from dashboard.services.records import Deal

IDS = page.IDS
#: Reason and words of a loss.
Told = tuple[str | None, str | None]


def ask_why(actor: Actor, held: Mapping[str, Any]) -> NoReturn:
    """Hold what is wanted until the reason of the loss is given; the grid shows what is stored till then."""
    options, chosen, said, ring = reason_problem(actor)
    reason = control_id(page.LOST_FORM, "lost_reason")
    set_props(reason, {"options": options, "value": chosen, "className": ring})  # type: ignore[arg-type]
    set_props(problem_id(page.LOST_FORM, "lost_reason"), {"children": said})  # type: ignore[arg-type]
    asked_of(page.LOST_FORM, _deal_of(held))
    set_props(page.LOST_HELD, {"data": dict(held)})
    set_props(page.LOST_DIALOG, {"is_open": True})
    raise door.Told


def _deal_of(held: Any) -> int:
    """The deal that is held; 0 for several."""
    deal = held.get("deal") if isinstance(held, dict) else None
    return deal if isinstance(deal, int) else 0


def ask_first(actor: Actor, stages: Mapping[int, Iterable[int]], held: Mapping[str, Any]) -> None:
    """The same for work on several deals. ``stages``: stage → the deals that go there (none named: looked at already)."""
    for stage, chosen in stages.items():
        if board.ending(actor, stage) != "lost":
            continue
        ids = list(chosen)
        if not ids or any(deal.stage_id != stage for deal in deals.by_ids(actor, ids)):
            set_props(IDS.many, {"is_open": False})
            ask_why(actor, held)


def register_loss(app: Dash, work: GridWork, listed: Callable[[Actor, Deal], Row]) -> None:
    """Register the dialog's answer. ``listed``: a stored deal as the grid shows it."""
    register_reason(app, page.LOST_FORM, page.LOST_DIALOG, page.LOST_NO)
    given = [control_id(page.LOST_FORM, name) for name in ("lost_reason", "lost_comment")]
    undo = [Output(name, prop, allow_duplicate=True) for name, prop in
            ((IDS.undone, "data"), (IDS.undo_text, "children"), (IDS.undo, "hidden"))]  # fmt: skip

    @action(
        app,
        [Output(IDS.edited, "data", allow_duplicate=True), *undo, Output(page.LOST_DIALOG, "is_open", allow_duplicate=True),
         *offered_reasons(page.LOST_FORM, again=True)[2:]],
        Input(page.LOST_YES, "n_clicks"),
        [*[State(name, "value") for name in given], State(page.LOST_HELD, "data")],
        right=Right.DEALS_WRITE,
    )  # fmt: skip
    def lose(actor: Actor, sure: Any, reason: Any, words: Any, held: Any) -> list[Any]:
        clicked()
        told = given_reason(reason, words)
        if told is None:
            return [*[no_update] * 4, True, *reason_problem(actor, missing=True)[2:]]
        with grids.told_as_unsaved(actor, "errors.deal_save"):
            done = lost(actor, work, held, told, listed)
        reason_told(actor, _deal_of(held))
        return [*done, False, "", ""]


def lost(actor: Actor, work: GridWork, held: Any, told: Told, listed: Callable[[Actor, Deal], Row]) -> list[Any]:
    """Do what was held: the grid's answer, the change to take back, what the bar says, whether it stays hidden."""
    if isinstance(held, dict) and "cells" in held:
        return _lost_by_paste(actor, work, held, told)
    if isinstance(held, dict) and "values" in held:
        return _lost_together(actor, work, held, told)
    move = checked_move(held)
    done = board.move(actor, move["deal"], move["stage"], move["version"], *told)
    said = i18n.t("repday.lost_undo", actor.locale, deal=done.deal.title)
    shown = {"rows": [listed(actor, done.deal)], "field": "stage_id"}
    return [shown, {"changeset": done.changeset_id}, said, not done.changeset_id]


def _lost_together(actor: Actor, work: GridWork, held: dict[str, Any], told: Told) -> list[Any]:
    change = many.change_of(held["values"])
    if change is None or change.kind != "move":
        raise PreventUpdate
    reasoned = Change("move", value=change.value, reason=told[0], comment=told[1])
    count = held.get("count")
    done = bulk.apply(actor, "deals", many.scope_of(held.get("scope")), reasoned, count if isinstance(count, int) else None)
    shown, _, *bar = many.answer(actor, work, done)
    return [shown, *bar]


def _lost_by_paste(actor: Actor, work: GridWork, held: dict[str, Any], told: Told) -> list[Any]:
    cells, locked = pasting.read_cells(held, work.editable)
    names = pasting.words(actor, "deals")
    stages = frozenset(stage for stage in names["stage_id"].values() if board.ending(actor, stage) == "lost")
    why = {name: words for name, words in zip(("lost_reason", "lost_comment"), told, strict=True) if words}
    done = pasted.paste(actor, "deals", cells, names, {("stage_id", stage): why for stage in stages})
    refused, changeset, said, hidden, listed, shown = pasting.answer(actor, done, locked, held.get("left"))
    set_props(IDS.paste_done, {"data": refused})
    set_props(IDS.paste_dialog, {"is_open": listed})
    set_props(IDS.paste_said, {"children": shown})
    return [no_update, changeset, said, hidden]
