"""Work on what came from outside, in a child process with limits on memory and time.

The child is a plain ``python -m dashboard.services.limited``: a task comes in as one JSON
line, progress and the result go out as JSON lines.  Nothing is pickled, and a crash
of the child is a clear error here.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dashboard.services import errors

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 1 << 20
#: How native libraries say that no memory was left, where they raise an error of their own or end the process.
_NO_MEMORY = ("MemoryError", "bad_alloc", "Cannot allocate memory", "Unable to allocate", "Memory allocation", "Out of Memory")

log = logging.getLogger(__name__)


class TimeExceeded(errors.Conflict):
    """The work took longer than it may."""


def call(
    function: str,
    arguments: dict[str, Any],
    *,
    memory_mb: int,
    seconds: float,
    on_progress: Callable[[float], None] | None = None,
) -> Any:
    """Call ``package.module:function(**arguments, progress)`` in a child; return its JSON result.

    Raises the child's domain error, MemoryExceeded, TimeExceeded or (a crash) BadFile.
    """
    child = _start()
    late, watchdog = _watched(child, seconds)
    noise: list[bytes] = []
    drain = threading.Thread(target=lambda: noise.append(child.stderr.read()[-4000:] if child.stderr else b""), daemon=True)
    drain.start()
    try:
        outcome = _converse(child, {"function": function, "arguments": arguments, "memory_mb": memory_mb}, on_progress)
    finally:
        watchdog.cancel()
        _end(child, drain)
    if late.is_set():
        raise TimeExceeded(reason="time", seconds=int(seconds))
    if outcome is None:
        raise _crash(child, b"".join(noise), memory_mb)
    if "error" in outcome:
        raise _error(outcome["error"])
    if "fault" in outcome:
        raise RuntimeError(outcome["fault"])
    return outcome["result"]


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", __name__],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "OMP_WAIT_POLICY": "PASSIVE"},
    )


def _watched(child: subprocess.Popen[bytes], seconds: float) -> tuple[threading.Event, threading.Timer]:
    """Kills the child when its time is over; the event tells that it did."""
    late = threading.Event()

    def stop() -> None:
        late.set()
        child.kill()

    watchdog = threading.Timer(seconds, stop)
    watchdog.daemon = True
    watchdog.start()
    return late, watchdog


def _end(child: subprocess.Popen[bytes], drain: threading.Thread) -> None:
    if child.poll() is None:
        child.kill()
    child.wait()
    drain.join(1)
    for stream in (child.stdin, child.stdout, child.stderr):
        if stream is not None:
            stream.close()


def _crash(child: subprocess.Popen[bytes], text: bytes, memory_mb: int) -> errors.DomainError:
    """What a child that gave no answer ended of; its last words are for the log alone."""
    said = text.decode(errors="replace").strip()
    log.error("the child ended with %s and no answer: %s", child.returncode, said or "no word")
    if _speaks_of_memory(said) or child.returncode in (-9, 137):
        return errors.MemoryExceeded(limit_mb=memory_mb)
    return errors.BadFile(reason="crashed")


def _speaks_of_memory(text: str) -> bool:
    return any(word.lower() in text.lower() for word in _NO_MEMORY)


def _ran_out_of_memory(error: BaseException | None) -> bool:
    """Whether it, or what it came of, is a want of memory: XGBoost, DuckDB and threads have errors of their own for it."""
    while error is not None:
        if isinstance(error, MemoryError) or _speaks_of_memory(str(error)):
            return True
        error = error.__cause__ or error.__context__
    return False


def _error(told: dict[str, Any]) -> errors.DomainError:
    """The child's domain error, made again from its code and parameters."""
    if told["code"] == errors.Invalid.code:
        return errors.Invalid([errors.FieldProblem(**problem) for problem in told["problems"]], **told["params"])
    kinds, found = [errors.DomainError], errors.DomainError
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        # A special kind may want more than parameters: the one that defines the code is plain.
        if kind.code == told["code"] and "__init__" not in vars(kind):
            found = kind
            break
    return found(**told["params"])


def _converse(
    child: subprocess.Popen[bytes], task: dict[str, Any], on_progress: Callable[[float], None] | None
) -> dict[str, Any] | None:
    assert child.stdin is not None and child.stdout is not None
    try:
        child.stdin.write(json.dumps(task).encode() + b"\n")
        child.stdin.close()
    except BrokenPipeError:
        return None
    outcome: dict[str, Any] | None = None
    for line in child.stdout:
        try:
            message = json.loads(line)
        except ValueError:
            continue  # a library's print
        if isinstance(message, dict) and "progress" in message:
            if on_progress is not None:
                on_progress(message["progress"])
        elif isinstance(message, dict):
            outcome = message
    return outcome


def _limit_memory(megabytes: int) -> None:
    try:
        import resource  # not on Windows: there the time limit alone holds
    except ImportError:
        return
    size = megabytes * MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def main() -> None:
    """The child's whole life."""
    task = json.loads(sys.stdin.readline())
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    sys.stdout = sys.stderr  # nothing a library prints may look like an answer

    def say(message: dict[str, Any]) -> None:
        out.write(json.dumps(message) + "\n")
        out.flush()

    module, _, name = task["function"].partition(":")
    if not module.startswith("dashboard."):
        raise ValueError(module)
    _limit_memory(task["memory_mb"])
    try:
        result = getattr(importlib.import_module(module), name)(
            **task["arguments"], progress=lambda fraction: say({"progress": fraction})
        )
        say({"result": result})
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent must hear of it
        say(_told(error, task["memory_mb"]))


def _told(error: Exception, memory_mb: int) -> dict[str, Any]:
    """The child's error for its parent."""
    if isinstance(error, errors.DomainError) and not isinstance(error, errors.AiFailed):
        problems = [asdict(problem) for problem in getattr(error, "problems", [])]
        return {"error": {"code": error.code, "params": error.params, "problems": problems}}
    if _ran_out_of_memory(error):
        return {"error": {"code": "memory_exceeded", "params": {"limit_mb": memory_mb}}}
    if isinstance(error, errors.DomainError):
        return {"error": {"code": error.code, "params": error.params}}
    import traceback  # only on the way out

    traceback.print_exc()
    return {"fault": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    main()
