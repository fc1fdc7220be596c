"""A trained win model: what it answers, and its one JSON document."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from dashboard.ai import closing as closings
from dashboard.ai.closing import Closing
from dashboard.ai.diagnosis import Sample
from dashboard.ai.encode import Design, Encoding
from dashboard.ai.frames import FloatArray
from dashboard.ai.quality import Calibration
from dashboard.ai.registry import CODE_VERSION, DamagedModel, Manifest, check_hash
from dashboard.ai.rungs import BaseRate, Boosted, Logistic


@dataclass(frozen=True)
class TrainedWin:
    """The rung that was taken, its calibration, and the base rate it started from.

    ``centre``: each feature's mean contribution (probability) over a sample of training snapshots.
    Contributions are given relative to it, so that they start from ``start``, the usual chance (the
    mean answer over that sample), and not from the chance of an average log-odds, which nobody knows.
    """

    manifest: Manifest
    base: BaseRate
    model: Logistic | Boosted | None
    calibration: Calibration
    centre: tuple[float, ...]
    start: float
    sample: Sample | None = None  # for the model page: which way each feature pulls
    closing: Closing = Closing(())  # when open deals end, either way

    @property
    def rung(self) -> str:
        return self.manifest.rung

    @cached_property
    def encoding(self) -> Encoding:
        if isinstance(self.model, Logistic):
            return self.model.design.encoding
        return self.model.encoding if self.model else Encoding((), ())

    def chances(self, table: pd.DataFrame) -> FloatArray:
        """Calibrated chance to win of each snapshot (as made by ``deal_snapshots``)."""
        if self.model is None:
            return self.base.chance(table["stage"])
        return self.calibration.chance(self.model.margins(self.encoding.matrix(table)))

    def contributions(self, table: pd.DataFrame) -> tuple[FloatArray, FloatArray, tuple[str, ...]]:
        """Chances, contributions ``(rows, names)`` in probability, and the names.

        ``start + contributions.sum(axis=1) == chances`` up to rounding of float64.
        """
        if self.model is None:
            chance = self.base.chance(table["stage"])
            return chance, (chance - self.start)[:, None], ("stage",)
        chance, parts, _ = scaled(self.model, self.calibration, self.encoding.matrix(table))
        return chance, parts - np.array(self.centre), self.encoding.names


def scaled(model: Logistic | Boosted, calibration: Calibration,
           matrix: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Chances, contributions brought from log-odds to probability, and the chance they start from.

    Every contribution of a row is multiplied by the same slope, that of the line from the starting
    log-odds to the row's own (what Aumann-Shapley gives for an additive score): signs and order stay.
    """
    phi, bias = model.contributions(matrix)
    total = phi.sum(axis=1)
    chance = calibration.chance(bias + total)
    origin = float(calibration.chance(np.array([bias]))[0])
    flat = np.abs(total) < 1e-6  # the contributions cancel out: the slope at the spot
    near = (calibration.chance(np.array([bias + 1e-4])) - calibration.chance(np.array([bias - 1e-4])))[0] / 2e-4
    slope = np.where(flat, near, (chance - origin) / np.where(flat, 1.0, total))
    parts = phi * slope[:, None]
    # what rounding left over goes where it is smallest against the figure
    rest = chance - origin - parts.sum(axis=1)
    largest = np.abs(parts).argmax(axis=1)
    parts[np.arange(len(parts)), largest] += rest
    return chance, parts, origin


def to_bytes(model: TrainedWin) -> bytes:
    """The whole model as one JSON document (UTF-8, keys sorted: the same model, the same bytes)."""
    part: dict[str, Any] = {}
    if isinstance(model.model, Boosted):
        part = {"xgboost": model.model.to_dict()}
    elif isinstance(model.model, Logistic):
        fields = asdict(model.model)
        fields["design"].pop("encoding")
        part = {"logistic": fields}
    document = {
        "form": CODE_VERSION, "manifest": model.manifest.to_dict(), "base": asdict(model.base),
        "calibration": asdict(model.calibration), "centre": model.centre, "start": model.start,
        "encoding": asdict(model.encoding), "sample": asdict(model.sample) if model.sample else None,
        "closing": closings.to_dict(model.closing), **part,
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True, allow_nan=False).encode()


def from_bytes(data: bytes, sha256: str) -> TrainedWin:
    """Read a document of :func:`to_bytes`. Raises :class:`DamagedModel` when the hash differs, or
    the document is of another form than this code knows."""
    check_hash(data, sha256)
    try:
        document = json.loads(data)
        if document["form"] != CODE_VERSION:
            raise DamagedModel(f"form {document['form']}, this code reads {CODE_VERSION}")
        return _read(document)
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedModel(str(error)) from error


def _read(document: dict[str, Any]) -> TrainedWin:
    coded = document["encoding"]
    encoding = Encoding(tuple(coded["numbers"]), tuple((name, tuple(values)) for name, values in coded["categories"]))
    model: Logistic | Boosted | None = None
    if "xgboost" in document:
        model = Boosted(encoding, json.dumps(document["xgboost"]))
    elif "logistic" in document:
        part = document["logistic"]
        design = Design(encoding, *(tuple(part["design"][name]) for name in ("mean", "scale", "gaps")))
        model = Logistic(design, tuple(part["coefficients"]), part["intercept"], tuple(part["centre"]))
    base = document["base"]
    curve = document["calibration"]
    return TrainedWin(
        Manifest.from_dict(document["manifest"]),
        BaseRate(base["overall"], base["deals"], tuple((name, chance, count) for name, chance, count in base["stages"])),
        model, Calibration(curve["kind"], tuple(curve["x"]), tuple(curve["y"]), curve["slope"]),
        tuple(document["centre"]), document["start"], _sample(document.get("sample")),
        closings.from_dict(document.get("closing", [])),
    )


def _sample(found: dict[str, Any] | None) -> Sample | None:
    if found is None:
        return None
    return Sample(tuple(found["names"]), *(tuple(map(tuple, found[name])) for name in ("values", "points")))
