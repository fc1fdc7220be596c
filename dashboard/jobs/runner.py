"""One job from its row to its end. Used by the worker, and by commands that do the work themselves."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from typing import Any

from dashboard.jobs import isolated
from dashboard.jobs.progress import Progress
from dashboard.services import context, notices
from dashboard.services.actor import Actor, Role
from dashboard.services.errors import DatabaseGone, DomainError, Forbidden, MemoryExceeded
from dashboard.services.jobs import Cancelled, Reporter
from db.engine import DbScope
from db.queries import jobs as queries
from db.queries.account import calendar_of

log = logging.getLogger(__name__)

Handler = Callable[[Actor, dict[str, Any], Reporter], dict[str, Any]]

#: What a job of each kind does: the author, its parameters, its reporter → its result.
#: Named, not imported: a worker that never trains need not load the learning libraries.
HANDLERS: dict[str, str] = {
    "import": "dashboard.services.imports:run_import",
    "bulk": "dashboard.services.bulk:run_bulk",
    "report": "dashboard.services.reports:run_report",
    "train_win": "dashboard.services.ai_training:run_training",
    "score_win": "dashboard.services.ai_training:run_scoring",
    "train_clients": "dashboard.services.ai_client_jobs:run_training",
    "score_clients": "dashboard.services.ai_client_jobs:run_scoring",
    "check_pipeline": "dashboard.services.ai_pipeline_check:run_check",
    "find_patterns": "dashboard.services.ai_patterns_job:run",
}


#: Kinds that may eat memory: a process of their own, with a limit, so that the worker stays.
ISOLATED = frozenset({
    "train_win", "score_win", "check_pipeline", "train_clients", "score_clients", "find_patterns",
})


def run(account_id: int, job_id: int) -> None:
    """Run the job to its end and write down how it ended. Safe to repeat: an ended job is left alone.

    Raises DatabaseGone only (the queue tries again); all else ends in the job's ``error``.
    """
    scope = DbScope(account_id=account_id)
    with context.database().unit_of_work(scope, write=True) as connection:
        row = queries.start_job(connection, job_id)
    if row is None:
        _finish(scope, job_id, "cancelled")
        return
    request_id = row["request_id"] or f"job-{job_id}"
    log.info("job %s %s started", job_id, row["kind"], extra={"request_id": request_id})
    try:
        actor = actor_of(account_id, row["member_id"], request_id)
        if row["kind"] in ISOLATED:
            result = isolated.call(actor, job_id, HANDLERS[row["kind"]], row["params"])
        else:
            result = _handler(row["kind"])(actor, row["params"], Progress(scope, job_id))
    except Cancelled:
        _finish(scope, job_id, "cancelled")
        log.info("job %s cancelled", job_id, extra={"request_id": request_id})
    except DatabaseGone:
        raise
    except DomainError as error:
        _fail(scope, job_id, error, request_id)
    except MemoryError:
        _fail(scope, job_id, MemoryExceeded(), request_id)
    except Exception:
        log.exception("job %s failed", job_id, extra={"request_id": request_id})
        _finish(scope, job_id, "failed", error={"code": "internal", "params": {}, "request_id": request_id})
    else:
        _finish(scope, job_id, "done", result=result)
        log.info("job %s done", job_id, extra={"request_id": request_id})


def _handler(kind: str) -> Handler:
    module, _, name = HANDLERS[kind].partition(":")
    found: Handler = getattr(importlib.import_module(module), name)
    return found


def actor_of(account_id: int, member_id: int | None, request_id: str) -> Actor:
    """The author with the rights they have now, not when they asked. Raises Forbidden when they are gone."""
    database = context.database()
    with database.unit_of_work(DbScope(account_id=account_id)) as connection:
        author = queries.membership_of(connection, member_id)
    if author is None:
        raise Forbidden(right="member")
    locale = author.locale
    if author.user_id is not None:
        with database.unit_of_work(DbScope(account_id=account_id, user_id=author.user_id)) as connection:
            locale = queries.user_locale(connection, author.user_id) or locale
    role, calendar = Role(author.role), calendar_of(author.settings)
    return Actor(
        account_id=account_id,
        member_id=author.member_id,
        role=role,
        name=author.name,
        user_id=author.user_id,
        account_name=author.account_name,
        currency=author.currency,
        timezone=author.timezone,
        locale=locale,
        first_weekday=calendar["first_weekday"],
        fiscal_month=calendar["fiscal_month"],
        only_own=role is Role.REP and author.rep_sees == "own",
        request_id=request_id,
    )


def fail(account_id: int, job_id: int, error: DomainError) -> None:
    """End a job that cannot be run any more."""
    _fail(DbScope(account_id=account_id), job_id, error, f"job-{job_id}")


def _fail(scope: DbScope, job_id: int, error: DomainError, request_id: str) -> None:
    params: dict[str, Any] = {**error.params}
    problems = getattr(error, "problems", None)
    if problems:
        params["problems"] = [{"pointer": item.pointer, "code": item.code, "params": item.params} for item in problems]
    log.warning("job %s: %s", job_id, error, extra={"request_id": request_id})
    _finish(scope, job_id, "failed", error={"code": error.code, "params": params, "request_id": request_id})


def _finish(
    scope: DbScope,
    job_id: int,
    status: str,
    *,
    result: dict[str, Any] | None = None,
    error: dict[str, Any] | None = None,
) -> None:
    with context.database().unit_of_work(scope, write=True) as connection:
        queries.finish_job(connection, job_id, status, result=result, error=error)
        notices.job_ended(connection, scope.account_id, job_id, status)
