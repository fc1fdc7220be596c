"""The frame's own callbacks: the change counter, theme, language, messages."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from dashboard.callbacks.door import SIGNED_IN, action
from dashboard.pages.ids import FrameIds
from dashboard.services import accounts, analytics
from dashboard.services.actor import Actor
from dashboard.services.errors import DomainError
from dashboard.services.permissions import Right

_THEMES = {FrameIds.THEME_LIGHT: "light", FrameIds.THEME_DARK: "dark", FrameIds.THEME_AUTO: "auto"}
_LANGUAGES = {FrameIds.LANGUAGE_RU: "ru", FrameIds.LANGUAGE_EN: "en"}


def register(app: Dash) -> None:
    """Register the frame's callbacks."""

    @action(
        app,
        Output(FrameIds.CHANGES, "data"),
        Input(FrameIds.CHANGES_POLL, "n_intervals"),
        State(FrameIds.CHANGES, "data"),
        right=Right.ANALYTICS_READ,
    )
    def follow_changes(actor: Actor, _: Any, seen: Any) -> int:
        try:
            counter = analytics.change_counter(actor)
        except DomainError:  # The page asks again in a moment; a message each time would help nobody.
            raise PreventUpdate from None
        if counter == seen:
            raise PreventUpdate
        return counter

    @action(app, Output(FrameIds.THEME, "data"), [Input(item, "n_clicks") for item in _THEMES], right=SIGNED_IN)
    def choose_theme(actor: Actor, *clicks: Any) -> str:
        theme = _chosen(_THEMES, clicks)
        accounts.update_profile(actor, theme=theme)
        return theme

    @action(app, Output(FrameIds.LANGUAGE, "data"), [Input(item, "n_clicks") for item in _LANGUAGES], right=SIGNED_IN)
    def choose_language(actor: Actor, *clicks: Any) -> str:
        language = _chosen(_LANGUAGES, clicks)
        accounts.update_profile(actor, locale=language)
        return language

    for function, output, source in (
        ("showToasts", FrameIds.TOAST_DONE, FrameIds.TOAST),
        ("applyTheme", FrameIds.DONE, FrameIds.THEME),
    ):
        app.clientside_callback(
            ClientsideFunction("frame", function), Output(output, "data"), Input(source, "data"), prevent_initial_call=True
        )
    app.clientside_callback(ClientsideFunction("frame", "reload"), Input(FrameIds.LANGUAGE, "data"), prevent_initial_call=True)


def _chosen(choices: dict[str, str], clicks: tuple[Any, ...]) -> str:
    chosen = ctx.triggered_id
    if not any(clicks) or not isinstance(chosen, str) or chosen not in choices:
        raise PreventUpdate
    return choices[chosen]
