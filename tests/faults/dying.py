"""A job that is killed at its work, as the kernel does it when memory runs out."""

from __future__ import annotations

import os
import signal
from typing import Any


def killed(*_: Any) -> dict[str, Any]:
    """Never returns."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("outlived a SIGKILL")


def hungry(*_: Any) -> dict[str, Any]:
    """Asks for more than any machine's job may have."""
    bytearray(1 << 46)
    raise AssertionError("was given 64 TiB")


def hungry_inside(*_: Any) -> dict[str, Any]:
    """As a native library tells it: an error of its own, wrapped once more on the way."""
    try:
        raise RuntimeError("[12:00:00] src/tree/updater.cc:77: std::bad_alloc")
    except RuntimeError as error:
        raise ValueError("training stopped") from error


def shattered(*_: Any) -> dict[str, Any]:
    """A crash that has nothing to do with memory."""
    os.kill(os.getpid(), signal.SIGSEGV)
    raise AssertionError("outlived a SIGSEGV")
