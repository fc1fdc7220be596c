"""A score's contributions as sentences.

Text keys stand in ``translations/<locale>/ai.po``: ``ai.feature.<name>.title`` and, for the value,
``.value`` (a text or share), ``.count`` (plural), ``.zero``, ``.missing`` or ``.past`` (plural).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from dashboard.ai.frames import OWN
from dashboard.ai.score import Contribution, Value, WinScore

MINUS, NBSP = "\u2212", "\u00a0"
#: Contributions below this many percentage points go into the rest.
SMALL = 0.5
REST = "rest"

_TEXTS = ("stage", "source", "region", "segment", "industry")
_SHARES = ("stage_position", "client_win_rate", "owner_win_rate")
#: Writes a value for a reader: kind is "number", "percent" (a share 0 … 1), "money" or "points" (signed).
Format = Callable[[str, float], str]


class Translate(Protocol):
    """The text of a key (``dashboard.i18n.t`` with the locale given)."""

    def __call__(self, key: str, /, **params: object) -> str: ...


class Plural(Protocol):
    """The text of a key for a count (``dashboard.i18n.n`` with the locale given)."""

    def __call__(self, key: str, count: int, /, **params: object) -> str: ...


@dataclass(frozen=True)
class Reason:
    """``points``: percentage points, signed. ``detail``: what is the case («Нет контактов 24 дня»);
    ``sentence``: the same with its effect. ``feature`` is ``rest`` for the small ones together."""

    feature: str
    title: str
    detail: str
    points: float
    direction: Literal["up", "down", "none"]
    sentence: str


def reasons(score: WinScore, locale: str, t: Translate, n: Plural, fmt: Format | None = None,
            top: int = 6) -> list[Reason]:
    """The ``top`` strongest reasons, strongest first, and the rest in one line.

    ``score.base * 100 + sum(points) == score.probability * 100`` to 1e-9.
    """
    write = fmt or plain_format(locale)
    ranked = sorted(score.contributions, key=lambda item: (-abs(item.points), item.feature))
    shown = [item for item in ranked[:top] if abs(item.points) >= SMALL]
    small = ranked[len(shown):]
    result = [_reason(item.feature, t(f"ai.feature.{item.feature}.title"), detail(item, score, t, n, write),
                      item.points, t, write) for item in shown]
    if small:
        text = n("ai.reason.rest", len(small))
        result.append(_reason(REST, text, text, sum(item.points for item in small), t, write))
    return result


def detail(item: Contribution, score: WinScore, t: Translate, n: Plural, write: Format) -> str:
    """What is the case, in words."""
    name, key = item.feature, f"ai.feature.{item.feature}"
    if name.startswith(OWN):
        return own_detail(name, item.value, t(f"{key}.title"), t, n, write)
    value: Value = score.values.get("amount") if name == "log_amount" else item.value
    if name == "month":
        return t(f"{key}.value", month=t(f"ai.month.{value}"))
    if value is None or value == "":
        return t(f"{key}.missing")
    if name in _TEXTS or isinstance(value, str):
        return t(f"{key}.value", value=value)
    if name in _SHARES:
        return t(f"{key}.value", value=write("percent", value))
    if name == "log_amount":
        return t(f"{key}.value", value=write("money", value)) if value else t(f"{key}.zero")
    if name == "discount":
        return t(f"{key}.value", value=write("percent", value / 100)) if value else t(f"{key}.zero")
    count = int(value)  # days are counted when they are full
    if count < 0:
        return n(f"{key}.past", -count)
    return n(f"{key}.count", count) if count else t(f"{key}.zero")


def own_detail(name: str, value: Value, title: str, t: Translate, n: Plural, write: Format) -> str:
    """What stands in a field that the account defined itself."""
    kind = name.removeprefix(OWN).split(":")[0]
    if value is None or value == "":
        return t("ai.own.missing", field=title)
    if kind == "date" and not isinstance(value, str):
        days = int(value)
        key = "ai.own.past" if days < 0 else "ai.own.days"
        return n(key, abs(days), field=title) if days else t("ai.own.today", field=title)
    if kind == "boolean":
        return t(f"ai.own.{value}", field=title)
    return t("ai.own.value", field=title, value=value if isinstance(value, str) else write("number", value))


def _reason(feature: str, title: str, text: str, points: float, t: Translate, write: Format) -> Reason:
    direction: Literal["up", "down", "none"] = "up" if points > 0 else "down" if points < 0 else "none"
    sentence = t(f"ai.reason.{direction}", detail=text, points=write("points", points))
    return Reason(feature, title, text, points, direction, sentence)


def plain_format(locale: str) -> Format:
    """Numbers in the reader's form without a currency; the web gives its own."""
    russian = locale.startswith("ru")

    def write(kind: str, value: float) -> str:
        if kind == "percent":
            return _number(value * 100, russian, 0) + (f"{NBSP}%" if russian else "%")
        if kind == "points":
            return ("+" if value > 0 else "") + _number(value, russian, 1)
        return _number(value, russian, 0)

    return write


def _number(value: float, russian: bool, digits: int) -> str:
    text = f"{value:,.{digits}f}".replace("-", MINUS)
    return text.replace(",", NBSP).replace(".", ",") if russian else text
