"""A job that is killed at its work, as the kernel does it when memory runs out."""

from __future__ import annotations

import os
import signal
from typing import Any


def killed(*_: Any) -> dict[str, Any]:
    """Never returns."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("outlived a SIGKILL")
