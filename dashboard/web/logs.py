"""``server.log`` and stdout: every answer, every operation, every error, never a secret.

One JSON object per line, so that a request id finds all that belongs to it.  The
redaction works on the finished line: whatever a library puts into a message or a
traceback passes through it too.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from typing import Any

from flask import has_request_context

from dashboard.config import Settings
from dashboard.web import texts

_MARK = "dashboard-log"
_HIDDEN = "***"

#: What a line never holds. Keys keep their public prefix, so that a support question can be answered.
_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(crm_(?:live|test)_[A-Za-z0-9]{1,8})[A-Za-z0-9_\-]+"), r"\1" + _HIDDEN),
    (re.compile(r"(?i)(\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=\-]{6,}"), r"\1" + _HIDDEN),
    (re.compile(r"(\$argon2\w{1,2}\$)[^\s\"'\\)]+"), r"\1" + _HIDDEN),
    (re.compile(r"(?i)(postgres(?:ql)?(?:\+\w+)?://[^:/\s\"@]+:)[^@\s\"]+@"), r"\1" + _HIDDEN + "@"),
    (
        re.compile(
            r"(?i)(\\?[\"']?\b(?:password\w*|passwd|pwd|secret\w*|token|_csrf_token|csrf_token|api[_-]?key|x-api-key"
            r"|authorization|cookie|set-cookie|crm_session|__host-crm_session|password_hash)\\?[\"']?\s*[=:]\s*\\?[\"']?)"
            r"(?!\*\*\*)[^\s\"'&;,}\\]+"
        ),
        r"\1" + _HIDDEN,
    ),
)

#: Fields a caller may add with ``extra=``.
FIELDS = ("method", "path", "status", "duration_ms", "member", "account", "code", "address", "kind")


def redact(text: str) -> str:
    """``text`` without keys, tokens, passwords and cookies."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class JsonLines(logging.Formatter):
    """One line of JSON per record, redacted."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        request_id = getattr(record, "request_id", None) or (texts.request_id() if has_request_context() else "")
        if request_id:
            entry["request_id"] = request_id
        entry |= {name: getattr(record, name) for name in FIELDS if getattr(record, name, None) is not None}
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return redact(json.dumps(entry, ensure_ascii=False, default=str))


def configure(settings: Settings) -> None:
    """Send the process's log to ``settings.log_file`` (rotating) and stdout. May be repeated."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if handler.get_name() == _MARK]:
        root.removeHandler(handler)
        handler.close()
    settings.log_file.parent.mkdir(parents=True, exist_ok=True)
    to_file = RotatingFileHandler(
        settings.log_file, maxBytes=settings.log_max_mb * 2**20, backupCount=5, encoding="utf-8", delay=True
    )
    for handler in (to_file, logging.StreamHandler(sys.stdout)):
        handler.set_name(_MARK)
        handler.setFormatter(JsonLines())
        root.addHandler(handler)
    root.setLevel(settings.log_level)
    # Libraries that write a line per request or query would drown ours.
    for name in ("werkzeug", "matplotlib", "fontTools", "alembic.runtime.plugins", "fsspec", "kaleido", "choreographer"):
        logging.getLogger(name).setLevel(logging.WARNING)
