"""What is written down about a model, and the hash without which none is loaded (pure parts;
where models lie and which one serves is the service's business)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from dashboard.ai.diagnosis import PartQuality, Shift
from dashboard.ai.quality import Bin, Estimate

#: Raised when features, fitting or the document's form change; an older document is refused.
CODE_VERSION = "win-1"


class DamagedModel(Exception):
    """The stored bytes are not the model that was registered."""


@dataclass(frozen=True)
class LeakAlarm:
    """A feature that tells the outcome by itself: AUC above the limit on the training window."""

    feature: str
    auc: float


@dataclass(frozen=True)
class Quality:
    """One rung on later data (calibrated as it would have been then)."""

    rung: str
    log_loss: Estimate
    brier: Estimate
    auc: Estimate


@dataclass(frozen=True)
class Reason:
    """Why this rung: a code for the texts (``ai.rung.<code>``) and its figures."""

    code: str
    params: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Manifest:
    """``window``: first opening and last closing of the training deals, ISO 8601; ``rows`` snapshots
    of ``deals`` deals; ``tested_rows`` snapshots of ``tested_deals`` deals lie behind ``metrics`` and
    ``parts``; ``shifts``: features of lately closed deals against those before."""

    kind: str
    code_version: str
    trained_at: str
    seed: int
    window: tuple[str, str] | None
    rows: int
    deals: int
    won: int
    rung: str
    reason: Reason
    features: tuple[str, ...]
    categories: tuple[tuple[str, tuple[str, ...]], ...]
    metrics: tuple[Quality, ...]
    tested_rows: int
    tested_deals: int
    bins: tuple[Bin, ...]
    calibration: str
    leak_alarms: tuple[LeakAlarm, ...]
    parts: tuple[PartQuality, ...] = ()
    shifts: tuple[Shift, ...] = ()

    def to_dict(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, object]) -> Manifest:
        """Inverse of :meth:`to_dict` after a way through JSON. Raises :class:`DamagedModel`."""
        try:
            return _manifest(dict(data))
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedModel(f"manifest: {error}") from error


def _manifest(data: dict[str, object]) -> Manifest:
    plain = json.loads(json.dumps(data))  # tuples and lists alike
    plain["window"] = tuple(plain["window"]) if plain["window"] else None
    plain["reason"] = Reason(plain["reason"]["code"], tuple((k, v) for k, v in plain["reason"]["params"]))
    plain["features"] = tuple(plain["features"])
    plain["categories"] = tuple((name, tuple(values)) for name, values in plain["categories"])
    plain["metrics"] = tuple(
        Quality(row["rung"], *(Estimate(**row[name]) for name in ("log_loss", "brier", "auc")))
        for row in plain["metrics"])
    plain["bins"] = tuple(Bin(**row) for row in plain["bins"])
    plain["leak_alarms"] = tuple(LeakAlarm(**row) for row in plain["leak_alarms"])
    plain["parts"] = tuple(PartQuality(**row) for row in plain.get("parts", ()))
    plain["shifts"] = tuple(Shift(**row) for row in plain.get("shifts", ()))
    return Manifest(**plain)


def fingerprint(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def check_hash(data: bytes, sha256: str) -> None:
    """Raises :class:`DamagedModel`. Before any parsing: altered model files crash XGBoost's reader."""
    if fingerprint(data) != sha256.lower():
        raise DamagedModel("SHA-256 differs from the registered one")
