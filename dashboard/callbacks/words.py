"""Conditions of a filter in a reader's words: the chips' texts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from dashboard import i18n
from dashboard.i18n import NBSP, n, t
from dashboard.services import catalogue, filtering, members
from dashboard.services.actor import Actor
from dashboard.services.filtering import FilterPart
from db.filter_tree import And, Has, Node, Not, Or

#: More values than this are counted, not listed.
_LISTED = 3
_MONEY = ("amount", "price", "cost")
_PATTERNS = {
    "!=": "words.not",
    "not in": "words.not",
    ">": "words.more",
    ">=": "words.from",
    "<": "words.less",
    "<=": "words.to",
    "~": "words.contains",
}


def chip_words(actor: Actor, part: FilterPart) -> tuple[str, str]:
    """A condition's label and value: ``("Регион", "Северо-Запад")``; for a nested one its text alone."""
    if not part.field:
        return "", nested_words(actor, part)
    label = t(part.label, actor.locale)
    if part.op in ("is null", "is not null"):
        return label, t("words.missing" if part.op == "is null" else "words.present", actor.locale)
    named = _names(actor, part.field)
    values = [named(value) for value in part.values]
    if part.op == "between":
        return label, f"{values[0]}{NBSP}– {values[1]}"
    text = ", ".join(values) if len(values) <= _LISTED else n("words.values", len(values), actor.locale)
    pattern = _PATTERNS.get(part.op)
    return label, t(pattern, actor.locale, value=text) if pattern else text


def nested_words(actor: Actor, part: FilterPart) -> str:
    """What is more than one plain condition: any of, not, relations."""
    node, locale = part.node, actor.locale

    def said(child: Node, entity: str) -> str:
        inner = filtering.part_of(entity, child)
        if isinstance(child, And):
            return f" {t('grids.words.and', locale)} ".join(said(item, entity) for item in child.children)
        return " ".join(word for word in chip_words(actor, inner) if word)

    if isinstance(node, Or):
        return f" {t('grids.words.or', locale)} ".join(said(child, part.entity) for child in node.children)
    if isinstance(node, Not):
        return t("grids.words.not", locale, what=said(node.child, part.entity))
    if isinstance(node, Has):
        label, target = filtering.label_of(part.entity, node.relation)
        inside = said(node.child, target)
        name = t(label, locale)
        return (
            t("grids.words.has", locale, relation=name, what=inside) if inside else t("grids.words.any", locale, relation=name)
        )
    return part.text


def _names(actor: Actor, field: str) -> Callable[[object], str]:
    """How values of one field are written: ids by name, choices by word, days and sums by form."""
    last = field.rsplit(".", 1)[-1]
    if last == "owner":
        known: dict[object, str] = {member.id: member.name for member in members.list_members(actor)}
    elif last == "stage":
        known = {stage.id: stage.name for pipeline in catalogue.pipelines(actor) for stage in pipeline.stages}
    elif last == "reached":
        known = {
            stage.position: stage.name
            for pipeline in catalogue.pipelines(actor)[:1]
            for stage in pipeline.stages
            if stage.kind == "open"
        }
    elif last == "status" or field == "stage.kind":
        known = {status: t(f"statuses.{status}", actor.locale) for status in ("open", "won", "lost")}
    else:
        known = {}
    return lambda value: known[value] if value in known else _plain(actor, last, value)


def _plain(actor: Actor, field: str, value: object) -> str:
    if isinstance(value, datetime):
        return i18n.moment(value, actor.locale, actor.timezone)
    if isinstance(value, date):
        return i18n.day(value, actor.locale)
    if isinstance(value, Decimal) and field in _MONEY:
        return i18n.money(value, actor.currency, actor.locale)
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and field != "id":
        return i18n.number(value, actor.locale, 0 if value == int(value) else 2)
    return str(value)
