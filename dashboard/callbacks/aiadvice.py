"""What the advice page does: shows the list, takes advice, turns it down, puts it off."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update, set_props
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import drafts
from dashboard.callbacks.door import Kind, action, toast
from dashboard.callbacks.forms import clicked
from dashboard.components import worklist as parts
from dashboard.components.base import error_block
from dashboard.pages.aiadvice import DRAFT
from dashboard.pages.aiadvice import AdviceIds as IDS
from dashboard.pages.ids import FrameIds
from dashboard.services import ai, ai_advice, ai_client_advice
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right, can
from dashboard.web.texts import request_id

#: Pieces of advice shown at first, and more with each asking.
_FIRST, _STEP = 10, 40


def register(app: Dash) -> None:
    """Register the page's callbacks."""

    @action(
        app,
        [Output(IDS.LIST, "children"), Output(IDS.MORE, "children"), Output(IDS.MORE, "hidden"), Output(IDS.WORTH, "children")],
        [Input(IDS.WHOSE, "value"), Input(IDS.SHOWN, "data"), Input(IDS.CHANGED, "data"), Input(FrameIds.CHANGES, "data")],
        right=Right.AI_READ,
        prevent_initial_call=False,
    )
    def show(actor: Actor, whose: Any, shown: Any, *_: Any) -> list[Any]:
        count = shown if isinstance(shown, int) and 0 < shown <= ai_advice.MOST else _FIRST
        return [*listed(actor, whose == "mine", count), beside(actor)]

    @action(app, Output(IDS.SHOWN, "data"), Input(IDS.MORE, "n_clicks"), State(IDS.SHOWN, "data"), right=Right.AI_READ)
    def more(actor: Actor, _: Any, shown: Any) -> int:
        clicked()
        return min((shown or _FIRST) + _STEP, ai_advice.MOST)

    _register_decisions(app)
    _register_undo(app)


def _register_decisions(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.CHANGED, "data"), Output(IDS.ASIDE, "data"), Output(IDS.DIALOG, "is_open"), Output(IDS.ABOUT, "children"),
         Output(IDS.UNDO, "hidden"), Output(IDS.UNDO_TEXT, "children")],
        Input({"type": IDS.DO, "do": ALL, "id": ALL}, "n_clicks"),
        right=Right.DEALS_WRITE,
    )
    def decide(actor: Actor, _: Any) -> list[Any]:
        clicked()
        what, advice_id = str(ctx.triggered_id["do"]), int(ctx.triggered_id["id"])
        if what == "dismiss":
            set_props(IDS.WHY, {"data-draft-row": str(advice_id)})
            set_props(IDS.WORDS, {"value": ""})
            return [no_update, advice_id, True, named(actor, advice_id), True, no_update]
        if what == "accept":
            toast(Kind.INFO, i18n.t("advice.taken", actor.locale), link=taken(actor, ai_advice.accept(actor, advice_id)))
            return [advice_id, None, False, no_update, True, no_update]
        days = int(what.removeprefix("snooze-"))
        ai_advice.snooze(actor, advice_id, days)
        return [advice_id, advice_id, False, no_update, False, i18n.n("advice.put_off", days, actor.locale)]

    @action(
        app,
        [Output(IDS.DIALOG, "is_open", allow_duplicate=True), Output(IDS.CHANGED, "data", allow_duplicate=True),
         Output(IDS.UNDO, "hidden", allow_duplicate=True), Output(IDS.UNDO_TEXT, "children", allow_duplicate=True),
         Output(IDS.WORDS, "value")],
        [Input(IDS.YES, "n_clicks"), Input(IDS.NO, "n_clicks")],
        [State(IDS.ASIDE, "data"), State(IDS.REASON, "value"), State(IDS.WORDS, "value")],
        right=Right.DEALS_WRITE,
    )
    def dismiss(actor: Actor, _yes: Any, _no: Any, advice_id: Any, reason: Any, words: Any) -> list[Any]:
        clicked()
        if not isinstance(advice_id, int):
            return [False, no_update, True, no_update, no_update]
        if ctx.triggered_id == IDS.YES:
            ai_advice.dismiss(actor, advice_id, str(reason), str(words or ""))
        drafts.saved(actor, DRAFT, advice_id)
        if ctx.triggered_id == IDS.NO:
            return [False, no_update, True, no_update, ""]
        return [False, advice_id, False, i18n.t("advice.dismissed", actor.locale), ""]


def _register_undo(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.UNDO, "hidden", allow_duplicate=True), Output(IDS.CHANGED, "data", allow_duplicate=True)],
        [Input(IDS.UNDO_YES, "n_clicks"), Input(IDS.UNDO_NO, "n_clicks")],
        State(IDS.ASIDE, "data"),
        right=Right.DEALS_WRITE,
    )
    def undo(actor: Actor, _yes: Any, _no: Any, advice_id: Any) -> list[Any]:
        clicked()
        if ctx.triggered_id == IDS.UNDO_NO or not isinstance(advice_id, int):
            return [True, no_update]
        ai_advice.reopen(actor, advice_id)
        return [True, -advice_id]


def listed(actor: Actor, mine: bool, count: int) -> list[Any]:
    """The list of advice, the words of the button for more of it, and whether there is no more."""
    found = ai_advice.worklist(actor, mine=mine, limit=count, with_clients=True)
    shown = parts.list_panel(found, actor.locale, money_of(actor), can(actor, Right.DEALS_WRITE))
    rest = max(found.count - len(found.items), 0)
    return [shown, i18n.n("advice.more", rest, actor.locale), not rest]


def taken(actor: Actor, found: ai_advice.Taken) -> tuple[str, str]:
    """Where the task of an accepted piece of advice stands, and the words of the way there."""
    if found.deal_id:
        return f"/deals/{found.deal_id}", i18n.t("advice.open_deal", actor.locale)
    return f"/clients/{found.client_id}", i18n.t("clientai.open_client", actor.locale)


def beside(actor: Actor) -> list[Any]:
    """What came of the advice, and the model behind it; a failure of one leaves the list alone."""
    try:
        worth = parts.worth_panel(ai_advice.worth(actor), ai_client_advice.worth(actor), actor.locale)
        return [worth, parts.model_panel(ai.model_card(actor), actor.locale)]
    except Exception:  # noqa: BLE001 - whatever is wrong with the model, the advice can be read
        return [error_block(i18n.t("ai.failure", actor.locale), "", request_id=request_id(), locale=actor.locale)]


def named(actor: Actor, advice_id: int) -> str:
    """What a piece of advice is called."""
    names = parts.names(ai_advice.worklist(actor, limit=2 * ai_advice.MOST, with_clients=True).items)
    if advice_id not in names:
        raise PreventUpdate
    return names[advice_id]


def money_of(actor: Actor) -> parts.Money:
    """Writes money in the account's currency."""
    return lambda value: i18n.money(Decimal(value), actor.currency, actor.locale)
