"""Where the bars of a waterfall stand: each begins where the one before it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: What a bar is to the reader; one colour of the tokens each.
WHOLE, GOOD, BAD, SOLD, ASIDE = "whole", "good", "bad", "sold", "aside"
TONES = {
    "opening": WHOLE, "closing": WHOLE, "new": GOOD, "reopened": GOOD, "moved_in": GOOD, "grew": GOOD, "shrank": BAD,
    "slipped": BAD, "lost": BAD, "won": SOLD, "moved_out": ASIDE, "removed": ASIDE,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One bar. ``low`` and ``high``: its ends, in shares 0..1 of the greatest height; ``level``: where the next begins."""

    kind: str
    amount: int
    count: int
    low: float
    high: float
    level: float
    tone: str


def steps(opening: tuple[int, int], effects: Sequence[tuple[str, int, int]], closing: tuple[int, int]) -> list[Step]:
    """The bars from zero: ``opening`` and ``closing`` are (count, amount), ``effects`` (kind, count, amount) in order.

    Amounts that fall below zero on the way (pipelines of refunds) have their bars below the zero line: ``low`` < 0.
    """
    levels = [opening[1]]
    for _, _, amount in effects:
        levels.append(levels[-1] + amount)
    greatest = max([1, *levels, closing[1]]) - min([0, *levels, closing[1]])
    found = [_step("opening", opening[0], 0, opening[1], greatest)]
    for (kind, count, _), before, after in zip(effects, levels, levels[1:], strict=False):
        found.append(_step(kind, count, before, after, greatest))
    return [*found, _step("closing", closing[0], 0, closing[1], greatest)]


def _step(kind: str, count: int, before: int, after: int, greatest: int) -> Step:
    low, high = sorted((before / greatest, after / greatest))
    return Step(kind, after - before, count, low, high, after / greatest, TONES[kind])
