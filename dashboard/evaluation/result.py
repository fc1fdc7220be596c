"""What an evaluation answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


class BadFile(ValueError):
    """The file is not of the form the evaluation reads; the message says what is missing."""


@dataclass
class Result:
    """Metrics of our answer beside simple baselines and a published reference.

    ``facts``: what else belongs to the answer (rows, columns found, the rung's reason).
    """

    name: str
    protocol: str
    rung: str
    metrics: dict[str, float]
    baselines: dict[str, dict[str, float]] = field(default_factory=dict)
    reference: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def as_text(self) -> str:
        """The table the command prints."""
        names = list(dict.fromkeys([*self.metrics, *(key for values in self.baselines.values() for key in values)]))
        rows = [("ours", self.metrics), *self.baselines.items()]
        width = max(len(name) for name, _ in rows)
        lines = [f"{self.name}: {self.protocol}", f"rung: {self.rung}"]
        lines.append(" " * width + "".join(f"  {name:>14}" for name in names))
        for label, values in rows:
            cells = "".join(f"  {_number(values.get(name)):>14}" for name in names)
            lines.append(f"{label:<{width}}{cells}")
        lines += [f"reference: {key}: {value}" for key, value in self.reference.items()]
        lines += [f"{key}: {value}" for key, value in self.facts.items()]
        return "\n".join([*lines, f"seconds: {self.seconds:.1f}"])


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
