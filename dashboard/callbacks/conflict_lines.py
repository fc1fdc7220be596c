"""A deal's goods and services: two editors merged line by line, and drafts of the table put back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from dash import Dash, Input, Output, State, set_props
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import conflict, door
from dashboard.callbacks.door import action
from dashboard.callbacks.fieldwords import by_whom
from dashboard.callbacks.forms import typed
from dashboard.components import conflict as parts
from dashboard.components.conflict import ConflictIds, Side
from dashboard.pages import deal as page
from dashboard.pages.deal import DealIds as IDS
from dashboard.services import deals
from dashboard.services.actor import Actor
from dashboard.services.errors import StaleVersion
from dashboard.services.line_conflicts import Line, LineClash, LineComparison, compare_lines, sendable
from dashboard.services.permissions import Right
from dashboard.services.records import Deal, DealLine

FORM = "deal-lines"


def register(app: Dash) -> None:
    """Register the way back of a draft of the table."""

    @action(
        app,
        Output(IDS.LINE_ROWS, "children", allow_duplicate=True),
        Input(IDS.LINES_DRAFT, "data"),
        [State(IDS.ID, "data"), State(IDS.VERSION, "data")],
        right=Right.DEALS_WRITE,
    )
    def restore(actor: Actor, draft: Any, deal_id: Any, version: Any) -> list[Any]:
        if not isinstance(draft, dict) or not isinstance(draft.get("values"), dict):
            raise PreventUpdate
        return restored_rows(actor, deal_id, version, draft["values"], draft.get("version"))

    conflict.SETTLERS[FORM] = settle_lines


def save_lines(actor: Actor, deal_id: int, lines: list[Line], version: Any) -> Deal:
    """Save the table; others' lines stay, and lines that both changed are asked about (:class:`door.Told`)."""
    try:
        return deals.set_lines(actor, deal_id, lines, version)
    except StaleVersion:
        found = compare_lines(actor, deal_id, version, lines)
    gone = {item.id for item in found.clashes if item.theirs is None}
    if found.clashes:
        _open(actor, found, gone)
        raise door.Told
    saved = deals.set_lines(actor, deal_id, sendable(found.lines, gone), found.deal.version)
    if found.changed:
        by = by_whom(actor, found.edit) if found.edit else ""
        door.toast("info", i18n.t("conflict.merged", actor.locale), i18n.t("conflict.lines_kept", actor.locale, by=by))
    return saved


def settle_lines(actor: Actor, data: Mapping[str, Any], chosen: Mapping[str, str]) -> Deal:
    """Write what was chosen for each line, on the version that was compared."""
    lines, gone = list(data["lines"]), set(data["gone"])
    for name, both in data["clashes"].items():
        key = int(name)
        if chosen[name] == parts.THEIRS:
            lines = [line for line in lines if line.get("id") != key] + ([both["theirs"]] if both["theirs"] else [])
            gone.discard(key)
    return save_lines(actor, data["row"], sendable(lines, gone), data["version"])


def _open(actor: Actor, found: LineComparison, gone: set[int]) -> None:
    sides = [_side(actor, found, item) for item in found.clashes]
    kept = [i18n.t("conflict.lines_kept", actor.locale, by=by_whom(actor, found.edit))] if found.changed and found.edit else []
    lines = [{name: conflict.sendable(value) for name, value in line.items()} for line in found.lines]
    conflict.open_dialog(actor, kept, sides, {
        "entity": FORM, "row": found.deal.id, "version": found.deal.version, "form": FORM, "draft": None, "free": {},
        "lines": lines, "gone": sorted(gone),
        "clashes": {str(item.id): {"theirs": _plain(item.theirs), "mine": _plain(item.mine)} for item in found.clashes},
    })


def _side(actor: Actor, found: LineComparison, item: LineClash) -> Side:
    base, theirs, mine = (line_words(actor, found.deal.currency, line) for line in (item.base, item.theirs, item.mine))
    label = i18n.t("conflict.line", actor.locale, good=item.good)
    return Side(str(item.id), label, base, theirs, mine, by_whom(actor, found.edit) if found.edit else "", False)


def line_words(actor: Actor, currency: str, line: Line | None) -> str:
    """«3 × 1 200 ₽, скидка 5 %», or that the line is removed."""
    if line is None:
        return i18n.t("conflict.line_removed", actor.locale)
    price = _number(line.get("price"))
    return i18n.t(
        "conflict.line_words", actor.locale,
        quantity=i18n.written_sum(_number(line.get("quantity")), actor.locale, 0),
        price=i18n.money(price, currency, actor.locale, 0 if price == price.to_integral_value() else 2),
        discount=i18n.written_sum(_number(line.get("discount")), actor.locale, 0),
    )


def _plain(line: Line | None) -> Line | None:
    return {name: conflict.sendable(value) for name, value in line.items()} if line else None


def _number(value: Any) -> Decimal:
    try:
        return Decimal(str(value or 0))
    except InvalidOperation:
        return Decimal(0)


def restored_rows(actor: Actor, deal_id: int, version: Any, values: Mapping[str, Any], base: Any) -> list[Any]:
    """The draft's rows; over a newer table merged line by line, and said so."""
    rows = draft_rows(values)
    stored = {line.id: line for line in deals.lines(actor, deal_id)}
    mine = [{"id": row["key"], **_good(stored.get(row["key"])), **row["numbers"]} for row in rows if row["key"]]
    lines: list[Line] = mine
    if base != version:
        found = compare_lines(actor, deal_id, base if isinstance(base, int) else None, mine)
        lines = list(found.lines)
        if found.changed or found.clashes:
            hint = i18n.t("drafts.lines_moved.hint", actor.locale, count=i18n.n("conflict.lines", len(stored), actor.locale))
            door.toast("warning", i18n.t("drafts.lines_moved", actor.locale), hint)
    places = {row["key"]: row["row"] for row in rows if row["key"]}
    free = max((row["row"] for row in rows), default=-1) + 1
    out = []
    for line in lines:
        if line["id"] in stored:
            numbers = {name: _number(line.get(name)) for name in page.LINE_FIELDS}
            out.append(page.line_row(places.get(line["id"], free), replace(stored[line["id"]], **numbers)))
            free += line["id"] not in places
    new = [row for row in rows if not row["key"] or row["key"] not in stored]
    out += [page.line_row(row["row"], None) for row in new]
    set_props(ConflictIds.FILL, {"data": {
        "form": FORM, "row": deal_id, "values": {},
        "raw": {name: kept for row in new for name, kept in row["raw"].items()},
    }})
    return out


def _good(line: DealLine | None) -> dict[str, Any]:
    return {"product_id": line.product_id, "description": line.description} if line else {}


def draft_rows(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A draft's values by row: the stored line's id (none for a new one), its numbers, and the rest as typed."""
    rows: dict[int, dict[str, Any]] = {}
    for component, kept in values.items():
        try:
            found = json.loads(component)
            place = int(found["row"])
        except (ValueError, TypeError, KeyError):
            continue
        if not 0 <= place < 10_000 or not isinstance(kept, dict):
            continue
        row = rows.setdefault(place, {"row": place, "key": None, "numbers": {}, "raw": {}})
        value = kept.get("value")
        if found.get("type") == IDS.LINE_KEY:
            row["key"] = int(value) if str(value or "").isdigit() else None
        else:
            row["raw"][component] = kept
            if found.get("name") in page.LINE_FIELDS:
                row["numbers"][found["name"]] = typed(found["name"], value)
    return [rows[place] for place in sorted(rows)]
