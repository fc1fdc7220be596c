"""A report as data: figures, charts and tables, before anything of PDF, XLSX or CSV."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from dashboard import i18n

Kind = Literal["text", "money", "count", "share", "day", "change", "days"]
Value = str | int | float | Decimal | date | None


@dataclass(frozen=True, slots=True)
class Column:
    """``weight``: the column's part of the width; 0 lets it take what it needs."""

    key: str
    title: str
    kind: Kind = "text"
    weight: float = 0


@dataclass(frozen=True, slots=True)
class Table:
    """``rows`` hold raw values in the order of ``columns`` (money in the currency's units, shares 0..1).

    ``half``: two such tables stand beside each other on paper.
    """

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Value]]
    total: Sequence[Value] | None = None
    note: str = ""
    half: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure beside the compared one. ``good``: whether the change is good (none: no opinion)."""

    label: str
    kind: Kind
    value: float | None
    compare: float | None = None
    change: float | None = None
    good: bool | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """``value`` in the currency's units; ``tick``: a plan; ``muted``: outside the report's period."""

    label: str
    value: float
    tick: float | None = None
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """``columns`` stand by month, ``rows`` lie by member."""

    name: str
    title: str
    kind: Literal["columns", "rows"]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A report in one language. ``charts_missing``: why the charts could not be drawn."""

    title: str
    subtitle: str
    account: str
    author: str
    currency: str
    locale: str
    timezone: str
    made_at: datetime
    data_at: datetime
    lead: str = ""
    figures: tuple[Figure, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)


def mark(document: Document) -> str:
    """SHA-256 of what the document says, its figures and rows: two with the same mark say the same."""
    said = [document.title, document.subtitle, document.figures, document.tables, document.notes]
    return hashlib.sha256(repr(said).encode()).hexdigest()


def shown(value: Value, kind: Kind, document: Document) -> str:
    """A value as its reader writes it; a dash for nothing."""
    if value is None or value == "":
        return "—"
    locale = document.locale
    match kind:
        case "money":
            return i18n.number(value, locale)  # type: ignore[arg-type]
        case "count":
            return i18n.number(value, locale)  # type: ignore[arg-type]
        case "days":
            return i18n.number(value, locale, 1)  # type: ignore[arg-type]
        case "share":
            return i18n.percent(float(value), locale)  # type: ignore[arg-type]
        case "change":
            share = float(value)  # type: ignore[arg-type]
            return ("+" if share > 0 else "") + i18n.percent(share, locale)
        case "day":
            return i18n.day(value, locale, document.timezone)  # type: ignore[arg-type]
    return str(value)


def currency_sign(document: Document) -> str:
    """``₽``, ``$`` …"""
    text = i18n.money(0, document.currency, document.locale)
    return text.replace("0", "").replace(i18n.NBSP, "").strip()
