"""The frame of every change: the transaction, and database refusals told as errors a person understands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from dashboard.services import context
from dashboard.services.actor import Actor
from dashboard.services.errors import Conflict, DomainError

#: Unique index → the reason in ``errors.conflict.<reason>``.
_REASONS = {
    "uq_clients_external": "external_id_taken",
    "uq_products_external": "external_id_taken",
    "uq_deals_external": "external_id_taken",
    "uq_interactions_external": "external_id_taken",
    "uq_products_sku": "sku_taken",
    "uq_product_prices": "price_taken",
    "uq_currency_rates": "rate_taken",
    "uq_users_email": "email_taken",
    "uq_pipelines_name": "pipeline_taken",
    "uq_stages_name": "stage_taken",
    "uq_lost_reasons_name": "lost_reason_taken",
    "uq_memberships_account_id_user_id": "member_exists",
}
#: Serialisation failure, deadlock, lock not available.
_BUSY = {"40001", "40P01", "55P03"}


#: What the changes of this thread are called instead of what the service that makes them calls them.
_called: ContextVar[tuple[str, str] | None] = ContextVar("called", default=None)


@contextmanager
def saving_as(change: str, title: str) -> Iterator[None]:
    """Call the changes made inside by another kind and title: a restored version is an edit by its service."""
    before = _called.set((change, title))
    try:
        yield
    finally:
        _called.reset(before)


#: The changeset that this thread gathers several services' changes in.
_joint: ContextVar[Connection | None] = ContextVar("joint", default=None)


@contextmanager
def joint(actor: Actor, change: str, title: str = "") -> Iterator[Connection]:
    """One changeset around several services' changes: one undo. What one of them refuses is taken back alone."""
    with saving(actor, change, title) as work:
        before = _joint.set(work)
        work.info["joint"] = True  # a service that changes nothing must not drop what is not its own
        try:
            yield work
        finally:
            work.info.pop("joint", None)
            _joint.reset(before)


@contextmanager
def saving(
    actor: Actor, change: str, title: str = "", *, reverts: int | None = None, timeout_s: int | None = None
) -> Iterator[Connection]:
    """One changeset; ``reverts``: the one it undoes, ``timeout_s``: the longest statement where it may be a long one.

    Raises :class:`Conflict` where a unique value or a parallel change stands in the way.
    """
    outer = _joint.get()
    if outer is not None:
        with told_as_conflict(), outer.begin_nested():
            yield outer
        return
    database, scope = context.database(), context.scope(actor)
    change, title = _called.get() or (change, title)
    with told_as_conflict(), database.unit_of_work(
        scope, change=change, title=title, reverts=reverts, timeout_s=timeout_s
    ) as work:
        yield work


@contextmanager
def reading(actor: Actor, *, look_ups: bool = False) -> Iterator[Connection]:
    """One read-only transaction with the actor's rights; inside :func:`joint` it sees what was written there.

    ``look_ups``: nothing is asked but what indexes find (see :meth:`db.engine.Database.unit_of_work`)."""
    outer = _joint.get()
    if outer is not None:
        yield outer
        return
    with context.database().unit_of_work(context.scope(actor), look_ups=look_ups) as work:
        yield work


@contextmanager
def told_as_conflict() -> Iterator[None]:
    """Turn a refusal of the database that another row causes into :class:`Conflict`."""
    try:
        yield
    except DBAPIError as error:
        conflict = _conflict_of(error)
        if conflict is None:
            raise
        raise conflict from error


def _conflict_of(error: DBAPIError) -> DomainError | None:
    state = getattr(error.orig, "sqlstate", None)
    if state in _BUSY:
        return Conflict(reason="busy")
    if not isinstance(error, IntegrityError):
        return None
    if state == "23503":  # the row it points to was removed a moment ago
        return Conflict(reason="reference_gone")
    if state == "23505":
        diagnosis = getattr(error.orig, "diag", None)
        return Conflict(reason=_REASONS.get(getattr(diagnosis, "constraint_name", "") or "", "duplicate"))
    return None
