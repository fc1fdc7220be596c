"""Errors a person or a program can do something about.

Each carries a stable ``code`` (text: ``errors.<code>`` in the catalogues), an HTTP
``status`` and parameters for the text.  Anything else that is raised is a fault of
ours: logged with its request id, shown as ``errors.internal``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar


class DomainError(Exception):
    """Base of all expected errors."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, **params: Any) -> None:
        super().__init__(f"{self.code}: {params}" if params else self.code)
        self.params = params


class Unauthenticated(DomainError):
    code, status = "unauthenticated", 401


class InvalidApiKey(DomainError):
    code, status = "invalid_api_key", 401


class InvalidSignIn(DomainError):
    code, status = "invalid_sign_in", 401


class TooManyAttempts(DomainError):
    """``retry_after``: seconds."""

    code, status = "too_many_attempts", 429


class Forbidden(DomainError):
    code, status = "forbidden", 403


class NotFound(DomainError):
    """Also for rows of another account: their existence is not told."""

    code, status = "not_found", 404


class Conflict(DomainError):
    """Another value stands in the way (a unique key, a state). ``reason`` names the text's variant."""

    code, status = "conflict", 409


class StaleVersion(DomainError):
    """Someone saved the record in between. ``current`` is the stored record."""

    code, status = "stale_version", 412

    def __init__(self, current: Any, **params: Any) -> None:
        super().__init__(**params)
        self.current = current


class GoneWhileEditing(DomainError):
    """The record of an open form is no longer there, or no longer in the person's sight."""

    code, status = "gone_while_editing", 409


class BadFile(DomainError):
    """An upload that cannot be read. ``reason`` names the text's variant."""

    code, status = "bad_file", 422


class TooLarge(DomainError):
    code, status = "too_large", 413


class DatabaseGone(DomainError):
    code, status = "database_gone", 503


class TooSlow(DomainError):
    """The database stopped a statement that took too long; nothing was written."""

    code, status = "too_slow", 503


class AiFailed(DomainError):
    code, status = "ai_failed", 503


class MemoryExceeded(DomainError):
    code, status = "memory_exceeded", 507


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One wrong value. ``pointer`` is the field's path (``amount``, ``lines/0/price``);
    text: ``problems.<code>`` with ``params``."""

    pointer: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)


class Invalid(DomainError):
    """Input that breaks rules; says which, field by field."""

    code, status = "invalid", 422

    def __init__(self, problems: list[FieldProblem], **params: Any) -> None:
        super().__init__(**params)
        self.problems = problems


class BadFilter(Invalid):
    """A filter text that cannot be used; the problem says what and where."""

    code, status = "bad_filter", 422
