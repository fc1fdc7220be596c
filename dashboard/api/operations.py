"""The list of the interface's operations. Routes, documentation and tests are made from it alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.services.actor import Actor
from dashboard.services.permissions import RIGHT_SCOPE, Right

#: Where the interface lives.
PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers. ``value`` is a JSON value, none for an empty body."""

    value: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """An answer that is a file of its own media type."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """A checked request: who asks, in which language, for what.

    ``if_match``: versions the caller takes as current; none if it did not say.
    """

    actor: Actor
    locale: str
    id: int = 0
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    if_match: frozenset[int] | None = None
    url: str = ""


Handler = Callable[[Call], Answer | FileAnswer]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    ``answers`` maps a status to the answer's schema (none: an empty body).  ``refusals`` are the
    statuses of problem documents beside those every operation has.  ``body`` and ``parameters``
    name what is accepted; anything else is refused.  ``record``: the schema of the record whose
    version ``If-Match`` speaks of.  ``also``: rights needed beside its own (a change of a record shows it).
    """

    name: str
    method: str
    path: str
    right: Right
    handler: Handler
    tag: str
    answers: Mapping[int, str | None]
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    body: str | None = None
    record: str | None = None
    refusals: tuple[int, ...] = ()
    files: bool = False
    also: tuple[Right, ...] = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """The key's scopes the operation asks for, the one of its own right first."""
        return tuple(dict.fromkeys(str(RIGHT_SCOPE[right]) for right in (self.right, *self.also)))

    @property
    def takes_version(self) -> bool:
        return self.record is not None and self.method in ("PUT", "PATCH", "DELETE", "POST")

    @property
    def gives_version(self) -> bool:
        return self.record is not None and self.method != "DELETE"


OPERATIONS: list[Operation] = []


def operation(
    method: str,
    path: str,
    *,
    right: Right,
    tag: str,
    answers: Mapping[int, str | None],
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    body: str | None = None,
    record: str | None = None,
    refusals: tuple[int, ...] = (),
    files: bool = False,
    also: tuple[Right, ...] = (),
) -> Callable[[Handler], Handler]:
    """Declare the decorated function as an operation; its name becomes the ``operationId``."""

    def declare(handler: Handler) -> Handler:
        OPERATIONS.append(
            Operation(
                handler.__name__, method, path, right, handler, tag, answers, parameters or {}, body, record,
                refusals, files, also,
            )
        )
        return handler

    return declare
