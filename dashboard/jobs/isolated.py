"""A job in a process of its own with a limit on its memory: what outgrows it ends alone."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from dashboard.config import Settings
from dashboard.jobs.progress import Progress
from dashboard.services import context, limited
from dashboard.services.actor import Actor, Role, Scope
from dashboard.services.errors import AiFailed, BadFile, MemoryExceeded
from dashboard.services.jobs import Cancelled
from db.engine import Database, DbScope

TIME_S = 3600.0


def call(actor: Actor, job_id: int, handler: str, params: dict[str, Any]) -> dict[str, Any]:
    """Run ``package.module:function`` in a child; its result. Raises its domain error, Cancelled, MemoryExceeded."""
    settings, database = context.settings(), context.database()
    try:
        outcome = limited.call(
            f"{__name__}:work",
            {
                "actor": {**asdict(actor), "scopes": sorted(actor.scopes)},
                "job_id": job_id,
                "handler": handler,
                "params": params,
                # Over the pipe, not in the environment: other processes of the user cannot read it there.
                "settings": settings.model_dump(mode="json"),
                "addresses": [database.owner_url, database.app_url],
            },
            memory_mb=settings.job_memory_mb,
            seconds=TIME_S,
        )
    except BadFile as error:
        if error.params.get("reason") == "crashed":  # the child fell over; no person's file was read
            raise AiFailed(part=handler) from None
        raise
    except MemoryExceeded as error:  # no file or period of a person's choice: what helps is said of the AI's own work
        raise MemoryExceeded(**error.params, reason="ai") from None
    if outcome.get("cancelled"):
        raise Cancelled
    result: dict[str, Any] = outcome["result"]
    return result


def work(
    actor: dict[str, Any],
    job_id: int,
    handler: str,
    params: dict[str, Any],
    settings: dict[str, Any],
    addresses: list[str],
    progress: Callable[[float], None],
) -> dict[str, Any]:
    """The child's side of :func:`call`."""
    context.configure(Settings.model_validate(settings), Database(*addresses, pool_size=2))
    author = Actor(**{**actor, "role": Role(actor["role"]), "scopes": frozenset(map(Scope, actor["scopes"]))})
    module, _, name = handler.partition(":")
    try:
        scope = DbScope(account_id=author.account_id)
        return {"result": getattr(importlib.import_module(module), name)(author, params, Progress(scope, job_id))}
    except Cancelled:
        return {"cancelled": True}
