"""Forms: from the pattern of a page's fields to a service's input, and from its refusal to the fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from dash import ALL, Output, State, ctx, html
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import door
from dashboard.components.base import error_block
from dashboard.components.fields import control_id, problem_id
from dashboard.services.actor import Actor
from dashboard.services.errors import DomainError, FieldProblem, Invalid
from dashboard.web.texts import current_locale, request_id

#: Fields that hold a sum or a number, written as people write it.
_SUMS = frozenset({"amount", "price", "cost", "quantity", "discount"})
#: Fields whose value is an id: browsers send ids as text.
_IDS = frozenset({"owner_id", "stage_id", "client_id", "pipeline_id", "product_id", "deal_id", "person_id"})


def field_states(page: str) -> list[Any]:
    """All fields of a page's form as State: values in the order of the layout, named by their ids."""
    return [State(control_id(page, ALL), "value"), State(control_id(page, ALL), "id")]  # type: ignore[arg-type]


def problem_outputs(page: str) -> list[Any]:
    """The lines below the fields, and the fields' red ring."""
    return [Output(problem_id(page, ALL), "children"), Output(control_id(page, ALL), "className")]  # type: ignore[arg-type]


def clicked(button: str | None = None) -> None:
    """Stop a callback that runs because its button has just come into the page."""
    if not ctx.triggered or not ctx.triggered[0]["value"] or (button and ctx.triggered_id != button):
        raise PreventUpdate


def entered(values: Sequence[Any], ids: Sequence[Mapping[str, str]], names: Iterable[str]) -> dict[str, Any]:
    """Field name → value, of the named fields alone; ids become numbers, nothing becomes None."""
    known = set(names)
    return {
        item["name"]: typed(item["name"], value) for item, value in zip(ids, values, strict=False) if item.get("name") in known
    }


def typed(name: str, value: Any) -> Any:
    """One value as the services want it."""
    if isinstance(value, str):
        value = value.strip()
        if name in _IDS and value.isdigit():
            return int(value)
        if name in _SUMS and value:
            return i18n.plain_sum(value, current_locale())
        if name == "tags":
            return [tag.strip() for tag in value.split(",") if tag.strip()]
    if value in ("", None):
        return [] if name == "tags" else "" if name in ("notes", "body", "subject") else None
    return value


def changed(given: Mapping[str, Any], stored: Any) -> dict[str, Any]:
    """What differs from the stored record: only that is written, so others' edits of other fields stay."""
    return {name: value for name, value in given.items() if not _same(getattr(stored, name), value)}


def _same(before: Any, value: Any) -> bool:
    """Whether what the field shows is what is stored: 79727 is 79727.00, an empty field is none."""
    if isinstance(before, tuple):
        before = list(before)
    if isinstance(before, Decimal) and isinstance(value, str | int | float) and value != "":
        try:
            return before == Decimal(str(value))
        except InvalidOperation:
            return False
    return str("" if before is None else before) == str("" if value is None else value)


def unreadable_page(actor: Actor, title: str, error: DomainError, back: Any) -> html.Div:
    """In the head's place of a record that cannot be shown; the rest of the page goes out of sight."""
    said = ". ".join(part for part in door.describe(error) if part)
    return html.Div(
        error_block(title, said, request_id=request_id(), locale=actor.locale, actions=[back]), className="page-unreadable"
    )


def no_problems(ids: Sequence[Any]) -> list[list[str]]:
    """Every field is right."""
    return [[""] * len(ids), [""] * len(ids)]


def show_problems(actor: Actor, error: Invalid, ids: Sequence[Mapping[str, str]]) -> list[list[str]]:
    """Texts and rings for the form's fields. Raises ``error`` again if none of its problems has a field here."""
    found = {problem.pointer.split("/")[0]: problem for problem in reversed(error.problems)}
    names = [item.get("name", "") for item in ids]
    if not found.keys() <= set(names):
        raise error
    return [
        [_text(actor, found[name]) if name in found else "" for name in names],
        ["is-invalid" if name in found else "" for name in names],
    ]


def _text(actor: Actor, problem: FieldProblem) -> str:
    return i18n.t(f"problems.{problem.code}", actor.locale, **problem.params)
