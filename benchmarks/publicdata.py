"""Where the public data lie that figures of the AI, of imports and of search are measured on."""

from __future__ import annotations

import os
from pathlib import Path

#: ``CRM_REAL_DATA``, else ``../shared/data`` beside the repository.
FOLDER = Path(os.environ.get("CRM_REAL_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
MISSING = f"no public data in {FOLDER}: set CRM_REAL_DATA"
