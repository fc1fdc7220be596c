"""The one door of all callbacks: who acts, with which right, and what an error becomes.

``action`` registers a callback whose function gets the actor first (from the session,
never from the browser).  A :class:`DomainError` becomes a toast with its text, a hint
and the request id; anything else is logged and shown as ``errors.internal``.  The
other outputs keep what they show.  ``toast`` says something to the person.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from dash import Dash, no_update, set_props
from dash.exceptions import PreventUpdate
from flask import g, has_request_context

from dashboard.pages.ids import FrameIds
from dashboard.services import errors, permissions, wording
from dashboard.services.permissions import Right
from dashboard.web import texts

log = logging.getLogger("dashboard.callbacks")

#: Key of ``server.extensions``: callback id -> declared right.
RIGHTS = "callback_rights"


class SignedIn(StrEnum):
    """For the few callbacks that every signed-in person may use, whatever the role."""

    ANY = "signed-in"


SIGNED_IN = SignedIn.ANY


class Kind(StrEnum):
    """How loud a message is: information 4 s, warning 8 s, errors stay."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Told(Exception):
    """Raised once the person has been told already: the outputs keep what they show, what was said is sent.

    ``PreventUpdate`` would not do: Dash answers it with nothing at all, and the message is lost.
    """


#: Errors a person brings about and can put right at once; all others stay on the screen.
_WARNINGS = (errors.Invalid, errors.Conflict, errors.StaleVersion, errors.TooManyAttempts)


def toast(kind: str, text: str, detail: str | None = None, link: tuple[str, str] | None = None) -> None:
    """Show ``text`` bottom right when the running callback ends. May be called several times.

    ``link``: an address within the product and what it is called.
    """
    said = g.setdefault("toasts", [])
    said.append({"kind": Kind(kind).value, "text": text, "detail": detail, "request_id": None, "link": link})
    set_props(FrameIds.TOAST, {"data": {"id": texts.request_id(), "toasts": said}})


def toast_error(error: Exception) -> None:
    """Show an error: its text, what to do, and the request id that the log knows it by."""
    text, detail = describe(error)
    kind = loudness(error)
    toast(kind, text, detail)
    g.toasts[-1]["request_id"] = texts.request_id() if kind is Kind.ERROR else None


def loudness(error: Exception) -> Kind:
    """A warning for what the person can put right at once, else an error."""
    return Kind.WARNING if isinstance(error, _WARNINGS) else Kind.ERROR


def describe(error: Exception) -> tuple[str, str | None]:
    """An error's sentence and, where there is one, what to do next."""
    code = error.code if isinstance(error, errors.DomainError) else "internal"
    params = error.params if isinstance(error, errors.DomainError) else {}
    locale = texts.current_locale()
    text = wording.sentence(code, params, locale)
    if isinstance(error, errors.Invalid) and error.problems:
        return text, "; ".join(_problem(problem) for problem in error.problems)
    return text, wording.hint(code, params, locale)


def _problem(problem: errors.FieldProblem) -> str:
    text = texts.tr(f"problems.{problem.code}", **problem.params)
    name = problem.pointer.rsplit("/", 1)[-1]
    locale = texts.current_locale()
    if problem.pointer == "filter":
        return f"{texts.tr('ui.filter_broken')}: {text}"
    for entity in ("client", "deal", "line", "product", "person", "interaction", "profile", "key"):
        label = f"fields.{entity}.{name}"
        if texts.has_text(label, locale):
            return f"{texts.tr(label)}: {text}"
    # A name that only programs know says nothing to a person.
    return text


def handle(error: Exception) -> None:
    """Log and show an error that ended a callback; also Dash's own ``on_error``."""
    if isinstance(error, PreventUpdate):
        raise error
    if isinstance(error, errors.DomainError):
        log.info("refused: %s", error.code, extra={"code": error.code})
    else:
        log.error("callback failed", exc_info=error)
    if has_request_context():
        toast_error(error)


def action(
    app: Dash,
    outputs: Any,
    inputs: Any,
    state: Any = (),
    *,
    right: Right | SignedIn,
    prevent_initial_call: bool | str = True,
    on_error: Any = no_update,
    **options: Any,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register ``function(actor, *inputs, *state)`` as a callback behind the door.

    ``outputs`` is an Output, a list of them or an empty list; ``inputs`` and ``state`` one, a list or
    a dict of them (with a dict the function gets keyword arguments).  ``right`` is asked of
    the actor before the function runs; registration without one fails.  ``on_error`` is what
    the outputs get when it is refused or fails (grids need an empty answer, for instance).
    ``options`` go to ``app.callback`` (``running=…``).
    """
    if not isinstance(right, (Right, SignedIn)):
        raise TypeError("a callback needs a declared right")

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def through_the_door(*args: Any, **kwargs: Any) -> Any:
            try:
                actor = texts.current_actor()
                if isinstance(right, Right):
                    permissions.require(actor, right)
                return function(actor, *args, **kwargs)
            except PreventUpdate:
                raise
            except Told:
                return on_error if has_outputs else None
            except Exception as error:  # noqa: BLE001 - the one place where faults become messages
                handle(error)
                return on_error if has_outputs else None

        has_outputs = not (isinstance(outputs, (list, tuple)) and not outputs)
        before = set(app.callback_map)
        arguments = _arguments(outputs, inputs, state)
        app.callback(**arguments, prevent_initial_call=prevent_initial_call, **options)(through_the_door)
        for callback_id in set(app.callback_map) - before:
            declared_rights(app)[callback_id] = right.value
        return function

    return register


def _arguments(outputs: Any, inputs: Any, state: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {"output": outputs, "inputs": inputs}
    if state:
        arguments["state"] = state
    if isinstance(outputs, (list, tuple)) and not outputs:
        del arguments["output"]
    if not isinstance(inputs, (list, tuple, dict)):
        arguments["inputs"] = [inputs]
    if state and not isinstance(state, (list, tuple, dict)):
        arguments["state"] = [state]
    return arguments


def declared_rights(app: Dash) -> dict[str, str]:
    """Callback id -> right, for everything that was registered through the door."""
    return app.server.extensions.setdefault(RIGHTS, {})


def undeclared(app: Dash) -> list[str]:
    """Server callbacks that did not come through the door. Must be empty (Dash's own aside)."""
    own = {key for key in app.callback_map if "_pages_content" in key}
    served = {key for key, entry in app.callback_map.items() if "callback" in entry}
    return sorted(served - own - set(declared_rights(app)))
