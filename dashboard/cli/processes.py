"""Child processes of `run`: started in sessions of their own, started again when they die, stopped in order.

A child learns of our end, however it came (kill -9 too), by its standard input: the pipe closes. That works the same
on Windows, which has no SIGTERM.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
# A child that lived so long is healthy: its next death starts with the short pause again.
HEALTHY_SECONDS = 60.0


@dataclass
class Child:
    """One kept-alive process `python -m dashboard.cli NAME --supervised`."""

    name: str
    stop_seconds: float
    process: subprocess.Popen[bytes] | None = None
    _started: float = 0.0
    _pause: float = field(default=FIRST_PAUSE)
    _restart_at: float = 0.0

    def start(self) -> None:
        """Start it; the environment carries the database's addresses (a command line could be read by anybody)."""
        command = [sys.executable, "-P", "-m", "dashboard.cli", self.name, "--supervised"]
        self._started = time.monotonic()
        # Its own session: Ctrl+C in the terminal reaches us alone, and we stop the children in order.
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)

    def keep(self) -> bool:
        """Start it again when it has died and its pause is over. Returns whether it runs."""
        if self.process is None:
            return False
        code = self.process.poll()
        if code is None:
            return True
        now = time.monotonic()
        if not self._restart_at:
            self._end_group()
            if now - self._started > HEALTHY_SECONDS:
                self._pause = FIRST_PAUSE
            log.error("%s ended with code %s, starting it again in %.1f s", self.name, code, self._pause)
            self._restart_at = now + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        elif now >= self._restart_at:
            self._restart_at = 0.0
            self.start()
        return False

    def stop(self) -> None:
        """Ask it to finish what it has in hand; end it by force when it takes too long."""
        if self.process is None:
            return
        if self.process.poll() is None:
            if os.name != "nt":
                with suppress(ProcessLookupError):
                    self.process.terminate()
            self._close_input()
            try:
                self.process.wait(self.stop_seconds)
            except subprocess.TimeoutExpired:
                log.warning("%s did not stop within %.0f s and is ended", self.name, self.stop_seconds)
        self._end_group()
        self.process = None

    def _close_input(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            with suppress(OSError):
                self.process.stdin.close()

    def _end_group(self) -> None:
        """End what the child left behind: a web worker would keep the port, a training the processor."""
        if self.process is None:
            return
        self._close_input()
        if sys.platform == "win32":
            self.process.kill()
        else:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(5)


def stop_when_orphaned() -> None:
    """In a child: end in order when the parent has gone."""

    def watch() -> None:
        with suppress(OSError):
            while os.read(0, 1024):
                pass
        if sys.platform == "win32":
            import _thread

            _thread.interrupt_main()
        else:
            os.kill(os.getpid(), signal.SIGTERM)
        # Whoever does not hear that is not worth waiting for: the port and the database are needed again.
        time.sleep(30)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
