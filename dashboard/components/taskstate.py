"""What the address of the tasks' page holds: the view, the day, whose tasks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import parse_qs, urlencode

VIEWS = ("day", "team", "calendar")
SCALES = ("month", "week")
ALL = "all"
_YEARS = range(1900, 9999)


@dataclass(frozen=True, slots=True)
class TasksState:
    """One address. ``owner``: a member, none for oneself; ``task``: one that is to be opened, 0 for a new one."""

    today: date
    view: str = "day"
    scale: str = "month"
    day: date | None = None
    owner: int | None = None
    everybody: bool = False
    task: int | None = None

    @property
    def shown(self) -> date:
        return self.day or self.today

    def href(self) -> str:
        """The address, without what stands at its default."""
        whose = ALL if self.everybody else str(self.owner or "")
        pairs = {
            "view": "" if self.view == "day" else self.view,
            "scale": "" if self.scale == "month" or self.view != "calendar" else self.scale,
            "day": "" if self.shown == self.today else self.shown.isoformat(),
            "whose": "" if self.view == "team" and self.everybody else whose,
            "new": "1" if self.task == 0 else "",
            "task": str(self.task or ""),
        }
        text = urlencode({name: value for name, value in pairs.items() if value})
        return "/tasks" + (f"?{text}" if text else "")

    def moved(self, steps: int) -> TasksState:
        """The next (1) or the previous (-1) week or month; where the calendar ends it stays."""
        if self.scale == "week":
            day = self.shown + timedelta(days=7 * steps)
        else:
            first = self.shown.replace(day=1)
            day = (first + timedelta(days=31)).replace(day=1) if steps > 0 else (first - timedelta(days=1)).replace(day=1)
        return replace(self, day=day) if day.year in _YEARS else self


def read_tasks_state(search: str | None, today: date) -> TasksState:
    """An address as a state; whatever it does not understand stands at its default."""
    pairs = {name: values[-1] for name, values in parse_qs((search or "").lstrip("?")[:2000]).items()}
    view = pairs.get("view", "day")
    view = view if view in VIEWS else "day"
    scale = pairs.get("scale", "month")
    whose = pairs.get("whose", "")
    owner = _number(whose)
    everybody = whose == ALL or (view == "team" and owner is None)
    task = 0 if pairs.get("new") else _number(pairs.get("task", ""))
    return TasksState(today, view, scale if scale in SCALES else "month", _day(pairs.get("day", "")), owner, everybody, task)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in _YEARS else None
