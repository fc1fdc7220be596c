"""What granian's worker process loads: the application, and an end when granian's main process has died.

granian's workers outlive a killed main process and would go on serving the port beside its successor.
"""

from __future__ import annotations

import os
import threading
import time

import psutil

from app import server
from dashboard.services import reading

__all__ = ["server"]


def _end_with(parent: int) -> None:
    while os.getppid() == parent and psutil.pid_exists(parent):
        time.sleep(1.0)
    os._exit(1)


threading.Thread(target=_end_with, args=(os.getppid(),), name="granian-watch", daemon=True).start()
threading.Thread(target=reading.warm_up, name="warm-up", daemon=True).start()
