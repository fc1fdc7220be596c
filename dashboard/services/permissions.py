"""Rights, as one enum, and who has them. Enforced in services; pages only hide what would be refused."""

from __future__ import annotations

from enum import StrEnum

from dashboard.services.actor import Actor, Role, Scope
from dashboard.services.errors import Forbidden


class Right(StrEnum):
    CLIENTS_READ = "clients:read"
    CLIENTS_WRITE = "clients:write"
    DEALS_READ = "deals:read"
    DEALS_WRITE = "deals:write"
    PRODUCTS_READ = "products:read"
    PRODUCTS_WRITE = "products:write"
    PIPELINES_WRITE = "pipelines:write"
    TARGETS_WRITE = "targets:write"
    ANALYTICS_READ = "analytics:read"
    AI_READ = "ai:read"
    AI_TRAIN = "ai:train"
    REPORTS_READ = "reports:read"
    REPORTS_WRITE = "reports:write"
    JOBS_READ = "jobs:read"
    IMPORT = "import:write"
    KEYS = "keys:own"
    ACCOUNT_ADMIN = "account:admin"


_READ = {
    Right.CLIENTS_READ, Right.DEALS_READ, Right.PRODUCTS_READ, Right.ANALYTICS_READ,
    Right.AI_READ, Right.REPORTS_READ, Right.JOBS_READ, Right.KEYS,
}
_REP = _READ | {Right.CLIENTS_WRITE, Right.DEALS_WRITE, Right.REPORTS_WRITE}
_MANAGER = _REP | {Right.PRODUCTS_WRITE, Right.PIPELINES_WRITE, Right.TARGETS_WRITE, Right.IMPORT, Right.AI_TRAIN}

ROLE_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.READER: frozenset(_READ),
    Role.REP: frozenset(_REP),
    Role.MANAGER: frozenset(_MANAGER),
    Role.ADMINISTRATOR: frozenset(_MANAGER | {Right.ACCOUNT_ADMIN}),
}

#: The key's scope a right asks for. Rights not named here cannot be used with a key.
RIGHT_SCOPE: dict[Right, Scope] = {
    Right.CLIENTS_READ: Scope.READ,
    Right.DEALS_READ: Scope.READ,
    Right.PRODUCTS_READ: Scope.READ,
    Right.ANALYTICS_READ: Scope.READ,
    Right.JOBS_READ: Scope.READ,
    Right.CLIENTS_WRITE: Scope.WRITE,
    Right.DEALS_WRITE: Scope.WRITE,
    Right.PRODUCTS_WRITE: Scope.WRITE,
    Right.TARGETS_WRITE: Scope.WRITE,
    Right.IMPORT: Scope.WRITE,
    Right.REPORTS_READ: Scope.REPORTS,
    Right.REPORTS_WRITE: Scope.REPORTS,
    Right.AI_READ: Scope.AI,
    Right.AI_TRAIN: Scope.AI,
}


def can(actor: Actor, right: Right) -> bool:
    """Whether the role grants the right and the key (if any) has the scope for it."""
    if right not in ROLE_RIGHTS[actor.role]:
        return False
    if actor.key_id is None:
        return True
    return RIGHT_SCOPE.get(right) in actor.scopes


def require(actor: Actor, right: Right) -> None:
    """Raise :class:`Forbidden` unless ``actor`` has ``right``."""
    if not can(actor, right):
        raise Forbidden(right=right.value)
